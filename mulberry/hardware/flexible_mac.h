// The multiply-accumulate unit of several precisions (rtl/flexible_mac.v): fixed-point operands of
// one to `digits` digits, n² clocks for n digits with one multiplier of digits. Narrow modes are
// faster by the square of their width, as multiplication is, and every mode uses the whole
// multiplier. After Na and Mukhopadhyay, ISLPED 2016. Wide digits take less energy and time, narrow
// ones less area and have more modes: docs/hardware.md has the figures of both. Not here: units of
// one precision (mac_design.h), and what it costs (flexible_mac_cost.h).
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
  /// What is combinational of it, one pair of digits: inputs top, i, j, a, b, c. The unit itself
  /// never gives it a `top` beyond the modes, or i or j beyond top.
  Design step;
};

/// Of `digits` digits, 2 to 8, that `digit` multiplies, such as exact@uint8 or 'drum(k=4)@uint8':
/// unsigned integers of one width, 2 to 16 bits, and a multiplier of the library's. An operand has
/// at most 32 bits. Throws UsageError for others and as ModuleOf does.
FlexibleUnit MakeFlexibleMac(const Arithmetic& digit, int digits);

}  // namespace mulberry
