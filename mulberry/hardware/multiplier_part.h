// The multiplier inside a circuit of an arithmetic: a family of the library, which is a module of
// rtl/, or a user's verilog:FILE#MODULE. Not here: what is around it (multiplier_design.h,
// float_design.h, mac_design.h).
#pragma once

#include <string>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/hardware/multiplier_module.h"

namespace mulberry {

struct MultiplierPart {
  /// Of operands of as many bits as the wider one has. A user's is wrapped in such a module: of the
  /// shorter operand it takes the low bits, and above its product are zeros.
  MultiplierModule module;
  std::string verilog;  ///< A user's text; the library's is that of module.files.

  /// All of it.
  std::string Text() const;
};

/// A user's file is as yosys reads it, with the files that it includes, flat: its other modules
/// keep no names that could be those of rtl/.
///
/// Throws UsageError for a table, a C function and an error model, which are no circuits, and
/// LibTorch's own arithmetic; else as ModuleOf does, or for a user's file as MakeIntegerMultiplier
/// and MakeFloatMultiplier do; Error if yosys is missing.
MultiplierPart MultiplierPartOf(const Arithmetic& arithmetic);

}  // namespace mulberry
