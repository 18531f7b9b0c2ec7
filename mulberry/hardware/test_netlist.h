// Hand-made netlists for tests: a tiny library, and netlists of its cells as yosys' JSON.
#pragma once

#include <string>

#include "mulberry/base/test_folder.h"
#include "mulberry/hardware/netlist.h"

namespace mulberry {

// An inverter of 100 ps and an AND of 20 ps whatever the slew and the load.
inline constexpr char kSmallLibrary[] = R"(library (small) { time_unit : "1ps"; nom_voltage : 2;
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

/// The module top of input a[0], net 2, and output p[0], net 4, around these cells.
inline std::string NetlistJson(const std::string& cells) {
  return R"({"modules": {"top": {"ports": {"a": {"direction": "input", "bits": [2]},
    "p": {"direction": "output", "bits": [4]}}, "cells": {)" +
         cells + "}}}}";
}

/// `pins` as in "A": [2], "Y": [3].
inline std::string CellJson(const std::string& name, const std::string& type,
                            const std::string& pins) {
  return "\"" + name + "\": {\"type\": \"" + type +
         "\", \"attributes\": {\"src\": \"m.v:3.1-4.2\"}, \"connections\": {" + pins + "}}";
}

/// p = a & !a: 0, but for a pulse of 100 ps that begins 20 ps after a rises.
inline std::string PulseJson() {
  return NetlistJson(CellJson("u", "INV", R"("A": [2], "Y": [3])") + "," +
                     CellJson("v", "AND", R"("A": [2], "B": [3], "Y": [4])"));
}

inline MappedNetlist NetlistOf(const std::string& json, const Library& library) {
  const TestFolder folder;
  WriteTestFile(folder.path() / "top.json", json);
  return ReadMappedNetlist((folder.path() / "top.json").string(), library);
}

}  // namespace mulberry
