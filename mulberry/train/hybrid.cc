#include "mulberry/train/hybrid.h"

#include <algorithm>
#include <set>

#include "mulberry/base/error.h"
#include "mulberry/train/schedule_spec.h"

namespace mulberry {
namespace {

constexpr double kLess = 0.99;  // Of the least loss: what counts as less.

HybridOptions OptionsOf(const ScheduleSpec& spec) {
  HybridOptions options;
  if (spec.given("switch")) options.switch_epoch = spec.at("switch");
  if (spec.given("exact-epochs")) options.exact_epochs = spec.at("exact-epochs");
  options.on_plateau = spec.given("on");
  const int ways =
      options.switch_epoch.has_value() + options.exact_epochs.has_value() + options.on_plateau;
  if (ways != 1) {
    throw UsageError("schedule: {}: {}; say one of switch=EPOCH, exact-epochs=N and on=plateau",
                     Print(spec),
                     ways == 0 ? "it does not say when to switch" : "it says twice when to switch");
  }
  if (spec.given("patience") && !options.on_plateau) {
    throw UsageError("schedule: {}: patience is for on=plateau", Print(spec));
  }
  options.patience = spec.at("patience");
  options.layers = spec.text_of("layers");
  options.to = ParseNetworkArithmetic(spec.text_of("to"));
  return options;
}

bool HasSwitched(const HybridOptions& options, int64_t epoch, int64_t epochs,
                 const std::vector<double>& losses) {
  if (options.switch_epoch) return epoch >= *options.switch_epoch;
  if (options.exact_epochs) return epoch >= epochs - *options.exact_epochs;
  return ReachedPlateau(losses, options.patience).has_value();
}

void Append(Policy& policy, const HybridOptions& options) {
  policy.rules.push_back({options.layers, {Pass::kForward}, options.to.forward});
  policy.rules.push_back(
      {options.layers, {Pass::kInputGradient, Pass::kWeightGradient}, options.to.gradients});
}

}  // namespace

std::vector<HybridOptions> HybridOf(const Config& config) {
  std::vector<HybridOptions> entries;
  std::set<std::string> layers;
  for (const ScheduleSpec& spec : ParseSchedules(config.schedule)) {
    if (spec.kind->name != "hybrid") continue;
    entries.push_back(OptionsOf(spec));
    if (!layers.insert(entries.back().layers).second) {
      throw UsageError("schedule: {}: there is another hybrid of layers={}", Print(spec),
                       entries.back().layers);
    }
  }
  return entries;
}

std::optional<int64_t> ReachedPlateau(const std::vector<double>& losses, int64_t patience) {
  int64_t waited = 0;
  double least = 0;
  for (size_t i = 0; i < losses.size(); ++i) {
    const bool less = i == 0 || losses[i] < kLess * least;
    waited = less ? 0 : waited + 1;
    if (waited == patience) return static_cast<int64_t>(i + 1);
    least = i == 0 ? losses[0] : std::min(least, losses[i]);
  }
  return std::nullopt;
}

Policy PolicyOf(const Config& config, int64_t epoch, int64_t epochs,
                const std::vector<double>& losses) {
  Policy policy = PolicyOf(config);
  for (const HybridOptions& options : HybridOf(config)) {
    if (HasSwitched(options, epoch, epochs, losses)) Append(policy, options);
  }
  return policy;
}

}  // namespace mulberry
