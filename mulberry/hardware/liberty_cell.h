// A cell of a Liberty file: its pins, functions, arcs, powers. Not the file around it (liberty.cc).
#pragma once

#include "mulberry/hardware/liberty.h"
#include "mulberry/hardware/liberty_tables.h"

namespace mulberry {

/// For cells and pins that do not say otherwise.
struct LibertyDefaults {
  double input_capacitance = 0;  ///< F
  double leakage = 0;            ///< W
};

/// Throws Error as LibertyValues does.
LibraryCell ReadLibertyCell(const LibertyGroup& group, const LibertyValues& values,
                            const LibertyTables& tables, const LibertyDefaults& defaults);

}  // namespace mulberry
