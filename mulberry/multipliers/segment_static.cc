// SSM and ESSM: segments that begin at a few fixed positions.
#include <algorithm>

#include "mulberry/multipliers/parameter_fit.h"
#include "mulberry/multipliers/segment.h"

namespace mulberry {
namespace {

constexpr const char* kSource = "Narayanamoorthy, Moghaddam, Liu, Park, Kim, IEEE TVLSI, 2015";

int LeastSegment(const OperandKind& operand) {
  return (operand.bits + 1) / 2;
}

Model MakeSsm(const std::vector<int>& values, const OperandKind& operand) {
  const int m = values[0], high = operand.bits - m;
  RequireBits("ssm", operand, 2);
  RequireFit("ssm's m", m, operand, LeastSegment(operand), operand.bits - 1);
  const auto segment = [=](uint64_t a) { return a >> m ? a >> high << high : a; };
  return [=](uint64_t a, uint64_t b) { return segment(a) * segment(b); };
}

Model MakeEssm(const std::vector<int>& values, const OperandKind& operand) {
  const int m = values[0], high = operand.bits - m, middle = high / 2;
  RequireBits("essm", operand, 4);
  std::vector<int> fitting;  // The middle segment begins (n - m)/2 bits up.
  for (int fit = LeastSegment(operand); fit <= operand.bits - 2; ++fit) {
    if ((operand.bits - fit) % 2 == 0) fitting.push_back(fit);
  }
  if (std::find(fitting.begin(), fitting.end(), m) == fitting.end()) {
    throw UsageError("essm's m is {}: operands of {} bits allow {}", m, operand.bits,
                     fmt::join(fitting, ", "));
  }
  const auto segment = [=](uint64_t a) {
    if (a >> (m + middle)) return a >> high << high;
    return a >> m ? a >> middle << middle : a;
  };
  return [=](uint64_t a, uint64_t b) { return segment(a) * segment(b); };
}

}  // namespace

MultiplierFamily SsmFamily() {
  return {
      .name = "ssm",
      .summary = "exact product of a high or low segment of each operand",
      .source = kSource,
      .parameters = {{.name = "m",
                      .minimum = 1,
                      .maximum = 23,
                      .default_value = 8,
                      .required = true,
                      .summary = "bits of a segment"}},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = MakeSsm,
  };
}

MultiplierFamily EssmFamily() {
  return {
      .name = "essm",
      .summary = "exact product of a high, middle or low segment of each operand",
      .source = kSource,
      .parameters = {{.name = "m",
                      .minimum = 2,
                      .maximum = 22,
                      .default_value = 8,
                      .required = true,
                      .summary = "bits of a segment"}},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = MakeEssm,
  };
}

}  // namespace mulberry
