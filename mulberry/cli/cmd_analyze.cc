// `mulberry analyze`: the error of multipliers, in figures, in its structure and as a picture. What
// the figures are is in docs/analysis.md.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>
#include <iostream>
#include <map>

#include "mulberry/analysis/analyze.h"
#include "mulberry/analysis/error_file.h"
#include "mulberry/analysis/histogram_file.h"
#include "mulberry/analysis/plot.h"
#include "mulberry/cli/command.h"
#include "mulberry/report/table.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

struct Arguments {
  std::vector<std::string> specs;
  ErrorOptions options;
  std::string operands = "uniform";
  std::string first, second;  ///< Operand distributions of their own; empty: `operands`.
  std::string errors;
  std::string plot;
  ErrorQuantity quantity = ErrorQuantity::kError;
  bool json = false;
  bool factors = false;
};

struct Analysis {
  ErrorSubject subject;
  ErrorReport report;
};

template <typename T>
struct Choice {
  std::string_view name;
  T value;
  const char* meaning;  ///< As the report says it.
};

constexpr Choice<ZeroProducts> kZeroProducts[] = {
    {Name(ZeroProducts::kLeftOut), ZeroProducts::kLeftOut,
     "relative errors are of pairs with a nonzero product"},
    {Name(ZeroProducts::kCountedAsExact), ZeroProducts::kCountedAsExact,
     "relative errors are of all pairs, 0 where the product is zero"},
};
constexpr Choice<ErrorScale> kScales[] = {
    {"absolute", ErrorScale::kAbsolute, "MED and WCE are absolute"},
    {"range", ErrorScale::kPercentOfRange, "MED and WCE are per cent of 2^(2n)"},
    {"product", ErrorScale::kPercentOfMaxProduct,
     "MED and WCE are per cent of the largest product"},
};
constexpr Choice<NmedDivisor> kNmedDivisors[] = {
    {"product", NmedDivisor::kMaxProduct, "NMED is MED over the largest product"},
    {"range", NmedDivisor::kRange, "NMED is MED over 2^(2n)"},
};
constexpr Choice<ErrorQuantity> kQuantities[] = {
    {"error", ErrorQuantity::kError, ""},
    {"relative", ErrorQuantity::kRelativeError, ""},
};

template <typename T, size_t n>
void AddChoice(CLI::App& app, const char* flag, const Choice<T> (&choices)[n], T& value,
               const std::string& help) {
  std::map<std::string, T> values;
  std::string names, standard;
  for (const Choice<T>& choice : choices) {
    const std::string name(choice.name);
    values[name] = choice.value;
    names += (names.empty() ? "" : "|") + name;
    if (choice.value == value) standard = choice.name;
  }
  app.add_option(flag, value, fmt::format("{}; default: {}", help, standard))
      ->transform(CLI::Transformer(values))
      ->check([names](const std::string& text) {
        // What the transformer knew is a number by now.
        return text.find_first_not_of("0123456789") == text.npos
                   ? ""
                   : fmt::format("'{}' must be one of: {}", text, names);
      })
      ->type_name(names);
}

template <typename T, size_t n>
const Choice<T>& Find(const Choice<T> (&choices)[n], T value) {
  for (const Choice<T>& choice : choices) {
    if (choice.value == value) return choice;
  }
  throw Error("no such choice");
}

/// "normal:MEAN,DEVIATION" from its second word on.
Normal ReadNormal(const std::string& text) {
  const size_t start = text.find(':') + 1, comma = text.find(',');
  Normal normal;
  const auto read = [&](size_t begin, size_t end, double& value) {
    const auto [last, error] = std::from_chars(text.data() + begin, text.data() + end, value);
    return error == std::errc() && last == text.data() + end;
  };
  if (comma == text.npos || !read(start, comma, normal.mean) ||
      !read(comma + 1, text.size(), normal.deviation)) {
    throw UsageError("operands: \"{}\" is not normal:MEAN,DEVIATION, such as normal:128,40", text);
  }
  return normal;
}

/// The distribution that `text` names: of both operands.
Distribution ReadDistribution(const std::string& text, const ErrorSubject& subject) {
  if (text == "uniform") return {};
  if (text.starts_with("normal:")) {
    const Normal normal = ReadNormal(text);
    return {normal, normal, {}};
  }
  if (!text.ends_with(".json")) {
    throw UsageError(
        "operands: \"{}\" is neither uniform, normal:MEAN,DEVIATION nor a histogram FILE.json that "
        "`mulberry train --record-operands` wrote",
        text);
  }
  return MeasuredDistribution(ReadHistogram(text), subject);
}

Distribution ReadDistribution(const Arguments& arguments, const ErrorSubject& subject) {
  Distribution both = ReadDistribution(arguments.operands, subject);
  const auto replace = [&](const std::string& text, OperandDistribution Distribution::*operand) {
    if (text.empty()) return;
    const Distribution one = ReadDistribution(text, subject);
    if (!one.joint.empty() || !both.joint.empty()) {
      throw UsageError("operands: counts of pairs are of both operands: give --operands alone");
    }
    both.*operand = one.*operand;
  };
  replace(arguments.first, &Distribution::a);
  replace(arguments.second, &Distribution::b);
  return both;
}

Json IntervalOf(const Estimate& estimate, bool exhaustive) {
  return exhaustive ? Json() : Json{estimate.low, estimate.high};
}

Json PairOf(const WorstCase& worst, double unit) {
  return {{"a", worst.a},
          {"b", worst.b},
          {"exact", static_cast<double>(worst.exact) * unit},
          {"approx", static_cast<double>(worst.approx) * unit}};
}

Json ToJson(const ErrorStructure& structure, bool with_factors) {
  Json json = {{"distinct_rows", structure.distinct_rows},
               {"distinct_columns", structure.distinct_columns}};
  json["factors"] = nullptr;
  if (structure.factors) {
    json["factors"] = {{"terms", structure.factors->terms()},
                       {"u_bits", structure.factors->u_bits},
                       {"v_bits", structure.factors->v_bits}};
    if (with_factors) {
      json["factors"]["u"] = structure.factors->u;
      json["factors"]["v"] = structure.factors->v;
    }
  }
  return json;
}

Json ToJson(const Analysis& analysis, bool with_factors) {
  const ErrorMetrics& m = analysis.report.metrics;
  const auto& structure = analysis.report.structure;
  return {{"arithmetic", analysis.subject.name},
          {"med", m.med.value},
          {"mred_pct", m.mred_pct.value},
          {"nmed", m.nmed.value},
          {"mse", m.mse.value},
          {"wce", m.wce.value},
          {"wcre_pct", m.wcre_pct.value},
          {"ep_pct", m.ep_pct.value},
          {"bias_pct", m.bias_pct.value},
          {"std_pct", m.std_pct},
          {"rank", structure ? Json(structure->rank) : Json()},
          {"conventions",
           {{"zero_products", Find(kZeroProducts, m.conventions.zero_products).name},
            {"scale", Find(kScales, m.conventions.scale).name},
            {"nmed_divisor", Find(kNmedDivisors, m.conventions.nmed_divisor).name}}},
          {"operands",
           {{"set", Name(analysis.subject.operands)},
            {"a_bits", analysis.subject.a_bits},
            {"b_bits", analysis.subject.b_bits},
            {"unit", analysis.subject.unit()},
            {"distribution", m.distribution}}},
          {"pairs", m.pairs},
          {"exhaustive", m.exhaustive},
          {"confidence_95",
           {{"med", IntervalOf(m.med, m.exhaustive)},
            {"mred_pct", IntervalOf(m.mred_pct, m.exhaustive)},
            {"nmed", IntervalOf(m.nmed, m.exhaustive)},
            {"mse", IntervalOf(m.mse, m.exhaustive)},
            {"ep_pct", IntervalOf(m.ep_pct, m.exhaustive)},
            {"bias_pct", IntervalOf(m.bias_pct, m.exhaustive)}}},
          {"wce_at", PairOf(m.wce, analysis.subject.unit())},
          {"wcre_at", PairOf(m.wcre_pct, analysis.subject.unit())},
          {"structure", structure ? ToJson(*structure, with_factors) : Json()}};
}

std::string Figure(double value) {
  return std::isnan(value) ? "-" : fmt::format("{:.6g}", value);
}

Table Figures(const std::vector<Analysis>& analyses) {
  Table table({{"multiplier"},
               {"MED", Align::kRight},
               {"MRED, %", Align::kRight},
               {"NMED", Align::kRight},
               {"MSE", Align::kRight},
               {"WCE", Align::kRight},
               {"WCRE, %", Align::kRight},
               {"EP, %", Align::kRight},
               {"bias, %", Align::kRight},
               {"std, %", Align::kRight},
               {"rank", Align::kRight}});
  for (const auto& [subject, report] : analyses) {
    const ErrorMetrics& m = report.metrics;
    table.AddRow({subject.name, Figure(m.med.value), Figure(m.mred_pct.value), Figure(m.nmed.value),
                  Figure(m.mse.value), Figure(m.wce.value), Figure(m.wcre_pct.value),
                  Figure(m.ep_pct.value), Figure(m.bias_pct.value), Figure(m.std_pct),
                  report.structure ? fmt::format("{}", report.structure->rank) : "-"});
  }
  return table;
}

/// An operand as a number: significands are from 1 to below 2.
std::string Operand(int64_t value, int bits, OperandSet set) {
  if (set != OperandSet::kSignificand) return fmt::format("{}", value);
  return fmt::format("{}", std::ldexp(static_cast<double>(value), 1 - bits));
}

std::string WorstText(const ErrorSubject& subject, const WorstCase& worst) {
  const auto product = [&](int64_t value) {
    return Figure(static_cast<double>(value) * subject.unit());
  };
  return fmt::format("{} · {} = {}, not {}", Operand(worst.a, subject.a_bits, subject.operands.a),
                     Operand(worst.b, subject.b_bits, subject.operands.b), product(worst.approx),
                     product(worst.exact));
}

/// Where the worst cases are, how the figures were had, and the structure.
Table Details(const std::vector<Analysis>& analyses) {
  Table table({{"multiplier"},
               {"WCE at"},
               {"WCRE at"},
               {"pairs"},
               {"distinct rows", Align::kRight},
               {"integer factors"}});
  for (const auto& [subject, report] : analyses) {
    const ErrorMetrics& m = report.metrics;
    const bool inexact = m.wce.value > 0;
    std::string rows = "-", factors = "-";
    if (report.structure) {
      rows = fmt::format("{}", report.structure->distinct_rows);
      if (const auto& found = report.structure->factors; found && found->terms() > 0) {
        factors = fmt::format("{}: {} and {} bits", found->terms(), found->u_bits, found->v_bits);
      }
    }
    table.AddRow({subject.name, inexact ? WorstText(subject, m.wce) : "-",
                  inexact ? WorstText(subject, m.wcre_pct) : "-",
                  fmt::format("{}{}", m.exhaustive ? "all " : "random ", GroupDigits(m.pairs)),
                  rows, factors});
  }
  return table;
}

/// The 95 % confidence intervals of what was sampled.
Table Intervals(const std::vector<Analysis>& analyses) {
  Table table({{"95 % confidence"}, {"MED"}, {"MRED, %"}, {"NMED"}, {"EP, %"}, {"bias, %"}});
  for (const auto& [subject, report] : analyses) {
    if (report.metrics.exhaustive) continue;
    const auto interval = [](const Estimate& e) {
      return fmt::format("{} to {}", Figure(e.low), Figure(e.high));
    };
    const ErrorMetrics& m = report.metrics;
    table.AddRow({subject.name, interval(m.med), interval(m.mred_pct), interval(m.nmed),
                  interval(m.ep_pct), interval(m.bias_pct)});
  }
  return table;
}

void Print(const std::vector<Analysis>& analyses) {
  std::cout << Figures(analyses).Text() << "\n" << Details(analyses).Text();
  bool sampled = false;
  for (const Analysis& analysis : analyses) sampled |= !analysis.report.metrics.exhaustive;
  if (sampled) std::cout << "\n" << Intervals(analyses).Text();
  const ErrorMetrics& m = analyses.front().report.metrics;
  std::cout << fmt::format("\noperands: {}; {}; {}; {}\n", m.distribution,
                           Find(kZeroProducts, m.conventions.zero_products).meaning,
                           Find(kScales, m.conventions.scale).meaning,
                           Find(kNmedDivisors, m.conventions.nmed_divisor).meaning);
}

void AddOptions(CLI::App& app, Arguments& arguments) {
  ErrorOptions& options = arguments.options;
  app.add_option("SPEC", arguments.specs, "multipliers, such as drum(k=6)@uint8, mitchell@bf16")
      ->required()
      ->type_name("");
  AddChoice(app, "--zero-products", kZeroProducts, options.conventions.zero_products,
            "pairs whose exact product is zero: left out of relative errors, or counted as exact");
  AddChoice(app, "--scale", kScales, options.conventions.scale,
            "MED and WCE absolute, or in per cent of 2^(2n) or of the largest product");
  AddChoice(app, "--nmed-divisor", kNmedDivisors, options.conventions.nmed_divisor,
            "NMED is MED over the largest product, or over 2^(2n)");
  app.add_option("--operands", arguments.operands,
                 "distribution of both operands: uniform, normal:MEAN,DEVIATION, or a histogram "
                 "FILE.json that `mulberry train --record-operands` wrote; default: uniform")
      ->type_name("DISTRIBUTION");
  app.add_option("--a", arguments.first, "distribution of the first operand, if another")
      ->type_name("DISTRIBUTION");
  app.add_option("--b", arguments.second, "distribution of the second operand, if another")
      ->type_name("DISTRIBUTION");
  app.add_option("--exhaustive-limit", options.exhaustive_limit,
                 "most pairs that are all evaluated; above, random ones; default: 2^26")
      ->type_name("PAIRS");
  app.add_option("--samples", options.samples, "random pairs; default: 2^22")->type_name("PAIRS");
  app.add_option("--seed", options.seed, "of the random pairs; default: 0")->type_name("N");
  app.add_option("--errors", arguments.errors,
                 "write the distribution of the relative errors of one multiplier, which "
                 "noise(file=FILE.json)@fp32 draws from")
      ->type_name("FILE.json");
  app.add_option("--plot", arguments.plot,
                 "draw the error over both operands and its histogram, of one multiplier")
      ->type_name("FILE.png|svg");
  AddChoice(app, "--quantity", kQuantities, arguments.quantity, "what --plot draws");
  app.add_flag("--json", arguments.json,
               "print JSON: an object, or a list of them for several SPECs");
  app.add_flag("--factors", arguments.factors,
               "with --json: the factors themselves, u over the first operand's encodings, v over "
               "the second's");
  app.footer("Example:\n  mulberry analyze 'drum(k=6)@uint8' mitchell@uint8 --zero-products exact");
}

}  // namespace

int RunAnalyze(int argc, char** argv) {
  CLI::App app("Measures the error of multipliers.", "mulberry analyze");
  Arguments arguments;
  AddOptions(app, arguments);
  if (!ParseArguments(app, argc, argv)) return 0;
  if (!arguments.plot.empty() && arguments.specs.size() > 1) {
    throw UsageError("--plot draws one multiplier, and {} are given", arguments.specs.size());
  }
  if (!arguments.errors.empty() && arguments.specs.size() > 1) {
    throw UsageError("--errors writes those of one multiplier, and {} are given",
                     arguments.specs.size());
  }
  std::vector<Arithmetic> arithmetics;
  for (const std::string& spec : arguments.specs) arithmetics.push_back(ParseArithmetic(spec));

  std::vector<Analysis> analyses;
  for (const Arithmetic& arithmetic : arithmetics) {
    ErrorSubject subject = SubjectOf(arithmetic);
    ErrorOptions options = arguments.options;
    options.distribution = ReadDistribution(arguments, subject);
    ErrorReport report = Analyze(subject, options);
    if (!arguments.errors.empty()) WriteErrors(RecordErrors(subject, options), arguments.errors);
    if (!arguments.plot.empty()) {
      WriteErrorPlot(subject, options, arguments.quantity, arguments.plot);
    }
    analyses.push_back({std::move(subject), std::move(report)});
  }
  if (!arguments.json) {
    Print(analyses);
    return 0;
  }
  Json list = Json::array();
  for (const Analysis& analysis : analyses) list.push_back(ToJson(analysis, arguments.factors));
  PrintJson(list.size() == 1 ? list.front() : list);
  return 0;
}

}  // namespace mulberry
