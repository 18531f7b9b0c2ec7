// For tests: posits by their definition, independently of posit.cc. Numbers are exact fixed-point
// ones; a posit's value is read off its bits one by one; and rounding searches the sorted posits
// for the two neighbours of a number, with the Standard's midpoint between those of encodings U and
// U+1: the value of the posit of one bit more whose string is U followed by 1.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "mulberry/formats/posit.h"

namespace mulberry {

/// A multiple of 2^-kScale of magnitude below 2^kScale, exactly.
class TestFixed {
 public:
  static constexpr int kScale = 576;

  TestFixed() = default;
  /// ±significand · 2^exponent; significands of 63 bits at most.
  TestFixed(bool negative, uint64_t significand, int exponent) {
    const int lowest = exponent + kScale, shift = lowest % 64;
    const size_t index = static_cast<size_t>(lowest / 64);
    words_.at(index) = significand << shift;
    if (shift > 0) words_.at(index + 1) = significand >> (64 - shift);
    if (negative) *this = -*this;
  }

  TestFixed operator-() const {
    TestFixed result;
    uint64_t borrow = 0;
    for (size_t i = 0; i < words_.size(); ++i) {
      result.words_[i] = uint64_t{0} - words_[i] - borrow;
      borrow = words_[i] != 0 || borrow != 0 ? 1 : 0;
    }
    return result;
  }
  TestFixed operator+(const TestFixed& other) const {
    TestFixed result;
    uint64_t carry = 0;
    for (size_t i = 0; i < words_.size(); ++i) {
      const uint64_t sum = words_[i] + other.words_[i];
      result.words_[i] = sum + carry;
      carry = (sum < words_[i] ? 1 : 0) + (result.words_[i] < sum ? 1 : 0);
    }
    return result;
  }
  /// -1, 0 or 1.
  int Sign() const {
    if (words_.back() >> 63 != 0) return -1;
    for (const uint64_t word : words_) {
      if (word != 0) return 1;
    }
    return 0;
  }
  /// The sign of *this - other.
  int Compare(const TestFixed& other) const {
    if (words_ == other.words_) return 0;
    if (Sign() != other.Sign()) return Sign() < other.Sign() ? -1 : 1;
    for (size_t i = words_.size(); i-- > 0;) {
      if (words_[i] != other.words_[i]) return words_[i] < other.words_[i] ? -1 : 1;
    }
    return 0;
  }

 private:
  std::array<uint64_t, 2 * kScale / 64> words_ = {};
};

/// A posit's value as the definition has it.
struct TestValue {
  bool negative = false;
  uint64_t significand = 0;
  int exponent = 0;

  TestFixed Fixed() const { return {negative, significand, exponent}; }
  TestFixed Times(const TestValue& other) const {
    return {negative != other.negative, significand * other.significand, exponent + other.exponent};
  }
};

/// Of an encoding of `bits` bits, up to 33, that is not NaR.
inline TestValue TestDecode(int bits, int exponent_bits, uint64_t encoding) {
  TestValue value;
  if (encoding == 0) return value;
  value.negative = (encoding >> (bits - 1) & 1) != 0;
  if (value.negative) encoding = (uint64_t{1} << bits) - encoding;
  int next = bits - 2;  // Place of the next bit; those below the last are 0.
  const auto read = [&] {
    const int at = next--;
    return at >= 0 ? static_cast<int>(encoding >> at & 1) : 0;
  };
  const int first = read();
  int run = 1;
  while (next >= 0 && read() == first) ++run;
  // The bit that ended the run, if one did, is read.
  const int regime = first == 1 ? run - 1 : -run;
  int exponent = 0;
  for (int i = 0; i < exponent_bits; ++i) exponent = 2 * exponent + read();
  value.significand = 1;
  value.exponent = regime * (1 << exponent_bits) + exponent;
  while (next >= 0) {
    value.significand = 2 * value.significand + static_cast<uint64_t>(read());
    --value.exponent;
  }
  return value;
}

/// The value of a signed encoding, -(2^(n-1) - 1) to 2^(n-1) - 1: they order as the values do.
inline TestFixed TestValueAt(const PositFormat& format, int64_t encoding) {
  const uint64_t mask = (uint64_t{1} << format.bits) - 1;
  return TestDecode(format.bits, format.exponent_bits, static_cast<uint64_t>(encoding) & mask)
      .Fixed();
}

/// The midpoint of the signed encoding and the next one.
inline TestFixed TestMidpoint(const PositFormat& format, int64_t encoding) {
  const uint64_t mask = (uint64_t{2} << format.bits) - 1;
  return TestDecode(format.bits + 1, format.exponent_bits,
                    static_cast<uint64_t>(2 * encoding + 1) & mask)
      .Fixed();
}

/// The largest signed encoding whose value is at most x; that of -maxpos at least.
inline int64_t TestFloor(const PositFormat& format, const TestFixed& x) {
  const int64_t largest = format.maxpos();
  int64_t low = -largest, high = largest + 1;  // value(low) <= x < value(high).
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (TestValueAt(format, middle).Compare(x) <= 0 ? low : high) = middle;
  }
  return low;
}

/// The signed encoding that x is rounded to: nearest even, or toward zero.
inline int64_t TestRound(const PositFormat& format, bool nearest, const TestFixed& x) {
  if (x.Sign() == 0) return 0;
  int64_t u = TestFloor(format, x);
  if (TestValueAt(format, u).Compare(x) >= 0) return u;  // A posit, or below -maxpos.
  if (u == int64_t{format.maxpos()}) return u;
  int64_t rounded = x.Sign() > 0 ? u : u + 1;
  if (nearest) {
    const int side = x.Compare(TestMidpoint(format, u));
    rounded = side < 0 || (side == 0 && u % 2 == 0) ? u : u + 1;
  }
  return rounded != 0 ? rounded : x.Sign();  // Nothing but zero becomes zero.
}

/// The encoding in its n bits.
inline uint32_t TestEncoding(const PositFormat& format, int64_t encoding) {
  return static_cast<uint32_t>(encoding) & (format.nar() | format.maxpos());
}

}  // namespace mulberry
