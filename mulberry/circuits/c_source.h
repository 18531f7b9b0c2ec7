// A multiplier written as a C or C++ function, compiled at run time by the machine's compiler.
//
// EvoApproxLib's files serve as they are: uint64_t mul8u_X(const uint64_t A, const uint64_t B), and
// signed ones such as uint16_t mul8s_X(uint8_t A, uint8_t B), which take and return two's
// complement in unsigned types. The first argument is the first operand whatever its name. So the
// types only have to be wide enough, and the width and sign of the operands are the caller's to
// say.
//
// The function runs in processes of its own: crashes and endless loops are errors here. That is for
// robustness, not for security: it is the user's own code with the user's own rights.
#pragma once

#include <memory>
#include <string>

#include "mulberry/circuits/circuit.h"
#include "mulberry/circuits/circuit_child.h"

namespace mulberry {

/// The function `function` of the file `path`, which is C if it ends in .c and C++ if it ends in
/// .cc, .cpp, .cxx or .C. In C++ the name may be qualified, and may have template arguments.
///
/// For integer `shape`s it takes two integers, of any integer types that hold the operands, and
/// returns an integer, of whose value the lowest shape.product_bits() bits are the product. A
/// signed operand is passed as a number to a signed parameter, as its encoding to an unsigned one.
/// For float it is float f(float, float).
///
/// Compiled once: the program is kept in the cache (circuit_cache.h) under the digest of the
/// preprocessed source. Where shape has no table (EvaluateAll), RequireDeterministic is called
/// here. Throws Error that begins with the file's name: the compiler's own words, the functions
/// that there are, the type that does not hold the operands, or what the function did.
std::shared_ptr<const Circuit> LoadCSource(const std::string& path, const std::string& function,
                                           const CircuitShape& shape,
                                           const CircuitLimits& limits = {});

/// The function as a multiplier of floats: float f(float, float) itself, of float shape; else an
/// integer function of unsigned significands of `significand_bits`. Throws as LoadCSource does.
std::shared_ptr<const Circuit> LoadCSourceForFloats(const std::string& path,
                                                    const std::string& function,
                                                    int significand_bits,
                                                    const CircuitLimits& limits = {});

}  // namespace mulberry
