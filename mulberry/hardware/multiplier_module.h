// Which module of rtl/ a multiplier is: its name, parameters and files.
//
// Every multiplier of rtl/ is a combinational module with the ports a [N-1:0], b [N-1:0] and
// p [2N-1:0], N its first parameter, all unsigned; it computes the model that MakeModel gives
// (multipliers/multiplier.h). Not here: signs, exponents and rounding, which are around it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

struct MultiplierModule {
  std::string name;
  std::vector<std::pair<std::string, int>> parameters;  ///< The first is N.
  std::vector<std::string> files;                       ///< Of rtl/.

  /// "mitchell #(.N(8)) INSTANCE (.a(A), .b(B), .p(P));"
  std::string Instance(const std::string& instance, const std::string& a, const std::string& b,
                       const std::string& p) const;
};

/// Of one of the library's families on such operands. Throws UsageError as MakeModel does, and for
/// users' circuits and error models, which have no module in rtl/.
MultiplierModule ModuleOf(const Multiplier& multiplier, const OperandKind& operand);

/// The exact multiplier left to the synthesiser (`a * b`): the other baseline beside the adder tree
/// that `exact` is.
MultiplierModule BehaviouralModule(int bits);

/// The exact multiplier of two's complement operands, of 3 bits or more. Its ports are encodings.
MultiplierModule SignedExactModule(int bits);

/// The exact multiplier, with v = 0, of an `a` of a_bits without sign and a `b` of b_bits in two's
/// complement, 2 or more; or with v > 0 rounded(v), for a_bits = b_bits, of a and b's magnitude
/// with b's sign. Its ports are encodings, and p has a_bits + b_bits.
MultiplierModule MixedModule(int a_bits, int b_bits, int v);

}  // namespace mulberry
