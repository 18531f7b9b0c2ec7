// Arrivals, slews, paths and periods of tiny netlists, computed by hand.
#include "mulberry/hardware/timing.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/hardware/test_netlist.h"

namespace mulberry {
namespace {

// Delays in ps. INV: rise slew + 2 load, fall slew + load; the output's slew is 3 load in both
// edges. XOR is not unate: 50 and 30 whatever the edge. DFF: 40 after the rising edge, setup 15 and
// 25.
constexpr char kTimed[] = R"(library (timed) { time_unit : "1ps"; nom_voltage : 1;
  capacitive_load_unit (1, ff);
  lu_table_template (t) { variable_1 : input_net_transition;
    variable_2 : total_output_net_capacitance; index_1 ("0, 100"); index_2 ("0, 100"); }
  cell (INV) { area : 1; pin (A) { direction : input; capacitance : 2; }
    pin (Y) { direction : output; function : "!A";
      timing () { related_pin : "A"; timing_sense : negative_unate;
        cell_rise (t) { values ("0, 200", "100, 300"); }
        cell_fall (t) { values ("0, 100", "100, 200"); }
        rise_transition (t) { values ("0, 300", "0, 300"); }
        fall_transition (t) { values ("0, 300", "0, 300"); } } } }
  cell (XOR) { area : 2; pin (A) { direction : input; capacitance : 4; }
    pin (B) { direction : input; capacitance : 4; }
    pin (Y) { direction : output; function : "A^B";
      timing () { related_pin : "A B"; timing_sense : non_unate;
        cell_rise (scalar) { values ("50"); } cell_fall (scalar) { values ("30"); }
        rise_transition (scalar) { values ("9"); } fall_transition (scalar) { values ("8"); } } } }
  cell (DFF) { area : 5; ff (IQ, IQN) { next_state : "D"; clocked_on : "C"; }
    pin (C) { direction : input; clock : true; capacitance : 1; }
    pin (D) { direction : input; capacitance : 1;
      timing () { related_pin : "C"; timing_type : setup_rising;
        rise_constraint (scalar) { values ("15"); } fall_constraint (scalar) { values ("25"); } } }
    pin (Q) { direction : output; function : "IQ";
      timing () { related_pin : "C"; timing_type : rising_edge;
        cell_rise (scalar) { values ("40"); } cell_fall (scalar) { values ("40"); }
        rise_transition (scalar) { values ("10"); } fall_transition (scalar) { values ("10"); } } } }
})";

const TimingOptions kOptions = {.input_slew = 10e-12, .output_load = 20e-15};
constexpr double kTolerance = 1e-18;

void ExpectPs(double seconds, double ps) {
  EXPECT_NEAR(seconds, ps * 1e-12, kTolerance);
}

TEST(Timing, AddsDelaysByEdgeSlewAndLoad) {
  const Library library = ParseLiberty(kTimed, "timed.lib");
  const MappedNetlist netlist =
      NetlistOf(NetlistJson(CellJson("u", "INV", R"("A": [2], "Y": [3])") + "," +
                            CellJson("v", "INV", R"("A": [3], "Y": [4])")),
                library);
  const TimingReport timing = AnalyzeTiming(netlist, library, kOptions);
  const auto middle = static_cast<size_t>(netlist.instances[0].nets[1]);
  const auto end = static_cast<size_t>(netlist.instances[1].nets[1]);
  EXPECT_NEAR(timing.rise_load[middle], 2e-15, 1e-24);
  EXPECT_NEAR(timing.fall_load[end], 20e-15, 1e-24);
  // Slew 10, load 2: rise 10 + 4, fall 10 + 2, slew 6.
  ExpectPs(timing.rise[middle].arrival, 14);
  ExpectPs(timing.fall[middle].arrival, 12);
  ExpectPs(timing.rise[middle].slew, 6);
  // Slew 6, load 20: a rise after the fall, 6 + 40; a fall after the rise, 6 + 20.
  ExpectPs(timing.rise[end].arrival, 12 + 46);
  ExpectPs(timing.fall[end].arrival, 14 + 26);
  ExpectPs(timing.fall[end].slew, 60);

  ExpectPs(timing.longest_path, 58);
  ASSERT_EQ(timing.path.size(), 3u);
  EXPECT_EQ(timing.path[0].driver.instance, -1);
  EXPECT_TRUE(timing.path[0].rises);
  EXPECT_FALSE(timing.path[1].rises);
  EXPECT_TRUE(timing.path[2].rises);
  ExpectPs(timing.path[1].arrival, 12);
  EXPECT_EQ(timing.smallest_period, 0);

  ASSERT_EQ(timing.delays[1].size(), 1u);
  ExpectPs(timing.delays[1][0].rise, 46);
  ExpectPs(timing.delays[1][0].fall, 26);
}

// a reaches the XOR's B directly and its A through the inverter, whose load is 4.
TEST(Timing, TakesTheWorstEdgeThroughWhatIsNotUnate) {
  const Library library = ParseLiberty(kTimed, "timed.lib");
  const MappedNetlist netlist =
      NetlistOf(NetlistJson(CellJson("u", "INV", R"("A": [2], "Y": [3])") + "," +
                            CellJson("v", "XOR", R"("A": [3], "B": [2], "Y": [4])")),
                library);
  const TimingReport timing = AnalyzeTiming(netlist, library, kOptions);
  const auto end = static_cast<size_t>(netlist.instances[1].nets[2]);
  ExpectPs(timing.rise[end].arrival, 10 + 8 + 50);
  ExpectPs(timing.fall[end].arrival, 10 + 8 + 30);
  ExpectPs(timing.rise[end].slew, 9);
}

// Q to D of the next flip-flop through an inverter: 40, then with slew 10 and load 1 a rise of 12
// or a fall of 11; the fall's setup time is the longer.
TEST(Timing, BoundsThePeriodByTheSetupTimes) {
  const Library library = ParseLiberty(kTimed, "timed.lib");
  const MappedNetlist netlist = NetlistOf(
      R"({"modules": {"top": {"ports": {"clock": {"direction": "input", "bits": [2]},
          "a": {"direction": "input", "bits": [3]}, "p": {"direction": "output", "bits": [4]}},
          "cells": {)" +
          CellJson("first", "DFF", R"("C": [2], "D": [3], "Q": [5])") + "," +
          CellJson("inverter", "INV", R"("A": [5], "Y": [6])") + "," +
          CellJson("second", "DFF", R"("C": [2], "D": [6], "Q": [4])") + "}}}}",
      library);
  EXPECT_EQ(netlist.flip_flops.size(), 2u);
  const TimingReport timing = AnalyzeTiming(netlist, library, kOptions);
  ExpectPs(timing.longest_path, 40 + 12);
  ExpectPs(timing.smallest_period, 40 + 11 + 25);
}

TEST(Timing, NamesAPathWithoutTables) {
  std::string text = kTimed;
  text.replace(text.find("related_pin : \"A B\""), 19, "related_pin : \"A\"");
  const Library library = ParseLiberty(text, "timed.lib");
  const MappedNetlist netlist =
      NetlistOf(NetlistJson(CellJson("v", "XOR", R"("A": [2], "B": [2], "Y": [4])")), library);
  try {
    AnalyzeTiming(netlist, library);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(
        std::string(error.what()),
        "timed.lib: the cell XOR has no timing from B to Y, expected cell_rise and cell_fall");
  }
}

}  // namespace
}  // namespace mulberry
