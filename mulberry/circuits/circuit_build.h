// Compiling the program in which a circuit runs, with the machine's compiler, once: it is kept in
// the cache under the digest of its text, the compiler's name and options, and the kind of machine.
// Two processes that compile the same at once do no harm.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mulberry/base/process.h"

namespace mulberry {

/// Throws Error that names the file and why it cannot be read.
void RequireReadableFile(const std::string& path);

enum class Language : uint8_t { kC, kCpp };

/// Runs $CC (else cc) or $CXX (else c++) with `arguments` in the current folder. Throws Error if
/// there is none, or if it takes minutes.
ProcessResult RunCompiler(Language language, const std::vector<std::string>& arguments);

/// What all compilations of users' code have in common.
std::vector<std::string> CommonOptions(Language language);

struct ProgramSource {
  std::string text;  ///< Defines mulberry_types and mulberry_evaluate (circuit_runner.h).
  Language language = Language::kC;
  bool preprocessed = false;         ///< The text is not to be preprocessed again.
  std::vector<std::string> options;  ///< Further options of the compiler.
};

struct Program {
  enum class Failure : uint8_t { kNone, kCompile, kLink };

  std::filesystem::path path;
  std::string digest;
  Failure failure = Failure::kNone;
  std::string output;  ///< What the compiler said where it failed.
};

/// The program of `source`, compiled unless it is in the cache. A failure of the compiler is a
/// result. Throws Error where there is no compiler or no cache.
Program BuildProgram(const ProgramSource& source);

}  // namespace mulberry
