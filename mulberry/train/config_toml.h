// Configuration keys out of TOML that is already parsed: for files in which they are but a part.
// Whole files of them are read by config.h.
#pragma once

#include <toml++/toml.h>

#include <string>

#include "mulberry/train/config.h"

namespace mulberry {

/// Throws UsageError that names the key, what was found and what is accepted.
void SetFromToml(Config& config, const ConfigKey& key, const toml::node& node);
/// Sets all keys of the table. Throws UsageError that names the file, the line and the key.
void SetFromToml(Config& config, const toml::table& table, const std::string& name);

}  // namespace mulberry
