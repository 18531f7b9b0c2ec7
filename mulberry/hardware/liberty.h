// A cell library, read from a Liberty file: areas, logic functions, NLDM delay tables, internal and
// leakage power. Of the format what timing.h and switching.h need; not CCS, not OCV, not buses: a
// cell with buses or a state table is read as one that must not be used.
//
// Slews are as the tables have them, between the library's thresholds and before
// slew_derate_from_library: tables make and use them alike, so that neither matters to a netlist of
// one library (as in OpenSTA).
//
// All numbers are in SI units (s, F, V, J, W), areas as the library has them (um2 by convention).
// Energies of internal_power are in capacitive_load_unit x voltage_unit^2, as Liberty's reference
// manual defines them and as OpenSTA takes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/hardware/logic_function.h"
#include "mulberry/hardware/look_up_table.h"

namespace mulberry {

enum class TimingSense { kPositive, kNegative, kNonUnate };
enum class TimingType {
  kCombinational,
  kRisingEdge,
  kFallingEdge,
  kSetupRising,
  kSetupFalling,
  kPreset,
  kClear,
  kOther
};

struct TimingArc {
  int related_pin = 0;
  TimingSense sense = TimingSense::kNonUnate;
  TimingType type = TimingType::kCombinational;
  std::optional<LogicFunction> when;
  LookUpTable cell_rise, cell_fall, rise_transition, fall_transition;  ///< Of delays.
  LookUpTable rise_constraint, fall_constraint;                        ///< Of setup times.
};

struct InternalPower {
  int related_pin = -1;  ///< -1: the pin's own transitions, whatever caused them.
  std::optional<LogicFunction> when;
  LookUpTable rise, fall;  ///< J for each transition of the pin.
};

enum class PinDirection { kInput, kOutput, kOther };

struct LibraryPin {
  std::string name;
  PinDirection direction = PinDirection::kOther;
  double rise_capacitance = 0, fall_capacitance = 0;
  double max_capacitance = 0;  ///< 0: none is given.
  bool is_clock = false;
  bool is_three_state = false;
  std::optional<LogicFunction> function;  ///< Over the pins, then the two states of the flip-flop.
  std::vector<TimingArc> timing;
  std::vector<InternalPower> internal_power;
};

struct FlipFlop {
  LogicFunction next_state, clocked_on;
  std::optional<LogicFunction> clear, preset;
};

struct LeakageState {
  LogicFunction when;
  double power = 0;
};

struct LibraryCell {
  std::string name;
  double area = 0;
  double leakage = 0;  ///< Where no state applies.
  std::vector<LeakageState> leakage_states;
  std::vector<LibraryPin> pins;
  std::optional<FlipFlop> flip_flop;  ///< Its states are variables pins.size() and pins.size() + 1.
  bool is_latch = false;
  bool dont_use = false;

  int FindPin(std::string_view pin) const;  ///< -1: no such pin.
  std::vector<int> Inputs() const;
  std::vector<int> Outputs() const;
};

struct Library {
  std::string name, path;
  double voltage = 0;
  std::vector<LibraryCell> cells;

  int FindCell(std::string_view cell) const;  ///< -1: no such cell.
};

/// Reads a Liberty file. Throws Error "PATH:LINE: ... found X, expected Y".
Library ReadLiberty(const std::string& path);

/// The same from its text; `path` is for messages.
Library ParseLiberty(std::string_view text, const std::string& path);

}  // namespace mulberry
