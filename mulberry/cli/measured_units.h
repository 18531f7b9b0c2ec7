// Multiply-accumulate units that are synthesised and measured when they are asked for, where no
// file of units is given. Not here: how (hardware/circuit_cost.h, hardware/flexible_mac_cost.h).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "mulberry/hardware/circuit_cost.h"
#include "mulberry/hardware/flexible_mac_cost.h"
#include "mulberry/train/mac_units.h"

namespace mulberry {

/// What was measured as the figures of a unit named `spec`.
MacUnit ToMacUnit(const std::string& spec, const CircuitCost& cost);
/// The modes of a flexible unit, from short to long.
std::vector<FlexibleUnitMode> ToModes(const FlexibleMacCost& cost);

/// Pipelined units (Unit::kPipelinedMac) under kMeasuredOperands uniform operands; the flexible
/// unit is of kFlexibleDigits digits of kFlexibleDigit. Each is measured once, and said on standard
/// error first, in the name of `command`.
class MeasuredUnits : public UnitSource {
 public:
  static constexpr size_t kMeasuredOperands = 2000;
  static constexpr int kFlexibleDigits = 2;
  static constexpr const char* kFlexibleDigit = "exact@uint16";

  MeasuredUnits(const char* command, Library library)
      : command_(command), library_(std::move(library)) {}

  std::optional<MacUnit> Find(const Arithmetic& arithmetic) const override;
  MacUnit Flexible(int bits) const override;
  std::string source() const override;
  std::string library() const override { return library_.name; }
  std::string Remedy(const Arithmetic& arithmetic) const override;

 private:
  void Announce(const std::string& spec) const;

  const char* command_;
  Library library_;
  mutable std::map<std::string, std::optional<MacUnit>> units_;  ///< By specification.
  mutable std::optional<MacUnits> flexible_;
};

}  // namespace mulberry
