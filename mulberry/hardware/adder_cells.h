// The cells of a library that are full or half adders, found by their functions. (Interim.)
#pragma once

#include <optional>
#include <string>

#include "mulberry/hardware/liberty.h"

namespace mulberry {

struct AdderCell {
  std::string cell, a, b, c, sum, carry;  ///< The cell's name and its pins'; a half adder has no c.
};

inline std::optional<AdderCell> FindFullAdder(const Library&) {
  return AdderCell{"FAX1", "A", "B", "C", "YS", "YC"};
}
inline std::optional<AdderCell> FindHalfAdder(const Library&) {
  return AdderCell{"HAX1", "A", "B", "", "YS", "YC"};
}

}  // namespace mulberry
