// Mantissa tables: all products of a float multiplier's significands, for up to 8 mantissa bits,
// and the table files of ApproxTrain.
//
// Source of the file format: Gong et al., "ApproxTrain", IEEE TCAD 2023. NAME_W.bin holds 2^2W
// bytes; the entry at (i << W) | j, for the mantissas i of the first and j of the second operand,
// is carry << 7 | mantissa: the product of 1.i and 1.j is (1 + mantissa / 2^W)·2^carry.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mulberry/multipliers/float_multiplier.h"

namespace mulberry {

/// Products of significands: entry (i << mantissa_bits) | j is SignificandProduct(i, j).
struct MantissaTable {
  static constexpr int kMaxMantissaBits = 8;

  int mantissa_bits = 0;
  std::vector<float> products;

  float at(uint32_t i, uint32_t j) const { return products[(i << mantissa_bits) | j]; }
};

/// All 2^2m products, m = multiplier.mantissa_bits(). Throws Error if m > 8.
MantissaTable MakeMantissaTable(const FloatMultiplier& multiplier);

/// ApproxTrain's bytes for `table`. Throws Error, naming the first entry that does not fit, unless
/// 1 <= m <= 7 and every product is (1 + k/2^m)·2^c with c 0 or 1.
std::vector<uint8_t> ToApproxTrainBytes(const MantissaTable& table);

/// The inverse. Throws Error if the size is not 2^2W with 1 <= W <= 7 or an entry has a bit between
/// the carry and the mantissa. `name` stands for the table in messages.
MantissaTable FromApproxTrainBytes(const std::vector<uint8_t>& bytes, const std::string& name);

/// Reads NAME_W.bin. W comes from the size; if the file's name ends in _W.bin it must agree.
/// Throws Error that names the file, what was found and what was expected.
MantissaTable ReadApproxTrainTable(const std::string& path);
/// Writes `table` (atomically: a temporary file, then a rename). Throws Error.
void WriteApproxTrainTable(const MantissaTable& table, const std::string& path);

}  // namespace mulberry
