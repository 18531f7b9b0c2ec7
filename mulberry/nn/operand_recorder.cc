#include "mulberry/nn/operand_recorder.h"

#include <algorithm>
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

/// What the multiplier is given of an operand: integers, or significands of so many bits.
struct Multiplied {
  std::optional<IntegerFormat> integers;
  int bits;

  OperandSet set() const {
    if (!integers) return OperandSet::kSignificand;
    return integers->is_signed ? OperandSet::kSigned : OperandSet::kUnsigned;
  }
};
Multiplied MultipliedOf(const Arithmetic& arithmetic, OperandIndex index) {
  const auto integers = IntegersOf(arithmetic.format_of(index));
  return {integers, integers ? integers->bits : arithmetic.mantissa_bits() + 1};
}

/// The place of an element in its histogram; nothing for a float that has no significand.
class Place {
 public:
  explicit Place(const Multiplied& operand)
      : is_integer_(operand.integers.has_value()),
        lowest_(is_integer_ ? operand.integers->min() : 0),
        dropped_(is_integer_ ? 0 : 24 - operand.bits) {}

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
std::vector<uint64_t> Count(const Operand& operand, int64_t times, const Multiplied& as) {
  std::vector<uint64_t> counts(static_cast<size_t>(RangeOf(as.set(), as.bits).count));
  const Place place(as);
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

/// The encoding of an operand's element, which is a value of the format.
uint32_t EncodingOf(const Format& format, float element) {
  if (const auto integers = IntegersOf(format)) {
    return EncodeInteger(*integers, static_cast<int32_t>(element));
  }
  if (const auto* floats = std::get_if<FloatFormat>(&format)) return Encode(*floats, element);
  if (const auto* posits = std::get_if<PositFormat>(&format)) return Encode(*posits, element);
  throw UsageError("the operands of {} have no encodings of their own, and are not traced",
                   Name(format));
}

/// The pairs that OperandRecorder::Traces says.
OperandTrace TraceOf(const std::string& layer, Pass pass, const Arithmetic& arithmetic,
                     const GemmProblem& problem, int64_t most) {
  OperandTrace trace{Print(arithmetic), layer, std::string(Name(pass)), {}};
  const int64_t length = std::min(problem.k(), most);
  const int64_t outputs = problem.m() * problem.n();
  const int64_t traced = std::clamp<int64_t>(most / length, 1, outputs);
  for (int64_t i = 0; i < traced; ++i) {
    const int64_t output = outputs * i / traced;
    for (int64_t k = 0; k < length; ++k) {
      float first = ElementOf(problem.a, output / problem.n(), k);
      float second = ElementOf(problem.b, k, output % problem.n());
      if (problem.b_first) std::swap(first, second);
      trace.pairs.emplace_back(EncodingOf(arithmetic.format_of(OperandIndex::kFirst), first),
                               EncodingOf(arithmetic.format_of(OperandIndex::kSecond), second));
    }
  }
  return trace;
}

}  // namespace

void OperandRecorder::RequireRecordable(const Arithmetic& arithmetic) {
  static_assert(IntegerFormat::kMaxBits <= kMaxBits);
  if (arithmetic.native || arithmetic.is_integer()) return;
  if (arithmetic.is_block()) {
    throw UsageError("the operands of {} are rounded within each product, and are not recorded",
                     Print(arithmetic));
  }
  if (arithmetic.multiplier.errors) {
    throw UsageError(
        "the operands of {} are LibTorch's FP32 numbers, and are not recorded: record under a "
        "narrower format's exact products, such as exact@bf16",
        Print(arithmetic));
  }
  const int bits = MultipliedOf(arithmetic, OperandIndex::kFirst).bits;
  if (bits <= kMaxBits) return;
  throw UsageError(
      "the operands of {} have {} bits, and histograms are of at most {}: record on a narrower "
      "format, such as float(8,{})",
      Print(arithmetic), bits, kMaxBits, kMaxBits - 1);
}

void OperandRecorder::Require(const Arithmetic& arithmetic) const {
  if (wanted_.histograms) RequireRecordable(arithmetic);
  if (wanted_.trace_pairs == 0 || arithmetic.native) return;
  if (arithmetic.multiplier.errors) {
    throw UsageError("the operands of {} have no multiplier's circuit, and are not traced",
                     Print(arithmetic));
  }
  for (const OperandIndex index : {OperandIndex::kFirst, OperandIndex::kSecond}) {
    EncodingOf(arithmetic.format_of(index), 0);
  }
}

void OperandRecorder::Record(const std::string& layer, Pass pass, const Arithmetic& arithmetic,
                             const GemmProblem& problem, int64_t index) {
  if (wanted_.histograms) AddHistogram(layer, pass, arithmetic, problem);
  const std::lock_guard lock(mutex_);
  const bool b_first = problem.b_first;
  const int64_t of_second = b_first ? problem.m() : problem.n();
  const int64_t of_first = b_first ? problem.n() : problem.m();
  ++shapes_[{layer, pass}][{of_second, of_first, problem.k()}];
  if (wanted_.trace_pairs == 0 || index > 0 || traces_.contains({layer, pass})) return;
  traces_[{layer, pass}] = TraceOf(layer, pass, arithmetic, problem, wanted_.trace_pairs);
}

void OperandRecorder::AddHistogram(const std::string& layer, Pass pass,
                                   const Arithmetic& arithmetic, const GemmProblem& problem) {
  RequireRecordable(arithmetic);
  const Multiplied first = MultipliedOf(arithmetic, OperandIndex::kFirst);
  const Multiplied second = MultipliedOf(arithmetic, OperandIndex::kSecond);
  // An element of A meets the n columns of B, one of B the m rows of A.
  std::vector<uint64_t> of_a = Count(problem.a, problem.n(), problem.b_first ? second : first);
  std::vector<uint64_t> of_b = Count(problem.b, problem.m(), problem.b_first ? first : second);
  if (problem.b_first) std::swap(of_a, of_b);

  const std::lock_guard lock(mutex_);
  OperandHistogram& histogram = histograms_[{layer, pass}];
  if (histogram.a.empty()) {
    histogram.source = fmt::format("{} {} {}", layer, Name(pass), Print(arithmetic));
    histogram.operands = {first.set(), second.set()};
    histogram.a_bits = first.bits;
    histogram.b_bits = second.bits;
  }
  Add(of_a, histogram.a);
  Add(of_b, histogram.b);
}

std::map<std::pair<std::string, Pass>, OperandRecorder::Shapes> OperandRecorder::shapes() const {
  const std::lock_guard lock(mutex_);
  return shapes_;
}

std::vector<OperandTrace> OperandRecorder::Traces() const {
  const std::lock_guard lock(mutex_);
  std::vector<OperandTrace> all;
  for (const auto& [key, trace] : traces_) all.push_back(trace);
  return all;
}

void OperandRecorder::WriteTraces(const std::string& folder) const {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error("{}: cannot be made: {}", folder, error.message());
  for (const OperandTrace& trace : Traces()) {
    WriteTrace(trace, fs::path(folder) / (FileName(trace.layer) + "." + trace.pass + ".trace"));
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
