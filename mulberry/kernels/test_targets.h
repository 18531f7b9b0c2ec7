// For the kernels' tests: every instruction set of this machine, one after the other.
#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <functional>

namespace mulberry {

/// Calls body once for each instruction set that the machine and the build have, with dispatch
/// bound to it.
inline void ForEachTarget(const std::function<void()>& body) {
  const int64_t supported = hwy::SupportedTargets();
  for (int64_t rest = supported; rest != 0; rest &= rest - 1) {
    const int64_t target = rest & -rest;
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace mulberry
