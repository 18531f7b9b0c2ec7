// The mode as a run uses it. See run_mode.h.
#include "mulberry/train/run_mode.h"

#include <algorithm>
#include <utility>

#include "mulberry/nn/operand_recorder.h"
#include "mulberry/train/recipe.h"

namespace mulberry {
namespace {

// Of each layer and pass: enough that a unit's switching has settled, and a file of some 50 kB.
constexpr int64_t kTracePairs = 4096;

int64_t& CountOf(MacCounts& macs, Pass pass) {
  if (pass == Pass::kForward) return macs.forward;
  return pass == Pass::kInputGradient ? macs.input_gradient : macs.weight_gradient;
}

bool SameLine(const LayerRun& x, const LayerRun& y) {
  return x.layer == y.layer && x.op == y.op && x.pass == y.pass && x.arithmetic == y.arithmetic &&
         x.why_native == y.why_native;
}

}  // namespace

RunMode::RunMode(const Config& config, const Network& model, ModeRecord& state,
                 RoundingPoints output_points)
    : model_(model), state_(state) {
  options_.output_points = std::move(output_points);
  options_.batch_norm_point = BatchNormPoint(config);
  options_.seed = static_cast<uint64_t>(config.seed);
  options_.strategy = config.strategy;
  if (!config.gradient_estimator.empty()) {
    options_.estimator = ParseGradientEstimator(config.gradient_estimator);
  }
  operands_folder_ = config.record_operands;
  traces_folder_ = config.record_traces;
  const OperandRecorder::Wanted wanted{.histograms = !operands_folder_.empty(),
                                       .trace_pairs = traces_folder_.empty() ? 0 : kTracePairs};
  if ((wanted.histograms || wanted.trace_pairs > 0) && !PolicyOf(config).native()) {
    options_.recorder = std::make_shared<OperandRecorder>(wanted);
  }
}

void RunMode::Enter(const Policy& policy) {
  if (policy.native() && options_.output_points.empty() && !options_.batch_norm_point) return;
  mode_.emplace(model_, policy, options_);
  mode_->set_random_position(state_.random_position);
}

void RunMode::Leave() {
  Collect();
  mode_.reset();
}

void RunMode::WriteOperands() const {
  if (!options_.recorder) return;
  if (!operands_folder_.empty()) options_.recorder->Write(operands_folder_);
  if (!traces_folder_.empty()) options_.recorder->WriteTraces(traces_folder_);
}

RunReport RunMode::Collect() {
  if (!mode_) return {};
  RunReport report = mode_->Report();
  for (const LayerRun& line : report.lines) Add(line);
  mode_->ResetReport();
  state_.random_position = mode_->random_position();
  return report;
}

void RunMode::Add(const LayerRun& line) {
  MacCounts& macs = line.why_native.empty() ? state_.approximate_macs : state_.native_macs;
  CountOf(macs, line.pass) += line.macs;
  std::vector<LayerRun>& lines = state_.report.lines;
  const auto same = std::find_if(lines.begin(), lines.end(),
                                 [&](const LayerRun& other) { return SameLine(line, other); });
  if (same == lines.end()) {
    lines.push_back(line);
  } else {
    same->calls += line.calls;
    same->macs += line.macs;
    same->strategy = line.strategy;
  }
}

}  // namespace mulberry
