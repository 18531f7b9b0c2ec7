// The formats, roundings and scalings of a specification, read from a scanner. Internal to this
// folder.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/arithmetic/scanner.h"

namespace mulberry {

/// What is accepted as a format.
std::string FormatsAccepted();

/// Whether a format could begin with this word.
bool BeginsFormat(std::string_view word);

/// One format, or throws SpecError.
Format ScanFormat(Scanner& scanner);
/// FORMAT, or FIRSTxSECOND of formats that can be multiplied.
OperandFormats ScanOperandFormats(Scanner& scanner);

struct Sizes {
  int first = 0, second = 0;
};
struct SizeRange {
  std::string_view name;  ///< In messages.
  int minimum, maximum;
};
/// The number in parentheses after a format's name.
int ScanSize(Scanner& scanner, std::string_view example, const SizeRange& range);
/// The two numbers in parentheses after the name of what `of` says: "format", "accumulator".
Sizes ScanSizes(Scanner& scanner, std::string_view of, std::string_view example,
                const SizeRange& first, const SizeRange& second);

/// A word that stands for one of the values. `option` names it in messages.
template <typename T>
T ScanValue(Scanner& scanner, std::string_view option,
            const std::vector<std::pair<std::string_view, T>>& values) {
  Names names;
  for (const auto& [name, value] : values) names.push_back(name);
  return values[scanner.OneOf(option, names)].second;
}

Rounding ScanRounding(Scanner& scanner);
/// One that the format can have.
Scaling ScanScaling(Scanner& scanner, const Format& format);

}  // namespace mulberry
