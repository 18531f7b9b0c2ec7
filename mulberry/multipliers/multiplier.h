// A multiplier as a value: a family's name and its parameters, and the functional model (model.h)
// that they stand for.
//
// The same model serves unsigned integers and, through float_multiplier.h, the significands of
// floats. To add a family: docs/add-a-multiplier.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/formats/rounding.h"
#include "mulberry/multipliers/error_model.h"
#include "mulberry/multipliers/model.h"

namespace mulberry {

/// What an operand of a model is. A model may depend on it where the published circuit does.
struct OperandKind {
  int bits = 8;              ///< n, 1 to 24.
  bool significand = false;  ///< The top bit is always set: the significand of a normal float.
  /// Bits that truncation from FP32 has dropped below a significand: 23 - mantissa bits, and 0
  /// where operands are rounded in another way.
  int dropped_bits = 0;
  /// The operand is a two's complement encoding; the product is where either operand is. Only
  /// users' circuits differ by it: the library's families multiply unsigned numbers.
  bool twos_complement = false;
};

/// How a float multiplier brings the significand product into the result (float_multiplier.h). Into
/// a posit format, kNearest and kZero round it as posits are rounded.
enum class ResultRounding : uint8_t {
  kFull,     ///< All bits of the product, rounded to nearest even in FP32's 23 mantissa bits.
  kNearest,  ///< Rounded to nearest even in the operand format's mantissa bits.
  kZero,     ///< Truncated to the operand format's mantissa bits.
};
std::string_view Name(ResultRounding rounding);  // "full", "nearest", "zero"

/// One parameter of a family, such as k of drum(k=6).
struct Parameter {
  std::string name;
  int minimum;
  int maximum;
  int default_value;
  bool required;  ///< Must be written out: there is no customary value.
  std::string summary;
};

/// A family of multipliers: a row of `mulberry list multipliers`.
struct MultiplierFamily {
  std::string name;
  std::string summary;
  std::string source;  ///< The publication that defines it.
  std::vector<Parameter> parameters;
  /// How floats are brought to this multiplier, and its product to the result, unless told
  /// otherwise.
  Rounding float_rounding;
  ResultRounding float_result;
  /// The model for these parameter values (in the order of `parameters`). Throws UsageError where a
  /// parameter does not fit the operand, naming the range that does.
  Model (*make)(const std::vector<int>& values, const OperandKind& operand);
};

/// All families, in the order in which they are listed.
const std::vector<MultiplierFamily>& MultiplierFamilies();
/// The family of that name, or null.
const MultiplierFamily* FindMultiplierFamily(std::string_view name);

/// The value: which multiplier. `values` parallels the family's parameters. A multiplier that a
/// user brings as a file has one of the families of imported.h, no values, and the file's path.
struct Multiplier {
  std::string family = "exact";
  std::vector<int> values = {};
  std::string path = {};
  std::string function = {};  ///< The C function or Verilog module of that file.
  /// Of the family kNoiseFamily, and of no other: what the errors are. It has no functional model.
  std::optional<ErrorModel> errors = {};

  friend bool operator==(const Multiplier&, const Multiplier&) = default;
};

/// The functional model of `multiplier` on such operands. The library's families have one width: of
/// operands of n and m bits it is max(n, m). Throws UsageError for an unknown family, a parameter
/// that does not fit and an error model, and as MakeImportedModel does.
Model MakeModel(const Multiplier& multiplier, const OperandKind& first, const OperandKind& second);
/// Of operands of one kind.
inline Model MakeModel(const Multiplier& multiplier, const OperandKind& both) {
  return MakeModel(multiplier, both, both);
}

}  // namespace mulberry
