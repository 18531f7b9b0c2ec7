// A tile of Mitchell's products, 4 rows by 64 columns by 256 steps of k from packed operands, where
// some elements are zero: the scalar reference, and what was tried. Each variant is checked against
// the reference, bit by bit, before it is timed.
//
// For a = ±2^ea·(1 + x) and b = ±2^eb·(1 + y), the bits of the product are those of b plus the
// mantissa of a, scaled by ±2^ea: the carry of x + y runs into the exponent and doubles the value.
#include <benchmark/benchmark.h>
#include <immintrin.h>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>

namespace {

constexpr int kRows = 4, kColumns = 64, kSteps = 256, kVectors = kColumns / 16;
constexpr uint32_t kOne = 0x3f800000;

struct Tile {
  float scale[kSteps][kRows];        ///< ±2^ea, or 0.
  uint32_t mantissa[kSteps][kRows];  ///< Of a.
  uint32_t bits[kSteps][kRows];      ///< a's own less those of 1, for SignedAddition.
  alignas(64) float b[kSteps][kColumns];
};

using Sums = float[kRows][kColumns];
using Variant = void (*)(const Tile&, Sums&);

void Reference(const Tile& tile, Sums& sums) {
  for (int l = 0; l < kSteps; ++l) {
    for (int r = 0; r < kRows; ++r) {
      for (int c = 0; c < kColumns; ++c) {
        const float b = tile.b[l][c];
        const uint32_t product = std::bit_cast<uint32_t>(b) + tile.mantissa[l][r];
        if (b != 0) sums[r][c] += tile.scale[l][r] * std::bit_cast<float>(product);
      }
    }
  }
}

/// The loops that all variants share: product(l, r, b) is one vector's, added to its sum.
#define LAB_TILE(name, prepare, add)                                                              \
  __attribute__((target("avx512f,avx512dq"), noinline)) void name(const Tile& tile, Sums& sums) { \
    __m512 sum[kRows][kVectors];                                                                  \
    for (int r = 0; r < kRows; ++r) {                                                             \
      for (int v = 0; v < kVectors; ++v) sum[r][v] = _mm512_loadu_ps(&sums[r][16 * v]);           \
    }                                                                                             \
    for (int l = 0; l < kSteps; ++l) {                                                            \
      for (int v = 0; v < kVectors; ++v) {                                                        \
        const __m512i b = _mm512_load_si512(&tile.b[l][16 * v]);                                  \
        prepare;                                                                                  \
        for (int r = 0; r < kRows; ++r) {                                                         \
          __m512& s = sum[r][v];                                                                  \
          add;                                                                                    \
        }                                                                                         \
      }                                                                                           \
    }                                                                                             \
    for (int r = 0; r < kRows; ++r) {                                                             \
      for (int v = 0; v < kVectors; ++v) _mm512_storeu_ps(&sums[r][16 * v], sum[r][v]);           \
    }                                                                                             \
  }

#define LAB_MANTISSA _mm512_set1_epi32(static_cast<int>(tile.mantissa[l][r]))
#define LAB_SCALE _mm512_set1_ps(tile.scale[l][r])

// 1. Products with a zero are cleared one by one: what the kernel did first.
LAB_TILE(Cleared, (void)0, const __m512i product = _mm512_add_epi32(b, LAB_MANTISSA);
         const __mmask16 zero = _mm512_cmpeq_ps_mask(_mm512_castsi512_ps(b), _mm512_setzero_ps());
         const __m512 cleared = _mm512_mask_mov_ps(_mm512_castsi512_ps(product), zero,
                                                   _mm512_setzero_ps());
         s = _mm512_fmadd_ps(cleared, LAB_SCALE, s))

// 2. One comparison for all rows, and the addition itself masked.
LAB_TILE(MaskedAddition, const __mmask16 nonzero = _mm512_test_epi32_mask(b, b),
         const __m512i product = _mm512_maskz_add_epi32(nonzero, b, LAB_MANTISSA);
         s = _mm512_fmadd_ps(_mm512_castsi512_ps(product), LAB_SCALE, s))

// 3. Signs and exponents in the integer addition too, then a plain addition: one broadcast a row
// less, but a row's own zeros must be left out.
LAB_TILE(SignedAddition, const __mmask16 nonzero = _mm512_test_epi32_mask(b, b),
         if (tile.scale[l][r] == 0) continue;
         const __m512i a = _mm512_set1_epi32(static_cast<int>(tile.bits[l][r]));
         const __m512i product = _mm512_maskz_add_epi32(nonzero, b, a);
         s = _mm512_add_ps(s, _mm512_castsi512_ps(product)))

// 4. Nothing is masked: the bits of a zero plus a mantissa are a number below 2^-126, which the
// processor reads as zero. Needs that no sum can be so small.
LAB_TILE(Unmasked, (void)0, const __m512i product = _mm512_add_epi32(b, LAB_MANTISSA);
         s = _mm512_fmadd_ps(_mm512_castsi512_ps(product), LAB_SCALE, s))
void TinyAsZero(const Tile& tile, Sums& sums) {
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x40);  // Denormals are zero.
  Unmasked(tile, sums);
  _mm_setcsr(before);
}

/// bf16 values, one in eight of them zero.
Tile MakeTile() {
  std::mt19937 random(1);
  const auto element = [&]() -> uint32_t {
    if (random() % 8 == 0) return 0;
    return (random() & 1) << 31 | (120 + random() % 8) << 23 | (random() & 0x7f) << 16;
  };
  Tile tile;
  for (int l = 0; l < kSteps; ++l) {
    for (int r = 0; r < kRows; ++r) {
      const uint32_t a = element();
      tile.scale[l][r] = std::bit_cast<float>(a & 0xff800000);
      tile.mantissa[l][r] = a & 0x7fffff;
      tile.bits[l][r] = a - kOne;
    }
    for (int c = 0; c < kColumns; ++c) tile.b[l][c] = std::bit_cast<float>(element());
  }
  return tile;
}

void Run(benchmark::State& state, Variant variant) {
  static const Tile tile = MakeTile();
  Sums expected{}, actual{};
  Reference(tile, expected);
  variant(tile, actual);
  if (std::memcmp(expected, actual, sizeof(Sums)) != 0) {
    return state.SkipWithError("differs from the reference");
  }
  for (auto _ : state) {
    variant(tile, actual);
    benchmark::ClobberMemory();
  }
  state.counters["GMAC/s"] = benchmark::Counter(
      double(state.iterations()) * kRows * kColumns * kSteps * 1e-9, benchmark::Counter::kIsRate);
}

}  // namespace

int main(int argc, char** argv) {
  if (!__builtin_cpu_supports("avx512dq")) {
    std::puts("needs AVX-512");
    return 0;
  }
  benchmark::RegisterBenchmark("Reference", Run, Reference);
  benchmark::RegisterBenchmark("Cleared", Run, Cleared);
  benchmark::RegisterBenchmark("MaskedAddition", Run, MaskedAddition);
  benchmark::RegisterBenchmark("SignedAddition", Run, SignedAddition);
  benchmark::RegisterBenchmark("TinyAsZero", Run, TinyAsZero);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
