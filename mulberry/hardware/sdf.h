// A mapped netlist as Verilog and its delays as SDF, for simulators of other people: what
// hardware_agreement_test compares switching.h with. Instances are named u0, u1, ... in the
// netlist's order and nets n0, n1, ...
#pragma once

#include <string>

#include "mulberry/hardware/timing.h"

namespace mulberry {

std::string NetlistVerilog(const MappedNetlist& netlist, const Library& library);

/// IOPATH (rise) (fall) of each instance, in whole picoseconds, none below 0.
std::string NetlistSdf(const MappedNetlist& netlist, const Library& library,
                       const TimingReport& timing);

}  // namespace mulberry
