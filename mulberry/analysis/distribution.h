// How often each pair of operands occurs: the weights under which error figures are means.
//
// The two operands are independent unless a joint histogram is given. Measured ones come from files
// (histogram_file.h).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "mulberry/analysis/subject.h"

namespace mulberry {

/// Every value of the operand's set equally often.
struct Uniform {};

/// A normal variable rounded to the nearest integer and clamped into the operand's set. In
/// integers: not for significands.
struct Normal {
  double mean = 0;
  double deviation = 1;  ///< Standard deviation, above 0.
};

/// One count for each value of the operand's set, ascending.
struct Measured {
  std::vector<uint64_t> counts;
};

using OperandDistribution = std::variant<Uniform, Normal, Measured>;

struct Distribution {
  OperandDistribution a;
  OperandDistribution b;
  /// If not empty, it stands for `a` and `b`: counts of pairs, the values of b of one a side by
  /// side.
  std::vector<uint64_t> joint;
};

/// In words: "uniform", "a normal(mean 128, deviation 40), b measured", "measured, joint".
std::string Describe(const Distribution& distribution);

/// Throws UsageError, naming what does not fit the subject's operands.
void CheckDistribution(const Distribution& distribution, const ErrorSubject& subject);

/// Pairs that occur, at most a count(a)·count(b); a clamped normal variable takes every value.
int64_t CountPairs(const Distribution& distribution, const ErrorSubject& subject);

/// The weight of each value of `range`; the weights need not add up to 1.
std::vector<double> Weights(const OperandDistribution& distribution, const OperandRange& range);

/// Draws values of an operand.
class OperandSampler {
 public:
  OperandSampler(const OperandDistribution& distribution, const OperandRange& range);

  /// The value for a 64-bit number that is uniform over all: a pure function.
  int64_t operator()(uint64_t random) const;

 private:
  OperandDistribution distribution_;
  OperandRange range_;
  std::vector<uint64_t> cumulative_;  // Of a measured one: counts of this and all lower values.
};

}  // namespace mulberry
