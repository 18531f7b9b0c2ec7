#include "mulberry/circuits/circuit.h"

#include <algorithm>
#include <bit>

#include "mulberry/base/error.h"
#include "mulberry/base/random.h"
#include "mulberry/base/sha256.h"
#include "mulberry/base/threads.h"
#include "mulberry/circuits/circuit_cache.h"

namespace mulberry {
namespace {

constexpr size_t kBatch = size_t{1} << 16;
constexpr int kMaxOperandBits = 32;

/// Pairs of encodings and their products.
struct Pairs {
  std::vector<uint32_t> a;
  std::vector<uint32_t> b;
  std::vector<uint64_t> products;

  explicit Pairs(size_t n) : a(n), b(n), products(n) {}

  void Evaluate(const Circuit& circuit) {
    circuit.Evaluate(a.data(), b.data(), products.data(), a.size());
  }
  /// From the last pair to the first.
  void EvaluateBackwards(const Circuit& circuit) {
    std::reverse(a.begin(), a.end());
    std::reverse(b.begin(), b.end());
    Evaluate(circuit);
    std::reverse(a.begin(), a.end());
    std::reverse(b.begin(), b.end());
    std::reverse(products.begin(), products.end());
  }
};

[[noreturn]] void RefuseChange(const Circuit& circuit, uint32_t a, uint32_t b, uint64_t first,
                               uint64_t second) {
  const CircuitShape& shape = circuit.shape();
  const auto number = [&](uint64_t encoding, int bits, bool is_signed) {
    return shape.is_float ? fmt::format("{}", std::bit_cast<float>(static_cast<uint32_t>(encoding)))
                          : fmt::format("{}", ValueOf(encoding, bits, is_signed));
  };
  const auto product = [&](uint64_t encoding) {
    return number(encoding, shape.product_bits(), shape.product_signed());
  };
  throw Error(
      "{}: its product of a = {}, b = {} was {} and then {}: it depends on more than its operands",
      circuit.description(), number(a, shape.a_bits, shape.a_signed),
      number(b, shape.b_bits, shape.b_signed), product(first), product(second));
}

/// The pairs of a table's entries [begin, begin + n).
Pairs PairsOfEntries(const CircuitShape& shape, size_t begin, size_t n) {
  Pairs pairs(n);
  for (size_t i = 0; i < n; ++i) {
    pairs.a[i] = static_cast<uint32_t>((begin + i) >> shape.b_bits);
    pairs.b[i] = static_cast<uint32_t>((begin + i) & ((size_t{1} << shape.b_bits) - 1));
  }
  return pairs;
}

ProductTable ComputeTable(const Circuit& circuit) {
  const CircuitShape& shape = circuit.shape();
  const size_t size = size_t{1} << shape.product_bits();
  const size_t batch = std::min(kBatch, size);
  const auto batches = static_cast<int64_t>(size / batch);
  ProductTable table{shape, std::vector<int64_t>(size)};
  ParallelFor(batches, [&](int64_t index) {
    const size_t begin = static_cast<size_t>(index) * batch;
    Pairs pairs = PairsOfEntries(shape, begin, batch);
    pairs.Evaluate(circuit);
    for (size_t i = 0; i < batch; ++i) {
      table.products[begin + i] =
          ValueOf(pairs.products[i], shape.product_bits(), shape.product_signed());
    }
  });
  circuit.Renew();
  ParallelFor(batches, [&](int64_t index) {
    const size_t begin = static_cast<size_t>(index) * batch;
    Pairs pairs = PairsOfEntries(shape, begin, batch);
    pairs.EvaluateBackwards(circuit);
    for (size_t i = 0; i < batch; ++i) {
      const int64_t before = table.products[begin + i];
      const uint64_t again = pairs.products[i];
      if (before != ValueOf(again, shape.product_bits(), shape.product_signed())) {
        RefuseChange(circuit, pairs.a[i], pairs.b[i], static_cast<uint64_t>(before), again);
      }
    }
  });
  return table;
}

class TableCircuit : public Circuit {
 public:
  TableCircuit(std::shared_ptr<const ProductTable> table, std::string description)
      : Circuit(table->shape, std::move(description), Sha256().Add(TableBytes(*table)).Digest()),
        table_(std::move(table)) {}

  void Evaluate(const uint32_t* a, const uint32_t* b, uint64_t* products, size_t n) const override {
    const uint64_t a_mask = (uint64_t{1} << shape().a_bits) - 1;
    const uint64_t b_mask = (uint64_t{1} << shape().b_bits) - 1;
    const uint64_t product_mask = (uint64_t{1} << shape().product_bits()) - 1;
    for (size_t i = 0; i < n; ++i) {
      const uint64_t entry = (a[i] & a_mask) << shape().b_bits | (b[i] & b_mask);
      products[i] = static_cast<uint64_t>(table_->products[entry]) & product_mask;
    }
  }

 private:
  std::shared_ptr<const ProductTable> table_;
};

}  // namespace

std::string Name(const CircuitShape& shape) {
  if (shape.is_float) return "float";
  const std::string a = fmt::format("{}{}", shape.a_signed ? "int" : "uint", shape.a_bits);
  const std::string b = fmt::format("{}{}", shape.b_signed ? "int" : "uint", shape.b_bits);
  return a == b ? a : fmt::format("{} x {}", a, b);
}

int64_t ValueOf(uint64_t encoding, int bits, bool is_signed) {
  const int unused = 64 - bits;
  return is_signed ? static_cast<int64_t>(encoding << unused) >> unused
                   : static_cast<int64_t>(encoding << unused >> unused);
}

void RequireValid(const CircuitShape& shape) {
  if (shape.is_float) return;
  for (const int bits : {shape.a_bits, shape.b_bits}) {
    if (bits >= 1 && bits <= kMaxOperandBits) continue;
    throw UsageError("operands of a circuit have 1 to {} bits, not {}", kMaxOperandBits, bits);
  }
}

void RequireTabulable(const CircuitShape& shape, const std::string& description) {
  RequireValid(shape);
  if (shape.is_float) throw Error("{}: float operands have no table of all products", description);
  if (shape.product_bits() > kMaxTableBits) {
    throw Error("{}: a table of {} operands has 2^{} products, more than the limit of 2^{}",
                description, Name(shape), shape.product_bits(), kMaxTableBits);
  }
}

std::shared_ptr<const ProductTable> EvaluateAll(const Circuit& circuit) {
  RequireTabulable(circuit.shape(), circuit.description());
  return CachedTable(circuit.digest(), circuit.shape(), [&] { return ComputeTable(circuit); });
}

void RequireDeterministic(const Circuit& circuit) {
  constexpr size_t kSample = 4096;
  const RandomStream stream{.seed = 1, .stream = 0};
  Pairs pairs(kSample);
  for (size_t i = 0; i < kSample; ++i) {
    pairs.a[i] = stream.At(2 * i);
    pairs.b[i] = stream.At(2 * i + 1);
    if (!circuit.shape().is_float) continue;
    // Ordinary numbers from 2^-8 up to 2^8 only: a model may be meant for no others.
    for (uint32_t* operand : {&pairs.a[i], &pairs.b[i]}) {
      *operand = (*operand & 0x807fffff) | (119 + (*operand >> 23) % 16) << 23;
    }
  }
  Pairs again = pairs;
  pairs.Evaluate(circuit);
  circuit.Renew();
  again.EvaluateBackwards(circuit);
  for (size_t i = 0; i < kSample; ++i) {
    if (pairs.products[i] == again.products[i]) continue;
    RefuseChange(circuit, pairs.a[i], pairs.b[i], pairs.products[i], again.products[i]);
  }
}

std::shared_ptr<const Circuit> CircuitOfTable(std::shared_ptr<const ProductTable> table,
                                              std::string description) {
  return std::make_shared<TableCircuit>(std::move(table), std::move(description));
}

}  // namespace mulberry
