// The ordered list of strategies, and the choice among them.
#include "mulberry/plan/plan.h"

#include <map>
#include <mutex>
#include <utility>

#include "mulberry/base/error.h"
#include "mulberry/kernels/round.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

struct Strategy {
  const char* name;
  Offer (*offer)(const Subject&);
};

// Fastest first; the first that accepts serves.
constexpr Strategy kStrategies[] = {
    {"native", OfferNative},
    {"closed form", OfferClosedForm},
    {"register table", OfferRegisterTable},
    {"gather table", OfferGatherTable},
    {"direct", OfferDirect},
};

}  // namespace

std::string_view Name(Exactness exactness) {
  return exactness == Exactness::kBitwise ? "bitwise" : "native";
}

std::vector<std::string> StrategyNames() {
  std::vector<std::string> names;
  for (const Strategy& strategy : kStrategies) names.emplace_back(strategy.name);
  return names;
}

Offer Decline(std::string reason) {
  return {nullptr, std::move(reason), Exactness::kBitwise};
}

Subject::Subject(const Arithmetic& a) : arithmetic(a) {
  if (arithmetic.native) return;
  multiplier.emplace(MakeFloatMultiplier(arithmetic));
  if (arithmetic.format.mantissa_bits <= MantissaTable::kMaxMantissaBits) {
    table.emplace(MakeMantissaTable(*multiplier));
  }
}

ScalarProduct Subject::product() const {
  return {[](const void* multiplier, float first, float second) {
            return (*static_cast<const FloatMultiplier*>(multiplier))(first, second);
          },
          &*multiplier};
}

Plan::Plan(const Arithmetic& arithmetic, std::string_view wanted)
    : subject_(std::make_unique<Subject>(arithmetic)) {
  for (const Strategy& strategy : kStrategies) {
    Offer offer = strategy.offer(*subject_);
    const bool accepted = offer.executor != nullptr;
    if (strategy.name == wanted && !accepted) {
      throw UsageError("strategy \"{}\" cannot serve {}: {}", wanted, Print(arithmetic),
                       offer.reason);
    }
    verdicts_.push_back({strategy.name, accepted, std::move(offer.reason)});
    const bool serves = wanted.empty() ? accepted && !executor_ : strategy.name == wanted;
    if (!serves) continue;
    executor_ = std::move(offer.executor);
    strategy_ = strategy.name;
    exactness_ = offer.exactness;
  }
  if (!executor_) {
    std::string names;
    for (const Strategy& strategy : kStrategies) {
      names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", strategy.name);
    }
    throw UsageError("unknown strategy \"{}\"; there are {}", wanted, names);
  }
}

Plan::~Plan() = default;

const Arithmetic& Plan::arithmetic() const {
  return subject_->arithmetic;
}

void Plan::Gemm(const GemmProblem& problem) const {
  executor_->Gemm(problem);
}

void Plan::Round(const float* in, float* out, int64_t n, RandomStream stream,
                 uint64_t first) const {
  RoundArray(arithmetic().format, arithmetic().rounding, in, out, n, stream, first);
}

std::shared_ptr<const Plan> MakePlan(const Arithmetic& arithmetic, std::string_view strategy) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::string>, std::shared_ptr<const Plan>> plans;
  const std::lock_guard<std::mutex> lock(mutex);
  std::shared_ptr<const Plan>& plan = plans[{Print(arithmetic), std::string(strategy)}];
  if (!plan) plan.reset(new Plan(arithmetic, strategy));
  return plan;
}

}  // namespace mulberry
