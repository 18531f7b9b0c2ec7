#include "mulberry/hardware/liberty_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "mulberry/base/error.h"

namespace mulberry {

void LibertyValues::Fail(int line, const std::string& message) const {
  throw Error("{}:{}: {}", path_, line, message);
}

double LibertyValues::Number(const std::string& text, int line, const std::string& what) const {
  double value = 0;
  size_t begin = text.find_first_not_of(" \t\r\n+");
  if (begin == text.npos) begin = 0;
  const size_t end = text.find_last_not_of(" \t\r\n") + 1;
  const auto [rest, error] =
      std::from_chars(text.data() + begin, text.data() + std::max(begin, end), value);
  if (error != std::errc() || rest != text.data() + end || !std::isfinite(value)) {
    Fail(line, fmt::format("{}: found \"{}\", expected a number", what, text.substr(0, 40)));
  }
  return value;
}

double LibertyValues::NumberOf(const LibertyGroup& group, const std::string& name,
                               double otherwise) const {
  const LibertyAttribute* a = group.Find(name);
  return a ? Number(Value(*a), a->line, name) : otherwise;
}

const std::string& LibertyValues::Value(const LibertyAttribute& a) const {
  if (a.values.empty()) Fail(a.line, fmt::format("{}: found (), expected a value", a.name));
  return a.values[0];
}

std::string LibertyValues::TextOf(const LibertyGroup& group, const std::string& name) const {
  const LibertyAttribute* a = group.Find(name);
  return a ? Value(*a) : "";
}

bool LibertyValues::IsTrue(const LibertyGroup& group, const std::string& name) const {
  return TextOf(group, name) == "true";
}

double LibertyValues::Unit(const std::string& text, char unit, int line,
                           const std::string& what) const {
  static const std::map<char, double> prefixes = {{'f', 1e-15}, {'p', 1e-12}, {'n', 1e-9},
                                                  {'u', 1e-6},  {'m', 1e-3},  {'k', 1e3}};
  size_t at = text.find_first_not_of("0123456789.eE+- ");
  if (at == text.npos) at = text.size();
  std::string letters;
  for (const char c : text.substr(at)) letters += static_cast<char>(std::tolower(c));
  const std::string factor = text.substr(0, at);
  double scale = factor.find_first_not_of(' ') == factor.npos ? 1 : Number(factor, line, what);
  const bool has_prefix = letters.size() == 2 && prefixes.count(letters[0]);
  if ((letters.size() != 1 && !has_prefix) || letters.back() != unit || scale <= 0) {
    Fail(line, fmt::format("{}: found \"{}\", expected a unit such as 1{}{}", what,
                           text.substr(0, 40), unit == 'v' ? "" : "n", unit));
  }
  return has_prefix ? scale * prefixes.at(letters[0]) : scale;
}

std::vector<double> LibertyValues::Numbers(const LibertyAttribute& a) const {
  std::vector<double> numbers;
  for (const std::string& text : a.values) {
    for (size_t at = 0; (at = text.find_first_not_of(", \t\r\n\\", at)) != text.npos;) {
      const size_t end = std::min(text.find_first_of(", \t\r\n\\", at), text.size());
      numbers.push_back(Number(text.substr(at, end - at), a.line, a.name));
      at = end;
    }
  }
  return numbers;
}

}  // namespace mulberry
