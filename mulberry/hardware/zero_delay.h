// The simulation of switching.h without delays: each gate is evaluated once, in the netlist's
// order, so that there are only functional transitions.
#pragma once

#include <vector>

#include "mulberry/hardware/switching_state.h"

namespace mulberry {

class ZeroDelay {
 public:
  explicit ZeroDelay(SwitchingState& state) : state_(state) {}

  /// The first vector, from which all begins: nothing of it is counted.
  void Settle(const std::vector<uint64_t>& vector);
  /// A period with the next one.
  void Step(const std::vector<uint64_t>& vector);

 private:
  void EvaluateAll();
  void Evaluate(int instance);
  void SpreadEnergy(const SimulatedOutput& output, const SimulatedGate& gate, bool rises);

  SwitchingState& state_;
};

}  // namespace mulberry
