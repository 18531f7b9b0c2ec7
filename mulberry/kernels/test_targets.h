// For the kernels' tests: every instruction set of this machine, one after the other.
#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <functional>

#include "mulberry/kernels/cpu/amx.h"
#include "mulberry/kernels/instruction_set.h"

namespace mulberry {

/// Calls body once for each instruction set that the machine and the build have, with dispatch
/// bound to it, and for AMX, by its model and, where there is one, by the hardware.
inline void ForEachTarget(const std::function<void()>& body) {
  const int64_t supported = hwy::SupportedTargets();
  for (int64_t rest = supported; rest != 0; rest &= rest - 1) {
    const int64_t target = rest & -rest;
    SCOPED_TRACE(hwy::TargetName(target));
    UseTarget(target);
    AllowAmx(false);
    body();
    AllowAmx(true);
    if (target > HWY_AVX3_DL) continue;
    if (BestTileProduct()) {
      SCOPED_TRACE("AMX");
      body();
    }
    SCOPED_TRACE("AMX's model");
    UseTileProductForTest(&ModelTileProduct);
    body();
    UseTileProductForTest(nullptr);
  }
  UseTarget(0);
}

}  // namespace mulberry
