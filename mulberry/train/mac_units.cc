// Reading and writing the figures of units. See mac_units.h.
#include "mulberry/train/mac_units.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "mulberry/base/append_file.h"
#include "mulberry/base/error.h"
#include "mulberry/train/toml_file.h"

namespace mulberry {

extern const char kBuiltInUnits[];  // CMake makes it of the file in experiments/.

namespace {

constexpr std::string_view kFlexible = "flexible";
constexpr const char* kFix = "`mulberry synth --mac SPEC --units FILE` writes such figures";

/// A table of the file, whose keys are read one by one; errors name the file and the line.
class Figures {
 public:
  Figures(const toml::node& node, std::string where, const std::string& file)
      : node_(node), where_(std::move(where)), file_(file) {
    if (!node.is_table()) Fail("is no table of figures");
  }

  template <typename... Args>
  [[noreturn]] void Fail(fmt::format_string<Args...> format, Args&&... args) const {
    throw UsageError("{}:{}: {} {}", file_, node_.source().begin.line, where_,
                     fmt::format(format, std::forward<Args>(args)...));
  }

  void AllowOnly(std::initializer_list<std::string_view> keys) const {
    for (const auto& [key, value] : *node_.as_table()) {
      if (std::ranges::find(keys, key.str()) == keys.end()) {
        Fail("has '{}', which is none of {}", key.str(), fmt::join(keys, ", "));
      }
    }
  }

  /// "" where there is none.
  std::string Text(std::string_view key) const {
    const auto found = node_.as_table()->at_path(key);
    if (found && !found.is_string()) Fail("has {}, which is not a string", key);
    return found.value_or(std::string());
  }

  double Number(std::string_view key, bool may_be_zero) const {
    const auto found = node_.as_table()->at_path(key);
    const auto value = found.is_boolean() ? std::nullopt : found.value<double>();
    if (!value) Fail("has no number {}; {}", key, kFix);
    if (!std::isfinite(*value) || *value < 0 || (*value == 0 && !may_be_zero)) {
      Fail("has {} = {}, expected a number {}", key, *value, may_be_zero ? "from 0" : "above 0");
    }
    return *value;
  }

 private:
  const toml::node& node_;
  std::string where_;
  const std::string& file_;
};

MacUnit UnitOf(const Figures& figures, const std::string& name) {
  return {name,
          figures.Number("area_um2", true),
          figures.Number("period_ns", false),
          figures.Number("energy_pj", true),
          figures.Number("leakage_nw", true),
          figures.Number("cycles", false)};
}

// The specification without the options that say how tensors are brought into the formats.
std::string UnitName(const Arithmetic& arithmetic) {
  std::string name;
  std::istringstream parts(Print(arithmetic));
  for (std::string part; std::getline(parts, part, '+');) {
    if (part.starts_with("round=") || part.starts_with("scale=")) continue;
    name += (name.empty() ? "" : "+") + part;
  }
  return name;
}

}  // namespace

void MacUnits::SetFlexible(std::string name, std::vector<FlexibleUnitMode> modes) {
  flexible_name_ = std::move(name);
  modes_ = std::move(modes);
  for (FlexibleUnitMode& mode : modes_)
    mode.unit.name = fmt::format("flexible, {} bits", mode.bits);
}

MacUnits MacUnits::Parse(std::string_view toml, const std::string& name) {
  const toml::table table = ParseToml(toml, name);
  const Figures file(table, "the file", name);
  file.AllowOnly({"library", "units"});
  MacUnits units(name, file.Text("library"));
  const toml::table* list = table["units"].as_table();
  if (!list || list->empty()) file.Fail("has no [units.\"SPEC\"]; {}", kFix);
  for (const auto& [key, node] : *list) {
    const std::string spec(key.str());
    const Figures figures(node, fmt::format("unit '{}'", spec), name);
    if (spec != kFlexible) {
      figures.AllowOnly({"area_um2", "period_ns", "energy_pj", "leakage_nw", "cycles"});
      if (!units.Add(UnitOf(figures, Print(ParseArithmetic(spec))))) figures.Fail("is given twice");
      continue;
    }
    figures.AllowOnly({"name", "area_um2", "period_ns", "leakage_nw", "mode"});
    const toml::array* entries = node.as_table()->at_path("mode").as_array();
    if (!entries || entries->empty()) figures.Fail("has no [[units.flexible.mode]]");
    std::vector<FlexibleUnitMode> modes;
    for (const toml::node& entry : *entries) {
      const Figures mode(entry, "a mode of the unit 'flexible'", name);
      mode.AllowOnly({"bits", "cycles", "energy_pj"});
      const double bits = mode.Number("bits", false);
      const double shorter = modes.empty() ? 0 : modes.back().bits;
      if (bits != std::floor(bits) || bits <= shorter || bits > 64) {
        mode.Fail(
            "has bits = {}, expected a whole number above {} and at most 64: from short to "
            "long",
            bits, shorter);
      }
      modes.push_back({static_cast<int>(bits),
                       {"", figures.Number("area_um2", true), figures.Number("period_ns", false),
                        mode.Number("energy_pj", true), figures.Number("leakage_nw", true),
                        mode.Number("cycles", false)}});
    }
    units.SetFlexible(figures.Text("name"), std::move(modes));
  }
  return units;
}

MacUnits MacUnits::Read(const std::string& path) {
  return Parse(ReadFile(path), path);
}

MacUnits MacUnits::BuiltIn() {
  return Parse(kBuiltInUnits, "built in");
}

std::string MacUnits::Toml() const {
  std::string text = fmt::format("library = \"{}\"\n", library_);
  for (const auto& [spec, unit] : units_) {
    text += fmt::format(
        "\n[units.\"{}\"]\narea_um2 = {:.6g}\nperiod_ns = {:.6g}\nenergy_pj = {:.6g}\n"
        "leakage_nw = {:.6g}\ncycles = {:.6g}\n",
        spec, unit.area_um2, unit.period_ns, unit.energy_pj, unit.leakage_nw, unit.cycles);
  }
  if (modes_.empty()) return text;
  const MacUnit& any = modes_.front().unit;
  text += fmt::format(
      "\n[units.{}]\nname = \"{}\"\narea_um2 = {:.6g}\nperiod_ns = {:.6g}\nleakage_nw = {:.6g}\n",
      kFlexible, flexible_name_, any.area_um2, any.period_ns, any.leakage_nw);
  for (const FlexibleUnitMode& mode : modes_) {
    text += fmt::format("[[units.{}.mode]]\nbits = {}\ncycles = {:.6g}\nenergy_pj = {:.6g}\n",
                        kFlexible, mode.bits, mode.unit.cycles, mode.unit.energy_pj);
  }
  return text;
}

std::optional<MacUnit> MacUnits::Find(const Arithmetic& arithmetic) const {
  std::vector<std::string> spellings;
  if (arithmetic.native) {
    spellings = {"fp32", "exact@fp32"};
  } else {
    spellings = {Print(arithmetic), UnitName(arithmetic)};
  }
  for (const std::string& spelling : spellings) {
    const auto found = units_.find(spelling);
    if (found != units_.end()) return found->second;
  }
  return std::nullopt;
}

MacUnit MacUnits::Flexible(int bits) const {
  const auto mode =
      std::ranges::find_if(modes_, [&](const FlexibleUnitMode& m) { return m.bits >= bits; });
  if (mode != modes_.end()) return mode->unit;
  throw UsageError("{}: there is no mode of the unit 'flexible' for operands of {} bits{}", source_,
                   bits,
                   modes_.empty() ? "; it has no [units.flexible]"
                                  : fmt::format("; the longest has {}", modes_.back().bits));
}

std::string MacUnits::Remedy(const Arithmetic& arithmetic) const {
  std::vector<std::string> names;
  for (const auto& [name, unit] : units_) names.push_back(name);
  return fmt::format(
      "it has {}; `mulberry synth --mac '{}' --units OTHER` writes its figures, to be copied here",
      fmt::join(names, ", "), Print(arithmetic));
}

}  // namespace mulberry
