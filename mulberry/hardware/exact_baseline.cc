#include "mulberry/hardware/exact_baseline.h"

namespace mulberry {

Arithmetic ExactOf(const Arithmetic& arithmetic) {
  Arithmetic exact = arithmetic;
  exact.multiplier = {};
  exact.sign = SignHandling::kMagnitude;
  return exact;
}

std::vector<Design> ExactDesigns(const Arithmetic& arithmetic, Unit unit) {
  const Arithmetic exact = ExactOf(arithmetic);
  std::vector<Design> designs = {DesignOf(exact, unit)};
  if (unit == Unit::kMultiplier && exact.is_integer()) {
    const IntegerFormats formats = exact.integer_formats();
    if (!formats.any_signed() && formats.first.bits == formats.second.bits) {
      designs.push_back(BehaviouralDesign(exact));
    }
  }
  return designs;
}

}  // namespace mulberry
