// Adding up what products cost. See network_cost.h.
#include "mulberry/train/network_cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <sstream>

#include "mulberry/base/error.h"
#include "mulberry/formats/format_facts.h"
#include "mulberry/hardware/exact_baseline.h"
#include "mulberry/train/hybrid.h"
#include "mulberry/train/recipe.h"

namespace mulberry {
namespace {

constexpr double kSumBytes = 4;
constexpr int kFullBits = 32;

/// The unit of exact products: with all other options the same, or else with those of `exact`.
std::optional<MacUnit> ExactUnit(const UnitSource& units, const Arithmetic& arithmetic) {
  if (arithmetic.native) return units.Find(arithmetic);
  if (const std::optional<MacUnit> unit = units.Find(ExactOf(arithmetic))) return unit;
  Arithmetic exact = ParseArithmetic("exact@" + Name(arithmetic.format));
  exact.accumulator = arithmetic.accumulator;
  return units.Find(exact);
}

const Arithmetic& Fp32() {
  static const Arithmetic fp32 = ParseArithmetic("fp32");
  return fp32;
}

ArrayCost CostOfSteps(const LayerProducts& products, double steps, const MacUnit& unit,
                      const CostOptions& options) {
  double cycles = 0;
  for (const ProductShape& shape : products.shapes) {
    cycles += Cycles(shape, options.array, options.dataflow, unit.cycles);
  }
  return CostOf(static_cast<double>(products.macs) * steps, cycles * steps, options.array, unit);
}

// Of the mean of both operands, of blocks with their share of the scale.
double OperandBytes(const Arithmetic& arithmetic, int bits) {
  if (bits > 0) return bits / 8.0;
  if (arithmetic.native) return 4;
  const auto bits_of = [&](OperandIndex index) {
    return FactsOf(arithmetic.format_of(index)).bits_per_value;
  };
  return (bits_of(OperandIndex::kFirst) + bits_of(OperandIndex::kSecond)) / 16;
}

double MemoryEnergyOf(const LayerProducts& products, double bytes, const CostOptions& options) {
  MemoryTraffic traffic;
  for (const ProductShape& shape : products.shapes) {
    traffic += Traffic(shape, options.array, options.dataflow);
  }
  return EnergyOf(traffic, bytes, kSumBytes, options.memory) * 1e-12;
}

void Add(std::optional<ArrayCost>& sum, const LayerProducts& products, double steps,
         const std::optional<MacUnit>& unit, const CostOptions& options) {
  if (!sum) return;
  if (unit) {
    *sum += CostOfSteps(products, steps, *unit, options);
  } else {
    sum.reset();
  }
}

// One after another, merged where the policy and the length are the same.
void Append(std::vector<Stretch>& stretches, Stretch stretch) {
  const auto rules = [](const Policy& policy) {
    std::string text;
    for (const Rule& rule : policy.rules) text += Print(rule) + "\n";
    return text;
  };
  if (!stretches.empty() && stretches.back().bits == stretch.bits &&
      rules(stretches.back().policy) == rules(stretch.policy)) {
    stretches.back().steps += stretch.steps;
  } else {
    stretches.push_back(std::move(stretch));
  }
}

}  // namespace

NetworkCost CostOf(const std::vector<LayerProducts>& products,
                   const std::vector<Stretch>& stretches, const CostOptions& options,
                   const UnitSource& units) {
  NetworkCost result;
  result.exact.emplace();
  result.fp32.emplace();
  for (const LayerProducts& of_layer : products) {
    for (const Stretch& stretch : stretches) {
      const Arithmetic* rule = stretch.policy.Find(of_layer.layer, of_layer.pass);
      const Arithmetic& arithmetic = rule ? *rule : Fp32();
      const std::optional<MacUnit> unit =
          stretch.bits > 0 ? units.Flexible(stretch.bits) : units.Find(arithmetic);
      if (!unit) {
        throw UsageError("{}: there is no unit '{}', which {} {} runs on; {}", units.source(),
                         Print(arithmetic), of_layer.layer, Name(of_layer.pass),
                         units.Remedy(arithmetic));
      }
      const ArrayCost cost = CostOfSteps(of_layer, stretch.steps, *unit, options);
      const double memory_j =
          MemoryEnergyOf(of_layer, OperandBytes(arithmetic, stretch.bits), options) * stretch.steps;
      const auto line = std::ranges::find_if(result.lines, [&](const CostLine& other) {
        return other.layer == of_layer.layer && other.pass == of_layer.pass &&
               other.arithmetic == unit->name;
      });
      if (line == result.lines.end()) {
        result.lines.push_back({of_layer.layer, of_layer.pass, unit->name, cost, memory_j});
      } else {
        line->cost += cost;
        line->memory_j += memory_j;
      }
      result.flexible |= stretch.bits > 0;
      result.total += cost;
      result.memory_j += memory_j;
      result.area_mm2 = std::max(
          result.area_mm2, unit->area_um2 * static_cast<double>(options.array.units()) * 1e-6);
      result.period_ns = std::max(result.period_ns, unit->period_ns);
      Add(result.exact, of_layer, stretch.steps,
          stretch.bits > 0 ? std::optional(units.Flexible(kFullBits))
                           : ExactUnit(units, arithmetic),
          options);
      Add(result.fp32, of_layer, stretch.steps, units.Find(Fp32()), options);
    }
  }
  return result;
}

std::vector<Stretch> TrainingStretches(const Config& config, double epochs, double steps_an_epoch,
                                       const std::vector<double>& losses) {
  std::vector<Stretch> stretches;
  const auto count = static_cast<int64_t>(std::ceil(epochs));
  for (int64_t epoch = 0; epoch < count; ++epoch) {
    const double share = std::min(1.0, epochs - static_cast<double>(epoch));
    const auto known = losses.begin() + std::min<int64_t>(epoch, std::ssize(losses));
    Stretch stretch{Policy::Uniform(Fp32()), 0, share * steps_an_epoch};
    if (epoch >= WarmUpEpochs(config)) {
      stretch.policy = PolicyOf(config, epoch, count, {losses.begin(), known});
    }
    Append(stretches, std::move(stretch));
  }
  return stretches;
}

std::vector<Stretch> LastStretch(const Config& config, int64_t epochs,
                                 const std::vector<double>& losses) {
  const auto stretches = TrainingStretches(config, static_cast<double>(epochs), 1, losses);
  return {{stretches.back().policy, 0, 1}};
}

std::vector<Stretch> PrecisionStretches(const std::vector<IterationMetrics>& iterations) {
  std::map<int, double> steps;
  for (const IterationMetrics& iteration : iterations) {
    int64_t total = 0;
    for (const auto& [bits, macs] : iteration.macs) total += macs;
    for (const auto& [bits, macs] : iteration.macs) {
      steps[bits] += static_cast<double>(macs) / static_cast<double>(total);
    }
  }
  std::vector<Stretch> stretches;
  for (const auto& [bits, count] : steps) stretches.push_back({{}, bits, count});
  return stretches;
}

std::vector<Stretch> ParseLengths(const std::string& text, int64_t iterations) {
  std::vector<std::pair<int, int64_t>> changes;
  std::istringstream entries(text);
  for (std::string entry; std::getline(entries, entry, ',');) {
    int bits = 0;
    int64_t from = -1;
    const char* end = entry.data() + entry.size();
    const auto [at, error] = std::from_chars(entry.data(), end, bits);
    const bool read = error == std::errc() && at != end && *at == '@';
    const auto [rest, error2] =
        read ? std::from_chars(at + 1, end, from) : std::from_chars_result{at, error};
    const bool in_order = changes.empty() ? from == 0 : from > changes.back().second;
    if (!read || error2 != std::errc() || rest != end || bits < 1 || bits > 64 || !in_order ||
        from >= iterations) {
      throw UsageError(
          "lengths '{}': '{}' must be BITS@ITERATION, bits 1 to 64, the first iteration 0, each "
          "later than the one before, all below the {} iterations; such as 32@0,16@89",
          text, entry, iterations);
    }
    changes.emplace_back(bits, from);
  }
  if (changes.empty()) throw UsageError("lengths: must be BITS@ITERATION,..., such as 32@0,16@89");
  std::vector<Stretch> stretches;
  for (size_t i = 0; i < changes.size(); ++i) {
    const int64_t end = i + 1 < changes.size() ? changes[i + 1].second : iterations;
    stretches.push_back({{}, changes[i].first, static_cast<double>(end - changes[i].second)});
  }
  return stretches;
}

}  // namespace mulberry
