// Throughput of the CPU kernels against OpenBLAS's sgemm, one thread: products of m × n by n × n.
// The counter GMAC/s is what to compare; run with --benchmark_repetitions=5 and read the medians.
// With 8 rows nearly all the time goes into fetching and packing B: ns/element tells what that
// costs.
#include <benchmark/benchmark.h>
#include <cblas.h>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/kernels/test_multiplier.h"

namespace mulberry {
namespace {

/// A problem of given values: A of m × n, B of n × n.
struct Product {
  Product(int64_t m, int64_t n, std::vector<float> a_, std::vector<float> b_)
      : a(std::move(a_)), b(std::move(b_)), c(static_cast<size_t>(m * n)) {
    problem.a = StridedOperand(a.data(), m, n, n, 1);
    problem.b = StridedOperand(b.data(), n, n, n, 1);
    problem.c = {c.data(), n, n, 1, 0};
  }
  std::vector<float> a, b, c;
  GemmProblem problem;
};

/// Ordinary bf16 values, or integers of 8 bits.
std::vector<float> Values(int64_t n, bool integers, uint32_t seed) {
  const auto size = static_cast<size_t>(n);
  std::vector<float> values = RandomElements(size, 7, Elements::kOrdinary, seed);
  if (integers) {
    std::mt19937 random(seed);
    for (float& x : values) x = static_cast<float>(static_cast<int>(random() % 256) - 128);
  }
  return values;
}

template <class Body>
void Measure(benchmark::State& state, bool integers, const Body& body) {
  SetThreads(1);
  const int64_t m = state.range(0), n = state.range(1);
  Product product(m, n, Values(m * n, integers, 1), Values(n * n, integers, 2));
  for (auto _ : state) body(product);
  using benchmark::Counter;
  const double calls = double(state.iterations());
  state.counters["GMAC/s"] =
      Counter(double(m) * double(n) * double(n) * 1e-9 * calls, Counter::kIsRate);
  state.counters["ns/element"] =
      Counter(double(n) * double(n) * 1e-9 * calls, Counter::kIsRate | Counter::kInvert);
}

void Sgemm(benchmark::State& state) {
  const int m = static_cast<int>(state.range(0)), n = static_cast<int>(state.range(1));
  Measure(state, false, [m, n](Product& s) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, n, 1.0f, s.a.data(), n, s.b.data(),
                n, 0.0f, s.c.data(), n);
  });
}

void Closed(benchmark::State& state, ClosedForm form) {
  const TestMultiplier any = RandomMultiplier(7, 7, 1);
  Measure(state, false, [&](Product& s) {
    ClosedFormGemm(s.problem, {form, true, any.product()});
  });
}

void Register(benchmark::State& state, int planes) {
  if (!RegisterTableSupported(7)) return state.SkipWithError("needs AVX2");
  const TestMultiplier table = RandomMultiplier(7, planes == 1 ? 7 : 15, 1);
  std::vector<uint8_t> high, low;
  std::vector<uint16_t> words;
  for (float product : table.products) {
    const uint32_t code = (std::bit_cast<uint32_t>(product) - 0x3f800000) >> 8;
    words.push_back(static_cast<uint16_t>(code));
    high.push_back(static_cast<uint8_t>(code >> 8));
    low.push_back(static_cast<uint8_t>(code));
  }
  const RegisterTableMultiplier::Planes both{high.data(), planes == 1 ? nullptr : low.data(),
                                             words.data()};
  Measure(state, false, [&](Product& s) {
    RegisterTableGemm(s.problem, {7, both, both, table.product()});
  });
}

void Gather(benchmark::State& state) {
  const TestMultiplier table = RandomMultiplier(7, 15, 1);
  Measure(state, false, [&](Product& s) {
    GatherTableGemm(s.problem,
                    {7, 0, table.products.data(), table.products.data(), table.product()});
  });
}

void Bf16Terms(benchmark::State& state, int terms) {
  if (!Bf16TermsSupported()) return state.SkipWithError("needs AVX512_BF16");
  const TestMultiplier any = RandomMultiplier(7, 7, 1);
  const std::vector<uint16_t> ones(static_cast<size_t>(128 * terms), 0x3f80);
  Measure(state, false, [&](Product& s) {
    Bf16TermsGemm(s.problem, {7, terms, ones.data(), ones.data(), 127, 127, any.product()});
  });
}

/// Random bytes: what the terms are does not matter to the kernel.
void LowRank(benchmark::State& state, int terms) {
  std::mt19937 random(1);
  std::vector<uint8_t> bytes(static_cast<size_t>(256 * terms)), shifts(static_cast<size_t>(terms));
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  const LowRankMultiplier::Side side{terms, bytes.data(), bytes.data(), shifts.data(), {}, {}, 0,
                                     0};
  Measure(state, true, [&](Product& s) {
    LowRankGemm(s.problem, {8, 8, 65025, true, side, side});
  });
}

void IntegerRegister(benchmark::State& state) {
  if (!IntegerRegisterTableSupported()) return state.SkipWithError("needs AVX-512");
  std::mt19937 random(1);
  std::vector<uint16_t> words(256 * 256);
  for (uint16_t& word : words) word = static_cast<uint16_t>(random());
  const IntegerRegisterTableMultiplier::Tables tables{
      reinterpret_cast<const uint8_t*>(words.data()), words.data()};
  Measure(state, true, [&](Product& s) {
    IntegerRegisterTableGemm(s.problem, {8, 8, tables, tables, 0, 65535});
  });
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"m", "n"})->Args({8, 1024})->Args({256, 256})->Args({1024, 1024});
}

BENCHMARK(Sgemm)->Apply(Sizes);
BENCHMARK_CAPTURE(Closed, exact, ClosedForm::kExact)->Apply(Sizes);
BENCHMARK_CAPTURE(Closed, mitchell, ClosedForm::kMitchell)->Apply(Sizes);
BENCHMARK_CAPTURE(Bf16Terms, one_term, 1)->Apply(Sizes);
BENCHMARK_CAPTURE(Bf16Terms, two_terms, 2)->Apply(Sizes);
BENCHMARK_CAPTURE(Register, one_plane, 1)->Apply(Sizes);
BENCHMARK_CAPTURE(Register, two_planes, 2)->Apply(Sizes);
BENCHMARK(Gather)->Apply(Sizes);
BENCHMARK_CAPTURE(LowRank, one_term, 1)->Apply(Sizes);
BENCHMARK_CAPTURE(LowRank, two_terms, 2)->Apply(Sizes);
BENCHMARK_CAPTURE(LowRank, four_terms, 4)->Apply(Sizes);
BENCHMARK_CAPTURE(LowRank, eight_terms, 8)->Apply(Sizes);
BENCHMARK(IntegerRegister)->Apply(Sizes);

}  // namespace
}  // namespace mulberry

BENCHMARK_MAIN();
