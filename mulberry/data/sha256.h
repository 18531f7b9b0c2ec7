// The SHA-256 digest of a file (FIPS 180-4), computed by OpenSSL.
#pragma once

#include <filesystem>
#include <string>

namespace mulberry {

/// 64 lower-case hexadecimal digits. Throws Error that names a file which cannot be read.
std::string Sha256(const std::filesystem::path& path);

}  // namespace mulberry
