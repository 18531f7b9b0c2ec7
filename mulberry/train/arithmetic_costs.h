// Reading the costs of arithmetics: what a multiply-accumulate takes of energy, by specification,
// in one unit.
//
//   unit = "MACs of FP32"
//
//   [costs]
//   "fp32" = 1
//   "mitchell@bf16" = 0.12
//   "exact@e4m3 | exact@e5m2xe4m3" = 0.2
//
// Not here: the costs of one MAC that takes operands of several lengths (mac_units.h).
#pragma once

#include <string>
#include <string_view>

#include "mulberry/report/run_table.h"

namespace mulberry {

/// `name` stands for the file. Throws UsageError that names the file, the line and what is wrong.
ArithmeticCosts ParseArithmeticCosts(std::string_view toml, const std::string& name);
/// The same of a file. Throws Error if it cannot be read.
ArithmeticCosts ReadArithmeticCosts(const std::string& path);

}  // namespace mulberry
