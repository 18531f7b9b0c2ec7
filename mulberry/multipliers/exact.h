// The exact multiplier: what the others are compared with.
#pragma once

#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

/// a·b.
MultiplierFamily ExactFamily();

}  // namespace mulberry
