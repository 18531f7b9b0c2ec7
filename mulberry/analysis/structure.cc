#include "mulberry/analysis/structure.h"

#include <set>

#include "mulberry/analysis/factors.h"
#include "mulberry/analysis/prime_field.h"
#include "mulberry/analysis/rank.h"
#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"

namespace mulberry {
namespace {

int CountDistinctRows(const ErrorTable& table) {
  std::set<std::vector<int64_t>> rows;
  for (auto row = table.values.begin(); row < table.values.end(); row += table.columns) {
    rows.emplace(row, row + table.columns);
  }
  return static_cast<int>(rows.size());
}

/// The operand value with this encoding, counted from 0 in its set.
int64_t ValueOf(OperandSet set, const OperandRange& range, int64_t encoding) {
  const bool negative = set == OperandSet::kSigned && encoding >= range.count / 2;
  if (set == OperandSet::kSigned) return negative ? encoding - range.count : encoding;
  return range.lowest + encoding;
}

void CheckSize(const ErrorTable& table) {
  if (table.rows * table.columns <= kMaxTableEntries) return;
  throw Error("a table of {} by {} errors is too large to analyse; at most {} are", table.rows,
              table.columns, kMaxTableEntries);
}

}  // namespace

bool HasErrorTable(const ErrorSubject& subject) {
  return subject.a_range().count * subject.b_range().count <= kMaxTableEntries;
}

ErrorTable MakeErrorTable(const ErrorSubject& subject) {
  CheckSubject(subject);
  if (!HasErrorTable(subject)) {
    throw Error("{}: a table of {} by {} errors is too large to analyse; at most {} are",
                subject.name, subject.a_range().count, subject.b_range().count, kMaxTableEntries);
  }
  const OperandRange a = subject.a_range(), b = subject.b_range();
  ErrorTable table{a.count, b.count, std::vector<int64_t>(static_cast<size_t>(a.count * b.count))};
  ParallelFor(a.count, [&](int64_t i) {
    for (int64_t j = 0; j < b.count; ++j) {
      table.values[static_cast<size_t>(i * b.count + j)] =
          subject.error(ValueOf(subject.operands.a, a, i), ValueOf(subject.operands.b, b, j));
    }
  });
  return table;
}

bool Reproduces(const IntegerFactors& factors, const ErrorTable& table) {
  const size_t rows = static_cast<size_t>(table.rows), columns = static_cast<size_t>(table.columns);
  if (factors.u.size() != factors.v.size()) return false;
  for (size_t r = 0; r < factors.u.size(); ++r) {
    if (factors.u[r].size() != rows || factors.v[r].size() != columns) return false;
  }
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < columns; ++j) {
      int64_t sum = 0, product = 0;
      for (size_t r = 0; r < factors.u.size(); ++r) {
        if (__builtin_mul_overflow(factors.u[r][i], factors.v[r][j], &product)) return false;
        if (__builtin_add_overflow(sum, product, &sum)) return false;
      }
      if (sum != table.values[i * columns + j]) return false;
    }
  }
  return true;
}

std::optional<IntegerFactors> FindIntegerFactors(const ErrorTable& table, int max_terms) {
  CheckSize(table);
  const ErrorTable distinct = DistinctNonzeroRows(table);
  if (distinct.rows == 0) return IntegerFactors{};
  // What is found modulo a prime is no proof, but Reproduces is.
  const int rank = RankModulo(LargePrimes(1)[0], distinct, max_terms);
  if (rank > max_terms) return std::nullopt;
  return FindFactors(table, rank);
}

ErrorStructure AnalyzeStructure(const ErrorTable& table, int max_terms) {
  CheckSize(table);
  ErrorStructure structure;
  structure.rank = ExactRank(table);
  structure.distinct_rows = CountDistinctRows(table);
  structure.distinct_columns = CountDistinctRows(Transposed(table));
  if (structure.rank == 0) {
    structure.factors = IntegerFactors{};
  } else if (structure.rank <= max_terms) {
    structure.factors = FindFactors(table, structure.rank);
  }
  return structure;
}

}  // namespace mulberry
