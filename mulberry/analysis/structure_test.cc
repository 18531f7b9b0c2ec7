#include "mulberry/analysis/structure.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "mulberry/analysis/factors.h"
#include "mulberry/analysis/prime_field.h"
#include "mulberry/analysis/rank.h"
#include "mulberry/analysis/test_models.h"
#include "mulberry/base/error.h"

namespace mulberry {
namespace {

ErrorTable Table(int64_t rows, int64_t columns, std::function<int64_t(int64_t, int64_t)> entry) {
  ErrorTable table{rows, columns, {}};
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) table.values.push_back(entry(i, j));
  }
  return table;
}

ErrorTable Random(int64_t rows, int64_t columns, int64_t bound, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int64_t> entry(-bound, bound);
  return Table(rows, columns, [&](int64_t, int64_t) { return entry(random); });
}

ErrorTable Product(const ErrorTable& x, const ErrorTable& y) {
  return Table(x.rows, y.columns, [&](int64_t i, int64_t j) {
    int64_t sum = 0;
    for (int64_t k = 0; k < x.columns; ++k) sum += x.at(i, k) * y.at(k, j);
    return sum;
  });
}

/// Bareiss, "Sylvester's identity and multistep integer-preserving Gaussian elimination",
/// Mathematics of Computation 22, 1968: all divisions are exact. For small tables.
int RankByBareiss(const ErrorTable& table) {
  std::vector<std::vector<__int128>> m(static_cast<size_t>(table.rows));
  for (int64_t i = 0; i < table.rows; ++i) {
    for (int64_t j = 0; j < table.columns; ++j) m[static_cast<size_t>(i)].push_back(table.at(i, j));
  }
  size_t rank = 0;
  __int128 previous = 1;
  for (size_t column = 0; column < m[0].size() && rank < m.size(); ++column) {
    size_t pivot = rank;
    while (pivot < m.size() && m[pivot][column] == 0) ++pivot;
    if (pivot == m.size()) continue;
    std::swap(m[pivot], m[rank]);
    for (size_t i = rank + 1; i < m.size(); ++i) {
      for (size_t j = column + 1; j < m[0].size(); ++j) {
        m[i][j] = (m[i][j] * m[rank][column] - m[i][column] * m[rank][j]) / previous;
      }
      m[i][column] = 0;
    }
    previous = m[rank++][column];
  }
  return static_cast<int>(rank);
}

/// The structure, and that its factors, if any, have as many terms as the rank and give the table.
ErrorStructure Analyzed(const ErrorTable& table) {
  const ErrorStructure structure = AnalyzeStructure(table);
  if (structure.factors) {
    EXPECT_EQ(structure.factors->terms(), structure.rank);
    EXPECT_TRUE(Reproduces(*structure.factors, table));
  }
  return structure;
}

TEST(Rank, AgreesWithBareiss) {
  std::mt19937 random(1);
  for (int run = 0; run < 300; ++run) {
    const int64_t rows = 1 + random() % 8, columns = 1 + random() % 8, inner = 1 + random() % 5;
    const ErrorTable table =
        Product(Random(rows, inner, 3, random()), Random(inner, columns, 3, random()));
    EXPECT_EQ(ExactRank(table), RankByBareiss(table));
  }
}

TEST(Rank, AModularRankThatIsTooLowIsNotTaken) {
  // Multiples of the first prime, whose rank modulo it is 0.
  const auto prime = static_cast<int64_t>(LargePrimes(1)[0]);
  EXPECT_EQ(ExactRank(Table(8, 8, [&](int64_t i, int64_t j) { return i == j ? prime : 0; })), 8);
  // Rank 3, and 2 modulo the first prime.
  EXPECT_EQ(
      ExactRank(Table(8, 8,
                      [&](int64_t i, int64_t j) {
                        return i >= 4 ? 0 : i == 3 ? (j == 1) : i == j ? (i == 2 ? prime : 1) : 0;
                      })),
      3);
}

TEST(Rank, OfProductsOfRandomTables) {
  for (const int rank : {1, 2, 19, 100, 200, 255, 256}) {
    const ErrorTable table = Product(Random(256, rank, 50, 1), Random(rank, 256, 50, 2));
    EXPECT_EQ(ExactRank(table), rank);
  }
}

TEST(Structure, ExactMultiplier) {
  const ErrorStructure structure = Analyzed(MakeErrorTable(Library("exact", {}, 8)));
  EXPECT_EQ(structure.rank, 0);
  EXPECT_EQ(structure.distinct_rows, 1);
  EXPECT_EQ(structure.distinct_columns, 1);
  ASSERT_TRUE(structure.factors);
  EXPECT_EQ(structure.factors->terms(), 0);
}

TEST(Structure, DroppingLowByLowHasOneTerm) {
  for (const auto& [p, q] : {std::pair{1, 1}, {3, 5}, {4, 4}, {8, 2}, {8, 8}}) {
    const ErrorTable table = MakeErrorTable(Library("low_drop", {p, q}, 8));
    const ErrorStructure structure = Analyzed(table);
    EXPECT_EQ(structure.rank, 1);
    EXPECT_EQ(structure.distinct_rows, 1 << p);
    EXPECT_EQ(structure.distinct_columns, 1 << q);
    ASSERT_TRUE(structure.factors);
    const IntegerFactors& factors = *structure.factors;
    for (int64_t a = 0; a < 256; ++a) {
      EXPECT_EQ(std::abs(factors.u[0][static_cast<size_t>(a)]), a % (1 << p));
      EXPECT_EQ(std::abs(factors.v[0][static_cast<size_t>(a)]), a % (1 << q));
    }
    // One side is negative: -2^p + 1 needs p + 1 bits, as does 2^p - 1; -1 needs one.
    EXPECT_LE(factors.u_bits + factors.v_bits, p + q + 2);
  }
}

TEST(Structure, LibraryMultipliers) {
  struct Case {
    std::string family;
    std::vector<int> values;
    int rank;
  };
  // Of operand-only designs a'·b' - a·b; of truncation a term for each dropped column; of
  // Kulkarni's -2·(4^i where a digit of a is 3)·(4^j likewise of b); of RoBA -(a' - a)·(b' - b).
  const std::vector<Case> kCases = {
      {"drum", {3}, 2},      {"drum", {6}, 2},      {"ssm", {5}, 2},     {"essm", {4}, 2},
      {"truncated", {3}, 3}, {"truncated", {8}, 8}, {"rounded", {3}, 3}, {"rounded", {8}, 8},
      {"rounded", {9}, 7},   {"bam", {0, 3}, 1},    {"kulkarni", {}, 1}, {"roba", {}, 1}};
  for (const auto& [family, values, rank] : kCases) {
    const ErrorStructure structure = Analyzed(MakeErrorTable(Library(family, values, 8)));
    EXPECT_EQ(structure.rank, rank) << family;
    ASSERT_TRUE(structure.factors) << family;
    EXPECT_LE(structure.factors->u_bits, 16) << family;
    EXPECT_LE(structure.factors->v_bits, 16) << family;
  }
}

TEST(Structure, SignedAndFloatOperands) {
  const Model drum = MakeModel(Multiplier{"drum", {4}, ""}, OperandKind{8});
  const ErrorTable table = MakeErrorTable(IntegerSubject(
      "drum", IntegerMultiplier(drum, IntegerFormat{8, true}, SignHandling::kMagnitude)));
  EXPECT_EQ(table.at(255, 3), -table.at(1, 3));                                // -1.
  EXPECT_EQ(table.at(128, 7), -static_cast<int64_t>(drum(128, 7)) + 128 * 7);  // -128.
  const ErrorStructure structure = Analyzed(table);
  EXPECT_EQ(structure.rank, 2);
  ASSERT_TRUE(structure.factors);

  const ErrorTable mixed = MakeErrorTable(SubjectOf(ParseArithmetic("drum(k=4)@uint8xint5")));
  EXPECT_EQ(mixed.rows, 256);
  EXPECT_EQ(mixed.columns, 32);
  EXPECT_EQ(mixed.at(255, 31), 255 - static_cast<int64_t>(drum(255, 1)));  // By -1.
  EXPECT_EQ(Analyzed(mixed).rank, 2);
  ASSERT_TRUE(Analyzed(mixed).factors);

  const ErrorTable floats = MakeErrorTable(SubjectOf(ParseArithmetic("drum(k=4)@bf16")));
  EXPECT_EQ(floats.rows, 128);
  EXPECT_EQ(Analyzed(floats).rank, 2);
}

TEST(Structure, AsymmetricTables) {
  for (const auto& [a_bits, b_bits] : {std::pair{8, 4}, {4, 8}, {1, 5}, {12, 4}}) {
    const ErrorSubject subject = UnsignedSubject(
        "low", [](uint64_t a, uint64_t b) { return a * b - a % 4 * (b % 8); }, a_bits, b_bits);
    const ErrorTable table = MakeErrorTable(subject);
    EXPECT_EQ(table.rows, 1 << a_bits);
    EXPECT_EQ(table.columns, 1 << b_bits);
    const ErrorStructure structure = Analyzed(table);
    EXPECT_EQ(structure.rank, 1);
    EXPECT_TRUE(structure.factors);
  }
}

TEST(Structure, RandomTablesHaveNone) {
  const ErrorStructure full = Analyzed(Random(256, 256, 1 << 15, 3));
  EXPECT_EQ(full.rank, 256);
  EXPECT_EQ(full.distinct_rows, 256);
  EXPECT_EQ(full.distinct_columns, 256);
  EXPECT_FALSE(full.factors);
  // One row depends on two others.
  ErrorTable table = Random(256, 256, 1 << 15, 4);
  for (size_t j = 0; j < 256; ++j) {
    table.values[255 * 256 + j] = 3 * table.values[j] - table.values[256 + j];
  }
  EXPECT_EQ(Analyzed(table).rank, 255);
}

TEST(Structure, NoFactorsAboveTheLimit) {
  const ErrorTable table = MakeErrorTable(Library("truncated", {8}, 8));
  EXPECT_TRUE(AnalyzeStructure(table, 8).factors);
  const ErrorStructure limited = AnalyzeStructure(table, 7);
  EXPECT_EQ(limited.rank, 8);
  EXPECT_FALSE(limited.factors);
}

TEST(Structure, FactorsThatAreNoIntegersAreNotGiven) {
  // Tables of a rank below both sides, whose few smallest rows seldom generate all others.
  int found = 0;
  for (uint64_t run = 0; run < 100; ++run) {
    const ErrorTable table = Product(Random(8, 3, 3, 2 * run), Random(3, 8, 3, 2 * run + 1));
    found += Analyzed(table).factors.has_value();
  }
  EXPECT_GT(found, 0);
  EXPECT_LT(found, 100);
}

TEST(Structure, OneWrongEntryIsRefused) {
  const ErrorTable table = MakeErrorTable(Library("truncated", {6}, 8));
  const IntegerFactors factors = AnalyzeStructure(table).factors.value();
  std::mt19937 random(5);
  for (int run = 0; run < 100; ++run) {
    ErrorTable wrong = table;
    wrong.values[random() % wrong.values.size()] += run % 2 ? 1 : -1;
    EXPECT_FALSE(Reproduces(factors, wrong));
  }
  IntegerFactors wrong = factors;
  wrong.u[2][65] += 1;
  EXPECT_FALSE(Reproduces(wrong, table));
  // With an entry planted the table's own factors are found, or none: never those of the other.
  ErrorTable planted = table;
  planted.values[100 * 256 + 200] += 1;
  EXPECT_EQ(Analyzed(planted).rank, 7);
}

TEST(Structure, VerificationRefusesWhatDoesNotFit) {
  const ErrorTable zero = Table(2, 2, [](int64_t, int64_t) { return 0; });
  EXPECT_TRUE(Reproduces({}, zero));
  EXPECT_FALSE(Reproduces({{{0, 0}}, {}, 1, 1}, zero));     // A term on one side only.
  EXPECT_FALSE(Reproduces({{{0}}, {{0, 0}}, 1, 1}, zero));  // A row too short.
  // 2^32·2^32 = 2^64 overflows to the 0 of the table.
  const int64_t big = int64_t{1} << 32;
  EXPECT_FALSE(Reproduces({{{big, 0}}, {{big, 0}}, 34, 34}, zero));
  // A partial sum overflows, and the whole would not.
  const int64_t half = int64_t{1} << 31;
  EXPECT_FALSE(Reproduces({{{half, 0}, {half, 0}, {half, 0}, {half, 0}},
                           {{half, 0}, {half, 0}, {-half, 0}, {-half, 0}},
                           33,
                           33},
                          zero));
}

TEST(Structure, RefusesLargeTables) {
  const ErrorSubject subject = Library("exact", {}, 9);
  EXPECT_FALSE(HasErrorTable(subject));
  EXPECT_TRUE(HasErrorTable(Library("exact", {}, 8)));
  try {
    MakeErrorTable(subject);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "exact: a table of 512 by 512 errors is too large to analyse; at most 65536 are");
  }
  EXPECT_THROW(AnalyzeStructure(Table(512, 512, [](int64_t, int64_t) { return 0; })), Error);
}

}  // namespace
}  // namespace mulberry
