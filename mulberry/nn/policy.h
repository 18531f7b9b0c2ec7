// A policy says which arithmetic each layer uses in each pass: a list of rules, the last match
// wins. Not here: changing it while training runs (train/).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"

namespace mulberry {

/// The three products of a layer with weights.
enum class Pass : uint8_t { kForward, kInputGradient, kWeightGradient };
inline constexpr Pass kAllPasses[] = {Pass::kForward, Pass::kInputGradient, Pass::kWeightGradient};
std::string_view Name(Pass pass);  // "forward", "input_gradient", "weight_gradient"

struct Rule {
  std::string layers = "*";  ///< Glob over layer names: * any text, ? one character.
  std::vector<Pass> passes;  ///< Empty: all.
  Arithmetic arithmetic;
};

/// Whether the rule speaks of this pass of this layer.
bool Matches(const Rule& rule, std::string_view layer, Pass pass);

/// What is written of both directions of training: "BOTH" or "FORWARD | BACKWARD".
struct Directions {
  std::string_view forward, backward;
};
/// Views into `text`; the bar has blanks around it, since users' files may have one in their names.
Directions SplitDirections(std::string_view text);
/// The inverse, once where both are the same.
std::string JoinDirections(const std::string& forward, const std::string& backward);

/// The arithmetic of all layers: of the forward products, and of both gradients.
struct NetworkArithmetic {
  Arithmetic forward;
  Arithmetic gradients;

  friend bool operator==(const NetworkArithmetic&, const NetworkArithmetic&) = default;
};

/// Reads "SPEC" or "FORWARD | GRADIENTS", such as "exact@e4m3 | exact@e5m2xe4m3": the first
/// operands of gradients are errors. Throws SpecError.
NetworkArithmetic ParseNetworkArithmetic(std::string_view text);
/// The inverse, canonical.
std::string Print(const NetworkArithmetic& arithmetic);

struct Policy {
  std::vector<Rule> rules;

  /// Whether no rule asks for a simulated product.
  bool native() const;

  /// The arithmetic of the last rule that matches, or null: the layer has no rule.
  const Arithmetic* Find(std::string_view layer, Pass pass) const;

  /// One arithmetic for every layer and pass.
  static Policy Uniform(const Arithmetic& arithmetic);
  /// The same for every layer.
  static Policy Uniform(const NetworkArithmetic& arithmetic);
};

/// Reads "LAYERS[:PASS[,PASS...]]=SPEC", such as "conv*:forward=mitchell@bf16". Throws UsageError.
Rule ParseRule(std::string_view text);
/// The inverse of ParseRule.
std::string Print(const Rule& rule);

}  // namespace mulberry
