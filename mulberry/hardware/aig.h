// An and-inverter graph: a functional model as logic, for proofs by berkeley-abc, in the binary
// AIGER format (Biere, Heljanko, Wieringa, "AIGER 1.9 and beyond", 2011). Not here: proofs
// (equivalence.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace mulberry {

class Aig {
 public:
  /// 2·variable, plus 1 if inverted. Variable 0 is the constant false.
  using Literal = uint32_t;
  static constexpr Literal kFalse = 0, kTrue = 1;
  using Word = std::vector<Literal>;  ///< Of bits, the lowest first.

  explicit Aig(uint32_t inputs) : inputs_(inputs) {}

  Literal Input(uint32_t i) const { return 2 * (i + 1); }
  static Literal Not(Literal a) { return a ^ 1; }
  /// The gate of the two, made once.
  Literal And(Literal a, Literal b);
  Literal Or(Literal a, Literal b) { return Not(And(Not(a), Not(b))); }
  Literal Xor(Literal a, Literal b) { return Mux(a, Not(b), b); }
  /// select ? one : zero.
  Literal Mux(Literal select, Literal one, Literal zero);

  /// The function whose value for the combination i of these arguments is values(i), i < 2^n, of
  /// which the last argument is the lowest bit: as Shannon's expansion along the arguments, equal
  /// cofactors shared. At most 24 arguments.
  Literal OfValues(const std::vector<Literal>& arguments,
                   const std::function<bool(uint64_t)>& values);

  void AddOutput(Literal literal) { outputs_.push_back(literal); }
  size_t gates() const { return gates_.size(); }
  std::string Aiger() const;

 private:
  uint32_t inputs_;
  std::vector<std::pair<Literal, Literal>> gates_;  ///< The larger literal first.
  std::map<std::pair<Literal, Literal>, Literal> of_;
  std::vector<Literal> outputs_;
};

/// A graph in binary AIGER, with or without latches, with its inputs in another order: the new
/// one's input i is the old one's order[i]. Throws Error for bytes that are no such file.
std::string ReorderInputs(const std::string& aiger, const std::vector<size_t>& order);

}  // namespace mulberry
