#include "mulberry/hardware/multiplier_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "mulberry/base/append_file.h"
#include "mulberry/base/error.h"
#include "mulberry/circuits/circuit_cache.h"
#include "mulberry/circuits/verilog_netlist.h"
#include "mulberry/hardware/rtl_library.h"
#include "mulberry/hardware/yosys.h"
#include "mulberry/multipliers/imported.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

constexpr const char* kWrapper = "user_multiplier";
constexpr const char* kUserTop = "user_module";
constexpr int kYosysSeconds = 60;

void RequireCircuit(const Arithmetic& arithmetic) {
  if (arithmetic.native) {
    throw UsageError("fp32 is LibTorch's own arithmetic; the circuit is that of exact@fp32");
  }
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
}

/// A user's module under the name kUserTop.
struct UserModule {
  std::string verilog;
  std::vector<std::string> ports;  ///< "a", "b" and "p" in the order in which it declares its own.
};

/// The model has accepted the module: it has two inputs and an output.
UserModule ReadUserModule(const Multiplier& multiplier) {
  const WorkFolder work;
  const std::string text = (work.path() / "user.v").string();
  const fs::path netlist = work.path() / "user.il";
  const std::string top = multiplier.function.empty() ? "-auto-top" : "-top " + multiplier.function;
  const std::string file =
      multiplier.path.starts_with("-") ? "./" + multiplier.path : multiplier.path;
  const bool is_system_verilog = fs::path(file).extension() == ".sv";
  const ProcessResult result =
      RunTool(kYosys,
              {"-q", "-f", is_system_verilog ? "verilog -sv" : "verilog", file, "-p",
               fmt::format("hierarchy -check {}; proc -norom; flatten; rename -top {}; "
                           "dump -m -o \"{}\" {}/i:* {}/o:*; write_verilog -noattr \"{}\"",
                           top, kUserTop, netlist.string(), kUserTop, kUserTop, text)},
              ".", kYosysSeconds);
  const std::vector<NetlistModule> modules = ReadNetlist(netlist);
  const auto found = std::ranges::find(modules, kUserTop, &NetlistModule::name);
  if (result.exit_status != 0 || found == modules.end()) {
    throw Error("{}: yosys does not write it as Verilog:\n{}", multiplier.path, result.output);
  }
  UserModule user{.verilog = ReadFile(text), .ports = {}};
  bool is_second = false;
  for (const VerilogPort& port : found->ports) {
    const bool is_input = port.direction != "output";
    user.ports.emplace_back(!is_input ? "p" : is_second ? "b" : "a");
    is_second |= is_input;
  }
  return user;
}

/// Connected by position, since a user's ports may have any names.
std::string WrapperText(const UserModule& user, int a_bits, int b_bits) {
  const int n = std::max(a_bits, b_bits);
  std::string list;
  for (const std::string& port : user.ports) {
    list += fmt::format("{}{}[{}:0]", list.empty() ? "" : ", ", port,
                        (port == "a"   ? a_bits
                         : port == "b" ? b_bits
                                       : a_bits + b_bits) -
                            1);
  }
  std::string text = fmt::format(
      "module {0} (\n  input  [{1}:0] a,\n  input  [{1}:0] b,\n  output [{2}:0] p\n);\n"
      "  {3} multiplier ({4});\n",
      kWrapper, n - 1, 2 * n - 1, kUserTop, list);
  if (a_bits + b_bits < 2 * n) {
    text += fmt::format("  assign p[{}:{}] = 0;\n", 2 * n - 1, a_bits + b_bits);
  }
  return text + "endmodule\n";
}

}  // namespace

std::string MultiplierPart::Text() const {
  return RtlText(module.files) + verilog;
}

MultiplierPart MultiplierPartOf(const Arithmetic& arithmetic) {
  RequireCircuit(arithmetic);
  OperandKind operand;
  int a_bits = 0, b_bits = 0;
  if (arithmetic.is_integer()) {
    const IntegerFormats formats = arithmetic.integer_formats();
    a_bits = formats.first.bits;
    b_bits = formats.second.bits;
    operand.bits = std::max(a_bits, b_bits);
  } else {
    operand = SignificandsOf(arithmetic);
    a_bits = b_bits = operand.bits;
  }
  if (arithmetic.multiplier.family != kVerilogFamily) {
    return {ModuleOf(arithmetic.multiplier, operand), ""};
  }
  // Refuse what is no combinational multiplier of these widths.
  if (arithmetic.is_integer()) {
    MakeIntegerMultiplier(arithmetic);
  } else {
    MakeFloatMultiplier(arithmetic);
  }
  const UserModule user = ReadUserModule(arithmetic.multiplier);
  return {{kWrapper, {}, {}}, user.verilog + WrapperText(user, a_bits, b_bits)};
}

}  // namespace mulberry
