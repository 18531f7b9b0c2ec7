// How many multiply-accumulates a second one core does with each kind of instruction, from
// registers alone: the limits that kernels are measured against. Written in assembly, so that no
// compiler has a say.
#include <benchmark/benchmark.h>

namespace {

constexpr int kSums = 16;        // Enough to hide the latency of any of these.
constexpr int kSteps = 1 << 12;  // Between two looks at the clock.

/// Runs the instructions for each of sixteen registers zmm\r, kSteps times. zmm29, zmm30 and zmm31
/// are operands, of bits that make ordinary numbers of each kind.
#define LAB_RATE(name, macs, instructions)                                                        \
  __attribute__((target("avx512f"))) void name(benchmark::State& state) {                         \
    const int one = 0x3f803f80;                                                                   \
    for (auto _ : state) {                                                                        \
      int steps = kSteps;                                                                         \
      asm volatile(                                                                               \
          "vpbroadcastd %1, %%zmm30\n"                                                            \
          "vmovdqa64 %%zmm30, %%zmm31\n"                                                          \
          ".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"                                        \
          "vmovdqa64 %%zmm30, %%zmm\\r\n"                                                         \
          ".endr\n"                                                                               \
          "1:\n"                                                                                  \
          ".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n" instructions                           \
          ".endr\n"                                                                               \
          "dec %0\n"                                                                              \
          "jnz 1b\n"                                                                              \
          : "+r"(steps)                                                                           \
          : "r"(one)                                                                              \
          : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", \
            "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "xmm29", "xmm30", "xmm31");     \
    }                                                                                             \
    state.counters["GMAC/s"] = benchmark::Counter(                                                \
        double(state.iterations()) * kSteps * kSums * (macs)*1e-9, benchmark::Counter::kIsRate);  \
  }

LAB_RATE(FusedMultiplyAdd, 16, "vfmadd231ps %%zmm30, %%zmm31, %%zmm\\r\n")
LAB_RATE(IntegerAndFusedMultiplyAdd, 16,
         "vpaddd %%zmm30, %%zmm31, %%zmm29\n"
         "vfmadd231ps %%zmm29, %%zmm31, %%zmm\\r\n")
LAB_RATE(BytePermute, 64, "vpermi2b %%zmm30, %%zmm31, %%zmm\\r\n")
LAB_RATE(WordPermute, 32, "vpermi2w %%zmm30, %%zmm31, %%zmm\\r\n")
LAB_RATE(BytesVnni, 64, "vpdpbusd %%zmm30, %%zmm31, %%zmm\\r\n")
LAB_RATE(PairsOfBf16, 32, "vdpbf16ps %%zmm30, %%zmm31, %%zmm\\r\n")

void Register(const char* name, bool supported, void (*rate)(benchmark::State&)) {
  if (supported) benchmark::RegisterBenchmark(name, rate);
}

}  // namespace

int main(int argc, char** argv) {
  Register("FusedMultiplyAdd", __builtin_cpu_supports("avx512f"), FusedMultiplyAdd);
  Register("IntegerAndFusedMultiplyAdd", __builtin_cpu_supports("avx512f"),
           IntegerAndFusedMultiplyAdd);
  Register("BytePermute", __builtin_cpu_supports("avx512vbmi"), BytePermute);
  Register("WordPermute", __builtin_cpu_supports("avx512bw"), WordPermute);
  Register("BytesVnni", __builtin_cpu_supports("avx512vnni"), BytesVnni);
  Register("PairsOfBf16", __builtin_cpu_supports("avx512bf16"), PairsOfBf16);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
