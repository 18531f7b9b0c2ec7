#include "mulberry/kernels/instruction_set.h"

#include <fmt/ranges.h>
#include <hwy/targets.h>

#include "mulberry/base/error.h"
#include "mulberry/kernels/cpu/amx.h"

namespace mulberry {
namespace {

/// Better instruction sets have lower bits.
std::vector<int64_t> Targets() {
  std::vector<int64_t> targets;
  for (int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) {
    targets.push_back(rest & -rest);
  }
  return targets;
}

constexpr std::string_view kAmx = "AMX";

/// AMX does its part beside the best vectors.
bool HasAmx() {
  return Targets().front() <= HWY_AVX3_DL && BestTileProduct();
}

}  // namespace

std::vector<std::string> InstructionSets() {
  std::vector<std::string> names;
  if (HasAmx()) names.emplace_back(kAmx);
  for (const int64_t target : Targets()) names.emplace_back(hwy::TargetName(target));
  return names;
}

void UseInstructionSet(std::string_view name) {
  if (name == kAmx && HasAmx()) return;
  for (const int64_t target : Targets()) {
    if (hwy::TargetName(target) != name) continue;
    hwy::SetSupportedTargetsForTest(target);
    AllowAmx(false);
    return;
  }
  throw UsageError("instruction set '{}' is not one that this machine has: {}", name,
                   fmt::to_string(fmt::join(InstructionSets(), ", ")));
}

}  // namespace mulberry
