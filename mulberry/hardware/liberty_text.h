// The syntax of Liberty: groups, simple and complex attributes, as a tree. What they mean is known
// in liberty.cc; nothing here knows a cell from a table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mulberry {

/// `name : value ;` (one value) or `name (value, value) ;`.
struct LibertyAttribute {
  std::string name;
  std::vector<std::string> values;  ///< Without quotes.
  int line = 0;
};

/// `name (arguments) { ... }`.
struct LibertyGroup {
  std::string name;
  std::vector<std::string> arguments;
  std::vector<LibertyAttribute> attributes;
  std::vector<LibertyGroup> groups;
  int line = 0;

  /// The last attribute of that name, as it overrides the others; nullptr where there is none.
  const LibertyAttribute* Find(std::string_view attribute) const;
};

/// Parses the text of a Liberty file, whose only top group has to be `library`. `path` is for
/// messages alone. Throws Error "PATH:LINE: found X, expected Y".
LibertyGroup ParseLibertyText(std::string_view text, const std::string& path);

}  // namespace mulberry
