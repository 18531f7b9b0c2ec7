// How element-wise kernels share an array among the threads. Not here: the kernels.
#pragma once

#include <algorithm>
#include <cstdint>

#include "mulberry/base/threads.h"

namespace mulberry {

/// Elements of a piece: enough to be worth a thread, few enough to stay in its cache.
inline constexpr int64_t kPieceSize = int64_t{1} << 16;

/// Calls body(begin, count) for the pieces of 0..n, on all threads; all but the last have `size`.
template <class Body>
void ForEachPiece(int64_t n, int64_t size, const Body& body) {
  ParallelFor((n + size - 1) / size, [&](int64_t piece) {
    const int64_t begin = piece * size;
    body(begin, std::min(size, n - begin));
  });
}

}  // namespace mulberry
