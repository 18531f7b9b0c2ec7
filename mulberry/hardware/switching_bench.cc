// From a netlist of an 8-bit multiplier to its power: reading it with its timing, and vectors per
// second of the two simulations.
#include <benchmark/benchmark.h>

#include <random>

#include "mulberry/hardware/switching.h"
#include "mulberry/hardware/synthesis.h"
#include "mulberry/hardware/unit.h"

namespace mulberry {
namespace {

struct Mapped {
  Library library = ReadLiberty(DefaultLiberty());
  std::string json =
      Synthesise(DesignOf(ParseArithmetic("exact@uint8"), Unit::kMultiplier), library).json_path;
  MappedNetlist netlist = ReadMappedNetlist(json, library);
  TimingReport timing = AnalyzeTiming(netlist, library);
};

const Mapped& Multiplier() {
  static const Mapped mapped;
  return mapped;
}

void BM_NetlistAndTiming(benchmark::State& state) {
  const Mapped& mapped = Multiplier();
  for (auto _ : state) {
    const MappedNetlist netlist = ReadMappedNetlist(mapped.json, mapped.library);
    benchmark::DoNotOptimize(AnalyzeTiming(netlist, mapped.library).longest_path);
  }
}
BENCHMARK(BM_NetlistAndTiming)->Unit(benchmark::kMillisecond);

void BM_Simulate(benchmark::State& state, SwitchingMode mode) {
  constexpr size_t kVectors = 2000;
  const Mapped& mapped = Multiplier();
  std::mt19937_64 random(1);
  Stimulus stimulus{{"a", "b"}, {}, 0};
  for (size_t i = 0; i < kVectors; ++i) {
    stimulus.vectors.push_back({random() & 255, random() & 255});
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        Simulate(mapped.netlist, mapped.library, mapped.timing, stimulus, mode).switching_energy);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kVectors));
}
BENCHMARK_CAPTURE(BM_Simulate, zero_delay, SwitchingMode::kZeroDelay);
BENCHMARK_CAPTURE(BM_Simulate, glitch_aware, SwitchingMode::kGlitchAware);

}  // namespace
}  // namespace mulberry

BENCHMARK_MAIN();
