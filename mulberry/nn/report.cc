// Totals and the text table.
#include "mulberry/nn/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace mulberry {
namespace {

// layer, op, pass, arithmetic, plan, calls, MACs, why it stayed native.
constexpr size_t kColumns = 8;
constexpr size_t kCalls = 5, kMacs = 6;
using Row = std::array<std::string, kColumns>;

std::string Grouped(int64_t value) {
  std::string digits = std::to_string(value);
  for (int64_t at = static_cast<int64_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<size_t>(at), 1, ',');
  }
  return digits;
}

int64_t Sum(const RunReport& report, bool native) {
  int64_t sum = 0;
  for (const LayerRun& line : report.lines) {
    if (line.why_native.empty() != native) sum += line.macs;
  }
  return sum;
}

}  // namespace

int64_t RunReport::approximate_macs() const {
  return Sum(*this, false);
}

int64_t RunReport::native_macs() const {
  return Sum(*this, true);
}

std::string FormatTable(const RunReport& report) {
  std::vector<Row> rows;
  rows.push_back({"layer", "op", "pass", "arithmetic", "plan", "calls", "MACs", ""});
  for (const LayerRun& line : report.lines) {
    rows.push_back({line.layer, line.op, std::string(Name(line.pass)), line.arithmetic,
                    line.why_native.empty() ? line.strategy : "native", Grouped(line.calls),
                    Grouped(line.macs), line.why_native});
  }
  rows.push_back({"approximate", "", "", "", "", "", Grouped(report.approximate_macs()), ""});
  rows.push_back({"native", "", "", "", "", "", Grouped(report.native_macs()), ""});

  std::array<size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < kColumns; ++i) {
      const bool right = i == kCalls || i == kMacs;
      line += right ? fmt::format("{:>{}}  ", row[i], widths[i])
                    : fmt::format("{:<{}}  ", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

}  // namespace mulberry
