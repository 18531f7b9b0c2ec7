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

int OperandBits(const Arithmetic& arithmetic) {
  return arithmetic.is_integer() ? arithmetic.integer_format().bits
                                 : arithmetic.float_format().mantissa_bits + 1;
}

OperandSet SetOf(const Arithmetic& arithmetic) {
  if (!arithmetic.is_integer()) return OperandSet::kSignificand;
  return arithmetic.integer_format().is_signed ? OperandSet::kSigned : OperandSet::kUnsigned;
}

/// The place of an element in its histogram; nothing for a float that has no significand.
class Place {
 public:
  explicit Place(const Arithmetic& arithmetic)
      : is_integer_(arithmetic.is_integer()),
        lowest_(is_integer_ ? arithmetic.integer_format().min() : 0),
        dropped_(is_integer_ ? 0 : 23 - arithmetic.float_format().mantissa_bits) {}

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

/// Adds `times` for each element of the operand.
void Count(const Operand& operand, int64_t times, const Place& place,
           std::vector<uint64_t>& counts) {
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
  if (arithmetic.native || OperandBits(arithmetic) <= kMaxBits) return;
  throw UsageError(
      "the operands of {} have {} bits, and histograms are of at most {}: record on a narrower "
      "format, such as float(8,{})",
      Print(arithmetic), OperandBits(arithmetic), kMaxBits, kMaxBits - 1);
}

void OperandRecorder::Record(const std::string& layer, Pass pass, const Arithmetic& arithmetic,
                             const GemmProblem& problem) {
  RequireRecordable(arithmetic);
  const int bits = OperandBits(arithmetic);
  const OperandSet set = SetOf(arithmetic);
  const Place place(arithmetic);
  const auto values = static_cast<size_t>(RangeOf(set, bits).count);
  std::vector<uint64_t> of_a(values), of_b(values);
  Count(problem.a, problem.n(), place, of_a);
  Count(problem.b, problem.m(), place, of_b);
  if (problem.b_first) std::swap(of_a, of_b);

  const std::lock_guard lock(mutex_);
  OperandHistogram& histogram = histograms_[{layer, pass}];
  if (histogram.a.empty()) {
    histogram.source = fmt::format("{} {} {}", layer, Name(pass), Print(arithmetic));
    histogram.operands = set;
    histogram.a_bits = histogram.b_bits = bits;
    histogram.a.resize(values);
    histogram.b.resize(values);
  }
  for (size_t i = 0; i < values; ++i) {
    histogram.a[i] += of_a[i];
    histogram.b[i] += of_b[i];
  }
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
