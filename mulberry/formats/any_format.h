// A format of any kind, for what treats all alike: lists, tables and plots. Not here: the formats
// that operands of products may have (format.h).
#pragma once

#include <string>
#include <variant>

#include "mulberry/formats/block.h"
#include "mulberry/formats/fixed.h"
#include "mulberry/formats/float_format.h"
#include "mulberry/formats/integer_format.h"
#include "mulberry/formats/posit.h"

namespace mulberry {

using AnyFormat = std::variant<FloatFormat, PositFormat, IntegerFormat, FixedFormat, BlockFormat>;

inline std::string Name(const AnyFormat& format) {
  return std::visit([](const auto& f) { return Name(f); }, format);
}

}  // namespace mulberry
