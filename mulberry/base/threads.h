// Data-parallel loops over the process's worker threads. Not a task scheduler: the only shape of
// parallelism in Mulberry is "these n independent pieces".
#pragma once

#include <cstdint>
#include <functional>

namespace mulberry {

/// Number of threads that ParallelFor uses; the number of processors until SetThreads is called.
int Threads();

/// Sets the number of threads, at least 1. Not to be called while a ParallelFor runs.
void SetThreads(int threads);

/// Calls body(i) once for each i in [0, n), from up to Threads() threads in no particular order,
/// and returns when all have returned. The first exception thrown by a body is rethrown here.
/// A call from inside a body runs its pieces on the calling thread.
void ParallelFor(int64_t n, const std::function<void(int64_t)>& body);

}  // namespace mulberry
