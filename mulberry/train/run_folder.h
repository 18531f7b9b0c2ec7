// The folder `out` of a command that trains: config.toml, and the runs in it, the one or one each
// in a sub-folder. Not here: the files of a run (trainer.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mulberry/train/config.h"

namespace mulberry {

/// What to do with an `out` that exists.
enum class Existing : uint8_t {
  kRefuse,   ///< Throw Error unless it is empty.
  kResume,   ///< Go on; throw Error unless it is a run of the same configuration.
  kReplace,  ///< Start again; files that are not a run's stay.
};

/// Throws Error if a run of `config` may not go into its `out`.
void CheckFolder(const Config& config, Existing existing);

/// Throws Error that says how `config` differs from the run in the folder, if there is one and it
/// does.
void RequireSameRun(const std::string& folder, const Config& config);

/// Creates a folder unless it is there. Throws Error.
void OpenFolder(const std::string& folder);

/// Creates config.out and writes config.toml there; to replace what is there, first removes the
/// files of the runs in it and in its sub-folders.
void StartFolder(const Config& config, Existing existing);

/// The sub-folder of an arithmetic: its specification, with _ for what file names had better not
/// have, and of a long one its end and a digest.
std::string RunFolderName(const std::string& arithmetic);
/// Throws UsageError if two of the runs, which are named by their arithmetics, would have one
/// sub-folder.
void RequireApart(const std::vector<std::string>& arithmetics);

}  // namespace mulberry
