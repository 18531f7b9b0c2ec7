// How fast an approximate product grows with one of its operands: stand-ins for the derivative that
// a functional model on integers has not, for gradients of networks that are trained on it. Those
// of the exact product a·b are b and a, to the bit. Not here: gradients made of them
// (nn/gradient_model.h).
#pragma once

#include <cstdint>
#include <vector>

#include "mulberry/analysis/subject.h"
#include "mulberry/formats/format.h"

namespace mulberry {

/// The slope in operand `of` for each value of the other one, ascending. That of the exact product
/// plus that of the error e = approx - a·b: the slope of the straight line nearest to it (least
/// squares) over all values of the operand, averaged over the values of the other one no further
/// than `window` away. Throws UsageError for a negative window, and for operands of more than 12
/// bits or a single value.
std::vector<double> MeanSlopes(const ErrorSubject& subject, OperandIndex of, int64_t window);

/// The slope in operand `of` at each pair: half the difference between the neighbours of a, of
/// approx(a, b) averaged over the 2·window + 1 values around:
///   (f(a+w+1) + f(a+w) - f(a-w) - f(a-w-1)) / (2·(2w+1)),  f = approx(·, b)
/// and near the ends of the range, where that asks for values outside, that of the nearest a where
/// it does not. Element i·(number of second values) + j is of the i-th first and the j-th second
/// value. Source: Meng et al., "Gradient Approximation of Approximate Multipliers for High-Accuracy
/// Deep Neural Network Retraining", DATE 2025. Throws UsageError for a negative window, one that is
/// wider than the range, and operands of more than 8 bits.
std::vector<double> SmoothedDifferences(const ErrorSubject& subject, OperandIndex of,
                                        int64_t window);

}  // namespace mulberry
