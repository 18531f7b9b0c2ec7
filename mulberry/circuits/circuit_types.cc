#include "mulberry/circuits/circuit_types.h"

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

std::string NameOfType(uint32_t code) {
  return code < kNumberTypes.size() ? kNumberTypes[code].name : "another type";
}

bool IsIntegerType(uint32_t code) {
  return code < kNumberTypes.size() && !kNumberTypes[code].is_float;
}

bool IsFloat(uint32_t code) {
  return NameOfType(code) == "float";
}

std::string Signature(const CircuitTypes& types) {
  return fmt::format("takes ({}, {}) and returns {}", NameOfType(types.a), NameOfType(types.b),
                     NameOfType(types.product));
}

std::string OperandRange(int bits, bool is_signed) {
  return is_signed ? fmt::format("int{} operands, {} to {}", bits, -(int64_t{1} << (bits - 1)),
                                 (int64_t{1} << (bits - 1)) - 1)
                   : fmt::format("uint{} operands, 0 to {}", bits, (int64_t{1} << bits) - 1);
}

/// The extension for an operand of `bits` in the parameter `which`.
uint32_t FitOperand(uint32_t code, const char* which, int bits, bool is_signed,
                    const std::string& description) {
  const NumberType& type = kNumberTypes[code];
  const bool loses_sign_bit = type.is_signed && !is_signed;
  if (type.bits < bits + loses_sign_bit) {
    throw Error("{}: its {} parameter is {}, which does not hold {}", description, which, type.name,
                OperandRange(bits, is_signed));
  }
  return type.is_signed && is_signed ? static_cast<uint32_t>(bits) : 0;
}

}  // namespace

bool TakesFloats(const CircuitTypes& types) {
  return IsFloat(types.a) && IsFloat(types.b) && IsFloat(types.product);
}

SignExtension FitTypes(const CircuitTypes& types, const CircuitShape& shape,
                       const std::string& description) {
  if (shape.is_float) {
    if (TakesFloats(types)) return {};
    throw Error("{}: {}; for float operands it must be float f(float, float)", description,
                Signature(types));
  }
  if (!IsIntegerType(types.a) || !IsIntegerType(types.b) || !IsIntegerType(types.product)) {
    throw Error("{}: {}; for {} operands it must take two integers and return an integer",
                description, Signature(types), Name(shape));
  }
  const SignExtension extension{
      FitOperand(types.a, "first", shape.a_bits, shape.a_signed, description),
      FitOperand(types.b, "second", shape.b_bits, shape.b_signed, description)};
  const NumberType& product = kNumberTypes[types.product];
  if (product.bits < shape.product_bits()) {
    throw Error("{}: it returns {}, {} bits, and the product of {} operands has {}", description,
                product.name, product.bits, Name(shape), shape.product_bits());
  }
  return extension;
}

}  // namespace mulberry
