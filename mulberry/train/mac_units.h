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
//   area_um2 = 30000
//   period_ns = 5
//   leakage_nw = 90
//   [[units.flexible.mode]]
//   bits = 16            # of the longer operand, sign included
//   cycles = 1
//   energy_pj = 3
//
// Not here: how they are measured, and what an array of them takes (hardware/mac_array.h).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/hardware/mac_array.h"

namespace mulberry {

class MacUnits {
 public:
  /// `name` stands for the file. Throws UsageError that names it, the line, the value that was
  /// found and what is expected.
  static MacUnits Parse(std::string_view toml, const std::string& name);
  /// The same of a file. Throws Error if it cannot be read.
  static MacUnits Read(const std::string& path);

  /// The unit of an arithmetic, or nothing. How tensors are brought into the format does not
  /// matter to a unit; `fp32` may be listed as exact@fp32.
  std::optional<MacUnit> Find(const Arithmetic& arithmetic) const;
  /// The flexible unit in its shortest mode of at least `bits` bits. Throws UsageError if the file
  /// has none.
  MacUnit Flexible(int bits) const;

  const std::string& source() const { return source_; }
  const std::string& library() const { return library_; }
  /// The specifications that there are.
  std::vector<std::string> names() const;

 private:
  struct Mode {
    int bits;
    MacUnit unit;
  };

  std::string source_;
  std::string library_;
  std::map<std::string, MacUnit> units_;  ///< By canonical specification.
  std::vector<Mode> modes_;               ///< Of the flexible unit, from short to long.
};

/// Where the unit of an arithmetic comes from: a file, or a synthesis on demand. Nothing where
/// there is none.
using UnitSource = std::function<std::optional<MacUnit>(const Arithmetic&)>;

}  // namespace mulberry
