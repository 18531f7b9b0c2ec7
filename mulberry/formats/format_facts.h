// What a format has: its range, precision and special values, as plain data, and for small formats
// the list of all its values. Not here: what rounding into it costs (rounding_error.h).
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mulberry/formats/format.h"

namespace mulberry {

/// Of formats that scale their values themselves these are facts of a value in units of the scale:
/// of an element of a block, as the MX specification states them, and of dynamic fixed point, whose
/// unit is a tensor's eps.
struct FormatFacts {
  std::string name;
  int bits = 0;               ///< Of an encoding; of block formats, of an element's.
  int block = 1;              ///< Elements that share a scale of 8 bits; 1 and no scale for others.
  double bits_per_value = 0;  ///< With the share of the scale's bits.
  double lowest = 0;
  double largest = 0;
  double smallest_positive = 0;
  /// Of formats with subnormals, or floats without a mantissa; other kinds have no such value.
  std::optional<double> smallest_normal;
  /// From 1 to the next larger value; nothing where the format does not have both.
  std::optional<double> gap_at_one;
  int64_t values = 0;    ///< Distinct finite ones; a zero with two signs counts once.
  std::string overflow;  ///< What larger values become.
  std::string specials;  ///< Beside the finite values.
  std::string source;

  /// The dynamic range, from the smallest positive to the largest value.
  double binades() const { return std::log2(largest / smallest_positive); }
  double decades() const { return std::log10(largest / smallest_positive); }
};

/// Throws UsageError for a posit that FP32 does not carry.
FormatFacts FactsOf(const Format& format);

/// An encoding and its value.
struct EncodedValue {
  uint32_t encoding = 0;
  double value = 0;     ///< NaN where it stands for no real number or infinity.
  std::string special;  ///< "infinity", "-infinity", "NaN", "NaR", "not used"; else empty.
  std::string fields;   ///< The encoding's bits, its fields (sign, exponent, ...) set apart.
};

constexpr int kMostListedBits = 8;

/// All encodings in ascending order: of block formats an element's; of fixed point the
/// two's complement of the value in units of eps. Values are in the units of FormatFacts. Throws
/// UsageError if they have more than kMostListedBits, or the format is a posit that FP32 does not
/// carry.
std::vector<EncodedValue> AllValues(const Format& format);

/// A number of a format as tables show it: powers of two below 1 or from 1024 on as 2^k, whole
/// numbers below a million as they are, 2^j - 2^k where five digits would show 2^j, others to five
/// digits.
std::string NumberText(double number);

}  // namespace mulberry
