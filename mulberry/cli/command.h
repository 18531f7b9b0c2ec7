// What the commands of the program share: their entry points, how they read their command line, and
// how they print JSON. Results go to standard output; progress, warnings and errors to standard
// error.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

namespace mulberry {

// Each runs one command with its arguments, argv[0] being its name, and returns the exit code: 0,
// or 1 if it failed. Throws UsageError (exit code 2), Error (1).
int RunList(int argc, char** argv);
int RunPlan(int argc, char** argv);
int RunAnalyze(int argc, char** argv);
int RunFormat(int argc, char** argv);
int RunTable(int argc, char** argv);
int RunVerify(int argc, char** argv);
int RunSynth(int argc, char** argv);
int RunBench(int argc, char** argv);
int RunTrain(int argc, char** argv);
int RunHybrid(int argc, char** argv);
int RunRetrain(int argc, char** argv);
int RunSweep(int argc, char** argv);
int RunReportCommand(int argc, char** argv);  // RunReport is a type, of nn/report.h.
int RunPareto(int argc, char** argv);
int RunCost(int argc, char** argv);
int RunEval(int argc, char** argv);
int RunData(int argc, char** argv);

/// Parses a command's arguments. False if --help was among them: the help has then been printed.
/// Throws UsageError; for an unknown flag it names the nearest.
bool ParseArguments(CLI::App& app, int argc, char** argv);

/// Prints `json` to standard output, indented.
void PrintJson(const nlohmann::ordered_json& json);

/// Prints "mulberry COMMAND: warning: TEXT" to standard error.
void Warn(const char* command, const std::string& text);

}  // namespace mulberry
