#include "mulberry/kernels/instruction_set.h"

#include <fmt/ranges.h>
#include <hwy/targets.h>

#include <atomic>

#include "mulberry/base/error.h"
#include "mulberry/kernels/cpu/amx.h"

namespace mulberry {
namespace {

/// Highway's, kept since it asks the processor each time, which takes long on virtual machines.
std::atomic<int64_t> supported_targets = hwy::SupportedTargets();

/// Better instruction sets have lower bits.
std::vector<int64_t> Targets() {
  std::vector<int64_t> targets;
  for (int64_t rest = supported_targets; rest != 0; rest &= rest - 1) {
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

void UseTarget(int64_t target) {
  hwy::SetSupportedTargetsForTest(target);
  supported_targets = hwy::SupportedTargets();
}

void UseInstructionSet(std::string_view name) {
  if (name == kAmx && HasAmx()) return;
  for (const int64_t target : Targets()) {
    if (hwy::TargetName(target) != name) continue;
    UseTarget(target);
    AllowAmx(false);
    return;
  }
  throw UsageError("instruction set '{}' is not one that this machine has: {}", name,
                   fmt::to_string(fmt::join(InstructionSets(), ", ")));
}

}  // namespace mulberry
