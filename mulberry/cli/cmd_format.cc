// `mulberry format`: what number formats can hold, and what rounding into them costs. What the
// formats are for is in docs/formats.md.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "mulberry/analysis/format_plot.h"
#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/cli/command.h"
#include "mulberry/formats/format_facts.h"
#include "mulberry/formats/rounding_error.h"
#include "mulberry/report/table.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

struct Arguments {
  std::vector<std::string> names;
  std::string plot;
  int from = -40;  ///< Magnitudes are 2^from to 2^to.
  int to = 40;
  bool values = false;
  bool json = false;
};

std::string Optional(const std::optional<double>& number) {
  return number ? NumberText(*number) : "-";
}

Table Figures(const std::vector<FormatFacts>& formats) {
  Table table({{"format"},
               {"bits", Align::kRight},
               {"lowest", Align::kRight},
               {"largest", Align::kRight},
               {"smallest", Align::kRight},
               {"normal from", Align::kRight},
               {"gap at 1", Align::kRight},
               {"binades", Align::kRight},
               {"decades", Align::kRight},
               {"values", Align::kRight}});
  for (const FormatFacts& facts : formats) {
    table.AddRow({facts.name, fmt::format("{:g}", facts.bits_per_value), NumberText(facts.lowest),
                  NumberText(facts.largest), NumberText(facts.smallest_positive),
                  Optional(facts.smallest_normal), Optional(facts.gap_at_one),
                  fmt::format("{:.1f}", facts.binades()), fmt::format("{:.1f}", facts.decades()),
                  GroupDigits(facts.values)});
  }
  return table;
}

Table Words(const std::vector<FormatFacts>& formats) {
  Table table({{"format"}, {"overflow"}, {"special values"}, {"source"}});
  for (const FormatFacts& facts : formats) {
    table.AddRow({facts.name, facts.overflow, facts.specials, facts.source});
  }
  return table;
}

std::string HexText(const FormatFacts& facts, uint32_t encoding) {
  return fmt::format("0x{:0{}x}", encoding, (facts.bits + 3) / 4);
}

Table Values(const FormatFacts& facts, const Format& format) {
  Table table({{facts.name}, {"bits"}, {"value", Align::kRight}});
  for (const EncodedValue& v : AllValues(format)) {
    table.AddRow({HexText(facts, v.encoding), v.fields,
                  v.special.empty() ? fmt::format("{}", v.value) : v.special});
  }
  return table;
}

Json ToJson(const FormatFacts& facts, const Format& format, const Arguments& arguments) {
  const auto optional = [](const std::optional<double>& number) {
    return number ? Json(*number) : Json();
  };
  Json json = {{"format", facts.name},
               {"bits", facts.bits},
               {"block", facts.block},
               {"bits_per_value", facts.bits_per_value},
               {"lowest", facts.lowest},
               {"largest", facts.largest},
               {"smallest_positive", facts.smallest_positive},
               {"smallest_normal", optional(facts.smallest_normal)},
               {"gap_at_one", optional(facts.gap_at_one)},
               {"binades", facts.binades()},
               {"decades", facts.decades()},
               {"values", facts.values},
               {"overflow", facts.overflow},
               {"special_values", facts.specials},
               {"source", facts.source}};
  Json& errors = json["relative_error"] = Json::array();
  for (const BinadeError& e : RelativeErrors(format, arguments.from, arguments.to - 1)) {
    // JSON has no infinity: what overflows is null.
    errors.push_back({{"exponent", e.exponent}, {"largest", e.largest}, {"mean", e.mean}});
  }
  if (!arguments.values) return json;
  Json& values = json["encodings"] = Json::array();
  for (const EncodedValue& v : AllValues(format)) {
    values.push_back(
        {{"encoding", v.encoding}, {"value", v.special.empty() ? Json(v.value) : Json(v.special)}});
  }
  return json;
}

void Print(const std::vector<FormatFacts>& facts, const std::vector<Format>& formats,
           bool with_values) {
  std::string text = Figures(facts).Text() + "\n" + Words(facts).Text();
  text += "\nRounding is to nearest, ties to even, unless an arithmetic says otherwise.\n";
  const auto is_any = [&]<typename F>(const F*) {
    return std::ranges::any_of(formats, [](const auto& f) { return std::holds_alternative<F>(f); });
  };
  if (is_any(static_cast<const BlockFormat*>(nullptr))) {
    text +=
        "mx..., bfp: an element, in units of its block's scale; bits are with the element's share "
        "of it.\n";
  }
  if (is_any(static_cast<const DynamicFixedFormat*>(nullptr))) {
    text += "dfx: a value, in units of its tensor's eps.\n";
  }
  for (size_t i = 0; with_values && i < formats.size(); ++i) {
    text += "\n" + Values(facts[i], formats[i]).Text();
  }
  std::cout << text;  // All of it, or none where a format has no list of values.
}

void AddOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("FORMAT", arguments.names,
                 "formats: fp32, tf32, bf16, fp16, e5m2, e4m3, float(e,m), posit(n,es), intN, "
                 "uintN, fixed(il,fl), dfx(n), mxfp8(e4m3) and its kin, bfp(m,block)")
      ->required()
      ->type_name("");
  app.add_flag("--values", arguments.values, "list all encodings, of at most 8 bits");
  app.add_option("--plot", arguments.plot, "draw the relative error of rounding over magnitude")
      ->type_name("FILE.png|svg");
  app.add_option("--from", arguments.from,
                 "magnitudes of --plot and --json begin at 2^K; default: -40")
      ->type_name("K");
  app.add_option("--to", arguments.to, "and end at 2^K; default: 40")->type_name("K");
  app.add_flag("--json", arguments.json,
               "print JSON, with the error of each binade, null where values become infinite or "
               "NaN: an object, or a list of them for several formats");
  app.footer(
      "Examples:\n"
      "  mulberry format bf16 'posit(16,1)' mxfp4\n"
      "  mulberry format e4m3 --values\n"
      "  mulberry format e4m3 e5m2 'posit(8,1)' int8 --plot eight_bits.png --from -24 --to 20");
}

}  // namespace

int RunFormat(int argc, char** argv) {
  CLI::App app("Shows the range, the precision and the rounding error of number formats.",
               "mulberry format");
  Arguments arguments;
  AddOptions(app, arguments);
  if (!ParseArguments(app, argc, argv)) return 0;
  std::vector<Format> formats;
  std::vector<FormatFacts> facts;
  for (const std::string& name : arguments.names) {
    formats.push_back(ParseFormat(name));
    facts.push_back(FactsOf(formats.back()));
  }
  if (!arguments.plot.empty()) {
    WriteFormatPlot(formats, arguments.from, arguments.to - 1, arguments.plot);
  }
  if (!arguments.json) {
    Print(facts, formats, arguments.values);
    return 0;
  }
  Json list = Json::array();
  for (size_t i = 0; i < formats.size(); ++i) {
    list.push_back(ToJson(facts[i], formats[i], arguments));
  }
  PrintJson(list.size() == 1 ? list.front() : list);
  return 0;
}

}  // namespace mulberry
