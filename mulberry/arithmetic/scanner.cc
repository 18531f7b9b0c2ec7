#include "mulberry/arithmetic/scanner.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/base/suggest.h"

namespace mulberry {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

}  // namespace

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-' || (c & 0x80);
}

std::string Unknown(std::string_view problem, std::string_view word, const Names& names) {
  const std::string_view nearest = Nearest(word, names);
  std::string text = fmt::format("{} \"{}\"", problem, word);
  return nearest.empty() ? text : text + fmt::format("; did you mean \"{}\"?", nearest);
}

void Scanner::Fail(size_t position, std::string_view problem, std::string_view accepted,
                   size_t length) const {
  throw SpecError(text_, position, problem, accepted, length);
}

void Scanner::SkipBlanks() {
  position_ = std::min(text_.find_first_not_of(kBlanks, position_), text_.size());
}

bool Scanner::AtEnd() {
  SkipBlanks();
  return position_ == text_.size();
}

bool Scanner::Accept(char c) {
  if (AtEnd() || text_[position_] != c) return false;
  ++position_;
  return true;
}

void Scanner::Expect(char c, std::string_view problem, std::string_view accepted) {
  if (!Accept(c)) Fail(position_, problem, accepted);
}

std::string_view Scanner::Word() {
  SkipBlanks();
  word_start_ = position_;
  while (position_ < text_.size() && IsWordCharacter(text_[position_])) ++position_;
  return text_.substr(word_start_, position_ - word_start_);
}

size_t Scanner::OneOf(std::string_view what, const Names& names) {
  const std::string_view word = Word();
  const auto found = std::find(names.begin(), names.end(), word);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  const std::string accepted = fmt::format("{}", fmt::join(names, ", "));
  if (word.empty()) Fail(word_start_, fmt::format("the value of {} is missing", what), accepted);
  Fail(word_start_, Unknown(fmt::format("{} cannot be", what), word, names), accepted);
}

int Scanner::Number(std::string_view what, int minimum, int maximum) {
  const std::string_view word = Word();
  const std::string accepted = fmt::format("{} to {}", minimum, maximum);
  if (word.empty()) Fail(word_start_, fmt::format("{} is missing", what), accepted);
  const char* end = word.data() + word.size();
  int value = 0;
  const auto [last, error] = std::from_chars(word.data(), end, value);
  if (last != end || error == std::errc::invalid_argument) {
    Fail(word_start_, fmt::format("{} is not a whole number", what), accepted);
  }
  if (error != std::errc() || value < minimum || value > maximum) {
    Fail(word_start_, fmt::format("{} is out of range", what), accepted);
  }
  return value;
}

double Scanner::Percentage(std::string_view what, double minimum, double maximum) {
  const std::string_view word = Word();
  const std::string accepted = fmt::format("{}% to {}%, such as 1.4%", minimum, maximum);
  if (word.empty()) Fail(word_start_, fmt::format("{} is missing", what), accepted);
  const char* end = word.data() + word.size();
  double value = 0;
  const auto [last, error] = std::from_chars(word.data(), end, value);
  if (last != end || error == std::errc::invalid_argument) {
    Fail(word_start_, fmt::format("{} is not a number", what), accepted);
  }
  // What is no number, or too small or large to be one, is in no range.
  if (error != std::errc() || !(value >= minimum && value <= maximum)) {
    Fail(word_start_, fmt::format("{} is out of range", what), accepted);
  }
  Expect('%', fmt::format("{} is in per cent", what), fmt::format("{}%", word));
  return value + 0.0;  // Of -0 it makes 0.
}

std::string_view Scanner::UpToFirstOf(std::string_view ends) {
  SkipBlanks();
  const std::string_view found =
      text_.substr(position_, text_.find_first_of(ends, position_) - position_);
  position_ += found.size();
  return found.substr(0, found.find_last_not_of(kBlanks) + 1);
}

std::string_view Scanner::UpToLast(char end, std::string_view problem, std::string_view accepted) {
  SkipBlanks();
  const std::string_view rest = text_.substr(position_);
  const size_t length = rest.rfind(end);
  if (length == std::string_view::npos) Fail(text_.size(), problem, accepted);
  position_ += length + 1;
  const std::string_view found = rest.substr(0, length);
  return found.substr(0, found.find_last_not_of(kBlanks) + 1);
}

}  // namespace mulberry
