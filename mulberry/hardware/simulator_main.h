// The end of the C++ program that simulates a design: after Verilator's own text, it reads inputs
// and writes outputs. Not for the programs in which users' circuits run (circuits/).
#pragma once

#include <string>

#include "mulberry/hardware/design.h"

namespace mulberry {

/// Defines main for the class Vdesign of Verilator. The program reads whole 64-bit words from
/// standard input: either 0, first, count, and then takes the combinations first to first + count -
/// 1 of the inputs; or 1, 0, count, and then count times a word for each input. It writes count
/// words.
std::string SimulatorMain(const Design& design);

}  // namespace mulberry
