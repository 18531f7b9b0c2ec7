// Integers modulo a prime of 62 bits, and linear algebra over them: what exact ranks and integer
// solutions are computed with (structure.cc). Internal to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mulberry {

/// Arithmetic modulo an odd prime below 2^62. Elements are kept in Montgomery's form: x stands for
/// x·2^64 mod p (P. Montgomery, "Modular multiplication without trial division", Mathematics of
/// Computation 44(170), 1985).
class PrimeField {
 public:
  explicit PrimeField(uint64_t prime);

  uint64_t FromInteger(int64_t value) const;
  /// The integer of smallest magnitude that the element stands for.
  int64_t ToInteger(uint64_t element) const;

  uint64_t Multiply(uint64_t x, uint64_t y) const {
    return Reduce(static_cast<unsigned __int128>(x) * y);
  }
  uint64_t Subtract(uint64_t x, uint64_t y) const { return x >= y ? x - y : x + prime_ - y; }
  /// Of an element that is not zero.
  uint64_t Inverse(uint64_t x) const;

 private:
  /// t·2^-64 mod p, for t < 2^64·p.
  uint64_t Reduce(unsigned __int128 t) const {
    const uint64_t quotient = static_cast<uint64_t>(t) * minus_inverse_;
    const auto sum = t + static_cast<unsigned __int128>(quotient) * prime_;
    const uint64_t result = static_cast<uint64_t>(sum >> 64);
    return result >= prime_ ? result - prime_ : result;
  }

  uint64_t prime_;
  uint64_t minus_inverse_ = 1;  // -p^-1 mod 2^64.
  uint64_t square_ = 0;         // 2^128 mod p.
};

/// The `count` largest primes below 2^62; all are above 2^61.
std::vector<uint64_t> LargePrimes(int count);

/// Rows in echelon form, grown row by row. A row may have a tail beyond the columns that are
/// eliminated, which the same operations are applied to.
class Echelon {
 public:
  Echelon(const PrimeField& field, int64_t columns)
      : field_(field), rows_(static_cast<size_t>(columns)) {}

  /// Takes the multiples of the rows held off `row` that make its columns zero, up to the first
  /// that cannot be. Returns that column, or -1 if all are zero.
  int64_t Reduce(std::vector<uint64_t>& row) const;
  /// Adds the row unless it depends on those held. Returns whether it was added.
  bool Add(std::vector<uint64_t> row);
  int rank() const { return rank_; }

 private:
  PrimeField field_;
  std::vector<std::vector<uint64_t>> rows_;  // By their first column, where they are 1; or empty.
  int rank_ = 0;
};

}  // namespace mulberry
