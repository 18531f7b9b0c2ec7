// Finds out whether LibTorch runs on the reference BLAS, whose products are tens of times slower
// than OpenBLAS's. Not here: choosing a BLAS; the system's package manager does that.
#pragma once

#include <optional>
#include <string>

namespace mulberry {

/// A warning that says what is loaded and how to mend it, or nothing where the BLAS of this process
/// is an optimised one or cannot be told.
std::optional<std::string> SlowBlasWarning();

/// The same of a BLAS library by its path, which is loaded privately to look into it. A library
/// that cannot be loaded gives no warning.
std::optional<std::string> SlowBlasWarning(const std::string& library);

}  // namespace mulberry
