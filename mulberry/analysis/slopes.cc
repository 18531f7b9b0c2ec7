#include "mulberry/analysis/slopes.h"

#include <algorithm>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr int kMostBitsOfSlopes = 12, kMostBitsOfDifferences = 8;

// The product as a function of the operand x whose slope is asked for and of the other one, y.
struct Turned {
  const ErrorSubject& subject;
  const bool of_first;

  OperandRange x() const { return of_first ? subject.a_range() : subject.b_range(); }
  OperandRange y() const { return of_first ? subject.b_range() : subject.a_range(); }
  double error(int64_t x, int64_t y) const {
    return static_cast<double>(of_first ? subject.error(x, y) : subject.error(y, x));
  }
  double product(int64_t x, int64_t y) const { return error(x, y) + static_cast<double>(x * y); }
};

void Check(const ErrorSubject& subject, int64_t window, int most_bits) {
  CheckSubject(subject);
  if (window < 0) throw UsageError("a window of {}: it must be at least 0", window);
  if (std::max(subject.a_bits, subject.b_bits) <= most_bits) return;
  throw UsageError(
      "{}: the slopes of operands of {} x {} bits were asked for; at most {} bits are "
      "taken",
      subject.name, subject.a_bits, subject.b_bits, most_bits);
}

// Of the line nearest to the error as a function of x.
double ErrorSlope(const Turned& product, int64_t y) {
  const OperandRange x = product.x();
  const double middle = static_cast<double>(x.lowest + x.highest()) / 2;
  double numerator = 0, denominator = 0;
  for (int64_t i = x.lowest; i <= x.highest(); ++i) {
    const double distance = static_cast<double>(i) - middle;
    numerator += distance * product.error(i, y);
    denominator += distance * distance;
  }
  return numerator / denominator;
}

}  // namespace

std::vector<double> MeanSlopes(const ErrorSubject& subject, OperandIndex of, int64_t window) {
  Check(subject, window, kMostBitsOfSlopes);
  const Turned product{subject, of == OperandIndex::kFirst};
  if (product.x().count < 2) {
    throw UsageError("{}: an operand of one value has no slope", subject.name);
  }
  const OperandRange y = product.y();
  std::vector<double> of_errors;
  for (int64_t j = y.lowest; j <= y.highest(); ++j) of_errors.push_back(ErrorSlope(product, j));
  std::vector<double> slopes;
  for (int64_t j = 0; j < y.count; ++j) {
    const int64_t first = std::max<int64_t>(0, j - window);
    const int64_t last = std::min(y.count - 1, j + window);
    double sum = 0;
    for (int64_t i = first; i <= last; ++i) sum += of_errors[static_cast<size_t>(i)];
    slopes.push_back(static_cast<double>(y.lowest + j) +
                     sum / static_cast<double>(last - first + 1));
  }
  return slopes;
}

std::vector<double> SmoothedDifferences(const ErrorSubject& subject, OperandIndex of,
                                        int64_t window) {
  Check(subject, window, kMostBitsOfDifferences);
  const Turned product{subject, of == OperandIndex::kFirst};
  const OperandRange x = product.x(), y = product.y();
  const int64_t reach = window + 1;
  if (x.count < 2 * reach + 1) {
    throw UsageError("{}: a window of {} takes {} values of an operand, which has {}", subject.name,
                     window, 2 * reach + 1, x.count);
  }
  const auto columns = static_cast<size_t>(subject.b_range().count);
  std::vector<double> slopes(static_cast<size_t>(subject.a_range().count) * columns);
  for (int64_t j = 0; j < y.count; ++j) {
    for (int64_t i = 0; i < x.count; ++i) {
      const int64_t at = x.lowest + std::clamp(i, reach, x.count - 1 - reach);
      const int64_t other = y.lowest + j;
      const double rise = product.product(at + reach, other) + product.product(at + window, other) -
                          product.product(at - window, other) - product.product(at - reach, other);
      const auto row = static_cast<size_t>(product.of_first ? i : j);
      const auto column = static_cast<size_t>(product.of_first ? j : i);
      slopes[row * columns + column] = rise / static_cast<double>(2 * (2 * window + 1));
    }
  }
  return slopes;
}

}  // namespace mulberry
