#include "mulberry/base/threads.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

namespace mulberry {
namespace {

std::atomic<int> g_threads{static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))};

}  // namespace

int Threads() {
  return g_threads;
}

void SetThreads(int threads) {
  g_threads = std::max(1, threads);
}

void ParallelFor(int64_t n, const std::function<void(int64_t)>& body) {
  const int threads = static_cast<int>(std::min<int64_t>(Threads(), n));
  if (threads <= 1 || omp_in_parallel()) {
    for (int64_t i = 0; i < n; ++i) body(i);
    return;
  }
  // OpenMP forbids an exception to leave the region, so the first one is carried out by hand.
  std::exception_ptr failure;
  std::atomic<bool> failed{false};
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (int64_t i = 0; i < n; ++i) {
    if (failed.load(std::memory_order_relaxed)) continue;
    try {
      body(i);
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace mulberry
