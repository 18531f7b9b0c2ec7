#include "mulberry/multipliers/table.h"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"

namespace mulberry {
namespace {

// Bit 7 of an entry is the carry, so a mantissa has at most 7.
constexpr int kMaxFileMantissaBits = 7;
constexpr uint8_t kCarry = 0x80;

size_t EntryCount(int mantissa_bits) {
  return size_t{1} << 2 * mantissa_bits;
}

/// W where `size` is 2^2W, 1 <= W <= 7.
std::optional<int> MantissaBitsOfSize(uintmax_t size) {
  for (int w = 1; w <= kMaxFileMantissaBits; ++w) {
    if (size == EntryCount(w)) return w;
  }
  return std::nullopt;
}

Error WrongSize(const std::string& name, uintmax_t size) {
  return Error(
      "{}: has {} bytes; a table of W mantissa bits has 2^2W: 4, 16, 64, 256, 1024, 4096 or 16384",
      name, size);
}

/// W of a path that ends in _W.bin.
std::optional<int> MantissaBitsOfName(const std::string& path) {
  const std::filesystem::path file(path);
  const std::string stem = file.stem().string();
  const size_t underscore = stem.rfind('_');
  if (file.extension() != ".bin" || underscore == std::string::npos) return std::nullopt;
  int w = 0;
  const char* end = stem.data() + stem.size();
  const auto [last, error] = std::from_chars(stem.data() + underscore + 1, end, w);
  if (error != std::errc() || last != end) return std::nullopt;
  return w;
}

std::vector<uint8_t> ReadBytes(const std::string& path) {
  // The size first: it tells a wrong file before that is read, however large.
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  if (error) throw Error("{}: cannot be read: {}", path, error.message());
  if (!MantissaBitsOfSize(size)) throw WrongSize(path, size);
  std::vector<uint8_t> bytes(size);
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) {
    throw Error("{}: cannot be read: {}", path, std::strerror(errno));
  }
  return bytes;
}

}  // namespace

MantissaTable MakeMantissaTable(const FloatMultiplier& multiplier) {
  const int m = multiplier.mantissa_bits();
  if (m > MantissaTable::kMaxMantissaBits) {
    throw Error("a mantissa table has at most {} mantissa bits, and the multiplier has {}",
                MantissaTable::kMaxMantissaBits, m);
  }
  MantissaTable table{m, {}};
  table.products.reserve(EntryCount(m));
  for (uint32_t i = 0; i < uint32_t{1} << m; ++i) {
    for (uint32_t j = 0; j < uint32_t{1} << m; ++j) {
      table.products.push_back(multiplier.SignificandProduct(i, j));
    }
  }
  return table;
}

std::vector<uint8_t> ToApproxTrainBytes(const MantissaTable& table) {
  const int m = table.mantissa_bits;
  if (m < 1 || m > kMaxFileMantissaBits) {
    throw Error("a table file has 1 to {} mantissa bits, and the table has {}",
                kMaxFileMantissaBits, m);
  }
  std::vector<uint8_t> bytes;
  bytes.reserve(table.products.size());
  for (size_t entry = 0; entry < table.products.size(); ++entry) {
    const float product = table.products[entry];
    const bool carry = product >= 2;
    const float mantissa = std::ldexp(carry ? product / 2 - 1 : product - 1, m);
    if (!(mantissa >= 0 && mantissa < std::ldexp(1.0f, m) && mantissa == std::floor(mantissa))) {
      throw Error(
          "the product of mantissas {} and {} is {}: a table file holds (1 + k/2^{})·2^c with c 0 "
          "or 1, as result=zero and result=nearest give them",
          entry >> m, entry & ((size_t{1} << m) - 1), product, m);
    }
    bytes.push_back(static_cast<uint8_t>((carry ? kCarry : 0) | static_cast<uint8_t>(mantissa)));
  }
  return bytes;
}

MantissaTable FromApproxTrainBytes(const std::vector<uint8_t>& bytes, const std::string& name) {
  const std::optional<int> m = MantissaBitsOfSize(bytes.size());
  if (!m) throw WrongSize(name, bytes.size());
  MantissaTable table{*m, {}};
  table.products.reserve(bytes.size());
  for (size_t entry = 0; entry < bytes.size(); ++entry) {
    const int mantissa = bytes[entry] & ~kCarry;
    if (mantissa >> *m) {
      throw Error(
          "{}: byte {} is {:#04x}: with {} mantissa bits only bit 7 and the lowest {} may be set",
          name, entry, bytes[entry], *m, *m);
    }
    const float significand = 1 + std::ldexp(static_cast<float>(mantissa), -*m);
    table.products.push_back(bytes[entry] & kCarry ? 2 * significand : significand);
  }
  return table;
}

MantissaTable ReadApproxTrainTable(const std::string& path) {
  MantissaTable table = FromApproxTrainBytes(ReadBytes(path), path);
  const std::optional<int> named = MantissaBitsOfName(path);
  if (named && *named != table.mantissa_bits) {
    throw Error("{}: its name says {} mantissa bits, its {} bytes are those of {}", path, *named,
                table.products.size(), table.mantissa_bits);
  }
  return table;
}

void WriteApproxTrainTable(const MantissaTable& table, const std::string& path) {
  const std::vector<uint8_t> bytes = ToApproxTrainBytes(table);
  ReplaceFile(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace mulberry
