#include "mulberry/analysis/trace_file.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <string_view>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr std::string_view kFirstLine = "mulberry-trace 1";

// Lines of a file, with their number in every message.
class Lines {
 public:
  explicit Lines(const std::string& path) : path_(path), file_(path) {
    if (!file_) throw Error("{}: cannot be read", path);
  }

  // False at the end of the file.
  bool Next() {
    ++number_;
    line_.clear();
    return static_cast<bool>(std::getline(file_, line_));
  }
  const std::string& line() const { return line_; }

  [[noreturn]] void Fail(std::string_view expected) const {
    throw Error("{}:{}: found '{}', expected {}", path_, number_, line_, expected);
  }

  // The rest of the next line, which has to begin with the key and a blank.
  std::string Value(std::string_view key) {
    const std::string start = fmt::format("{} ", key);
    if (!Next() || !line_.starts_with(start) || line_.size() == start.size()) {
      Fail(fmt::format("'{} ' and its value", key));
    }
    return line_.substr(start.size());
  }

 private:
  std::string path_;
  std::ifstream file_;
  std::string line_;
  int64_t number_ = 0;
};

template <typename T>
bool ParseWhole(std::string_view text, T& value, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

OperandTrace ReadTrace(const std::string& path) {
  Lines lines(path);
  if (!lines.Next() || lines.line() != kFirstLine) {
    lines.Fail(fmt::format("'{}', the first line of a trace of operands", kFirstLine));
  }
  OperandTrace trace;
  trace.arithmetic = lines.Value("arithmetic");
  trace.layer = lines.Value("layer");
  trace.pass = lines.Value("pass");
  uint32_t count = 0;
  if (!ParseWhole(lines.Value("pairs"), count, 10)) lines.Fail("a number of pairs");
  for (uint32_t i = 0; i < count; ++i) {
    lines.Next();
    const std::string_view line = lines.line();
    const size_t blank = line.find(' ');
    uint32_t first = 0, second = 0;
    if (blank == std::string_view::npos || !ParseWhole(line.substr(0, blank), first, 16) ||
        !ParseWhole(line.substr(blank + 1), second, 16)) {
      lines.Fail(fmt::format("pair {} of {}: two encodings in hex", i + 1, count));
    }
    trace.pairs.emplace_back(first, second);
  }
  if (lines.Next()) lines.Fail(fmt::format("the end of the file after {} pairs", count));
  return trace;
}

void WriteTrace(const OperandTrace& trace, const std::string& path) {
  std::string text = fmt::format("{}\narithmetic {}\nlayer {}\npass {}\npairs {}\n", kFirstLine,
                                 trace.arithmetic, trace.layer, trace.pass, trace.pairs.size());
  for (const auto& [first, second] : trace.pairs) {
    fmt::format_to(std::back_inserter(text), "{:x} {:x}\n", first, second);
  }
  ReplaceFile(path, text);
}

}  // namespace mulberry
