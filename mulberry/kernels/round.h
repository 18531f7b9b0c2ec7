// Rounding of arrays into a format: what tensors go through before a product. The vector form of
// Round in formats/ (rounding.h, posit.h, fixed.h), of Quantize in formats/quantizer.h and of
// RoundBlock in formats/block.h, which are the definition and which it equals bit for bit, on every
// instruction set and for any number of threads.
#pragma once

#include <cstdint>

#include "mulberry/base/random.h"
#include "mulberry/formats/block.h"
#include "mulberry/formats/fixed.h"
#include "mulberry/formats/posit.h"
#include "mulberry/formats/quantizer.h"
#include "mulberry/formats/rounding.h"

namespace mulberry {

/// Rounds n values: out[i] = Round(format, rounding, in[i], stream.At(first + i)). `stream` is read
/// only by stochastic rounding. `in` and `out` may be the same; else they must not overlap. Large
/// arrays are spread over the threads. The processor's flush-to-zero and denormals-are-zero modes
/// do not matter.
void RoundArray(const FloatFormat& format, Rounding rounding, const float* in, float* out,
                int64_t n, RandomStream stream = {}, uint64_t first = 0);

/// Likewise; the format is one that FP32 carries (WhyNotCarried).
void RoundArray(const PositFormat& format, Rounding rounding, const float* in, float* out,
                int64_t n, RandomStream stream = {}, uint64_t first = 0);

/// The same for fixed point. Returns how many of the n values overflow (formats/fixed.h): what
/// dynamic precision scaling asks of each tensor.
int64_t RoundArray(const FixedFormat& format, Rounding rounding, const float* in, float* out,
                   int64_t n, RandomStream stream = {}, uint64_t first = 0);

/// The same for block formats, by RoundBlock: the n values are consecutive blocks of format.block
/// elements, of which the last may be shorter.
void RoundArray(const BlockFormat& format, Rounding rounding, const float* in, float* out,
                int64_t n, RandomStream stream = {}, uint64_t first = 0);

/// Likewise out[i] = Quantize(quantizer, rounding, in[i], stream.At(first + i)).
void QuantizeArray(const Quantizer& quantizer, Rounding rounding, const float* in, float* out,
                   int64_t n, RandomStream stream = {}, uint64_t first = 0);

/// The values of an array and 0: what a quantisation's step is made of. With an infinity or a NaN,
/// only `finite` means anything.
struct Extent {
  float smallest = 0;
  float largest = 0;
  bool finite = true;
};
Extent ExtentOf(const float* in, int64_t n);

/// The mean of log2|x| over an array's elements that are not zero, 0 if there are none, with |x|
/// clipped to [smallest, largest], 0 < smallest; a NaN counts as the smallest. The same for any
/// number of threads. What layer-wise scaling is made of (formats/scaling.h).
double MeanLog2(const float* in, int64_t n, float smallest, float largest);

}  // namespace mulberry
