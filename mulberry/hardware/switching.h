// What a mapped netlist's nets do under a sequence of input vectors, and the power of it. Two
// simulations: zero-delay (only functional transitions) and event-driven with the delays of
// timing.h (glitches too). Two-valued; not for gated or divided clocks: a flip-flop's clock has to
// be an input port.
//
// The event-driven one does what Icarus Verilog does with SDF path delays: an output's new value is
// timed from the input that changed last (of several at once, the shortest path counts), and what
// arrives then is the newest value. So a pulse shorter than the delay vanishes, and a reversal
// under way may let a still newer value arrive at the older event's time. Times are whole
// picoseconds, and a delay below 0 is 0.
//
// Energy: a net's edge takes 1/2 C V^2 for all that it drives, and its driver internal_power for
// that edge. The two do not overlap: internal_power leaves the load's charge out. The tables of the
// OSU libraries say so: with the fastest slew INVX1's rise takes 0.0236 pJ at 5 fF and 0.0249 pJ at
// 150 fF, where C V^2 grows by 0.47 pJ.
//
// The OSU fall tables of cells with one output, not of FAX1 and HAX1, seem to be absolute values of
// what begins below 0: along the slews they dip to 0 and rise again. They are taken as they are, as
// by OpenSTA; with the signs put back, 8-bit multipliers of mostly adder cells would take 2 % less
// energy and those of mostly gates 7 % less, so ratios between the two kinds are that uncertain.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mulberry/hardware/timing.h"

namespace mulberry {

/// Vectors for all input ports but the clock. One is applied each period; in a clocked design right
/// after the rising edge that samples the one before.
struct Stimulus {
  std::vector<std::string> ports;  ///< Every input port but the clock, of 64 bits or fewer.
  std::vector<std::vector<uint64_t>> vectors;  ///< Each with a value for each of `ports`.
  double period = 0;  ///< s; 0: 1.5 times the longest path or smallest period.
};

enum class SwitchingMode { kZeroDelay, kGlitchAware };

struct SwitchingReport {
  uint64_t operations = 0;  ///< Vectors after the first; the first only settles the netlist.
  std::vector<uint64_t> functional;  ///< Transitions of each net that a zero-delay netlist has too.
  std::vector<uint64_t> total;       ///< All transitions of each net.
  /// J for each operation: 1/2 C V^2 for each transition of a net (inputs' too), with the pins and
  /// the output load on it; and the cells' internal_power (which excludes the load's charge), by
  /// the input that caused it, its slew and the load. Clock edges included.
  double switching_energy = 0, internal_energy = 0;
  double glitch_energy = 0;  ///< The part of the two that is not functional.
  double leakage = 0;        ///< W, averaged over the settled states.
  double period = 0;         ///< s, that was used.
  /// Values of each output port (in the netlist's order) at the end of each period, from the first.
  std::vector<std::vector<uint64_t>> outputs;

  double DynamicEnergy() const { return switching_energy + internal_energy; }
};

/// `clock` is the name of the clock port, where there are flip-flops. All flip-flops begin at 0.
/// Throws Error where a port is missing, a cell has more than 6 inputs, or the netlist has not
/// settled within the period.
SwitchingReport Simulate(const MappedNetlist& netlist, const Library& library,
                         const TimingReport& timing, const Stimulus& stimulus, SwitchingMode mode,
                         const std::string& clock = "clock");

}  // namespace mulberry
