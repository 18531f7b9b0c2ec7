#include "mulberry/analysis/json_fields.h"

#include <fstream>
#include <sstream>

namespace mulberry {

nlohmann::ordered_json ReadJson(const std::string& path, std::string_view what) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (!file || !(text << file.rdbuf()))
    throw Error("{}: cannot be read; it should be {}", path, what);
  try {
    return nlohmann::ordered_json::parse(text.str());
  } catch (const nlohmann::ordered_json::parse_error& error) {
    throw Error("{}: not {}: {}", path, what, error.what());
  }
}

const JsonFields::Json& JsonFields::Field(std::string_view key) const {
  if (!json_.is_object()) Fail("it is no JSON object");
  const auto field = json_.find(key);
  if (field == json_.end()) Fail("\"{}\" is missing", key);
  return *field;
}

std::string JsonFields::Text(std::string_view key) const {
  const Json& field = Field(key);
  if (!field.is_string()) Fail("\"{}\" is {}, not a text", key, field.dump());
  return field.get<std::string>();
}

int64_t JsonFields::Number(std::string_view key, int64_t minimum, int64_t maximum) const {
  const Json& field = Field(key);
  if (!field.is_number_integer() || field < minimum || field > maximum) {
    Fail("\"{}\" is {}, not a whole number from {} to {}", key, field.dump(), minimum, maximum);
  }
  return field.get<int64_t>();
}

}  // namespace mulberry
