// The quire of posit(n,es): a fixed-point number that holds every product of two posits, and sums
// of them, exactly; rounded to a posit once, at the end.
//
// It has 32 + 4·(n-2)·2^es bits in two's complement, the lowest of weight minpos^2: enough for any
// product, up to maxpos^2, with 31 bits for carries and the sign before it. So 2^31 - 1 products or
// fewer cannot overflow. Source: Standard for Posit Arithmetic (2022), whose quire this is at es =
// 2, where it has 16n bits; it defines none for other es.
#pragma once

#include <cstdint>

#include "mulberry/formats/long_accumulator.h"
#include "mulberry/formats/posit.h"

namespace mulberry {

class Quire {
 public:
  explicit Quire(const PositFormat& format);

  /// Of the fixed-point number.
  static constexpr int Bits(const PositFormat& format) { return 32 + 4 * format.max_exponent(); }

  /// Adds a posit, or the product of two, by their encodings. After a NaR, or a sum that overflows,
  /// the quire is NaR for good.
  void Add(uint32_t encoding);
  void AddProduct(uint32_t a, uint32_t b);

  /// The encoding of the posit nearest to the sum, by the rules of RoundToPosit.
  uint32_t ToPosit() const;

 private:
  void Add(const UnpackedReal& value);

  PositFormat format_;
  LongAccumulator sum_;
  bool nar_ = false;
};

}  // namespace mulberry
