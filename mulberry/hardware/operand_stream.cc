#include "mulberry/hardware/operand_stream.h"

#include <algorithm>
#include <optional>

#include "mulberry/base/error.h"
#include "mulberry/base/random.h"
#include "mulberry/formats/float_format.h"
#include "mulberry/formats/posit.h"
#include "mulberry/formats/rounding.h"

namespace mulberry {
namespace {

/// The encoding of a uniform value, of 32 random bits.
uint64_t UniformEncoding(const Format& format, uint32_t random) {
  if (const std::optional<IntegerFormat> integers = IntegersOf(format)) {
    return random >> (32 - integers->bits);
  }
  const float value = static_cast<float>(static_cast<int32_t>(random)) * 0x1p-31f;
  if (const auto* posit = std::get_if<PositFormat>(&format)) {
    return Encode(*posit, Round(*posit, Rounding::kNearestEven, value));
  }
  const auto* floats = std::get_if<FloatFormat>(&format);
  if (floats == nullptr) throw UsageError("{}: has no circuit", Name(format));
  return Encode(*floats, Round(*floats, Rounding::kNearestEven, value));
}

}  // namespace

OperandPairs UniformOperands(const Arithmetic& arithmetic, size_t count, uint64_t seed) {
  const RandomStream first{seed, 0}, second{seed, 1};
  OperandPairs pairs;
  for (size_t i = 0; i < count; ++i) {
    pairs.emplace_back(UniformEncoding(arithmetic.format.first, first.At(i)),
                       UniformEncoding(arithmetic.format.second, second.At(i)));
  }
  return pairs;
}

std::vector<std::vector<uint64_t>> InputsFor(const Design& design, const OperandPairs& operands) {
  const bool accumulates = design.inputs.size() == 3;
  std::vector<uint64_t> sums(static_cast<size_t>(std::max(1, design.latency)));
  std::vector<std::vector<uint64_t>> inputs;
  for (size_t i = 0; i < operands.size(); ++i) {
    inputs.push_back({operands[i].first, operands[i].second});
    if (!accumulates) continue;
    uint64_t& sum = sums[i % sums.size()];
    if (i / sums.size() % kSumLength == 0) sum = 0;
    inputs.back().push_back(sum);
    sum = design.model(inputs.back().data());
  }
  return inputs;
}

}  // namespace mulberry
