#include "mulberry/circuits/c_source.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/base/suggest.h"
#include "mulberry/circuits/circuit_build.h"
#include "mulberry/circuits/circuit_cache.h"
#include "mulberry/circuits/circuit_process.h"
#include "mulberry/circuits/circuit_runner.h"
#include "mulberry/circuits/circuit_types.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

constexpr size_t kMostListed = 20;
constexpr size_t kMostTried = 60;

Language LanguageOf(const std::string& path) {
  const std::string extension = fs::path(path).extension().string();
  if (extension == ".c") return Language::kC;
  for (const char* known : {".cc", ".cpp", ".cxx", ".C"}) {
    if (extension == known) return Language::kCpp;
  }
  throw Error("{}: is not a C or C++ source: its name ends in neither .c, .cc, .cpp, .cxx nor .C",
              path);
}

/// A user's file, its language, and its text after the preprocessor.
struct SourceFile {
  std::string path;
  Language language;
  std::string text;
};

[[noreturn]] void RefuseCompile(const SourceFile& file, const std::string& output) {
  throw Error("{}: does not compile:\n{}", file.path, output);
}

std::vector<std::string> Words(Language language, const std::vector<std::string>& more) {
  std::vector<std::string> words = CommonOptions(language);
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

SourceFile Preprocess(const std::string& path) {
  SourceFile file{path, LanguageOf(path), {}};
  RequireReadableFile(path);
  const WorkFolder work;
  const fs::path output = work.path() / "preprocessed";
  // A path that begins with a dash would be taken for an option.
  const std::string input = path.starts_with("-") ? "./" + path : path;
  const ProcessResult result =
      RunCompiler(file.language, Words(file.language, {"-E", input, "-o", output.string()}));
  if (result.exit_status != 0) RefuseCompile(file, result.output);
  std::ifstream stream(output, std::ios::binary);
  file.text.assign(std::istreambuf_iterator<char>(stream), {});
  return file;
}

/// What makes the function callable, marked as being no line of the file.
std::string EndOf(const SourceFile& file, const std::string& function) {
  return "\n# 1 \"mulberry\"\n" +
         (file.language == Language::kC ? EndOfC(function) : EndOfCpp(function));
}

/// Compiles `text` as the file's language; keeps the object where a path is given.
ProcessResult Compile(const SourceFile& file, const std::string& text,
                      const std::optional<fs::path>& object, const fs::path& work) {
  const bool is_c = file.language == Language::kC;
  const fs::path input = work / "text";
  std::ofstream(input, std::ios::binary) << text;
  std::vector<std::string> words =
      Words(file.language, {"-O0", "-x", is_c ? "cpp-output" : "c++-cpp-output"});
  if (object) {
    words.insert(words.end(), {"-c", "-o", object->string()});
  } else {
    words.push_back("-fsyntax-only");
  }
  words.push_back(input.string());
  return RunCompiler(file.language, words);
}

/// The functions that a compiled file defines, without their parameters.
std::vector<std::string> FunctionsOf(const fs::path& object) {
  const ProcessResult result =
      RunProcess({"nm", "-C", "--defined-only", object.string()}, ".", 60, 1 << 20);
  std::vector<std::string> names;
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) {
    // ADDRESS TYPE NAME; in the text section is T, and t where it is static.
    const size_t space = line.find(' ');
    if (space == std::string::npos || line.size() < space + 4) continue;
    if (line[space + 1] != 'T' && line[space + 1] != 't') continue;
    std::string name = line.substr(space + 3);
    name = name.substr(0, name.find('('));
    // Those that begin so are the compiler's.
    const bool is_users = !name.starts_with("_") && name != "mulberry_main_of_user";
    if (is_users && std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

bool CanBeNamed(const std::string& function) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) || std::strchr("_:<>, ", c); };
  return !function.empty() && std::ranges::all_of(function, allowed);
}

/// Those of `functions` that can be called as a multiplier, by the compiler's judgement.
std::vector<std::string> Multipliers(const SourceFile& file,
                                     const std::vector<std::string>& functions,
                                     const fs::path& work) {
  std::vector<std::string> found;
  for (size_t i = 0; i < functions.size() && i < kMostTried && found.size() < kMostListed; ++i) {
    if (!CanBeNamed(functions[i])) continue;
    const std::string text = file.text + EndOf(file, functions[i]);
    if (Compile(file, text, std::nullopt, work).exit_status == 0) found.push_back(functions[i]);
  }
  return found;
}

[[noreturn]] void RefuseName(const SourceFile& file, const std::string& function,
                             const std::vector<std::string>& functions, const fs::path& work) {
  const std::vector<std::string> fitting = Multipliers(file, functions, work);
  if (fitting.empty()) {
    throw Error("{}: has no function \"{}\", nor any other of two numbers", file.path, function);
  }
  std::string list;
  for (const std::string& name : fitting) list += (list.empty() ? "" : ", ") + name;
  const std::string_view nearest = Nearest(function, {fitting.begin(), fitting.end()});
  throw Error("{}: has no function \"{}\"; it has: {}{}", file.path, function, list,
              nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest));
}

/// Says why no program came of the file: compiles it alone, looks for the function.
[[noreturn]] void Diagnose(const SourceFile& file, const std::string& function,
                           const Program& program) {
  const WorkFolder work;
  const fs::path object = work.path() / "object.o";
  const ProcessResult alone = Compile(file, file.text, object, work.path());
  if (alone.exit_status != 0) RefuseCompile(file, alone.output);
  const std::vector<std::string> functions = FunctionsOf(object);
  if (program.failure == Program::Failure::kLink) {
    throw Error("{}: does not link by itself:\n{}", file.path, program.output);
  }
  // A template's instances are not defined until they are asked for.
  const bool is_instance = function.find('<') != std::string::npos;
  if (!is_instance && std::ranges::find(functions, function) == functions.end()) {
    RefuseName(file, function, functions, work.path());
  }
  throw Error("{}: {} is not a function of two numbers that returns a number:\n{}", file.path,
              function, program.output);
}

Program BuildSource(const std::string& path, const std::string& function) {
  const SourceFile file = Preprocess(path);
  if (!CanBeNamed(function)) throw Error("{}: \"{}\" is not a function's name", path, function);
  Program program = BuildProgram({file.text + EndOf(file, function), file.language, true, {}});
  if (program.failure != Program::Failure::kNone) Diagnose(file, function, program);
  return program;
}

std::shared_ptr<const Circuit> CircuitOf(const Program& program, const std::string& path,
                                         const std::string& function, const CircuitShape& shape,
                                         const CircuitLimits& limits) {
  const std::shared_ptr<const Circuit> circuit = MakeProcessCircuit(
      program.path, program.digest, shape, fmt::format("{}#{}", path, function), limits);
  if (shape.is_float || shape.product_bits() > kMaxTableBits) RequireDeterministic(*circuit);
  return circuit;
}

}  // namespace

std::shared_ptr<const Circuit> LoadCSource(const std::string& path, const std::string& function,
                                           const CircuitShape& shape, const CircuitLimits& limits) {
  RequireValid(shape);
  return CircuitOf(BuildSource(path, function), path, function, shape, limits);
}

std::shared_ptr<const Circuit> LoadCSourceForFloats(const std::string& path,
                                                    const std::string& function,
                                                    int significand_bits,
                                                    const CircuitLimits& limits) {
  const Program program = BuildSource(path, function);
  CircuitChild child(program.path, limits);
  // One that does not even start is for MakeProcessCircuit to explain.
  const bool started = child.AwaitStart().kind == BatchEnd::Kind::kDone;
  const unsigned(&types)[3] = child.batch().types;
  CircuitShape shape{.a_bits = significand_bits, .b_bits = significand_bits};
  shape.is_float = started && TakesFloats({types[0], types[1], types[2]});
  return CircuitOf(program, path, function, shape, limits);
}

}  // namespace mulberry
