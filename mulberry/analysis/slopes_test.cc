#include "mulberry/analysis/slopes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

using enum OperandIndex;

ErrorSubject Of(const std::string& spec) {
  return SubjectOf(ParseArithmetic(spec));
}

ErrorSubject Signed4(std::function<int64_t(int64_t, int64_t)> approx) {
  return {"test", OperandSet::kSigned, 4, 4, std::move(approx)};
}

TEST(Slopes, OfTheExactProductAreTheOtherOperand) {
  for (const char* spec : {"exact@uint8", "exact@int8", "exact@uint8xint4"}) {
    const ErrorSubject subject = Of(spec);
    for (const int64_t window : {0, 1, 5}) {
      for (const OperandIndex of : {kFirst, kSecond}) {
        const OperandRange other = of == kFirst ? subject.b_range() : subject.a_range();
        const std::vector<double> slopes = MeanSlopes(subject, of, window);
        ASSERT_EQ(slopes.size(), static_cast<size_t>(other.count));
        for (int64_t i = 0; i < other.count; ++i) {
          EXPECT_EQ(slopes[static_cast<size_t>(i)], static_cast<double>(other.lowest + i));
        }
        const std::vector<double> table = SmoothedDifferences(subject, of, window);
        const auto columns = static_cast<size_t>(subject.b_range().count);
        ASSERT_EQ(table.size(), static_cast<size_t>(subject.a_range().count) * columns);
        for (size_t i = 0; i < table.size(); ++i) {
          const auto at = static_cast<int64_t>(of == kFirst ? i % columns : i / columns);
          EXPECT_EQ(table[i], static_cast<double>(other.lowest + at)) << spec << " " << i;
        }
      }
    }
  }
}

TEST(Slopes, LeastSquaresOfASkewedProduct) {
  // a·b + 3a + 2|b|: slope b + 3 in a, and in b, over -8 ... 7, a plus that of 2|b|.
  const ErrorSubject subject =
      Signed4([](int64_t a, int64_t b) { return a * b + 3 * a + 2 * std::abs(b); });
  double numerator = 0, denominator = 0;
  for (int b = -8; b < 8; ++b) {
    numerator += (b + 0.5) * 2 * std::abs(b);
    denominator += (b + 0.5) * (b + 0.5);
  }
  const std::vector<double> first = MeanSlopes(subject, kFirst, 0);
  const std::vector<double> second = MeanSlopes(subject, kSecond, 0);
  for (int i = 0; i < 16; ++i) {
    EXPECT_DOUBLE_EQ(first[static_cast<size_t>(i)], i - 8 + 3);
    EXPECT_NEAR(second[static_cast<size_t>(i)], i - 8 + numerator / denominator, 1e-12);
  }
}

TEST(Slopes, AreAveragedOverTheirWindow) {
  // Only b = 0 has an error that grows with a.
  const ErrorSubject subject =
      Signed4([](int64_t a, int64_t b) { return a * b + (b == 0 ? 6 * a : 0); });
  const std::vector<double> slopes = MeanSlopes(subject, kFirst, 1);
  EXPECT_DOUBLE_EQ(slopes[7], -1 + 2.0);
  EXPECT_DOUBLE_EQ(slopes[8], 0 + 2.0);
  EXPECT_DOUBLE_EQ(slopes[9], 1 + 2.0);
  EXPECT_DOUBLE_EQ(slopes[10], 2.0);
  // At the end of the range the window has two values.
  const ErrorSubject at_end =
      Signed4([](int64_t a, int64_t b) { return a * b + (b == 7 ? 6 * a : 0); });
  EXPECT_DOUBLE_EQ(MeanSlopes(at_end, kFirst, 1)[15], 7 + 3.0);
}

// The definition, by averages: S(a) = mean of f over a-w ... a+w, (S(a+1) - S(a-1)) / 2.
double ByDefinition(const ErrorSubject& subject, OperandIndex of, int64_t window, int64_t a,
                    int64_t b) {
  const auto f = [&](int64_t shift) {
    return static_cast<double>(of == kFirst ? subject.approx(a + shift, b)
                                            : subject.approx(a, b + shift));
  };
  const auto smooth = [&](int64_t shift) {
    double sum = 0;
    for (int64_t d = -window; d <= window; ++d) sum += f(shift + d);
    return sum / static_cast<double>(2 * window + 1);
  };
  return (smooth(1) - smooth(-1)) / 2;
}

TEST(Slopes, DifferencesAreThoseOfTheSmoothedProduct) {
  for (const char* spec : {"mitchell@uint8", "drum(k=4)@int8", "bam(v=6,h=0)@uint8xint8"}) {
    const ErrorSubject subject = Of(spec);
    const OperandRange a = subject.a_range(), b = subject.b_range();
    for (const OperandIndex of : {kFirst, kSecond}) {
      for (const int64_t window : {0, 3}) {
        const std::vector<double> table = SmoothedDifferences(subject, of, window);
        const auto clamped = [&](int64_t value, const OperandRange& range, bool is_of) {
          const int64_t reach = is_of ? window + 1 : 0;
          return std::clamp(value, range.lowest + reach, range.highest() - reach);
        };
        for (int64_t i = 0; i < a.count; i += 3) {
          for (int64_t j = 0; j < b.count; j += 5) {
            const double expected =
                ByDefinition(subject, of, window, clamped(a.lowest + i, a, of == kFirst),
                             clamped(b.lowest + j, b, of == kSecond));
            EXPECT_NEAR(table[static_cast<size_t>(i * b.count + j)], expected, 1e-9);
          }
        }
      }
    }
  }
}

TEST(Slopes, RefuseWhatTheyCannotDo) {
  EXPECT_THROW(MeanSlopes(Of("exact@uint8"), kFirst, -1), UsageError);
  EXPECT_THROW(MeanSlopes(Of("exact@uint13"), kFirst, 0), UsageError);
  EXPECT_THROW(SmoothedDifferences(Of("exact@uint9"), kFirst, 0), UsageError);
  EXPECT_THROW(SmoothedDifferences(Of("exact@uint4"), kFirst, 7), UsageError);
  EXPECT_NO_THROW(SmoothedDifferences(Of("exact@uint4"), kFirst, 6));
}

}  // namespace
}  // namespace mulberry
