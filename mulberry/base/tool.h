// The programs of other packages that Mulberry runs: whether they are there and new enough, and how
// long they may take. Not for programs that run beside this one (child_process.h).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/base/process.h"

namespace mulberry {

struct Tool {
  const char* program;   ///< "yosys".
  const char* use;       ///< What for, as a message begins: "synthesis".
  const char* packages;  ///< Debian's: "the package yosys".
  const char* version_flag = nullptr;
  /// The oldest version that will do, such as "0.23"; the first number with a dot that
  /// `version_flag` makes the program print is its version. Null: any.
  const char* minimum = nullptr;
};

/// Runs the program with `arguments` in `folder` for at most `seconds`, and keeps at most the last
/// MiB of what it prints. Throws Error that says what to do where there is no such program, where
/// it is too old, and where it was stopped by the limit or a signal. Any other exit status is a
/// result.
ProcessResult RunTool(const Tool& tool, const std::vector<std::string>& arguments,
                      const std::filesystem::path& folder, int seconds);

/// The same, but nothing where it was stopped by the limit or ran out of memory.
std::optional<ProcessResult> RunToolWithin(const Tool& tool,
                                           const std::vector<std::string>& arguments,
                                           const std::filesystem::path& folder, int seconds);

/// What the program says of its version: a line.
std::string ToolVersion(const Tool& tool);

/// Whether version `found` is `minimum` or later, number by number: 5.10 is later than 5.6.
bool IsVersionAtLeast(std::string_view found, std::string_view minimum);

/// From the first line of `output` that has `mark` on; all of it if none has.
std::string OutputFrom(const std::string& output, const std::string& mark);

}  // namespace mulberry
