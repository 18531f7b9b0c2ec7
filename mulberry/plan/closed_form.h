// Closed forms, recognised by their products: for the strategies that are made of them.
#pragma once

#include <optional>
#include <string>

#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {

struct FoundForm {
  ClosedFormMultiplier multiplier;
  std::string reason;  ///< Why it is the model.
};
/// The closed form of the subject's products, which are of significands (NotSignificands), if they
/// have one. The subject outlives it.
std::optional<FoundForm> FindClosedForm(const Subject& subject);

}  // namespace mulberry
