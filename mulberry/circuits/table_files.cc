#include "mulberry/circuits/table_files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"
#include "mulberry/circuits/table_files_grid.h"

namespace mulberry {
namespace {

constexpr int kRawBits = 16;

struct FormatRow {
  TableFormat format;
  std::string_view name;
  std::string_view extension;
};
constexpr FormatRow kFormats[] = {{TableFormat::kTfApprox, "tfapprox", ".bin"},
                                  {TableFormat::kApproxTorch, "approxtorch", ".txt"},
                                  {TableFormat::kNpy, "npy", ".npy"},
                                  {TableFormat::kCsv, "csv", ".csv"}};

TableFormat FormatOf(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  for (const FormatRow& row : kFormats) {
    if (row.extension == extension) return row.format;
  }
  throw Error(
      "{}: is not known as a table of products: its name ends in neither .npy, .csv, .txt "
      "(ApproxTorch) nor .bin (TFApprox)",
      path);
}

std::string ReadBytes(const std::string& path, const CircuitShape& shape) {
  // The size first: it tells a wrong file before that is read, however large.
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  if (error) throw Error("{}: cannot be read: {}", path, error.message());
  const uintmax_t most = 65536 + (uintmax_t{32} << shape.product_bits());
  if (size > most) {
    throw Error("{}: has {} bytes; a table of {} operands has at most {}", path, size, Name(shape),
                most);
  }
  std::string bytes(size, '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) {
    throw Error("{}: cannot be read: {}", path, std::strerror(errno));
  }
  return bytes;
}

void RequireRawBits(const CircuitShape& shape, const std::string& name) {
  if (shape.product_bits() <= kRawBits) return;
  throw Error("{}: TFApprox's tables have products of {} bits, and those of {} operands have {}",
              name, kRawBits, Name(shape), shape.product_bits());
}

ProductTable TableOfRaw(const std::string& bytes, const std::string& path,
                        const CircuitShape& shape) {
  RequireRawBits(shape, path);
  const size_t entries = size_t{1} << shape.product_bits();
  if (bytes.size() != 2 * entries) {
    throw Error("{}: has {} bytes; a table of {} operands with 16-bit products has {}", path,
                bytes.size(), Name(shape), 2 * entries);
  }
  const TableGrid bounds(shape);
  ProductTable table{shape, std::vector<int64_t>(entries)};
  for (size_t i = 0; i < entries; ++i) {
    const auto low = static_cast<uint8_t>(bytes[2 * i]);
    const auto high = static_cast<uint8_t>(bytes[2 * i + 1]);
    const int64_t product = ValueOf(low | uint64_t{high} << 8, kRawBits, shape.product_signed());
    if (product < bounds.lowest() || product > bounds.highest()) {
      throw Error("{}: the entry at byte {} is {}; {}", path, 2 * i, product, bounds.Bounds());
    }
    table.products[i] = product;
  }
  return table;
}

std::string RawOfTable(const ProductTable& table) {
  std::string bytes;
  bytes.reserve(2 * table.products.size());
  for (const int64_t product : table.products) {
    bytes += static_cast<char>(product);
    bytes += static_cast<char>(product >> 8);
  }
  return bytes;
}

/// Refuses a table that breaks its own contract.
void RequireSound(const ProductTable& table) {
  const CircuitShape& shape = table.shape;
  RequireTabulable(shape, "table");
  const size_t size = size_t{1} << shape.product_bits();
  if (table.products.size() != size) {
    throw Error("a table of {} operands has {} products, not {}", Name(shape), size,
                table.products.size());
  }
  const TableGrid bounds(shape);
  for (const int64_t product : table.products) {
    if (product >= bounds.lowest() && product <= bounds.highest()) continue;
    throw Error("the table has a product {}; {}", product, bounds.Bounds());
  }
}

}  // namespace

std::string TableGrid::Bounds() const {
  return fmt::format("products of {} operands are integers from {} to {}", Name(shape()), lowest(),
                     highest());
}

std::string_view Name(TableFormat format) {
  for (const FormatRow& row : kFormats) {
    if (row.format == format) return row.name;
  }
  throw Error("there is no table format {}", static_cast<int>(format));
}

ProductTable ReadTable(const std::string& path, const CircuitShape& shape) {
  RequireTabulable(shape, path);
  const TableFormat format = FormatOf(path);
  const std::string bytes = ReadBytes(path, shape);
  switch (format) {
    case TableFormat::kTfApprox:
      return TableOfRaw(bytes, path, shape);
    case TableFormat::kApproxTorch:
      return TableOfText(bytes, ' ', path, shape);
    case TableFormat::kNpy:
      return TableOfNpy(bytes, path, shape);
    case TableFormat::kCsv:
      break;
  }
  return TableOfText(bytes, ',', path, shape);
}

std::string TableFileBytes(const ProductTable& table, TableFormat format) {
  RequireSound(table);
  switch (format) {
    case TableFormat::kTfApprox:
      RequireRawBits(table.shape, "tfapprox");
      return RawOfTable(table);
    case TableFormat::kApproxTorch:
      return TextOfTable(table, ' ');
    case TableFormat::kNpy:
      return NpyOfTable(table);
    case TableFormat::kCsv:
      break;
  }
  return TextOfTable(table, ',');
}

void WriteTable(const ProductTable& table, const std::string& path, TableFormat format) {
  ReplaceFile(path, TableFileBytes(table, format));
}

std::shared_ptr<const Circuit> LoadTableFile(const std::string& path, const CircuitShape& shape) {
  return CircuitOfTable(std::make_shared<const ProductTable>(ReadTable(path, shape)), path);
}

}  // namespace mulberry
