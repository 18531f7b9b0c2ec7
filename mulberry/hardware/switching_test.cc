// Hand-made netlists with hand-computed delays, transitions and energies; the errors of netlists.
// Agreement with other tools: hardware_agreement_test.cc.
#include "mulberry/hardware/switching.h"

#include <gtest/gtest.h>

#include <fstream>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/hardware/cell_search.h"

namespace mulberry {
namespace {

// An inverter of 100 ps and an AND of 20 ps whatever the slew and the load.
constexpr char kLibrary[] = R"(library (small) { time_unit : "1ps"; nom_voltage : 2;
  capacitive_load_unit (1, ff); leakage_power_unit : "1nW";
  cell (INV) { area : 1; cell_leakage_power : 5;
    leakage_power () { when : "A"; value : 3; } leakage_power () { when : "!A"; value : 1; }
    pin (A) { direction : input; capacitance : 2; }
    pin (Y) { direction : output; function : "!A";
      internal_power () { related_pin : "A"; rise_power (scalar) { values ("7"); }
        fall_power (scalar) { values ("5"); } }
      timing () { related_pin : "A"; timing_sense : negative_unate;
        cell_rise (scalar) { values ("100"); } cell_fall (scalar) { values ("100"); }
        rise_transition (scalar) { values ("9"); } fall_transition (scalar) { values ("9"); } } } }
  cell (AND) { area : 2;
    pin (A) { direction : input; capacitance : 2; } pin (B) { direction : input; capacitance : 2; }
    pin (Y) { direction : output; function : "A B";
      timing () { related_pin : "A B"; timing_sense : positive_unate;
        cell_rise (scalar) { values ("20"); } cell_fall (scalar) { values ("20"); }
        rise_transition (scalar) { values ("9"); } fall_transition (scalar) { values ("9"); } } } } })";

std::string Json(const std::string& cells) {
  return R"({"modules": {"top": {"ports": {"a": {"direction": "input", "bits": [2]},
    "p": {"direction": "output", "bits": [4]}}, "cells": {)" +
         cells + "}}}}";
}

std::string CellJson(const std::string& name, const std::string& type, const std::string& pins) {
  return "\"" + name + "\": {\"type\": \"" + type +
         "\", \"attributes\": {\"src\": \"m.v:3.1-4.2\"}, \"connections\": {" + pins + "}}";
}

// p = a & !a: 0, but for a pulse of 100 ps that begins 20 ps after a rises.
std::string PulseJson() {
  return Json(CellJson("u", "INV", R"("A": [2], "Y": [3])") + "," +
              CellJson("v", "AND", R"("A": [2], "B": [3], "Y": [4])"));
}

MappedNetlist Read(const std::string& json, const Library& library) {
  const TestFolder folder;
  std::ofstream(folder.path() / "top.json") << json;
  return ReadMappedNetlist((folder.path() / "top.json").string(), library);
}

TEST(Switching, CountsAPulseAndItsEnergy) {
  const Library library = ParseLiberty(kLibrary, "small.lib");
  const MappedNetlist netlist = Read(PulseJson(), library);
  TimingOptions options;
  options.output_load = 10e-15;
  const TimingReport timing = AnalyzeTiming(netlist, library, options);
  EXPECT_NEAR(timing.longest_path, 120e-12, 1e-18);
  ASSERT_EQ(timing.path.size(), 3u);
  EXPECT_EQ(netlist.Area(library), 3);

  const Stimulus stimulus{{"a"}, {{0}, {1}, {0}}, 0};
  const auto report = Simulate(netlist, library, timing, stimulus, SwitchingMode::kGlitchAware);
  const auto total = [&](int pin_net) { return report.total[static_cast<size_t>(pin_net)]; };
  const int inverted = netlist.instances[0].nets[1], product = netlist.instances[1].nets[2];
  EXPECT_EQ(total(inverted), 2u);
  EXPECT_EQ(total(product), 2u);  // One pulse: where a falls, the product is 0 already.
  EXPECT_EQ(report.functional[static_cast<size_t>(product)], 0u);
  // 1/2 C V^2: 2 edges each of a (4 fF), of the inverse (2 fF), of the product (10 fF); V = 2.
  EXPECT_NEAR(report.switching_energy, 2 * 0.5 * 16e-15 * 4 / 2, 1e-22);
  EXPECT_NEAR(report.internal_energy, (7e-15 + 5e-15) / 2, 1e-22);
  EXPECT_NEAR(report.glitch_energy, 2 * 0.5 * 10e-15 * 4 / 2, 1e-22);
  EXPECT_NEAR(report.leakage, (1 + 3 + 1) / 3.0 * 1e-9, 1e-18);

  const auto settled = Simulate(netlist, library, timing, stimulus, SwitchingMode::kZeroDelay);
  EXPECT_EQ(settled.functional, report.functional);
  EXPECT_EQ(settled.total, report.functional);
  EXPECT_NEAR(settled.internal_energy, report.internal_energy, 1e-22);
}

// Energies under conditions: one that names the output, one that names an input, groups of falls
// and rises apart, and a group without condition, which is for the other cases only.
TEST(Switching, TakesTheEnergyOfTheCase) {
  std::string text = kLibrary;
  const std::string plain = "internal_power () { related_pin : \"A\"; rise_power";
  text.replace(
      text.find(plain), plain.size(),
      "internal_power () { related_pin : \"A\"; rise_power (scalar) { values (\"90\"); } "
      "fall_power (scalar) { values (\"50\"); } }"
      "internal_power () { related_pin : \"A\"; when : \"Y\"; rise_power (scalar) { values "
      "(\"20\"); } } internal_power () { when : \"A\"; related_pin : \"A\"; rise_power");
  const Library library = ParseLiberty(text, "small.lib");
  const MappedNetlist netlist = Read(PulseJson(), library);
  const TimingReport timing = AnalyzeTiming(netlist, library);
  const Stimulus stimulus{{"a"}, {{0}, {1}, {0}}, 0};
  for (const SwitchingMode mode : {SwitchingMode::kZeroDelay, SwitchingMode::kGlitchAware}) {
    const auto report = Simulate(netlist, library, timing, stimulus, mode);
    // A rise ends with Y: 20 fJ; a fall with A: 5 fJ.
    EXPECT_NEAR(report.internal_energy, (20e-15 + 5e-15) / 2, 1e-22);
  }
}

TEST(Switching, SaysWhatIsMissing) {
  const Library library = ParseLiberty(kLibrary, "small.lib");
  const MappedNetlist netlist = Read(PulseJson(), library);
  const TimingReport timing = AnalyzeTiming(netlist, library);
  EXPECT_THROW(Simulate(netlist, library, timing, {{}, {{}, {}}, 0}, SwitchingMode::kZeroDelay),
               Error);
  EXPECT_THROW(
      Simulate(netlist, library, timing, {{"a"}, {{0}, {1}}, 50e-12}, SwitchingMode::kGlitchAware),
      Error);
}

TEST(MappedNetlist, NamesWhatIsWrong) {
  const Library library = ParseLiberty(kLibrary, "small.lib");
  const auto message = [&](const std::string& json) {
    try {
      Read(json, library);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const auto expect = [&](const std::string& json, const std::string& text) {
    EXPECT_NE(message(json).find(text), std::string::npos) << message(json);
  };
  expect(Json(CellJson("u", "$_DLATCH_P_", R"("D": [2], "Q": [4])")),
         "a latch, cell $_DLATCH_P_ (m.v:3");
  expect(Json(CellJson("u", "$_NAND_", R"("A": [2], "Y": [4])")), "the cell $_NAND_");
  expect(Json(CellJson("u", "AND", R"("A": [2], "B": [4], "Y": [4])")), "loop through u (AND)");
  expect(Json(CellJson("u", "INV", R"("A": [7], "Y": [4])")), "0 drivers of net 7");
  expect(Json(CellJson("u", "INV", R"("Y": [4])")), "input A of u unconnected");
  expect("{", "expected a netlist of yosys' write_json");
}

TEST(CellSearch, FindsTheAddersOfOsu018) {
  const Library library = ReadLiberty("/usr/share/qflow/tech/osu018/osu018_stdcells.lib");
  const auto name = [&](int cell) { return library.cells[static_cast<size_t>(cell)].name; };
  EXPECT_EQ(name(FindFullAdder(library).value().cell), "FAX1");
  EXPECT_EQ(FindFullAdder(library)->sum, "YS");
  EXPECT_EQ(name(FindHalfAdder(library).value().cell), "HAX1");
  EXPECT_EQ(FindHalfAdder(library)->carry, "YC");
  EXPECT_EQ(name(FindGate(library, 1, 0b01).value()), "INVX1");
  EXPECT_EQ(name(FindGate(library, 1, 0b10).value()), "BUFX2");
  EXPECT_FALSE(FindFullAdder(ParseLiberty(kLibrary, "small.lib")));
}

}  // namespace
}  // namespace mulberry
