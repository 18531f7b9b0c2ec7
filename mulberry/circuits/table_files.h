// Files of all products of an integer multiplier, as other simulators and NumPy have them.
// ApproxTrain's mantissa tables, which are of float multipliers, are in table.h.
//
// In approxtorch, npy and csv a row is a first operand and a column a second one, both from the
// smallest number to the largest, each by its own format: for int8 the entry at (a + 128, b + 128)
// is the product of a and b, for uint8 that at (a, b), for uint8 x int4 that at (a, b + 8). In
// tfapprox the place of an entry is made of encodings.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "mulberry/circuits/circuit.h"

namespace mulberry {

enum class TableFormat : uint8_t {
  /// TFApprox's: little-endian 16-bit products, that of a and b at (a << b_bits) | b; products of
  /// at
  /// most 16 bits, sign-extended to 16 where they are signed. Read from *.bin.
  kTfApprox,
  /// ApproxTorch's: text, a line for each row, numbers separated by spaces. Read from *.txt.
  kApproxTorch,
  /// NumPy's: a 2-D array. Read from *.npy: versions 1 and 2, integers of 8 to 64 bits and floats
  /// of
  /// 32 and 64 whose values are integers, in either byte order and either order of the axes.
  /// Written
  /// as numpy.save does, of the smallest integer type that holds all products of the operands.
  kNpy,
  /// Text, a line for each row, numbers separated by commas. Read from *.csv.
  kCsv,
};

/// "tfapprox", "approxtorch", "npy", "csv".
std::string_view Name(TableFormat format);

/// Reads the table of an integer multiplier of `shape`, in the format that the file's name ends
/// with. Throws Error that names the file and the place, what was found there and what was
/// expected.
ProductTable ReadTable(const std::string& path, const CircuitShape& shape);

/// What WriteTable writes. Throws Error where the format cannot hold the table.
std::string TableFileBytes(const ProductTable& table, TableFormat format);

/// Writes the table: what ReadTable reads of it is the same table, and that written again the same
/// bytes. A failed write leaves an old file as it was. Throws Error.
void WriteTable(const ProductTable& table, const std::string& path, TableFormat format);

/// The circuit of the table that ReadTable reads.
std::shared_ptr<const Circuit> LoadTableFile(const std::string& path, const CircuitShape& shape);

}  // namespace mulberry
