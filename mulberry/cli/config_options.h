// The options of the commands that train: every key of a configuration as a flag, the file that
// may give them, and what to do with a folder that exists. Not here: the keys (train/config.h).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/cli/command.h"
#include "mulberry/train/run_folder.h"

namespace mulberry {

struct ConfigArguments {
  std::string config_file;
  std::map<std::string_view, std::vector<std::string>> values;  ///< By key; those that were given.
  bool resume = false;
  bool force = false;
  bool json = false;

  Existing existing() const {
    if (resume) return Existing::kResume;
    return force ? Existing::kReplace : Existing::kRefuse;
  }
};

/// For a command's help, before its examples.
inline constexpr const char* kConfigNote =
    "Every option that is a key of the configuration may stand in the TOML file, without its "
    "dashes;\n"
    "the command line wins.\n\n";

/// `arguments` must outlive the parsing.
void AddConfigOptions(CLI::App& app, ConfigArguments& arguments);

/// The complete configuration: that of the file, with --resume else that of the folder, and over it
/// the flags. Throws UsageError.
Config ConfigOf(const ConfigArguments& arguments);

}  // namespace mulberry
