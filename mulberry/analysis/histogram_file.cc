#include "mulberry/analysis/histogram_file.h"

#include <initializer_list>

#include "mulberry/analysis/json_fields.h"
#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kWhat = "a histogram of operands";
constexpr std::string_view kVersionKey = "mulberry_histogram";
constexpr int kVersion = 1;
constexpr int kMaxBits = 16;
constexpr int64_t kMaxPairs = int64_t{1} << 20;

void AppendCounts(const Json& counts, std::string_view what, int64_t expected,
                  const JsonFields& fields, std::vector<uint64_t>& out) {
  if (!counts.is_array() || static_cast<int64_t>(counts.size()) != expected) {
    fields.Fail("{} must be a list of {} counts, and is one of {}", what, expected,
                counts.is_array() ? counts.size() : 0);
  }
  for (const Json& count : counts) {
    if (!count.is_number_unsigned()) {
      fields.Fail("{} holds {}, not a whole number of at least 0", what, count.dump());
    }
    out.push_back(count.get<uint64_t>());
  }
}

OperandSets ReadSets(const JsonFields& fields) {
  using enum OperandSet;
  const std::string name = fields.Text("operands");
  for (const OperandSets sets :
       {OperandSets(kUnsigned), OperandSets(kSigned), OperandSets(kUnsigned, kSigned),
        OperandSets(kSigned, kUnsigned), OperandSets(kSignificand)}) {
    if (name == Name(sets)) return sets;
  }
  fields.Fail(
      R"("operands" is "{}", not "unsigned", "signed", "unsigned x signed", "signed x unsigned" )"
      R"(or "significand")",
      name);
}

OperandHistogram FromJson(const Json& json, const std::string& path) {
  const JsonFields fields(json, path, kWhat);
  fields.Number(kVersionKey, kVersion, kVersion);
  OperandHistogram histogram;
  histogram.source = fields.Text("source");
  histogram.operands = ReadSets(fields);
  histogram.a_bits = static_cast<int>(fields.Number("a_bits", 1, kMaxBits));
  histogram.b_bits = static_cast<int>(fields.Number("b_bits", 1, kMaxBits));
  const int64_t a_count = RangeOf(histogram.operands.a, histogram.a_bits).count;
  const int64_t b_count = RangeOf(histogram.operands.b, histogram.b_bits).count;
  if (!json.contains("joint")) {
    AppendCounts(fields.Field("a"), "\"a\"", a_count, fields, histogram.a);
    AppendCounts(fields.Field("b"), "\"b\"", b_count, fields, histogram.b);
    return histogram;
  }
  if (a_count * b_count > kMaxPairs) {
    fields.Fail("a joint histogram has at most {} pairs, and these widths have {}", kMaxPairs,
                a_count * b_count);
  }
  const Json& rows = json["joint"];
  if (!rows.is_array() || static_cast<int64_t>(rows.size()) != a_count) {
    fields.Fail("\"joint\" must be a list of {} rows", a_count);
  }
  for (const Json& row : rows) {
    AppendCounts(row, "each row of \"joint\"", b_count, fields, histogram.joint);
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
  return FromJson(ReadJson(path, kWhat), path);
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
