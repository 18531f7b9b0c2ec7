#include "mulberry/hardware/logic_function.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr int kMaxDepth = 64;  // Of parentheses, and so of the stack of an evaluation.

}  // namespace

class LogicParser {
 public:
  LogicParser(LogicFunction& function, const std::vector<std::string>& variables)
      : function_(function), text_(function.text_), variables_(variables) {}

  void Parse() {
    Or();
    if (Next() != '\0') Fail("an operator or the end");
  }

 private:
  using Kind = LogicFunction::Kind;

  [[noreturn]] void Fail(std::string_view expected) const {
    const std::string found = at_ < text_.size() ? text_.substr(at_, 20) : "the end";
    throw Error("function \"{}\": found {}, expected {}", text_, found, expected);
  }

  char Next() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  void Add(Kind kind, int variable = 0) { function_.steps_.push_back({kind, variable}); }

  void Or() {
    if (++depth_ > kMaxDepth / 4) Fail("fewer parentheses");
    And();
    while (Next() == '|' || Next() == '+') {
      while (Next() == '|' || Next() == '+') ++at_;  // Some libraries write ||.
      And();
      Add(Kind::kOr);
    }
    --depth_;
  }

  static bool BeginsOperand(char c) {
    return c == '!' || c == '(' || c == '_' || c == '\\' ||
           std::isalnum(static_cast<unsigned char>(c));
  }

  void And() {
    Xor();
    for (;;) {
      const char c = Next();
      if (c == '&' || c == '*') {
        while (Next() == '&' || Next() == '*') ++at_;
      } else if (!BeginsOperand(c)) {
        return;
      }
      Xor();
      Add(Kind::kAnd);
    }
  }

  void Xor() {
    Operand();
    while (Next() == '^') {
      ++at_;
      Operand();
      Add(Kind::kXor);
    }
  }

  void Operand() {
    bool inverted = false;
    for (; Next() == '!'; ++at_) inverted = !inverted;
    if (Next() == '(') {
      ++at_;
      Or();
      if (Next() != ')') Fail("\")\"");
      ++at_;
    } else {
      Name();
    }
    for (; Next() == '\''; ++at_) inverted = !inverted;
    if (inverted) Add(Kind::kNot);
  }

  void Name() {
    const auto is_part = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '[' || c == ']' ||
             c == '.' || c == '\\' || c == '$';
    };
    Next();
    size_t end = at_;
    while (end < text_.size() && is_part(text_[end])) ++end;
    const std::string name = text_.substr(at_, end - at_);
    const auto variable = std::find(variables_.begin(), variables_.end(), name);
    if (variable != variables_.end()) {
      Add(Kind::kVariable, static_cast<int>(variable - variables_.begin()));
    } else if (name == "0" || name == "1") {
      Add(name == "1" ? Kind::kOne : Kind::kZero);
    } else {
      Fail("the name of a pin");
    }
    at_ = end;
  }

  LogicFunction& function_;
  const std::string& text_;
  const std::vector<std::string>& variables_;
  size_t at_ = 0;
  int depth_ = 0;
};

LogicFunction::LogicFunction(std::string_view text, const std::vector<std::string>& variables)
    : text_(text) {
  LogicParser(*this, variables).Parse();
}

uint64_t LogicFunction::operator()(const uint64_t* variables) const {
  std::array<uint64_t, kMaxDepth> stack;
  size_t top = 0;
  for (const Step& step : steps_) {
    switch (step.kind) {
      case Kind::kZero:
        stack[top++] = 0;
        break;
      case Kind::kOne:
        stack[top++] = ~uint64_t{0};
        break;
      case Kind::kVariable:
        stack[top++] = variables[step.variable];
        break;
      case Kind::kNot:
        stack[top - 1] = ~stack[top - 1];
        break;
      case Kind::kAnd:
        --top, stack[top - 1] &= stack[top];
        break;
      case Kind::kOr:
        --top, stack[top - 1] |= stack[top];
        break;
      case Kind::kXor:
        --top, stack[top - 1] ^= stack[top];
        break;
    }
  }
  return stack[0];
}

uint64_t LogicFunction::TruthTable(const std::vector<int>& order, int variables) const {
  constexpr uint64_t kProjections[6] = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0,
                                        0xff00ff00ff00ff00, 0xffff0000ffff0000, 0xffffffff00000000};
  if (order.size() > 6) throw Error("a truth table of {} inputs, expected at most 6", order.size());
  std::vector<uint64_t> words(static_cast<size_t>(variables));
  for (size_t i = 0; i < order.size(); ++i) words[static_cast<size_t>(order[i])] = kProjections[i];
  const uint64_t table = (*this)(words.data());
  return order.size() == 6 ? table : table & ((uint64_t{1} << (1 << order.size())) - 1);
}

bool LogicFunction::Uses(int variable) const {
  return std::any_of(steps_.begin(), steps_.end(), [variable](const Step& step) {
    return step.kind == Kind::kVariable && step.variable == variable;
  });
}

}  // namespace mulberry
