#include "mulberry/analysis/distribution.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "mulberry/base/error.h"
#include "mulberry/base/random.h"

namespace mulberry {
namespace {

// Counts and their total are then exact as doubles.
constexpr uint64_t kMaxTotal = uint64_t{1} << 53;

void CheckCounts(const std::vector<uint64_t>& counts, int64_t expected, std::string_view what,
                 std::string_view operands, const ErrorSubject& subject) {
  if (static_cast<int64_t>(counts.size()) != expected) {
    throw UsageError("{}: the histogram of {} has {} counts; {} bits need {}", subject.name, what,
                     counts.size(), operands, expected);
  }
  uint64_t total = 0;
  for (const uint64_t count : counts) {
    if (count > kMaxTotal || (total += count) > kMaxTotal) {
      throw UsageError("{}: the histogram of {} counts more than 2^53", subject.name, what);
    }
  }
  if (total == 0) throw UsageError("{}: the histogram of {} is all zero", subject.name, what);
}

void CheckOperand(const OperandDistribution& distribution, OperandSet set, int bits,
                  std::string_view what, const ErrorSubject& subject) {
  if (const auto* measured = std::get_if<Measured>(&distribution)) {
    CheckCounts(measured->counts, RangeOf(set, bits).count, what,
                fmt::format("{} operands of {}", Name(set), bits), subject);
  }
  const auto* normal = std::get_if<Normal>(&distribution);
  if (!normal) return;
  if (set == OperandSet::kSignificand) {
    throw UsageError(
        "{}: a normal distribution is of integer operands, and these are significands; measure "
        "their histogram, or use a uniform one",
        subject.name);
  }
  if (!std::isfinite(normal->mean) || !std::isfinite(normal->deviation) || normal->deviation <= 0) {
    throw UsageError(
        "{}: operand {} is to have the mean {} and the standard deviation {}; both must be finite, "
        "and the latter above 0",
        subject.name, what, normal->mean, normal->deviation);
  }
}

std::string Describe(const OperandDistribution& distribution) {
  if (const auto* normal = std::get_if<Normal>(&distribution)) {
    return fmt::format("normal(mean {}, deviation {})", normal->mean, normal->deviation);
  }
  return std::holds_alternative<Uniform>(distribution) ? "uniform" : "measured";
}

int64_t CountOccurring(const std::vector<uint64_t>& counts) {
  return static_cast<int64_t>(counts.size()) - std::count(counts.begin(), counts.end(), 0u);
}

int64_t CountValues(const OperandDistribution& distribution, const OperandRange& range) {
  const auto* measured = std::get_if<Measured>(&distribution);
  return measured ? CountOccurring(measured->counts) : range.count;
}

/// The probability that a standard normal variable is above x.
double UpperTail(double x) {
  return 0.5 * std::erfc(x / std::numbers::sqrt2);
}

std::vector<double> NormalWeights(const Normal& normal, const OperandRange& range) {
  std::vector<double> weights(static_cast<size_t>(range.count));
  for (int64_t i = 0; i < range.count; ++i) {
    const double value = static_cast<double>(range.lowest + i);
    const double low = i == 0 ? -INFINITY : (value - 0.5 - normal.mean) / normal.deviation;
    const double high =
        i == range.count - 1 ? INFINITY : (value + 0.5 - normal.mean) / normal.deviation;
    // The difference of the smaller tails, which do not cancel.
    weights[static_cast<size_t>(i)] =
        low > 0 ? UpperTail(low) - UpperTail(high) : UpperTail(-high) - UpperTail(-low);
  }
  return weights;
}

/// floor(random / 2^64 · count).
uint64_t Scale(uint64_t random, uint64_t count) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(random) * count >> 64);
}

}  // namespace

std::string Describe(const Distribution& distribution) {
  if (!distribution.joint.empty()) return "measured, joint";
  const std::string a = Describe(distribution.a), b = Describe(distribution.b);
  return a == b ? a : fmt::format("a {}, b {}", a, b);
}

void CheckDistribution(const Distribution& distribution, const ErrorSubject& subject) {
  if (!distribution.joint.empty()) {
    CheckCounts(distribution.joint, subject.a_range().count * subject.b_range().count, "pairs",
                fmt::format("{} operands of {} and {}", Name(subject.operands), subject.a_bits,
                            subject.b_bits),
                subject);
    return;
  }
  CheckOperand(distribution.a, subject.operands.a, subject.a_bits, "a", subject);
  CheckOperand(distribution.b, subject.operands.b, subject.b_bits, "b", subject);
}

int64_t CountPairs(const Distribution& distribution, const ErrorSubject& subject) {
  if (!distribution.joint.empty()) return CountOccurring(distribution.joint);
  return CountValues(distribution.a, subject.a_range()) *
         CountValues(distribution.b, subject.b_range());
}

std::vector<double> Weights(const OperandDistribution& distribution, const OperandRange& range) {
  if (const auto* normal = std::get_if<Normal>(&distribution)) return NormalWeights(*normal, range);
  if (const auto* measured = std::get_if<Measured>(&distribution)) {
    return {measured->counts.begin(), measured->counts.end()};
  }
  return std::vector<double>(static_cast<size_t>(range.count), 1.0);
}

OperandSampler::OperandSampler(const OperandDistribution& distribution, const OperandRange& range)
    : distribution_(distribution), range_(range) {
  if (const auto* measured = std::get_if<Measured>(&distribution)) {
    cumulative_.resize(measured->counts.size());
    std::partial_sum(measured->counts.begin(), measured->counts.end(), cumulative_.begin());
  }
}

int64_t OperandSampler::operator()(uint64_t random) const {
  if (!cumulative_.empty()) {
    const uint64_t target = Scale(random, cumulative_.back());
    const auto above = std::upper_bound(cumulative_.begin(), cumulative_.end(), target);
    return range_.lowest + (above - cumulative_.begin());
  }
  if (const auto* normal = std::get_if<Normal>(&distribution_)) {
    const double value = normal->mean + normal->deviation * StandardNormal(random);
    const double lowest = static_cast<double>(range_.lowest);
    const double highest = static_cast<double>(range_.highest());
    return static_cast<int64_t>(std::llround(std::clamp(value, lowest, highest)));
  }
  return range_.lowest + static_cast<int64_t>(Scale(random, static_cast<uint64_t>(range_.count)));
}

}  // namespace mulberry
