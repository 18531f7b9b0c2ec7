// `mulberry data`: the files of the data sets: fetching them, checking them, and where they are.
#include <fmt/format.h>

#include <iostream>

#include "mulberry/base/error.h"
#include "mulberry/cli/command.h"
#include "mulberry/data/mnist.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

int Fetch(bool force, bool json) {
  const bool fetched = FetchMnist(
      force, [](std::string_view line) { std::cerr << "mulberry data: " << line << std::endl; });
  const std::string folder = FolderOf(MnistFiles());
  if (json) {
    PrintJson({{"folder", folder}, {"fetched", fetched}});
  } else {
    std::cout << fmt::format("mnist: {} {}\n", fetched ? "fetched into" : "already in", folder);
  }
  return 0;
}

int Verify(bool json) {
  const std::vector<FileStatus> files = VerifyMnist();
  bool good = true;
  Json list = Json::array();
  for (const FileStatus& file : files) {
    good = good && file.good;
    list.push_back({{"path", file.path.string()}, {"good", file.good}, {"problem", file.problem}});
    if (!json) {
      std::cout << fmt::format("{}: {}\n", file.path.string(), file.good ? "good" : file.problem);
    }
  }
  if (json) PrintJson({{"good", good}, {"files", list}});
  if (!good) throw Error("mnist is not whole; `mulberry data fetch mnist` mends it");
  return 0;
}

int Path(bool json) {
  const std::string folder = FolderOf(MnistFiles());
  if (json) {
    PrintJson({{"folder", folder}});
  } else {
    std::cout << folder << "\n";
  }
  return 0;
}

}  // namespace

int RunData(int argc, char** argv) {
  CLI::App app("Fetches and checks the files of data sets.", "mulberry data");
  std::string action;
  std::string data;
  bool force = false;
  bool json = false;
  app.add_option("ACTION", action,
                 "fetch: download what is missing or damaged; verify: check every file's digest; "
                 "path: print the folder")
      ->required()
      ->type_name("")
      ->check(CLI::IsMember({"fetch", "verify", "path"}));
  app.add_option("DATA", data, "the data set; see `mulberry list data`")->required()->type_name("");
  app.add_flag("--force", force, "fetch even what is there and good");
  app.add_flag("--json", json, "print JSON");
  app.footer(
      "The folder is $MULBERRY_DATA if set, else mulberry in the user's cache folder.\n\n"
      "Example:\n  mulberry data fetch mnist");
  if (!ParseArguments(app, argc, argv)) return 0;
  if (FindDataset(data).name != "mnist") throw UsageError("data {} has no files", data);
  if (action == "fetch") return Fetch(force, json);
  return action == "verify" ? Verify(json) : Path(json);
}

}  // namespace mulberry
