#include "mulberry/analysis/prime_field.h"

#include <utility>

namespace mulberry {

PrimeField::PrimeField(uint64_t prime) : prime_(prime) {
  // Newton's iteration doubles the bits of the inverse modulo 2^64; p·p = 1 modulo 8 gives it
  // three.
  uint64_t inverse = prime;
  for (int bits = 3; bits < 64; bits *= 2) inverse *= 2 - prime * inverse;
  minus_inverse_ = 0 - inverse;
  const uint64_t power = (0 - prime) % prime;  // 2^64 mod p.
  square_ = static_cast<uint64_t>(static_cast<unsigned __int128>(power) * power % prime);
}

uint64_t PrimeField::FromInteger(int64_t value) const {
  const int64_t residue = value % static_cast<int64_t>(prime_);
  const auto positive =
      static_cast<uint64_t>(residue < 0 ? residue + static_cast<int64_t>(prime_) : residue);
  return Multiply(positive, square_);
}

int64_t PrimeField::ToInteger(uint64_t element) const {
  const uint64_t residue = Reduce(element);
  return residue <= prime_ / 2 ? static_cast<int64_t>(residue)
                               : static_cast<int64_t>(residue) - static_cast<int64_t>(prime_);
}

uint64_t PrimeField::Inverse(uint64_t x) const {
  // Fermat: x^(p-2).
  uint64_t power = FromInteger(1);
  for (uint64_t exponent = prime_ - 2; exponent != 0; exponent >>= 1) {
    if (exponent & 1) power = Multiply(power, x);
    x = Multiply(x, x);
  }
  return power;
}

namespace {

uint64_t PowerModulo(uint64_t base, uint64_t exponent, uint64_t modulus) {
  unsigned __int128 power = 1, square = base;
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) power = power * square % modulus;
    square = square * square % modulus;
  }
  return static_cast<uint64_t>(power);
}

/// Miller and Rabin's test. With the first twelve primes as bases it is proven for all numbers
/// below 3.3e24: Sorenson and Webster, Mathematics of Computation 86(304), 2017.
bool IsPrime(uint64_t odd) {
  uint64_t exponent = odd - 1;
  int twos = 0;
  for (; exponent % 2 == 0; exponent /= 2) ++twos;
  for (const uint64_t base : {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37}) {
    if (odd % base == 0) return odd == base;
    unsigned __int128 power = PowerModulo(base, exponent, odd);
    bool passes = power == 1 || power == odd - 1;
    for (int i = 1; i < twos && !passes; ++i) {
      power = power * power % odd;
      passes = power == odd - 1;
    }
    if (!passes) return false;
  }
  return true;
}

}  // namespace

std::vector<uint64_t> LargePrimes(int count) {
  std::vector<uint64_t> primes;
  for (uint64_t odd = (uint64_t{1} << 62) - 1; static_cast<int>(primes.size()) < count; odd -= 2) {
    if (IsPrime(odd)) primes.push_back(odd);
  }
  return primes;
}

int64_t Echelon::Reduce(std::vector<uint64_t>& row) const {
  for (size_t column = 0; column < rows_.size(); ++column) {
    if (row[column] == 0) continue;
    const std::vector<uint64_t>& pivot = rows_[column];
    if (pivot.empty()) return static_cast<int64_t>(column);
    const uint64_t factor = row[column];
    for (size_t i = column; i < row.size(); ++i) {
      row[i] = field_.Subtract(row[i], field_.Multiply(factor, pivot[i]));
    }
  }
  return -1;
}

bool Echelon::Add(std::vector<uint64_t> row) {
  const int64_t column = Reduce(row);
  if (column < 0) return false;
  const uint64_t inverse = field_.Inverse(row[static_cast<size_t>(column)]);
  for (uint64_t& element : row) element = field_.Multiply(element, inverse);
  rows_[static_cast<size_t>(column)] = std::move(row);
  ++rank_;
  return true;
}

}  // namespace mulberry
