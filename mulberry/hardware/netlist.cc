#include "mulberry/hardware/netlist.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

using nlohmann::json;

const json& TopModule(const json& file, std::string& name, const std::string& path) {
  const json& modules = file.at("modules");
  for (const auto& [key, module] : modules.items()) {
    name = key;
    if (modules.size() == 1 ||
        (module.contains("attributes") && module["attributes"].contains("top"))) {
      return module;
    }
  }
  throw Error("{}: found {} modules, none marked as the top, expected a flat design", path,
              modules.size());
}

class NetlistReader {
 public:
  NetlistReader(const Library& library, const std::string& path) : library_(library), path_(path) {}

  MappedNetlist Read(const json& file) {
    const json& module = TopModule(file, netlist_.module, path_);
    netlist_.net_names = {"constant 0", "constant 1"};
    NameNets(module);
    for (const auto& [name, port] : module.at("ports").items()) ReadPort(name, port);
    for (const auto& [name, cell] : module.at("cells").items()) ReadCell(name, cell);
    Connect();
    Order();
    return std::move(netlist_);
  }

 private:
  int Net(const json& bit) {
    if (bit.is_string()) return bit == "1" ? MappedNetlist::kOne : MappedNetlist::kZero;
    const auto [at, is_new] =
        nets_.try_emplace(bit.get<int>(), static_cast<int>(netlist_.net_names.size()));
    if (is_new) netlist_.net_names.push_back(fmt::format("net {}", bit.get<int>()));
    return at->second;
  }

  /// The names of the source rather than yosys' own, where a net has both.
  void NameNets(const json& module) {
    if (!module.contains("netnames")) return;
    for (const bool hidden : {true, false}) {
      for (const auto& [name, net] : module["netnames"].items()) {
        if ((net.value("hide_name", 0) != 0) != hidden) continue;
        const json& bits = net.at("bits");
        for (size_t i = 0; i < bits.size(); ++i) {
          const int index = Net(bits[i]);
          if (index <= MappedNetlist::kOne) continue;
          netlist_.net_names[static_cast<size_t>(index)] =
              bits.size() == 1 ? name : fmt::format("{}[{}]", name, i);
        }
      }
    }
  }

  void ReadPort(const std::string& name, const json& port) {
    const std::string direction = port.at("direction");
    if (direction == "inout")
      throw Error("{}: found the inout port {}, expected none", path_, name);
    NetlistPort read{name, direction == "input", {}};
    for (const json& bit : port.at("bits")) read.nets.push_back(Net(bit));
    netlist_.ports.push_back(read);
  }

  void ReadCell(const std::string& name, const json& cell) {
    const std::string type = cell.at("type");
    std::string place;
    if (cell.contains("attributes")) place = cell["attributes"].value("src", "");
    if (!place.empty()) place = " (" + place + ")";
    const int index = library_.FindCell(type);
    const bool is_latch = index < 0
                              ? type.find("latch") != type.npos || type.find("DLATCH") != type.npos
                              : library_.cells[static_cast<size_t>(index)].is_latch;
    if (is_latch) {
      throw Error("{}: found a latch, cell {}{}, expected none: assign the signal in every branch",
                  netlist_.module, type, place);
    }
    if (index < 0) {
      throw Error(
          "{}: found the cell {}{}, which the library {} lacks, expected cells of the library",
          netlist_.module, type, place, library_.name);
    }
    const LibraryCell& library_cell = library_.cells[static_cast<size_t>(index)];
    Instance instance{name, index, std::vector<int>(library_cell.pins.size(), -1)};
    for (const auto& [pin, bits] : cell.at("connections").items()) {
      const int at = library_cell.FindPin(pin);
      if (at < 0 || bits.size() > 1) {
        throw Error("{}: found pin {} of {} bits on {}, expected the single-bit pins of {}",
                    netlist_.module, pin, bits.size(), name, type);
      }
      if (!bits.empty()) instance.nets[static_cast<size_t>(at)] = Net(bits[0]);
    }
    netlist_.instances.push_back(instance);
  }

  void Connect() {
    const size_t nets = netlist_.net_names.size();
    netlist_.drivers.resize(nets);
    netlist_.sinks.resize(nets);
    std::vector<int> driven(nets);
    driven[MappedNetlist::kZero] = driven[MappedNetlist::kOne] = 1;
    for (const NetlistPort& port : netlist_.ports) {
      for (const int net : port.nets) driven[static_cast<size_t>(net)] += port.is_input;
    }
    for (size_t i = 0; i < netlist_.instances.size(); ++i) {
      const Instance& instance = netlist_.instances[i];
      const LibraryCell& cell = library_.cells[static_cast<size_t>(instance.cell)];
      for (size_t p = 0; p < cell.pins.size(); ++p) {
        const PinPlace place{static_cast<int>(i), static_cast<int>(p)};
        const int net = instance.nets[p];
        const bool is_input = cell.pins[p].direction == PinDirection::kInput;
        if (net < 0 && is_input) {
          throw Error("{}: found the input {} of {} unconnected, expected a net", netlist_.module,
                      cell.pins[p].name, instance.name);
        }
        if (net < 0) continue;
        if (is_input) {
          netlist_.sinks[static_cast<size_t>(net)].push_back(place);
        } else {
          netlist_.drivers[static_cast<size_t>(net)] = place;
          ++driven[static_cast<size_t>(net)];
        }
      }
    }
    CheckDrivers(driven);
  }

  void CheckDrivers(const std::vector<int>& driven) const {
    const auto check = [&](int net) {
      const int count = driven[static_cast<size_t>(net)];
      if (count == 1) return;
      throw Error("{}: found {} drivers of {}, expected one", netlist_.module, count,
                  netlist_.net_names[static_cast<size_t>(net)]);
    };
    for (size_t net = 0; net < driven.size(); ++net) {
      if (!netlist_.sinks[net].empty() || driven[net] > 1) check(static_cast<int>(net));
    }
    for (const NetlistPort& port : netlist_.ports) {
      for (const int net : port.nets) check(net);
    }
  }

  bool IsCombinational(int instance) const {
    const Instance& found = netlist_.instances[static_cast<size_t>(instance)];
    return instance >= 0 && !library_.cells[static_cast<size_t>(found.cell)].flip_flop;
  }

  /// Kahn's algorithm; what is left over has a loop.
  void Order() {
    std::vector<int> missing(netlist_.instances.size());
    std::vector<int>& order = netlist_.combinational;
    for (size_t i = 0; i < netlist_.instances.size(); ++i) {
      const int instance = static_cast<int>(i);
      if (!IsCombinational(instance)) {
        netlist_.flip_flops.push_back(instance);
        continue;
      }
      for (const int from : Sources(instance)) missing[i] += from >= 0;
      if (missing[i] == 0) order.push_back(instance);
    }
    for (size_t k = 0; k < order.size(); ++k) {
      for (const PinPlace& sink : SinksOf(order[k])) {
        if (IsCombinational(sink.instance) && --missing[static_cast<size_t>(sink.instance)] == 0) {
          order.push_back(sink.instance);
        }
      }
    }
    if (order.size() + netlist_.flip_flops.size() < netlist_.instances.size()) ReportLoop(missing);
  }

  /// For each input, the combinational instance that drives it, or -1.
  std::vector<int> Sources(int instance) const {
    std::vector<int> sources;
    const Instance& to = netlist_.instances[static_cast<size_t>(instance)];
    for (const int pin : library_.cells[static_cast<size_t>(to.cell)].Inputs()) {
      const int net = to.nets[static_cast<size_t>(pin)];
      const int from = netlist_.drivers[static_cast<size_t>(net)].instance;
      sources.push_back(from >= 0 && IsCombinational(from) ? from : -1);
    }
    return sources;
  }

  std::vector<PinPlace> SinksOf(int instance) const {
    std::vector<PinPlace> sinks;
    const Instance& from = netlist_.instances[static_cast<size_t>(instance)];
    for (const int pin : library_.cells[static_cast<size_t>(from.cell)].Outputs()) {
      const int net = from.nets[static_cast<size_t>(pin)];
      if (net < 0) continue;
      const auto& more = netlist_.sinks[static_cast<size_t>(net)];
      sinks.insert(sinks.end(), more.begin(), more.end());
    }
    return sinks;
  }

  [[noreturn]] void ReportLoop(const std::vector<int>& missing) const {
    int at =
        static_cast<int>(std::find_if(missing.begin(), missing.end(), [](int m) { return m > 0; }) -
                         missing.begin());
    std::vector<int> walk;
    while (std::find(walk.begin(), walk.end(), at) == walk.end()) {
      walk.push_back(at);
      for (const int from : Sources(at)) {
        if (from >= 0 && missing[static_cast<size_t>(from)] > 0) at = from;
      }
    }
    std::string names;
    for (auto i = std::find(walk.begin(), walk.end(), at); i != walk.end(); ++i) {
      const Instance& instance = netlist_.instances[static_cast<size_t>(*i)];
      if (names.size() > 500) break;
      names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", instance.name,
                           library_.cells[static_cast<size_t>(instance.cell)].name);
    }
    throw Error("{}: found a combinational loop through {}, expected none", netlist_.module, names);
  }

  const Library& library_;
  const std::string& path_;
  MappedNetlist netlist_;
  std::map<int, int> nets_;  // yosys' number to ours.
};

}  // namespace

double MappedNetlist::Area(const Library& library) const {
  double area = 0;
  for (const Instance& instance : instances) {
    area += library.cells[static_cast<size_t>(instance.cell)].area;
  }
  return area;
}

const NetlistPort* MappedNetlist::FindPort(std::string_view name) const {
  for (const NetlistPort& port : ports) {
    if (port.name == name) return &port;
  }
  return nullptr;
}

MappedNetlist ReadMappedNetlist(const std::string& json_path, const Library& library) {
  std::ifstream file(json_path);
  if (!file) throw Error("{}: cannot be read, expected a netlist of yosys' write_json", json_path);
  try {
    return NetlistReader(library, json_path).Read(json::parse(file));
  } catch (const json::exception& error) {
    throw Error("{}: expected a netlist of yosys' write_json: {}", json_path, error.what());
  }
}

}  // namespace mulberry
