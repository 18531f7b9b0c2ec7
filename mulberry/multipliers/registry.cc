// The table of multiplier families, in the order in which they are listed. To add one: its function
// in a file beside exact.cc, and its line here.
#include "mulberry/multipliers/array.h"
#include "mulberry/multipliers/exact.h"
#include "mulberry/multipliers/logarithmic.h"
#include "mulberry/multipliers/rounding.h"
#include "mulberry/multipliers/segment.h"

namespace mulberry {

const std::vector<MultiplierFamily>& MultiplierFamilies() {
  // clang-format off
  static const std::vector<MultiplierFamily> families = {
      ExactFamily(),
      MitchellFamily(),
      MbmFamily(),
      RealmFamily(),
      AlmSoaFamily(),
      AlmLoaFamily(),
      DrumFamily(),
      SsmFamily(),
      EssmFamily(),
      TosamFamily(),
      LetamFamily(),
      RobaFamily(),
      BamFamily(),
      TruncatedFamily(),
      KulkarniFamily(),
      EtmFamily(),
      LowDropFamily(),
  };
  // clang-format on
  return families;
}

}  // namespace mulberry
