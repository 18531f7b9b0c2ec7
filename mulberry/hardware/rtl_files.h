// The files of rtl/ as strings; CMake writes the table (CMakeLists.txt).
#pragma once

#include <span>
#include <string_view>

namespace mulberry {

struct RtlFile {
  std::string_view name;
  std::string_view text;
};

extern const std::span<const RtlFile> kRtlFiles;

}  // namespace mulberry
