// The number types of C that a circuit's parameters and result may have, and how operands of some
// width are passed in them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <type_traits>

#include "mulberry/circuits/circuit.h"

namespace mulberry {

struct NumberType {
  const char* name;  ///< As both C and C++ spell it.
  int bits;
  bool is_signed;
  bool is_float;
};

template <typename T>
constexpr NumberType NumberTypeOf(const char* name) {
  return {name, 8 * sizeof(T), std::is_signed_v<T>, std::is_floating_point_v<T>};
}

/// A type's code is its index here. The compiler of a user's file is taken to have this one's
/// sizes.
inline constexpr std::array kNumberTypes = {
    NumberTypeOf<char>("char"),
    NumberTypeOf<signed char>("signed char"),
    NumberTypeOf<unsigned char>("unsigned char"),
    NumberTypeOf<short>("short"),
    NumberTypeOf<unsigned short>("unsigned short"),
    NumberTypeOf<int>("int"),
    NumberTypeOf<unsigned int>("unsigned int"),
    NumberTypeOf<long>("long"),
    NumberTypeOf<unsigned long>("unsigned long"),
    NumberTypeOf<long long>("long long"),
    NumberTypeOf<unsigned long long>("unsigned long long"),
    NumberTypeOf<float>("float"),
    NumberTypeOf<double>("double"),
};
/// The code of every other type.
inline constexpr uint32_t kOtherType = 99;

/// The codes of both parameters and the result.
struct CircuitTypes {
  uint32_t a;
  uint32_t b;
  uint32_t product;
};

/// Whether it is float f(float, float).
bool TakesFloats(const CircuitTypes& types);

/// From which bit an operand is sign-extended before it is passed; 0: it is not.
struct SignExtension {
  uint32_t a = 0;
  uint32_t b = 0;
};

/// How the operands of `shape` are passed to a function of these types: a signed operand as a
/// number where the parameter is signed, as its n-bit encoding where it is unsigned. Throws Error
/// that names the circuit, the type and the operands where a type does not hold them.
SignExtension FitTypes(const CircuitTypes& types, const CircuitShape& shape,
                       const std::string& description);

}  // namespace mulberry
