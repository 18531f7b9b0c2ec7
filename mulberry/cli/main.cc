// The program `mulberry`: one table of commands. Each command is a file, cmd_*.cc.
#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/base/suggest.h"
#include "mulberry/cli/command.h"
#include "mulberry/train/machine.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace mulberry {
namespace {

struct Command {
  std::string_view name;
  std::string_view help;
  int (*run)(int argc, char** argv);
};

constexpr Command kCommands[] = {
    {"list", "multipliers, formats, options, models, data sets, strategies", RunList},
    {"plan", "how an arithmetic would be computed, and why", RunPlan},
    {"analyze", "measure the error of multipliers", RunAnalyze},
    {"format", "range, precision and rounding error of number formats", RunFormat},
    {"table", "write all products of a multiplier as a table file", RunTable},
    {"verify", "prove that circuits compute their functional models", RunVerify},
    {"synth", "area, delay, power and energy of circuits, beside exact ones", RunSynth},
    {"bench", "time simulated products against LibTorch's own", RunBench},
    {"train", "train a network under one or several arithmetics", RunTrain},
    {"hybrid", "find how late training can switch to exact arithmetic", RunHybrid},
    {"retrain", "what multipliers cost a trained network, before and after retraining", RunRetrain},
    {"sweep", "train every point of a grid of arithmetics, networks, seeds", RunSweep},
    {"report", "gather runs into one table, with spreads and Pareto front", RunReportCommand},
    {"pareto", "accuracy of runs against energy, area or time of their hardware", RunPareto},
    {"cost", "what a network costs on an array of multiply-accumulate units", RunCost},
    {"eval", "test a trained network under any arithmetic", RunEval},
    {"data", "fetch and verify data sets", RunData},
};

void PrintCommands() {
  std::cout << "Train and evaluate neural networks on approximate arithmetic.\n\n"
               "Usage: mulberry COMMAND [OPTION...]\n\nCommands:\n";
  for (const Command& command : kCommands) {
    std::cout << fmt::format("  {:<9}{}\n", command.name, command.help);
  }
  std::cout << "\n`mulberry COMMAND --help` shows the command's options and an example.\n";
}

int RunCommand(std::string_view name, int argc, char** argv) {
  std::vector<std::string_view> names;
  for (const Command& command : kCommands) {
    if (command.name == name) return command.run(argc, argv);
    names.push_back(command.name);
  }
  const std::string_view nearest = Nearest(name, names);
  if (nearest.empty()) throw UsageError("no command '{}'; `mulberry` lists the commands", name);
  throw UsageError("no command '{}'; did you mean '{}'?", name, nearest);
}

int Main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "--help";
  if (first == "--help" || first == "-h" || first == "help") {
    PrintCommands();
    return 0;
  }
  if (first == "--version") {
    std::cout << fmt::format("mulberry {} (LibTorch {})\n", Version(), TORCH_VERSION);
    return 0;
  }
  return RunCommand(first, argc - 1, argv + 1);
}

// The exit code of an error, which it prints.
int Report(int argc, char** argv, std::string_view text, int code) {
  const bool named = argc > 1 && argv[1][0] != '-';
  // A text of several lines has a caret in it, which a prefix would shift.
  const char* gap = text.find('\n') == std::string_view::npos ? " " : "\n";
  std::cerr << fmt::format("mulberry{}{}:{}{}\n", named ? " " : "", named ? argv[1] : "", gap,
                           text);
  return code;
}

}  // namespace
}  // namespace mulberry

int main(int argc, char** argv) {
  using mulberry::Report;
#if defined(__GLIBC__)
  // Freed tensors stay with the program. Given back to the system, as they are by default, each new
  // one costs a page fault every 4 KiB, native products' too: more time than many a product takes.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
  try {
    return mulberry::Main(argc, argv);
  } catch (const mulberry::UsageError& e) {
    return Report(argc, argv, e.what(), 2);
  } catch (const c10::Error& e) {
    return Report(argc, argv, e.what_without_backtrace(), 1);
  } catch (const std::exception& e) {
    return Report(argc, argv, e.what(), 1);
  }
}
