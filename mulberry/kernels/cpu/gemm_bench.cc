// Throughput of the CPU kernels against OpenBLAS's sgemm, one thread, square products. The counter
// GMAC/s is what to compare; run with --benchmark_repetitions=5 and read the medians.
#include <benchmark/benchmark.h>
#include <cblas.h>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/kernels/test_multiplier.h"

namespace mulberry {
namespace {

/// A square problem of ordinary bf16 values.
struct Square {
  explicit Square(int64_t n)
      : a(RandomElements(n * n, 7, Elements::kOrdinary, 1)),
        b(RandomElements(n * n, 7, Elements::kOrdinary, 2)),
        c(n * n) {
    problem.a = StridedOperand(a.data(), n, n, n, 1);
    problem.b = StridedOperand(b.data(), n, n, n, 1);
    problem.c = {c.data(), n, n, 1, 0};
  }
  std::vector<float> a, b, c;
  GemmProblem problem;
};

template <class Body>
void Measure(benchmark::State& state, const Body& body) {
  SetThreads(1);
  Square square(state.range(0));
  for (auto _ : state) body(square);
  const double macs = double(state.range(0)) * double(state.range(0)) * double(state.range(0));
  state.counters["GMAC/s"] =
      benchmark::Counter(macs * 1e-9 * double(state.iterations()), benchmark::Counter::kIsRate);
}

void Sgemm(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0));
  Measure(state, [n](Square& s) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0f, s.a.data(), n, s.b.data(),
                n, 0.0f, s.c.data(), n);
  });
}

void Closed(benchmark::State& state, ClosedForm form) {
  const TestMultiplier any = RandomMultiplier(7, 7, 1);
  Measure(state, [&](Square& s) { ClosedFormGemm(s.problem, {form, true, any.product()}); });
}

void Register(benchmark::State& state, int planes) {
  if (!RegisterTableSupported()) return state.SkipWithError("needs AVX-512 VBMI");
  const TestMultiplier table = RandomMultiplier(7, planes == 1 ? 7 : 15, 1);
  std::vector<uint8_t> high, low;
  for (float product : table.products) {
    const uint32_t code = (std::bit_cast<uint32_t>(product) - 0x3f800000) >> 8;
    high.push_back(static_cast<uint8_t>(code >> 8));
    low.push_back(static_cast<uint8_t>(code));
  }
  const RegisterTableMultiplier::Planes both{high.data(), planes == 1 ? nullptr : low.data()};
  Measure(state, [&](Square& s) {
    RegisterTableGemm(s.problem, {7, both, both, table.product()});
  });
}

void Gather(benchmark::State& state) {
  const TestMultiplier table = RandomMultiplier(7, 15, 1);
  Measure(state, [&](Square& s) {
    GatherTableGemm(s.problem,
                    {7, 0, table.products.data(), table.products.data(), table.product()});
  });
}

BENCHMARK(Sgemm)->Arg(256)->Arg(1024);
BENCHMARK_CAPTURE(Closed, exact, ClosedForm::kExact)->Arg(256)->Arg(1024);
BENCHMARK_CAPTURE(Closed, mitchell, ClosedForm::kMitchell)->Arg(256)->Arg(1024);
BENCHMARK_CAPTURE(Register, one_plane, 1)->Arg(256)->Arg(1024);
BENCHMARK_CAPTURE(Register, two_planes, 2)->Arg(256)->Arg(1024);
BENCHMARK(Gather)->Arg(256)->Arg(1024);

}  // namespace
}  // namespace mulberry

BENCHMARK_MAIN();
