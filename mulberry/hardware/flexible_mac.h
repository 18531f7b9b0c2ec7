// The multiply-accumulate unit of several precisions (rtl/flexible_mac.v): fixed-point operands of
// one to `digits` digits, n² clocks for n digits with one multiplier of digits. Narrow modes are
// faster by the square of their width, as multiplication is, and every mode uses the whole
// multiplier. After Na and Mukhopadhyay, ISLPED 2016, who report 31 % of the energy for training in
// 15 instead of 31 bits.
//
// Synthesised with osu018 (flexible_mac_cost.h; full adders as cells), one multiply-accumulate:
//
//   digits     um2   period      8 bits          16 bits          24 bits          32 bits
//   8 x 4    54567  11.4 ns   1 clock, 170 pJ  4, 407 pJ (29 %)  9, 808 pJ    16, 1408 pJ (100 %)
//   16 x 2   83158  11.5 ns                    1, 284 pJ (33 %)                4, 857 pJ (100 %)
//
// So 16 bits take a quarter of the time and about the paper's share of the energy in both. Digits
// of 16 bits take less energy at 16 and 32 bits, those of 8 less area, and at 8 bits less energy.
// Not here: units of one precision (mac_design.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/hardware/design.h"

namespace mulberry {

struct FlexibleMode {
  int bits;    ///< Of each operand, two's complement.
  int cycles;  ///< Of one multiply-accumulate.
};

struct FlexibleUnit {
  static constexpr int kAccumulatorBits = 64;  ///< The accumulator wraps.

  /// The unit: inputs clock, reset, enable, top (the index in `modes`), a and b; outputs y, the
  /// accumulator, and done. At a rising edge with `reset` the accumulator is 0 and no product is in
  /// work; else with `enable` one pair of digits is multiplied, and added at the next edge. a, b
  /// and top are held until the rising edge at which `done` is 1, which takes their last pair; from
  /// the edge after it on y has their product.
  std::string module;
  std::string verilog;
  std::vector<FlexibleMode> modes;  ///< The narrowest first.
  /// What is combinational of it, one clock's work: inputs top, i, j, a, b, c. `top` beyond the
  /// modes, and i or j beyond top, are never given.
  Design step;
};

/// Of `digits` digits, 2 to 8, that `digit` multiplies, such as exact@uint8 or 'drum(k=4)@uint8':
/// unsigned integers of one width, 2 to 16 bits, and a multiplier of the library's. An operand has
/// at most 32 bits. Throws UsageError for others and as ModuleOf does.
FlexibleUnit MakeFlexibleMac(const Arithmetic& digit, int digits);

}  // namespace mulberry
