#include "mulberry/nn/operand_recorder.h"

#include <bit>
#include <cctype>
#include <filesystem>
#include <optional>

#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxBits = 16;

/// What the multiplier is given: integers, or significands as those of a float format.
Format MultipliedAs(const Arithmetic& arithmetic, OperandIndex index) {
  if (const auto integers = IntegersOf(arithmetic.format_of(index))) return *integers;
  return FloatFormat{8, arithmetic.mantissa_bits()};
}

int BitsOf(const Format& format) {
  const auto* integer = std::get_if<IntegerFormat>(&format);
  return integer ? integer->bits : SignificandBits(format).value();
}

OperandSet SetOf(const Format& format) {
  const auto* integer = std::get_if<IntegerFormat>(&format);
  if (!integer) return OperandSet::kSignificand;
  return integer->is_signed ? OperandSet::kSigned : OperandSet::kUnsigned;
}

/// The place of an element in its histogram; nothing for a float that has no significand.
class Place {
 public:
  explicit Place(const Format& format)
      : is_integer_(std::holds_alternative<IntegerFormat>(format)),
        lowest_(is_integer_ ? std::get<IntegerFormat>(format).min() : 0),
        dropped_(is_integer_ ? 0 : 24 - BitsOf(format)) {}

  std::optional<size_t> operator()(float element) const {
    if (is_integer_) return static_cast<size_t>(static_cast<int32_t>(element) - lowest_);
    const uint32_t bits = std::bit_cast<uint32_t>(element), exponent = bits >> 23 & 0xff;
    if (exponent == 0 || exponent == 255) return std::nullopt;
    return (bits & 0x7fffff) >> dropped_;
  }

 private:
  bool is_integer_;
  int32_t lowest_;
  int dropped_;
};

/// The histogram of the operand's elements, `times` for each.
std::vector<uint64_t> Count(const Operand& operand, int64_t times, const Format& format) {
  std::vector<uint64_t> counts(static_cast<size_t>(RangeOf(SetOf(format), BitsOf(format)).count));
  const Place place(format);
  std::mutex mutex;
  ParallelFor(operand.rows, [&](int64_t row) {
    std::vector<uint64_t> of_row(counts.size());
    for (int64_t column = 0; column < operand.cols; ++column) {
      if (const auto at = place(ElementOf(operand, row, column))) ++of_row[*at];
    }
    const std::lock_guard lock(mutex);
    for (size_t i = 0; i < counts.size(); ++i) {
      counts[i] += of_row[i] * static_cast<uint64_t>(times);
    }
  });
  return counts;
}

void Add(const std::vector<uint64_t>& counts, std::vector<uint64_t>& sums) {
  sums.resize(counts.size());
  for (size_t i = 0; i < counts.size(); ++i) sums[i] += counts[i];
}

/// A layer's name as a part of a file's.
std::string FileName(const std::string& layer) {
  std::string name = layer;
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '=' && c != '-') c = '_';
  }
  return name;
}

}  // namespace

void OperandRecorder::RequireRecordable(const Arithmetic& arithmetic) {
  static_assert(IntegerFormat::kMaxBits <= kMaxBits);
  if (arithmetic.native || arithmetic.is_integer()) return;
  if (arithmetic.is_block()) {
    throw UsageError("the operands of {} are rounded within each product, and are not recorded",
                     Print(arithmetic));
  }
  const int bits = BitsOf(MultipliedAs(arithmetic, OperandIndex::kFirst));
  if (bits <= kMaxBits) return;
  throw UsageError(
      "the operands of {} have {} bits, and histograms are of at most {}: record on a narrower "
      "format, such as float(8,{})",
      Print(arithmetic), bits, kMaxBits, kMaxBits - 1);
}

void OperandRecorder::Record(const std::string& layer, Pass pass, const Arithmetic& arithmetic,
                             const GemmProblem& problem) {
  RequireRecordable(arithmetic);
  const Format first = MultipliedAs(arithmetic, OperandIndex::kFirst);
  const Format second = MultipliedAs(arithmetic, OperandIndex::kSecond);
  // An element of A meets the n columns of B, one of B the m rows of A.
  std::vector<uint64_t> of_a = Count(problem.a, problem.n(), problem.b_first ? second : first);
  std::vector<uint64_t> of_b = Count(problem.b, problem.m(), problem.b_first ? first : second);
  if (problem.b_first) std::swap(of_a, of_b);

  const std::lock_guard lock(mutex_);
  OperandHistogram& histogram = histograms_[{layer, pass}];
  if (histogram.a.empty()) {
    histogram.source = fmt::format("{} {} {}", layer, Name(pass), Print(arithmetic));
    histogram.operands = {SetOf(first), SetOf(second)};
    histogram.a_bits = BitsOf(first);
    histogram.b_bits = BitsOf(second);
  }
  Add(of_a, histogram.a);
  Add(of_b, histogram.b);
}

std::vector<OperandRecorder::Recorded> OperandRecorder::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<Recorded> all;
  for (const auto& [key, histogram] : histograms_)
    all.push_back({key.first, key.second, histogram});
  return all;
}

void OperandRecorder::Write(const std::string& folder) const {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error("{}: cannot be made: {}", folder, error.message());
  for (const Recorded& recorded : All()) {
    const std::string file =
        fmt::format("{}.{}.json", FileName(recorded.layer), Name(recorded.pass));
    WriteHistogram(recorded.histogram, fs::path(folder) / file);
  }
}

}  // namespace mulberry
