// Reading files of one JSON object, with their names in every message. Internal to this folder.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "mulberry/base/error.h"

namespace mulberry {

/// The content of the file. `what` says in messages what it should be: "a histogram of operands".
/// Throws Error where it cannot be read or is no JSON.
nlohmann::ordered_json ReadJson(const std::string& path, std::string_view what);

/// The fields of the object that the file at `path` has.
class JsonFields {
 public:
  using Json = nlohmann::ordered_json;

  /// Refers to `json`.
  JsonFields(const Json& json, std::string path, std::string_view what)
      : json_(json), path_(std::move(path)), what_(what) {}

  template <typename... Args>
  [[noreturn]] void Fail(fmt::format_string<Args...> format, Args&&... args) const {
    throw Error("{}: not {}: {}", path_, what_, fmt::format(format, std::forward<Args>(args)...));
  }

  const Json& Field(std::string_view key) const;
  std::string Text(std::string_view key) const;
  /// A whole number.
  int64_t Number(std::string_view key, int64_t minimum, int64_t maximum) const;

 private:
  const Json& json_;
  std::string path_;
  std::string_view what_;
};

}  // namespace mulberry
