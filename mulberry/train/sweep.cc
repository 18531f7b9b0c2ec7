// The points of a sweep, and their folders. See sweep.h.
#include "mulberry/train/sweep.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <type_traits>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"
#include "mulberry/base/suggest.h"
#include "mulberry/train/checkpoint.h"
#include "mulberry/train/compare.h"
#include "mulberry/train/config_toml.h"
#include "mulberry/train/recipe.h"
#include "mulberry/train/toml_file.h"
#include "mulberry/train/trainer.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

// A point before it is checked: what the file sets, and where.
struct RawPoint {
  Config config;
  std::vector<const ConfigKey*> axes;  // In the order of ConfigKeys.
  int64_t line = 0;
};

// Keys that are not a point's to choose.
void RequireAllowed(const ConfigKey& key) {
  if (key.name != "out") return;
  throw UsageError(
      "out: the folders of points are in the sweep's, which the file's first `out` names");
}

std::string LabelOf(const RawPoint& point, const Config& config) {
  const nlohmann::ordered_json values = ToJson(config);
  std::string label;
  for (const ConfigKey* key : point.axes) {
    const nlohmann::ordered_json& value = values.at(std::string(key->name));
    std::string text;
    if (value.is_array()) {
      text = fmt::format("{}", fmt::join(value.get<std::vector<std::string>>(), ","));
    } else {
      text = value.is_string() ? value.get<std::string>() : value.dump();
    }
    if (text.empty()) text = "none";
    if (!label.empty()) label += " ";
    // These say by themselves what they are.
    const bool plain = key->name == "model" || key->name == "data" || key->name == "arithmetic";
    label += plain ? text : fmt::format("{}={}", key->name, text);
  }
  return label;
}

class Reader {
 public:
  Reader(const toml::table& table, std::string file) : table_(table), file_(std::move(file)) {}

  Sweep Read(const std::string& out) {
    CheckKeys();
    Sweep sweep;
    sweep.out = out.empty() ? Text("out") : out;
    if (sweep.out.empty()) {
      throw UsageError("{}: there is no `out`, the folder of the sweep; or give --out", file_);
    }
    ReadBase();
    ReadPoints();
    for (const RawPoint& point : points_) sweep.points.push_back(Checked(point, sweep.out));
    // What was left out everywhere is a mistake.
    const RawPoint& first = points_.front();
    if (!recipe_serves_) Named(first, [&] { RequireRecipeServes(first.config); });
    RequireApart(sweep);
    return sweep;
  }

 private:
  [[noreturn]] void Refuse(const toml::source_region& where, const std::string& message) const {
    throw UsageError("{}:{}: {}", file_, where.begin.line, message);
  }

  void CheckKeys() const {
    const std::vector<std::string_view> known = {"out", "config", "base", "grid", "point"};
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(known, key.str()) != known.end()) continue;
      const std::string_view nearest = Nearest(key.str(), known);
      Refuse(
          key.source(),
          fmt::format("unknown key '{}'; {} keys of runs belong into [base], [grid] or [[point]]",
                      key.str(),
                      nearest.empty() ? "there are out, config, [base], [grid] and [[point]];"
                                      : fmt::format("did you mean '{}'?", nearest)));
    }
  }

  std::string Text(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (!node) return "";
    if (const auto text = node->value_exact<std::string>()) return *text;
    Refuse(node->source(), fmt::format("{}: must be a string", key));
  }

  // The tables under a key that may be a table or a list of them.
  std::vector<const toml::table*> Tables(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (!node) return {};
    if (node->is_table()) return {node->as_table()};
    std::vector<const toml::table*> tables;
    if (const toml::array* list = node->as_array()) {
      for (const toml::node& item : *list) {
        if (item.is_table()) tables.push_back(item.as_table());
      }
      if (tables.size() == list->size() && !tables.empty()) return tables;
    }
    Refuse(node->source(), fmt::format("{0}: must be a table, [{0}] or [[{0}]]", key));
  }

  const ConfigKey& Key(const toml::key& name) const {
    try {
      const ConfigKey& key = FindConfigKey(name.str());
      RequireAllowed(key);
      return key;
    } catch (const UsageError& e) {
      Refuse(name.source(), e.what());
    }
  }

  void SetKey(Config& config, const ConfigKey& key, const toml::node& node) const {
    try {
      SetFromToml(config, key, node);
    } catch (const UsageError& e) {
      Refuse(node.source(), e.what());
    }
  }

  void ReadBase() {
    const std::string config = Text("config");
    if (!config.empty()) base_ = ReadConfig(config);
    base_.out.clear();
    const std::vector<const toml::table*> tables = Tables("base");
    if (tables.size() > 1) Refuse(tables[1]->source(), "base: there is one, [base]");
    if (tables.empty()) return;
    for (const auto& [name, node] : *tables[0]) SetKey(base_, Key(name), node);
  }

  void ReadPoints() {
    for (const toml::table* grid : Tables("grid")) AddGrid(*grid);
    for (const toml::table* point : Tables("point")) AddPoint(*point);
    if (!points_.empty()) return;
    throw UsageError("{}: there are no points: give a [grid] or a [[point]]", file_);
  }

  // The table's keys in the order of ConfigKeys.
  std::vector<std::pair<const ConfigKey*, const toml::node*>> SortedKeys(const toml::table& table,
                                                                         const char* kind) const {
    std::vector<std::pair<const ConfigKey*, const toml::node*>> keys;
    for (const auto& [name, node] : table) keys.emplace_back(&Key(name), &node);
    std::ranges::sort(keys);  // ConfigKeys is one array.
    if (keys.empty()) Refuse(table.source(), fmt::format("{}: it has no keys", kind));
    return keys;
  }

  void AddGrid(const toml::table& grid) {
    std::vector<RawPoint> points = {{base_, {}, grid.source().begin.line}};
    for (const auto& [key, node] : SortedKeys(grid, "grid")) {
      const toml::array* values = node->as_array();
      if (!values || values->empty()) {
        Refuse(node->source(), fmt::format("grid: {}: must be a list of at least one value; a key "
                                           "with one value for all belongs into [base]",
                                           key->name));
      }
      std::vector<RawPoint> longer;
      for (const RawPoint& point : points) {
        for (const toml::node& value : *values) {
          longer.push_back(point);
          longer.back().axes.push_back(key);
          SetKey(longer.back().config, *key, value);
        }
      }
      points = std::move(longer);
    }
    points_.insert(points_.end(), points.begin(), points.end());
  }

  void AddPoint(const toml::table& table) {
    RawPoint point = {base_, {}, table.source().begin.line};
    for (const auto& [key, node] : SortedKeys(table, "point")) {
      point.axes.push_back(key);
      SetKey(point.config, *key, *node);
    }
    points_.push_back(std::move(point));
  }

  // Runs `check`, whose errors then name the file, the line and the point.
  template <typename Function>
  std::invoke_result_t<Function> Named(const RawPoint& point, const Function& check) const {
    try {
      return check();
    } catch (const UsageError& e) {
      // A text of several lines has a caret in it, which a prefix would shift.
      const std::string text = e.what();
      throw UsageError("{}:{}: point {}:{}{}", file_, point.line, LabelOf(point, point.config),
                       text.find('\n') == std::string::npos ? " " : "\n", text);
    }
  }

  // The base's recipe is not for runs that cannot have one; what the point itself sets is.
  Config WithoutUnservedRecipe(const RawPoint& point) {
    Config config = point.config;
    if (!PolicyOf(config).native()) {
      recipe_serves_ = true;
      return config;
    }
    for (const auto field :
         {&Config::weights, &Config::gradients, &Config::batch_norm, &Config::loss_scale}) {
      const bool own = std::ranges::any_of(
          point.axes, [&](const ConfigKey* key) { return key->field == ConfigKey::Field(field); });
      if (!own) config.*field = "";
    }
    return config;
  }

  SweepPoint Checked(const RawPoint& point, const std::string& out) {
    return Named(point, [&] {
      if (point.config.arithmetic.size() != 1) {
        throw UsageError("arithmetic: a point has one, not {}; several are an axis of [grid]",
                         point.config.arithmetic.size());
      }
      SweepPoint checked;
      checked.config = Complete(WithoutUnservedRecipe(point));
      RequireRecipeServes(checked.config);
      checked.name = LabelOf(point, checked.config);
      const std::string folder = RunFolderName(checked.name);
      checked.config.out = fs::path(out) / folder;
      for (std::string* recorded :
           {&checked.config.record_operands, &checked.config.record_traces}) {
        if (!recorded->empty()) *recorded = fs::path(*recorded) / folder;
      }
      return checked;
    });
  }

  void RequireApart(const Sweep& sweep) const {
    std::map<std::string, size_t> folders;
    for (size_t i = 0; i < sweep.points.size(); ++i) {
      const SweepPoint& point = sweep.points[i];
      const auto [at, is_new] = folders.emplace(point.config.out, i);
      if (is_new) continue;
      const SweepPoint& other = sweep.points[at->second];
      throw UsageError(
          "{}:{}: point {}: {}", file_, points_[i].line, point.name,
          point.name == other.name
              ? fmt::format("is there already, in line {}", points_[at->second].line)
              : fmt::format("would share the folder {} with {}", at->first, other.name));
    }
  }

  const toml::table& table_;
  const std::string file_;
  Config base_;
  std::vector<RawPoint> points_;
  bool recipe_serves_ = false;
};

}  // namespace

Sweep ParseSweep(std::string_view toml, const std::string& file, const std::string& out) {
  return Reader(ParseToml(toml, file), file).Read(out);
}

Sweep ReadSweep(const std::string& path, const std::string& out) {
  return Reader(ReadToml(path), path).Read(out);
}

void PrepareFolders(const Sweep& sweep) {
  for (const SweepPoint& point : sweep.points) {
    const fs::path folder = point.config.out;
    RequireSameRun(folder, point.config);
    if (fs::exists(folder / kConfigFile)) continue;
    if (!fs::exists(folder / kMetricsFile) && !fs::exists(folder / kCheckpointFile)) continue;
    throw Error("{}: holds a run without {}; move it away", folder.string(), kConfigFile);
  }
  for (const SweepPoint& point : sweep.points) {
    std::error_code error;
    fs::create_directories(point.config.out, error);
    if (error) throw Error("{}: cannot be created: {}", point.config.out, error.message());
    ReplaceFile(fs::path(point.config.out) / kConfigFile, ToToml(point.config));
  }
}

bool IsFinished(const std::string& folder) {
  const fs::path checkpoint = fs::path(folder) / kCheckpointFile;
  if (!fs::exists(checkpoint)) return false;
  try {
    const Metrics record = ReadMetrics(fs::path(folder) / kMetricsFile);
    // The record is the first to have an epoch.
    return record.finished() && Checkpoint(checkpoint).state().epoch >= std::ssize(record.epochs);
  } catch (const Error&) {
    return false;  // Going on with it will tell what is wrong.
  }
}

}  // namespace mulberry
