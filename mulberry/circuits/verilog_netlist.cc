#include "mulberry/circuits/verilog_netlist.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

namespace mulberry {
namespace {

/// Names from the source have a backslash before them.
std::string Unescaped(const std::string& name) {
  return name.starts_with("\\") ? name.substr(1) : name;
}

/// The port that "wire [width W] [input P] ... NAME" declares; none for other wires.
std::optional<VerilogPort> PortOf(std::istringstream& words) {
  VerilogPort port;
  for (std::string word; words >> word; port.name = word) {
    if (word == "width") words >> port.bits;
    if (word == "input" || word == "output" || word == "inout") {
      port.direction = word;
      words >> port.position;
    }
  }
  port.name = Unescaped(port.name);
  return port.direction.empty() ? std::nullopt : std::optional(port);
}

}  // namespace

std::vector<NetlistModule> ReadNetlist(const std::filesystem::path& path) {
  std::vector<NetlistModule> modules;
  std::ifstream file(path);
  // Attributes stand before what they belong to.
  std::string source;
  bool is_black_box = false;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind, name;
    words >> kind;
    if (kind == "attribute") {
      words >> name;
      if (name == "\\src") words >> source;
      if (name == "\\blackbox") is_black_box = true;
    } else if (kind == "module") {
      words >> name;
      modules.push_back({Unescaped(name), is_black_box, {}, {}});
      is_black_box = false;
    } else if (kind == "wire" && !modules.empty()) {
      if (const auto port = PortOf(words)) modules.back().ports.push_back(*port);
    } else if (kind == "cell" && !modules.empty()) {
      words >> name;
      std::erase(source, '"');
      modules.back().cells.push_back({Unescaped(name), source});
    }
  }
  for (NetlistModule& module : modules) {
    std::ranges::sort(module.ports, {}, &VerilogPort::position);
  }
  std::ranges::sort(modules, {}, &NetlistModule::name);
  return modules;
}

}  // namespace mulberry
