// Writing a whole file so that a reader, or a crash, finds the old one or the new one and nothing
// in between. Not for appending, and not for files too large to hold in memory.
#pragma once

#include <string>
#include <string_view>

namespace mulberry {

/// Makes `bytes` the content of the file: a temporary file in the same folder, fsync, rename, fsync
/// of the folder. Throws Error that names the file; the old content then remains, and no temporary
/// file.
void ReplaceFile(const std::string& path, std::string_view bytes);

}  // namespace mulberry
