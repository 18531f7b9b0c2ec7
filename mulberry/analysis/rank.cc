#include "mulberry/analysis/rank.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <vector>

#include "mulberry/analysis/prime_field.h"
#include "mulberry/base/threads.h"

namespace mulberry {
namespace {

constexpr int kBitsOfAPrime = 61;  // LargePrimes are larger than 2 to this power.

/// An upper bound of log2 |minor|, for minors of that order.
double MinorBits(const ErrorTable& table, int order) {
  std::vector<double> row_bits(static_cast<size_t>(table.rows));
  for (int64_t i = 0; i < table.rows; ++i) {
    double square = 0;
    for (int64_t j = 0; j < table.columns; ++j) {
      square += std::pow(static_cast<double>(table.at(i, j)), 2);
    }
    row_bits[static_cast<size_t>(i)] = std::log2(square) / 2;
  }
  std::sort(row_bits.begin(), row_bits.end(), std::greater<>());
  double bits = 1;  // More than all roundings here.
  for (int i = 0; i < order; ++i) bits += row_bits[static_cast<size_t>(i)];
  return bits;
}

}  // namespace

int RankModulo(uint64_t prime, const ErrorTable& table, int limit) {
  const PrimeField field(prime);
  Echelon echelon(field, table.columns);
  std::vector<uint64_t> row(static_cast<size_t>(table.columns));
  for (int64_t i = 0; i < table.rows && echelon.rank() <= limit; ++i) {
    for (int64_t j = 0; j < table.columns; ++j) {
      row[static_cast<size_t>(j)] = field.FromInteger(table.at(i, j));
    }
    echelon.Add(row);
  }
  return echelon.rank();
}

ErrorTable Transposed(const ErrorTable& table) {
  ErrorTable result{table.columns, table.rows, {}};
  result.values.reserve(table.values.size());
  for (int64_t j = 0; j < table.columns; ++j) {
    for (int64_t i = 0; i < table.rows; ++i) result.values.push_back(table.at(i, j));
  }
  return result;
}

ErrorTable DistinctNonzeroRows(const ErrorTable& table) {
  std::set<std::vector<int64_t>> rows;
  for (auto row = table.values.begin(); row < table.values.end(); row += table.columns) {
    rows.emplace(row, row + table.columns);
  }
  rows.erase(std::vector<int64_t>(static_cast<size_t>(table.columns)));
  ErrorTable result{static_cast<int64_t>(rows.size()), table.columns, {}};
  for (const std::vector<int64_t>& row : rows) {
    result.values.insert(result.values.end(), row.begin(), row.end());
  }
  return result;
}

int ExactRank(const ErrorTable& table) {
  // Rows and columns that are zero or there twice change no rank.
  const ErrorTable by_column = DistinctNonzeroRows(Transposed(DistinctNonzeroRows(table)));
  const ErrorTable by_row = Transposed(by_column);
  const int limit = static_cast<int>(std::min(by_row.rows, by_row.columns));

  int rank = 0;
  size_t tried = 0;
  for (size_t needed = 1; rank < limit && tried < needed;) {
    const std::vector<uint64_t> primes = LargePrimes(static_cast<int>(needed));
    std::vector<int> ranks(needed);
    ParallelFor(static_cast<int64_t>(needed - tried), [&](int64_t i) {
      const size_t k = tried + static_cast<size_t>(i);
      ranks[k] = RankModulo(primes[k], by_row, limit);
    });
    tried = needed;
    rank = std::max(rank, *std::max_element(ranks.begin(), ranks.end()));
    if (rank == limit) break;
    const double bits = std::min(MinorBits(by_row, rank + 1), MinorBits(by_column, rank + 1));
    needed = std::max(needed, static_cast<size_t>(std::ceil(bits / kBitsOfAPrime)));
  }
  return rank;
}

}  // namespace mulberry
