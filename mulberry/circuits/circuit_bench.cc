// From a user's file to the table of all products: with an empty cache, and with what the first
// time has left there.
#include <benchmark/benchmark.h>

#include "mulberry/circuits/c_source.h"
#include "mulberry/circuits/table_files.h"
#include "mulberry/circuits/test_circuits.h"
#include "mulberry/circuits/verilog.h"

namespace mulberry {
namespace {

std::shared_ptr<const Circuit> LoadC() {
  return LoadCSource(SourceFile("multipliers.c"), "mul8u_drop", Unsigned(8));
}
std::shared_ptr<const Circuit> LoadVerilogModule() {
  return LoadVerilog(SourceFile("multipliers.v"), "mul8u_drop", Unsigned(8));
}

using Loader = std::shared_ptr<const Circuit> (*)();

void BM_EmptyCache(benchmark::State& state, Loader load) {
  for (auto _ : state) {
    const TestFolder cache;
    const ScopedVariable variable("MULBERRY_CACHE", cache.path().c_str());
    benchmark::DoNotOptimize(EvaluateAll(*load()));
  }
}
BENCHMARK_CAPTURE(BM_EmptyCache, c, LoadC)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(BM_EmptyCache, verilog, LoadVerilogModule)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void BM_FilledCache(benchmark::State& state, Loader load) {
  EvaluateAll(*load());
  for (auto _ : state) benchmark::DoNotOptimize(EvaluateAll(*load()));
}
BENCHMARK_CAPTURE(BM_FilledCache, c, LoadC)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(BM_FilledCache, verilog, LoadVerilogModule)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void BM_Evaluate(benchmark::State& state, Loader load) {
  const auto circuit = load();
  std::vector<uint32_t> a(65536), b(65536);
  std::vector<uint64_t> products(65536);
  for (uint32_t i = 0; i < 65536; ++i) a[i] = i >> 8, b[i] = i & 255;
  for (auto _ : state) circuit->Evaluate(a.data(), b.data(), products.data(), products.size());
  state.SetItemsProcessed(state.iterations() * 65536);
}
BENCHMARK_CAPTURE(BM_Evaluate, c, LoadC)->UseRealTime();
BENCHMARK_CAPTURE(BM_Evaluate, verilog, LoadVerilogModule)->UseRealTime();

}  // namespace
}  // namespace mulberry

BENCHMARK_MAIN();
