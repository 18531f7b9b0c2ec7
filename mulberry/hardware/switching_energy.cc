#include "mulberry/hardware/switching_energy.h"

namespace mulberry {
namespace {

/// The internal energy of an output's counted transitions.
double InternalEnergy(const SimulatedNetlist& netlist, const SimulatedOutput& output,
                      const std::vector<std::array<uint64_t, 2>>& counts) {
  double energy = 0;
  for (auto e = static_cast<size_t>(output.entries_begin);
       e < static_cast<size_t>(output.entries_end); ++e) {
    for (const int rises : {0, 1}) {
      energy += static_cast<double>(counts[e][static_cast<size_t>(rises)]) *
                netlist.entries[e].energy[rises];
    }
  }
  return energy;
}

}  // namespace

void AddEnergies(const SimulatedNetlist& netlist, const TimingReport& timing, double voltage,
                 const std::vector<std::array<uint64_t, 2>>& counts, double spread_energy,
                 SwitchingReport& report) {
  const auto total = [&](size_t net) { return static_cast<double>(report.total[net]); };
  const auto glitches = [&](size_t net) {
    return static_cast<double>(report.total[net] - report.functional[net]);
  };
  double switching = 0, internal = spread_energy, glitch = 0;
  for (size_t net = MappedNetlist::kOne + 1; net < report.total.size(); ++net) {
    // 1/2 C V^2 with the mean of the two edges' C.
    const double charge = (timing.rise_load[net] + timing.fall_load[net]) / 4 * voltage * voltage;
    switching += total(net) * charge;
    internal += total(net) * netlist.pin_energy[net];
    glitch += glitches(net) * (charge + netlist.pin_energy[net]);
  }
  for (const SimulatedOutput& output : netlist.outputs) {
    const auto net = static_cast<size_t>(output.net);
    const double energy = InternalEnergy(netlist, output, counts);
    internal += energy;
    // Glitches have the share that they have of the output's transitions.
    if (report.total[net] > 0) glitch += energy * glitches(net) / total(net);
  }
  const auto operations = static_cast<double>(report.operations);
  report.switching_energy = switching / operations;
  report.internal_energy = internal / operations;
  report.glitch_energy = glitch / operations;
}

}  // namespace mulberry
