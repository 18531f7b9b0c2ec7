// Rows of runs. See run_table.h.
#include "mulberry/report/run_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "mulberry/base/error.h"
#include "mulberry/report/comparison.h"
#include "mulberry/report/pareto.h"
#include "mulberry/report/statistics.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

// A row while its runs are gathered.
struct Group {
  Json configuration;  // Of all keys that tell rows apart.
  std::vector<const RecordedRun*> runs;
};

const Json& ConfigurationOf(const RecordedRun& run) {
  return run.metrics.header.configuration;
}

Json Without(Json configuration, const std::set<std::string>& keys) {
  for (const std::string& key : keys) configuration.erase(key);
  return configuration;
}

bool IsBaseline(const Json& configuration) {
  const auto empty = [&](const char* key) {
    const auto found = configuration.find(key);
    return found == configuration.end() || found->empty();
  };
  // In FP32 a warm-up in FP32 changes nothing.
  const auto warms_up = [](const Json& schedules) {
    return std::all_of(schedules.begin(), schedules.end(), [](const Json& schedule) {
      return schedule.is_string() && schedule.get<std::string>().starts_with("warmup");
    });
  };
  return configuration.at("arithmetic") == Json::array({"fp32"}) && empty("policy") &&
         (empty("schedule") || warms_up(configuration.at("schedule")));
}

std::vector<Group> GroupRuns(const FoundRuns& found, const KeyRoles& roles, TableOfRuns& table) {
  std::vector<Group> groups;
  for (const RecordedRun& run : found.runs) {
    if (!run.metrics.finished() || run.metrics.epochs.empty()) {
      table.unfinished.push_back(
          {run.folder, static_cast<int>(run.metrics.epochs.size()), run.metrics.header.epochs});
      continue;
    }
    const Json configuration = Without(ConfigurationOf(run), roles.ignored);
    const auto group = std::ranges::find(groups, configuration, &Group::configuration);
    if (group == groups.end()) {
      groups.push_back({configuration, {&run}});
      continue;
    }
    const auto twin = std::ranges::find_if(group->runs, [&](const RecordedRun* other) {
      return ConfigurationOf(*other).at("seed") == ConfigurationOf(run).at("seed");
    });
    if (twin == group->runs.end()) {
      group->runs.push_back(&run);
    } else {
      table.warnings.push_back(
          fmt::format("{}: left out, as it has the configuration and the seed of {}", run.folder,
                      (*twin)->folder));
    }
  }
  return groups;
}

// Arithmetic and model, then what differs, in the order of the configuration.
std::vector<std::string> KeysOf(const std::vector<Group>& groups) {
  std::vector<std::string> keys = {"arithmetic", "model"};
  for (const Group& group : groups) {
    for (const auto& [key, value] : group.configuration.items()) {
      const bool differs = std::ranges::any_of(groups, [&, &k = key, &v = value](const Group& g) {
        const auto other = g.configuration.find(k);
        return other == g.configuration.end() || *other != v;
      });
      if (differs && std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
    }
  }
  return keys;
}

void Sort(std::vector<Group>& groups, const std::vector<std::string>& keys, const KeyRoles& roles) {
  const auto values = [&](const Group& group, bool of_arithmetic) {
    Json list = Json::array();
    for (const std::string& key : keys) {
      if (roles.arithmetic.contains(key) != of_arithmetic) continue;
      list.push_back(group.configuration.value(key, Json()));
    }
    return list;
  };
  std::ranges::sort(groups, [&](const Group& x, const Group& y) {
    const Json of_x = values(x, false), of_y = values(y, false);
    if (of_x != of_y) return of_x < of_y;
    const bool first_x = IsBaseline(x.configuration), first_y = IsBaseline(y.configuration);
    return first_x != first_y ? first_x : values(x, true) < values(y, true);
  });
}

RunRow RowOf(Group group, const std::vector<std::string>& keys) {
  RunRow row;
  for (const std::string& key : keys)
    row.configuration[key] = group.configuration.value(key, Json());
  std::ranges::sort(group.runs, {}, [](const RecordedRun* run) {
    return ConfigurationOf(*run).at("seed").get<int64_t>();
  });
  std::vector<double> accuracies, seconds, slow_downs;
  for (const RecordedRun* run : group.runs) {
    row.folders.push_back(run->folder);
    row.seeds.push_back(ConfigurationOf(*run).at("seed"));
    const ComparisonRow of_run = Summarize("", "", run->metrics);
    accuracies.push_back(of_run.test_accuracy_pct);
    if (of_run.seconds_an_epoch) seconds.push_back(*of_run.seconds_an_epoch);
    if (of_run.slow_down) slow_downs.push_back(*of_run.slow_down);
  }
  row.accuracy_pct = *Mean(accuracies);
  row.deviation_pct = SampleStandardDeviation(accuracies);
  row.seconds_an_epoch = Mean(seconds);
  row.slow_down = Median(slow_downs);
  return row;
}

bool OnOneMachine(const Group& x, const Group& y) {
  const RunHeader& first = x.runs.front()->metrics.header;
  const auto same = [&](const RecordedRun* run) {
    const RunHeader& header = run->metrics.header;
    return header.cpu == first.cpu && header.threads == first.threads;
  };
  return std::ranges::all_of(x.runs, same) && std::ranges::all_of(y.runs, same);
}

double CostOf(const RecordedRun& run, const ArithmeticCosts& costs) {
  const Json& configuration = ConfigurationOf(run);
  const std::string arithmetic = configuration.at("arithmetic")[0];
  const std::string& folder = run.folder;
  for (const char* key : {"policy", "schedule"}) {
    for (const Json& entry : configuration.value(key, Json::array())) {
      const std::string text = entry.is_string() ? entry.get<std::string>() : entry.dump();
      if (text.starts_with("warmup")) continue;
      throw UsageError(
          "{}: {} is {}: its products have no single cost; report it apart, without "
          "costs",
          folder, key, text);
    }
  }
  const auto cost = costs.costs.find(arithmetic);
  if (cost != costs.costs.end()) return cost->second;
  std::vector<std::string> known;
  for (const auto& [name, value] : costs.costs) known.push_back(name);
  throw UsageError("{}: there is no cost of '{}', which {} has; it has costs of: {}", costs.file,
                   arithmetic, folder, fmt::to_string(fmt::join(known, ", ")));
}

// What rows of one setting, from `begin` to before `end`, are to each other.
void CompareRows(const std::vector<Group>& groups, size_t begin, size_t end, TableOfRuns& table) {
  std::vector<RunRow>& rows = table.rows;
  const RunRow& first = rows[begin];
  const bool baseline = IsBaseline(groups[begin].configuration);
  for (size_t i = begin; i < end && baseline; ++i) {
    rows[i].difference_points = rows[i].accuracy_pct - first.accuracy_pct;
    if (rows[i].seconds_an_epoch && first.seconds_an_epoch &&
        OnOneMachine(groups[begin], groups[i])) {
      rows[i].time_ratio = *rows[i].seconds_an_epoch / *first.seconds_an_epoch;
    }
  }
  if (table.cost_name.empty()) return;
  std::vector<ParetoPoint> points;
  for (size_t i = begin; i < end; ++i) points.push_back({*rows[i].cost, rows[i].accuracy_pct});
  const std::vector<bool> front = ParetoFront(points);
  for (size_t i = begin; i < end; ++i) rows[i].on_front = front[i - begin];
}

}  // namespace

RunCosts CostsByArithmetic(ArithmeticCosts costs) {
  std::string unit = costs.unit;
  return {"cost of a MAC", std::move(unit),
          [costs = std::move(costs)](const RecordedRun& run) { return CostOf(run, costs); }};
}

TableOfRuns MakeRunTable(const FoundRuns& found, const KeyRoles& roles, const RunCosts* costs) {
  TableOfRuns table;
  table.warnings = found.damaged;
  std::vector<Group> groups = GroupRuns(found, roles, table);
  for (const std::string& folder : found.not_begun) table.unfinished.push_back({folder, 0, 0});
  std::ranges::sort(table.unfinished, {}, &UnfinishedRun::folder);
  table.keys = KeysOf(groups);
  Sort(groups, table.keys, roles);
  if (costs) {
    table.cost_name = costs->name;
    table.cost_unit = costs->unit;
  }
  for (const Group& group : groups) {
    table.rows.push_back(RowOf(group, table.keys));
    if (!costs) continue;
    std::vector<double> of_runs;
    for (const RecordedRun* run : group.runs) of_runs.push_back(costs->of(*run));
    table.rows.back().cost = Mean(of_runs);
  }
  for (size_t begin = 0, end = 0; begin < groups.size(); begin = end) {
    const Json setting = Without(groups[begin].configuration, roles.arithmetic);
    while (end < groups.size() && Without(groups[end].configuration, roles.arithmetic) == setting) {
      ++end;
    }
    CompareRows(groups, begin, end, table);
  }
  return table;
}

}  // namespace mulberry
