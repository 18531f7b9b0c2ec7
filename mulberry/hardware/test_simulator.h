// Runs circuits on vectors of operands and compares them with their models: one Verilator build for
// all the designs of a test. Only for tests; the program's own verification is another.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "mulberry/hardware/design.h"

namespace mulberry {

/// The operands of one evaluation, one for each of the design's inputs.
using Vector = std::vector<uint64_t>;

class TestSimulator {
 public:
  /// Builds a program that simulates all of `designs`. Throws Error with Verilator's words.
  explicit TestSimulator(std::vector<Design> designs);
  ~TestSimulator();
  TestSimulator(const TestSimulator&) = delete;
  TestSimulator& operator=(const TestSimulator&) = delete;

  const std::vector<Design>& designs() const { return designs_; }
  /// What design `index` gives for each of the vectors; a pipelined one is given a new one at every
  /// clock.
  std::vector<uint64_t> Run(size_t index, const std::vector<Vector>& vectors) const;
  /// Expects Run to give what the model does; shows the first few that differ.
  void ExpectModel(size_t index, const std::vector<Vector>& vectors) const;

 private:
  std::vector<Design> designs_;
  std::string folder_;
};

/// All combinations of the inputs of a small design.
std::vector<Vector> AllVectors(const Design& design);

/// `n` vectors of random bits and all combinations of `special[i]` for input i.
std::vector<Vector> SomeVectors(const Design& design,
                                const std::vector<std::vector<uint64_t>>& special, size_t n);

}  // namespace mulberry
