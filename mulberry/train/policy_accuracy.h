// The test accuracy of a trained network that is quantised, with any integer arithmetic in each of
// its layers. What is measured once is kept in a file (evaluation_log.h). Not here: which
// assignments are worth measuring (policy_search.h).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mulberry/models/network.h"
#include "mulberry/nn/approximate.h"
#include "mulberry/train/config.h"
#include "mulberry/train/evaluation_log.h"
#include "mulberry/train/policy_search.h"
#include "mulberry/train/trainer.h"

namespace mulberry {

/// The same arithmetic with the exact multiplier.
std::string ExactProduct(const std::string& arithmetic);

class PolicyAccuracy {
 public:
  using Arithmetics = EvaluationLog::Arithmetics;

  /// Of the network that `config`, which is complete, starts with. `data` must outlive this object.
  /// Throws as StartFrom and EvaluationLog do, and UsageError if the rules leave no layer.
  PolicyAccuracy(const Config& config, const TrainingData& data, const std::string& log,
                 Existing existing);

  /// Those with a weight whose forward product is left to the arithmetic by the policy's rules.
  const std::vector<SearchLayer>& layers() const { return layers_; }
  /// One arithmetic for all layers.
  Arithmetics Uniform(const std::string& arithmetic) const;

  bool Known(const Arithmetics& arithmetics) const { return log_.Find(arithmetics).has_value(); }
  /// Of forward products by these arithmetics, one for each of layers(); other layers run as the
  /// rules say, and products without a weight on the arithmetic of all layers, if they have one, or
  /// else on its exact product. In %. Throws Error if a layer does not run on its arithmetic.
  double Of(const Arithmetics& arithmetics);
  /// Of the network before it is quantised, whatever the rules say; kept as that of all layers on
  /// fp32.
  double OfFloat();

 private:
  const Approximate::Ranges& RangesUnder(const std::string& exact);
  std::vector<SearchLayer> FindLayers();
  double Test(const Policy& policy, const Approximate::Ranges& ranges);

  const Config config_;
  const TrainingData& data_;
  std::shared_ptr<Network> network_;
  std::vector<SearchLayer> layers_;
  EvaluationLog log_;
  std::map<std::string, Approximate::Ranges> ranges_;  ///< By the exact product.
};

}  // namespace mulberry
