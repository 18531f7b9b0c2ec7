// What the ways of multiplying at low rank share (low_rank.cc): the packed operands and what
// describes a way. Nothing here is compiled per instruction set.
//
// The operands' terms lie term by term, [term][step of k / 4][row or column][4 bytes], so that a
// tile runs through them as through one long k; for AMX in tiles (amx.h), for pairs two by two.
// What is added to the sums of each row and column follows the terms.
#pragma once

#include <cstdint>

#include "mulberry/kernels/cpu/amx.h"
#include "mulberry/kernels/cpu/blocking.h"
#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/kernels/cpu/integer_driver.h"

namespace mulberry {

/// A problem's side of the multiplier, and the sizes of its packed operands.
struct LowRankContext {
  const LowRankMultiplier::Side& side;
  ElementBits bits;
  int64_t term_bytes_a = 0, term_bytes_b = 0;  ///< One term of a packed group, of a packed panel.
  TileProduct tile_product = nullptr;
};

/// What differs between the ways of multiplying: the tile, the steps that k is padded to, those of
/// a packed block times terms, bytes of an element, and the functions.
struct LowRankWay {
  int64_t rows, cols, step, packed_steps, element_bytes;
  decltype(IntegerKernel::pack_rows) pack_rows;
  decltype(IntegerKernel::pack_columns) pack_columns;
  decltype(IntegerKernel::multiply) multiply;
};

/// What k steps, padded to `padded`, add to each sum. A step of padding multiplies the encodings 0
/// and 0.
inline uint32_t SumOfConstants(const LowRankMultiplier::Side& side, int64_t k, int64_t padded) {
  return static_cast<uint32_t>(padded) * side.constant -
         static_cast<uint32_t>(padded - k) * side.zero_product;
}

}  // namespace mulberry
