// The ordered list of strategies, and the choice among them.
#include "mulberry/plan/plan.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <utility>

#include "mulberry/analysis/error_file.h"
#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"
#include "mulberry/kernels/block_gemm.h"
#include "mulberry/kernels/instruction_set.h"
#include "mulberry/kernels/round.h"
#include "mulberry/plan/choice.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

struct Strategy {
  const char* name;
  Offer (*offer)(const Subject&);
  bool contends;  ///< With others that accept; else it serves only where no other one does.
  /// Whether it is asked where the accumulator is not the standard one.
  bool accumulates = false;
};

// Fastest first, as far as can be said without measuring.
constexpr Strategy kStrategies[] = {
    {"native", OfferNative, false},
    {"error model", OfferErrorModel, false},
    {"bf16 terms", OfferBf16Terms, true},
    {"closed form", OfferClosedForm, true},
    {"register table", OfferRegisterTable, true},
    {"gather table", OfferGatherTable, false},
    {"rounded sums", OfferRoundedSums, true, true},
    {"low rank", OfferLowRank, true},
    {"integer register table", OfferIntegerRegisterTable, true},
    {"integer table", OfferIntegerTable, false},
    {"direct", OfferDirect, false, true},
};

Offer Ask(const Strategy& strategy, const Subject& subject) {
  if (subject.errors && strategy.offer != OfferErrorModel) {
    return Decline("of the products only the errors are known");
  }
  const Accumulator& accumulator = subject.arithmetic.accumulator;
  if (strategy.accumulates || std::holds_alternative<StandardAccumulator>(accumulator)) {
    return strategy.offer(subject);
  }
  return Decline(fmt::format("it sums {}, and the arithmetic says {}",
                             subject.arithmetic.is_integer() ? "exactly" : "in FP32",
                             PrintOptions(accumulator)));
}

ErrorDistribution DistributionOf(const ErrorModel& model) {
  const auto* measured = std::get_if<MeasuredErrors>(&model.errors);
  return measured ? ReadErrors(measured->file).errors
                  : DistributionOf(std::get<NormalErrors>(model.errors));
}

int WidestOperand(const IntegerMultiplier& multiplier) {
  return std::max(multiplier.formats().first.bits, multiplier.formats().second.bits);
}

}  // namespace

std::string_view Name(Exactness exactness) {
  constexpr std::string_view kNames[] = {"bitwise", "product-exact", "statistical", "native"};
  return kNames[static_cast<size_t>(exactness)];
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
  if (arithmetic.multiplier.errors) {
    errors = DistributionOf(*arithmetic.multiplier.errors);
    return;
  }
  if (const auto reason = WhyNotSummed(arithmetic)) {
    throw UsageError("{} cannot be summed: {}", Print(arithmetic), *reason);
  }
  if (arithmetic.is_block()) return;
  if (arithmetic.is_integer()) {
    integers.emplace(MakeIntegerMultiplier(arithmetic));
    if (WidestOperand(*integers) <= IntegerProducts::kMaxBits) products.emplace(*integers);
    return;
  }
  multiplier.emplace(MakeFloatMultiplier(arithmetic));
  if (!multiplier->rounds_by_exponent() &&
      multiplier->mantissa_bits() <= MantissaTable::kMaxMantissaBits) {
    table.emplace(MakeMantissaTable(*multiplier));
  }
}

IntegerProducts::IntegerProducts(const IntegerMultiplier& multiplier)
    : first_bits(multiplier.formats().first.bits), second_bits(multiplier.formats().second.bits) {
  const IntegerFormats& formats = multiplier.formats();
  std::vector<int32_t> first, second;
  for (uint32_t i = 0; i < rows(); ++i) {
    for (uint32_t j = 0; j < columns(); ++j) {
      first.push_back(DecodeInteger(formats.first, i));
      second.push_back(DecodeInteger(formats.second, j));
    }
  }
  products.resize(first.size());
  multiplier.Multiply(first.data(), second.data(), products.data(), products.size());
  const auto [low, high] = std::minmax_element(products.begin(), products.end());
  smallest = *low;
  largest = *high;
}

bool IntegerProducts::keeps_zero() const {
  for (const bool exchanged : {false, true}) {
    for (uint32_t j = 0; j < columns(exchanged); ++j) {
      if (at(0, j, exchanged) != 0) return false;
    }
  }
  return true;
}

ScalarProduct Subject::product() const {
  return {[](const void* multiplier, float first, float second) {
            return (*static_cast<const FloatMultiplier*>(multiplier))(first, second);
          },
          &*multiplier};
}

IntegerProduct Subject::integer_product() const {
  return {[](const void* multiplier, int32_t first, int32_t second) {
            return (*static_cast<const IntegerMultiplier*>(multiplier))(first, second);
          },
          &*integers};
}

FloatArrayProduct Subject::array_product() const {
  return {[](const void* multiplier, const float* first, const float* second, float* products,
             size_t n) {
            static_cast<const FloatMultiplier*>(multiplier)->Multiply(first, second, products, n);
          },
          &*multiplier};
}

IntegerArrayProduct Subject::integer_array_product() const {
  return {[](const void* multiplier, const int32_t* first, const int32_t* second, int64_t* products,
             size_t n) {
            static_cast<const IntegerMultiplier*>(multiplier)->Multiply(first, second, products, n);
          },
          &*integers};
}

ExactScalarProduct Subject::exact_product() const {
  return {[](const void* multiplier, float first, float second) {
            return static_cast<const FloatMultiplier*>(multiplier)->Exact(first, second);
          },
          &*multiplier};
}

ExactArrayProduct Subject::exact_array_product() const {
  return {
      [](const void* multiplier, const float* first, const float* second, ExactProduct* products,
         size_t n) {
        static_cast<const FloatMultiplier*>(multiplier)->MultiplyExact(first, second, products, n);
      },
      &*multiplier};
}

bool Subject::of_arrays() const {
  return integers ? integers->of_arrays() : multiplier && multiplier->of_arrays();
}

std::optional<std::string> NotSmallIntegers(const Subject& subject) {
  if (subject.arithmetic.native) return "nothing is to be simulated";
  if (!subject.integers) return "it is for integers";
  if (subject.products) return std::nullopt;
  return fmt::format("{} bits make a table too large for the cache (at most {})",
                     WidestOperand(*subject.integers), IntegerProducts::kMaxBits);
}

std::optional<std::string> NotSignificands(const Subject& subject) {
  if (subject.arithmetic.native) return "nothing is to be simulated";
  if (subject.arithmetic.is_integer()) return "it is for floats, and the operands are integers";
  if (subject.multiplier->rounds_by_exponent()) {
    return fmt::format("where a product is cut to be a value of {} depends on its exponent",
                       Name(subject.arithmetic.format));
  }
  return std::nullopt;
}

Plan::Plan(const Arithmetic& arithmetic, std::string_view wanted)
    : subject_(std::make_unique<Subject>(arithmetic)), choice_(std::make_unique<Choice>()) {
  if (arithmetic.is_block()) {
    elements_.reset(new Plan(ElementArithmetic(arithmetic), wanted));
    verdicts_ = elements_->verdicts_;
    return;
  }
  for (const Strategy& strategy : kStrategies) {
    Offer offer = Ask(strategy, *subject_);
    const bool accepted = offer.executor != nullptr;
    if (strategy.name == wanted && !accepted) {
      throw UsageError("strategy \"{}\" cannot serve {}: {}", wanted, Print(arithmetic),
                       offer.reason);
    }
    verdicts_.push_back({strategy.name, accepted, std::move(offer.reason)});
    const bool serves = wanted.empty()
                            ? accepted && (strategy.contends || choice_->contenders() == 0)
                            : strategy.name == wanted;
    if (!serves) continue;
    choice_->Add(strategy.name, std::move(offer.executor));
    exactness_ = std::max(exactness_, offer.exactness);
  }
  if (choice_->contenders() == 0) {
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

const ErrorDistribution* Plan::errors() const {
  return subject_->errors ? &*subject_->errors : nullptr;
}

const std::string& Plan::strategy() const {
  return elements_ ? elements_->strategy() : choice_->latest();
}

std::vector<ShapeTiming> Plan::timings() const {
  return elements_ ? elements_->timings() : choice_->timings();
}

size_t Plan::contenders() const {
  return elements_ ? elements_->contenders() : choice_->contenders();
}

void Plan::Gemm(const GemmProblem& problem) const {
  if (!elements_) return choice_->Gemm(problem);
  const auto& [first, second] = arithmetic().format;
  const BlockOperands operands{{std::get<BlockFormat>(first), std::get<BlockFormat>(second)},
                               arithmetic().rounding};
  BlockGemm(problem, operands,
            {[](const void* elements, const GemmProblem& stretch) {
               static_cast<const Plan*>(elements)->Gemm(stretch);
             },
             elements_.get()});
}

void Plan::Round(OperandIndex operand, const float* in, float* out, int64_t n, RandomStream stream,
                 uint64_t first) const {
  const Rounding rounding = arithmetic().rounding[operand];
  const Format& format = arithmetic().format_of(operand);
  if (const auto integers = IntegersOf(format)) {
    const auto* fixed = std::get_if<FixedFormat>(&format);
    QuantizeArray({*integers, fixed ? fixed->epsilon() : 1.0f}, rounding, in, out, n, stream,
                  first);
  } else if (const auto* floats = std::get_if<FloatFormat>(&format)) {
    RoundArray(*floats, rounding, in, out, n, stream, first);
  } else if (const auto* posits = std::get_if<PositFormat>(&format)) {
    RoundArray(*posits, rounding, in, out, n, stream, first);
  } else {
    throw Error("{}: blocks are rounded where they are multiplied", Print(arithmetic()));
  }
}

std::shared_ptr<const Plan> MakePlan(const Arithmetic& arithmetic, std::string_view strategy) {
  static std::mutex mutex;
  using Key = std::array<std::string, 3>;  // What strategies say depends on the instruction set.
  static std::map<Key, std::shared_ptr<const Plan>> plans;
  const std::lock_guard<std::mutex> lock(mutex);
  std::shared_ptr<const Plan>& plan =
      plans[{Print(arithmetic), std::string(strategy), InstructionSets().front()}];
  if (!plan) plan.reset(new Plan(arithmetic, strategy));
  return plan;
}

}  // namespace mulberry
