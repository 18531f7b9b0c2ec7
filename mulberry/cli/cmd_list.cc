// `mulberry list`: what there is, by name.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <utility>

#include "mulberry/analysis/error_metrics.h"
#include "mulberry/base/error.h"
#include "mulberry/base/suggest.h"
#include "mulberry/cli/command.h"
#include "mulberry/data/dataset.h"
#include "mulberry/formats/block.h"
#include "mulberry/formats/float_format.h"
#include "mulberry/models/registry.h"
#include "mulberry/multipliers/imported.h"
#include "mulberry/plan/plan.h"
#include "mulberry/report/table.h"
#include "mulberry/train/schedule_spec.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

/// Multipliers that are no families of the library: error models, and files that users bring.
struct OtherKind {
  std::string family;
  std::string spelling;
  std::string summary;
  std::string source;
};
const OtherKind kOtherKinds[] = {
    {std::string(kNoiseFamily), "noise(mre=P%|sd=P%)", "random relative errors; of fp32 alone",
     "Hammad et al., ROBIO 2019"},
    {std::string(kNoiseFamily), "noise(file=FILE.json)", "those measured of a multiplier",
     "docs/analysis.md"},
    {std::string(kCFamily), "c:FILE.c#FUNCTION", "a C or C++ function", "docs/circuits.md"},
    {std::string(kVerilogFamily), "verilog:FILE.v#MODULE", "a combinational Verilog module",
     "docs/circuits.md"},
    {std::string(kTableFamily), "table:FILE", "a table: .bin, .txt, .npy or .csv",
     "docs/circuits.md"},
};

// A family as it is spelled, such as "drum(k=3..24)".
std::string Spelling(const MultiplierFamily& family) {
  std::vector<std::string> parameters;
  for (const Parameter& p : family.parameters) {
    parameters.push_back(fmt::format("{}={}..{}", p.name, p.minimum, p.maximum));
  }
  if (parameters.empty()) return family.name;
  return fmt::format("{}({})", family.name, fmt::join(parameters, ","));
}

/// With the customary value of every parameter, such as drum(k=6), or where that does not fit the
/// operands with the next smaller ones that do, or larger ones; nothing if none do.
std::optional<Multiplier> Customary(const MultiplierFamily& family, int bits) {
  for (const int step : {-1, 1}) {
    Multiplier multiplier{family.name};
    for (const Parameter& p : family.parameters) multiplier.values.push_back(p.default_value);
    for (bool moved = true; moved;) {
      try {
        MakeModel(multiplier, {.bits = bits});
        return multiplier;
      } catch (const UsageError&) {
        moved = false;
        for (size_t i = 0; i < multiplier.values.size(); ++i) {
          const Parameter& p = family.parameters[i];
          const int moved_to = std::clamp(multiplier.values[i] + step, p.minimum, p.maximum);
          moved |= moved_to != std::exchange(multiplier.values[i], moved_to);
        }
      }
    }
  }
  return std::nullopt;
}

/// Widths of unsigned operands, of signed ones' magnitudes and of floats' significands that some
/// parameters fit.
std::pair<int, int> Widths(const MultiplierFamily& family) {
  std::pair<int, int> widths = {0, 0};
  for (int bits = 1; bits <= 24; ++bits) {
    if (!Customary(family, bits)) continue;
    if (widths.first == 0) widths.first = bits;
    widths.second = bits;
  }
  return widths;
}

/// The mean relative error distance of all pairs of 8-bit numbers with a nonzero product, and of
/// which multiplier.
struct ErrorAt8Bits {
  std::string multiplier;
  double mred_pct;
};
ErrorAt8Bits MeasureAt8Bits(const MultiplierFamily& family) {
  Arithmetic arithmetic;
  arithmetic.multiplier = Customary(family, 8).value();
  arithmetic.format = *FindIntegerFormat("uint8");
  arithmetic.scaling = DefaultScaling(arithmetic.format.first);
  const std::string spec = Print(arithmetic);
  return {spec, MeasureErrors(SubjectOf(arithmetic), {}).mred_pct.value};
}

Table Multipliers() {
  Table table({{"multiplier"},
               {"bits", Align::kRight},
               {"MRED at 8 bits", Align::kRight},
               {"of"},
               {"what it is"},
               {"source"}});
  for (const MultiplierFamily& family : MultiplierFamilies()) {
    const auto [least, most] = Widths(family);
    const ErrorAt8Bits error = MeasureAt8Bits(family);
    table.AddRow({Spelling(family), fmt::format("{}..{}", least, most),
                  fmt::format("{:.3f} %", error.mred_pct), error.multiplier, family.summary,
                  family.source});
  }
  for (const OtherKind& kind : kOtherKinds) {
    table.AddRow({kind.spelling, "", "", "", kind.summary, kind.source});
  }
  return table;
}

Json MultipliersJson() {
  Json list = Json::array();
  for (const MultiplierFamily& family : MultiplierFamilies()) {
    Json parameters = Json::array();
    for (const Parameter& p : family.parameters) {
      parameters.push_back({{"name", p.name},
                            {"minimum", p.minimum},
                            {"maximum", p.maximum},
                            {"required", p.required},
                            {"default", p.required ? Json() : Json(p.default_value)},
                            {"summary", p.summary}});
    }
    const auto [least, most] = Widths(family);
    const ErrorAt8Bits error = MeasureAt8Bits(family);
    list.push_back(
        {{"name", family.name},
         {"parameters", parameters},
         {"operands", {"unsigned", "signed", "float"}},
         {"bits", {least, most}},
         {"mred_pct_at_8_bits", {{"of", error.multiplier}, {"mred_pct", error.mred_pct}}},
         {"summary", family.summary},
         {"source", family.source}});
  }
  for (const OtherKind& kind : kOtherKinds) {
    list.push_back({{"name", kind.family}, {"spelling", kind.spelling}, {"summary", kind.summary}});
  }
  return list;
}

Table Formats() {
  Table table({{"format"},
               {"bits", Align::kRight},
               {"largest", Align::kRight},
               {"smallest", Align::kRight},
               {"what it is"}});
  for (const NamedFormat& named : NamedFormats()) {
    const FloatFormat& format = named.format;
    table.AddRow({std::string(named.name), fmt::format("{}", format.bits()),
                  fmt::format("{:.6g}", format.max_finite()),
                  fmt::format("{:.6g}", format.min_positive()), std::string(named.summary)});
  }
  table.AddRow(
      {"float(e,m)", "1+e+m", "", "", "any with 2 to 8 exponent and 0 to 23 mantissa bits"});
  table.AddRow({"posit(n,es)", "n", "", "",
                "posits whose values FP32 carries: n - es <= 26, (n - 2)·2^es <= 126"});
  table.AddRow({"uintN, intN", "N", "", "", "integers of 4 to 16 bits"});
  table.AddRow({"fixed(il,fl)", "1+il+fl", "", "", "fixed point: multiples of 2^-fl, saturating"});
  table.AddRow(
      {"dfx(n)", "n", "", "", "fixed point whose point each tensor has where its values are"});
  for (const NamedBlockFormat& named : NamedBlockFormats()) {
    table.AddRow({std::string(named.name), fmt::format("{}", named.format.element_bits()),
                  fmt::format("{:.6g}", named.format.max_element()), "",
                  std::string(named.summary)});
  }
  table.AddRow({"bfp(m,block)", "m", "", "", "block floating point: integers that share a scale"});
  table.AddRow({"FIRSTxSECOND", "", "", "",
                "a format for each operand, such as uint8xint4, e5m2xe4m3, posit(8,2)xposit(8,1)"});
  return table;
}

Json FormatsJson() {
  Json list = Json::array();
  for (const NamedFormat& named : NamedFormats()) {
    list.push_back({{"name", named.name},
                    {"exponent_bits", named.format.exponent_bits},
                    {"mantissa_bits", named.format.mantissa_bits},
                    {"largest", named.format.max_finite()},
                    {"smallest", named.format.min_positive()},
                    {"summary", named.summary}});
  }
  for (const NamedBlockFormat& named : NamedBlockFormats()) {
    list.push_back({{"name", named.name},
                    {"exponent_bits", named.format.exponent_bits},
                    {"mantissa_bits", named.format.mantissa_bits},
                    {"block", named.format.block},
                    {"largest", named.format.max_element()},
                    {"summary", named.summary}});
  }
  return list;
}

Table Models() {
  Table table({{"model"}, {"made for"}, {"takes"}, {"parameters", Align::kRight}, {"what it is"}});
  for (const NetworkInfo& network : Networks()) {
    table.AddRow({std::string(network.name), fmt::format("{}", fmt::join(network.input, "x")),
                  network.Accepted(), GroupDigits(network.parameters),
                  std::string(network.summary)});
  }
  return table;
}

Json ModelsJson() {
  Json list = Json::array();
  for (const NetworkInfo& network : Networks()) {
    list.push_back({{"name", network.name},
                    {"input", network.input},
                    {"takes", network.Accepted()},
                    {"parameters", network.parameters},
                    {"summary", network.summary}});
  }
  return list;
}

Table DataSets() {
  Table table({{"data"}, {"images"}, {"classes", Align::kRight}, {"augment"}, {"what it is"}});
  for (const DatasetInfo& data : Datasets()) {
    table.AddRow({std::string(data.name),
                  fmt::format("{}x{}x{}", data.channels, data.height, data.width),
                  fmt::format("{}", data.classes), std::string(Name(data.augmentation)),
                  std::string(data.summary)});
  }
  return table;
}

Json DataSetsJson() {
  Json list = Json::array();
  for (const DatasetInfo& data : Datasets()) {
    list.push_back({{"name", data.name},
                    {"image", {data.channels, data.height, data.width}},
                    {"classes", data.classes},
                    {"augment", Name(data.augmentation)},
                    {"summary", data.summary}});
  }
  return list;
}

Table Strategies() {
  Table table({{"strategy, in the order in which they are asked"}});
  for (const std::string& name : StrategyNames()) table.AddRow({name});
  return table;
}

Json StrategiesJson() {
  return StrategyNames();
}

// A parameter as it is spelled, with its default.
std::string Spelling(const ScheduleParameter& p) {
  if (!p.has_default) return fmt::format("{}=", p.name);
  if (p.is_text()) return fmt::format("{}={}", p.name, p.text);
  if (p.choices.empty()) return fmt::format("{}={}", p.name, p.value);
  return fmt::format("{}={}", p.name, p.choices[static_cast<size_t>(p.value)]);
}

Table Schedules() {
  Table table({{"schedule"}, {"parameter"}, {"accepted"}, {"what it is"}});
  for (const ScheduleKind& kind : ScheduleKinds()) {
    table.AddRow({std::string(kind.name), "", "", std::string(kind.help)});
    for (const ScheduleParameter& p : kind.parameters) {
      const std::string accepted = p.is_text() ? "text"
                                   : p.choices.empty()
                                       ? fmt::format("{} to {}", p.minimum, p.maximum)
                                       : fmt::format("{}", fmt::join(p.choices, ", "));
      table.AddRow({"", Spelling(p), accepted, std::string(p.help)});
    }
  }
  return table;
}

Json SchedulesJson() {
  Json list = Json::array();
  for (const ScheduleKind& kind : ScheduleKinds()) {
    Json parameters = Json::array();
    for (const ScheduleParameter& p : kind.parameters) {
      Json parameter = {{"name", p.name}, {"help", p.help}};
      if (p.is_text()) {
        parameter["default"] = p.text;
      } else if (p.choices.empty()) {
        if (p.has_default) parameter["default"] = p.value;
        parameter["minimum"] = p.minimum;
        parameter["maximum"] = p.maximum;
      } else {
        if (p.has_default) parameter["default"] = p.choices[static_cast<size_t>(p.value)];
        parameter["choices"] = p.choices;
      }
      parameters.push_back(parameter);
    }
    list.push_back({{"name", kind.name}, {"summary", kind.help}, {"parameters", parameters}});
  }
  return list;
}

// What may follow a format; docs/numerics.md says it line by line.
struct Option {
  std::string_view spelling, formats, summary;
};
constexpr Option kOptions[] = {
    {"round=nearest|half-up|zero|stochastic", "all", "operands into the format"},
    {"scale=none|max|center(k)|power(k)", "floats, posits",
     "tensors by a power of two before they are rounded; posits have no max"},
    {"scale=max|affine|power(k)", "integers", "the step, and with affine a zero point"},
    {"scale=.../max(channel)|affine(channel)", "integers",
     "of the second operand: one for each output's weights"},
    {"result=full|nearest|zero", "floats, posits", "products into the format, or not"},
    {"overflow=inf|saturate", "floats", "what rounding makes of too large values"},
    {"acc=FLOAT", "floats, posits", "sums in a float format, default fp32"},
    {"chunk=C", "with acc=FLOAT", "so many products are summed at a time, then these sums"},
    {"acc=fixed(il,fl)", "floats, posits", "sums in a word of fixed point"},
    {"acc=quire", "floats, posits", "exact sums, rounded once"},
    {"acc=intN", "integers, fixed point", "sums in a word of N bits, default exact"},
    {"acc-round=nearest|zero", "with acc=FLOAT, fixed", "how sums, or products, are rounded"},
    {"acc-overflow=saturate|wrap", "with acc=fixed, intN", "what a word does at its ends"},
    {"adder=loa(k)|trunc(k)", "with acc=fixed, intN", "an approximate adder of k low bits"},
    {"order=ascending|any", "floats, posits", "of FP32 sums; any is whatever is fast"},
    {"sign=magnitude|twos", "signed integers", "what a multiplier gets of signed operands"},
};

Table Options() {
  Table table({{"option"}, {"formats"}, {"what it says"}});
  for (const Option& option : kOptions) {
    table.AddRow({fmt::format("+{}", option.spelling), std::string(option.formats),
                  std::string(option.summary)});
  }
  return table;
}

Json OptionsJson() {
  Json list = Json::array();
  for (const Option& option : kOptions) {
    list.push_back(
        {{"option", option.spelling}, {"formats", option.formats}, {"summary", option.summary}});
  }
  return list;
}

struct Section {
  std::string_view name;
  Table (*table)();
  Json (*json)();
};

constexpr Section kSections[] = {
    {"multipliers", Multipliers, MultipliersJson},
    {"formats", Formats, FormatsJson},
    {"options", Options, OptionsJson},
    {"models", Models, ModelsJson},
    {"data", DataSets, DataSetsJson},
    {"strategies", Strategies, StrategiesJson},
    {"schedules", Schedules, SchedulesJson},
};

// Sections of that name; all if it is empty.
std::vector<Section> Choose(const std::string& name) {
  std::vector<Section> chosen;
  std::vector<std::string_view> names;
  for (const Section& section : kSections) {
    names.push_back(section.name);
    if (name.empty() || name == section.name) chosen.push_back(section);
  }
  if (!chosen.empty()) return chosen;
  const std::string_view nearest = Nearest(name, names);
  if (!nearest.empty()) throw UsageError("nothing called '{}'; did you mean '{}'?", name, nearest);
  throw UsageError("nothing called '{}'; there are: {}", name, fmt::join(names, ", "));
}

}  // namespace

int RunList(int argc, char** argv) {
  CLI::App app("Lists what there is, by name.", "mulberry list");
  std::string what;
  bool json = false;
  app.add_option("WHAT", what,
                 "multipliers, formats, options, models, data, strategies or schedules; default: "
                 "all")
      ->type_name("");
  app.add_flag("--json", json, "print JSON");
  app.footer("Example:\n  mulberry list multipliers");
  if (!ParseArguments(app, argc, argv)) return 0;
  const std::vector<Section> sections = Choose(what);
  if (json) {
    Json all;
    for (const Section& section : sections) all[std::string(section.name)] = section.json();
    PrintJson(all);
    return 0;
  }
  for (size_t i = 0; i < sections.size(); ++i) {
    std::cout << (i > 0 ? "\n" : "") << sections[i].table().Text();
    if (sections[i].name == "multipliers") {
      std::cout
          << "Each multiplies unsigned integers, signed ones and the significands of floats, of "
             "that many bits.\n";
    }
  }
  return 0;
}

}  // namespace mulberry
