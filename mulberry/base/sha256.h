// The SHA-256 digest (FIPS 180-4): for checking what was fetched and for naming what is cached.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace mulberry {

class Sha256 {
 public:
  /// Appends to the message; the digest of the pieces is that of the whole.
  Sha256& Add(std::string_view bytes);
  /// 64 lower-case hexadecimal digits. Ends the message: nothing may be added after.
  std::string Digest();

 private:
  static constexpr size_t kBlock = 64;

  void AddBlock(const uint8_t* block);

  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, kBlock> pending_ = {};  // The first length_ % kBlock bytes are filled.
  uint64_t length_ = 0;
};

/// The digest of a file's bytes. Throws Error that names a file which cannot be read.
std::string Sha256OfFile(const std::filesystem::path& path);

}  // namespace mulberry
