// `mulberry data`: the files of the data sets: fetching them, checking them, and where they are.
#include <fmt/format.h>

#include <iostream>

#include "mulberry/base/error.h"
#include "mulberry/cli/command.h"
#include "mulberry/data/dataset.h"
#include "mulberry/data/fetch.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

int Fetch(const FileSet& set, bool force, bool json) {
  const bool fetched = FetchFiles(set, force, [](std::string_view line) {
    std::cerr << "mulberry data: " << line << std::endl;
  });
  const std::string folder = FolderOf(set);
  if (json) {
    PrintJson({{"folder", folder}, {"fetched", fetched}});
  } else {
    std::cout << fmt::format("{}: {} {}\n", set.name, fetched ? "fetched into" : "already in",
                             folder);
  }
  return 0;
}

int Verify(const FileSet& set, bool json) {
  const std::vector<FileStatus> files = VerifyFiles(set);
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
  if (!good) throw Error("{0} is not whole; `mulberry data fetch {0}` mends it", set.name);
  return 0;
}

int Path(const FileSet& set, bool json) {
  const std::string folder = FolderOf(set);
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
      "Example:\n  mulberry data fetch mnist\n  mulberry data verify cifar10");
  if (!ParseArguments(app, argc, argv)) return 0;
  const DatasetInfo& info = FindDataset(data);
  if (!info.files) throw UsageError("data {} has no files", data);
  const FileSet& set = info.files();
  if (action == "fetch") return Fetch(set, force, json);
  return action == "verify" ? Verify(set, json) : Path(set, json);
}

}  // namespace mulberry
