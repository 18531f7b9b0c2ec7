#include "mulberry/hardware/liberty.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>

#include "mulberry/base/error.h"
#include "mulberry/hardware/liberty_text.h"

namespace mulberry {
namespace {

struct Axes {
  std::string variable[2];
  std::vector<double> index[2];
};

/// The segment [i, i + 1] of an ascending axis of two points or more in which, or nearest to which,
/// x lies.
size_t Segment(const std::vector<double>& axis, double x) {
  const auto above = std::upper_bound(axis.begin() + 1, axis.end() - 1, x);
  return static_cast<size_t>(above - axis.begin()) - 1;
}

class LibraryReader {
 public:
  LibraryReader(const LibertyGroup& top, const std::string& path) : top_(top), path_(path) {}

  Library Read() {
    library_.path = path_;
    if (!top_.arguments.empty()) library_.name = top_.arguments[0];
    ReadUnits();
    for (const LibertyGroup& group : top_.groups) {
      if (group.name == "lu_table_template" || group.name == "power_lut_template")
        ReadTemplate(group);
    }
    for (const LibertyGroup& group : top_.groups) {
      if (group.name == "cell") ReadCell(group);
    }
    if (library_.cells.empty()) {
      throw Error("{}:{}: found a library without cells, expected groups cell (NAME)", path_,
                  top_.line);
    }
    return std::move(library_);
  }

 private:
  [[noreturn]] void Fail(int line, const std::string& message) const {
    throw Error("{}:{}: {}", path_, line, message);
  }

  double Number(const std::string& text, int line, const std::string& what) const {
    double value = 0;
    size_t begin = text.find_first_not_of(" \t\r\n+");
    if (begin == text.npos) begin = 0;
    const size_t end = text.find_last_not_of(" \t\r\n") + 1;
    const auto [rest, error] =
        std::from_chars(text.data() + begin, text.data() + std::max(begin, end), value);
    if (error != std::errc() || rest != text.data() + end || !std::isfinite(value)) {
      Fail(line, fmt::format("{}: found \"{}\", expected a number", what, text.substr(0, 40)));
    }
    return value;
  }

  double NumberOf(const LibertyGroup& group, const std::string& name, double otherwise) const {
    const LibertyAttribute* a = group.Find(name);
    return a ? Number(Value(*a), a->line, name) : otherwise;
  }

  const std::string& Value(const LibertyAttribute& a) const {
    if (a.values.empty()) Fail(a.line, fmt::format("{}: found (), expected a value", a.name));
    return a.values[0];
  }

  std::string TextOf(const LibertyGroup& group, const std::string& name) const {
    const LibertyAttribute* a = group.Find(name);
    return a ? Value(*a) : "";
  }

  bool IsTrue(const LibertyGroup& group, const std::string& name) const {
    return TextOf(group, name) == "true";
  }

  /// "1ns", "100ps", "1 pf": a factor, a prefix and the unit.
  double Unit(const std::string& text, char unit, int line, const std::string& what) const {
    static const std::map<char, double> prefixes = {{'f', 1e-15}, {'p', 1e-12}, {'n', 1e-9},
                                                    {'u', 1e-6},  {'m', 1e-3},  {'k', 1e3}};
    size_t at = text.find_first_not_of("0123456789.eE+- ");
    if (at == text.npos) at = text.size();
    std::string letters;
    for (const char c : text.substr(at)) letters += static_cast<char>(std::tolower(c));
    const std::string factor = text.substr(0, at);
    double scale = factor.find_first_not_of(' ') == factor.npos ? 1 : Number(factor, line, what);
    const bool has_prefix = letters.size() == 2 && prefixes.count(letters[0]);
    if ((letters.size() != 1 && !has_prefix) || letters.back() != unit || scale <= 0) {
      Fail(line, fmt::format("{}: found \"{}\", expected a unit such as 1{}{}", what,
                             text.substr(0, 40), unit == 'v' ? "" : "n", unit));
    }
    return has_prefix ? scale * prefixes.at(letters[0]) : scale;
  }

  double UnitOf(const std::string& name, char unit, double otherwise) const {
    const LibertyAttribute* a = top_.Find(name);
    return a ? Unit(Value(*a), unit, a->line, name) : otherwise;
  }

  void ReadUnits() {
    const LibertyAttribute* model = top_.Find("delay_model");
    if (model && Value(*model) != "table_lookup") {
      Fail(model->line, fmt::format("delay_model: found {}, expected table_lookup", Value(*model)));
    }
    time_ = library_.time_unit = UnitOf("time_unit", 's', 1e-9);
    leakage_ = UnitOf("leakage_power_unit", 'w', 1e-9);
    const double volt = UnitOf("voltage_unit", 'v', 1);
    if (const LibertyAttribute* a = top_.Find("capacitive_load_unit")) {
      if (a->values.size() != 2) {
        Fail(a->line, fmt::format("capacitive_load_unit: found {} values, expected (1, pf)",
                                  a->values.size()));
      }
      capacitance_ =
          Number(a->values[0], a->line, a->name) * Unit(a->values[1], 'f', a->line, a->name);
    }
    energy_ = capacitance_ * volt * volt;
    ReadVoltage(volt);
    library_.slew_lower = NumberOf(top_, "slew_lower_threshold_pct_rise", 20) / 100;
    library_.slew_upper = NumberOf(top_, "slew_upper_threshold_pct_rise", 80) / 100;
    library_.slew_derate = NumberOf(top_, "slew_derate_from_library", 1);
    default_input_ = NumberOf(top_, "default_input_pin_cap", 0) * capacitance_;
    default_leakage_ = NumberOf(top_, "default_cell_leakage_power", 0) * leakage_;
  }

  /// The operating conditions' voltage where the library names its default conditions.
  void ReadVoltage(double volt) {
    double voltage = NumberOf(top_, "nom_voltage", 0);
    const std::string name = TextOf(top_, "default_operating_conditions");
    for (const LibertyGroup& group : top_.groups) {
      if (group.name == "operating_conditions" && !name.empty() && !group.arguments.empty() &&
          group.arguments[0] == name) {
        voltage = NumberOf(group, "voltage", voltage);
      }
    }
    if (voltage <= 0) {
      Fail(top_.line,
           fmt::format("nom_voltage: found {}, expected a supply voltage above 0", voltage));
    }
    library_.voltage = voltage * volt;
  }

  std::vector<double> Numbers(const LibertyAttribute& a) const {
    std::vector<double> numbers;
    for (const std::string& text : a.values) {
      for (size_t at = 0; (at = text.find_first_not_of(", \t\r\n\\", at)) != text.npos;) {
        const size_t end = std::min(text.find_first_of(", \t\r\n\\", at), text.size());
        numbers.push_back(Number(text.substr(at, end - at), a.line, a.name));
        at = end;
      }
    }
    return numbers;
  }

  void ReadIndex(const LibertyGroup& group, Axes& axes) const {
    for (int i = 0; i < 2; ++i) {
      const LibertyAttribute* a = group.Find(i ? "index_2" : "index_1");
      if (!a) continue;
      axes.index[i] = Numbers(*a);
      if (axes.index[i].empty() ||
          std::adjacent_find(axes.index[i].begin(), axes.index[i].end(), std::greater_equal<>()) !=
              axes.index[i].end()) {
        Fail(a->line,
             fmt::format("{}: found numbers that do not ascend, expected ascending ones", a->name));
      }
    }
  }

  void ReadTemplate(const LibertyGroup& group) {
    if (group.arguments.empty()) Fail(group.line, group.name + ": found no name, expected one");
    Axes axes;
    axes.variable[0] = TextOf(group, "variable_1");
    axes.variable[1] = TextOf(group, "variable_2");
    if (group.Find("variable_3")) axes.variable[0] = "variable_3";  // Refused where it is used.
    ReadIndex(group, axes);
    templates_[group.arguments[0]] = axes;
  }

  /// 0: the table's first axis (an input's slew); 1: its second (load, constrained pin's slew).
  int AxisOf(const std::string& variable, int line) const {
    if (variable == "input_net_transition" || variable == "input_transition_time" ||
        variable == "related_pin_transition") {
      return 0;
    }
    if (variable == "total_output_net_capacitance" || variable == "constrained_pin_transition") {
      return 1;
    }
    Fail(line, fmt::format("a table over \"{}\", expected input_net_transition, "
                           "input_transition_time, total_output_net_capacitance, "
                           "related_pin_transition or constrained_pin_transition",
                           variable));
  }

  LookUpTable Table(const LibertyGroup& group, double unit) const {
    Axes axes;
    const std::string name = group.arguments.empty() ? "" : group.arguments[0];
    if (name != "scalar") {
      const auto found = templates_.find(name);
      if (found == templates_.end()) {
        Fail(group.line, fmt::format("{}: found the template \"{}\", expected scalar or one of the "
                                     "library's templates",
                                     group.name, name));
      }
      axes = found->second;
      ReadIndex(group, axes);
    }
    const LibertyAttribute* values = group.Find("values");
    if (!values) Fail(group.line, group.name + ": found no values, expected values (...)");
    LookUpTable table;
    table.values = Numbers(*values);
    for (double& value : table.values) value *= unit;
    Arrange(axes, group, *values, table);
    return table;
  }

  /// Gives the values their axes, the slew's first.
  void Arrange(Axes& axes, const LibertyGroup& group, const LibertyAttribute& values,
               LookUpTable& table) const {
    int order[2] = {-1, -1};
    size_t size = 1, sizes[2] = {1, 1};
    for (int i = 0; i < 2; ++i) {
      if (axes.variable[i].empty()) continue;
      order[i] = AxisOf(axes.variable[i], group.line);
      const bool is_load = axes.variable[i] == "total_output_net_capacitance";
      for (double& x : axes.index[i]) x *= is_load ? capacitance_ : time_;
      sizes[i] = axes.index[i].size();
      size *= sizes[i];
      (order[i] == 0 ? table.first : table.second) = axes.index[i];
    }
    if (order[0] >= 0 && order[0] == order[1]) {
      Fail(group.line, fmt::format("{}: found the same kind of variable twice, expected two kinds",
                                   group.name));
    }
    if (size == 0 || table.values.size() != size) {
      Fail(values.line,
           fmt::format("{}: found {} values, expected {}", group.name, table.values.size(), size));
    }
    if (order[0] == 1 && order[1] == 0) {
      const std::vector<double> old = table.values;
      for (size_t i = 0; i < sizes[0]; ++i) {
        for (size_t j = 0; j < sizes[1]; ++j)
          table.values[j * sizes[0] + i] = old[i * sizes[1] + j];
      }
    }
  }

  LogicFunction Function(const LibertyAttribute& a) const {
    try {
      return LogicFunction(Value(a), variables_);
    } catch (const Error& error) {
      Fail(a.line, fmt::format("{}: {}", a.name, error.what()));
    }
  }

  std::optional<LogicFunction> FunctionOf(const LibertyGroup& group,
                                          const std::string& name) const {
    const LibertyAttribute* a = group.Find(name);
    return a ? std::optional(Function(*a)) : std::nullopt;
  }

  std::vector<int> RelatedPins(const LibertyGroup& group) const {
    std::vector<int> pins;
    const std::string text = TextOf(group, "related_pin");
    for (size_t at = 0; (at = text.find_first_not_of(", \t\n", at)) != text.npos;) {
      const size_t end = std::min(text.find_first_of(", \t\n", at), text.size());
      const int pin = cell_.FindPin(text.substr(at, end - at));
      if (pin < 0) {
        Fail(group.line, fmt::format("related_pin: found \"{}\", expected a pin of the cell {}",
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
    arc.type = Type(TextOf(group, "timing_type"));
    if (arc.type == TimingType::kOther)
      return;  // Hold, recovery, tri-state: no use is made of them.
    const std::string sense = TextOf(group, "timing_sense");
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
      if (found != tables.end()) *found->second = Table(table, time_);
    }
    if (arc.cell_rise.empty() != arc.rise_transition.empty() ||
        arc.cell_fall.empty() != arc.fall_transition.empty()) {
      Fail(group.line, fmt::format("timing of {}/{}: found a delay without its transition table or "
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
      if (table.name == "rise_power" || table.name == "power") power.rise = Table(table, energy_);
      if (table.name == "fall_power" || table.name == "power") power.fall = Table(table, energy_);
    }
    std::vector<int> related = RelatedPins(group);
    if (related.empty()) related.push_back(-1);
    for (const int pin_index : related) {
      power.related_pin = pin_index;
      pin.internal_power.push_back(power);
    }
  }

  void ReadPin(const LibertyGroup& group, LibraryPin& pin) {
    const double capacitance =
        NumberOf(group, "capacitance",
                 pin.direction == PinDirection::kInput ? default_input_ / capacitance_ : 0);
    pin.rise_capacitance = NumberOf(group, "rise_capacitance", capacitance) * capacitance_;
    pin.fall_capacitance = NumberOf(group, "fall_capacitance", capacitance) * capacitance_;
    pin.max_capacitance = NumberOf(group, "max_capacitance", 0) * capacitance_;
    pin.is_clock = IsTrue(group, "clock");
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
      const std::string direction = TextOf(child, "direction");
      for (const std::string& name : child.arguments) {
        LibraryPin pin;
        pin.name = name;
        if (direction == "input") pin.direction = PinDirection::kInput;
        if (direction == "output") pin.direction = PinDirection::kOutput;
        if (cell_.FindPin(name) >= 0) {
          Fail(child.line,
               fmt::format("cell {}: found the pin {} twice, expected it once", cell_.name, name));
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
      Fail(group.line, fmt::format("ff of {}: found no {}, expected next_state and clocked_on",
                                   cell_.name, next ? "clocked_on" : "next_state"));
    }
    cell_.flip_flop = FlipFlop{Function(*next), Function(*clock), FunctionOf(group, "clear"),
                               FunctionOf(group, "preset")};
  }

  void ReadLeakage(const LibertyGroup& group) {
    const LibertyAttribute* value = group.Find("value");
    if (!value) Fail(group.line, "leakage_power: found no value, expected value : NUMBER");
    const double power = Number(Value(*value), value->line, "value") * leakage_;
    const std::optional<LogicFunction> when = FunctionOf(group, "when");
    if (when) {
      cell_.leakage_states.push_back({*when, power});
    } else {
      cell_.leakage = power;
    }
  }

  void ReadCell(const LibertyGroup& group) {
    cell_ = {};
    variables_.clear();
    if (group.arguments.empty()) Fail(group.line, "cell: found no name, expected cell (NAME)");
    cell_.name = group.arguments[0];
    cell_.area = NumberOf(group, "area", 0);
    cell_.dont_use = IsTrue(group, "dont_use");
    NamePins(group);
    if (cell_.dont_use && !group.Find("dont_use")) {  // A bus or a state table: not understood.
      library_.cells.push_back(cell_);
      return;
    }
    cell_.leakage = NumberOf(group, "cell_leakage_power", default_leakage_ / leakage_) * leakage_;
    for (const LibertyGroup& child : group.groups) {
      ReadState(child);
      if (child.name == "leakage_power") ReadLeakage(child);
      if (child.name != "pin") continue;
      for (const std::string& name : child.arguments) {
        ReadPin(child, cell_.pins[static_cast<size_t>(cell_.FindPin(name))]);
      }
    }
    library_.cells.push_back(cell_);
  }

  const LibertyGroup& top_;
  const std::string& path_;
  Library library_;
  double time_ = 1e-9, capacitance_ = 1e-12, leakage_ = 1e-9, energy_ = 1e-12;
  double default_input_ = 0, default_leakage_ = 0;
  std::map<std::string, Axes> templates_;
  LibraryCell cell_;                    // The one being read,
  std::vector<std::string> variables_;  // and the names that its functions may use.
};

std::vector<int> PinsOf(const LibraryCell& cell, PinDirection direction) {
  std::vector<int> pins;
  for (size_t i = 0; i < cell.pins.size(); ++i) {
    if (cell.pins[i].direction == direction) pins.push_back(static_cast<int>(i));
  }
  return pins;
}

}  // namespace

double LookUpTable::At(double x, double y) const {
  if (values.empty()) return 0;
  const size_t columns = std::max<size_t>(second.size(), 1);
  const auto row = [&](size_t i) {
    const double* v = values.data() + i * columns;
    if (second.size() < 2) return v[0];
    const size_t j = Segment(second, y);
    return v[j] + (v[j + 1] - v[j]) * (y - second[j]) / (second[j + 1] - second[j]);
  };
  if (first.size() < 2) return row(0);
  const size_t i = Segment(first, x);
  const double low = row(i);
  return low + (row(i + 1) - low) * (x - first[i]) / (first[i + 1] - first[i]);
}

int LibraryCell::FindPin(std::string_view pin) const {
  for (size_t i = 0; i < pins.size(); ++i) {
    if (pins[i].name == pin) return static_cast<int>(i);
  }
  return -1;
}

std::vector<int> LibraryCell::Inputs() const {
  return PinsOf(*this, PinDirection::kInput);
}
std::vector<int> LibraryCell::Outputs() const {
  return PinsOf(*this, PinDirection::kOutput);
}

int Library::FindCell(std::string_view cell) const {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].name == cell) return static_cast<int>(i);
  }
  return -1;
}

Library ParseLiberty(std::string_view text, const std::string& path) {
  const LibertyGroup top = ParseLibertyText(text, path);
  return LibraryReader(top, path).Read();
}

Library ReadLiberty(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("{}: cannot be read, expected a Liberty file", path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return ParseLiberty(text, path);
}

}  // namespace mulberry
