#include "mulberry/hardware/liberty.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <random>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr char kOsu018[] = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

std::string FileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path << ": install the package qflow-tech-osu018";
  return {std::istreambuf_iterator<char>(file), {}};
}

constexpr char kSmall[] = R"(library (small) { time_unit : "10ps"; nom_voltage : 2
  capacitive_load_unit (10, ff); leakage_power_unit : "100pW"; // a comment
  lu_table_template (t) { variable_1 : input_net_transition; variable_2 : total_output_net_capacitance;
    index_1 ("1, 2"); index_2 ("10, 20, 40"); }
  cell (INV) { area : 3.5; dont_use : true; leakage_power () { when : "A'"; value : 4; }
    pin (A) { direction : input; capacitance : 2; rise_capacitance : 3; }
    pin (Y) { direction : output; function : "A'";
      timing () { related_pin : "A"; timing_sense : negative_unate;
        cell_rise (t) { values ("1, 2, 3", \
          "4, 5, 6"); }
        rise_transition (scalar) { values ("7"); } } } } })";

TEST(Liberty, ReadsUnitsTablesAndStates) {
  const Library library = ParseLiberty(kSmall, "small.lib");
  const LibraryCell& cell = library.cells.at(0);
  EXPECT_EQ(cell.area, 3.5);
  EXPECT_TRUE(cell.dont_use);
  EXPECT_DOUBLE_EQ(cell.leakage_states.at(0).power, 400e-12);
  EXPECT_DOUBLE_EQ(cell.pins[0].rise_capacitance, 30e-15);
  EXPECT_DOUBLE_EQ(cell.pins[0].fall_capacitance, 20e-15);
  const TimingArc& arc = cell.pins[1].timing.at(0);
  EXPECT_EQ(arc.sense, TimingSense::kNegative);
  EXPECT_NEAR(arc.cell_rise.At(10e-12, 100e-15), 10e-12, 1e-20);
  EXPECT_NEAR(arc.cell_rise.At(15e-12, 300e-15), 40e-12,
              1e-20);  // Between points: (2.5 + 5.5) / 2.
  EXPECT_NEAR(arc.cell_rise.At(30e-12, 600e-15), 100e-12, 1e-20);  // Beyond: 4 + 3 + 3.
  EXPECT_NEAR(arc.rise_transition.At(1, 1), 70e-12, 1e-20);
}

// Over the load alone, over the slew alone, and over both in the other order.
TEST(Liberty, ReadsTablesOfAnyAxes) {
  constexpr char kTables[] = R"(library (l) { time_unit : "1ns"; nom_voltage : 1;
    capacitive_load_unit (1, pf); slew_derate_from_library : 0.5;
    lu_table_template (load) { variable_1 : total_output_net_capacitance; index_1 ("1, 2"); }
    power_lut_template (slew) { variable_1 : input_transition_time; index_1 ("1, 2"); }
    lu_table_template (swapped) { variable_1 : total_output_net_capacitance;
      variable_2 : input_net_transition; index_1 ("1, 2, 3"); index_2 ("10, 20"); }
    cell (C) { pin (A) { direction : input; } pin (Y) { direction : output; function : "A";
      internal_power () { related_pin : A; power (slew) { values ("5, 7"); } }
      timing () { related_pin : A;
        cell_rise (load) { index_1 ("1, 3"); values ("10, 30"); }
        rise_transition (swapped) { values ("1, 2", "3, 4", "5, 6"); } } } } })";
  const LibraryPin pin = ParseLiberty(kTables, "l.lib").cells.at(0).pins.at(1);
  EXPECT_NEAR(pin.timing.at(0).cell_rise.At(123, 2e-12), 20e-9, 1e-15);
  EXPECT_NEAR(pin.timing.at(0).rise_transition.At(10e-9, 3e-12), 5e-9, 1e-15);
  EXPECT_NEAR(pin.timing.at(0).rise_transition.At(20e-9, 1.5e-12), 3e-9, 1e-15);
  EXPECT_NEAR(pin.internal_power.at(0).rise.At(1.5e-9, 123), 6e-12, 1e-18);
  EXPECT_NEAR(pin.internal_power.at(0).fall.At(2e-9, 123), 7e-12, 1e-18);

  std::string text = kTables;
  text.replace(text.find("cell_rise (load)"), 16, "cell_rise (none)");
  EXPECT_THROW(ParseLiberty(text, "l.lib"), Error);
}

TEST(Liberty, ReadsTheOsuLibraries) {
  for (const char* name :
       {"osu018/osu018_stdcells", "osu035/osu035_stdcells", "osu050/osu05_stdcells"}) {
    const std::string path = std::string("/usr/share/qflow/tech/") + name + ".lib";
    const auto begin = std::chrono::steady_clock::now();
    const Library library = ReadLiberty(path);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(time.count(), 0.3) << path;
    const LibraryCell& nand = library.cells.at(static_cast<size_t>(library.FindCell("NAND2X1")));
    EXPECT_EQ(nand.pins.at(2).function->TruthTable(nand.Inputs(), 3), 0b0111u);
    EXPECT_TRUE(library.cells.at(static_cast<size_t>(library.FindCell("DFFSR"))).flip_flop->clear);
    EXPECT_TRUE(library.cells.at(static_cast<size_t>(library.FindCell("LATCH"))).is_latch);
  }
  const Library library = ReadLiberty(kOsu018);
  const LibraryCell& nand = library.cells.at(static_cast<size_t>(library.FindCell("NAND2X1")));
  // index_1 is the load and index_2 the slew in this file: row 2, column 3 of its cell_fall.
  EXPECT_NEAR(nand.pins[2].timing[0].cell_fall.At(0.42e-9, 0.0125e-12), 0.044962e-9, 1e-16);
  EXPECT_NEAR(nand.pins[2].internal_power[0].rise.At(0.06e-9, 0.005e-12), 0.044515e-12, 1e-19);
  EXPECT_EQ(library.voltage, 1.8);
}

TEST(Liberty, NamesThePlaceOfAnError) {
  const auto message = [](std::string text, const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
    try {
      ParseLiberty(text, "small.lib");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(message(kSmall, "3.5", "x"), "small.lib:5: area: found \"x\", expected a number");
  EXPECT_EQ(message(kSmall, "1, 2, 3", "1, 2"),
            "small.lib:9: cell_rise: found 5 values, expected 6");
  EXPECT_EQ(message(kSmall, "related_pin : \"A\"", "related_pin : \"B\""),
            "small.lib:8: related_pin: found \"B\", expected a pin of the cell INV");
  EXPECT_EQ(
      message(kSmall, "} } } } }", "} } } }"),
      "small.lib:11: found the end of the file, expected } of the group library that begins in "
      "line 1");
  EXPECT_NE(message(kSmall, "10ps", "10px").find("time_unit: found"), std::string::npos);
}

// Whatever the bytes, the answer is a library or an Error.
TEST(Liberty, SurvivesDamage) {
  const std::string text = FileText(kOsu018);
  std::mt19937 random(1);
  for (int i = 0; i < 60; ++i) {
    std::string damaged = text.substr(0, i % 2 ? text.size() : random() % text.size());
    for (int flips = 0; i % 2 && flips < 20; ++flips) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    try {
      ParseLiberty(damaged, "damaged.lib");
      EXPECT_EQ(i % 2, 1) << "a truncated library was read";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("damaged.lib:"), 0u) << error.what();
    }
  }
  for (const std::string& deep :
       {std::string(1 << 20, '('), std::string(1 << 20, '{'), std::string()}) {
    EXPECT_THROW(ParseLiberty("library (a) {" + deep, "deep.lib"), Error);
  }
}

}  // namespace
}  // namespace mulberry
