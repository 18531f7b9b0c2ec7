// The one place that knows which LibTorch this is: the dispatch key that carries the mode, and
// types that were renamed between 1.13 and 2.x.
//
// The mode needs a key above autograd that tensors do not carry and that nobody switches on: the
// autocast key of a backend that is not in use. LibTorch has AutocastPrivateUse1 from 2.1 on and
// leaves its fallback to the one who uses it; before, AutocastXPU was as free (Intel's extension
// took it, later LibTorch itself).
#pragma once

#include <c10/core/DispatchKey.h>
#include <torch/version.h>

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
#include <optional>
#else
#include <c10/util/Optional.h>
#endif

/// For TORCH_LIBRARY_IMPL, which takes the key's bare name.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
#define MULBERRY_DISPATCH_KEY AutocastPrivateUse1
#else
#define MULBERRY_DISPATCH_KEY AutocastXPU
#endif

namespace mulberry {

inline constexpr c10::DispatchKey kModeKey = c10::DispatchKey::MULBERRY_DISPATCH_KEY;

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
template <typename T>
using TorchOptional = std::optional<T>;
#else
template <typename T>
using TorchOptional = c10::optional<T>;
#endif

}  // namespace mulberry
