#include "mulberry/hardware/multiplier_design.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include "mulberry/base/append_file.h"
#include "mulberry/base/error.h"
#include "mulberry/base/process.h"
#include "mulberry/circuits/circuit_cache.h"
#include "mulberry/circuits/verilog_netlist.h"
#include "mulberry/hardware/multiplier_module.h"
#include "mulberry/hardware/rtl_library.h"
#include "mulberry/multipliers/imported.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

constexpr const char* kTop = "integer_multiplier";
constexpr const char* kUserTop = "user_multiplier";
constexpr int kYosysSeconds = 60;

void RequireCircuit(const Arithmetic& arithmetic) {
  const std::string& family = arithmetic.multiplier.family;
  const char* what = arithmetic.multiplier.errors ? "an error model"
                     : family == kTableFamily     ? "a table"
                     : family == kCFamily         ? "a C function"
                                                  : nullptr;
  if (what) {
    throw UsageError(
        "{} is {}, which says products and no circuit: write the multiplier in Verilog and give "
        "verilog:FILE#MODULE, or take a family of `mulberry list multipliers`",
        Print(arithmetic), what);
  }
  if (arithmetic.native || !arithmetic.is_integer()) {
    throw UsageError("{} multiplies no integers", Print(arithmetic));
  }
}

std::function<uint64_t(const uint64_t*)> ModelOf(const Arithmetic& arithmetic) {
  return [multiplier = MakeIntegerMultiplier(arithmetic)](const uint64_t* inputs) {
    const IntegerFormats& formats = multiplier.formats();
    const int64_t product =
        multiplier(DecodeInteger(formats.first, static_cast<uint32_t>(inputs[0])),
                   DecodeInteger(formats.second, static_cast<uint32_t>(inputs[1])));
    const int bits = formats.first.bits + formats.second.bits;
    return static_cast<uint64_t>(product) & ((uint64_t{1} << bits) - 1);
  };
}

/// A user's module under the name kUserTop.
struct UserModule {
  std::string verilog;
  std::string a, b, p;  ///< Its ports.
};

/// MakeIntegerMultiplier has accepted the module: it has two inputs and an output.
UserModule ReadUserModule(const Multiplier& multiplier) {
  const WorkFolder work;
  const std::string text = (work.path() / "user.v").string();
  const fs::path netlist = work.path() / "user.il";
  const std::string top = multiplier.function.empty() ? "-auto-top" : "-top " + multiplier.function;
  const std::string file =
      multiplier.path.starts_with("-") ? "./" + multiplier.path : multiplier.path;
  const bool is_system_verilog = fs::path(file).extension() == ".sv";
  const ProcessResult result =
      RunProcess({"yosys", "-q", "-f", is_system_verilog ? "verilog -sv" : "verilog", file, "-p",
                  fmt::format("hierarchy -check {}; proc -norom; rename -top {}; "
                              "dump -m -o \"{}\" {}/i:* {}/o:*; write_verilog -noattr \"{}\"",
                              top, kUserTop, netlist.string(), kUserTop, kUserTop, text)},
                 ".", kYosysSeconds);
  if (result.exit_status == 127) {
    throw Error(
        "a circuit of {} needs yosys, and there is no program of that name: install the "
        "package yosys",
        multiplier.path);
  }
  const std::vector<NetlistModule> modules = ReadNetlist(netlist);
  const auto found = std::ranges::find(modules, kUserTop, &NetlistModule::name);
  if (result.exit_status != 0 || found == modules.end()) {
    throw Error("{}: yosys does not write it as Verilog:\n{}", multiplier.path, result.output);
  }
  UserModule user{.verilog = ReadFile(text), .a = {}, .b = {}, .p = {}};
  for (const NetlistPort& port : found->ports) {
    if (port.direction == "output") {
      user.p = port.name;
    } else {
      (user.a.empty() ? user.a : user.b) = port.name;
    }
  }
  return user;
}

/// The multiplier as it is instantiated, of operands of `bits` bits both unless it is a user's.
struct Part {
  std::string verilog;
  std::string instance;  ///< Of wires x, y and xy.
};

Part PartOf(const Multiplier& multiplier, int bits) {
  if (multiplier.family == kVerilogFamily) {
    const UserModule user = ReadUserModule(multiplier);
    return {user.verilog, fmt::format("{} multiplier (.{}(x), .{}(y), .{}(xy));", kUserTop, user.a,
                                      user.b, user.p)};
  }
  const MultiplierModule module = mulberry::ModuleOf(multiplier, {.bits = bits});
  return {RtlText(module.files), module.Instance("multiplier", "x", "y", "xy")};
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

/// The encodings, extended, to a multiplier of n bits.
std::string Direct(const IntegerFormats& formats, int n, bool by_sign,
                   const std::string& instance) {
  const auto [a, b] = std::pair(formats.first, formats.second);
  return TopModule(
      formats, fmt::format("  wire [{0}:0] x = {1}, y = {2};\n  wire [{3}:0] xy;\n  {4}\n"
                           "  assign p = xy[{5}:0];\n",
                           n - 1, Extended("a", a.bits, n, by_sign && a.is_signed),
                           Extended("b", b.bits, n, by_sign && b.is_signed), 2 * n - 1, instance,
                           a.bits + b.bits - 1));
}

std::string SignedExact(const IntegerFormats& formats) {
  const auto needed = [](const IntegerFormat& format) {
    return format.bits + (format.is_signed ? 0 : 1);
  };
  const int n = std::max(needed(formats.first), needed(formats.second));
  const MultiplierModule module = SignedExactModule(n);
  return RtlText(module.files) +
         Direct(formats, n, true, module.Instance("multiplier", "x", "y", "xy"));
}

/// The magnitudes to a multiplier of n bits, or to a user's of the formats' bits.
std::string OfMagnitudes(const IntegerFormats& formats, int n, const Part& part, bool is_user) {
  const auto [a, b] = std::pair(formats.first, formats.second);
  const int x = is_user ? a.bits : n, y = is_user ? b.bits : n;
  const std::string body = fmt::format(
      "  wire [{0}:0] magnitude_a, magnitude_b;\n  wire [{1}:0] x = magnitude_a[{1}:0];\n"
      "  wire [{2}:0] y = magnitude_b[{2}:0];\n  wire [{3}:0] xy;\n  {4}\n"
      "  sign_magnitude #(.N({5}), .A({6}), .B({7}), .A_SIGNED({8}), .B_SIGNED({9})) signs (\n"
      "    .a(a), .b(b), .magnitude_a(magnitude_a), .magnitude_b(magnitude_b), "
      ".magnitude_p({10}),\n"
      "    .p(p));\n",
      n - 1, x - 1, y - 1, x + y - 1, part.instance, n, a.bits, b.bits, int{a.is_signed},
      int{b.is_signed}, Extended("xy", x + y, 2 * n, false));
  return part.verilog + RtlText({"sign_magnitude.v"}) + TopModule(formats, body);
}

}  // namespace

Design IntegerMultiplierDesign(const Arithmetic& arithmetic) {
  RequireCircuit(arithmetic);
  const IntegerFormats formats = arithmetic.integer_formats();
  const int a = formats.first.bits, b = formats.second.bits, n = std::max(a, b);
  const Multiplier& multiplier = arithmetic.multiplier;
  const bool is_user = multiplier.family == kVerilogFamily;
  const bool by_magnitude = formats.any_signed() && arithmetic.sign == SignHandling::kMagnitude;
  Design design{.spec = Print(arithmetic),
                .module = kTop,
                .verilog = {},
                .inputs = {{"a", a}, {"b", b}},
                .output = {"p", a + b},
                .model = ModelOf(arithmetic)};
  if (by_magnitude && multiplier.family == "exact") {
    design.verilog = SignedExact(formats);
  } else if (by_magnitude) {
    design.verilog = OfMagnitudes(formats, n, PartOf(multiplier, n), is_user);
  } else if (is_user) {
    UserModule user = ReadUserModule(multiplier);
    design.module = kUserTop;
    design.verilog = std::move(user.verilog);
    design.inputs = {{user.a, a}, {user.b, b}};
    design.output.name = user.p;
  } else {
    const Part part = PartOf(multiplier, n);
    design.verilog = part.verilog + Direct(formats, n, false, part.instance);
  }
  return design;
}

}  // namespace mulberry
