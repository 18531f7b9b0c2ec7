// The operators with matrix products inside that the mode does not simulate, each with the reason
// that the report gives. Operators that LibTorch composes of others are not here: the mode sees
// those others. Internal to nn.
#pragma once

#include <string_view>
#include <vector>

namespace mulberry {

struct NativeOperators {
  std::string_view reason;
  std::vector<std::string_view> names;  ///< Without overload: all overloads are meant.
};

const std::vector<NativeOperators>& AllNativeOperators();

}  // namespace mulberry
