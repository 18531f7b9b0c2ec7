#include "mulberry/hardware/timing.h"

#include <algorithm>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

struct Cause {
  int net = -1;
  bool rises = false;
};

class Analysis {
 public:
  Analysis(const MappedNetlist& netlist, const Library& library, const TimingOptions& options)
      : netlist_(netlist), library_(library), options_(options) {}

  TimingReport Run() {
    const size_t nets = netlist_.net_names.size();
    report_.rise.resize(nets);
    report_.fall.resize(nets);
    causes_[0].resize(nets);
    causes_[1].resize(nets);
    report_.delays.resize(netlist_.instances.size());
    AddLoads();
    StartInputs();
    for (const int i : netlist_.flip_flops) Propagate(i);
    for (const int i : netlist_.combinational) Propagate(i);
    FindLongestPath();
    return std::move(report_);
  }

 private:
  const LibraryCell& Cell(int instance) const {
    return library_
        .cells[static_cast<size_t>(netlist_.instances[static_cast<size_t>(instance)].cell)];
  }

  EdgeTiming& Edge(int net, bool rises) {
    return (rises ? report_.rise : report_.fall)[static_cast<size_t>(net)];
  }

  void AddLoads() {
    const size_t nets = netlist_.net_names.size();
    report_.rise_load.resize(nets);
    report_.fall_load.resize(nets);
    for (size_t i = 0; i < netlist_.instances.size(); ++i) {
      const LibraryCell& cell = Cell(static_cast<int>(i));
      for (size_t p = 0; p < cell.pins.size(); ++p) {
        const int net = netlist_.instances[i].nets[p];
        if (net < 0) continue;
        report_.rise_load[static_cast<size_t>(net)] += cell.pins[p].rise_capacitance;
        report_.fall_load[static_cast<size_t>(net)] += cell.pins[p].fall_capacitance;
      }
    }
    for (const NetlistPort& port : netlist_.ports) {
      if (port.is_input) continue;
      for (const int net : port.nets) {
        report_.rise_load[static_cast<size_t>(net)] += options_.output_load;
        report_.fall_load[static_cast<size_t>(net)] += options_.output_load;
      }
    }
  }

  void StartInputs() {
    for (const NetlistPort& port : netlist_.ports) {
      if (!port.is_input) continue;
      for (const int net : port.nets) {
        Edge(net, true) = {0, options_.input_slew};
        Edge(net, false) = {0, options_.input_slew};
      }
    }
  }

  void Propagate(int instance) {
    const LibraryCell& cell = Cell(instance);
    const std::vector<int>& nets = netlist_.instances[static_cast<size_t>(instance)].nets;
    for (const int to : cell.Outputs()) {
      const LibraryPin& pin = cell.pins[static_cast<size_t>(to)];
      if (nets[static_cast<size_t>(to)] < 0) continue;
      for (const int from : cell.Inputs()) PropagateFrom(instance, from, to);
      // A flip-flop's Q depends on D at an edge of the clock only.
      if (cell.flip_flop || !pin.function) continue;
      for (const int from : cell.Inputs()) {
        const auto& delays = report_.delays[static_cast<size_t>(instance)];
        if (pin.function->Uses(from) &&
            std::none_of(delays.begin(), delays.end(), [&](const PathDelay& d) {
              return d.from_pin == from && d.to_pin == to;
            })) {
          throw Error(
              "{}: the cell {} has no timing from {} to {}, expected cell_rise and cell_fall",
              library_.path, cell.name, cell.pins[static_cast<size_t>(from)].name, pin.name);
        }
      }
    }
  }

  void PropagateFrom(int instance, int from, int to) {
    constexpr double kNever = -std::numeric_limits<double>::infinity();
    const LibraryPin& pin = Cell(instance).pins[static_cast<size_t>(to)];
    PathDelay delay{from, to, kNever, kNever};
    bool found = false;
    for (const TimingArc& arc : pin.timing) {
      if (arc.related_pin != from) continue;
      found = true;
      for (const bool rises : {true, false}) {
        for (const bool input_rises : {true, false}) {
          if (!Causes(arc, input_rises, rises)) continue;
          double& worst = rises ? delay.rise : delay.fall;
          worst = std::max(worst, Through(instance, arc, to, input_rises, rises));
        }
      }
    }
    if (!found) return;
    // An edge without a table of its own (a preset never falls) is as slow as the other.
    if (delay.rise == kNever) delay.rise = delay.fall;
    if (delay.fall == kNever) delay.fall = delay.rise;
    if (delay.rise == kNever) delay.rise = delay.fall = 0;
    report_.delays[static_cast<size_t>(instance)].push_back(delay);
  }

  static bool Causes(const TimingArc& arc, bool input_rises, bool rises) {
    if ((rises ? arc.cell_rise : arc.cell_fall).empty()) return false;
    switch (arc.type) {
      case TimingType::kRisingEdge:
        return input_rises;
      case TimingType::kFallingEdge:
        return !input_rises;
      case TimingType::kPreset:
        return rises && input_rises == (arc.sense == TimingSense::kPositive);
      case TimingType::kClear:
        return !rises && input_rises == (arc.sense != TimingSense::kPositive);
      default:
        break;
    }
    if (arc.sense == TimingSense::kNonUnate) return true;
    return (arc.sense == TimingSense::kPositive) == (input_rises == rises);
  }

  /// The delay of one edge through one arc; also moves the output's worst arrival and slew.
  double Through(int instance, const TimingArc& arc, int to, bool input_rises, bool rises) {
    const std::vector<int>& nets = netlist_.instances[static_cast<size_t>(instance)].nets;
    const int from_net = nets[static_cast<size_t>(arc.related_pin)];
    const int to_net = nets[static_cast<size_t>(to)];
    const EdgeTiming input = Edge(from_net, input_rises);
    const double load =
        (rises ? report_.rise_load : report_.fall_load)[static_cast<size_t>(to_net)];
    const double delay = (rises ? arc.cell_rise : arc.cell_fall).At(input.slew, load);
    const double slew =
        std::max(0.0, (rises ? arc.rise_transition : arc.fall_transition).At(input.slew, load));
    if (input.arrival == -std::numeric_limits<double>::infinity()) {
      return delay;
    }
    EdgeTiming& output = Edge(to_net, rises);
    output.slew = std::max(output.slew, slew);
    // Asynchronous resets start no path that a period has to wait for.
    const bool is_reset = arc.type == TimingType::kPreset || arc.type == TimingType::kClear;
    if (!is_reset && input.arrival + delay > output.arrival) {
      output.arrival = input.arrival + delay;
      causes_[rises][static_cast<size_t>(to_net)] = {from_net, input_rises};
    }
    return delay;
  }

  void FindLongestPath() {
    Cause end;
    const auto consider = [&](int net) {
      for (const bool rises : {true, false}) {
        if (Edge(net, rises).arrival > (end.net < 0 ? -1 : report_.longest_path)) {
          report_.longest_path = Edge(net, rises).arrival;
          end = {net, rises};
        }
      }
    };
    for (const NetlistPort& port : netlist_.ports) {
      if (!port.is_input) std::for_each(port.nets.begin(), port.nets.end(), consider);
    }
    for (const int i : netlist_.flip_flops) {
      for (const int pin : Cell(i).Inputs()) {
        if (CheckSetup(i, pin)) {
          consider(netlist_.instances[static_cast<size_t>(i)].nets[static_cast<size_t>(pin)]);
        }
      }
    }
    for (; end.net >= 0; end = causes_[end.rises][static_cast<size_t>(end.net)]) {
      report_.path.push_back({end.net, netlist_.drivers[static_cast<size_t>(end.net)], end.rises,
                              Edge(end.net, end.rises).arrival});
    }
    std::reverse(report_.path.begin(), report_.path.end());
  }

  /// Whether the pin has a setup time; it then bounds the period.
  bool CheckSetup(int instance, int pin) {
    const int net =
        netlist_.instances[static_cast<size_t>(instance)].nets[static_cast<size_t>(pin)];
    bool found = false;
    for (const TimingArc& arc : Cell(instance).pins[static_cast<size_t>(pin)].timing) {
      if (arc.type != TimingType::kSetupRising && arc.type != TimingType::kSetupFalling) continue;
      found = true;
      for (const bool rises : {true, false}) {
        const EdgeTiming data = Edge(net, rises);
        const double setup =
            (rises ? arc.rise_constraint : arc.fall_constraint).At(options_.input_slew, data.slew);
        report_.smallest_period = std::max(report_.smallest_period, data.arrival + setup);
      }
    }
    return found;
  }

  const MappedNetlist& netlist_;
  const Library& library_;
  const TimingOptions& options_;
  TimingReport report_;
  std::vector<Cause> causes_[2];  // Of each net's worst arrival: falling, rising.
};

}  // namespace

TimingReport AnalyzeTiming(const MappedNetlist& netlist, const Library& library,
                           const TimingOptions& options) {
  return Analysis(netlist, library, options).Run();
}

}  // namespace mulberry
