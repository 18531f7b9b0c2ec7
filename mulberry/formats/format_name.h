// From a format's name to the format, whatever its kind. Not here: specifications, in which a
// format follows a multiplier (arithmetic/parser.cc).
#pragma once

#include <string_view>

#include "mulberry/formats/any_format.h"

namespace mulberry {

/// The format that Name() spells so: fp32, bf16, ..., float(e,m), posit(n,es), uint4 to uint16,
/// int4 to int16, fixed(il,fl), mxfp8(e4m3), ..., mxint8, bfp(m,block). "mxfp8" is mxfp8(e4m3).
/// Throws UsageError for an unknown name, with the nearest one; for sizes that are missing, are no
/// whole numbers or do not exist; and for a posit that FP32 does not carry.
AnyFormat FormatOfName(std::string_view name);

}  // namespace mulberry
