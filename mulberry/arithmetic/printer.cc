#include "mulberry/arithmetic/spec.h"
#include "mulberry/multipliers/imported.h"

namespace mulberry {
namespace {

std::string Print(const ErrorModel& model) {
  std::string text;
  if (const auto* measured = std::get_if<MeasuredErrors>(&model.errors)) {
    text = fmt::format("file={}", measured->file);
  } else {
    const auto& normal = std::get<NormalErrors>(model.errors);
    text = fmt::format("{}={}%", Name(normal.figure), normal.spread_pct);
    if (normal.bias_pct != 0) text += fmt::format(",bias={}%", normal.bias_pct);
  }
  if (model.on != ErrorsOn::kWeights) text += fmt::format(",on={}", Name(model.on));
  return fmt::format("{}({})", kNoiseFamily, text);
}

std::string Print(const Multiplier& multiplier) {
  if (multiplier.errors) return Print(*multiplier.errors);
  if (IsImported(multiplier.family)) {
    const char* mark = multiplier.function.empty() ? "" : "#";
    return fmt::format("{}:{}{}{}", multiplier.family, multiplier.path, mark, multiplier.function);
  }
  const MultiplierFamily* family = FindMultiplierFamily(multiplier.family);
  if (!family) throw UsageError("unknown multiplier \"{}\"", multiplier.family);
  std::vector<std::string> written;
  for (size_t i = 0; i < family->parameters.size(); ++i) {
    const Parameter& parameter = family->parameters[i];
    const int value = multiplier.values.at(i);
    if (parameter.required || value != parameter.default_value) {
      written.push_back(fmt::format("{}={}", parameter.name, value));
    }
  }
  if (written.empty()) return family->name;
  return fmt::format("{}({})", family->name, fmt::join(written, ","));
}

/// "+option=value", or "+option=first/second" where they differ; nothing of the default.
template <typename T>
std::string PairOption(std::string_view option, const PerOperand<T>& value,
                       const PerOperand<T>& by_default) {
  if (value == by_default) return {};
  return value.same() ? fmt::format("+{}={}", option, Name(value.first))
                      : fmt::format("+{}={}/{}", option, Name(value.first), Name(value.second));
}

/// What differs from the defaults.
std::string Options(const Arithmetic& arithmetic) {
  Arithmetic defaults = arithmetic;
  SetDefaults(defaults);
  std::string options = PairOption("round", arithmetic.rounding, defaults.rounding) +
                        PairOption("scale", arithmetic.scaling, defaults.scaling);
  if (arithmetic.result != defaults.result) {
    options += fmt::format("+result={}", Name(arithmetic.result));
  }
  const FloatFormat* format = arithmetic.float_format();
  if (format && format->overflow != DefaultOverflow(*format)) {
    options += fmt::format("+overflow={}", format->overflow == Overflow::kSaturate
                                               ? kSaturateName
                                               : SpecialOverflowName(*format));
  }
  const std::string accumulator = PrintOptions(arithmetic.accumulator);
  if (!accumulator.empty()) options += "+" + accumulator;
  if (arithmetic.order != SumOrder::kAscending) {
    options += fmt::format("+order={}", Name(arithmetic.order));
  }
  if (arithmetic.sign != defaults.sign) options += fmt::format("+sign={}", Name(arithmetic.sign));
  return options;
}

}  // namespace

std::string PrintOptions(const Accumulator& accumulator) {
  if (std::holds_alternative<StandardAccumulator>(accumulator)) return "";
  std::string options;
  const auto add = [&](std::string_view option, const auto& value) {
    options += fmt::format("{}{}={}", options.empty() ? "" : "+", option, value);
  };
  const auto* floats = std::get_if<FloatAccumulator>(&accumulator);
  if (!floats || floats->format != kFp32) add("acc", Name(accumulator));
  if (floats) {
    if (floats->rounding != Rounding::kNearestEven) add("acc-round", Name(floats->rounding));
    if (floats->chunk != 0) add("chunk", floats->chunk);
  }
  if (const auto* word = std::get_if<WordAccumulator>(&accumulator)) {
    if (word->rounding != Rounding::kNearestEven) add("acc-round", Name(word->rounding));
    if (word->overflow != WordOverflow::kSaturate) add("acc-overflow", Name(word->overflow));
    if (word->adder.kind != AdderKind::kExact) add("adder", Name(word->adder));
  }
  return options;
}

std::string Print(const Arithmetic& arithmetic) {
  if (arithmetic.native) return "fp32";
  return Print(arithmetic.multiplier) + "@" + Name(arithmetic.format) + Options(arithmetic);
}

std::string Print(const TensorFormat& format) {
  return Name(format.format) +
         PairOption<Rounding>("round", format.rounding, Rounding::kNearestEven) +
         PairOption<Scaling>("scale", format.scaling, DefaultScaling(format.format));
}

}  // namespace mulberry
