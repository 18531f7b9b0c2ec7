// The Boolean function of an output, a `when` or a `next_state` of Liberty, evaluated on 64 cases
// at a time. Two-valued: there is no X and no Z.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mulberry {

class LogicFunction {
 public:
  /// Parses Liberty's syntax: `!` and postfix `'`, `&` `*` or a blank for AND, `^`, `|` `+`, 0, 1
  /// and parentheses; `'` and `!` bind closest, then `^`, AND, OR. `variables` are the names that
  /// may occur. Throws Error (without a place in a file) naming what was found and expected.
  LogicFunction(std::string_view text, const std::vector<std::string>& variables);

  /// The function's 64 values for the 64 cases in `variables` (a word for each variable).
  uint64_t operator()(const uint64_t* variables) const;

  /// The truth table over the variables `order` (at most 6 indices): bit k is the value where
  /// variable order[i] is bit i of k. All others of the `variables` are 0.
  uint64_t TruthTable(const std::vector<int>& order, int variables) const;

  bool Uses(int variable) const;
  const std::string& text() const { return text_; }

 private:
  friend class LogicParser;
  enum class Kind : uint8_t { kZero, kOne, kVariable, kNot, kAnd, kOr, kXor };
  struct Step {
    Kind kind;
    int variable = 0;
  };
  std::string text_;
  std::vector<Step> steps_;  // In postfix order.
};

}  // namespace mulberry
