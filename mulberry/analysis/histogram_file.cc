#include "mulberry/analysis/histogram_file.h"

#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <sstream>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kVersionKey = "mulberry_histogram";
constexpr int kVersion = 1;
constexpr int kMaxBits = 16;
constexpr int64_t kMaxPairs = int64_t{1} << 20;

/// Fields of one file, with its name in every message.
class Reader {
 public:
  Reader(const Json& json, const std::string& path) : json_(json), path_(path) {}

  template <typename... Args>
  [[noreturn]] void Fail(fmt::format_string<Args...> format, Args&&... args) const {
    throw Error("{}: not a histogram of operands: {}", path_,
                fmt::format(format, std::forward<Args>(args)...));
  }

  const Json& Field(std::string_view key) const {
    if (!json_.is_object()) Fail("it is no JSON object");
    const auto field = json_.find(key);
    if (field == json_.end()) Fail("\"{}\" is missing", key);
    return *field;
  }

  std::string Text(std::string_view key) const {
    const Json& field = Field(key);
    if (!field.is_string()) Fail("\"{}\" is {}, not a text", key, field.dump());
    return field.get<std::string>();
  }

  int Number(std::string_view key, int minimum, int maximum) const {
    const Json& field = Field(key);
    if (!field.is_number_integer() || field < minimum || field > maximum) {
      Fail("\"{}\" is {}, not a whole number from {} to {}", key, field.dump(), minimum, maximum);
    }
    return field.get<int>();
  }

  void AppendCounts(const Json& counts, std::string_view what, int64_t expected,
                    std::vector<uint64_t>& out) const {
    if (!counts.is_array() || static_cast<int64_t>(counts.size()) != expected) {
      Fail("{} must be a list of {} counts, and is one of {}", what, expected,
           counts.is_array() ? counts.size() : 0);
    }
    for (const Json& count : counts) {
      if (!count.is_number_unsigned()) {
        Fail("{} holds {}, not a whole number of at least 0", what, count.dump());
      }
      out.push_back(count.get<uint64_t>());
    }
  }

 private:
  const Json& json_;
  const std::string& path_;
};

OperandSets ReadSets(const Reader& reader) {
  using enum OperandSet;
  const std::string name = reader.Text("operands");
  for (const OperandSets sets :
       {OperandSets(kUnsigned), OperandSets(kSigned), OperandSets(kUnsigned, kSigned),
        OperandSets(kSigned, kUnsigned), OperandSets(kSignificand)}) {
    if (name == Name(sets)) return sets;
  }
  reader.Fail(
      R"("operands" is "{}", not "unsigned", "signed", "unsigned x signed", "signed x unsigned" )"
      R"(or "significand")",
      name);
}

OperandHistogram FromJson(const Json& json, const std::string& path) {
  const Reader reader(json, path);
  reader.Number(kVersionKey, kVersion, kVersion);
  OperandHistogram histogram;
  histogram.source = reader.Text("source");
  histogram.operands = ReadSets(reader);
  histogram.a_bits = reader.Number("a_bits", 1, kMaxBits);
  histogram.b_bits = reader.Number("b_bits", 1, kMaxBits);
  const int64_t a_count = RangeOf(histogram.operands.a, histogram.a_bits).count;
  const int64_t b_count = RangeOf(histogram.operands.b, histogram.b_bits).count;
  if (!json.contains("joint")) {
    reader.AppendCounts(reader.Field("a"), "\"a\"", a_count, histogram.a);
    reader.AppendCounts(reader.Field("b"), "\"b\"", b_count, histogram.b);
    return histogram;
  }
  if (a_count * b_count > kMaxPairs) {
    reader.Fail("a joint histogram has at most {} pairs, and these widths have {}", kMaxPairs,
                a_count * b_count);
  }
  const Json& rows = json["joint"];
  if (!rows.is_array() || static_cast<int64_t>(rows.size()) != a_count) {
    reader.Fail("\"joint\" must be a list of {} rows", a_count);
  }
  for (const Json& row : rows) {
    reader.AppendCounts(row, "each row of \"joint\"", b_count, histogram.joint);
  }
  return histogram;
}

Json ToJson(const OperandHistogram& histogram) {
  Json json;
  json[kVersionKey] = kVersion;
  json["source"] = histogram.source;
  json["operands"] = Name(histogram.operands);
  json["a_bits"] = histogram.a_bits;
  json["b_bits"] = histogram.b_bits;
  if (histogram.joint.empty()) {
    json["a"] = histogram.a;
    json["b"] = histogram.b;
    return json;
  }
  const auto columns = RangeOf(histogram.operands.b, histogram.b_bits).count;
  json["joint"] = Json::array();
  for (auto row = histogram.joint.begin(); row < histogram.joint.end(); row += columns) {
    json["joint"].push_back(
        std::vector<uint64_t>(row, std::min(row + columns, histogram.joint.end())));
  }
  return json;
}

}  // namespace

OperandHistogram ReadHistogram(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) {
    throw Error("{}: the histogram of operands cannot be read", path);
  }
  try {
    return FromJson(Json::parse(text.str()), path);
  } catch (const Json::parse_error& error) {
    throw Error("{}: not a histogram of operands: {}", path, error.what());
  }
}

void WriteHistogram(const OperandHistogram& histogram, const std::string& path) {
  const Json json = ToJson(histogram);
  if (FromJson(json, path) != histogram) {
    throw Error("{}: a histogram of operands has either counts of pairs or counts of each operand",
                path);
  }
  ReplaceFile(path, json.dump() + "\n");
}

Distribution MeasuredDistribution(const OperandHistogram& histogram, const ErrorSubject& subject) {
  if (histogram.operands != subject.operands || histogram.a_bits != subject.a_bits ||
      histogram.b_bits != subject.b_bits) {
    throw UsageError(
        "{} has {} operands of {} and {} bits; the histogram \"{}\" is of {} ones of {} and {}",
        subject.name, Name(subject.operands), subject.a_bits, subject.b_bits, histogram.source,
        Name(histogram.operands), histogram.a_bits, histogram.b_bits);
  }
  Distribution distribution;
  distribution.joint = histogram.joint;
  if (distribution.joint.empty()) {
    distribution.a = Measured{histogram.a};
    distribution.b = Measured{histogram.b};
  }
  return distribution;
}

}  // namespace mulberry
