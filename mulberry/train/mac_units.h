// The figures of multiply-accumulate units, by the arithmetic that they compute, from a file such
// as `mulberry synth --units FILE` writes:
//
//   library = "osu018_stdcells"
//   [units."mitchell@bf16"]
//   area_um2 = 9000
//   period_ns = 5
//   energy_pj = 4        # of one MAC, dynamic
//   leakage_nw = 30
//   cycles = 1           # of one MAC
//   [units.flexible]     # one unit for fixed point, whose modes say how long its operands may be
//   name = "2 digits of exact@uint16"
//   area_um2 = 30000
//   period_ns = 5
//   leakage_nw = 90
//   [[units.flexible.mode]]
//   bits = 16            # of the longer operand, sign included
//   cycles = 1
//   energy_pj = 3
//
// The flexible unit is worth its energy and time at lower precision: Na, Mukhopadhyay, ISLPED 2016.
// Not here: how units are measured, and what an array of them takes (hardware/mac_array.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/hardware/mac_array.h"

namespace mulberry {

/// Where units come from: a file, or a synthesis on demand.
class UnitSource {
 public:
  virtual ~UnitSource() = default;
  /// The unit of an arithmetic, or nothing. How tensors are brought into the format does not
  /// matter to a unit; `fp32` is exact@fp32.
  virtual std::optional<MacUnit> Find(const Arithmetic& arithmetic) const = 0;
  /// The flexible unit in its shortest mode of at least `bits` bits. Throws UsageError if there is
  /// none.
  virtual MacUnit Flexible(int bits) const = 0;
  /// What the units are from, such as the name of a file, and what they are made of.
  virtual std::string source() const = 0;
  virtual std::string library() const = 0;
  /// What to do about an arithmetic without a unit, of which Find gives nothing.
  virtual std::string Remedy(const Arithmetic& arithmetic) const = 0;
};

/// The flexible unit in one mode.
struct FlexibleUnitMode {
  int bits = 0;  ///< Of the longer operand, sign included.
  MacUnit unit;
};

class MacUnits : public UnitSource {
 public:
  MacUnits(std::string source, std::string library)
      : source_(std::move(source)), library_(std::move(library)) {}
  /// `name` stands for the file. Throws UsageError that names it, the line, the value that was
  /// found and what is expected.
  static MacUnits Parse(std::string_view toml, const std::string& name);
  /// The same of a file. Throws Error if it cannot be read.
  static MacUnits Read(const std::string& path);
  /// experiments/flexible_mac.toml as it was when the program was built: a flexible unit.
  static MacUnits BuiltIn();
  /// That of a configuration: of the file, or where `path` is empty the one built in.
  static MacUnits Of(const std::string& path) { return path.empty() ? BuiltIn() : Read(path); }

  /// `unit.name` is its specification. Whether there was none of that name.
  bool Add(const MacUnit& unit) { return units_.emplace(unit.name, unit).second; }
  /// `modes`: from short to long, at least one. Their units' names are given here.
  void SetFlexible(std::string name, std::vector<FlexibleUnitMode> modes);
  /// The inverse of Parse, each figure to 6 digits.
  std::string Toml() const;

  std::optional<MacUnit> Find(const Arithmetic& arithmetic) const override;
  MacUnit Flexible(int bits) const override;
  std::string source() const override { return source_; }
  std::string library() const override { return library_; }
  std::string Remedy(const Arithmetic& arithmetic) const override;
  /// Of the flexible unit; "" where there is none, or no name.
  const std::string& flexible_name() const { return flexible_name_; }

 private:
  std::string source_;
  std::string library_;
  std::map<std::string, MacUnit> units_;  ///< By canonical specification.
  std::string flexible_name_;
  std::vector<FlexibleUnitMode> modes_;  ///< From short to long.
};

}  // namespace mulberry
