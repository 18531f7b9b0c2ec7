// Static timing of a mapped netlist: delays and slews of every cell from the library's NLDM tables,
// the longest path, and the smallest clock period. Follows OpenSTA (hardware_agreement_test
// compares them): the worst slew of each edge travels on, whichever arc has the worst delay; a slew
// below 0 is 0. No wires, no clock tree (every clock edge arrives at 0), no false paths, and no
// hold checks.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "mulberry/hardware/netlist.h"

namespace mulberry {

struct TimingOptions {
  double input_slew = 0.1e-9;   ///< s, of all inputs and of the clock.
  double output_load = 20e-15;  ///< F, at every output bit, above the pins that the net drives.
};

struct EdgeTiming {
  double arrival = -std::numeric_limits<double>::infinity();  ///< s; -infinity: never.
  double slew = 0;                                            ///< s
};

/// From an input of an instance to an output, for simulation: the worst over the input's edges.
struct PathDelay {
  int from_pin = 0, to_pin = 0;
  double rise = 0, fall = 0;  ///< s, until the output has risen, has fallen; may be below 0.
};

struct PathPoint {
  int net = 0;
  PinPlace driver;  ///< The output pin that drives it; instance -1: a port.
  bool rises = false;
  double arrival = 0;
};

struct TimingReport {
  double longest_path = 0;                     ///< s, to an output or to a flip-flop's input.
  std::vector<PathPoint> path;                 ///< That path, from its start.
  double smallest_period = 0;                  ///< s, with setup times; 0: no flip-flops.
  std::vector<EdgeTiming> rise, fall;          ///< Of each net.
  std::vector<double> rise_load, fall_load;    ///< F, of each net.
  std::vector<std::vector<PathDelay>> delays;  ///< Of each instance.
};

/// Throws Error where a cell lacks the tables for a path through it.
TimingReport AnalyzeTiming(const MappedNetlist& netlist, const Library& library,
                           const TimingOptions& options = {});

}  // namespace mulberry
