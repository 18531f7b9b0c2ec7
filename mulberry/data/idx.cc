#include "mulberry/data/idx.h"

#include <fmt/ranges.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <numeric>

#include "mulberry/base/error.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

constexpr uint32_t kByteElements = 0x08;

uint32_t BigEndian(const unsigned char* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

std::string Bytes(uint64_t count) {
  return fmt::format("{} bytes", count);
}

}  // namespace

torch::Tensor ReadIdx(const fs::path& path, const std::vector<int64_t>& shape,
                      const std::string& fix) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("cannot read {}: {}. {}", path.string(), std::strerror(errno), fix);
  const auto fail = [&](const std::string& expected, const std::string& found) {
    throw Error("{}: expected {}, found {}. {}", path.string(), expected, found, fix);
  };

  const size_t header_size = 4 + 4 * shape.size();
  const auto elements = static_cast<uint64_t>(
      std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>()));
  file.seekg(0, std::ios::end);
  const auto size = static_cast<uint64_t>(file.tellg());
  file.seekg(0);
  std::vector<unsigned char> header(header_size);
  if (size < header_size || !file.read(reinterpret_cast<char*>(header.data()), header_size)) {
    fail(fmt::format("an IDX header of {}", Bytes(header_size)), Bytes(size));
  }

  const uint32_t magic = kByteElements << 8 | static_cast<uint32_t>(shape.size());
  if (const uint32_t found = BigEndian(header.data()); found != magic) {
    fail(fmt::format("the IDX magic number 0x{:08x}", magic), fmt::format("0x{:08x}", found));
  }
  std::vector<int64_t> found_shape;
  for (size_t i = 0; i < shape.size(); ++i) found_shape.push_back(BigEndian(&header[4 + 4 * i]));
  if (found_shape != shape) {
    fail(fmt::format("sizes {}", fmt::join(shape, " x ")),
         fmt::format("{}", fmt::join(found_shape, " x ")));
  }
  if (size != header_size + elements) fail(Bytes(header_size + elements), Bytes(size));

  torch::Tensor tensor = torch::empty(shape, torch::kUInt8);
  if (!file.read(reinterpret_cast<char*>(tensor.data_ptr<uint8_t>()),
                 static_cast<std::streamsize>(elements))) {
    fail(Bytes(header_size + elements), Bytes(header_size + static_cast<uint64_t>(file.gcount())));
  }
  return tensor;
}

}  // namespace mulberry
