#include "mulberry/circuits/circuit_cache.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/cache_folder.h"
#include "mulberry/base/error.h"
#include "mulberry/base/sha256.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

size_t BytesOfProduct(const CircuitShape& shape) {
  return static_cast<size_t>(shape.product_bits() + 7) / 8;
}

/// What a file of TableBytes begins with, its products following.
std::string Header(const CircuitShape& shape, std::string_view products) {
  return fmt::format("mulberry table of {}, sha256 {}\n", Name(shape),
                     Sha256().Add(products).Digest());
}

/// The table that `bytes` hold; none where they are not such a table, whole and unharmed.
std::optional<ProductTable> TableOfBytes(const std::string& bytes, const CircuitShape& shape) {
  const size_t line = bytes.find('\n');
  const size_t size = size_t{1} << shape.product_bits(), width = BytesOfProduct(shape);
  if (line == std::string::npos || bytes.size() != line + 1 + size * width) return std::nullopt;
  const std::string_view products = std::string_view(bytes).substr(line + 1);
  if (bytes.compare(0, line + 1, Header(shape, products)) != 0) return std::nullopt;
  ProductTable table{shape, std::vector<int64_t>(size)};
  for (size_t i = 0; i < size; ++i) {
    uint64_t encoding = 0;
    for (size_t byte = 0; byte < width; ++byte) {
      encoding |= uint64_t{static_cast<uint8_t>(products[i * width + byte])} << 8 * byte;
    }
    table.products[i] = ValueOf(encoding, shape.product_bits(), shape.product_signed());
  }
  return table;
}

}  // namespace

fs::path CircuitCacheFolder(const char* name) {
  const fs::path folder = fs::absolute(CacheFolder("MULBERRY_CACHE")) / name;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw Error("cannot make the folder {}: {}; set MULBERRY_CACHE to a folder that can be written",
                folder.string(), error.message());
  }
  return folder;
}

WorkFolder::WorkFolder() {
  std::string name = (CircuitCacheFolder("work") / "XXXXXX").string();
  if (!mkdtemp(name.data())) {
    throw Error("cannot make the folder {}: {}; set MULBERRY_CACHE to a folder that can be written",
                name, std::strerror(errno));
  }
  path_ = name;
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;  // What stays is litter in a cache.
  fs::remove_all(path_, ignored);
}

std::string TableBytes(const ProductTable& table) {
  const size_t width = BytesOfProduct(table.shape);
  std::string products;
  products.reserve(table.products.size() * width);
  for (const int64_t product : table.products) {
    for (size_t byte = 0; byte < width; ++byte) {
      products += static_cast<char>(static_cast<uint64_t>(product) >> 8 * byte);
    }
  }
  return Header(table.shape, products) + products;
}

std::shared_ptr<const ProductTable> CachedTable(const std::string& digest,
                                                const CircuitShape& shape,
                                                const std::function<ProductTable()>& compute) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<const ProductTable>> held;
  {
    const std::lock_guard lock(mutex);
    if (auto table = held[digest].lock()) return table;
  }
  const fs::path path = CircuitCacheFolder("tables") / digest;
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::optional<ProductTable> table = TableOfBytes(bytes, shape);
  if (!table) {
    table = compute();
    ReplaceFile(path.string(), TableBytes(*table));
  }
  const auto shared = std::make_shared<const ProductTable>(std::move(*table));
  const std::lock_guard lock(mutex);
  held[digest] = shared;
  return shared;
}

}  // namespace mulberry
