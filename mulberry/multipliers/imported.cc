#include "mulberry/multipliers/imported.h"

#include <bit>
#include <cmath>
#include <memory>
#include <utility>

#include "mulberry/base/error.h"
#include "mulberry/circuits/c_source.h"
#include "mulberry/circuits/table_files.h"
#include "mulberry/circuits/verilog.h"
#include "mulberry/multipliers/table.h"

namespace mulberry {
namespace {

Model OfMantissaTable(const std::string& path, const OperandKind& operand) {
  MantissaTable table = ReadApproxTrainTable(path);
  const int m = operand.bits - 1;
  if (table.mantissa_bits != m) {
    throw Error("{}: is a table of {} mantissa bits, and the format has {}", path,
                table.mantissa_bits, m);
  }
  return [table = std::move(table), m](uint64_t a, uint64_t b) {
    const uint32_t mask = (uint32_t{1} << m) - 1;
    const float product =
        table.at(static_cast<uint32_t>(a) & mask, static_cast<uint32_t>(b) & mask);
    return static_cast<uint64_t>(std::ldexp(product, 2 * m));
  };
}

Model OfIntegerCircuit(std::shared_ptr<const Circuit> circuit) {
  const CircuitShape shape = circuit->shape();
  if (shape.product_bits() > kMaxTableBits) {
    return Model::OfArrays(
        [circuit = std::move(circuit)](const uint32_t* a, const uint32_t* b, uint64_t* products,
                                       size_t n) { circuit->Evaluate(a, b, products, n); });
  }
  const uint64_t mask = (uint64_t{1} << shape.product_bits()) - 1;
  return [table = EvaluateAll(*circuit), mask](uint64_t a, uint64_t b) {
    return static_cast<uint64_t>(table->products[a << table->shape.b_bits | b]) & mask;
  };
}

// Of float f(float, float): products are multiples of 2^-46, the least of two FP32 significands.
constexpr int kFloatFractionBits = 46;

/// The product of significands as a multiple of 2^-46.
uint64_t SignificandOf(const Circuit& circuit, float a, float b, uint32_t encoding) {
  const float product = std::bit_cast<float>(encoding);
  if (product == 0) return 0;
  if (product >= 0x1p-23f && product < 4) {
    return static_cast<uint64_t>(std::ldexp(product, kFloatFractionBits));
  }
  throw Error(
      "{}: its product of {} and {} is {}; of two numbers from 1 to below 2 it must be 0 or "
      "from 2^-23 to below 4",
      circuit.description(), a, b, product);
}

Model OfFloatFunction(std::shared_ptr<const Circuit> circuit, int mantissa_bits) {
  const auto many = [circuit = std::move(circuit), mantissa_bits](
                        const uint32_t* a, const uint32_t* b, uint64_t* products, size_t n) {
    // Significands with their leading one become floats in [1, 2).
    const auto encoding = [mantissa_bits](uint32_t significand) {
      const uint32_t fraction = significand - (uint32_t{1} << mantissa_bits);
      return uint32_t{127} << 23 | fraction << (23 - mantissa_bits);
    };
    std::vector<uint32_t> first(n), second(n);
    std::transform(a, a + n, first.begin(), encoding);
    std::transform(b, b + n, second.begin(), encoding);
    circuit->Evaluate(first.data(), second.data(), products, n);
    for (size_t i = 0; i < n; ++i) {
      products[i] =
          SignificandOf(*circuit, std::bit_cast<float>(first[i]), std::bit_cast<float>(second[i]),
                        static_cast<uint32_t>(products[i]));
    }
  };
  const int m = mantissa_bits;
  Model model;
  if (2 * m > kMaxTableBits - 2) {
    model = Model::OfArrays(many);
  } else {
    const size_t size = size_t{1} << 2 * m;
    std::vector<uint32_t> a(size), b(size);
    const uint32_t one = uint32_t{1} << m;
    for (size_t i = 0; i < size; ++i) {
      a[i] = one | static_cast<uint32_t>(i >> m);
      b[i] = one | (static_cast<uint32_t>(i) & (one - 1));
    }
    std::vector<uint64_t> products(size);
    many(a.data(), b.data(), products.data(), size);
    model = [products = std::move(products), m, one](uint64_t first, uint64_t second) {
      return products[(first - one) << m | (second - one)];
    };
  }
  model.fraction_bits = kFloatFractionBits;
  return model;
}

}  // namespace

Model MakeImportedModel(const Multiplier& multiplier, const OperandKind& first,
                        const OperandKind& second) {
  const std::string& path = multiplier.path;
  const CircuitShape shape{.a_bits = first.bits,
                           .b_bits = second.bits,
                           .a_signed = first.twos_complement,
                           .b_signed = second.twos_complement};
  if (multiplier.family == kVerilogFamily) {
    return OfIntegerCircuit(LoadVerilog(path, multiplier.function, shape));
  }
  if (multiplier.family == kTableFamily) {
    if (first.significand && path.ends_with(".bin")) return OfMantissaTable(path, first);
    return OfIntegerCircuit(LoadTableFile(path, shape));
  }
  if (multiplier.family != kCFamily) {
    throw UsageError("\"{}\" is not a family of users' files", multiplier.family);
  }
  if (!first.significand) return OfIntegerCircuit(LoadCSource(path, multiplier.function, shape));
  const auto circuit = LoadCSourceForFloats(path, multiplier.function, first.bits);
  return circuit->shape().is_float ? OfFloatFunction(circuit, first.bits - 1)
                                   : OfIntegerCircuit(circuit);
}

}  // namespace mulberry
