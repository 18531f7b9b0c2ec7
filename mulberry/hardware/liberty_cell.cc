#include "mulberry/hardware/liberty_cell.h"

#include <algorithm>
#include <map>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

class CellReader {
 public:
  CellReader(const LibertyValues& values, const LibertyTables& tables,
             const LibertyDefaults& defaults)
      : values_(values), tables_(tables), units_(tables.units()), defaults_(defaults) {}

  LibraryCell Read(const LibertyGroup& group) {
    if (group.arguments.empty())
      values_.Fail(group.line, "cell: found no name, expected cell (NAME)");
    cell_.name = group.arguments[0];
    cell_.area = values_.NumberOf(group, "area", 0);
    cell_.dont_use = values_.IsTrue(group, "dont_use");
    NamePins(group);
    if (cell_.dont_use && !group.Find("dont_use")) {  // A bus or a state table: not understood.
      return cell_;
    }
    cell_.leakage =
        values_.NumberOf(group, "cell_leakage_power", defaults_.leakage / units_.leakage) *
        units_.leakage;
    for (const LibertyGroup& child : group.groups) {
      ReadState(child);
      if (child.name == "leakage_power") ReadLeakage(child);
      if (child.name != "pin") continue;
      for (const std::string& name : child.arguments) {
        ReadPin(child, cell_.pins[static_cast<size_t>(cell_.FindPin(name))]);
      }
    }
    return cell_;
  }

 private:
  LogicFunction Function(const LibertyAttribute& a) const {
    try {
      return LogicFunction(values_.Value(a), variables_);
    } catch (const Error& error) {
      values_.Fail(a.line, fmt::format("{}: {}", a.name, error.what()));
    }
  }

  std::optional<LogicFunction> FunctionOf(const LibertyGroup& group,
                                          const std::string& name) const {
    const LibertyAttribute* a = group.Find(name);
    return a ? std::optional(Function(*a)) : std::nullopt;
  }

  std::vector<int> RelatedPins(const LibertyGroup& group) const {
    std::vector<int> pins;
    const std::string text = values_.TextOf(group, "related_pin");
    for (size_t at = 0; (at = text.find_first_not_of(", \t\n", at)) != text.npos;) {
      const size_t end = std::min(text.find_first_of(", \t\n", at), text.size());
      const int pin = cell_.FindPin(text.substr(at, end - at));
      if (pin < 0) {
        values_.Fail(group.line,
                     fmt::format("related_pin: found \"{}\", expected a pin of the cell {}",
                                 text.substr(at, end - at), cell_.name));
      }
      pins.push_back(pin);
      at = end;
    }
    return pins;
  }

  static TimingType Type(const std::string& text) {
    static const std::map<std::string, TimingType> types = {
        {"", TimingType::kCombinational},
        {"combinational", TimingType::kCombinational},
        {"rising_edge", TimingType::kRisingEdge},
        {"falling_edge", TimingType::kFallingEdge},
        {"setup_rising", TimingType::kSetupRising},
        {"setup_falling", TimingType::kSetupFalling},
        {"preset", TimingType::kPreset},
        {"clear", TimingType::kClear}};
    const auto found = types.find(text);
    return found == types.end() ? TimingType::kOther : found->second;
  }

  void ReadTiming(const LibertyGroup& group, LibraryPin& pin) {
    TimingArc arc;
    arc.type = Type(values_.TextOf(group, "timing_type"));
    if (arc.type == TimingType::kOther)
      return;  // Hold, recovery, tri-state: no use is made of them.
    const std::string sense = values_.TextOf(group, "timing_sense");
    arc.sense = sense == "positive_unate"   ? TimingSense::kPositive
                : sense == "negative_unate" ? TimingSense::kNegative
                                            : TimingSense::kNonUnate;
    arc.when = FunctionOf(group, "when");
    const std::map<std::string, LookUpTable*> tables = {{"cell_rise", &arc.cell_rise},
                                                        {"cell_fall", &arc.cell_fall},
                                                        {"rise_transition", &arc.rise_transition},
                                                        {"fall_transition", &arc.fall_transition},
                                                        {"rise_constraint", &arc.rise_constraint},
                                                        {"fall_constraint", &arc.fall_constraint}};
    for (const LibertyGroup& table : group.groups) {
      const auto found = tables.find(table.name);
      if (found != tables.end()) *found->second = tables_.Read(table, units_.time);
    }
    if (arc.cell_rise.empty() != arc.rise_transition.empty() ||
        arc.cell_fall.empty() != arc.fall_transition.empty()) {
      values_.Fail(group.line,
                   fmt::format("timing of {}/{}: found a delay without its transition table or "
                               "the reverse, expected both",
                               cell_.name, pin.name));
    }
    for (const int related : RelatedPins(group)) {
      arc.related_pin = related;
      pin.timing.push_back(arc);
    }
  }

  void ReadInternalPower(const LibertyGroup& group, LibraryPin& pin) {
    InternalPower power;
    power.when = FunctionOf(group, "when");
    for (const LibertyGroup& table : group.groups) {
      if (table.name == "rise_power" || table.name == "power")
        power.rise = tables_.Read(table, units_.energy);
      if (table.name == "fall_power" || table.name == "power")
        power.fall = tables_.Read(table, units_.energy);
    }
    std::vector<int> related = RelatedPins(group);
    if (related.empty()) related.push_back(-1);
    for (const int pin_index : related) {
      power.related_pin = pin_index;
      pin.internal_power.push_back(power);
    }
  }

  void ReadPin(const LibertyGroup& group, LibraryPin& pin) {
    const double capacitance = values_.NumberOf(
        group, "capacitance",
        pin.direction == PinDirection::kInput ? defaults_.input_capacitance / units_.capacitance
                                              : 0);
    pin.rise_capacitance =
        values_.NumberOf(group, "rise_capacitance", capacitance) * units_.capacitance;
    pin.fall_capacitance =
        values_.NumberOf(group, "fall_capacitance", capacitance) * units_.capacitance;
    pin.max_capacitance = values_.NumberOf(group, "max_capacitance", 0) * units_.capacitance;
    pin.is_clock = values_.IsTrue(group, "clock");
    pin.is_three_state = group.Find("three_state") != nullptr;
    pin.function = FunctionOf(group, "function");
    for (const LibertyGroup& child : group.groups) {
      if (child.name == "timing") ReadTiming(child, pin);
      if (child.name == "internal_power") ReadInternalPower(child, pin);
    }
  }

  /// The names have to be known before any function is read.
  void NamePins(const LibertyGroup& group) {
    for (const LibertyGroup& child : group.groups) {
      if (child.name == "bus" || child.name == "bundle" || child.name == "statetable") {
        cell_.dont_use = true;
      }
      if (child.name != "pin") continue;
      const std::string direction = values_.TextOf(child, "direction");
      for (const std::string& name : child.arguments) {
        LibraryPin pin;
        pin.name = name;
        if (direction == "input") pin.direction = PinDirection::kInput;
        if (direction == "output") pin.direction = PinDirection::kOutput;
        if (cell_.FindPin(name) >= 0) {
          values_.Fail(child.line, fmt::format("cell {}: found the pin {} twice, expected it once",
                                               cell_.name, name));
        }
        cell_.pins.push_back(pin);
        variables_.push_back(name);
      }
    }
    for (const LibertyGroup& child : group.groups) {
      if (child.name != "ff" && child.name != "latch" && child.name != "statetable") continue;
      variables_.insert(variables_.end(), child.arguments.begin(), child.arguments.end());
      variables_.resize(std::max(variables_.size(), cell_.pins.size() + 2));
    }
  }

  void ReadState(const LibertyGroup& group) {
    if (group.name == "latch") cell_.is_latch = true;
    if (group.name != "ff") return;
    const LibertyAttribute* next = group.Find("next_state");
    const LibertyAttribute* clock = group.Find("clocked_on");
    if (!next || !clock) {
      values_.Fail(group.line,
                   fmt::format("ff of {}: found no {}, expected next_state and clocked_on",
                               cell_.name, next ? "clocked_on" : "next_state"));
    }
    cell_.flip_flop = FlipFlop{Function(*next), Function(*clock), FunctionOf(group, "clear"),
                               FunctionOf(group, "preset")};
  }

  void ReadLeakage(const LibertyGroup& group) {
    const LibertyAttribute* value = group.Find("value");
    if (!value) values_.Fail(group.line, "leakage_power: found no value, expected value : NUMBER");
    const double power =
        values_.Number(values_.Value(*value), value->line, "value") * units_.leakage;
    const std::optional<LogicFunction> when = FunctionOf(group, "when");
    if (when) {
      cell_.leakage_states.push_back({*when, power});
    } else {
      cell_.leakage = power;
    }
  }

  const LibertyValues& values_;
  const LibertyTables& tables_;
  const LibertyUnits& units_;
  const LibertyDefaults& defaults_;
  LibraryCell cell_;
  std::vector<std::string> variables_;  // The names that its functions may use.
};

}  // namespace

LibraryCell ReadLibertyCell(const LibertyGroup& group, const LibertyValues& values,
                            const LibertyTables& tables, const LibertyDefaults& defaults) {
  return CellReader(values, tables, defaults).Read(group);
}

}  // namespace mulberry
