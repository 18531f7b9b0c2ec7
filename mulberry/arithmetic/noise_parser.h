// Error models in specifications, read from a scanner: what follows the word noise. Internal to
// this folder.
#pragma once

#include "mulberry/arithmetic/scanner.h"
#include "mulberry/multipliers/error_model.h"

namespace mulberry {

/// "(" argument { "," argument } ")", or throws SpecError.
ErrorModel ScanErrorModel(Scanner& scanner);

}  // namespace mulberry
