// `mulberry sweep`: trains every point of a grid, and prints how they compare.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iostream>
#include <string_view>

#include "mulberry/base/error.h"
#include "mulberry/base/shared_lock.h"
#include "mulberry/base/threads.h"
#include "mulberry/cli/command.h"
#include "mulberry/cli/interrupt.h"
#include "mulberry/cli/sweep_workers.h"
#include "mulberry/train/compare.h"
#include "mulberry/train/machine.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using State = PointEnd::State;

constexpr const char* kExample =
    "A point that is finished is not trained again; one that was interrupted goes on.\n\n"
    "Examples:\n"
    "  mulberry sweep experiments/sweep.toml --workers 2\n"
    "  mulberry sweep experiments/sweep.toml --print | parallel -j 4";

// What a sweep that was killed a moment ago needs to save its points.
constexpr int kSecondsForPoints = 10;

struct Arguments {
  std::string file;
  std::string out;
  int workers = 1;
  bool print = false;
  bool json = false;
};

void AddOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("FILE", arguments.file, "TOML file with the base, the grid and the points")
      ->required()
      ->type_name("");
  app.add_option("--out", arguments.out, "folder of the sweep; default: the file's `out`")
      ->type_name("FOLDER");
  app.add_option("--workers", arguments.workers,
                 "points that are trained at a time; the processors are divided between them; "
                 "default: 1")
      ->check(CLI::Range(1, 4096))
      ->type_name("N");
  app.add_flag("--print", arguments.print,
               "train nothing: make the points' folders and print a shell command for each, for "
               "Slurm arrays or GNU parallel");
  app.add_flag("--json", arguments.json, "print the results as JSON");
  app.footer(kExample);
}

// The word as a shell reads it back.
std::string Quoted(const std::string& word) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("@+-=._/,:").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, plain)) return word;
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') quoted += "'\\'";
    quoted += c;
  }
  quoted += '\'';
  return quoted;
}

void PrintCommands(const Sweep& sweep) {
  for (const SweepPoint& point : sweep.points) {
    std::string line = "mulberry";
    for (const std::string& word : CommandOf(point)) line += fmt::format(" {}", Quoted(word));
    std::cout << line << "\n";
  }
}

// The table of the points that are finished, those of this call and those from before.
TableOfRuns TableOf(const Sweep& sweep) {
  std::vector<std::string> folders;
  for (const SweepPoint& point : sweep.points) folders.push_back(point.config.out);
  return MakeRunTable(FindRuns(folders), ConfigKeyRoles(), nullptr);
}

void PrintResults(const Sweep& sweep, const std::vector<PointEnd>& ends, bool as_json) {
  const TableOfRuns table = TableOf(sweep);
  for (const std::string& warning : table.warnings) Warn("sweep", warning);
  if (!as_json) {
    if (!table.rows.empty()) std::cout << ReadableTable(table).Text() << "\n";
    for (const std::string& note : Notes(table)) std::cout << note << "\n";
    return;
  }
  Json points = Json::array();
  for (size_t i = 0; i < ends.size(); ++i) {
    points.push_back({{"name", sweep.points[i].name},
                      {"folder", sweep.points[i].config.out},
                      {"state", Name(ends[i].state)}});
    if (ends[i].state == State::kFailed) points.back()["why"] = ends[i].why;
  }
  PrintJson({{"out", sweep.out}, {"points", points}, {"report", ToJson(table)}});
}

}  // namespace

int RunSweep(int argc, char** argv) {
  CLI::App app("Trains every point of a grid of configurations and compares them.",
               "mulberry sweep");
  Arguments arguments;
  AddOptions(app, arguments);
  if (!ParseArguments(app, argc, argv)) return 0;
  if (arguments.print && arguments.json) throw UsageError("--print excludes --json");
  const Sweep sweep = ReadSweep(arguments.file, arguments.out);
  fs::create_directories(sweep.out);
  const SharedLock lock(fs::path(sweep.out) / "lock", kSecondsForPoints);
  if (!lock.held()) throw Error("{}: another sweep trains its points just now", sweep.out);
  PrepareFolders(sweep);
  if (arguments.print) {
    PrintCommands(sweep);
    return 0;
  }
  UseThreads(0);
  CatchInterrupts();
  std::vector<PointEnd> ends;
  {
    ProgressDisplay progress(std::cerr, ProgressDisplay::StandardErrorOptions());
    ends = RunPoints(sweep, arguments.workers, std::max(1, Threads() / arguments.workers), progress,
                     Interrupted);
  }
  PrintResults(sweep, ends, arguments.json);
  int failures = 0;
  for (size_t i = 0; i < ends.size(); ++i) {
    if (ends[i].state != State::kFailed) continue;
    ++failures;
    std::cerr << fmt::format("mulberry sweep: {} failed: {}; its log is {}\n", sweep.points[i].name,
                             ends[i].why,
                             (fs::path(sweep.points[i].config.out) / kLogFile).string());
  }
  if (std::ranges::any_of(ends, [](const PointEnd& end) { return end.state == State::kStopped; })) {
    throw Error("stopped; the same command goes on");
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace mulberry
