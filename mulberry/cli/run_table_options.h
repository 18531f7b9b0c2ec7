// What `mulberry report` and `mulberry pareto` share: the folders of runs that they are given, and
// how they show the table. Not here: the table (report/run_table.h), and what its costs are.
#pragma once

#include <string>
#include <vector>

#include "mulberry/cli/command.h"
#include "mulberry/report/run_table.h"

namespace mulberry {

struct RunTableArguments {
  std::vector<std::string> folders;
  std::string format = "markdown";
  std::string plot;
  bool json = false;
};

/// `arguments` must outlive the parsing.
void AddRunTableOptions(CLI::App& app, RunTableArguments& arguments);

/// Warns, draws where a plot is asked for, and prints the table. Throws Error where there is no
/// run.
void ShowRuns(const char* command, const TableOfRuns& table, const KeyRoles& roles,
              const RunTableArguments& arguments);

}  // namespace mulberry
