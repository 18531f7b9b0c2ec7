// The table of multiplier families, in the order in which they are listed. To add one: its function
// in a file beside exact.cc, and its line here.
#include "mulberry/multipliers/exact.h"
#include "mulberry/multipliers/logarithmic.h"
#include "mulberry/multipliers/segment.h"

namespace mulberry {

const std::vector<MultiplierFamily>& MultiplierFamilies() {
  static const std::vector<MultiplierFamily> families = {
      ExactFamily(),
      MitchellFamily(),
      MbmFamily(),
      DrumFamily(),
  };
  return families;
}

}  // namespace mulberry
