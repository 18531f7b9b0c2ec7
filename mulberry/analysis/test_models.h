// Multipliers as subjects of an analysis, by name. Test code.
#pragma once

#include <string>
#include <vector>

#include "mulberry/analysis/subject.h"

namespace mulberry {

inline ErrorSubject Library(const std::string& family, const std::vector<int>& values, int bits) {
  return UnsignedSubject(family, MakeModel(Multiplier{family, values, ""}, OperandKind{bits}), bits,
                         bits);
}

}  // namespace mulberry
