// The table of families, MakeModel's checks, and what holds for every family alike.
#include "mulberry/multipliers/multiplier.h"

#include <gtest/gtest.h>

#include <random>

#include "mulberry/base/error.h"

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

/// Every family with every choice of parameters that n-bit operands allow.
std::vector<Multiplier> AllMultipliers(const OperandKind& operand) {
  std::vector<Multiplier> all;
  for (const MultiplierFamily& family : MultiplierFamilies()) {
    if (family.parameters.empty()) {
      all.push_back({family.name, {}, {}});
      continue;
    }
    const Parameter& parameter = family.parameters.front();
    for (int value = parameter.minimum; value <= parameter.maximum; ++value) {
      const Multiplier multiplier{family.name, {value}, {}};
      if (MessageOf(multiplier, operand) == "no error") all.push_back(multiplier);
    }
  }
  return all;
}

TEST(MultiplierFamilies, AreListedInOrder) {
  std::vector<std::string> names;
  for (const MultiplierFamily& family : MultiplierFamilies()) names.push_back(family.name);
  EXPECT_EQ(names, (std::vector<std::string>{"exact", "mitchell", "mbm", "drum"}));
  EXPECT_EQ(FindMultiplierFamily("drum")->name, "drum");
  EXPECT_EQ(FindMultiplierFamily("wallace"), nullptr);
  EXPECT_EQ(FindMultiplierFamily("table"), nullptr);
}

TEST(MultiplierFamilies, LogarithmicOnesTruncateFloatsAsApproxTrainDoes) {
  for (const char* name : {"exact", "drum"}) {
    EXPECT_EQ(FindMultiplierFamily(name)->float_rounding, Rounding::kNearestEven) << name;
    EXPECT_EQ(FindMultiplierFamily(name)->float_result, ResultRounding::kFull) << name;
  }
  for (const char* name : {"mitchell", "mbm"}) {
    EXPECT_EQ(FindMultiplierFamily(name)->float_rounding, Rounding::kTowardZero) << name;
    EXPECT_EQ(FindMultiplierFamily(name)->float_result, ResultRounding::kZero) << name;
  }
}

TEST(MakeModel, RefusesWhatIsUnknownOrDoesNotFit) {
  EXPECT_EQ(MessageOf({"mitchel", {}, {}}, {}),
            "unknown multiplier \"mitchel\"; did you mean \"mitchell\"?");
  EXPECT_EQ(MessageOf({"wallace", {}, {}}, {}),
            "unknown multiplier \"wallace\"; known are table, exact, mitchell, mbm, drum");
  EXPECT_EQ(MessageOf({"drum", {}, {}}, {}), "drum takes 1 parameters, not 0");
  EXPECT_EQ(MessageOf({"drum", {2}, {}}, {}), "drum's k is 2: it is from 3 to 24");
  EXPECT_EQ(MessageOf({"drum", {9}, {}}, {.bits = 8}),
            "drum's k is 9: operands of 8 bits allow 3 to 8");
  EXPECT_EQ(MessageOf({"drum", {3}, {}}, {.bits = 2}),
            "drum needs operands of 3 bits or more, not 2");
  EXPECT_EQ(MessageOf({"mbm", {7}, {}}, {.bits = 8}),
            "mbm's t is 7: operands of 8 bits allow 0 to 6");
  EXPECT_EQ(MessageOf({"mbm", {1}, {}}, {.bits = 1}),
            "mbm's t is 1: operands of 1 bits allow 0 to 0");
  EXPECT_EQ(MessageOf({"exact", {}, {}}, {.bits = 0}), "operands have 1 to 24 bits, not 0");
  EXPECT_EQ(MessageOf({"exact", {}, {}}, {.bits = 25}), "operands have 1 to 24 bits, not 25");
}

// n bits times n bits never gives more than 2n, whatever the parameters; zero times anything is
// zero.
TEST(EveryModel, ProductsHaveTwiceTheBits) {
  for (int n = 1; n <= 7; ++n) {
    for (const int dropped_bits : {0, 1}) {
      const OperandKind operand{n, false, dropped_bits};
      for (const Multiplier& multiplier : AllMultipliers(operand)) {
        const Model model = MakeModel(multiplier, operand);
        for (uint64_t a = 0; a < uint64_t{1} << n; ++a) {
          for (uint64_t b = 0; b < uint64_t{1} << n; ++b) {
            const uint64_t product = model(a, b);
            ASSERT_EQ(product >> 2 * n, 0u) << multiplier.family << " " << a << " " << b;
            if (a == 0 || b == 0) {
              ASSERT_EQ(product, 0u) << multiplier.family << " " << a << " " << b;
            }
          }
        }
      }
    }
  }
}

TEST(EveryModel, ProductsHaveTwiceTheBitsForWideOperands) {
  std::mt19937_64 random(1);
  for (const int n : {8, 16, 23, 24}) {
    const OperandKind operand{n, false, 0};
    const uint64_t largest = (uint64_t{1} << n) - 1;
    for (const Multiplier& multiplier : AllMultipliers(operand)) {
      const Model model = MakeModel(multiplier, operand);
      ASSERT_EQ(model(largest, largest) >> 2 * n, 0u) << multiplier.family;
      for (int i = 0; i < 2000; ++i) {
        // Near the largest operands, where sums of fractions are largest.
        const uint64_t a = largest - (random() & largest) / 8,
                       b = largest - (random() & largest) / 8;
        ASSERT_EQ(model(a, b) >> 2 * n, 0u) << multiplier.family << " " << a << " " << b;
      }
    }
  }
}

TEST(EveryModel, IsNearTheExactProductForWideOperands) {
  std::mt19937_64 random(2);
  for (const char* family : {"exact", "mitchell", "mbm", "drum"}) {
    const std::vector<int> values = family == std::string("mbm")    ? std::vector<int>{0}
                                    : family == std::string("drum") ? std::vector<int>{8}
                                                                    : std::vector<int>{};
    const Model model = MakeModel({family, values, {}}, {.bits = 24});
    for (int i = 0; i < 10000; ++i) {
      const uint64_t a = 1 + random() % 0xffffff, b = 1 + random() % 0xffffff;
      const double ratio = static_cast<double>(model(a, b)) / static_cast<double>(a * b);
      ASSERT_NEAR(ratio, 1, 1.0 / 9 + 1e-9) << family << " " << a << " " << b;
    }
  }
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
