// The table of schedules, and the reader of its entries. See schedule_spec.h.
#include "mulberry/train/schedule_spec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "mulberry/base/error.h"
#include "mulberry/base/suggest.h"
#include "mulberry/formats/fixed.h"

namespace mulberry {
namespace {

constexpr int64_t kLongest = FixedFormat::kMaxLength;
constexpr int64_t kFarthest = FixedFormat::kMaxExponent;
constexpr int64_t kMany = 1'000'000;

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// "; did you mean 'x'?" or, where nothing is near, ".".
std::string Suggestion(std::string_view word, const std::vector<std::string_view>& words) {
  const std::string_view nearest = Nearest(word, words);
  return nearest.empty() ? "." : fmt::format("; did you mean '{}'?", nearest);
}

template <class T>
std::vector<std::string_view> Names(const std::vector<T>& items) {
  std::vector<std::string_view> names;
  for (const T& item : items) names.push_back(item.name);
  return names;
}

const ScheduleKind& FindKind(std::string_view name) {
  const std::vector<ScheduleKind>& kinds = ScheduleKinds();
  const auto found = std::ranges::find(kinds, name, &ScheduleKind::name);
  if (found != kinds.end()) return *found;
  const std::vector<std::string_view> names = Names(kinds);
  throw UsageError("there is no schedule '{}'{} The schedules are: {}", name,
                   Suggestion(name, names), fmt::join(names, ", "));
}

int64_t ValueFrom(const ScheduleParameter& parameter, std::string_view text) {
  if (!parameter.choices.empty()) {
    const auto found = std::ranges::find(parameter.choices, text);
    if (found != parameter.choices.end()) return found - parameter.choices.begin();
    throw UsageError("{} is '{}'; it must be one of: {}", parameter.name, text,
                     fmt::join(parameter.choices, ", "));
  }
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < parameter.minimum || value > parameter.maximum) {
    throw UsageError("{} is '{}'; it must be a whole number from {} to {}", parameter.name, text,
                     parameter.minimum, parameter.maximum);
  }
  return value;
}

/// Sets the parameter that "name=value" gives.
void SetParameter(ScheduleSpec& spec, std::string_view item) {
  const size_t equals = item.find('=');
  if (equals == item.npos) throw UsageError("'{}' is not of the form parameter=value", item);
  const std::string_view name = Trimmed(item.substr(0, equals));
  const std::vector<ScheduleParameter>& parameters = spec.kind->parameters;
  const auto found = std::ranges::find(parameters, name, &ScheduleParameter::name);
  if (found == parameters.end()) {
    const std::vector<std::string_view> names = Names(parameters);
    throw UsageError("{} has no parameter '{}'{} It has: {}", spec.kind->name, name,
                     Suggestion(name, names), fmt::join(names, ", "));
  }
  if (spec.given(name)) throw UsageError("{} is given twice", name);
  spec.chosen.push_back(found->name);
  const auto at = static_cast<size_t>(found - parameters.begin());
  const std::string_view value = Trimmed(item.substr(equals + 1));
  if (!found->is_text()) {
    spec.values[at] = ValueFrom(*found, value);
  } else if (value.empty()) {
    throw UsageError("the value of {} is missing", name);
  } else {
    spec.texts[at] = value;
  }
}

/// The first comma outside of parentheses, or npos.
size_t FindComma(std::string_view list) {
  int depth = 0;
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '(') ++depth;
    if (list[i] == ')') --depth;
    if (list[i] == ',' && depth == 0) return i;
  }
  return list.npos;
}

ScheduleSpec Parse(std::string_view text) {
  const size_t open = text.find('(');
  ScheduleSpec spec;
  spec.kind = &FindKind(Trimmed(text.substr(0, open)));
  for (const ScheduleParameter& parameter : spec.kind->parameters) {
    spec.values.push_back(parameter.value);
    spec.texts.emplace_back(parameter.text);
  }
  if (open == text.npos) return spec;
  std::string_view list = Trimmed(text.substr(open + 1));
  if (!list.ends_with(')')) throw UsageError("the parameters must end with ')'");
  list = Trimmed(list.substr(0, list.size() - 1));
  while (!list.empty()) {
    const size_t comma = FindComma(list);
    SetParameter(spec, Trimmed(list.substr(0, comma)));
    if (comma == list.npos) break;
    list = Trimmed(list.substr(comma + 1));
    if (list.empty()) throw UsageError("nothing follows the last comma");
  }
  return spec;
}

}  // namespace

const std::vector<ScheduleKind>& ScheduleKinds() {
  static const std::vector<ScheduleKind> kinds = {
      {"dps",
       "dynamic precision scaling: all tensors in fixed point, whose length follows the loss",
       {{"target", "bits without the sign once the integer bits are found", 15, 1, kLongest},
        {"step", "bits added to the target where it proves too short", 16, 1, kLongest},
        {"max", "bits while the loss recovers", 31, 1, kLongest},
        {"start", "bits at the start", 31, 1, kLongest},
        {"start-il", "of which integer bits, before they are searched for", 0, -kFarthest,
         kFarthest},
        {"isearch", "checks without overflow before a tensor loses an integer bit", 20, 1, kMany},
        {"dsearch", "iterations of growing loss between two rises", 20, 1, kMany},
        {"loss", "iterations over which the loss is averaged", 100, 1, kMany},
        {"round", "how tensors are rounded", 0, 0, 0, {"half-up", "stochastic"}}}},
      {"warmup",
       "the first epochs on LibTorch's own FP32, products, weights and all",
       {{"epochs", "how many", 1, 0, kMany}}},
      {"hybrid",
       "the last epochs on another, exact arithmetic; one entry for each group of layers",
       {{.name = "switch",
         .help = "the first epoch, from 0, on it",
         .maximum = kMany,
         .has_default = false},
        {.name = "exact-epochs",
         .help = "or: so many epochs at the end are on it",
         .maximum = kMany,
         .has_default = false},
        {.name = "on",
         .help = "or: when the training loss no longer falls by 1 % an epoch",
         .choices = {"plateau"},
         .has_default = false},
        {"patience", "epochs in a row in which it does not, of on=plateau", 2, 1, kMany},
        {.name = "layers", .help = "glob over the layers that switch", .text = "*"},
        {.name = "to", .help = "what they switch to", .text = "fp32"}},
       true},
  };
  return kinds;
}

int64_t ScheduleSpec::at(std::string_view parameter) const {
  const auto found = std::ranges::find(kind->parameters, parameter, &ScheduleParameter::name);
  return values.at(static_cast<size_t>(found - kind->parameters.begin()));
}

const std::string& ScheduleSpec::text_of(std::string_view parameter) const {
  const auto found = std::ranges::find(kind->parameters, parameter, &ScheduleParameter::name);
  return texts.at(static_cast<size_t>(found - kind->parameters.begin()));
}

bool ScheduleSpec::given(std::string_view parameter) const {
  return std::ranges::find(chosen, parameter) != chosen.end();
}

ScheduleSpec ParseSchedule(std::string_view text) {
  try {
    return Parse(text);
  } catch (const UsageError& e) {
    throw UsageError("schedule: '{}': {}", text, e.what());
  }
}

std::string Print(const ScheduleSpec& spec) {
  std::vector<std::string> items;
  for (size_t i = 0; i < spec.values.size(); ++i) {
    const ScheduleParameter& parameter = spec.kind->parameters[i];
    const int64_t value = spec.values[i];
    const std::string& text = spec.texts[i];
    if (!spec.given(parameter.name)) continue;
    if (parameter.has_default && value == parameter.value && text == parameter.text) continue;
    items.push_back(fmt::format("{}={}", parameter.name,
                                parameter.is_text()         ? text
                                : parameter.choices.empty() ? std::to_string(value)
                                                            : std::string(parameter.choices.at(
                                                                  static_cast<size_t>(value)))));
  }
  if (items.empty()) return std::string(spec.kind->name);
  return fmt::format("{}({})", spec.kind->name, fmt::join(items, ","));
}

const ScheduleSpec* FindSchedule(const std::vector<ScheduleSpec>& specs, std::string_view name) {
  const auto found = std::ranges::find_if(
      specs, [&](const ScheduleSpec& spec) { return spec.kind->name == name; });
  return found == specs.end() ? nullptr : &*found;
}

std::vector<ScheduleSpec> ParseSchedules(const std::vector<std::string>& entries) {
  std::vector<ScheduleSpec> specs;
  if (entries.size() == 1 && entries[0] == "none") return specs;
  for (const std::string& entry : entries) {
    const ScheduleSpec spec = ParseSchedule(entry);
    if (!spec.kind->may_repeat && FindSchedule(specs, spec.kind->name)) {
      throw UsageError("schedule: {} is given twice", spec.kind->name);
    }
    specs.push_back(spec);
  }
  return specs;
}

}  // namespace mulberry
