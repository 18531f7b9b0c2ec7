// Globs, and rules as text.
#include "mulberry/nn/policy.h"

#include <algorithm>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

// Recursion ends at the pattern's end; each * tries every length of text.
bool GlobMatches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    while (pattern.starts_with("**")) pattern.remove_prefix(1);
    for (size_t skip = 0; skip <= text.size(); ++skip) {
      if (GlobMatches(pattern.substr(1), text.substr(skip))) return true;
    }
    return false;
  }
  if (text.empty() || (pattern.front() != '?' && pattern.front() != text.front())) return false;
  return GlobMatches(pattern.substr(1), text.substr(1));
}

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

Pass ParsePass(std::string_view name, std::string_view rule) {
  for (Pass pass : kAllPasses) {
    if (Name(pass) == name) return pass;
  }
  throw UsageError(
      "rule \"{}\": unknown pass \"{}\"; there are forward, input_gradient and weight_gradient",
      rule, name);
}

}  // namespace

std::string_view Name(Pass pass) {
  switch (pass) {
    case Pass::kForward:
      return "forward";
    case Pass::kInputGradient:
      return "input_gradient";
    case Pass::kWeightGradient:
      return "weight_gradient";
  }
  throw Error("Pass has no value {}", static_cast<int>(pass));
}

bool Matches(const Rule& rule, std::string_view layer, Pass pass) {
  if (!GlobMatches(rule.layers, layer)) return false;
  if (rule.passes.empty()) return true;
  for (Pass p : rule.passes) {
    if (p == pass) return true;
  }
  return false;
}

bool Policy::native() const {
  return std::all_of(rules.begin(), rules.end(),
                     [](const Rule& rule) { return rule.arithmetic.native; });
}

const Arithmetic* Policy::Find(std::string_view layer, Pass pass) const {
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    if (Matches(*rule, layer, pass)) return &rule->arithmetic;
  }
  return nullptr;
}

Policy Policy::Uniform(const Arithmetic& arithmetic) {
  return Policy{{Rule{"*", {}, arithmetic}}};
}

Policy Policy::Uniform(const NetworkArithmetic& arithmetic) {
  Policy policy = Uniform(arithmetic.gradients);
  if (arithmetic.forward != arithmetic.gradients) {
    policy.rules.push_back({"*", {Pass::kForward}, arithmetic.forward});
  }
  return policy;
}

constexpr std::string_view kBar = " | ";

Directions SplitDirections(std::string_view text) {
  const size_t bar = text.find(kBar);
  if (bar == std::string_view::npos) return {text, text};
  return {text.substr(0, bar), text.substr(bar + kBar.size())};
}

std::string JoinDirections(const std::string& forward, const std::string& backward) {
  return forward == backward ? forward : forward + std::string(kBar) + backward;
}

NetworkArithmetic ParseNetworkArithmetic(std::string_view text) {
  const Directions directions = SplitDirections(text);
  return {ParseArithmetic(directions.forward), ParseArithmetic(directions.backward)};
}

std::string Print(const NetworkArithmetic& arithmetic) {
  return JoinDirections(Print(arithmetic.forward), Print(arithmetic.gradients));
}

// The first '=' ends the layers and passes: a specification has further ones, layer names have
// none.
Rule ParseRule(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    throw UsageError(
        "rule \"{}\" has no \"=\"; a rule is LAYERS[:PASS[,PASS...]]=SPEC, such as "
        "conv*:forward=mitchell@bf16",
        text);
  }
  const std::string_view target = text.substr(0, equals);
  const size_t colon = target.find(':');
  Rule rule;
  rule.layers = Trim(target.substr(0, colon));
  if (rule.layers.empty()) {
    throw UsageError("rule \"{}\" names no layers before \"{}\"; * stands for all", text,
                     colon == std::string_view::npos ? "=" : ":");
  }
  if (colon != std::string_view::npos) {
    std::string_view passes = target.substr(colon + 1);
    for (;;) {
      const size_t comma = passes.find(',');
      rule.passes.push_back(ParsePass(Trim(passes.substr(0, comma)), text));
      if (comma == std::string_view::npos) break;
      passes.remove_prefix(comma + 1);
    }
  }
  rule.arithmetic = ParseArithmetic(text.substr(equals + 1));
  return rule;
}

std::string Print(const Rule& rule) {
  std::string text = rule.layers;
  for (size_t i = 0; i < rule.passes.size(); ++i) {
    text += i == 0 ? ':' : ',';
    text += Name(rule.passes[i]);
  }
  return text + '=' + Print(rule.arithmetic);
}

}  // namespace mulberry
