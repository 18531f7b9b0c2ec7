// What a netlist in yosys' own text form (RTLIL) says of ports and cells. Not here: its
// connections.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mulberry {

struct VerilogPort {
  std::string name;
  std::string direction;  ///< "input", "output" or "inout".
  int position = 0;       ///< In the order of declaration, from 1.
  int bits = 1;
};

struct NetlistCell {
  std::string type;    ///< A module's name, or one of yosys' own, which begins with $.
  std::string source;  ///< FILE:LINE.COLUMN-LINE.COLUMN.
};

struct NetlistModule {
  std::string name;
  bool is_black_box = false;
  std::vector<VerilogPort> ports;  ///< In the order of declaration.
  std::vector<NetlistCell> cells;
};

/// The modules of a file that yosys has written, by name; none if there is no such file.
std::vector<NetlistModule> ReadNetlist(const std::filesystem::path& path);

}  // namespace mulberry
