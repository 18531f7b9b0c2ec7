#include "mulberry/hardware/multiplier_design.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/hardware/multiplier_part.h"
#include "mulberry/hardware/rtl_library.h"

namespace mulberry {
namespace {

constexpr const char* kTop = "integer_multiplier";

std::function<uint64_t(const uint64_t*)> EncodedProducts(const Arithmetic& arithmetic) {
  return [multiplier = MakeIntegerMultiplier(arithmetic)](const uint64_t* inputs) {
    const IntegerFormats& formats = multiplier.formats();
    const int64_t product =
        multiplier(DecodeInteger(formats.first, static_cast<uint32_t>(inputs[0])),
                   DecodeInteger(formats.second, static_cast<uint32_t>(inputs[1])));
    const int bits = formats.first.bits + formats.second.bits;
    return static_cast<uint64_t>(product) & ((uint64_t{1} << bits) - 1);
  };
}

/// `wire` extended to `to` bits by its sign or by zeros.
std::string Extended(const std::string& wire, int from, int to, bool by_sign) {
  if (from == to) return wire;
  const std::string bit = by_sign ? fmt::format("{}[{}]", wire, from - 1) : "1'b0";
  return fmt::format("{{{{{}{{{}}}}}, {}}}", to - from, bit, wire);
}

std::string TopModule(const IntegerFormats& formats, const std::string& body) {
  return fmt::format(
      "module {} (\n  input  [{}:0] a,\n  input  [{}:0] b,\n  output [{}:0] p\n);\n{}endmodule\n",
      kTop, formats.first.bits - 1, formats.second.bits - 1,
      formats.first.bits + formats.second.bits - 1, body);
}

/// p of the encodings, extended, by a multiplier of n bits, through wires x, y and xy of such
/// names.
std::string Direct(const IntegerFormats& formats, int n, bool by_sign,
                   const MultiplierModule& module, const std::string& x, const std::string& y,
                   const std::string& xy) {
  const auto [a, b] = std::pair(formats.first, formats.second);
  return fmt::format(
      "  wire [{0}:0] {1} = {2}, {3} = {4};\n  wire [{5}:0] {6};\n  {7}\n"
      "  assign p = {6}[{8}:0];\n",
      n - 1, x, Extended("a", a.bits, n, by_sign && a.is_signed), y,
      Extended("b", b.bits, n, by_sign && b.is_signed), 2 * n - 1, xy,
      module.Instance("multiplier", x, y, xy), a.bits + b.bits - 1);
}

/// The magnitudes to a multiplier of n bits.
std::string OfMagnitudes(const IntegerFormats& formats, int n, const std::string& instance) {
  const auto [a, b] = std::pair(formats.first, formats.second);
  return TopModule(
      formats,
      fmt::format("  wire [{0}:0] x, y;\n  wire [{1}:0] xy;\n  {2}\n"
                  "  sign_magnitude #(.N({3}), .A({4}), .B({5}), .A_SIGNED({6}), .B_SIGNED({7})) "
                  "signs (\n    .a(a), .b(b), .magnitude_a(x), .magnitude_b(y), "
                  ".magnitude_p(xy),\n    .p(p));\n",
                  n - 1, 2 * n - 1, instance, n, a.bits, b.bits, int{a.is_signed},
                  int{b.is_signed}));
}

}  // namespace

std::optional<ProductText> ProductWithoutMagnitudes(const Arithmetic& arithmetic) {
  const IntegerFormats formats = arithmetic.integer_formats();
  const auto [a, b] = std::pair(formats.first, formats.second);
  if (!formats.any_signed() || arithmetic.sign != SignHandling::kMagnitude) return {};
  const Multiplier& multiplier = arithmetic.multiplier;
  const bool exact = multiplier.family == "exact";
  if (exact && a.is_signed && b.is_signed) {
    const int n = std::max(a.bits, b.bits);
    const MultiplierModule module = SignedExactModule(n);
    return ProductText{Direct(formats, n, true, module, "wide_a", "wide_b", "wide_p"),
                       module.files};
  }
  if (exact && a.is_signed) {
    const MultiplierModule module = MixedModule(b.bits, a.bits, 0);
    return ProductText{"  " + module.Instance("multiplier", "b", "a", "p") + "\n", module.files};
  }
  if (exact || (multiplier.family == "rounded" && !a.is_signed && a.bits == b.bits)) {
    const MultiplierModule module = MixedModule(a.bits, b.bits, exact ? 0 : multiplier.values[0]);
    return ProductText{"  " + module.Instance("multiplier", "a", "b", "p") + "\n", module.files};
  }
  return {};
}

Design IntegerMultiplierDesign(const Arithmetic& arithmetic) {
  if (!arithmetic.native && !arithmetic.is_integer()) {
    throw UsageError("{} multiplies no integers", Print(arithmetic));
  }
  const MultiplierPart part = MultiplierPartOf(arithmetic);
  const IntegerFormats formats = arithmetic.integer_formats();
  const int a = formats.first.bits, b = formats.second.bits, n = std::max(a, b);
  const bool by_magnitude = formats.any_signed() && arithmetic.sign == SignHandling::kMagnitude;
  Design design{.spec = Print(arithmetic),
                .module = kTop,
                .verilog = {},
                .inputs = {{"a", a}, {"b", b}},
                .output = {"p", a + b},
                .model = EncodedProducts(arithmetic)};
  if (const std::optional<ProductText> product = ProductWithoutMagnitudes(arithmetic)) {
    design.verilog = RtlText(product->files) + TopModule(formats, product->text);
  } else if (by_magnitude) {
    design.verilog = part.Text() + RtlText({"sign_magnitude.v"}) +
                     OfMagnitudes(formats, n, part.module.Instance("multiplier", "x", "y", "xy"));
  } else {
    design.verilog =
        part.Text() + TopModule(formats, Direct(formats, n, false, part.module, "x", "y", "xy"));
  }
  return design;
}

}  // namespace mulberry
