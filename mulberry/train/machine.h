// The machine and the program as a run's record names them, and the number of threads for all that
// computes: Mulberry's loops, LibTorch's, and the BLAS under it.
#pragma once

#include <cstdint>
#include <string>

#include "mulberry/report/metrics.h"

namespace mulberry {

/// Mulberry's version, such as "0.1.0".
std::string Version();

/// Uses `threads` threads everywhere; 0: one for each processor of this process.
void UseThreads(int64_t threads);

/// Version, LibTorch, processor and the present number of threads; no configuration.
RunHeader DescribeMachine();

}  // namespace mulberry
