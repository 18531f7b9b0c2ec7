// A multiplier family of one's own, as a file of mulberry/multipliers: low_or(p), whose partial
// products in the p lowest columns are ORed where an exact multiplier adds them. What to do with it
// is in docs/add-a-multiplier.md.
#include "mulberry/multipliers/multiplier.h"
#include "mulberry/multipliers/parameter_fit.h"

namespace mulberry {
namespace {

uint64_t LowOr(uint64_t a, uint64_t b, int n, int p) {
  uint64_t product = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const uint64_t partial = (a >> i & b >> j & 1) << (i + j);
      product = i + j < p ? product | partial : product + partial;
    }
  }
  return product;
}

Model MakeLowOr(const std::vector<int>& values, const OperandKind& operand) {
  const int p = values[0], n = operand.bits;
  RequireFit("low_or's p", p, operand, 0, 2 * n - 1);
  return [=](uint64_t a, uint64_t b) { return LowOr(a, b, n, p); };
}

}  // namespace

MultiplierFamily LowOrFamily() {
  return {
      .name = "low_or",
      .summary = "partial products of the low columns ORed",
      .source = "an example",
      .parameters = {{"p", 0, 47, 4, true, "columns ORed"}},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = MakeLowOr,
  };
}

}  // namespace mulberry
