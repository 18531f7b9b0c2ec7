#include "mulberry/multipliers/integer_multiplier.h"

#include <cstdlib>
#include <utility>

namespace mulberry {

std::string_view Name(SignHandling handling) {
  return handling == SignHandling::kMagnitude ? "magnitude" : "twos";
}

IntegerMultiplier::IntegerMultiplier(Model model, IntegerFormat format, SignHandling handling)
    : model_(std::move(model)), format_(format), handling_(handling) {}

int64_t IntegerMultiplier::operator()(int32_t a, int32_t b) const {
  if (format_.is_signed && handling_ == SignHandling::kTwosComplement) {
    const uint64_t encoding = model_(EncodeInteger(format_, a), EncodeInteger(format_, b));
    const int unused = 64 - 2 * format_.bits;
    return static_cast<int64_t>(encoding << unused) >> unused;
  }
  const auto magnitude = static_cast<int64_t>(
      model_(static_cast<uint64_t>(std::abs(a)), static_cast<uint64_t>(std::abs(b))));
  return (a < 0) != (b < 0) ? -magnitude : magnitude;
}

}  // namespace mulberry
