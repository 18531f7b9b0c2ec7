// The simulation of switching.h with delays: events in a wheel of whole picoseconds, as Icarus
// Verilog has them of SDF path delays.
#pragma once

#include <cstdint>
#include <vector>

#include "mulberry/hardware/switching_state.h"

namespace mulberry {

class EventDriven {
 public:
  /// `period` in ps, of a netlist that needs `needed` s.
  EventDriven(SwitchingState& state, int64_t period, double needed);

  /// A period with the next vector. Throws Error where its end finds events under way.
  void Step(const std::vector<uint64_t>& vector);

 private:
  void ClockEdge(bool falls);
  void RunUntil(int64_t end);
  void UpdateGates();
  void Schedule(int output, int32_t delay);
  void Deliver(int output);

  SwitchingState& state_;
  int64_t period_;
  double needed_;
  std::vector<std::vector<int>> wheel_;  ///< Outputs by the time of their event, modulo its size.
  int64_t pending_ = 0;
};

}  // namespace mulberry
