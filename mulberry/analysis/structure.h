// The structure of a multiplier's error: the table E[a][b] = approx(a, b) - a·b, its rank, and
// integer factors E[a][b] = Σ_r u_r(a)·v_r(b). With few and small factors an approximate matrix
// product is an exact integer one with more terms: approx(a, b) = a·b + Σ_r u_r(a)·v_r(b). Not
// here: whether that is worth while on some machine (plan/).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mulberry/analysis/subject.h"

namespace mulberry {

/// A table of integers, row by row. Rows and columns are operands in the order of their encodings:
/// unsigned values from 0, two's complement encodings from 0 (so that -1 is last), mantissas from
/// 0.
struct ErrorTable {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<int64_t> values;

  int64_t at(int64_t i, int64_t j) const { return values[static_cast<size_t>(i * columns + j)]; }
  friend bool operator==(const ErrorTable&, const ErrorTable&) = default;
};

/// The largest table whose structure is analysed: 8 × 8 bits.
inline constexpr int64_t kMaxTableEntries = int64_t{1} << 16;
/// Whether the subject's table is no larger.
bool HasErrorTable(const ErrorSubject& subject);
/// Throws Error if the table is larger, or as CheckSubject and ErrorSubject::error do.
ErrorTable MakeErrorTable(const ErrorSubject& subject);

/// E[i][j] = Σ_r u[r][i]·v[r][j].
struct IntegerFactors {
  std::vector<std::vector<int64_t>> u;  ///< One for each term, over the rows.
  std::vector<std::vector<int64_t>> v;  ///< One for each term, over the columns.
  int u_bits = 0;                       ///< The fewest bits whose two's complement holds all of u.
  int v_bits = 0;

  int terms() const { return static_cast<int>(u.size()); }
};

/// Whether the factors give the whole table, every partial sum of a term within int64.
bool Reproduces(const IntegerFactors& factors, const ErrorTable& table);

struct ErrorStructure {
  int rank = 0;  ///< Over the rationals, exactly.
  int distinct_rows = 0;
  int distinct_columns = 0;
  /// `rank` terms, checked with Reproduces; absent where none were found, or the rank is above the
  /// limit.
  std::optional<IntegerFactors> factors;
};

/// Ranks above this are of no use: a matrix product with so many more terms is slower than looking
/// each product up.
inline constexpr int kMaxTerms = 64;

/// Factors of at most max_terms terms, checked with Reproduces, or none if none were found. Quicker
/// than AnalyzeStructure, since it does not prove the rank. Throws Error if the table is larger
/// than kMaxTableEntries.
std::optional<IntegerFactors> FindIntegerFactors(const ErrorTable& table, int max_terms);

/// Throws Error if the table is larger than kMaxTableEntries.
ErrorStructure AnalyzeStructure(const ErrorTable& table, int max_terms = kMaxTerms);

}  // namespace mulberry
