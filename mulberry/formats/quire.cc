#include "mulberry/formats/quire.h"

#include "mulberry/formats/posit_arithmetic.h"

namespace mulberry {

Quire::Quire(const PositFormat& format)
    : format_(format), sum_(-2 * format.max_exponent(), Bits(format)) {}

void Quire::Add(uint32_t encoding) {
  Add(Unpack(format_, encoding));
}

void Quire::AddProduct(uint32_t a, uint32_t b) {
  Add(Multiply(Unpack(format_, a), Unpack(format_, b)));
}

void Quire::Add(const UnpackedReal& value) {
  nar_ |= value.nan;
  if (nar_) return;
  sum_.Add(value);
  nar_ = sum_.Overflowed();
}

uint32_t Quire::ToPosit() const {
  return nar_ ? format_.nar() : RoundToPosit(format_, Rounding::kNearestEven, sum_.Sum());
}

}  // namespace mulberry
