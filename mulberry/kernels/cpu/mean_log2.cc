// MeanLog2: the mean of exponents, and the logarithm of products of mantissas, one for a few
// hundred elements.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/round.h"

namespace mulberry {
namespace {

constexpr int64_t kLanes = 8;
/// Of a lane's mantissas, each below 2, so that no product exceeds 2^512.
constexpr int64_t kFactors = 512;
constexpr int64_t kPiece = kLanes * kFactors;

constexpr int kMantissaBits = 52, kBias = 1023;
constexpr uint64_t kMantissa = (uint64_t{1} << kMantissaBits) - 1;

struct Logarithms {
  double sum = 0;
  int64_t count = 0;
};

/// log2 of the magnitudes, clipped, of at most kPiece elements but those that are zero.
Logarithms LogarithmsOf(const float* in, int64_t n, float smallest, float largest) {
  std::array<double, kLanes> products;
  std::array<int64_t, kLanes> exponents{}, zeros{};
  products.fill(1.0);
  for (int64_t i = 0; i < n; ++i) {
    const auto lane = static_cast<size_t>(i % kLanes);
    float magnitude = std::abs(in[i]);
    magnitude = magnitude > smallest ? magnitude : smallest;
    magnitude = magnitude < largest ? magnitude : largest;
    const bool is_zero = in[i] == 0.0f;
    zeros[lane] += is_zero;
    if (is_zero) magnitude = 1.0f;  // Whose logarithm adds nothing.
    const auto bits = std::bit_cast<uint64_t>(double{magnitude});
    exponents[lane] += static_cast<int64_t>(bits >> kMantissaBits) - kBias;
    products[lane] *= std::bit_cast<double>((bits & kMantissa) | uint64_t{kBias} << kMantissaBits);
  }
  Logarithms logarithms{0, n};
  for (size_t lane = 0; lane < kLanes; ++lane) {
    logarithms.sum += static_cast<double>(exponents[lane]) + std::log2(products[lane]);
    logarithms.count -= zeros[lane];
  }
  return logarithms;
}

}  // namespace

double MeanLog2(const float* in, int64_t n, float smallest, float largest) {
  std::vector<Logarithms> pieces(static_cast<size_t>((n + kPiece - 1) / kPiece));
  ParallelFor(static_cast<int64_t>(pieces.size()), [&](int64_t piece) {
    const int64_t begin = piece * kPiece;
    pieces[static_cast<size_t>(piece)] =
        LogarithmsOf(in + begin, std::min(kPiece, n - begin), smallest, largest);
  });
  Logarithms all;
  for (const Logarithms& piece : pieces) {
    all.sum += piece.sum;
    all.count += piece.count;
  }
  return all.count == 0 ? 0 : all.sum / static_cast<double>(all.count);
}

}  // namespace mulberry
