#include "mulberry/hardware/switching.h"

#include <algorithm>
#include <cmath>

#include "mulberry/base/error.h"
#include "mulberry/hardware/event_driven.h"
#include "mulberry/hardware/switching_energy.h"
#include "mulberry/hardware/switching_state.h"
#include "mulberry/hardware/zero_delay.h"

namespace mulberry {

SwitchingReport Simulate(const MappedNetlist& netlist, const Library& library,
                         const TimingReport& timing, const Stimulus& stimulus, SwitchingMode mode,
                         const std::string& clock) {
  if (stimulus.vectors.size() < 2) {
    throw Error("found {} vectors, expected two or more", stimulus.vectors.size());
  }
  SwitchingState state(netlist, timing, library, stimulus.ports, clock);
  for (const std::vector<uint64_t>& vector : stimulus.vectors) {
    if (vector.size() == stimulus.ports.size()) continue;
    throw Error("found a vector of {} values, expected {}", vector.size(), stimulus.ports.size());
  }
  SwitchingReport& report = state.report;
  const double needed = std::max(timing.longest_path, timing.smallest_period);
  report.period = stimulus.period > 0 ? stimulus.period : 1.5 * needed + 0.1e-9;
  const auto period = static_cast<int64_t>(std::llround(report.period * 1e12));
  if (period < 2 || period > 100'000'000) {
    throw Error("found a period of {} s, expected 2 ps to 100 us", report.period);
  }

  ZeroDelay zero_delay(state);
  EventDriven event_driven(state, period, needed);
  zero_delay.Settle(stimulus.vectors[0]);
  state.EndPeriod(false);
  for (size_t k = 1; k < stimulus.vectors.size(); ++k) {
    if (mode == SwitchingMode::kGlitchAware) {
      event_driven.Step(stimulus.vectors[k]);
    } else {
      zero_delay.Step(stimulus.vectors[k]);
    }
    state.EndPeriod(true);
  }

  if (state.model.has_leakage_states) {
    report.leakage /= static_cast<double>(stimulus.vectors.size());
  }
  report.operations = stimulus.vectors.size() - 1;
  AddEnergies(state.model, timing, library.voltage, state.counts, state.spread_energy, report);
  return std::move(report);
}

}  // namespace mulberry
