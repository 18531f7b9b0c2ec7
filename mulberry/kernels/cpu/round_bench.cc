// Speed of RoundArray on one thread, in bytes of FP32 read a second, against a plain copy.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/round.h"

namespace mulberry {
namespace {

std::vector<float> Values(int64_t n) {
  std::vector<float> values(n);
  for (int64_t i = 0; i < n; ++i) {
    values[i] = static_cast<float>(RandomStream{1, 1}.At(i)) * 0x1p-31f - 1.0f;
  }
  return values;
}

template <class Format>
void RoundInto(benchmark::State& state, const Format& format, Rounding rounding) {
  SetThreads(1);
  const int64_t n = state.range(0);
  const std::vector<float> in = Values(n);
  std::vector<float> out(n);
  for (auto _ : state) {
    RoundArray(format, rounding, in.data(), out.data(), n, {1, 2}, 0);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * n * static_cast<int64_t>(sizeof(float)));
}

void Copy(benchmark::State& state) {
  const int64_t n = state.range(0);
  const std::vector<float> in = Values(n);
  std::vector<float> out(n);
  for (auto _ : state) {
    std::copy(in.begin(), in.end(), out.begin());
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * n * static_cast<int64_t>(sizeof(float)));
}

// A tensor that the second-level cache holds, and one that only memory does.
constexpr int64_t kCached = 1 << 16, kStreamed = 1 << 24;

BENCHMARK(Copy)->Arg(kCached)->Arg(kStreamed);
BENCHMARK_CAPTURE(RoundInto, bf16_nearest, kBf16, Rounding::kNearestEven)
    ->Arg(kCached)
    ->Arg(kStreamed);
BENCHMARK_CAPTURE(RoundInto, e4m3_nearest, kE4m3, Rounding::kNearestEven)
    ->Arg(kCached)
    ->Arg(kStreamed);
BENCHMARK_CAPTURE(RoundInto, bf16_zero, kBf16, Rounding::kTowardZero)->Arg(kCached)->Arg(kStreamed);
BENCHMARK_CAPTURE(RoundInto, fixed_half_up, FixedFormat{4, 11}, Rounding::kNearestUp)
    ->Arg(kCached)
    ->Arg(kStreamed);
BENCHMARK_CAPTURE(RoundInto, fixed_stochastic, FixedFormat{4, 11}, Rounding::kStochastic)
    ->Arg(kCached)
    ->Arg(kStreamed);
BENCHMARK_CAPTURE(RoundInto, mxfp8_nearest, *FindBlockFormat("mxfp8"), Rounding::kNearestEven)
    ->Arg(kCached)
    ->Arg(kStreamed);
BENCHMARK_CAPTURE(RoundInto, mxfp8_stochastic, *FindBlockFormat("mxfp8"), Rounding::kStochastic)
    ->Arg(kCached)
    ->Arg(kStreamed);
BENCHMARK_CAPTURE(RoundInto, bfp_8_16_nearest, MakeBlockFloatingPoint(8, 16),
                  Rounding::kNearestEven)
    ->Arg(kCached);
BENCHMARK_CAPTURE(RoundInto, bfp_8_8_nearest, MakeBlockFloatingPoint(8, 8), Rounding::kNearestEven)
    ->Arg(kCached);
BENCHMARK_CAPTURE(RoundInto, bf16_stochastic, kBf16, Rounding::kStochastic)
    ->Arg(kCached)
    ->Arg(kStreamed);
BENCHMARK_CAPTURE(RoundInto, posit_16_1_nearest, PositFormat{16, 1}, Rounding::kNearestEven)
    ->Arg(kCached)
    ->Arg(kStreamed);
BENCHMARK_CAPTURE(RoundInto, posit_8_2_zero, PositFormat{8, 2}, Rounding::kTowardZero)
    ->Arg(kCached)
    ->Arg(kStreamed);
BENCHMARK_CAPTURE(RoundInto, posit_8_2_stochastic, PositFormat{8, 2}, Rounding::kStochastic)
    ->Arg(kCached)
    ->Arg(kStreamed);

}  // namespace
}  // namespace mulberry

BENCHMARK_MAIN();
