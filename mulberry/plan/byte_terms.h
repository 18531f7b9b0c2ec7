// Factors of a table of products as the bytes that the low-rank kernel multiplies. Each term
// u(a)·v(b) becomes one product of bytes for each pair of digits of u and v, weighted by a power of
// two; constants that make the digits fit their bytes leave one-operand functions, which cost next
// to nothing. Internal to this folder.
#pragma once

#include <optional>
#include <vector>

#include "mulberry/analysis/structure.h"
#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {

/// A LowRankMultiplier::Side with its memory.
struct ByteTerms {
  std::vector<uint8_t> row_terms, column_terms, shifts, row_digits, column_digits;
  uint32_t constant = 0, zero_product = 0;

  int terms() const { return static_cast<int>(shifts.size()); }
  /// Valid while this lives and is not changed.
  LowRankMultiplier::Side side() const;
};

/// How many products of bytes the factors take.
int CountByteTerms(const IntegerFactors& factors);

/// The bytes of `factors`, of which Σ u·v is the table up to one-operand functions of either
/// operand. Rows are the first operand's encodings, or the second's if `exchanged`. The table is
/// checked with Reproduces: nothing if it is not given, for some pair of encodings, modulo 2^32.
std::optional<ByteTerms> MakeByteTerms(const IntegerFactors& factors, const IntegerProducts& table,
                                       bool exchanged);

/// Whether the kernel's formula gives every product of the table modulo 2^32.
bool Reproduces(const LowRankMultiplier::Side& side, const IntegerProducts& table, bool exchanged);

}  // namespace mulberry
