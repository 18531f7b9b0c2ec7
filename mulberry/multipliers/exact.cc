#include "mulberry/multipliers/exact.h"

namespace mulberry {

MultiplierFamily ExactFamily() {
  return {
      .name = "exact",
      .summary = "exact product",
      .source = "",
      .parameters = {},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = [](const std::vector<int>&, const OperandKind&) -> Model {
        return [](uint64_t a, uint64_t b) { return a * b; };
      },
  };
}

}  // namespace mulberry
