#include "mulberry/plan/byte_terms.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace mulberry {
namespace {

using Values = std::vector<int64_t>;

/// A function of an encoding as digits: value = constant + 2^shift · Σ_d 256^d · digit_d.
struct DigitFunction {
  int shift = 0;
  std::vector<std::vector<uint8_t>> digits;  ///< None where the function is constant.
};

DigitFunction SplitDigits(const Values& values) {
  const int64_t lowest = *std::min_element(values.begin(), values.end());
  uint64_t any = 0;
  for (const int64_t value : values) any |= static_cast<uint64_t>(value - lowest);
  DigitFunction result;
  if (any == 0) return result;
  result.shift = std::countr_zero(any);
  for (int at = result.shift; any >> at != 0; at += 8) {
    std::vector<uint8_t>& digit = result.digits.emplace_back();
    for (const int64_t value : values) {
      digit.push_back(static_cast<uint8_t>(static_cast<uint64_t>(value - lowest) >> at));
    }
    if (at + 8 >= 64) break;
  }
  return result;
}

/// One product of bytes: 2^shift · row · column.
struct ByteTerm {
  int shift;
  std::vector<uint8_t> row, column;
};

/// The terms that matter modulo 2^32, the highest weights first.
std::vector<ByteTerm> SplitTerms(const IntegerFactors& factors) {
  std::vector<ByteTerm> terms;
  for (int t = 0; t < factors.terms(); ++t) {
    const DigitFunction u = SplitDigits(factors.u[static_cast<size_t>(t)]);
    const DigitFunction v = SplitDigits(factors.v[static_cast<size_t>(t)]);
    for (size_t p = 0; p < u.digits.size(); ++p) {
      for (size_t q = 0; q < v.digits.size(); ++q) {
        const int shift = u.shift + v.shift + 8 * static_cast<int>(p + q);
        if (shift < 32) terms.push_back({shift, u.digits[p], v.digits[q]});
      }
    }
  }
  std::stable_sort(terms.begin(), terms.end(),
                   [](const ByteTerm& x, const ByteTerm& y) { return x.shift > y.shift; });
  // The kernel wants one at least.
  if (terms.empty()) terms.push_back({0, std::vector<uint8_t>(1), std::vector<uint8_t>(1)});
  return terms;
}

/// The kernel's tables of 256 bytes, one a digit, as few digits as hold all values.
std::vector<uint8_t> DigitTables(const std::vector<uint32_t>& values) {
  uint32_t any = 0;
  for (const uint32_t value : values) any |= value;
  std::vector<uint8_t> tables;
  for (; any != 0; any >>= 8) {
    const size_t start = tables.size();
    tables.resize(start + 256);
    for (size_t i = 0; i < values.size(); ++i) {
      tables[start + i] = static_cast<uint8_t>(values[i] >> (start / 256 * 8));
    }
  }
  return tables;
}

/// Makes the smallest value, taken as signed, zero, so that few digits are left. Returns it.
uint32_t TakeConstant(std::vector<uint32_t>& values) {
  const uint32_t lowest = *std::min_element(
      values.begin(), values.end(),
      [](uint32_t x, uint32_t y) { return static_cast<int32_t>(x) < static_cast<int32_t>(y); });
  for (uint32_t& value : values) value -= lowest;
  return lowest;
}

uint32_t ProductOf(const IntegerProducts& table, bool exchanged, uint32_t i, uint32_t j) {
  return static_cast<uint32_t>(table.at(i, j, exchanged));
}

uint32_t ValueOf(const LowRankMultiplier::Digits& digits, uint32_t i) {
  uint32_t value = 0;
  for (int d = digits.count - 1; d >= 0; --d) value = value << 8 | digits.tables[256 * d + i];
  return value;
}

uint32_t SumOfTerms(const LowRankMultiplier::Side& side, uint32_t i, uint32_t j) {
  uint32_t sum = 0;
  for (int t = 0; t < side.terms; ++t) {
    const int32_t row = static_cast<int8_t>(side.row_terms[256 * t + static_cast<int>(i)]);
    sum += static_cast<uint32_t>(row * side.column_terms[256 * t + static_cast<int>(j)]);
    sum <<= side.shifts[t];
  }
  return sum;
}

}  // namespace

LowRankMultiplier::Side ByteTerms::side() const {
  const auto digits = [](const std::vector<uint8_t>& tables) {
    return LowRankMultiplier::Digits{tables.data(), static_cast<int>(tables.size() / 256)};
  };
  return {terms(),       row_terms.data(),   column_terms.data(),
          shifts.data(), digits(row_digits), digits(column_digits),
          constant,      zero_product};
}

int CountByteTerms(const IntegerFactors& factors) {
  return static_cast<int>(SplitTerms(factors).size());
}

std::optional<ByteTerms> MakeByteTerms(const IntegerFactors& factors, const IntegerProducts& table,
                                       bool exchanged) {
  const std::vector<ByteTerm> terms = SplitTerms(
      exchanged ? IntegerFactors{factors.v, factors.u, factors.v_bits, factors.u_bits} : factors);
  ByteTerms result;
  for (size_t t = 0; t < terms.size(); ++t) {
    result.row_terms.resize(256 * (t + 1));
    result.column_terms.resize(256 * (t + 1));
    for (size_t i = 0; i < terms[t].row.size(); ++i) {
      // Digits are from 0 to 255, signed bytes from -128: the difference is a function of columns.
      result.row_terms[256 * t + i] = static_cast<uint8_t>(terms[t].row[i] - 128);
    }
    std::copy(terms[t].column.begin(), terms[t].column.end(),
              result.column_terms.begin() + static_cast<ptrdiff_t>(256 * t));
    const int next = t + 1 < terms.size() ? terms[t + 1].shift : 0;
    result.shifts.push_back(static_cast<uint8_t>(terms[t].shift - next));
  }
  // What is left is a sum of functions of one operand, if the factors are right.
  const LowRankMultiplier::Side bare = result.side();
  const auto left = [&](uint32_t i, uint32_t j) {
    return ProductOf(table, exchanged, i, j) - SumOfTerms(bare, i, j);
  };
  std::vector<uint32_t> of_rows(table.rows(exchanged)), of_columns(table.columns(exchanged));
  for (uint32_t i = 0; i < of_rows.size(); ++i) of_rows[i] = left(i, 0);
  for (uint32_t j = 0; j < of_columns.size(); ++j) of_columns[j] = left(0, j) - left(0, 0);
  result.constant = TakeConstant(of_rows) + TakeConstant(of_columns);
  result.row_digits = DigitTables(of_rows);
  result.column_digits = DigitTables(of_columns);
  result.zero_product = ProductOf(table, exchanged, 0, 0);
  if (!Reproduces(result.side(), table, exchanged)) return std::nullopt;
  return result;
}

bool Reproduces(const LowRankMultiplier::Side& side, const IntegerProducts& table, bool exchanged) {
  if (side.zero_product != ProductOf(table, exchanged, 0, 0)) return false;
  for (uint32_t i = 0; i < table.rows(exchanged); ++i) {
    for (uint32_t j = 0; j < table.columns(exchanged); ++j) {
      const uint32_t product = SumOfTerms(side, i, j) + ValueOf(side.row_digits, i) +
                               ValueOf(side.column_digits, j) + side.constant;
      if (product != ProductOf(table, exchanged, i, j)) return false;
    }
  }
  return true;
}

}  // namespace mulberry
