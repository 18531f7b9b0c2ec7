// Reading command lines. See command.h.
#include "mulberry/cli/command.h"

#include <fmt/format.h>

#include <iostream>
#include <string_view>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/base/suggest.h"

namespace mulberry {
namespace {

[[noreturn]] void RefuseArgument(const CLI::App& app, const std::string& argument) {
  // --flag=value
  const std::string flag = argument.substr(0, argument.find('='));
  if (flag.rfind("-", 0) != 0) throw UsageError("unexpected argument '{}'", argument);
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::string_view nearest = Nearest(flag, {names.begin(), names.end()});
  if (nearest.empty()) throw UsageError("unknown flag '{}'; --help lists the flags", flag);
  throw UsageError("unknown flag '{}'; did you mean '{}'?", flag, nearest);
}

}  // namespace

bool ParseArguments(CLI::App& app, int argc, char** argv) {
  // What CLI11 does not know is refused here, where the nearest flag can be named.
  app.allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return false;
  } catch (const CLI::ParseError& e) {
    // A mistyped flag is a likelier fault than what is missing because of it.
    const std::vector<std::string> unknown = app.remaining();
    if (!unknown.empty()) RefuseArgument(app, unknown.front());
    throw UsageError("{}; --help shows an example", e.what());
  }
  const std::vector<std::string> unknown = app.remaining();
  if (!unknown.empty()) RefuseArgument(app, unknown.front());
  return true;
}

void PrintJson(const nlohmann::ordered_json& json) {
  std::cout << json.dump(2) << "\n";
}

void Warn(const char* command, const std::string& text) {
  std::cerr << fmt::format("mulberry {}: warning: {}\n", command, text);
}

}  // namespace mulberry
