// Reading a flexible MAC's parameters and adding up what MACs cost on it.
#include "mulberry/train/flexible_mac.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "mulberry/base/error.h"
#include "mulberry/train/toml_file.h"

namespace mulberry {

extern const char kBuiltInFlexibleMac[];  // CMake makes it of the file in experiments/.

namespace {

/// A value of the table, of type T. Throws UsageError that names the key.
template <class T>
T Value(const toml::table& table, std::string_view key) {
  if (const auto value = table[key].value<T>()) return *value;
  throw UsageError("{} is missing or of the wrong type", key);
}

FlexibleMac::Mode ModeFrom(const toml::table& table, int shorter) {
  for (const auto& [key, node] : table) {
    if (key != "bits" && key != "cycles" && key != "energy") {
      throw UsageError("{}: a mode has bits, cycles and energy", key.str());
    }
  }
  const auto bits = Value<int64_t>(table, "bits");
  const FlexibleMac::Mode mode = {static_cast<int>(bits), Value<double>(table, "cycles"),
                                  Value<double>(table, "energy")};
  if (bits <= shorter || bits > 64) {
    throw UsageError("bits {} must be above {}, as modes go from short to long, and at most 64",
                     bits, shorter);
  }
  if (!(mode.cycles > 0) || !(mode.energy >= 0)) {
    throw UsageError("cycles {} must be above 0 and energy {} 0 or more", mode.cycles, mode.energy);
  }
  return mode;
}

}  // namespace

MacCost& MacCost::operator+=(const MacCost& other) {
  macs += other.macs;
  cycles += other.cycles;
  energy += other.energy;
  return *this;
}

FlexibleMac FlexibleMac::Parse(std::string_view text, const std::string& name) {
  const toml::table table = ParseToml(text, name);
  FlexibleMac mac;
  mac.source_ = name;
  const auto first_line = table.source().begin.line;
  auto line = first_line;  // What is missing is missing from the file.
  try {
    for (const auto& [key, node] : table) {
      line = key.source().begin.line;
      if (key != "name" && key != "energy-unit" && key != "mode") {
        throw UsageError("{}: the keys are name, energy-unit and mode", key.str());
      }
    }
    line = first_line;
    mac.name_ = Value<std::string>(table, "name");
    mac.energy_unit_ = Value<std::string>(table, "energy-unit");
    const toml::array* modes = table["mode"].as_array();
    if (!modes || modes->empty()) throw UsageError("there is no [[mode]]");
    for (const toml::node& mode : *modes) {
      line = mode.source().begin.line;
      if (!mode.is_table()) throw UsageError("mode is a list of tables, [[mode]]");
      mac.modes_.push_back(
          ModeFrom(*mode.as_table(), mac.modes_.empty() ? 0 : mac.modes_.back().bits));
    }
  } catch (const UsageError& e) {
    throw UsageError("{}:{}: {}", name, line, e.what());
  }
  return mac;
}

FlexibleMac FlexibleMac::Read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) throw Error("{}: cannot be read", path);
  return Parse(text.str(), path);
}

FlexibleMac FlexibleMac::BuiltIn() {
  return Parse(kBuiltInFlexibleMac, "built in");
}

const FlexibleMac::Mode& FlexibleMac::ModeOf(int bits) const {
  const auto found = std::ranges::find_if(modes_, [&](const Mode& m) { return m.bits >= bits; });
  if (found != modes_.end()) return *found;
  throw UsageError("{}: operands of {} bits are longer than the longest mode's {}", name_, bits,
                   modes_.back().bits);
}

MacCost FlexibleMac::Cost(int bits, int64_t macs) const {
  const Mode& mode = ModeOf(bits);
  const double count = static_cast<double>(macs);
  return {macs, count * mode.cycles, count * mode.energy};
}

}  // namespace mulberry
