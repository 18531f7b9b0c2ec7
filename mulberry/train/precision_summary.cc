// Summing up the record of dynamic precision scaling. See precision_summary.h.
#include "mulberry/train/precision_summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

/// A mean of lengths, in whole numbers until it is asked for.
struct MeanBits {
  int64_t sum = 0;
  int64_t count = 0;

  void Add(const std::vector<TensorPrecision>& tensors) {
    for (const TensorPrecision& tensor : tensors) sum += tensor.integer_bits + tensor.fraction_bits;
    count += static_cast<int64_t>(tensors.size());
  }
  double value() const { return static_cast<double>(sum) / static_cast<double>(count); }
};

std::string ChangesText(const PrecisionSummary& summary) {
  std::vector<std::string> parts;
  for (const PrecisionSummary::Change& change : summary.lengths) {
    parts.push_back(fmt::format("{} bits from iteration {}", change.length, change.iteration));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

MacCost CostOf(const MacUnit& unit, int64_t macs) {
  const auto count = static_cast<double>(macs);
  return {macs, count * unit.cycles, count * unit.energy_pj};
}

}  // namespace

MacCost& MacCost::operator+=(const MacCost& other) {
  macs += other.macs;
  cycles += other.cycles;
  energy_pj += other.energy_pj;
  return *this;
}

PrecisionSummary SummarizePrecision(const std::vector<IterationMetrics>& iterations, int full_bits,
                                    const MacUnits& units) {
  if (iterations.empty()) throw Error("precision: the record has no iterations");
  PrecisionSummary summary;
  summary.iterations = static_cast<int64_t>(iterations.size());
  summary.full_bits = full_bits;
  summary.unit = units.flexible_name();
  summary.library = units.library();
  summary.source = units.source();
  const MacUnit full = units.Flexible(full_bits);
  MeanBits parameters, activations;
  for (const IterationMetrics& iteration : iterations) {
    parameters.Add(iteration.parameters);
    activations.Add(iteration.activations);
    if (summary.lengths.empty() || summary.lengths.back().length != iteration.length) {
      summary.lengths.push_back({iteration.iteration, iteration.length});
    }
    for (const auto& [bits, macs] : iteration.macs) {
      summary.cost += CostOf(units.Flexible(bits), macs);
      summary.full_cost += CostOf(full, macs);
    }
  }
  summary.parameter_bits = parameters.value();
  summary.activation_bits = activations.value();
  summary.bits =
      MeanBits{parameters.sum + activations.sum, parameters.count + activations.count}.value();
  return summary;
}

std::string PrecisionText(const std::vector<NamedPrecision>& runs) {
  if (runs.empty()) return "";
  const PrecisionSummary& first = runs.front().summary;
  Table table({{"precision of training"},
               {"mean bits", Align::kRight},
               {"parameters", Align::kRight},
               {"activations", Align::kRight},
               {"MACs", Align::kRight},
               {"cycles", Align::kRight},
               {fmt::format("speed-up to {} bits", first.full_bits), Align::kRight},
               {"energy, %", Align::kRight}});
  std::string changes;
  for (const auto& [run, summary] : runs) {
    table.AddRow(
        {run, fmt::format("{:.2f}", summary.bits), fmt::format("{:.2f}", summary.parameter_bits),
         fmt::format("{:.2f}", summary.activation_bits), GroupDigits(summary.cost.macs),
         fmt::format("{:.4g}", summary.cost.cycles), fmt::format("{:.2f}x", summary.speed_up()),
         fmt::format("{:.1f}", summary.energy_pct())});
    changes += fmt::format("{}: {}\n", run, ChangesText(summary));
  }
  return table.Text() + "\n" + changes +
         fmt::format(
             "bits are without the sign; speed-up and energy are of the MACs alone, against {} "
             "bits with it, on a flexible unit{}{} ({})\n",
             first.full_bits, first.unit.empty() ? "" : " of " + first.unit,
             first.library.empty() ? "" : " in " + first.library, first.source);
}

nlohmann::ordered_json ToJson(const PrecisionSummary& summary) {
  nlohmann::ordered_json lengths = nlohmann::ordered_json::array();
  for (const PrecisionSummary::Change& change : summary.lengths) {
    lengths.push_back({{"iteration", change.iteration}, {"length", change.length}});
  }
  return {
      {"iterations", summary.iterations},
      {"mean_bits", summary.bits},
      {"mean_parameter_bits", summary.parameter_bits},
      {"mean_activation_bits", summary.activation_bits},
      {"lengths", lengths},
      {"macs", summary.cost.macs},
      {"cycles", summary.cost.cycles},
      {"energy_pj", summary.cost.energy_pj},
      {"full_bits", summary.full_bits},
      {"full_cycles", summary.full_cost.cycles},
      {"full_energy_pj", summary.full_cost.energy_pj},
      {"speed_up", summary.speed_up()},
      {"energy_pct", summary.energy_pct()},
      {"unit", {{"name", summary.unit}, {"library", summary.library}, {"source", summary.source}}}};
}

}  // namespace mulberry
