// A table of significand products as kernels that gather from it take it: for the strategies that
// are made of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {

/// Why the subject, whose products are of significands, has no table of them; or nothing.
std::optional<std::string> NotTabled(const Subject& subject);

/// Both orders of a subject's table. The subject outlives it.
class GatherTable {
 public:
  explicit GatherTable(const Subject& subject);
  GatherTable(const GatherTable&) = delete;
  GatherTable& operator=(const GatherTable&) = delete;

  const GatherTableMultiplier& multiplier() const { return multiplier_; }

 private:
  std::vector<float> b_first_;
  GatherTableMultiplier multiplier_;
};

}  // namespace mulberry
