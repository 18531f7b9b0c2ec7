#include "mulberry/base/tool.h"

#include <cctype>
#include <map>
#include <mutex>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr size_t kOutputLimit = 1 << 20;
constexpr int kVersionSeconds = 30;

std::optional<ProcessResult> RunWithin(const Tool& tool, const std::vector<std::string>& arguments,
                                       const std::filesystem::path& folder, int seconds) {
  std::vector<std::string> command = {tool.program};
  command.insert(command.end(), arguments.begin(), arguments.end());
  ProcessResult result = RunProcess(command, folder, seconds, kOutputLimit);
  const int status = result.exit_status;
  if (status == 127) {
    throw Error("{} needs {}, and there is no such program: install {}", tool.use, tool.program,
                tool.packages);
  }
  // timeout(1) kills with signal 9 what does not heed its first signal.
  if (status == 124 || status == 128 + 9) return std::nullopt;
  if (status > 128) throw Error("{}: {} died of signal {}", tool.use, tool.program, status - 128);
  return result;
}

ProcessResult Run(const Tool& tool, const std::vector<std::string>& arguments,
                  const std::filesystem::path& folder, int seconds) {
  std::optional<ProcessResult> result = RunWithin(tool, arguments, folder, seconds);
  if (!result) {
    throw Error("{}: {} was stopped: it did not finish within {} s, or ran out of memory", tool.use,
                tool.program, seconds);
  }
  return *std::move(result);
}

/// The first word of digits and dots that has a dot; empty if there is none.
std::string VersionIn(const std::string& text) {
  std::string word;
  for (const char c : text + " ") {
    if (std::isdigit(static_cast<unsigned char>(c)) || (c == '.' && !word.empty())) {
      word += c;
    } else if (word.find('.') != word.npos) {
      return word;
    } else {
      word.clear();
    }
  }
  return "";
}

void RequireVersion(const Tool& tool) {
  if (tool.minimum == nullptr) return;
  static std::mutex mutex;
  static std::map<std::string, std::string> checked;
  const std::lock_guard lock(mutex);
  if (checked.contains(tool.program)) return;
  const std::string said = ToolVersion(tool);
  if (!IsVersionAtLeast(VersionIn(said), tool.minimum)) {
    throw Error(
        "{} needs {} {} or later, and this one says \"{}\": install {} of Debian 12 or later",
        tool.use, tool.program, tool.minimum, said, tool.packages);
  }
  checked[tool.program] = said;
}

}  // namespace

ProcessResult RunTool(const Tool& tool, const std::vector<std::string>& arguments,
                      const std::filesystem::path& folder, int seconds) {
  RequireVersion(tool);
  return Run(tool, arguments, folder, seconds);
}

std::optional<ProcessResult> RunToolWithin(const Tool& tool,
                                           const std::vector<std::string>& arguments,
                                           const std::filesystem::path& folder, int seconds) {
  RequireVersion(tool);
  return RunWithin(tool, arguments, folder, seconds);
}

std::string ToolVersion(const Tool& tool) {
  const ProcessResult result = Run(tool, {tool.version_flag}, ".", kVersionSeconds);
  return result.output.substr(0, result.output.find('\n'));
}

bool IsVersionAtLeast(std::string_view found, std::string_view minimum) {
  while (!minimum.empty()) {
    const auto take = [](std::string_view& version) {
      int number = version.empty() ? -1 : 0;
      size_t i = 0;
      for (; i < version.size() && version[i] != '.'; ++i)
        number = 10 * number + (version[i] - '0');
      version.remove_prefix(i < version.size() ? i + 1 : i);
      return number;
    };
    const int a = take(found), b = take(minimum);
    if (a != b) return a > b;
  }
  return true;
}

std::string OutputFrom(const std::string& output, const std::string& mark) {
  const size_t at = output.find(mark);
  if (at == std::string::npos) return output;
  const size_t line = output.rfind('\n', at);
  std::string text = output.substr(line == std::string::npos ? 0 : line + 1);
  text.erase(text.find_last_not_of(" \n") + 1);
  return text;
}

}  // namespace mulberry
