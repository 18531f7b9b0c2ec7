#include <algorithm>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/arithmetic/scanner.h"

namespace mulberry {
namespace {

/// The columns that text takes on a terminal: UTF-8's continuation bytes take none.
size_t Columns(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

/// `spec` on one line, whatever control characters are in it.
std::string OneLine(std::string_view spec) {
  std::string line(spec);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return line;
}

/// A caret under the first column of the word at `position`, and tildes under the others, as far as
/// `length` goes.
std::string Underline(std::string_view spec, size_t position, size_t length) {
  size_t end = position;
  while (end < spec.size() && end - position < length && IsWordCharacter(spec[end])) ++end;
  const size_t width = Columns(spec.substr(position, end - position));
  return std::string(Columns(spec.substr(0, position)), ' ') + '^' +
         std::string(std::max<size_t>(width, 1) - 1, '~');
}

std::string Compose(std::string_view spec, size_t position, std::string_view problem,
                    std::string_view accepted, size_t length) {
  return fmt::format("{}\n{}\n{}{} Accepted here: {}", OneLine(spec),
                     Underline(spec, position, length), problem, problem.ends_with('?') ? "" : ".",
                     accepted);
}

}  // namespace

SpecError::SpecError(std::string_view spec, size_t position, std::string_view problem,
                     std::string_view accepted, size_t length)
    : UsageError("{}", Compose(spec, position, problem, accepted, length)), position_(position) {}

}  // namespace mulberry
