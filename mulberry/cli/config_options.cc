#include "mulberry/cli/config_options.h"

#include <fmt/format.h>

#include <filesystem>

#include "mulberry/base/error.h"
#include "mulberry/report/metrics.h"

namespace mulberry {

namespace fs = std::filesystem;

namespace {

const char* TypeName(const ConfigKey& key) {
  if (std::holds_alternative<int64_t Config::*>(key.field)) return "N";
  if (std::holds_alternative<double Config::*>(key.field)) return "X";
  return "TEXT";
}

Config WithFlags(Config config, const ConfigArguments& arguments) {
  for (const ConfigKey& key : ConfigKeys()) {
    const auto given = arguments.values.find(key.name);
    if (given != arguments.values.end()) SetFromFlag(config, key, given->second);
  }
  return config;
}

}  // namespace

void AddConfigOptions(CLI::App& app, ConfigArguments& arguments) {
  app.add_option("--config", arguments.config_file, "TOML file with the configuration")
      ->type_name("FILE");
  const nlohmann::ordered_json defaults = ToJson(Config());
  for (const ConfigKey& key : ConfigKeys()) {
    const std::string flag = fmt::format("--{}", key.name);
    const auto add = [&arguments, name = key.name](const std::vector<std::string>& values) {
      arguments.values[name] = values;
    };
    const bool list = std::holds_alternative<std::vector<std::string> Config::*>(key.field);
    CLI::Option* option = app.add_option_function<std::vector<std::string>>(
        flag, add, std::string(key.help) + (list ? "; may be repeated" : ""));
    option->allow_extra_args(false)->type_name(TypeName(key));
    // Of a flag given twice the last wins, so that scripts can pass on what they are given.
    if (!list) option->expected(1)->take_last();
    const nlohmann::ordered_json& value = defaults[std::string(key.name)];
    if (value.is_number() || (value.is_string() && value != "")) {
      option->default_str(value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  app.add_flag("--resume", arguments.resume,
               "go on with the run in --out, whose configuration is the default then");
  app.add_flag("--force", arguments.force, "replace the run in --out");
  app.add_flag("--json", arguments.json, "print the results as JSON");
}

Config ConfigOf(const ConfigArguments& arguments) {
  if (arguments.resume && arguments.force) throw UsageError("--resume excludes --force");
  Config base;
  if (!arguments.config_file.empty()) base = ReadConfig(arguments.config_file);
  const Config given = WithFlags(base, arguments);
  if (!arguments.resume || !arguments.config_file.empty()) return Complete(given);
  // Flags such as --mac-costs may fit the saved configuration alone: only the folder is taken from
  // those given.
  Config folder;
  folder.model = given.model;
  folder.data = given.data;
  folder.out = given.out;
  const std::string out = Complete(folder).out;
  const fs::path saved = fs::path(out) / kConfigFile;
  if (!fs::exists(saved)) return Complete(given);
  Config resumed = WithFlags(ReadConfig(saved), arguments);
  resumed.out = out;
  return Complete(resumed);
}

}  // namespace mulberry
