#include "mulberry/hardware/unit.h"

#include <fmt/format.h>

#include "mulberry/base/error.h"
#include "mulberry/hardware/float_design.h"
#include "mulberry/hardware/mac_design.h"
#include "mulberry/hardware/multiplier_design.h"
#include "mulberry/hardware/multiplier_module.h"
#include "mulberry/hardware/rtl_library.h"

namespace mulberry {

std::string_view Name(Unit unit) {
  switch (unit) {
    case Unit::kMultiplier:
      return "multiplier";
    case Unit::kMac:
      return "MAC";
    case Unit::kPipelinedMac:
      return "pipelined MAC";
  }
  return "";
}

Design DesignOf(const Arithmetic& arithmetic, Unit unit) {
  if (!arithmetic.native && arithmetic.is_block()) {
    throw UsageError("{}: blocks have no circuit of their own, but their elements do: {}",
                     Print(arithmetic), Print(ElementArithmetic(arithmetic)));
  }
  if (unit != Unit::kMultiplier) return MacDesign(arithmetic, unit == Unit::kPipelinedMac);
  if (arithmetic.is_integer()) return IntegerMultiplierDesign(arithmetic);
  return FloatMultiplierDesign(arithmetic);
}

Design BehaviouralDesign(const Arithmetic& arithmetic) {
  Design design = IntegerMultiplierDesign(arithmetic);
  const IntegerFormats formats = arithmetic.integer_formats();
  if (arithmetic.multiplier != Multiplier{} || formats.any_signed() ||
      formats.first.bits != formats.second.bits) {
    throw UsageError(
        "{}: `a * b` is a baseline of exact products of unsigned operands of one width",
        Print(arithmetic));
  }
  const MultiplierModule module = BehaviouralModule(formats.first.bits);
  design.spec += " as a*b";
  design.module = "behavioural_multiplier";
  design.verilog =
      RtlText(module.files) + fmt::format(
                                  "module {0} (\n  input  [{1}:0] a,\n  input  [{1}:0] b,\n"
                                  "  output [{2}:0] p\n);\n  {3}\nendmodule\n",
                                  design.module, formats.first.bits - 1, 2 * formats.first.bits - 1,
                                  module.Instance("multiplier", "a", "b", "p"));
  return design;
}

}  // namespace mulberry
