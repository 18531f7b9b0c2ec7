#include "mulberry/kernels/instruction_set.h"

#include <fmt/ranges.h>
#include <hwy/targets.h>

#include "mulberry/base/error.h"

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

}  // namespace

std::vector<std::string> InstructionSets() {
  std::vector<std::string> names;
  for (const int64_t target : Targets()) names.emplace_back(hwy::TargetName(target));
  return names;
}

void UseInstructionSet(std::string_view name) {
  for (const int64_t target : Targets()) {
    if (hwy::TargetName(target) != name) continue;
    hwy::SetSupportedTargetsForTest(target);
    return;
  }
  throw UsageError("instruction set '{}' is not one that this machine has: {}", name,
                   fmt::to_string(fmt::join(InstructionSets(), ", ")));
}

}  // namespace mulberry
