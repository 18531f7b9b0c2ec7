// Reading TOML, with errors that name the place. Not here: what any file says.
#pragma once

#include <toml++/toml.h>

#include <string>
#include <string_view>

namespace mulberry {

/// Throws UsageError that names the file, which `name` stands for, the line and the column.
toml::table ParseToml(std::string_view text, const std::string& name);
/// The same of a file. Throws Error if it cannot be read.
toml::table ReadToml(const std::string& path);

}  // namespace mulberry
