#include "mulberry/hardware/liberty.h"

#include <fstream>
#include <iterator>

#include "mulberry/base/error.h"
#include "mulberry/hardware/liberty_cell.h"

namespace mulberry {
namespace {

class LibraryReader {
 public:
  LibraryReader(const LibertyGroup& top, const std::string& path)
      : top_(top), values_(path), tables_(values_) {}

  Library Read() {
    library_.path = values_.path();
    if (!top_.arguments.empty()) library_.name = top_.arguments[0];
    ReadUnits();
    for (const LibertyGroup& group : top_.groups) {
      if (group.name == "lu_table_template" || group.name == "power_lut_template")
        tables_.AddTemplate(group);
    }
    for (const LibertyGroup& group : top_.groups) {
      if (group.name != "cell") continue;
      library_.cells.push_back(ReadLibertyCell(group, values_, tables_, defaults_));
    }
    if (library_.cells.empty()) {
      throw Error("{}:{}: found a library without cells, expected groups cell (NAME)",
                  values_.path(), top_.line);
    }
    return std::move(library_);
  }

 private:
  double UnitOf(const std::string& name, char unit, double otherwise) const {
    const LibertyAttribute* a = top_.Find(name);
    return a ? values_.Unit(values_.Value(*a), unit, a->line, name) : otherwise;
  }

  void ReadUnits() {
    const LibertyAttribute* model = top_.Find("delay_model");
    if (model && values_.Value(*model) != "table_lookup") {
      values_.Fail(model->line, fmt::format("delay_model: found {}, expected table_lookup",
                                            values_.Value(*model)));
    }
    units_.time = UnitOf("time_unit", 's', 1e-9);
    units_.leakage = UnitOf("leakage_power_unit", 'w', 1e-9);
    const double volt = UnitOf("voltage_unit", 'v', 1);
    if (const LibertyAttribute* a = top_.Find("capacitive_load_unit")) {
      if (a->values.size() != 2) {
        values_.Fail(a->line, fmt::format("capacitive_load_unit: found {} values, expected (1, pf)",
                                          a->values.size()));
      }
      units_.capacitance = values_.Number(a->values[0], a->line, a->name) *
                           values_.Unit(a->values[1], 'f', a->line, a->name);
    }
    units_.energy = units_.capacitance * volt * volt;
    ReadVoltage(volt);
    tables_.SetUnits(units_);
    defaults_.input_capacitance =
        values_.NumberOf(top_, "default_input_pin_cap", 0) * units_.capacitance;
    defaults_.leakage = values_.NumberOf(top_, "default_cell_leakage_power", 0) * units_.leakage;
  }

  /// The operating conditions' voltage where the library names its default conditions.
  void ReadVoltage(double volt) {
    double voltage = values_.NumberOf(top_, "nom_voltage", 0);
    const std::string name = values_.TextOf(top_, "default_operating_conditions");
    for (const LibertyGroup& group : top_.groups) {
      if (group.name == "operating_conditions" && !name.empty() && !group.arguments.empty() &&
          group.arguments[0] == name) {
        voltage = values_.NumberOf(group, "voltage", voltage);
      }
    }
    if (voltage <= 0) {
      values_.Fail(
          top_.line,
          fmt::format("nom_voltage: found {}, expected a supply voltage above 0", voltage));
    }
    library_.voltage = voltage * volt;
  }

  const LibertyGroup& top_;
  LibertyValues values_;
  LibertyTables tables_;
  Library library_;
  LibertyUnits units_;
  LibertyDefaults defaults_;
};

std::vector<int> PinsOf(const LibraryCell& cell, PinDirection direction) {
  std::vector<int> pins;
  for (size_t i = 0; i < cell.pins.size(); ++i) {
    if (cell.pins[i].direction == direction) pins.push_back(static_cast<int>(i));
  }
  return pins;
}

}  // namespace

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
