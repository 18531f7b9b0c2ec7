// Dynamic precision scaling: which fixed-point format fixed(il,fl) each tensor of a training run
// has in its next iteration, from which tensors overflowed in the last one and from the training
// loss. Not here: rounding and counting overflows (kernels/round.h), and which tensors there are.
//
// Source: Na, Mukhopadhyay, "Speeding up Convolutional Neural Network Training with Dynamic
// Precision Scaling and Flexible Multiplier-Accumulator", ISLPED 2016. Where the paper leaves more
// than one reading, this is the one of the authors' Caffe, which counts so:
//   - In ISEARCH a tensor counts quiet checks; the check after `isearch_window` of them moves its
//     point, and the count starts again: with 20 the point moves every 21st check.
//   - The loss is "increasing" when its present mean is the maximum of the last `average_loss`
//     means, equality included.
//   - After any mean that is not increasing the next one that is acts at once; only a loss that
//     keeps increasing waits `dsearch_window` iterations between acts.
#pragma once

#include <cstdint>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "mulberry/formats/fixed.h"

namespace mulberry {

/// Counts of iterations and lengths in bits without the sign; the defaults are the paper's.
struct PrecisionScalingOptions {
  int isearch_window = 20;
  int dsearch_window = 20;
  int target_length = 15;  ///< After ISEARCH, 1 to max_length.
  int bit_step = 16;       ///< What is added to the target where it proves too short.
  int max_length = 31;     ///< While the loss recovers, at most FixedFormat::kMaxLength.
  int average_loss = 100;  ///< Losses in a mean, and means that are remembered.
};

class PrecisionScaling {
 public:
  enum class Stage : uint8_t {
    kIntegerSearch,  ///< ISEARCH: integer bits fall until they overflow.
    kLengthSearch,   ///< DSEARCH: the length follows the loss.
  };

  /// Starts with one format for each tensor. Throws UsageError where an option is out of its range
  /// or a format has fewer integer bits than max_length - FixedFormat::kMaxExponent.
  PrecisionScaling(const PrecisionScalingOptions& options, std::vector<FixedFormat> initial);
  /// Goes on from what ToJson gave under the same options. Throws Error if `state` is no such.
  static PrecisionScaling FromJson(const PrecisionScalingOptions& options,
                                   const nlohmann::ordered_json& state);

  /// Once after each update of the weights: overflowed[i] says whether tensor i had an overflow in
  /// its data or its gradient; `loss` is the iteration's training loss, finite. In this order:
  ///  1. A tensor with overflow gets one integer bit more and one fraction bit less, and has found
  ///     its integer bits.
  ///  2. ISEARCH: a tensor still searching, quiet for long enough, loses an integer bit and gets a
  ///     fraction bit. If every tensor has found its integer bits, all get target_length, by
  ///     their fraction bits, and DSEARCH begins with the next update.
  ///  3. DSEARCH: if the loss is increasing and the count has reached dsearch_window, the count
  ///     starts again, and tensors shorter than max_length get it: the least of the means is
  ///     remembered, and the target grows by bit_step if it stays below max_length. If the loss is
  ///     increasing otherwise, the count grows. If it is not, the count is complete, and at
  ///     max_length a mean below the remembered one brings the target back.
  /// Formats stay within FixedFormat's bounds: a tensor at a bound does not move, and one that can
  /// lose no more integer bits has found them, or a tensor of zeros would hold up all others.
  void Update(const std::vector<bool>& overflowed, double loss);

  const std::vector<FixedFormat>& formats() const { return formats_; }
  /// Of every tensor: points move, but lengths change together.
  int length() const { return formats_.empty() ? 0 : formats_.front().length(); }
  Stage stage() const { return stage_; }
  /// The mean of the last average_loss losses; NaN before the first.
  double smoothed_loss() const;
  /// Length of all tensors in DSEARCH while the loss falls.
  int current_target() const { return current_target_; }

  /// The whole state but the options.
  nlohmann::ordered_json ToJson() const;

 private:
  void Check() const;
  void SearchIntegerBits(size_t tensor);
  void SearchLength();
  void AddLoss(double loss);
  void SetLength(int length);

  /// A tensor's part of ISEARCH.
  struct Search {
    bool found = false;
    int quiet = 0;  ///< Checks without overflow since the point moved.
  };

  PrecisionScalingOptions options_;
  Stage stage_ = Stage::kIntegerSearch;
  std::vector<FixedFormat> formats_;
  std::vector<Search> searches_;
  std::deque<double> losses_;  ///< The last average_loss ones,
  std::deque<double> means_;   ///< and means of what `losses_` was.
  int increasing_ = 0;
  int current_target_;
  std::optional<double> least_mean_;
};

std::string_view Name(PrecisionScaling::Stage stage);  // "isearch", "dsearch"

}  // namespace mulberry
