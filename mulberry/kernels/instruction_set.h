// The instruction sets that kernels are compiled for: AMX, which is AVX3_DL with tiles of bytes,
// and by Highway's names AVX3_DL (AVX-512 with VNNI and VBMI), AVX3 (AVX-512), AVX2, SSE4, SSSE3,
// SCALAR on x86-64.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mulberry {

/// Those that may be used, the best first: all of this machine, or the one of UseInstructionSet.
std::vector<std::string> InstructionSets();

/// Makes all kernels use that one instead of the best. Plans that were made before must not be used
/// any more, since what their strategies said depends on it. Throws UsageError for a name that is
/// not among InstructionSets().
void UseInstructionSet(std::string_view name);

/// The same by Highway's bit for it; 0: all of this machine again.
void UseTarget(int64_t target);

}  // namespace mulberry
