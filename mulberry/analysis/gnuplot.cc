#include "mulberry/analysis/gnuplot.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"
#include "mulberry/base/process.h"

namespace mulberry {
namespace {

constexpr int kTimeLimitSeconds = 60;

/// A new folder for gnuplot's script and picture, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "mulberry_plot_XXXXXX").string();
    if (!mkdtemp(path.data())) throw Error("cannot make a folder for gnuplot's script: {}", path);
    path_ = path;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Runs gnuplot on a script that draws into `file`, a name without a folder; returns the picture.
std::string Draw(const std::string& script, const std::string& file) {
  const ScratchFolder folder;
  ReplaceFile(folder.path() / "script.gp", script);
  const ProcessResult result =
      RunProcess({"gnuplot", "--default-settings", "script.gp"}, folder.path(), kTimeLimitSeconds);
  if (result.exit_status == 127) {
    throw Error(
        "there is no gnuplot here to draw with: install it (Debian: apt-get install gnuplot-nox)");
  }
  if (result.exit_status == 124) {
    throw Error("gnuplot was stopped after {} seconds", kTimeLimitSeconds);
  }
  std::string picture = ReadAll(folder.path() / file);
  if (result.exit_status != 0 || picture.empty()) {
    throw Error("gnuplot failed with exit status {}: {}", result.exit_status, result.output);
  }
  return picture;
}

}  // namespace

std::string QuotedForGnuplot(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted + "'";
}

void RequirePicture(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension();
  if (extension != ".png" && extension != ".svg") {
    throw UsageError("{}: a plot is a .png or an .svg file", path);
  }
}

void DrawWithGnuplot(const std::string& commands, int width, int height, const std::string& path) {
  RequirePicture(path);
  const bool is_png = std::filesystem::path(path).extension() == ".png";
  const std::string file = is_png ? "plot.png" : "plot.svg";
  const std::string script = fmt::format(
      "set encoding utf8\n"
      "set terminal {} size {},{} background '#ffffff'\n"
      "set output '{}'\n"
      "{}unset output\n",
      is_png ? "pngcairo" : "svg", width, height, file, commands);
  ReplaceFile(path, Draw(script, file));
}

}  // namespace mulberry
