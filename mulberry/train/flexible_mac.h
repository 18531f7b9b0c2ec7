// The cost of training on a flexible multiplier-accumulator: cycles and energy of a multiply-
// accumulate by the length of its operands, from a file of parameters. What dynamic precision
// scaling saves is its MACs in short modes.
//
//   name = "digits of 8 bits"
//   energy-unit = "8-bit MACs"
//   [[mode]]
//   bits = 16
//   cycles = 4
//   energy = 4
//
// Source of the idea: Na, Mukhopadhyay, ISLPED 2016. experiments/flexible_mac.toml has the defaults
// and says what they rest on. Not here: memory, and how MACs are scheduled on many units; times and
// energies of two runs compare, they are no prediction of either.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mulberry {

/// What a number of MACs takes. Costs of several modes and layers add.
struct MacCost {
  int64_t macs = 0;
  double cycles = 0;  ///< On one unit.
  double energy = 0;  ///< In the file's unit.

  MacCost& operator+=(const MacCost& other);
  friend bool operator==(const MacCost&, const MacCost&) = default;
};

class FlexibleMac {
 public:
  struct Mode {
    int bits;       ///< Of the longer operand, sign included.
    double cycles;  ///< Of one MAC, above 0.
    double energy;  ///< Of one MAC, 0 or more.
  };

  /// From TOML; `name` stands for the file. Modes have to be listed from short to long. Throws
  /// UsageError that names the file and what is wrong.
  static FlexibleMac Parse(std::string_view toml, const std::string& name);
  /// The same of a file. Throws Error if it cannot be read.
  static FlexibleMac Read(const std::string& path);
  /// experiments/flexible_mac.toml as it was when the program was built.
  static FlexibleMac BuiltIn();
  /// That of a configuration: of the file, or where `path` is empty the one built in.
  static FlexibleMac Of(const std::string& path) { return path.empty() ? BuiltIn() : Read(path); }

  const std::string& name() const { return name_; }
  /// Where the costs are from: what Parse was told, "built in".
  const std::string& source() const { return source_; }
  const std::string& energy_unit() const { return energy_unit_; }
  const std::vector<Mode>& modes() const { return modes_; }

  /// The shortest mode of at least `bits` bits. Throws UsageError if all are shorter.
  const Mode& ModeOf(int bits) const;
  /// The cost of `macs` MACs on operands of at most `bits` bits.
  MacCost Cost(int bits, int64_t macs) const;

 private:
  std::string name_;
  std::string source_;
  std::string energy_unit_;
  std::vector<Mode> modes_;  ///< In ascending order, at least one.
};

}  // namespace mulberry
