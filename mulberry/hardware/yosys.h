// Running yosys on a design. Not here: which steps (synthesis.cc, equivalence.cc), and users'
// circuits as functional models (circuits/verilog.h).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "mulberry/base/tool.h"
#include "mulberry/hardware/design.h"

namespace mulberry {

/// For RunTool, where there is no design yet.
inline constexpr Tool kYosys = {"yosys", "synthesis", "the packages yosys and berkeley-abc", "-V",
                                "0.23"};

/// What yosys says of its version.
std::string YosysVersion();

/// Runs the steps in `folder`, in which they find and leave files; gives what yosys printed. Throws
/// Error that begins with the design's spec and has yosys' words if it fails, or if yosys is
/// missing, too old or stopped by the limit.
std::string RunYosys(const Design& design, const std::filesystem::path& folder,
                     const std::string& steps, int seconds);

/// Throws Error.
void WriteFile(const std::filesystem::path& path, std::string_view bytes);

}  // namespace mulberry
