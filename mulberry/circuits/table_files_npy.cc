// Tables as NumPy's .npy files. Source of the format: NumPy enhancement proposal 1 and the
// documentation of numpy.lib.format: "\x93NUMPY", two bytes of version, the length of the header in
// 2 (version 1) or 4 (version 2) little-endian bytes, the header, which is a Python dictionary, and
// the entries.
#include <bit>
#include <charconv>
#include <cstring>
#include <string_view>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/circuits/table_files_grid.h"

namespace mulberry {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

struct Npy {
  std::string type;  ///< Such as <u2: byte order, kind, bytes.
  bool column_major = false;
  std::vector<size_t> shape;
  std::string_view entries;
};

/// What follows the key in the dictionary; empty if it is not there.
std::string_view After(std::string_view header, std::string_view key) {
  const size_t at = header.find(key);
  if (at == std::string_view::npos) return {};
  const size_t value = header.find_first_not_of(": ", at + key.size());
  return value == std::string_view::npos ? std::string_view() : header.substr(value);
}

std::vector<size_t> NumbersOf(std::string_view tuple) {
  std::vector<size_t> numbers;
  const char* end = tuple.data() + tuple.size();
  for (const char* at = tuple.data(); at < end;) {
    size_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error == std::errc()) numbers.push_back(number);
    at = error == std::errc() ? next : at + 1;
  }
  return numbers;
}

Npy Parse(std::string_view bytes, const std::string& path) {
  if (!bytes.starts_with(kMagic)) {
    throw Error("{}: is not a .npy file: it does not begin with \\x93NUMPY", path);
  }
  const int version = bytes.size() > 6 ? static_cast<uint8_t>(bytes[6]) : 0;
  if (version != 1 && version != 2) {
    throw Error("{}: is a .npy file of version {}; versions 1 and 2 can be read", path, version);
  }
  const size_t length_bytes = version == 1 ? 2 : 4, begin = 8 + length_bytes;
  const size_t length = bytes.size() < begin ? 0 : LittleEndian(bytes.substr(8, length_bytes));
  if (bytes.size() < begin + length || length == 0) {
    throw Error("{}: its {} bytes end within the header of a .npy file", path, bytes.size());
  }
  const std::string_view header = bytes.substr(begin, length);
  const std::string_view type = After(header, "'descr'"), order = After(header, "'fortran_order'");
  const std::string_view shape = After(header, "'shape'");
  if (type.empty() || shape.empty() || shape[0] != '(' ||
      !(order.starts_with("True") || order.starts_with("False"))) {
    throw Error("{}: its header is not that of a .npy file: {}", path, header);
  }
  Npy npy;
  npy.type =
      type[0] == '\'' ? type.substr(1, type.find('\'', 1) - 1) : type.substr(0, type.find('}'));
  npy.column_major = order.starts_with("True");
  npy.shape = NumbersOf(shape.substr(0, shape.find(')')));
  npy.entries = bytes.substr(begin + length);
  return npy;
}

template <typename T>
T EntryOf(const char* bytes, bool swap) {
  char ordered[sizeof(T)];
  for (size_t i = 0; i < sizeof(T); ++i) ordered[i] = bytes[swap ? sizeof(T) - 1 - i : i];
  T value;
  std::memcpy(&value, ordered, sizeof(T));
  return value;
}

template <typename T>
void Fill(const Npy& npy, const std::string& path, TableGrid& grid) {
  const size_t expected = grid.rows() * grid.columns() * sizeof(T);
  if (npy.entries.size() != expected) {
    throw Error("{}: has {} bytes of entries; {} x {} of {} have {}", path, npy.entries.size(),
                grid.rows(), grid.columns(), npy.type, expected);
  }
  const bool swap = npy.type[0] == '>'
                        ? std::endian::native == std::endian::little
                        : npy.type[0] == '<' && std::endian::native == std::endian::big;
  for (size_t row = 0; row < grid.rows(); ++row) {
    for (size_t column = 0; column < grid.columns(); ++column) {
      const size_t index =
          npy.column_major ? column * grid.rows() + row : row * grid.columns() + column;
      const T value = EntryOf<T>(npy.entries.data() + index * sizeof(T), swap);
      if (grid.Set(row, column, value)) continue;
      throw Error("{}: the entry at ({}, {}) is {}; {}", path, row, column, value, grid.Bounds());
    }
  }
}

struct TypeRow {
  std::string_view name;  // Without the byte order.
  void (*fill)(const Npy&, const std::string&, TableGrid&);
};
constexpr TypeRow kTypes[] = {
    {"u1", Fill<uint8_t>},  {"i1", Fill<int8_t>},  {"u2", Fill<uint16_t>}, {"i2", Fill<int16_t>},
    {"u4", Fill<uint32_t>}, {"i4", Fill<int32_t>}, {"u8", Fill<uint64_t>}, {"i8", Fill<int64_t>},
    {"f4", Fill<float>},    {"f8", Fill<double>}};

}  // namespace

ProductTable TableOfNpy(const std::string& bytes, const std::string& path,
                        const CircuitShape& shape) {
  const Npy npy = Parse(bytes, path);
  TableGrid grid(shape);
  if (npy.shape != std::vector<size_t>{grid.rows(), grid.columns()}) {
    throw Error("{}: has the shape ({}); a table of {} operands has ({}, {})", path,
                fmt::join(npy.shape, ", "), Name(shape), grid.rows(), grid.columns());
  }
  for (const TypeRow& type : kTypes) {
    if (npy.type.empty() || npy.type.substr(1) != type.name) continue;
    type.fill(npy, path, grid);
    return grid.Take();
  }
  throw Error(
      "{}: has entries of type {}; integers of 8 to 64 bits and floats of 32 and 64 can be read",
      path, npy.type);
}

std::string NpyOfTable(const ProductTable& table) {
  const TableGrid grid(table);
  const size_t bytes = std::bit_ceil(static_cast<size_t>(grid.shape().product_bits() + 7) / 8);
  std::string header = fmt::format(
      "{{'descr': '{}{}{}', 'fortran_order': False, 'shape': ({}, {}), }}", bytes == 1 ? '|' : '<',
      table.shape.product_signed() ? 'i' : 'u', bytes, grid.rows(), grid.columns());
  // Padded so that the entries begin at a multiple of 64.
  const size_t preamble = kMagic.size() + 4;
  header.append(63 - (preamble + header.size()) % 64, ' ') += '\n';
  std::string file(kMagic);
  file += std::string("\x01\x00", 2);
  file += static_cast<char>(header.size());
  file += static_cast<char>(header.size() >> 8);
  file += header;
  file.reserve(file.size() + grid.rows() * grid.columns() * bytes);
  for (size_t row = 0; row < grid.rows(); ++row) {
    for (size_t column = 0; column < grid.columns(); ++column) {
      const auto product = static_cast<uint64_t>(grid.at(row, column));
      for (size_t byte = 0; byte < bytes; ++byte) file += static_cast<char>(product >> 8 * byte);
    }
  }
  return file;
}

}  // namespace mulberry
