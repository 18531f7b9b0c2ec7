// Going over the pairs of operands that occur, all or a sample of them. Internal to this folder.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "mulberry/analysis/distribution.h"
#include "mulberry/analysis/error_metrics.h"
#include "mulberry/analysis/subject.h"
#include "mulberry/base/error.h"
#include "mulberry/base/random.h"
#include "mulberry/base/threads.h"

namespace mulberry {

/// Whether ForPairs takes all pairs that occur. A joint histogram's are always all taken: it
/// exists.
inline bool IsExhaustive(const ErrorSubject& subject, const ErrorOptions& options) {
  return !options.distribution.joint.empty() ||
         CountPairs(options.distribution, subject) <= options.exhaustive_limit;
}

/// What is to be checked before ForPairs: throws as MeasureErrors does.
inline void CheckPairs(const ErrorSubject& subject, const ErrorOptions& options) {
  CheckSubject(subject);
  CheckDistribution(options.distribution, subject);
  if (!IsExhaustive(subject, options) && options.samples < 1) {
    throw UsageError("{}: {} samples were asked for; at least 1 is needed", subject.name,
                     options.samples);
  }
}

/// add_piece(i, partial) for all i in [0, n), with one copy of `empty` for each `block` consecutive
/// i, returned in order: blocks, and so results, do not depend on the number of threads.
template <typename Partial, typename AddPiece>
std::vector<Partial> InBlocks(int64_t n, int64_t block, const Partial& empty, AddPiece add_piece) {
  std::vector<Partial> partials(static_cast<size_t>((n + block - 1) / block), empty);
  ParallelFor(static_cast<int64_t>(partials.size()), [&](int64_t k) {
    Partial partial = empty;  // Not in place: threads would share cache lines.
    for (int64_t i = k * block; i < std::min(n, (k + 1) * block); ++i) add_piece(i, partial);
    partials[static_cast<size_t>(k)] = std::move(partial);
  });
  return partials;
}

/// partial.Add(a, b, error, weight) for every pair of a nonzero weight, or for the samples with
/// weight 1.
template <typename Partial>
std::vector<Partial> ForPairs(const ErrorSubject& subject, const ErrorOptions& options,
                              const Partial& empty) {
  const Distribution& distribution = options.distribution;
  const OperandRange a_range = subject.a_range(), b_range = subject.b_range();
  if (!IsExhaustive(subject, options)) {
    const OperandSampler draw_a(distribution.a, a_range), draw_b(distribution.b, b_range);
    const auto low = [](uint64_t x) { return static_cast<uint32_t>(x); };
    const auto high = [](uint64_t x) { return static_cast<uint32_t>(x >> 32); };
    constexpr int64_t kSamplesPerBlock = 1 << 14;
    return InBlocks(options.samples, kSamplesPerBlock, empty, [&](int64_t i, Partial& partial) {
      // Four numbers of the seed's stream 0 for each pair.
      const auto block = static_cast<uint64_t>(i);
      const std::array<uint32_t, 4> words =
          Philox4x32({low(block), high(block), 0, 0}, {low(options.seed), high(options.seed)});
      const int64_t a = draw_a(uint64_t{words[0]} << 32 | words[1]);
      const int64_t b = draw_b(uint64_t{words[2]} << 32 | words[3]);
      partial.Add(a, b, subject.error(a, b), 1.0);
    });
  }

  const bool joint = !distribution.joint.empty();
  std::vector<double> a_weights, b_weights;
  if (!joint) {
    a_weights = Weights(distribution.a, a_range);
    b_weights = Weights(distribution.b, b_range);
  }
  const auto columns = static_cast<size_t>(b_range.count);
  // At most 1024 blocks: an operand may have 2^24 values.
  const int64_t rows_per_block = std::max<int64_t>(1, a_range.count / 1024);
  return InBlocks(a_range.count, rows_per_block, empty, [&](int64_t row, Partial& partial) {
    const auto i = static_cast<size_t>(row);
    for (size_t j = 0; j < columns; ++j) {
      const double weight = joint ? static_cast<double>(distribution.joint[i * columns + j])
                                  : a_weights[i] * b_weights[j];
      if (weight == 0) continue;
      const int64_t a = a_range.lowest + row, b = b_range.lowest + static_cast<int64_t>(j);
      partial.Add(a, b, subject.error(a, b), weight);
    }
  });
}

}  // namespace mulberry
