#include "mulberry/cli/measured_units.h"

#include <fmt/format.h>

#include <iostream>

#include "mulberry/base/error.h"
#include "mulberry/hardware/operand_stream.h"
#include "mulberry/hardware/unit.h"

namespace mulberry {
namespace {

constexpr uint64_t kSeed = 1;

/// A circuit, or why there is none.
struct DesignOrReason {
  std::optional<Design> design = {};
  std::string reason = {};
};

/// LibTorch's own FP32 runs on units of exact products of FP32.
Arithmetic OnUnits(const Arithmetic& arithmetic) {
  return arithmetic.native ? ParseArithmetic("exact@fp32") : arithmetic;
}

DesignOrReason Pipelined(const Arithmetic& arithmetic) {
  try {
    return {.design = DesignOf(OnUnits(arithmetic), Unit::kPipelinedMac)};
  } catch (const UsageError& e) {
    return {.reason = e.what()};
  }
}

}  // namespace

MacUnit ToMacUnit(const std::string& spec, const CircuitCost& cost) {
  return {.name = spec,
          .area_um2 = cost.area,
          .period_ns = cost.delay_s * 1e9,
          .energy_pj = cost.energy_j * 1e12,
          .leakage_nw = cost.leakage_w * 1e9,
          .cycles = 1};
}

std::vector<FlexibleUnitMode> ToModes(const FlexibleMacCost& cost) {
  std::vector<FlexibleUnitMode> modes;
  for (const ModeCost& mode : cost.modes) {
    modes.push_back({mode.mode.bits,
                     {.name = {},
                      .area_um2 = cost.area,
                      .period_ns = cost.period_s * 1e9,
                      .energy_pj = mode.energy_j * 1e12,
                      .leakage_nw = cost.leakage_w * 1e9,
                      .cycles = static_cast<double>(mode.mode.cycles)}});
  }
  return modes;
}

std::string MeasuredUnits::source() const {
  return fmt::format("measured, pipelined, {} uniform operands", kMeasuredOperands);
}

void MeasuredUnits::Announce(const std::string& spec) const {
  std::cerr << fmt::format("mulberry {}: synthesises and measures {} in {}\n", command_, spec,
                           library_.name);
}

std::optional<MacUnit> MeasuredUnits::Find(const Arithmetic& arithmetic) const {
  const Arithmetic on_units = OnUnits(arithmetic);
  const std::string spec = Print(on_units);
  const auto known = units_.find(spec);
  if (known != units_.end()) return known->second;
  std::optional<MacUnit> unit;
  if (const std::optional<Design> design = Pipelined(on_units).design) {
    Announce(spec);
    unit = ToMacUnit(
        spec, CostOf(*design, library_, UniformOperands(on_units, kMeasuredOperands, kSeed)));
  }
  return units_.emplace(spec, unit).first->second;
}

MacUnit MeasuredUnits::Flexible(int bits) const {
  if (!flexible_) {
    const FlexibleUnit unit = MakeFlexibleMac(ParseArithmetic(kFlexibleDigit), kFlexibleDigits);
    Announce(unit.step.spec);
    flexible_.emplace(source(), library());
    flexible_->SetFlexible(unit.step.spec,
                           ToModes(CostOf(unit, library_, kMeasuredOperands, kSeed)));
  }
  return flexible_->Flexible(bits);
}

std::string MeasuredUnits::Remedy(const Arithmetic& arithmetic) const {
  return fmt::format("it cannot be synthesised: {}; `--units FILE` takes figures of your own",
                     Pipelined(arithmetic).reason);
}

}  // namespace mulberry
