// What rounding into a format costs: the relative error over magnitude, measured on the scalar
// definitions of rounding and on nothing else. Not the error of products (analysis/).
#pragma once

#include <vector>

#include "mulberry/formats/format.h"

namespace mulberry {

/// |rounded - x| / x of positive x in [2^exponent, 2^(exponent + 1)).
struct BinadeError {
  int exponent = 0;
  double largest = 0;  ///< Infinite where some x becomes infinite or NaN; 1 where one becomes 0.
  double mean = 0;     ///< Likewise.
};

/// The errors of the binades first_exponent to last_exponent, rounded to nearest, ties to even. The
/// mean is over 8192 FP32 values, one drawn in each of as many equal parts of the binade, the same
/// in all. The largest is also over the binade's ends and the first and last ties between values of
/// every precision, 2^exponent·(1 + 2^-j) and 2^exponent·(2 - 2^-j), which is where the formats
/// here have their largest errors.
///
/// Of a block format it is the error of an element x beside a 1 in its block (and alone in blocks
/// of one), of dynamic fixed point that of x beside a 1 in its tensor: the scale or the point is
/// that of 1 for smaller x, and x's own for larger ones.
///
/// Throws UsageError unless -126 <= first_exponent <= last_exponent <= 127, or for a posit that
/// FP32 does not carry.
std::vector<BinadeError> RelativeErrors(const Format& format, int first_exponent,
                                        int last_exponent);

}  // namespace mulberry
