#include "mulberry/hardware/rtl_library.h"

#include <set>
#include <sstream>

#include "mulberry/base/error.h"
#include "mulberry/hardware/rtl_files.h"

namespace mulberry {
namespace {

std::string_view FileText(std::string_view name) {
  for (const RtlFile& file : kRtlFiles) {
    if (file.name == name) return file.text;
  }
  throw Error("rtl/ has no file {}", name);
}

void Append(const std::string& name, std::set<std::string>& seen, std::string& text) {
  if (!seen.insert(name).second) return;
  std::istringstream lines{std::string(FileText(name))};
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view kInclude = "`include \"";
    if (line.starts_with(kInclude)) {
      Append(line.substr(kInclude.size(), line.rfind('"') - kInclude.size()), seen, text);
    } else {
      text += line + "\n";
    }
  }
}

}  // namespace

std::string RtlText(const std::vector<std::string>& files) {
  std::set<std::string> seen;
  std::string text;
  for (const std::string& file : files) Append(file, seen, text);
  return text;
}

}  // namespace mulberry
