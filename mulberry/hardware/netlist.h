// A design mapped to the cells of a library, read from the JSON that yosys' write_json makes of it.
// Flat; not a general netlist: every instance is a library cell that is not a latch, and every net
// has one driver.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mulberry/hardware/liberty.h"

namespace mulberry {

struct Instance {
  std::string name;
  int cell = 0;           ///< Index into Library::cells.
  std::vector<int> nets;  ///< For each pin of the cell; -1: not connected.
};

struct NetlistPort {
  std::string name;
  bool is_input = false;
  std::vector<int> nets;  ///< The least significant bit first.
};

/// A pin of an instance.
struct PinPlace {
  int instance = -1, pin = -1;
};

struct MappedNetlist {
  static constexpr int kZero = 0, kOne = 1;  ///< The nets of the constants.

  std::string module;
  std::vector<NetlistPort> ports;
  std::vector<Instance> instances;
  std::vector<std::string> net_names;
  std::vector<PinPlace> drivers;             ///< Of each net; instance -1: a port or constant.
  std::vector<std::vector<PinPlace>> sinks;  ///< Of each net.
  std::vector<int> combinational;            ///< Instances in an order of evaluation.
  std::vector<int> flip_flops;               ///< The other instances.

  double Area(const Library& library) const;
  const NetlistPort* FindPort(std::string_view name) const;
};

/// Reads the top module (or the only one) of `json_path`. An undefined constant is taken for 0.
/// Throws Error for a cell that the library lacks, for a latch, for a net without a driver or with
/// two, and for a combinational loop, naming the cells on it.
MappedNetlist ReadMappedNetlist(const std::string& json_path, const Library& library);

}  // namespace mulberry
