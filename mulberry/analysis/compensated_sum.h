// A sum of doubles that carries its own rounding errors along. Internal to this folder.
#pragma once

#include <cmath>

namespace mulberry {

/// Neumaier's variant of Kahan's summation ("Rundungsfehleranalyse einiger Verfahren zur Summation
/// endlicher Summen", ZAMM 54, 1974): the error of the result is a rounding, whatever the number of
/// terms. Added in the same order, the same terms give the same bits.
class CompensatedSum {
 public:
  void Add(double term) {
    const double next = sum_ + term;
    carry_ += std::abs(sum_) >= std::abs(term) ? (sum_ - next) + term : (term - next) + sum_;
    sum_ = next;
  }
  /// Adds another sum, its carry included.
  void Add(const CompensatedSum& other) {
    Add(other.sum_);
    carry_ += other.carry_;
  }
  double value() const { return sum_ + carry_; }

 private:
  double sum_ = 0;
  double carry_ = 0;
};

}  // namespace mulberry
