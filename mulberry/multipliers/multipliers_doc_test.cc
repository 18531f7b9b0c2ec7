// docs/multipliers.md against the code: the families and their parameters, published figures beside
// ours, and our figures at 8 bits. A table that is behind is printed in full by its failure.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "mulberry/base/error.h"
#include "mulberry/multipliers/error_figures.h"
#include "mulberry/multipliers/published_figures.h"
#include "mulberry/multipliers/test_pairs.h"

namespace mulberry {
namespace {

constexpr const char* kPage = MULBERRY_SOURCE_DIR "/docs/multipliers.md";

/// The rows of the table under the heading, without its head.
std::vector<std::string> TableUnder(const std::string& heading) {
  std::ifstream page(kPage);
  EXPECT_TRUE(page) << "cannot read " << kPage;
  std::vector<std::string> rows;
  bool here = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("#")) here = line == "## " + heading;
    if (here && line.starts_with("|")) rows.push_back(line);
  }
  if (rows.size() >= 2) rows.erase(rows.begin(), rows.begin() + 2);
  return rows;
}

std::vector<std::string> Cells(const std::string& row) {
  std::vector<std::string> cells;
  for (size_t start = 2, end; (end = row.find(" |", start)) != std::string::npos; start = end + 3) {
    cells.push_back(row.substr(start, end - start));
  }
  return cells;
}

void ExpectTable(const std::string& heading, const std::vector<std::string>& expected) {
  const std::vector<std::string> found = TableUnder(heading);
  size_t same = 0;
  while (same < std::min(found.size(), expected.size()) && found[same] == expected[same]) ++same;
  if (same == expected.size() && same == found.size()) return;
  ADD_FAILURE() << heading << ", row " << same + 1
                << " of docs/multipliers.md is behind. The table is\n"
                << fmt::format("{}", fmt::join(expected, "\n"));
}

// Families.

/// Such as `realm(m=,t=0)`: what must be written, and the default of what need not.
std::string Spelling(const MultiplierFamily& family) {
  std::vector<std::string> parameters;
  for (const Parameter& p : family.parameters) {
    parameters.push_back(p.required ? p.name + "=" : fmt::format("{}={}", p.name, p.default_value));
  }
  if (parameters.empty()) return fmt::format("`{}`", family.name);
  return fmt::format("`{}({})`", family.name, fmt::join(parameters, ","));
}

bool Fits(const Multiplier& multiplier, int bits) {
  try {
    MakeModel(multiplier, {.bits = bits});
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

/// Such as "4, 8, 16" and "0 to 6".
std::string ListOf(const std::set<int>& values) {
  const bool consecutive =
      *values.rbegin() - *values.begin() + 1 == static_cast<int>(values.size());
  if (consecutive && values.size() > 1) {
    return fmt::format("{} to {}", *values.begin(), *values.rbegin());
  }
  return fmt::format("{}", fmt::join(values, ", "));
}

/// The values of each parameter that serve 8-bit operands, with some values of the others.
std::string ValuesAt8Bits(const MultiplierFamily& family) {
  std::vector<std::set<int>> serving(family.parameters.size());
  std::vector<int> values;
  const auto visit = [&](const auto& self) -> void {
    const size_t i = values.size();
    if (i == family.parameters.size()) {
      if (!Fits({family.name, values, {}}, 8)) return;
      for (size_t j = 0; j < i; ++j) serving[j].insert(values[j]);
      return;
    }
    for (int v = family.parameters[i].minimum; v <= family.parameters[i].maximum; ++v) {
      values.push_back(v);
      self(self);
      values.pop_back();
    }
  };
  visit(visit);
  std::string text;
  for (size_t i = 0; i < serving.size(); ++i) {
    text +=
        fmt::format("{}{} {}", i > 0 ? "; " : "", family.parameters[i].name, ListOf(serving[i]));
  }
  return text;
}

TEST(MultipliersPage, ListsEveryFamilyWithItsParametersAndSource) {
  const std::vector<std::string> rows = TableUnder("Families");
  ASSERT_EQ(rows.size(), MultiplierFamilies().size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const MultiplierFamily& family = MultiplierFamilies()[i];
    const std::vector<std::string> cells = Cells(rows[i]);
    ASSERT_EQ(cells.size(), 5u) << rows[i];
    EXPECT_EQ(cells[0], Spelling(family));
    EXPECT_EQ(cells[2], ValuesAt8Bits(family)) << family.name;
    EXPECT_EQ(cells[4], family.source) << family.name;
  }
}

// Figures.

const ErrorFigures& Figures(const Multiplier& multiplier, int bits) {
  static std::map<std::pair<std::string, int>, ErrorFigures> known;
  const auto [entry, is_new] = known.try_emplace({Text(multiplier), bits});
  if (is_new) {
    const Model model = MakeModel(multiplier, {.bits = bits});
    entry->second = bits <= 12 ? FiguresOfAllPairs(model, bits) : FiguresOf16BitSample(model);
  }
  return entry->second;
}

/// A figure, and its standard error where it comes from a sample.
struct Ours {
  double value;
  double error = 0;
};

/// An absolute error as a share of the largest product, in per cent.
double Normalised(double error, int bits) {
  const double largest = std::ldexp(1.0, bits) - 1;
  return 100 * error / (largest * largest);
}

std::pair<std::string, Ours> ComputeOverPairs(const PublishedFigure& row) {
  const double square = std::ldexp(1.0, 2 * row.bits) / 100;
  const ErrorFigures& f = Figures(row.multiplier, row.bits);
  switch (row.quantity) {
    case Quantity::kMred:
      return {"MRED, %", {f.mred, f.mred_error}};
    case Quantity::kMredOfAll:
      return {"MRED with zeros, %", {f.mred_of_all, f.mred_error}};
    case Quantity::kBias:
      return {"bias, %", {f.bias, f.bias_error}};
    case Quantity::kBiasOfAll:
      return {"bias with zeros, %", {f.bias_of_all, f.bias_error}};
    case Quantity::kDeviation:
      return {"standard deviation, %", {f.deviation, f.deviation_error}};
    case Quantity::kPeak:
      return {"peak, %", {std::max(-f.lowest, f.highest)}};
    case Quantity::kAccuracy:
      return {"100 - MRED, %", {100 - f.mred, f.mred_error}};
    case Quantity::kMed:
      return {"MED", {f.med}};
    case Quantity::kMedPercent:
      return {"MED, % of 2^2n", {f.med / square}};
    case Quantity::kNmed:
      return {"NMED, %", {Normalised(f.med, row.bits), Normalised(f.med_error, row.bits)}};
    case Quantity::kMse:
      return {"MSE", {f.mse}};
    case Quantity::kWce:
      return {"WCE", {f.wce}};
    case Quantity::kWcePercent:
      return {"WCE, % of 2^2n", {f.wce / square}};
    case Quantity::kEp:
      return {"EP, %", {f.ep, f.ep_error}};
    case Quantity::kWithin2Percent:
      return {"pairs off by less than 2 %, %", {f.within_2, f.within_2_error}};
    default:
      throw Error("no such quantity");
  }
}

std::pair<std::string, Ours> Compute(const PublishedFigure& row) {
  const auto [a, b] = row.operands;
  const Model model = MakeModel(row.multiplier, {.bits = row.bits});
  const auto error_of_product = [&, a = a, b = b] {
    const double exact = static_cast<double>(a * b);
    return 100 * std::abs(static_cast<double>(model(a, b)) - exact) / exact;
  };
  const auto adder = [&] { return FiguresOfAdder(model, row.bits, row.multiplier.values.front()); };
  switch (row.quantity) {
    case Quantity::kErrorOfProduct:
      return {fmt::format("error of {}·{}, %", a, b), {error_of_product()}};
    case Quantity::kAccuracyOfProduct:
      return {fmt::format("100 - error of 0x{:03X}·0x{:03X}, %", a, b), {100 - error_of_product()}};
    case Quantity::kAdderEp:
      return {"EP of the adder, %", {adder().ep}};
    case Quantity::kAdderMed:
      return {"MED of the adder", {adder().med}};
    case Quantity::kAdderWce:
      return {"WCE of the adder", {adder().wce}};
    default:
      return ComputeOverPairs(row);
  }
}

/// One of the last digit that is printed: 0.01 of "2.58", 1e6 of "15865.376e9".
double UnitOfLastDigit(std::string_view printed) {
  const std::string number(printed.substr(0, printed.find('e')));
  const size_t point = number.find('.');
  const int decimals = point == std::string::npos ? 0 : static_cast<int>(number.size() - point - 1);
  const int exponent =
      printed.find('e') == std::string::npos ? 0 : std::atoi(printed.data() + number.size() + 1);
  return std::pow(10.0, exponent - decimals);
}

bool Agrees(const PublishedFigure& row, const Ours& ours) {
  const double published = std::atof(std::string(row.published).c_str());
  const double unit = UnitOfLastDigit(row.published), sampling = 3 * ours.error;
  const double difference = std::abs(ours.value - published);
  switch (row.printed) {
    case Printed::kRounded:
      return difference <= unit / 2 + sampling + 1e-9 * unit;
    case Printed::kNearLast:
      return difference <= unit + sampling;
    case Printed::kAtMost:
      return std::abs(ours.value) <= published + sampling;
    case Printed::kExact:
      return difference == 0;
  }
  throw Error("no such way of printing");
}

std::string Show(const Ours& ours, bool percent) {
  if (ours.error > 0) return fmt::format("{:.4f} ± {:.4f}", ours.value, ours.error);
  if (percent) return fmt::format("{:.4f}", ours.value);
  return ours.value < 1e9 ? fmt::format("{}", ours.value)
                          : fmt::format("{:.4f}e9", ours.value / 1e9);
}

TEST(MultipliersPage, ShowsPublishedFiguresBesideOurs) {
  std::vector<std::string> expected;
  for (const PublishedFigure& row : PublishedFigures()) {
    const auto [name, ours] = Compute(row);
    const bool agrees = Agrees(row, ours);
    const std::string shown = Show(ours, name.find('%') != std::string::npos);
    EXPECT_EQ(agrees, row.agrees) << Text(row.multiplier) << ", " << row.bits << " bits, " << name
                                  << ": " << shown << ", published " << row.published;
    EXPECT_TRUE(agrees || !row.note.empty()) << "a disagreement without an explanation";
    const std::string bound = row.printed == Printed::kAtMost ? "at most " : "";
    const std::string note = row.note.empty() ? "" : fmt::format(", ({})", row.note);
    expected.push_back(fmt::format("| `{}` | {} | {} | {}{} | {} | {}{} | {} |",
                                   Text(row.multiplier), row.bits, name, bound, row.published,
                                   shown, agrees ? "yes" : "no", note, row.source));
  }
  ExpectTable("Published figures", expected);
}

/// Its note (l).
TEST(MultipliersPage, TellsWhatTheEtmOfLiu2014Is) {
  const ErrorFigures f =
      FiguresOfAllPairs([](uint64_t a, uint64_t b) { return (a >> 4) * (b >> 4) << 8; }, 8);
  EXPECT_EQ(fmt::format("{:.2f}, {:.2f}, {:.2f}", f.ep, f.mred_of_all, Normalised(f.med, 8)),
            "98.88, 25.21, 2.85");
}

TEST(MultipliersPage, ExplainsEveryNote) {
  std::ifstream page(kPage);
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  std::set<std::string_view> notes;
  for (const PublishedFigure& row : PublishedFigures()) notes.insert(row.note);
  notes.erase("");
  for (const std::string_view note : notes) {
    EXPECT_NE(text.find(fmt::format("\n**({})** ", note)), std::string::npos) << note;
  }
}

TEST(MultipliersPage, ShowsOurFiguresAt8Bits) {
  const std::vector<Multiplier> shown = {
      {"mitchell", {}, {}},     {"mbm", {0}, {}},         {"mbm", {1}, {}},
      {"realm", {4, 0}, {}},    {"realm", {8, 0}, {}},    {"realm", {16, 0}, {}},
      {"alm_soa", {2}, {}},     {"alm_soa", {3}, {}},     {"alm_soa", {4}, {}},
      {"alm_soa", {5}, {}},     {"alm_loa", {2}, {}},     {"alm_loa", {3}, {}},
      {"alm_loa", {4}, {}},     {"alm_loa", {5}, {}},     {"drum", {3}, {}},
      {"drum", {4}, {}},        {"drum", {5}, {}},        {"drum", {6}, {}},
      {"drum", {7}, {}},        {"ssm", {4}, {}},         {"ssm", {5}, {}},
      {"ssm", {6}, {}},         {"essm", {4}, {}},        {"essm", {6}, {}},
      {"tosam", {0, 2}, {}},    {"tosam", {0, 3}, {}},    {"tosam", {1, 5}, {}},
      {"tosam", {2, 6}, {}},    {"tosam", {3, 7}, {}},    {"letam", {3}, {}},
      {"letam", {4}, {}},       {"letam", {5}, {}},       {"letam", {6}, {}},
      {"roba", {}, {}},         {"bam", {4, 0}, {}},      {"bam", {4, 2}, {}},
      {"bam", {8, 2}, {}},      {"truncated", {4}, {}},   {"truncated", {6}, {}},
      {"truncated", {8}, {}},   {"rounded", {6}, {}},     {"rounded", {8}, {}},
      {"rounded", {9}, {}},     {"kulkarni", {}, {}},     {"etm", {}, {}},
      {"low_drop", {2, 2}, {}}, {"low_drop", {3, 3}, {}}, {"low_drop", {4, 4}, {}},
  };
  std::set<std::string> families = {"exact"};
  std::vector<std::string> expected;
  for (const Multiplier& multiplier : shown) {
    families.insert(multiplier.family);
    const ErrorFigures& f = Figures(multiplier, 8);
    expected.push_back(
        fmt::format("| `{}` | {:.4f} | {:.4f} | {:.4f} | {:.2f} to {:.2f} | {:.4f} | {} | {:.3f} |",
                    Text(multiplier), f.mred, f.bias, f.deviation, f.lowest, f.highest,
                    Normalised(f.med, 8), f.wce, f.ep));
  }
  EXPECT_EQ(families.size(), MultiplierFamilies().size());
  ExpectTable("Our figures at 8 bits", expected);
}

}  // namespace
}  // namespace mulberry
