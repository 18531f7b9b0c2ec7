// The Verilog files of rtl/, which are built into the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mulberry {

/// The text of the files, such as "mitchell.v", one after the other; an `include of another of them
/// is replaced by its text the first time and by nothing later. Throws Error for a file that there
/// is not.
std::string RtlText(const std::vector<std::string>& files);

}  // namespace mulberry
