#include "mulberry/hardware/sdf.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mulberry {
namespace {

const LibraryCell& CellOf(const Instance& instance, const Library& library) {
  return library.cells[static_cast<size_t>(instance.cell)];
}

double Nanoseconds(double seconds) {
  return std::max(0.0, std::round(seconds * 1e12)) / 1000;
}

}  // namespace

std::string NetlistVerilog(const MappedNetlist& netlist, const Library& library) {
  std::string ports, body;
  for (const NetlistPort& port : netlist.ports) {
    ports += fmt::format("{}{} [{}:0] {}", ports.empty() ? "" : ", ",
                         port.is_input ? "input" : "output", port.nets.size() - 1, port.name);
    for (size_t bit = 0; bit < port.nets.size(); ++bit) {
      body += port.is_input
                  ? fmt::format("  assign n{} = {}[{}];\n", port.nets[bit], port.name, bit)
                  : fmt::format("  assign {}[{}] = n{};\n", port.name, bit, port.nets[bit]);
    }
  }
  for (size_t i = 0; i < netlist.instances.size(); ++i) {
    const Instance& instance = netlist.instances[i];
    const LibraryCell& cell = CellOf(instance, library);
    std::string pins;
    for (size_t p = 0; p < cell.pins.size(); ++p) {
      if (instance.nets[p] < 0) continue;
      pins +=
          fmt::format("{}.{}(n{})", pins.empty() ? "" : ", ", cell.pins[p].name, instance.nets[p]);
    }
    body += fmt::format("  {} u{} ({});\n", cell.name, i, pins);
  }
  std::string wires;
  for (size_t net = 0; net < netlist.net_names.size(); ++net)
    wires += fmt::format("  wire n{};\n", net);
  return fmt::format("module {} ({});\n{}  assign n0 = 1'b0;\n  assign n1 = 1'b1;\n{}endmodule\n",
                     netlist.module, ports, wires, body);
}

std::string NetlistSdf(const MappedNetlist& netlist, const Library& library,
                       const TimingReport& timing) {
  std::string text = fmt::format(
      "(DELAYFILE\n  (SDFVERSION \"3.0\")\n  (DESIGN \"{}\")\n  (DIVIDER .)\n  (TIMESCALE 1ns)\n",
      netlist.module);
  for (size_t i = 0; i < netlist.instances.size(); ++i) {
    const LibraryCell& cell = CellOf(netlist.instances[i], library);
    std::string paths;
    for (const PathDelay& path : timing.delays[i]) {
      const double rise = Nanoseconds(path.rise), fall = Nanoseconds(path.fall);
      paths += fmt::format("      (IOPATH {} {} ({:.3f}:{:.3f}:{:.3f}) ({:.3f}:{:.3f}:{:.3f}))\n",
                           cell.pins[static_cast<size_t>(path.from_pin)].name,
                           cell.pins[static_cast<size_t>(path.to_pin)].name, rise, rise, rise, fall,
                           fall, fall);
    }
    text += fmt::format(
        "  (CELL\n    (CELLTYPE \"{}\")\n    (INSTANCE u{})\n    (DELAY (ABSOLUTE\n{}    ))\n  )\n",
        cell.name, i, paths);
  }
  return text + ")\n";
}

}  // namespace mulberry
