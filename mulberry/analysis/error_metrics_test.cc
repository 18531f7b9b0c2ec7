// Expected values are counted by hand, follow from closed forms, or were published.
#include "mulberry/analysis/error_metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <string>

#include "mulberry/analysis/test_models.h"
#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"

namespace mulberry {
namespace {

/// Kulkarni's 2 × 2 bits: exact but for 3·3 = 7.
ErrorSubject TwoBitBlock() {
  ErrorSubject subject{"block", OperandSet::kUnsigned, 2, 2, {}};
  subject.approx = [](int64_t a, int64_t b) { return a == 3 && b == 3 ? 7 : a * b; };
  return subject;
}

ErrorSubject WithSet(OperandSet set, int a_bits, int b_bits,
                     std::function<int64_t(int64_t, int64_t)> approx) {
  return {"test", set, a_bits, b_bits, std::move(approx)};
}

ErrorMetrics Measure(const ErrorSubject& subject, const ErrorConventions& conventions = {}) {
  ErrorOptions options;
  options.conventions = conventions;
  return MeasureErrors(subject, options);
}

const ErrorConventions kAllPairs = {ZeroProducts::kCountedAsExact, ErrorScale::kAbsolute,
                                    NmedDivisor::kMaxProduct};

TEST(ErrorMetrics, TwoBitBlockByHand) {
  const ErrorMetrics metrics = Measure(TwoBitBlock());
  EXPECT_TRUE(metrics.exhaustive);
  EXPECT_EQ(metrics.pairs, 16);
  EXPECT_EQ(metrics.distribution, "uniform");
  EXPECT_EQ(metrics.conventions, ErrorConventions{});
  EXPECT_DOUBLE_EQ(metrics.med.value, 2 / 16.0);
  EXPECT_DOUBLE_EQ(metrics.med.low, metrics.med.value);
  EXPECT_DOUBLE_EQ(metrics.med.high, metrics.med.value);
  EXPECT_DOUBLE_EQ(metrics.nmed.value, 2 / 16.0 / 9);
  EXPECT_DOUBLE_EQ(metrics.mse.value, 4 / 16.0);
  EXPECT_DOUBLE_EQ(metrics.ep_pct.value, 6.25);
  EXPECT_EQ(metrics.wce.value, 2);
  EXPECT_EQ(metrics.wce.a, 3);
  EXPECT_EQ(metrics.wce.b, 3);
  EXPECT_EQ(metrics.wce.exact, 9);
  EXPECT_EQ(metrics.wce.approx, 7);
  // One relative error, -2/9, among nine pairs with a nonzero product.
  EXPECT_DOUBLE_EQ(metrics.mred_pct.value, 100 * 2 / 81.0);
  EXPECT_DOUBLE_EQ(metrics.bias_pct.value, -100 * 2 / 81.0);
  EXPECT_DOUBLE_EQ(metrics.std_pct, 100 * 4 * std::sqrt(2) / 81);
  EXPECT_DOUBLE_EQ(metrics.wcre_pct.value, 100 * 2 / 9.0);
  EXPECT_EQ(metrics.wcre_pct.a, 3);
}

TEST(ErrorMetrics, Conventions) {
  const ErrorMetrics all = Measure(TwoBitBlock(), kAllPairs);
  EXPECT_DOUBLE_EQ(all.mred_pct.value, 100 * 2 / 9.0 / 16);
  EXPECT_DOUBLE_EQ(all.bias_pct.value, -100 * 2 / 9.0 / 16);
  EXPECT_DOUBLE_EQ(all.std_pct, 100 * 2 / 9.0 * std::sqrt(15) / 16);

  const ErrorMetrics of_range = Measure(
      TwoBitBlock(), {ZeroProducts::kLeftOut, ErrorScale::kPercentOfRange, NmedDivisor::kRange});
  EXPECT_DOUBLE_EQ(of_range.med.value, 100 * 2 / 16.0 / 16);
  EXPECT_DOUBLE_EQ(of_range.wce.value, 100 * 2 / 16.0);
  EXPECT_DOUBLE_EQ(of_range.nmed.value, 2 / 16.0 / 16);
  EXPECT_DOUBLE_EQ(of_range.mse.value, 4 / 16.0);

  const ErrorMetrics of_product =
      Measure(TwoBitBlock(),
              {ZeroProducts::kLeftOut, ErrorScale::kPercentOfMaxProduct, NmedDivisor::kMaxProduct});
  EXPECT_DOUBLE_EQ(of_product.med.value, 100 * 2 / 16.0 / 9);
  EXPECT_DOUBLE_EQ(of_product.wce.value, 100 * 2 / 9.0);
}

TEST(ErrorMetrics, AsymmetricTableByHand) {
  // a of 2 bits, b of 1 bit; products 0 0, 0 1, 0 2, 0 3.
  constexpr std::array<std::array<int64_t, 2>, 4> kTable = {{{5, 0}, {0, 2}, {0, 1}, {0, 3}}};
  const ErrorMetrics metrics =
      Measure(WithSet(OperandSet::kUnsigned, 2, 1, [&kTable](int64_t a, int64_t b) {
        return kTable[static_cast<size_t>(a)][static_cast<size_t>(b)];
      }));
  EXPECT_EQ(metrics.pairs, 8);
  EXPECT_DOUBLE_EQ(metrics.med.value, 7 / 8.0);
  EXPECT_DOUBLE_EQ(metrics.nmed.value, 7 / 8.0 / 3);
  EXPECT_DOUBLE_EQ(metrics.mse.value, 27 / 8.0);
  EXPECT_DOUBLE_EQ(metrics.ep_pct.value, 100 * 3 / 8.0);
  EXPECT_EQ(metrics.wce.value, 5);  // Of a zero product, which has no relative error.
  EXPECT_EQ(metrics.wce.a, 0);
  EXPECT_EQ(metrics.wce.b, 0);
  EXPECT_DOUBLE_EQ(metrics.mred_pct.value, 100 * (1 + 0.5) / 3);
  EXPECT_DOUBLE_EQ(metrics.bias_pct.value, 100 * (1 - 0.5) / 3);
  EXPECT_DOUBLE_EQ(metrics.wcre_pct.value, 100);
  EXPECT_EQ(metrics.wcre_pct.a, 1);
  EXPECT_EQ(metrics.wcre_pct.approx, 2);
}

TEST(ErrorMetrics, SignedByHand) {
  // One too much everywhere; operands -2, -1, 0, 1.
  const ErrorMetrics metrics =
      Measure(WithSet(OperandSet::kSigned, 2, 2, [](int64_t a, int64_t b) { return a * b + 1; }));
  EXPECT_EQ(metrics.pairs, 16);
  EXPECT_DOUBLE_EQ(metrics.med.value, 1);
  EXPECT_DOUBLE_EQ(metrics.nmed.value, 1 / 4.0);  // (-2)·(-2).
  EXPECT_DOUBLE_EQ(metrics.ep_pct.value, 100);
  // Relative errors 1/(a·b) over nine pairs: (1/2 + 1 + 1)² of magnitudes, (-1/2 - 1 + 1)² signed.
  EXPECT_DOUBLE_EQ(metrics.mred_pct.value, 100 * 6.25 / 9);
  EXPECT_DOUBLE_EQ(metrics.bias_pct.value, 100 * 0.25 / 9);
  EXPECT_EQ(metrics.wcre_pct.value, 100);
  EXPECT_EQ(metrics.wcre_pct.a, -1);  // The first of four.
  EXPECT_EQ(metrics.wcre_pct.b, -1);
}

TEST(ErrorMetrics, SignAndMagnitudeHasTheErrorsOfTheMagnitudes) {
  const Model model = MakeModel(Multiplier{"mitchell", {}, ""}, OperandKind{8});
  const ErrorMetrics metrics = Measure(IntegerSubject(
      "mitchell", IntegerMultiplier(model, IntegerFormat{8, true}, SignHandling::kMagnitude)));
  // From the model: each pair of magnitudes below 128 but 0 stands for four, those with 128 for
  // less.
  double sum = 0;
  for (int a = -128; a < 128; ++a) {
    for (int b = -128; b < 128; ++b) {
      if (a == 0 || b == 0) continue;
      const double exact = std::abs(a * b);
      sum += (exact - static_cast<double>(model(static_cast<uint64_t>(std::abs(a)),
                                                static_cast<uint64_t>(std::abs(b))))) /
             exact;
    }
  }
  EXPECT_NEAR(metrics.mred_pct.value, 100 * sum / (255 * 255), 1e-10);
  EXPECT_NEAR(metrics.bias_pct.value, -metrics.mred_pct.value, 1e-10);  // Towards zero, always.
  EXPECT_DOUBLE_EQ(metrics.wcre_pct.value, 100 / 9.0);
}

TEST(ErrorMetrics, SignificandsByHand) {
  // Significands 1 and 1.5 with Mitchell: only 1.5·1.5 = 2.25 is not exact, but 2.
  const FloatMultiplier multiplier(MakeModel(Multiplier{"mitchell", {}, ""}, {2, true}), 1,
                                   ResultRounding::kFull);
  const ErrorMetrics metrics = Measure(SignificandSubject("mitchell@float(8,1)", multiplier));
  EXPECT_EQ(metrics.pairs, 4);
  EXPECT_DOUBLE_EQ(metrics.med.value, 0.25 / 4);
  EXPECT_DOUBLE_EQ(metrics.mse.value, 0.0625 / 4);
  EXPECT_DOUBLE_EQ(metrics.nmed.value, 0.25 / 4 / 2.25);
  EXPECT_DOUBLE_EQ(metrics.wce.value, 0.25);
  EXPECT_EQ(metrics.wce.a, 3);
  EXPECT_DOUBLE_EQ(metrics.mred_pct.value, 100 / 9.0 / 4);
  EXPECT_DOUBLE_EQ(metrics.wcre_pct.value, 100 / 9.0);
}

TEST(ErrorMetrics, ArithmeticsAreNamedByTheirSpecification) {
  const ErrorSubject floats = SubjectOf(ParseArithmetic("exact@bf16+result=nearest"));
  EXPECT_EQ(floats.name, "exact@bf16+result=nearest");
  EXPECT_EQ(floats.operands, OperandSet::kSignificand);
  EXPECT_EQ(floats.a_bits, 8);
  const ErrorMetrics rounded = Measure(floats);
  // Rounding to 8 significant bits: at most half a unit in the last place, and hardly ever none.
  EXPECT_LE(rounded.wcre_pct.value, 100 / 256.0);
  EXPECT_GT(rounded.wcre_pct.value, 100 / 260.0);
  EXPECT_EQ(Measure(SubjectOf(ParseArithmetic("exact@bf16"))).ep_pct.value, 0);

  const ErrorSubject integers = SubjectOf(ParseArithmetic("mitchell@int8"));
  EXPECT_EQ(integers.name, "mitchell@int8");
  EXPECT_EQ(integers.operands, OperandSet::kSigned);

  const ErrorSubject mixed = SubjectOf(ParseArithmetic("mitchell@uint8xint4"));
  EXPECT_EQ(mixed.operands, OperandSets(OperandSet::kUnsigned, OperandSet::kSigned));
  EXPECT_EQ(mixed.a_bits, 8);
  EXPECT_EQ(mixed.b_bits, 4);
  EXPECT_EQ(mixed.max_product(), 255 * 8);
  EXPECT_EQ(mixed.approx(3, -3), -8);
  EXPECT_DOUBLE_EQ(Measure(mixed).wcre_pct.value, 100 / 9.0);
}

TEST(ErrorMetrics, ClosedFormsOfDroppingPartialProducts) {
  for (int p = 0; p <= 8; ++p) {
    for (int q = 0; q <= 8; q += 2) {
      const ErrorMetrics metrics = Measure(Library("low_drop", {p, q}, 8));
      const double a = std::exp2(p), b = std::exp2(q);
      EXPECT_DOUBLE_EQ(metrics.med.value, (a - 1) * (b - 1) / 4);
      EXPECT_DOUBLE_EQ(metrics.wce.value, (a - 1) * (b - 1));
      EXPECT_DOUBLE_EQ(metrics.ep_pct.value, 100 * (1 - 1 / a) * (1 - 1 / b));
      EXPECT_DOUBLE_EQ(metrics.mse.value, (a - 1) * (2 * a - 1) * (b - 1) * (2 * b - 1) / 36);
    }
  }
  for (int v = 0; v <= 8; ++v) {
    const ErrorMetrics metrics = Measure(Library("truncated", {v}, 8));
    const double dropped = (v - 1) * std::exp2(v) + 1;
    EXPECT_DOUBLE_EQ(metrics.med.value, dropped / 4);
    EXPECT_DOUBLE_EQ(metrics.wce.value, dropped);
  }
}

struct Published {
  std::string family;
  std::vector<int> values;
  int bits;
  double mred_pct;  // Over all pairs.
  double off;       // By how much ours may differ: figures are rounded, or cut off.
};

TEST(ErrorMetrics, PublishedFigures) {
  const std::vector<Published> figures = {
      {"mitchell", {}, 8, 3.76, 0.005},
      // Kulkarni, Gupta, Ercegovac, VLSI Design 2011, table I; digits are cut off.
      {"kulkarni", {}, 4, 2.60, 0.01},
      {"kulkarni", {}, 8, 3.25, 0.01},
      {"kulkarni", {}, 12, 3.31, 0.01},
      // Saadat, Bokhari, Parameswaran, TCAD 37(11), 2018, table I.
      {"mbm", {0}, 8, 2.69, 0.005},
  };
  for (const Published& figure : figures) {
    const ErrorMetrics metrics =
        Measure(Library(figure.family, figure.values, figure.bits), kAllPairs);
    EXPECT_NEAR(metrics.mred_pct.value, figure.mred_pct, figure.off)
        << figure.family << " of " << figure.bits << " bits";
  }
}

TEST(ErrorMetrics, EvoApproxLibConventions) {
  // mul12u_35V keeps one partial product; its file gives MAE 18.74 % and WCE 74.95 % of 2^24, WCRE
  // 100 %, EP 99.95 %, MRE 87.98 %, MSE 15865.376e9.
  const ErrorMetrics metrics =
      Measure(WithSet(OperandSet::kUnsigned, 12, 12,
                      [](int64_t a, int64_t b) { return (a & 0x800) * (b & 0x800); }),
              {ZeroProducts::kLeftOut, ErrorScale::kPercentOfRange, NmedDivisor::kRange});
  EXPECT_NEAR(metrics.med.value, 18.74, 0.005);
  EXPECT_NEAR(metrics.wce.value, 74.95, 0.005);
  EXPECT_NEAR(metrics.wcre_pct.value, 100, 0.005);
  EXPECT_NEAR(metrics.ep_pct.value, 99.95, 0.005);
  EXPECT_NEAR(metrics.mred_pct.value, 87.98, 0.005);
  EXPECT_NEAR(metrics.mse.value, 15865.376e9, 0.01e9);
}

TEST(ErrorMetrics, DrumSampledAgainstItsPaper) {
  // Hashemi, Bahar, Reda, ICCAD 2015: 16 bits, random operands. MRE, standard deviation.
  const std::array<std::array<double, 3>, 3> kFigures = {
      {{4, 5.89, 7.26}, {6, 1.47, 1.80}, {8, 0.37, 0.45}}};
  ErrorOptions options;
  options.samples = 1 << 20;
  for (const auto& [k, mred, deviation] : kFigures) {
    const ErrorMetrics metrics = MeasureErrors(Library("drum", {static_cast<int>(k)}, 16), options);
    EXPECT_FALSE(metrics.exhaustive);
    EXPECT_EQ(metrics.pairs, 1 << 20);
    EXPECT_NEAR(metrics.mred_pct.value, mred, 0.01);
    EXPECT_NEAR(metrics.std_pct, deviation, 0.01);
    EXPECT_LT(metrics.mred_pct.low, metrics.mred_pct.value);
    EXPECT_GT(metrics.mred_pct.high, metrics.mred_pct.value);
  }
}

TEST(ErrorMetrics, IntervalsHoldTheMeanAsOftenAsTheySay) {
  const ErrorSubject subject = Library("kulkarni", {}, 8);
  const ErrorMetrics exact = Measure(subject);
  ErrorOptions options;
  options.exhaustive_limit = 0;
  options.samples = 2000;
  constexpr int kRuns = 400;
  constexpr Estimate ErrorMetrics::*kMeans[] = {&ErrorMetrics::med,      &ErrorMetrics::nmed,
                                                &ErrorMetrics::mse,      &ErrorMetrics::ep_pct,
                                                &ErrorMetrics::mred_pct, &ErrorMetrics::bias_pct};
  for (const auto mean : kMeans) {
    int held = 0;
    for (int run = 0; run < kRuns; ++run) {
      options.seed = static_cast<uint64_t>(run);
      const ErrorMetrics sampled = MeasureErrors(subject, options);
      EXPECT_LE(sampled.wce.value, exact.wce.value);
      const double value = (exact.*mean).value;
      held += (sampled.*mean).low <= value && value <= (sampled.*mean).high;
    }
    // 380 are expected; four standard deviations are 17.
    EXPECT_NEAR(held, 0.95 * kRuns, 17);
  }
}

TEST(ErrorMetrics, NothingSeenIsNotNothing) {
  ErrorOptions options;
  options.exhaustive_limit = 0;
  options.samples = 100;
  const ErrorMetrics metrics = MeasureErrors(Library("exact", {}, 8), options);
  EXPECT_EQ(metrics.ep_pct.value, 0);
  EXPECT_EQ(metrics.ep_pct.low, 0);
  EXPECT_NEAR(metrics.ep_pct.high, 3.7, 0.1);  // Wilson's: z² / (n + z²).
  EXPECT_EQ(metrics.wce.value, 0);
}

/// All bits of what was measured.
std::vector<uint64_t> Bits(const ErrorMetrics& metrics) {
  std::vector<uint64_t> bits;
  for (const Estimate& e : {metrics.med, metrics.nmed, metrics.mse, metrics.ep_pct,
                            metrics.mred_pct, metrics.bias_pct}) {
    for (const double x : {e.value, e.low, e.high}) bits.push_back(std::bit_cast<uint64_t>(x));
  }
  bits.push_back(std::bit_cast<uint64_t>(metrics.std_pct));
  for (const WorstCase& w : {metrics.wce, metrics.wcre_pct}) {
    bits.push_back(std::bit_cast<uint64_t>(w.value));
    for (const int64_t x : {w.a, w.b, w.exact, w.approx}) {
      bits.push_back(static_cast<uint64_t>(x));
    }
  }
  return bits;
}

TEST(ErrorMetrics, SameBitsForAnyNumberOfThreads) {
  const int threads_before = Threads();
  ErrorOptions normal, sampled;
  normal.distribution = {Normal{100, 30}, Uniform{}, {}};
  sampled.exhaustive_limit = 0;
  sampled.samples = 100000;
  for (const ErrorOptions& options : {ErrorOptions{}, normal, sampled}) {
    std::vector<uint64_t> first;
    for (const int threads : {1, 2, 3, 8}) {
      SetThreads(threads);
      const auto bits = Bits(MeasureErrors(Library("etm", {}, 10), options));
      if (first.empty()) first = bits;
      EXPECT_EQ(bits, first) << threads << " threads";
    }
  }
  SetThreads(threads_before);
  sampled.seed = 1;
  EXPECT_NE(Bits(MeasureErrors(Library("etm", {}, 10), sampled)),
            Bits(MeasureErrors(Library("etm", {}, 10), ErrorOptions{})));
}

TEST(ErrorMetrics, NoPairWithARelativeError) {
  ErrorOptions options;
  options.distribution.a = Measured{{1, 0, 0, 0}};  // Always 0.
  const ErrorMetrics metrics = MeasureErrors(TwoBitBlock(), options);
  EXPECT_TRUE(std::isnan(metrics.mred_pct.value));
  EXPECT_TRUE(std::isnan(metrics.bias_pct.value));
  EXPECT_TRUE(std::isnan(metrics.std_pct));
  EXPECT_TRUE(std::isnan(metrics.wcre_pct.value));
  EXPECT_EQ(metrics.ep_pct.value, 0);
  options.conventions = kAllPairs;
  EXPECT_EQ(MeasureErrors(TwoBitBlock(), options).mred_pct.value, 0);
}

template <typename Exception>
std::string MessageOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(ErrorMetrics, RefusesWhatCannotBeMeasured) {
  const auto product = [](int64_t a, int64_t b) { return a * b; };
  EXPECT_EQ(MessageOf<Error>([&] { Measure(WithSet(OperandSet::kUnsigned, 0, 8, product)); }),
            "test: operands of 0 bits cannot be analysed, only of 1 to 24");
  EXPECT_EQ(MessageOf<Error>([&] { Measure(WithSet(OperandSet::kUnsigned, 8, 25, product)); }),
            "test: operands of 25 bits cannot be analysed, only of 1 to 24");
  EXPECT_EQ(MessageOf<Error>([&] { Measure(WithSet(OperandSet::kSigned, 8, 8, nullptr)); }),
            "test: there is no function to analyse");
  EXPECT_EQ(
      MessageOf<Error>([&] {
        Measure(WithSet(OperandSet::kUnsigned, 2, 2, [](int64_t a, int64_t b) {
          return a == 2 && b == 1 ? -(int64_t{1} << 52) : 0;
        }));
      }),
      "test: the product of 2 and 1 is -4503599627370496, and its magnitude must be below 2^52");
  EXPECT_EQ(MessageOf<UsageError>([&] {
              ErrorOptions options;
              options.exhaustive_limit = 0;
              options.samples = 0;
              MeasureErrors(TwoBitBlock(), options);
            }),
            "block: 0 samples were asked for; at least 1 is needed");
}

}  // namespace
}  // namespace mulberry
