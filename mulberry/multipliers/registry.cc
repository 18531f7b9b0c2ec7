// The table of multiplier families, in the order in which they are listed. To add one: its function
// in a file of its own, and its line here (docs/add-a-multiplier.md).
#include "mulberry/multipliers/multiplier.h"

#define MULBERRY_FAMILIES(LINE) \
  LINE(ExactFamily)             \
  LINE(MitchellFamily)          \
  LINE(MbmFamily)               \
  LINE(RealmFamily)             \
  LINE(AlmSoaFamily)            \
  LINE(AlmLoaFamily)            \
  LINE(DrumFamily)              \
  LINE(SsmFamily)               \
  LINE(EssmFamily)              \
  LINE(TosamFamily)             \
  LINE(LetamFamily)             \
  LINE(RobaFamily)              \
  LINE(BamFamily)               \
  LINE(TruncatedFamily)         \
  LINE(RoundedFamily)           \
  LINE(KulkarniFamily)          \
  LINE(EtmFamily)               \
  LINE(LowDropFamily)

namespace mulberry {

#define MULBERRY_DECLARE(function) MultiplierFamily function();
MULBERRY_FAMILIES(MULBERRY_DECLARE)
#undef MULBERRY_DECLARE

const std::vector<MultiplierFamily>& MultiplierFamilies() {
#define MULBERRY_CALL(function) function(),
  static const std::vector<MultiplierFamily> families = {MULBERRY_FAMILIES(MULBERRY_CALL)};
#undef MULBERRY_CALL
  return families;
}

}  // namespace mulberry
