// From counted transitions to energies. Not the counting (switching.h).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "mulberry/hardware/simulated_netlist.h"
#include "mulberry/hardware/switching.h"

namespace mulberry {

/// Sets the report's energies of an operation, from its transitions and operations. `counts` are
/// those of each entry of the netlist: falls, rises; `spread_energy` is internal energy beside it.
void AddEnergies(const SimulatedNetlist& netlist, const TimingReport& timing, double voltage,
                 const std::vector<std::array<uint64_t, 2>>& counts, double spread_energy,
                 SwitchingReport& report);

}  // namespace mulberry
