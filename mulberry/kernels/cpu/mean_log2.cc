// MeanLog2: the mean of exponents, and the logarithm of products of mantissas, one for a few
// hundred elements.
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

/// The sum of log2 of at most kPiece magnitudes, clipped.
double SumOfLog2(const float* in, int64_t n, float smallest, float largest) {
  std::array<double, kLanes> products;
  std::array<int64_t, kLanes> exponents{};
  products.fill(1.0);
  for (int64_t i = 0; i < n; ++i) {
    const auto lane = static_cast<size_t>(i % kLanes);
    float magnitude = std::abs(in[i]);
    magnitude = magnitude > smallest ? magnitude : smallest;
    magnitude = magnitude < largest ? magnitude : largest;
    const auto bits = std::bit_cast<uint64_t>(double{magnitude});
    exponents[lane] += static_cast<int64_t>(bits >> kMantissaBits) - kBias;
    products[lane] *= std::bit_cast<double>((bits & kMantissa) | uint64_t{kBias} << kMantissaBits);
  }
  double sum = 0;
  for (size_t lane = 0; lane < kLanes; ++lane) {
    sum += static_cast<double>(exponents[lane]) + std::log2(products[lane]);
  }
  return sum;
}

}  // namespace

double MeanLog2(const float* in, int64_t n, float smallest, float largest) {
  if (n == 0) return 0;
  std::vector<double> sums(static_cast<size_t>((n + kPiece - 1) / kPiece));
  ParallelFor(static_cast<int64_t>(sums.size()), [&](int64_t piece) {
    const int64_t begin = piece * kPiece;
    sums[static_cast<size_t>(piece)] =
        SumOfLog2(in + begin, std::min(kPiece, n - begin), smallest, largest);
  });
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum / static_cast<double>(n);
}

}  // namespace mulberry
