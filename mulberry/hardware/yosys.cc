#include "mulberry/hardware/yosys.h"

#include <fstream>

#include "mulberry/base/error.h"

namespace mulberry {

std::string YosysVersion() {
  return ToolVersion(kYosys);
}

std::string RunYosys(const Design& design, const std::filesystem::path& folder,
                     const std::string& steps, int seconds) {
  const ProcessResult result = RunTool(kYosys, {"-q", "-p", steps}, folder, seconds);
  // Its mapping runs berkeley-abc by a shell.
  if (result.output.find("return code 127") != std::string::npos) {
    throw Error("{}: yosys finds no berkeley-abc: install the package berkeley-abc", design.spec);
  }
  if (result.exit_status != 0) {
    throw Error("{}: yosys refuses it:\n{}", design.spec, OutputFrom(result.output, "ERROR"));
  }
  return result.output;
}

void WriteFile(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw Error("{}: cannot be written", path.string());
}

}  // namespace mulberry
