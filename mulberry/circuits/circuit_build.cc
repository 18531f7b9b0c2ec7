#include "mulberry/circuits/circuit_build.h"

#include <fcntl.h>
#include <gnu/libc-version.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "mulberry/base/error.h"
#include "mulberry/base/sha256.h"
#include "mulberry/circuits/circuit_cache.h"
#include "mulberry/circuits/circuit_runner.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

constexpr int kCompilerSeconds = 300;
constexpr size_t kOutputLimit = 1 << 20;

const char* VariableOf(Language language) {
  return language == Language::kC ? "CC" : "CXX";
}

/// The compiler's program and the options that its variable may name.
std::vector<std::string> CompilerWords(Language language) {
  const char* value = std::getenv(VariableOf(language));
  std::istringstream words(value ? value : "");
  std::vector<std::string> command;
  for (std::string word; words >> word;) command.push_back(word);
  if (command.empty()) command.push_back(language == Language::kC ? "cc" : "c++");
  return command;
}

void Append(std::vector<std::string>& list, const std::vector<std::string>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

void WriteText(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  if (!(file << text) || !file.flush()) throw Error("{}: cannot be written", path.string());
}

std::string DigestOf(const ProgramSource& source) {
  utsname machine{};
  uname(&machine);
  Sha256 digest;
  digest.Add(fmt::format("{} {}\n", machine.machine, gnu_get_libc_version()));
  for (const auto& words :
       {CompilerWords(source.language), CommonOptions(source.language), source.options}) {
    for (const std::string& word : words) digest.Add(word).Add(std::string_view("", 1));
    digest.Add("\n");
  }
  digest.Add(RunnerText());
  // Without the lines that say which file the next ones come from: only what is compiled counts.
  std::istringstream lines(source.text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# ")) digest.Add(line).Add("\n");
  }
  return digest.Digest();
}

/// Makes the file at `from`, complete and on the disk, that at `to`.
void Install(const fs::path& from, const fs::path& to) {
  const int descriptor = open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor >= 0) {
    fsync(descriptor);
    close(descriptor);
  }
  std::error_code error;
  fs::rename(from, to, error);
  if (error) throw Error("{}: cannot be written: {}", to.string(), error.message());
}

}  // namespace

void RequireReadableFile(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) throw Error("{}: cannot be read: it is a folder", path);
  if (!std::ifstream(path)) throw Error("{}: cannot be read: {}", path, std::strerror(errno));
}

ProcessResult RunCompiler(Language language, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = CompilerWords(language);
  Append(command, arguments);
  ProcessResult result = RunProcess(command, ".", kCompilerSeconds, kOutputLimit);
  if (result.exit_status == 127 || result.exit_status == 126) {
    throw Error("there is no compiler {} to compile a circuit with; install g++, or set {} to one",
                command[0], VariableOf(language));
  }
  if (result.exit_status == 124) {
    throw Error("{} did not finish a circuit within {} s", command[0], kCompilerSeconds);
  }
  return result;
}

std::vector<std::string> CommonOptions(Language language) {
  // Fused multiply-adds would make a float model depend on the machine. A file's own main function
  // is not in our way.
  return {language == Language::kC ? "-std=gnu17" : "-std=gnu++20", "-O2", "-w",
          "-ffp-contract=off", "-Dmain=mulberry_main_of_user"};
}

Program BuildProgram(const ProgramSource& source) {
  Program program;
  program.digest = DigestOf(source);
  program.path = CircuitCacheFolder("circuits") / program.digest;
  if (fs::exists(program.path)) return program;

  const bool is_c = source.language == Language::kC;
  const WorkFolder work;
  const fs::path text = work.path() / (is_c ? "circuit.c" : "circuit.cc");
  const fs::path object = work.path() / "circuit.o", runner = work.path() / "runner.c";
  const fs::path built = work.path() / "program";
  WriteText(text, source.text);
  WriteText(runner, RunnerText());

  std::vector<std::string> compile = CommonOptions(source.language);
  Append(compile, source.options);
  if (source.preprocessed) Append(compile, {"-x", is_c ? "cpp-output" : "c++-cpp-output"});
  Append(compile, {"-c", text.string(), "-o", object.string()});
  const ProcessResult compiled = RunCompiler(source.language, compile);
  if (compiled.exit_status != 0) {
    program.failure = Program::Failure::kCompile;
    program.output = compiled.output;
    return program;
  }
  const ProcessResult linked =
      RunCompiler(source.language, {"-O2", "-w", object.string(), "-x", "c", runner.string(), "-x",
                                    "none", "-lm", "-o", built.string()});
  if (linked.exit_status != 0) {
    program.failure = Program::Failure::kLink;
    program.output = linked.output;
    return program;
  }
  Install(built, program.path);
  return program;
}

}  // namespace mulberry
