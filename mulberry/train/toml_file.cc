#include "mulberry/train/toml_file.h"

#include <fstream>
#include <sstream>

#include "mulberry/base/error.h"

namespace mulberry {

toml::table ParseToml(std::string_view text, const std::string& name) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& e) {
    const auto& where = e.source().begin;
    throw UsageError("{}:{}:{}: {}", name, where.line, where.column, e.description());
  }
}

toml::table ReadToml(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) throw Error("{}: cannot be read", path);
  return ParseToml(text.str(), path);
}

}  // namespace mulberry
