// The rules of dynamic precision scaling. See precision_scaling.h.
#include "mulberry/train/precision_scaling.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

/// Moves the point of a format `bits` to the right.
void MovePoint(FixedFormat& format, int bits) {
  format.integer_bits += bits;
  format.fraction_bits -= bits;
}

}  // namespace

PrecisionScaling::PrecisionScaling(const PrecisionScalingOptions& options,
                                   std::vector<FixedFormat> initial)
    : options_(options),
      formats_(std::move(initial)),
      searches_(formats_.size()),
      current_target_(options.target_length) {
  Check();
}

void PrecisionScaling::Check() const {
  const PrecisionScalingOptions& o = options_;
  if (o.max_length < 1 || o.max_length > FixedFormat::kMaxLength || o.target_length < 1 ||
      o.target_length > o.max_length) {
    throw UsageError("precision scaling: 1 <= target length {} <= max length {} <= {} is not so",
                     o.target_length, o.max_length, FixedFormat::kMaxLength);
  }
  if (o.isearch_window < 1 || o.dsearch_window < 1 || o.bit_step < 1 || o.average_loss < 1) {
    throw UsageError("precision scaling: windows ({}, {}, {}) and bit step ({}) must be 1 or more",
                     o.isearch_window, o.dsearch_window, o.average_loss, o.bit_step);
  }
  for (const FixedFormat& format : formats_) {
    const FixedFormat valid = MakeFixedFormat(format.integer_bits, format.fraction_bits);
    // All lengths up to max_length are then fraction bits within the bound.
    if (valid.integer_bits < o.max_length - FixedFormat::kMaxExponent) {
      throw UsageError("precision scaling: {} cannot grow to {} bits", Name(valid), o.max_length);
    }
  }
}

void PrecisionScaling::Update(const std::vector<bool>& overflowed, double loss) {
  if (overflowed.size() != formats_.size()) {
    throw Error("precision scaling: {} tensors, but overflows of {}", formats_.size(),
                overflowed.size());
  }
  AddLoss(loss);
  for (size_t i = 0; i < formats_.size(); ++i) {
    if (!overflowed[i]) continue;
    searches_[i].found = true;
    if (formats_[i].integer_bits < FixedFormat::kMaxExponent) MovePoint(formats_[i], 1);
  }
  if (stage_ == Stage::kLengthSearch) return SearchLength();

  for (size_t i = 0; i < formats_.size(); ++i) {
    if (!searches_[i].found) SearchIntegerBits(i);
  }
  if (std::ranges::all_of(searches_, &Search::found)) {
    SetLength(options_.target_length);
    stage_ = Stage::kLengthSearch;
  }
}

void PrecisionScaling::SearchIntegerBits(size_t tensor) {
  Search& search = searches_[tensor];
  if (search.quiet++ < options_.isearch_window) return;
  search.quiet = 0;
  const int lowest = options_.max_length - FixedFormat::kMaxExponent;
  search.found = formats_[tensor].integer_bits == lowest;
  if (!search.found) MovePoint(formats_[tensor], -1);
}

void PrecisionScaling::SearchLength() {
  if (formats_.empty()) return;
  const double mean = means_.back();
  if (mean < *std::ranges::max_element(means_)) {
    increasing_ = options_.dsearch_window;
    if (length() == options_.max_length && least_mean_ && mean < *least_mean_) {
      SetLength(current_target_);
    }
    return;
  }
  if (increasing_ < options_.dsearch_window) {
    ++increasing_;
    return;
  }
  increasing_ = 0;
  if (length() == options_.max_length) return;
  least_mean_ = *std::ranges::min_element(means_);
  if (current_target_ < options_.max_length - options_.bit_step) {
    current_target_ += options_.bit_step;
  }
  SetLength(options_.max_length);
}

void PrecisionScaling::AddLoss(double loss) {
  const auto add = [&](std::deque<double>& window, double value) {
    window.push_back(value);
    if (window.size() > static_cast<size_t>(options_.average_loss)) window.pop_front();
  };
  add(losses_, loss);
  add(means_,
      std::accumulate(losses_.begin(), losses_.end(), 0.0) / static_cast<double>(losses_.size()));
}

void PrecisionScaling::SetLength(int length) {
  for (FixedFormat& format : formats_) format.fraction_bits = length - format.integer_bits;
}

double PrecisionScaling::smoothed_loss() const {
  return means_.empty() ? std::numeric_limits<double>::quiet_NaN() : means_.back();
}

std::string_view Name(PrecisionScaling::Stage stage) {
  return stage == PrecisionScaling::Stage::kIntegerSearch ? "isearch" : "dsearch";
}

Json PrecisionScaling::ToJson() const {
  Json tensors = Json::array();
  for (size_t i = 0; i < formats_.size(); ++i) {
    tensors.push_back({{"integer_bits", formats_[i].integer_bits},
                       {"fraction_bits", formats_[i].fraction_bits},
                       {"found", searches_[i].found},
                       {"quiet", searches_[i].quiet}});
  }
  return {{"stage", Name(stage_)},
          {"tensors", tensors},
          {"losses", losses_},
          {"means", means_},
          {"increasing", increasing_},
          {"current_target", current_target_},
          {"least_mean", least_mean_ ? Json(*least_mean_) : Json()}};
}

PrecisionScaling PrecisionScaling::FromJson(const PrecisionScalingOptions& options,
                                            const Json& state) {
  PrecisionScaling scaling(options, {});
  try {
    for (const Json& tensor : state.at("tensors")) {
      scaling.formats_.push_back({tensor.at("integer_bits"), tensor.at("fraction_bits")});
      scaling.searches_.push_back({tensor.at("found"), tensor.at("quiet")});
    }
    const bool searching = state.at("stage") == Name(Stage::kIntegerSearch);
    scaling.stage_ = searching ? Stage::kIntegerSearch : Stage::kLengthSearch;
    scaling.losses_ = state.at("losses").get<std::deque<double>>();
    scaling.means_ = state.at("means").get<std::deque<double>>();
    scaling.increasing_ = state.at("increasing");
    scaling.current_target_ = state.at("current_target");
    const Json& least_mean = state.at("least_mean");
    if (!least_mean.is_null()) scaling.least_mean_ = least_mean.get<double>();
  } catch (const Json::exception& error) {
    throw Error("precision scaling: not a saved state: {}", error.what());
  }
  scaling.Check();
  return scaling;
}

}  // namespace mulberry
