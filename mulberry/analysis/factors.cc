#include "mulberry/analysis/factors.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <numeric>
#include <utility>
#include <vector>

#include "mulberry/analysis/prime_field.h"
#include "mulberry/analysis/rank.h"

namespace mulberry {
namespace {

using Row = std::vector<int64_t>;

/// Coefficients beyond this are those of a fraction, seen modulo the prime.
constexpr int64_t kMaxCoefficient = int64_t{1} << 31;
/// Factors of larger errors would not fit any integer product, and the transforms of up to 2^16
/// rows would overflow.
constexpr int64_t kMaxError = int64_t{1} << 40;

std::vector<Row> RowsOf(const ErrorTable& table) {
  std::vector<Row> rows;
  for (auto row = table.values.begin(); row < table.values.end(); row += table.columns) {
    rows.emplace_back(row, row + table.columns);
  }
  return rows;
}

void SubtractFrom(Row& row, const Row& other) {
  for (size_t j = 0; j < row.size(); ++j) row[j] -= other[j];
}

/// Row s becomes the sum over the subsets t of s's bits of (-1)^|s \ t| times row t. Its inverse,
/// the sum over all subsets, is integral too. The number of rows is a power of two.
void SubsetTransform(std::vector<Row>& rows) {
  for (size_t bit = 1; bit < rows.size(); bit *= 2) {
    for (size_t s = 0; s < rows.size(); ++s) {
      if (s & bit) SubtractFrom(rows[s], rows[s ^ bit]);
    }
  }
}

/// The row of each negative number becomes its sum with the row of the opposite number: zero where
/// a circuit works on magnitudes.
void FoldSigns(std::vector<Row>& rows) {
  for (size_t s = 1; s < rows.size() / 2; ++s) {
    Row& negative = rows[rows.size() - s];
    for (size_t j = 0; j < negative.size(); ++j) negative[j] += rows[s][j];
  }
}

int64_t LargestMagnitude(const Row& row) {
  int64_t largest = 0;
  for (const int64_t x : row) largest = std::max(largest, std::abs(x));
  return largest;
}

std::vector<uint64_t> InField(const PrimeField& field, const Row& row) {
  std::vector<uint64_t> elements;
  for (const int64_t x : row) elements.push_back(field.FromInteger(x));
  return elements;
}

/// The first `rank` independent rows, the smallest first.
std::vector<Row> GreedyBasis(const PrimeField& field, std::vector<Row> rows, int rank) {
  std::stable_sort(rows.begin(), rows.end(), [](const Row& x, const Row& y) {
    return LargestMagnitude(x) < LargestMagnitude(y);
  });
  Echelon echelon(field, static_cast<int64_t>(rows[0].size()));
  std::vector<Row> basis;
  for (Row& row : rows) {
    if (static_cast<int>(basis.size()) == rank) break;
    if (echelon.Add(InField(field, row))) basis.push_back(std::move(row));
  }
  return basis;
}

/// The coefficients of each row over the basis, or none if they are no integers below
/// kMaxCoefficient. Found modulo a prime, so that they are still to be checked.
std::optional<std::vector<Row>> Coefficients(const PrimeField& field, const std::vector<Row>& basis,
                                             const std::vector<Row>& rows) {
  const size_t columns = rows[0].size(), terms = basis.size();
  // Behind each row of the basis its unit vector: a row is then reduced to zero and, behind it,
  // minus its coefficients.
  Echelon echelon(field, static_cast<int64_t>(columns));
  for (size_t r = 0; r < terms; ++r) {
    Row extended = basis[r];
    extended.resize(columns + terms);
    extended[columns + r] = 1;
    echelon.Add(InField(field, extended));
  }
  std::vector<Row> u(terms, Row(rows.size()));
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<uint64_t> reduced = InField(field, rows[i]);
    reduced.resize(columns + terms);
    if (echelon.Reduce(reduced) >= 0) return std::nullopt;
    for (size_t r = 0; r < terms; ++r) {
      u[r][i] = -field.ToInteger(reduced[columns + r]);
      if (std::abs(u[r][i]) > kMaxCoefficient) return std::nullopt;
    }
  }
  return u;
}

/// The fewest bits whose two's complement holds all.
int BitsOf(const std::vector<Row>& rows) {
  int bits = 1;
  for (const Row& row : rows) {
    for (const int64_t x : row) {
      bits = std::max(bits,
                      1 + static_cast<int>(std::bit_width(static_cast<uint64_t>(x < 0 ? ~x : x))));
    }
  }
  return bits;
}

int TotalBits(const IntegerFactors& factors) {
  return factors.u_bits + factors.v_bits;
}

}  // namespace

std::optional<IntegerFactors> FindFactors(const ErrorTable& table, int rank) {
  if (LargestMagnitude(table.values) > kMaxError) return std::nullopt;
  const PrimeField field(LargePrimes(1)[0]);
  std::optional<IntegerFactors> best;
  for (const bool exchanged : {false, true}) {
    const std::vector<Row> rows = RowsOf(exchanged ? Transposed(table) : table);
    for (const bool fold : {false, true}) {
      std::vector<Row> generators = rows;
      if (fold) FoldSigns(generators);
      SubsetTransform(generators);
      IntegerFactors factors;
      factors.v = GreedyBasis(field, std::move(generators), rank);
      auto u = Coefficients(field, factors.v, rows);
      if (!u) continue;
      factors.u = std::move(*u);
      if (exchanged) std::swap(factors.u, factors.v);
      factors.u_bits = BitsOf(factors.u);
      factors.v_bits = BitsOf(factors.v);
      if (best && TotalBits(*best) <= TotalBits(factors)) continue;
      if (Reproduces(factors, table)) best = std::move(factors);
    }
  }
  return best;
}

}  // namespace mulberry
