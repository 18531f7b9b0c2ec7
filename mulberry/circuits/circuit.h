// A multiplier that a user brings as a file: a C or C++ function (c_source.h), a Verilog module
// (verilog.h) or a table of products (table_files.h), behind one interface of data in and data out.
//
// Operands and products are encodings: n-bit numbers where unsigned, n-bit two's complement where
// signed, FP32 bit patterns for float circuits. Not here: making a multiplier of the
// specification language of it, and sampling a float circuit into a mantissa table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mulberry {

/// What a circuit multiplies. Widths are 1 to 32 bits.
struct CircuitShape {
  int a_bits = 8;  ///< Of the first operand.
  int b_bits = 8;  ///< Of the second one.
  bool a_signed = false;
  bool b_signed = false;
  bool is_float = false;  ///< Takes and gives floats; the widths and the signs do not matter.

  int product_bits() const { return is_float ? 32 : a_bits + b_bits; }
  bool product_signed() const { return a_signed || b_signed; }

  friend bool operator==(const CircuitShape&, const CircuitShape&) = default;
};

/// "uint8", "int8", "uint8 x int4", "float".
std::string Name(const CircuitShape& shape);

class Circuit {
 public:
  virtual ~Circuit() = default;
  Circuit(const Circuit&) = delete;
  Circuit& operator=(const Circuit&) = delete;

  const CircuitShape& shape() const { return shape_; }
  /// Where it comes from, such as FILE.c#NAME.
  const std::string& description() const { return description_; }
  /// A digest of all that decides its products.
  const std::string& digest() const { return digest_; }

  /// The products of n pairs of encodings; bits of an operand above its width are ignored, those of
  /// a product above product_bits() are zero. Thread-safe. Throws Error that names the circuit,
  /// what happened and the operands at fault.
  virtual void Evaluate(const uint32_t* a, const uint32_t* b, uint64_t* products,
                        size_t n) const = 0;

  /// Forgets whatever earlier evaluations may have left behind.
  virtual void Renew() const {}

 protected:
  Circuit(const CircuitShape& shape, std::string description, std::string digest)
      : shape_(shape), description_(std::move(description)), digest_(std::move(digest)) {}

 private:
  CircuitShape shape_;
  std::string description_;
  std::string digest_;
};

/// All products of an integer multiplier: entry (a << b_bits) | b, a and b encodings, is the
/// product as a number. It fits product_bits() bits, in two's complement if signed.
struct ProductTable {
  CircuitShape shape;
  std::vector<int64_t> products;

  friend bool operator==(const ProductTable&, const ProductTable&) = default;
};

/// A table has at most 2^24 products.
inline constexpr int kMaxTableBits = 24;

/// The number that the lowest `bits` of `encoding` stand for.
int64_t ValueOf(uint64_t encoding, int bits, bool is_signed);

/// Throws UsageError unless the widths are 1 to 32 bits.
void RequireValid(const CircuitShape& shape);

/// Throws Error unless `shape` is of integers with a_bits + b_bits <= kMaxTableBits.
void RequireTabulable(const CircuitShape& shape, const std::string& description);

/// The table of a circuit. Every product is computed twice, the second time in another order after
/// Renew(): a circuit that then differs is refused. Kept in memory while it is in use, and on disk
/// in `tables` of the circuit cache folder (circuit_build.h) under the circuit's digest. Throws
/// Error.
std::shared_ptr<const ProductTable> EvaluateAll(const Circuit& circuit);

/// For circuits without a table: computes some products twice, as EvaluateAll does all. Throws
/// Error.
void RequireDeterministic(const Circuit& circuit);

/// A circuit that looks its products up.
std::shared_ptr<const Circuit> CircuitOfTable(std::shared_ptr<const ProductTable> table,
                                              std::string description);

}  // namespace mulberry
