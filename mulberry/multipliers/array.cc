// BAM, truncation, also with rounding, and low-part dropping: partial products left out.
#include "mulberry/multipliers/array.h"

#include <algorithm>

#include "mulberry/multipliers/parameter_fit.h"

namespace mulberry {
namespace {

/// The sum of the partial products in columns i + j >= v and rows j >= h.
uint64_t BrokenArray(uint64_t a, uint64_t b, int n, int v, int h) {
  uint64_t sum = 0;
  for (int j = h; j < n; ++j) {
    if ((b >> j & 1) == 0) continue;
    const int first = std::max(0, v - j);
    sum += (a >> first << first) << j;
  }
  return sum;
}

Model MakeBam(const std::vector<int>& values, const OperandKind& operand) {
  const int v = values[0], h = values[1], n = operand.bits;
  RequireFit("bam's v", v, operand, 0, 2 * n - 2);
  RequireFit("bam's h", h, operand, 0, n - 1);
  return [=](uint64_t a, uint64_t b) { return BrokenArray(a, b, n, v, h); };
}

Model MakeTruncated(const std::vector<int>& values, const OperandKind& operand) {
  const int v = values[0], n = operand.bits;
  RequireFit("truncated's v", v, operand, 0, 2 * n - 2);
  return [=](uint64_t a, uint64_t b) { return BrokenArray(a, b, n, v, 0); };
}

/// For each bit i of a, b rounded to a multiple of 2^k, k = v - i.
uint64_t Rounded(uint64_t a, uint64_t b, int n, int v) {
  uint64_t sum = 0;
  for (int i = 0; i < n; ++i) {
    const int k = std::max(0, v - i);
    if ((a >> i & 1) == 0 || k >= n) continue;
    const uint64_t half = (uint64_t{1} << k) / 2;
    sum += (b + half) >> k << k << i;
  }
  return sum;
}

Model MakeRounded(const std::vector<int>& values, const OperandKind& operand) {
  const int v = values[0], n = operand.bits;
  RequireFit("rounded's v", v, operand, 0, 2 * n - 2);
  return [=](uint64_t a, uint64_t b) { return Rounded(a, b, n, v); };
}

Model MakeLowDrop(const std::vector<int>& values, const OperandKind& operand) {
  const int p = values[0], q = values[1];
  RequireFit("low_drop's p", p, operand, 0, operand.bits);
  RequireFit("low_drop's q", q, operand, 0, operand.bits);
  const uint64_t low_a = (uint64_t{1} << p) - 1, low_b = (uint64_t{1} << q) - 1;
  return [=](uint64_t a, uint64_t b) { return a * b - (a & low_a) * (b & low_b); };
}

/// A required parameter from 0.
Parameter From0(const char* name, int maximum, int customary, const char* summary) {
  return {name, 0, maximum, customary, true, summary};
}

}  // namespace

MultiplierFamily BamFamily() {
  return {
      .name = "bam",
      .summary = "broken array: low columns and rows of partial products left out",
      .source = "Mahdiani, Ahmadi, Fakhraie, Lucas, IEEE TCAS-I, 2010",
      .parameters = {From0("v", 46, 4, "columns left out"), From0("h", 23, 0, "rows left out")},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = MakeBam,
  };
}

MultiplierFamily TruncatedFamily() {
  return {
      .name = "truncated",
      .summary = "low columns of partial products left out: bam with h=0",
      .source = "Mahdiani, Ahmadi, Fakhraie, Lucas, IEEE TCAS-I, 2010",
      .parameters = {From0("v", 46, 4, "columns left out")},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = MakeTruncated,
  };
}

MultiplierFamily RoundedFamily() {
  return {
      .name = "rounded",
      .summary = "truncated, with the highest column left out added to the next",
      .source = "after King, Swartzlander, Asilomar, 1997",
      .parameters = {From0("v", 46, 9, "columns left out")},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = MakeRounded,
  };
}

MultiplierFamily LowDropFamily() {
  return {
      .name = "low_drop",
      .summary = "product of the operands' low parts left out",
      .source = "after Yu et al., IEEE TVLSI, 2024",
      .parameters = {From0("p", 24, 3, "low bits of the first operand"),
                     From0("q", 24, 3, "low bits of the second operand")},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = MakeLowDrop,
  };
}

}  // namespace mulberry
