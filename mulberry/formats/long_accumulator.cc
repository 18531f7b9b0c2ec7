#include "mulberry/formats/long_accumulator.h"

#include <bit>

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
LongAccumulator::LongAccumulator(int lowest, int bits)
    : lowest_(lowest), bits_(bits), words_(static_cast<size_t>(bits / kWordBits + 1)) {}

bool LongAccumulator::negative() const {
  return words_.back() >> (kWordBits - 1) != 0;
}

void LongAccumulator::Add(const UnpackedReal& value) {
  if (value.significand == 0) return;
  std::vector<uint64_t> addend(words_.size());
  // Low zeros may stand for weights below the lowest.
  const int zeros = std::countr_zero(value.significand);
  const uint64_t significand = value.significand >> zeros;
  const int place = value.exponent + zeros - lowest_;
  const size_t index = static_cast<size_t>(place / kWordBits);
  const int shift = place % kWordBits;
  addend.at(index) = significand << shift;
  if (shift > 0 && index + 1 < addend.size()) {
    addend[index + 1] = significand >> (kWordBits - shift);
  }
  if (value.negative) Negate(addend);

  bool carry = false;
  for (size_t i = 0; i < words_.size(); ++i) {
    const uint64_t sum = words_[i] + addend[i], with_carry = sum + (carry ? 1 : 0);
    carry = sum < addend[i] || with_carry < sum;
    words_[i] = with_carry;
  }
}

bool LongAccumulator::Overflowed() const {
  const int64_t sign = negative() ? -1 : 0;
  const int sign_bit = bits_ - 1;
  const size_t index = static_cast<size_t>(sign_bit / kWordBits);
  if (static_cast<int64_t>(words_[index]) >> sign_bit % kWordBits != sign) return true;
  return index + 1 < words_.size() && static_cast<int64_t>(words_[index + 1]) != sign;
}

UnpackedReal LongAccumulator::Sum() const {
  std::vector<uint64_t> magnitude = words_;
  if (negative()) Negate(magnitude);
  int top = static_cast<int>(magnitude.size()) - 1;
  while (top > 0 && magnitude[static_cast<size_t>(top)] == 0) --top;
  const int width =
      kWordBits * top + static_cast<int>(std::bit_width(magnitude[static_cast<size_t>(top)]));
  if (width == 0) return {};
  const int lowest = width - kWordBits;
  return {.negative = negative(),
          .significand = BitsFrom(magnitude, lowest),
          .sticky = lowest > 0 && AnyBelow(magnitude, lowest),
          .exponent = lowest + lowest_};
}

}  // namespace mulberry
