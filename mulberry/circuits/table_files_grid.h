// For the readers and writers of table files: a table by rows and columns, in the order of the
// numbers instead of their encodings, with its bounds checked.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "mulberry/circuits/circuit.h"

namespace mulberry {

class TableGrid {
 public:
  /// A table of zeros.
  explicit TableGrid(const CircuitShape& shape)
      : TableGrid(ProductTable{shape, std::vector<int64_t>(size_t{1} << shape.product_bits())}) {}
  explicit TableGrid(ProductTable table) : table_(std::move(table)) {}

  const CircuitShape& shape() const { return table_.shape; }
  size_t rows() const { return size_t{1} << shape().a_bits; }
  size_t columns() const { return size_t{1} << shape().b_bits; }

  int64_t lowest() const {
    return shape().product_signed() ? -(int64_t{1} << (shape().product_bits() - 1)) : 0;
  }
  int64_t highest() const {
    return (int64_t{1} << (shape().product_bits() - (shape().product_signed() ? 1 : 0))) - 1;
  }

  int64_t at(size_t row, size_t column) const { return table_.products[Entry(row, column)]; }
  /// False where `value` is no integer, or no product of such operands.
  template <typename T>
  bool Set(size_t row, size_t column, T value) {
    if constexpr (std::is_floating_point_v<T>) {
      if (value != std::floor(value)) return false;
      if (!(value >= static_cast<T>(lowest()) && value <= static_cast<T>(highest()))) return false;
    } else {
      if (std::cmp_less(value, lowest()) || std::cmp_greater(value, highest())) return false;
    }
    table_.products[Entry(row, column)] = static_cast<int64_t>(value);
    return true;
  }
  /// For messages: "products of uint8 operands are integers from 0 to 65535".
  std::string Bounds() const;

  ProductTable Take() { return std::move(table_); }

 private:
  /// The smallest number has the encoding with only the top bit set; the order is otherwise the
  /// same.
  size_t Entry(size_t row, size_t column) const {
    if (shape().a_signed) row ^= rows() / 2;
    if (shape().b_signed) column ^= columns() / 2;
    return row << shape().b_bits | column;
  }

  ProductTable table_;
};

/// The readers of one format each. `bytes` is the file's content, `path` stands for it in messages.
ProductTable TableOfNpy(const std::string& bytes, const std::string& path,
                        const CircuitShape& shape);
ProductTable TableOfText(const std::string& bytes, char separator, const std::string& path,
                         const CircuitShape& shape);

/// And the writers.
std::string NpyOfTable(const ProductTable& table);
std::string TextOfTable(const ProductTable& table, char separator);

}  // namespace mulberry
