#include "mulberry/hardware/verilator.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"
#include "mulberry/base/sha256.h"
#include "mulberry/base/tool.h"
#include "mulberry/circuits/circuit_build.h"
#include "mulberry/circuits/circuit_cache.h"
#include "mulberry/hardware/simulator_main.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

constexpr Tool kVerilator = {"verilator", "simulation of Verilog", "the package verilator",
                             "--version", "5.0"};
constexpr int kVerilatorSeconds = 300;
// Two hours: 2^32 pairs take minutes.
constexpr int kRunSeconds = 7200;

/// The folder of Verilator's own C++.
fs::path VerilatorRoot() {
  const ProcessResult result = RunTool(kVerilator, {"--getenv", "VERILATOR_ROOT"}, ".", 30);
  const fs::path root = result.output.substr(0, result.output.find('\n'));
  if (!fs::exists(root / "include/verilated.cpp")) {
    throw Error("verilator: there is no {}/include/verilated.cpp: install the package verilator",
                root.string());
  }
  return root / "include";
}

std::vector<std::string> Includes(const fs::path& include) {
  return {"-std=c++20", "-O2", "-I" + include.string(), "-I" + (include / "vltstd").string()};
}

void Compile(std::vector<std::string> arguments, const std::string& what) {
  const ProcessResult result = RunCompiler(Language::kCpp, arguments);
  if (result.exit_status != 0) {
    throw Error("{}: Verilator's C++ for it does not compile:\n{}", what, result.output);
  }
}

/// Verilator's run-time library, compiled once for all designs.
std::vector<std::string> RuntimeObjects(const fs::path& include, const std::string& version) {
  std::vector<std::string> objects;
  for (const char* name : {"verilated", "verilated_threads"}) {
    const fs::path object =
        CircuitCacheFolder("simulators") / (Sha256().Add(version).Add(name).Digest() + ".o");
    objects.push_back(object);
    if (fs::exists(object)) continue;
    const WorkFolder work;
    const fs::path made = work.path() / "object.o";
    std::vector<std::string> arguments = Includes(include);
    arguments.insert(arguments.end(), {"-c", (include / name).string() + ".cpp", "-o", made});
    Compile(arguments, name);
    fs::rename(made, object);
  }
  return objects;
}

/// All of the C++ that Verilator has written into the folder, as one text.
std::string AllOf(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".cpp") files.push_back(entry.path().filename());
  }
  std::ranges::sort(files);
  std::string text;
  for (const std::string& file : files) text += fmt::format("#include \"{}\"\n", file);
  return text;
}

void Build(const Design& design, const std::string& version, const fs::path& program) {
  const WorkFolder work;
  std::ofstream(work.path() / "design.v") << design.verilog;
  const ProcessResult result =
      RunTool(kVerilator,
              {"--cc", "-O3", "--x-assign", "0", "--x-initial", "0", "-Wno-fatal", "-Wno-lint",
               "-Wno-style", "--top-module", design.module, "--prefix", "Vdesign", "--Mdir", "made",
               "design.v"},
              work.path(), kVerilatorSeconds);
  if (result.exit_status != 0) {
    throw Error("{}: Verilator refuses it:\n{}", design.spec, OutputFrom(result.output, "%Error"));
  }
  const fs::path made = work.path() / "made", all = made / "all.cc", built = made / "program";
  std::ofstream(all) << AllOf(made) + SimulatorMain(design);
  const fs::path include = VerilatorRoot();
  std::vector<std::string> arguments = Includes(include);
  arguments.insert(arguments.end(), {"-I" + made.string(), all});
  const std::vector<std::string> objects = RuntimeObjects(include, version);
  arguments.insert(arguments.end(), objects.begin(), objects.end());
  arguments.insert(arguments.end(), {"-pthread", "-o", built});
  Compile(arguments, design.spec);
  fs::rename(built, program);
}

void Append(std::string& bytes, const std::vector<uint64_t>& words) {
  bytes.append(reinterpret_cast<const char*>(words.data()), 8 * words.size());
}

}  // namespace

VerilatedDesign::VerilatedDesign(const Design& design)
    : spec_(design.spec), inputs_(design.inputs.size()) {
  const std::string version = ToolVersion(kVerilator);
  const std::string digest = Sha256()
                                 .Add(version)
                                 .Add(design.module + "\n")
                                 .Add(design.verilog)
                                 .Add(SimulatorMain(design))
                                 .Digest();
  program_ = CircuitCacheFolder("simulators") / digest;
  if (!fs::exists(program_)) Build(design, version, program_);
}

std::vector<uint64_t> VerilatedDesign::Run(const std::string& program_input, size_t count) const {
  const WorkFolder work;
  const fs::path in = work.path() / "in", out = work.path() / "out";
  std::ofstream(in, std::ios::binary) << program_input;
  const ProcessResult result = RunProcess({"sh", "-c", "exec \"$0\" < in > out", program_.string()},
                                          work.path(), kRunSeconds);
  std::vector<uint64_t> words(count);
  std::ifstream file(out, std::ios::binary);
  file.read(reinterpret_cast<char*>(words.data()), static_cast<std::streamsize>(8 * count));
  if (result.exit_status != 0 || file.gcount() != static_cast<std::streamsize>(8 * count)) {
    throw Error("{}: its simulator ended with status {} after {} of {} outputs: {}", spec_,
                result.exit_status, file.gcount() / 8, count, result.output);
  }
  return words;
}

void VerilatedDesign::EvaluateRange(uint64_t first, std::vector<uint64_t>& outputs) const {
  std::string request;
  Append(request, {0, first, outputs.size()});
  outputs = Run(request, outputs.size());
}

std::vector<uint64_t> VerilatedDesign::Evaluate(const std::vector<uint64_t>& inputs) const {
  const size_t count = inputs.size() / inputs_;
  std::string request;
  Append(request, {1, 0, count});
  Append(request, inputs);
  return Run(request, count);
}

}  // namespace mulberry
