#include "mulberry/analysis/distribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "mulberry/analysis/error_metrics.h"
#include "mulberry/analysis/test_models.h"
#include "mulberry/base/error.h"
#include "mulberry/base/random.h"

namespace mulberry {
namespace {

ErrorSubject Subject(OperandSets set, int a_bits, int b_bits) {
  ErrorSubject subject{"test", set, a_bits, b_bits, {}};
  // 1 too much where a is 1, 3 too little where b is 2.
  subject.approx = [](int64_t a, int64_t b) { return a * b + (a == 1) - 3 * (b == 2); };
  return subject;
}

ErrorMetrics Measure(const ErrorSubject& subject, const Distribution& distribution) {
  ErrorOptions options;
  options.distribution = distribution;
  return MeasureErrors(subject, options);
}

TEST(Distribution, Ranges) {
  EXPECT_EQ(RangeOf(OperandSet::kUnsigned, 8).lowest, 0);
  EXPECT_EQ(RangeOf(OperandSet::kUnsigned, 8).highest(), 255);
  EXPECT_EQ(RangeOf(OperandSet::kSigned, 8).lowest, -128);
  EXPECT_EQ(RangeOf(OperandSet::kSigned, 8).highest(), 127);
  EXPECT_EQ(RangeOf(OperandSet::kSignificand, 8).lowest, 128);
  EXPECT_EQ(RangeOf(OperandSet::kSignificand, 8).highest(), 255);
}

TEST(Distribution, MeasuredByHand) {
  // a is 1 in one of four products, b is 2 in one of five; errors 1, -3 and, both, -2.
  const ErrorMetrics metrics = Measure(Subject(OperandSet::kUnsigned, 2, 2),
                                       {Measured{{0, 1, 0, 3}}, Measured{{0, 4, 1, 0}}, {}});
  EXPECT_EQ(metrics.distribution, "measured");
  EXPECT_EQ(metrics.pairs, 4);
  EXPECT_DOUBLE_EQ(metrics.med.value, (1 * 4 + 2 * 1 + 3 * 3) / 20.0);
  EXPECT_DOUBLE_EQ(metrics.ep_pct.value, 100 * 8 / 20.0);
  EXPECT_DOUBLE_EQ(metrics.mred_pct.value, 100 * (1 * 4 + 2 / 2.0 + 3 / 6.0 * 3) / 20);
  EXPECT_EQ(metrics.wce.value, 3);
  EXPECT_EQ(metrics.wce.a, 3);
}

TEST(Distribution, JointByHand) {
  // Only (1, 0), three times, and (1, 2), once.
  const ErrorMetrics metrics = Measure(Subject(OperandSet::kUnsigned, 1, 2),
                                       {Uniform{}, Uniform{}, {0, 0, 0, 0, 3, 0, 1, 0}});
  EXPECT_EQ(metrics.distribution, "measured, joint");
  EXPECT_EQ(metrics.pairs, 2);
  EXPECT_DOUBLE_EQ(metrics.med.value, (3 * 1 + 2) / 4.0);
  EXPECT_DOUBLE_EQ(metrics.bias_pct.value, -100);  // -2 of 2; the others' product is 0.
}

TEST(Distribution, EachOperandHasItsSign) {
  // a is 0 to 3 and 3 alone occurs, b is -2 to 1 and -2 alone: one pair, exact.
  const ErrorSubject subject = Subject({OperandSet::kUnsigned, OperandSet::kSigned}, 2, 2);
  const ErrorMetrics metrics =
      Measure(subject, {Measured{{0, 0, 0, 1}}, Measured{{1, 0, 0, 0}}, {}});
  EXPECT_EQ(metrics.pairs, 1);
  EXPECT_EQ(metrics.med.value, 0);
  EXPECT_EQ(subject.max_product(), 6);
  EXPECT_EQ(Name(subject.operands), "unsigned x signed");
}

TEST(Distribution, JointOfIndependentOperandsIsThePairOfThem) {
  const ErrorSubject subject = Library("mitchell", {}, 4);
  Distribution marginals;
  Measured a, b;
  for (uint64_t i = 0; i < 16; ++i) {
    a.counts.push_back(i % 5);
    b.counts.push_back(i * i);
  }
  Distribution joint;
  for (const uint64_t x : a.counts) {
    for (const uint64_t y : b.counts) joint.joint.push_back(x * y);
  }
  const ErrorMetrics of_joint = Measure(subject, joint),
                     of_marginals = Measure(subject, {a, b, {}});
  EXPECT_GT(of_joint.mred_pct.value, 1);
  EXPECT_EQ(of_joint.mred_pct.value, of_marginals.mred_pct.value);
  EXPECT_EQ(of_joint.mse.value, of_marginals.mse.value);
  EXPECT_EQ(of_joint.pairs, of_marginals.pairs);
}

TEST(Distribution, NormalWeightsByTable) {
  // Φ(0.5) = 0.6914625, Φ(1.5) = 0.9331928, from tables.
  const std::vector<double> weights = Weights(Normal{0, 1}, RangeOf(OperandSet::kSigned, 2));
  ASSERT_EQ(weights.size(), 4u);
  EXPECT_NEAR(weights[0], 1 - 0.9331928, 1e-7);  // -2 and all below.
  EXPECT_NEAR(weights[1], 0.9331928 - 0.6914625, 1e-7);
  EXPECT_NEAR(weights[2], 2 * 0.6914625 - 1, 1e-7);
  EXPECT_NEAR(weights[3], 1 - 0.6914625, 1e-7);  // 1 and all above.
  const std::vector<double> wide = Weights(Normal{100.3, 40}, RangeOf(OperandSet::kUnsigned, 8));
  EXPECT_NEAR(std::accumulate(wide.begin(), wide.end(), 0.0), 1, 1e-14);
}

TEST(Distribution, SamplesFollowTheWeights) {
  Measured measured;
  for (uint64_t i = 0; i < 16; ++i) measured.counts.push_back(i % 3 * i);
  const OperandRange range = RangeOf(OperandSet::kSigned, 4);
  const RandomStream random{7, 0};
  for (const OperandDistribution& distribution :
       {OperandDistribution(Uniform{}), OperandDistribution(Normal{1.7, 3}),
        OperandDistribution(measured)}) {
    constexpr int kSamples = 200000;
    const OperandSampler draw(distribution, range);
    std::vector<int> drawn(16);
    for (uint64_t i = 0; i < kSamples; ++i) {
      const int64_t value = draw(uint64_t{random.At(2 * i)} << 32 | random.At(2 * i + 1));
      ASSERT_GE(value, range.lowest);
      ASSERT_LE(value, range.highest());
      ++drawn[static_cast<size_t>(value - range.lowest)];
    }
    const std::vector<double> weights = Weights(distribution, range);
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (size_t i = 0; i < weights.size(); ++i) {
      const double expected = kSamples * weights[i] / total;
      EXPECT_NEAR(drawn[i], expected, 5 * std::sqrt(expected)) << Describe({distribution, {}, {}});
    }
  }
}

TEST(Distribution, ExtremesOfTheRandomNumbersStayInTheRange) {
  for (const OperandDistribution& distribution :
       {OperandDistribution(Uniform{}), OperandDistribution(Normal{0, 1e9}),
        OperandDistribution(Measured{{0, 2, 0, 1}})}) {
    const OperandSampler draw(distribution, RangeOf(OperandSet::kSigned, 2));
    for (const uint64_t random : {uint64_t{0}, ~uint64_t{0}, ~uint64_t{0} << 32}) {
      EXPECT_GE(draw(random), -2);
      EXPECT_LE(draw(random), 1);
    }
  }
  const OperandSampler draw(Measured{{0, 2, 0, 1}}, RangeOf(OperandSet::kUnsigned, 2));
  EXPECT_EQ(draw(0), 1);
  EXPECT_EQ(draw(~uint64_t{0}), 3);
}

TEST(Distribution, CountsPairsThatOccur) {
  const ErrorSubject subject = Subject(OperandSet::kUnsigned, 2, 3);
  EXPECT_EQ(CountPairs({}, subject), 32);
  EXPECT_EQ(CountPairs({Measured{{0, 1, 0, 9}}, Uniform{}, {}}, subject), 16);
  EXPECT_EQ(CountPairs({Normal{0, 1}, Uniform{}, {}}, subject), 32);
}

TEST(Distribution, Descriptions) {
  EXPECT_EQ(Describe({}), "uniform");
  EXPECT_EQ(Describe({Normal{128, 40.5}, Measured{{1}}, {}}),
            "a normal(mean 128, deviation 40.5), b measured");
}

std::string Refusal(const ErrorSubject& subject, const Distribution& distribution) {
  try {
    CheckDistribution(distribution, subject);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Distribution, RefusesWhatDoesNotFit) {
  const ErrorSubject subject = Subject(OperandSet::kSigned, 2, 3);
  EXPECT_EQ(Refusal(subject, {}), "accepted");
  EXPECT_EQ(Refusal(subject, {Uniform{}, Measured{{1, 2, 3}}, {}}),
            "test: the histogram of b has 3 counts; signed operands of 3 bits need 8");
  EXPECT_EQ(Refusal(subject, {Uniform{}, Uniform{}, {1}}),
            "test: the histogram of pairs has 1 counts; signed operands of 2 and 3 bits need 32");
  EXPECT_EQ(Refusal(subject, {Measured{{0, 0, 0, 0}}, Uniform{}, {}}),
            "test: the histogram of a is all zero");
  EXPECT_EQ(Refusal(subject, {Measured{{uint64_t{1} << 53, 0, 0, 1}}, Uniform{}, {}}),
            "test: the histogram of a counts more than 2^53");
  EXPECT_EQ(Refusal(subject, {Measured{{~uint64_t{0}, 1, 0, 0}}, Uniform{}, {}}),
            "test: the histogram of a counts more than 2^53");
  EXPECT_EQ(Refusal(subject, {Normal{0, 0}, Uniform{}, {}}),
            "test: operand a is to have the mean 0 and the standard deviation 0; both must be "
            "finite, and the latter above 0");
  EXPECT_EQ(Refusal(subject, {Uniform{}, Normal{INFINITY, 1}, {}}),
            "test: operand b is to have the mean inf and the standard deviation 1; both must be "
            "finite, and the latter above 0");
  EXPECT_EQ(Refusal(Subject(OperandSet::kSignificand, 2, 2), {Normal{3, 1}, Uniform{}, {}}),
            "test: a normal distribution is of integer operands, and these are significands; "
            "measure their histogram, or use a uniform one");
}

}  // namespace
}  // namespace mulberry
