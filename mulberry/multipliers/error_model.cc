#include "mulberry/multipliers/error_model.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"

namespace mulberry {

std::string_view Name(ErrorsOn on) {
  switch (on) {
    case ErrorsOn::kWeights:
      return "weights";
    case ErrorsOn::kSteps:
      return "steps";
    case ErrorsOn::kProducts:
      return "products";
  }
  throw Error("ErrorsOn has no value {}", static_cast<int>(on));
}

std::string_view Name(SpreadFigure figure) {
  return figure == SpreadFigure::kMre ? "mre" : "sd";
}

ErrorDistribution DistributionOf(const NormalErrors& errors) {
  const double spread = errors.spread_pct / 100;
  const bool is_mre = errors.figure == SpreadFigure::kMre;
  return {.mean = errors.bias_pct / 100,
          .sd = is_mre ? spread * std::sqrt(std::numbers::pi / 2) : spread};
}

double ErrorOf(const ErrorDistribution& distribution, uint64_t random) {
  const std::vector<double>& values = distribution.values;
  if (values.empty()) return distribution.mean + distribution.sd * StandardNormal(random);
  // floor(random / 2^64 · size): there are fewer than 2^32 values.
  return values[static_cast<size_t>((random >> 32) * values.size() >> 32)];
}

void DrawErrors(const ErrorDistribution& distribution, RandomStream stream, float* errors,
                int64_t n) {
  constexpr int64_t kBlock = 4096;
  ParallelFor((n + kBlock - 1) / kBlock, [&](int64_t block) {
    for (int64_t i = block * kBlock; i < std::min(n, (block + 1) * kBlock); ++i) {
      errors[i] =
          static_cast<float>(ErrorOf(distribution, stream.WideAt(static_cast<uint64_t>(i))));
    }
  });
}

}  // namespace mulberry
