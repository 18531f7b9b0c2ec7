#include "mulberry/formats/quire.h"

#include <bit>

#include "mulberry/formats/posit_arithmetic.h"

namespace mulberry {
namespace {

constexpr int kWordBits = 64;

/// -x of a number in two's complement.
void Negate(std::vector<uint64_t>& words) {
  bool carry = true;
  for (uint64_t& word : words) {
    word = ~word + (carry ? 1 : 0);
    carry = carry && word == 0;
  }
}

/// The 64 bits from bit `first` on; bits below 0 are 0.
uint64_t BitsFrom(const std::vector<uint64_t>& words, int first) {
  if (first <= -kWordBits) return 0;
  if (first < 0) return words[0] << -first;
  const size_t index = static_cast<size_t>(first / kWordBits);
  const int shift = first % kWordBits;
  if (shift == 0) return words[index];
  const uint64_t above = index + 1 < words.size() ? words[index + 1] : 0;
  return words[index] >> shift | above << (kWordBits - shift);
}

/// Whether any bit below bit `end` is set.
bool AnyBelow(const std::vector<uint64_t>& words, int end) {
  for (int first = 0; first < end; first += kWordBits) {
    const uint64_t word = words[static_cast<size_t>(first / kWordBits)];
    if ((end - first < kWordBits ? word << (kWordBits - (end - first)) : word) != 0) return true;
  }
  return false;
}

}  // namespace

// A word more than the bits take, so that overflow shows in the words' bits beyond them.
Quire::Quire(const PositFormat& format)
    : format_(format), words_(static_cast<size_t>(Bits(format) / kWordBits + 1)) {}

bool Quire::negative() const {
  return words_.back() >> (kWordBits - 1) != 0;
}

void Quire::Add(uint32_t encoding) {
  Add(Unpack(format_, encoding));
}

void Quire::AddProduct(uint32_t a, uint32_t b) {
  Add(Multiply(Unpack(format_, a), Unpack(format_, b)));
}

void Quire::Add(const UnpackedReal& value) {
  nar_ |= value.nan;
  if (nar_ || value.significand == 0) return;
  std::vector<uint64_t> addend(words_.size());
  // Above 0, since no product has a bit of less weight than minpos^2.
  const int lowest = value.exponent + 2 * format_.max_exponent();
  const size_t index = static_cast<size_t>(lowest / kWordBits);
  const int shift = lowest % kWordBits;
  addend[index] = value.significand << shift;
  if (shift > 0 && index + 1 < addend.size()) {
    addend[index + 1] = value.significand >> (kWordBits - shift);
  }
  if (value.negative) Negate(addend);

  bool carry = false;
  for (size_t i = 0; i < words_.size(); ++i) {
    const uint64_t sum = words_[i] + addend[i], with_carry = sum + (carry ? 1 : 0);
    carry = sum < addend[i] || with_carry < sum;
    words_[i] = with_carry;
  }
  nar_ = Overflowed();
}

bool Quire::Overflowed() const {
  const int64_t sign = negative() ? -1 : 0;
  const int sign_bit = Bits(format_) - 1;
  const size_t index = static_cast<size_t>(sign_bit / kWordBits);
  if (static_cast<int64_t>(words_[index]) >> sign_bit % kWordBits != sign) return true;
  return index + 1 < words_.size() && static_cast<int64_t>(words_[index + 1]) != sign;
}

uint32_t Quire::ToPosit() const {
  if (nar_) return format_.nar();
  std::vector<uint64_t> magnitude = words_;
  if (negative()) Negate(magnitude);
  int top = static_cast<int>(magnitude.size()) - 1;
  while (top > 0 && magnitude[static_cast<size_t>(top)] == 0) --top;
  const int width =
      kWordBits * top + static_cast<int>(std::bit_width(magnitude[static_cast<size_t>(top)]));
  if (width == 0) return 0;
  const int lowest = width - kWordBits;
  const UnpackedReal sum = {.negative = negative(),
                            .significand = BitsFrom(magnitude, lowest),
                            .sticky = lowest > 0 && AnyBelow(magnitude, lowest),
                            .exponent = lowest - 2 * format_.max_exponent()};
  return RoundToPosit(format_, Rounding::kNearestEven, sum);
}

}  // namespace mulberry
