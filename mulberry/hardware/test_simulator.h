// Runs circuits on vectors of operands and compares them with their models: all the designs of a
// test as one, so that Verilator builds once. Only for tests; the program's own comparison is
// verify.h.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "mulberry/hardware/verilator.h"

namespace mulberry {

/// The operands of one evaluation, one for each of the design's inputs.
using Vector = std::vector<uint64_t>;

class TestSimulator {
 public:
  /// Of designs of one latency. Throws as VerilatedDesign does.
  explicit TestSimulator(std::vector<Design> designs);

  const std::vector<Design>& designs() const { return designs_; }
  /// What design `index` gives for each of the vectors; a pipelined one is given a new one at every
  /// clock.
  std::vector<uint64_t> Run(size_t index, const std::vector<Vector>& vectors) const;
  /// Expects Run to give what the model does; shows the first few that differ.
  void ExpectModel(size_t index, const std::vector<Vector>& vectors) const;

 private:
  std::vector<Design> designs_;
  size_t bench_inputs_;
  VerilatedDesign bench_;  ///< All of them in one module.
};

/// All combinations of the inputs of a small design.
std::vector<Vector> AllVectors(const Design& design);

/// `n` random vectors: in every other one input i is one of `special[i]`, where there is such.
std::vector<Vector> SomeVectors(const Design& design,
                                const std::vector<std::vector<uint64_t>>& special, size_t n);

}  // namespace mulberry
