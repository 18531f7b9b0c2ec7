// The machine, and its threads. See machine.h.
#include "mulberry/train/machine.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <sched.h>
#include <torch/version.h>

#include <algorithm>
#include <fstream>

#include "mulberry/base/threads.h"

namespace mulberry {
namespace {

std::string CpuModel() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown";
}

std::string InstructionSet() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return "AVX-512";
  if (__builtin_cpu_supports("avx2")) return "AVX2";
  return "SSE";
#elif defined(__aarch64__)
  return "NEON";
#else
  return "unknown";
#endif
}

int Processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return 1;
}

}  // namespace

std::string Version() {
  return MULBERRY_VERSION;
}

void UseThreads(int64_t threads) {
  const int count = threads == 0 ? Processors() : static_cast<int>(threads);
  SetThreads(count);
  at::set_num_threads(count);
  // OpenBLAS built on its own threads does not follow OpenMP's setting.
  using Setter = void (*)(int);
  const auto set = reinterpret_cast<Setter>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set) set(count);
}

RunHeader DescribeMachine() {
  RunHeader header;
  header.version = Version();
  header.libtorch = TORCH_VERSION;
  header.cpu = CpuModel();
  header.instruction_set = InstructionSet();
  header.threads = Threads();
  return header;
}

}  // namespace mulberry
