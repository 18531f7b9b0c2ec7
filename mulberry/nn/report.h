// What ran under a policy, as plain data: layer by layer, pass by pass, with the count of
// multiply-accumulates. Not here: the mode that fills it (approximate.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/nn/policy.h"

namespace mulberry {

/// LayerRun::why_native where the policy asked for it.
inline constexpr std::string_view kPolicySaysNative = "the policy says fp32";

/// What one layer ran in one pass: a line of the report.
struct LayerRun {
  std::string layer;  ///< Name in the model, such as "conv1"; "matmul" for products without weight.
  std::string op;     ///< "conv2d", "conv_transpose2d", "linear", "matmul".
  Pass pass = Pass::kForward;
  std::string arithmetic;  ///< Specification; "fp32" where it stayed native.
  std::string strategy;    ///< That served the latest call; empty where it stayed native.
  std::string why_native;  ///< Empty where it was simulated.
  int64_t calls = 0;
  /// Multiply-accumulates, from the shapes. 0 for a native operator that is not one plain product.
  int64_t macs = 0;
};

struct RunReport {
  std::vector<LayerRun> lines;  ///< In order of first use.

  /// Sum over the lines that were simulated.
  int64_t approximate_macs() const;
  /// Sum over those that stayed native.
  int64_t native_macs() const;
};

/// The report as a table of text: a title, one line for each of report.lines, and the totals.
std::string FormatTable(const RunReport& report);

}  // namespace mulberry
