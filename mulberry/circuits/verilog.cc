#include "mulberry/circuits/verilog.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/base/process.h"
#include "mulberry/base/suggest.h"
#include "mulberry/base/tool.h"
#include "mulberry/circuits/circuit_build.h"
#include "mulberry/circuits/circuit_cache.h"
#include "mulberry/circuits/circuit_process.h"
#include "mulberry/circuits/circuit_runner.h"
#include "mulberry/circuits/verilog_netlist.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

constexpr int kYosysSeconds = 300;
constexpr char kPackages[] = "the packages yosys and yosys-dev";
constexpr char kPorts[] = "*/i:* */o:* */x:*";  // A selection of yosys.

constexpr Tool kYosys = {"yosys", "Verilog", kPackages};
constexpr Tool kYosysConfig = {"yosys-config", "Verilog", kPackages};

fs::path CxxrtlFolder() {
  const ProcessResult result = RunTool(kYosysConfig, {"--datdir"}, ".", kYosysSeconds);
  std::string folder = result.output.substr(0, result.output.find('\n'));
  folder += "/include";
  if (!fs::exists(folder + "/backends/cxxrtl/cxxrtl.h")) {
    throw Error(
        "Verilog needs yosys' CXXRTL, and there is no {}/backends/cxxrtl/cxxrtl.h: install "
        "the package yosys-dev",
        folder);
  }
  return folder;
}

/// Runs yosys on the file. The steps may write files named in double quotes.
ProcessResult RunYosys(const std::string& path, const std::string& steps) {
  const bool is_system_verilog = fs::path(path).extension() == ".sv";
  // A path that begins with a dash would be taken for an option.
  const std::string file = path.starts_with("-") ? "./" + path : path;
  return RunTool(kYosys,
                 {"-q", "-f", is_system_verilog ? "verilog -sv" : "verilog", file, "-p", steps},
                 ".", kYosysSeconds);
}

/// The first warning that has `mark`, with the lines that belong to it; empty if there is none.
std::string Warning(const std::string& output, const std::string& mark) {
  std::istringstream lines(output);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    if (!text.empty() && !line.starts_with(" ")) break;
    if (!text.empty() || line.find(mark) != std::string::npos)
      text += (text.empty() ? "" : "\n") + line;
  }
  return text;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

bool Has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

/// The module to take, by its name or because no other instantiates it.
std::string ChooseModule(const std::string& path, const std::string& wanted,
                         const std::vector<NetlistModule>& modules) {
  std::vector<std::string> names;
  std::set<std::string> instantiated;
  for (const NetlistModule& module : modules) {
    if (!module.is_black_box) names.push_back(module.name);
    for (const NetlistCell& cell : module.cells) instantiated.insert(cell.type);
  }
  if (names.empty()) throw Error("{}: defines no module", path);
  if (!wanted.empty()) {
    if (std::ranges::find(names, wanted) != names.end()) return wanted;
    const std::string_view nearest = Nearest(wanted, {names.begin(), names.end()});
    throw Error("{}: has no module \"{}\"; it has: {}{}", path, wanted, Joined(names),
                nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest));
  }
  std::vector<std::string> roots;
  for (const std::string& name : names) {
    if (!instantiated.contains(name)) roots.push_back(name);
  }
  if (roots.size() == 1) return roots[0];
  throw Error("{}: has several modules that no other instantiates: {}; name one", path,
              Joined(roots.empty() ? names : roots));
}

/// Refuses registers, latches and memories.
void RequireCombinational(const std::string& description, const NetlistModule& module) {
  for (const NetlistCell& cell : module.cells) {
    const char* kind = Has(cell.type, "latch")  ? "a latch"
                       : Has(cell.type, "$mem") ? "a memory"
                                                : "a register";
    throw Error("{}: is not combinational: it has {} (yosys' {}) at {}", description, kind,
                cell.type, cell.source);
  }
}

struct Ports {
  NetlistPort a;
  NetlistPort b;
  NetlistPort product;
};

Ports PortsOf(const std::string& description, const NetlistModule& module) {
  std::vector<NetlistPort> inputs, outputs;
  std::vector<std::string> input_names, output_names;
  for (const NetlistPort& port : module.ports) {
    if (port.direction == "inout") {
      throw Error("{}: its port {} is an inout; a multiplier has two inputs and one output",
                  description, port.name);
    }
    (port.direction == "input" ? inputs : outputs).push_back(port);
    (port.direction == "input" ? input_names : output_names).push_back(port.name);
  }
  if (inputs.size() != 2) {
    throw Error("{}: has {} inputs ({}); a combinational multiplier has two", description,
                inputs.size(), Joined(input_names));
  }
  if (outputs.size() != 1) {
    throw Error("{}: has {} outputs ({}); a multiplier has one", description, outputs.size(),
                Joined(output_names));
  }
  return {inputs[0], inputs[1], outputs[0]};
}

void RequireWidths(const std::string& description, const Ports& ports, const CircuitShape& shape) {
  const auto require = [&](const NetlistPort& port, const char* what, const char* expected,
                           int bits) {
    if (port.bits == bits) return;
    throw Error("{}: its {} {} has {} bits, and the {} {} operands has {}", description, what,
                port.name, port.bits, expected, Name(shape), bits);
  };
  require(ports.a, "first input", "first of", shape.a_bits);
  require(ports.b, "second input", "second of", shape.b_bits);
  require(ports.product, "output", "product of", shape.product_bits());
}

/// Refuses what the check of yosys finds: its words are in `output`.
void RequireSound(const std::string& path, const std::string& description,
                  const std::string& module, const std::string& output) {
  for (const char* fault : {"is used but has no driver", "multiple conflicting drivers"}) {
    if (!Has(output, fault)) continue;
    throw Error("{}: yosys says: {}", description, Warning(output, fault));
  }
  const char* loop = "found logic loop";
  if (!Has(output, loop)) return;
  // Of vectors as wholes, it may be: a carry chain, say. Only one of single bits is a loop.
  const ProcessResult gates = RunYosys(
      path, fmt::format("hierarchy -top {}; proc -norom; flatten; techmap; check", module));
  if (!Has(gates.output, loop)) return;
  throw Error("{}: has a combinational loop; yosys says: {}", description,
              Warning(gates.output, loop));
}

/// The name that CXXRTL gives to a module or port in C++.
std::string NameInCpp(const std::string& name) {
  std::string result = "p_";
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      result += c;
    } else {
      result += c == '_' ? "__" : fmt::format("_{:02x}_", static_cast<unsigned char>(c));
    }
  }
  return result;
}

/// Names go into yosys' script, whose words these characters do not end.
void RequirePlainName(const std::string& path, const std::string& module) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '$'; };
  if (!std::ranges::all_of(module, plain)) {
    throw Error("{}: \"{}\" is not a module's name of letters, digits, _ and $", path, module);
  }
}

struct Model {
  std::string description;
  std::string text;  ///< In C++, complete.
};

/// Has yosys write the module as C++, once all is checked. Two netlists are written on the way: of
/// the file's modules with the modules that they instantiate, and of the chosen module, flat, with
/// all its cells that are not combinational.
Model ModelOf(const std::string& path, const std::string& wanted, const CircuitShape& shape) {
  const WorkFolder work;
  const fs::path all = work.path() / "all.il", flat = work.path() / "flat.il";
  const fs::path text = work.path() / "module.cc";
  const std::string top = wanted.empty() ? "-auto-top" : "-top " + wanted;
  const ProcessResult result = RunYosys(
      path, fmt::format("proc -norom; dump -m -o \"{}\" {} */t:* */t:$* %d; hierarchy -check {}; "
                        "proc -norom; flatten; check; "
                        "dump -m -o \"{}\" {} */t:*ff* */t:*latch* */t:$sr */t:$mem*; "
                        "splitnets; opt_clean; write_cxxrtl -g0 \"{}\"",
                        all.string(), kPorts, top, flat.string(), kPorts, text.string()));
  if (!fs::exists(all)) {
    throw Error("{}: yosys cannot read it:\n{}", path, OutputFrom(result.output, "ERROR"));
  }
  const std::string module = ChooseModule(path, wanted, ReadNetlist(all));
  const std::string description = fmt::format("{}#{}", path, module);
  const std::vector<NetlistModule> modules = ReadNetlist(flat);
  const auto found = std::ranges::find(modules, module, &NetlistModule::name);
  if (found == modules.end()) {
    throw Error("{}: yosys refuses it:\n{}", description, OutputFrom(result.output, "ERROR"));
  }
  RequireCombinational(description, *found);
  const Ports ports = PortsOf(description, *found);
  RequireWidths(description, ports, shape);
  if (result.exit_status != 0) {
    throw Error("{}: yosys refuses it:\n{}", description, OutputFrom(result.output, "ERROR"));
  }
  RequireSound(path, description, module, result.output);
  std::ifstream file(text, std::ios::binary);
  return {description, std::string(std::istreambuf_iterator<char>(file), {}) +
                           EndOfCxxrtl(NameInCpp(module), NameInCpp(ports.a.name),
                                       NameInCpp(ports.b.name), NameInCpp(ports.product.name))};
}

}  // namespace

std::shared_ptr<const Circuit> LoadVerilog(const std::string& path, const std::string& module,
                                           const CircuitShape& shape, const CircuitLimits& limits) {
  RequireValid(shape);
  if (shape.is_float) throw Error("{}: a Verilog module multiplies integers, not floats", path);
  RequireReadableFile(path);
  RequirePlainName(path, module);
  const fs::path include = CxxrtlFolder();
  const Model model = ModelOf(path, module, shape);
  const Program program =
      BuildProgram({model.text, Language::kCpp, false, {"-I" + include.string()}});
  if (program.failure != Program::Failure::kNone) {
    throw Error("{}: yosys' C++ for it does not compile:\n{}", model.description, program.output);
  }
  return MakeProcessCircuit(program.path, program.digest, shape, model.description, limits);
}

}  // namespace mulberry
