// The table of families, MakeModel's checks, and what holds for every family alike.
#include "mulberry/multipliers/multiplier.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "mulberry/base/error.h"
#include "mulberry/multipliers/test_pairs.h"

namespace mulberry {
namespace {

std::string MessageOf(const Multiplier& multiplier, const OperandKind& operand) {
  try {
    MakeModel(multiplier, operand);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

/// Every family with every choice of parameters that the operand allows.
std::vector<Multiplier> AllMultipliers(const OperandKind& operand) {
  std::vector<Multiplier> all;
  for (const MultiplierFamily& family : MultiplierFamilies()) {
    std::vector<std::vector<int>> choices = {{}};
    for (const Parameter& parameter : family.parameters) {
      std::vector<std::vector<int>> longer;
      for (const std::vector<int>& values : choices) {
        for (int value = parameter.minimum; value <= parameter.maximum; ++value) {
          longer.push_back(values);
          longer.back().push_back(value);
        }
      }
      choices = longer;
    }
    for (const std::vector<int>& values : choices) {
      const Multiplier multiplier{family.name, values, {}};
      if (MessageOf(multiplier, operand) == "no error") all.push_back(multiplier);
    }
  }
  return all;
}

TEST(MultiplierFamilies, AreListedInOrder) {
  std::vector<std::string> names;
  for (const MultiplierFamily& family : MultiplierFamilies()) names.push_back(family.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"exact", "mitchell", "mbm", "realm", "alm_soa", "alm_loa",
                                      "drum", "ssm", "essm", "tosam", "letam", "roba", "bam",
                                      "truncated", "rounded", "kulkarni", "etm", "low_drop"}));
  EXPECT_EQ(FindMultiplierFamily("drum")->name, "drum");
  EXPECT_EQ(FindMultiplierFamily("wallace"), nullptr);
  EXPECT_EQ(FindMultiplierFamily("table"), nullptr);
}

TEST(MultiplierFamilies, LogarithmicOnesTruncateFloatsAsApproxTrainDoes) {
  const std::set<std::string> logarithmic = {"mitchell", "mbm", "realm", "alm_soa", "alm_loa"};
  for (const MultiplierFamily& family : MultiplierFamilies()) {
    const bool truncates = logarithmic.contains(family.name);
    EXPECT_EQ(family.float_rounding, truncates ? Rounding::kTowardZero : Rounding::kNearestEven)
        << family.name;
    EXPECT_EQ(family.float_result, truncates ? ResultRounding::kZero : ResultRounding::kFull)
        << family.name;
  }
}

TEST(MakeModel, RefusesWhatIsUnknownOrDoesNotFit) {
  EXPECT_EQ(MessageOf({"mitchel", {}, {}}, {}),
            "unknown multiplier \"mitchel\"; did you mean \"mitchell\"?");
  EXPECT_EQ(
      MessageOf({"wallace", {}, {}}, {}),
      "unknown multiplier \"wallace\"; known are table, c, verilog, noise, exact, mitchell, mbm, "
      "realm, alm_soa, alm_loa, drum, ssm, essm, tosam, letam, roba, bam, truncated, rounded, "
      "kulkarni, "
      "etm, "
      "low_drop");
  EXPECT_EQ(MessageOf({"drum", {}, {}}, {}), "drum takes 1 parameters, not 0");
  EXPECT_EQ(MessageOf({"drum", {2}, {}}, {}), "drum's k is 2: it is from 3 to 24");
  EXPECT_EQ(MessageOf({"exact", {}, {}}, {.bits = 0}), "operands have 1 to 24 bits, not 0");
  EXPECT_EQ(MessageOf({"exact", {}, {}}, {.bits = 25}), "operands have 1 to 24 bits, not 25");
  EXPECT_THROW(MakeModel({}, {.bits = 8}, {.bits = 25}), UsageError);
}

TEST(MakeModel, RefusesParametersThatDoNotFitAndSaysWhichDo) {
  struct Case {
    Multiplier multiplier;
    int bits;
    std::string message;
  };
  const std::vector<Case> cases = {
      {{"drum", {9}, {}}, 8, "drum's k is 9: operands of 8 bits allow 3 to 8"},
      {{"drum", {3}, {}}, 2, "drum needs operands of 3 bits or more, not 2"},
      {{"mbm", {7}, {}}, 8, "mbm's t is 7: operands of 8 bits allow 0 to 6"},
      {{"mbm", {1}, {}}, 1, "mbm's t is 1: operands of 1 bits allow 0 to 0"},
      {{"realm", {5, 0}, {}}, 8, "realm's m is 5: it is 4, 8 or 16"},
      {{"realm", {4, 10}, {}}, 16, "realm's t is 10: operands of 16 bits allow 0 to 9"},
      {{"realm", {4, 1}, {}}, 5, "realm's t is 1: operands of 5 bits allow 0 to 0"},
      {{"alm_soa", {8}, {}}, 8, "alm_soa's m is 8: operands of 8 bits allow 0 to 7"},
      {{"alm_loa", {12}, {}}, 11, "alm_loa's m is 12: operands of 11 bits allow 0 to 10"},
      {{"ssm", {3}, {}}, 8, "ssm's m is 3: operands of 8 bits allow 4 to 7"},
      {{"ssm", {5}, {}}, 11, "ssm's m is 5: operands of 11 bits allow 6 to 10"},
      {{"ssm", {1}, {}}, 1, "ssm needs operands of 2 bits or more, not 1"},
      {{"essm", {5}, {}}, 8, "essm's m is 5: operands of 8 bits allow 4, 6"},
      {{"essm", {5}, {}}, 11, "essm's m is 5: operands of 11 bits allow 7, 9"},
      {{"essm", {2}, {}}, 3, "essm needs operands of 4 bits or more, not 3"},
      {{"tosam", {1, 8}, {}}, 8, "tosam's h is 8: operands of 8 bits allow 1 to 7"},
      {{"tosam", {3, 3}, {}}, 8, "tosam's t is 3: h=3 allows 0 to 2"},
      {{"tosam", {0, 1}, {}}, 1, "tosam needs operands of 2 bits or more, not 1"},
      {{"letam", {9}, {}}, 8, "letam's k is 9: operands of 8 bits allow 2 to 8"},
      {{"letam", {2}, {}}, 1, "letam needs operands of 2 bits or more, not 1"},
      {{"bam", {15, 0}, {}}, 8, "bam's v is 15: operands of 8 bits allow 0 to 14"},
      {{"bam", {0, 8}, {}}, 8, "bam's h is 8: operands of 8 bits allow 0 to 7"},
      {{"truncated", {7}, {}}, 4, "truncated's v is 7: operands of 4 bits allow 0 to 6"},
      {{"rounded", {15}, {}}, 8, "rounded's v is 15: operands of 8 bits allow 0 to 14"},
      {{"low_drop", {9, 0}, {}}, 8, "low_drop's p is 9: operands of 8 bits allow 0 to 8"},
      {{"low_drop", {0, 9}, {}}, 8, "low_drop's q is 9: operands of 8 bits allow 0 to 8"},
  };
  for (const Case& c : cases) EXPECT_EQ(MessageOf(c.multiplier, {.bits = c.bits}), c.message);
}

TEST(EveryFamily, ServesAllWidthsFrom4To24) {
  for (int n = 4; n <= 24; ++n) {
    std::set<std::string> serving;
    for (const Multiplier& multiplier : AllMultipliers({n, true, 0})) {
      serving.insert(multiplier.family);
    }
    EXPECT_EQ(serving.size(), MultiplierFamilies().size()) << n;
  }
}

// n bits times n bits never gives more than 2n, whatever the parameters. Zero times anything is
// zero, but in ETM's circuit.
TEST(EveryModel, ProductsHaveTwiceTheBits) {
  for (int n = 1; n <= 6; ++n) {
    for (const int dropped_bits : {0, 1}) {
      const OperandKind operand{n, false, dropped_bits};
      for (const Multiplier& multiplier : AllMultipliers(operand)) {
        const Model model = MakeModel(multiplier, operand);
        for (uint64_t a = 0; a < uint64_t{1} << n; ++a) {
          for (uint64_t b = 0; b < uint64_t{1} << n; ++b) {
            const uint64_t product = model(a, b);
            ASSERT_EQ(product >> 2 * n, 0u) << Text(multiplier) << " " << a << " " << b;
            if ((a == 0 || b == 0) && multiplier.family != "etm") {
              ASSERT_EQ(product, 0u) << Text(multiplier) << " " << a << " " << b;
            }
          }
        }
      }
    }
  }
}

TEST(EveryModel, ProductsHaveTwiceTheBitsForWideOperands) {
  std::mt19937_64 random(1);
  for (const int n : {8, 11, 16, 24}) {
    const OperandKind operand{n, false, 0};
    const uint64_t largest = (uint64_t{1} << n) - 1;
    for (const Multiplier& multiplier : AllMultipliers(operand)) {
      const Model model = MakeModel(multiplier, operand);
      ASSERT_EQ(model(largest, largest) >> 2 * n, 0u) << Text(multiplier);
      for (int i = 0; i < 300; ++i) {
        // Near the largest operands, where sums of fractions are largest.
        const uint64_t a = largest - (random() & largest) / 8,
                       b = largest - (random() & largest) / 8;
        ASSERT_EQ(model(a, b) >> 2 * n, 0u) << Text(multiplier) << " " << a << " " << b;
        ASSERT_EQ(model(a, 1) >> 2 * n, 0u) << Text(multiplier) << " " << a;
        if (multiplier.family != "etm") {
          ASSERT_EQ(model(a, 0), 0u) << Text(multiplier) << " " << a;
          ASSERT_EQ(model(0, a), 0u) << Text(multiplier) << " " << a;
        }
      }
    }
  }
}

TEST(EveryModel, CommutesUnlessItsParametersTellTheOperandsApart) {
  const auto symmetric = [](const Multiplier& multiplier, int n) {
    // From v = n on, a bit of a has no rounding bit of the top bit of b.
    if (multiplier.family == "rounded") return multiplier.values[0] < n;
    if (multiplier.family == "bam") return multiplier.values[1] == 0;
    if (multiplier.family == "low_drop") return multiplier.values[0] == multiplier.values[1];
    return true;
  };
  for (const int n : {4, 5}) {
    for (const Multiplier& multiplier : AllMultipliers({.bits = n})) {
      const Model model = MakeModel(multiplier, {.bits = n});
      bool commutes = true;
      for (uint64_t a = 0; a < uint64_t{1} << n; ++a) {
        for (uint64_t b = 0; b < a; ++b) commutes = commutes && model(a, b) == model(b, a);
      }
      if (symmetric(multiplier, n)) {
        EXPECT_TRUE(commutes) << Text(multiplier);
      }
    }
  }
  // What does not commute: the first operand is the first.
  EXPECT_EQ(MakeModel({"bam", {0, 1}, {}}, {.bits = 4})(2, 1), 0u);
  EXPECT_EQ(MakeModel({"bam", {0, 1}, {}}, {.bits = 4})(1, 2), 2u);
  EXPECT_EQ(MakeModel({"low_drop", {2, 1}, {}}, {.bits = 4})(2, 1), 0u);
  EXPECT_EQ(MakeModel({"low_drop", {2, 1}, {}}, {.bits = 4})(1, 2), 2u);
}

TEST(Exact, IsTheProduct) {
  const Model model = MakeModel({"exact", {}, {}}, {.bits = 24});
  EXPECT_EQ(model(0, 5), 0u);
  EXPECT_EQ(model(3, 5), 15u);
  EXPECT_EQ(model(0xffffff, 0xffffff), 0xfffffe000001u);
}

TEST(ResultRounding, HasNames) {
  EXPECT_EQ(Name(ResultRounding::kFull), "full");
  EXPECT_EQ(Name(ResultRounding::kNearest), "nearest");
  EXPECT_EQ(Name(ResultRounding::kZero), "zero");
}

}  // namespace
}  // namespace mulberry
