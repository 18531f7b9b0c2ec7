// Error figures of a model, for comparing it in tests with those that are published. Test code.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

/// Of relative errors (approximate - exact) / exact, in per cent.
struct ErrorFigures {
  double mean = 0;  ///< Of magnitudes: the mean relative error distance.
  double bias = 0;  ///< Of signed errors.
  double lowest = 0;
  double highest = 0;
};

template <typename ForEachPair>
ErrorFigures FiguresOver(const Model& model, ForEachPair for_each_pair) {
  ErrorFigures figures;
  int64_t count = 0;
  for_each_pair([&](uint64_t a, uint64_t b) {
    const double exact = static_cast<double>(a * b);
    const double error = 100 * (static_cast<double>(model(a, b)) - exact) / exact;
    figures.mean += std::abs(error);
    figures.bias += error;
    figures.lowest = std::min(figures.lowest, error);
    figures.highest = std::max(figures.highest, error);
    ++count;
  });
  figures.mean /= static_cast<double>(count);
  figures.bias /= static_cast<double>(count);
  return figures;
}

/// Over all pairs of n-bit operands that are not zero.
inline ErrorFigures FiguresOfAllPairs(const Model& model, int n) {
  return FiguresOver(model, [n](auto pair) {
    for (uint64_t a = 1; a < uint64_t{1} << n; ++a) {
      for (uint64_t b = 1; b < uint64_t{1} << n; ++b) pair(a, b);
    }
  });
}

/// Over 2^20 random pairs, uniform over the n-bit operands that are not zero.
inline ErrorFigures FiguresOfRandomPairs(const Model& model, int n) {
  return FiguresOver(model, [n](auto pair) {
    std::mt19937_64 random(n);
    std::uniform_int_distribution<uint64_t> operand(1, (uint64_t{1} << n) - 1);
    for (int i = 0; i < 1 << 20; ++i) {
      const uint64_t a = operand(random);
      pair(a, operand(random));
    }
  });
}

}  // namespace mulberry
