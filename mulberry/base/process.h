// Running another program to its end, without a shell. Not for programs that are talked to.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace mulberry {

struct ProcessResult {
  int exit_status =
      0;               ///< 124: stopped at the time limit; 127: no such program; 128 + n: signal n.
  std::string output;  ///< The end of what it wrote to standard output and error.
};

/// Runs `command` (the program, looked up in PATH, and its arguments) in `folder` with no standard
/// input, for at most `seconds`; what it has started by then ends with it, as it does should this
/// process end before. Keeps at most `output_limit` bytes of output. Throws Error only
/// where no process can be started at all.
ProcessResult RunProcess(const std::vector<std::string>& command,
                         const std::filesystem::path& folder, int seconds,
                         size_t output_limit = 4096);

}  // namespace mulberry
