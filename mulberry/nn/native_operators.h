// The operators with matrix products inside that the mode does not simulate, each with the reason
// that the report gives. Operators that LibTorch composes of others are not here: the mode sees
// those others. Internal to nn.
#pragma once

#include <string_view>
#include <vector>

namespace mulberry {

struct NativeOperators {
  std::string_view reason;
  /// Without overload ("aten::mm" and not "aten::mm.dtype") all overloads are meant.
  std::vector<std::string_view> names;
};

const std::vector<NativeOperators>& AllNativeOperators();

}  // namespace mulberry
