// Every CPU kernel for integers against the reference, bit for bit: on every instruction set of
// this machine, for one and two threads, over shapes around the block sizes, both operand orders,
// strided, transposed and patch operands, with and without zero points and scales for each line,
// sums that pass 32 bits among them.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/kernels/cpu/integer_driver.h"
#include "mulberry/kernels/test_convolutions.h"
#include "mulberry/kernels/test_multiplier.h"
#include "mulberry/kernels/test_targets.h"

namespace mulberry {
namespace {

/// The widths of the two operands.
struct Bits {
  int first, second;
};

/// A multiplier of integers given by any table, and a kernel for it.
class TestTable {
 public:
  explicit TestTable(Bits bits) : bits_(bits), products_(size_t{1} << (bits.first + bits.second)) {}
  virtual ~TestTable() = default;
  virtual std::string name() const = 0;
  virtual void Gemm(const GemmProblem& problem) const = 0;

  /// How many encodings the first and the second operand have.
  int32_t First() const { return 1 << bits_.first; }
  int32_t Second() const { return 1 << bits_.second; }
  int32_t& at(int32_t i, int32_t j) { return products_[i << bits_.second | j]; }
  int32_t at(int32_t i, int32_t j) const { return products_[i << bits_.second | j]; }
  /// Of A's elements, and of B's.
  int32_t Rows(const GemmProblem& problem) const { return problem.b_first ? Second() : First(); }
  int32_t Columns(const GemmProblem& problem) const { return problem.b_first ? First() : Second(); }
  IntegerProduct product() const {
    return {[](const void* self, int32_t a, int32_t b) {
              const auto& table = *static_cast<const TestTable*>(self);
              return int64_t{table.at(a & (table.First() - 1), b & (table.Second() - 1))};
            },
            this};
  }

 protected:
  int64_t MaxProduct() const {
    const auto [low, high] = std::minmax_element(products_.begin(), products_.end());
    return std::max<int64_t>(*high, -int64_t{*low});
  }
  std::vector<int32_t> Exchanged() const {
    std::vector<int32_t> result(products_.size());
    for (int32_t i = 0; i < First(); ++i) {
      for (int32_t j = 0; j < Second(); ++j) result[j << bits_.first | i] = at(i, j);
    }
    return result;
  }

  Bits bits_;
  std::vector<int32_t> products_;
};

/// Random products up to the kernel's limit, of both signs.
class Gathered : public TestTable {
 public:
  explicit Gathered(Bits bits) : TestTable(bits) {
    std::mt19937 random(bits.first);
    for (int32_t& product : products_)
      product = static_cast<int32_t>(random() % 16777215) - 8388607;
    exchanged_ = Exchanged();
  }
  std::string name() const override { return "integer table"; }
  void Gemm(const GemmProblem& problem) const override {
    IntegerTableGemm(
        problem, {bits_.first, bits_.second, products_.data(), exchanged_.data(), MaxProduct()});
  }

 private:
  std::vector<int32_t> exchanged_;
};

/// Random products from `offset` to 65535 more, both ends among them.
class Registered : public TestTable {
 public:
  Registered(Bits bits, int32_t offset) : TestTable(bits), offset_(offset) {
    std::mt19937 random(bits.first);
    for (int32_t& product : products_) product = static_cast<int32_t>(random() & 0xffff) + offset;
    products_[0] = offset;
    products_.back() = offset + 0xffff;
    Fill(products_, bits_.second, bytes_, words_);
    Fill(Exchanged(), bits_.first, exchanged_bytes_, exchanged_words_);
  }
  std::string name() const override { return "integer register table"; }
  void Gemm(const GemmProblem& problem) const override {
    if (!IntegerRegisterTableSupported()) return ReferenceIntegerGemm(problem, product());
    IntegerRegisterTableGemm(problem, {bits_.first,
                                       bits_.second,
                                       {bytes_.data(), words_.data()},
                                       {exchanged_bytes_.data(), exchanged_words_.data()},
                                       offset_,
                                       MaxProduct()});
  }

 private:
  void Fill(const std::vector<int32_t>& products, int column_bits, std::vector<uint8_t>& bytes,
            std::vector<uint16_t>& words) const {
    bytes.resize(512 * (products.size() >> column_bits));
    words.resize(bytes.size() / 2);
    for (size_t p = 0; p < products.size(); ++p) {
      const size_t i = p >> column_bits, j = p & ((size_t{1} << column_bits) - 1);
      const int32_t code = products[p] - offset_;
      bytes[512 * i + j] = static_cast<uint8_t>(code);
      bytes[512 * i + 256 + j] = static_cast<uint8_t>(code >> 8);
      words[256 * i + j] = static_cast<uint16_t>(code);
    }
  }

  int32_t offset_;
  std::vector<uint8_t> bytes_, exchanged_bytes_;
  std::vector<uint16_t> words_, exchanged_words_;
};

/// Random terms and random functions of one operand.
class LowRank : public TestTable {
 public:
  LowRank(Bits bits, int terms, bool keeps_zero)
      : TestTable(bits), terms_(static_cast<size_t>(terms)), keeps_zero_(keeps_zero) {
    std::mt19937 random(terms);
    for (auto* bytes : {&signed_, &unsigned_, &moved_to_columns_, &moved_to_rows_}) {
      for (size_t i = 0; i < 256 * terms_; ++i) {
        bytes->push_back(static_cast<uint8_t>(keeps_zero && i % 256 == 0 ? 0 : random()));
      }
    }
    const uint32_t constant = keeps_zero ? 0 : 77;
    for (size_t i = 0; i < 256 * terms_; ++i) {
      moved_to_columns_[i] = static_cast<uint8_t>(signed_[i] + 128);
      moved_to_rows_[i] = static_cast<uint8_t>(unsigned_[i] - 128);
    }
    // The terms' weights are 2^3, which keeps products below 2^23, 2 and 1.
    shifts_.resize(terms_);
    shifts_[0] = 2;
    shifts_.back() += 1;
    for (size_t i = 0; i < 256; ++i) {
      of_first_.push_back(keeps_zero ? 0 : random() % 256);
      of_second_.push_back(keeps_zero ? 0 : random() % 65536);
    }
    for (int32_t i = 0; i < First(); ++i) {
      for (int32_t j = 0; j < Second(); ++j) {
        const uint32_t functions = of_first_[size_t(i)] + of_second_[size_t(j)];
        at(i, j) = static_cast<int32_t>(Terms(signed_, unsigned_, i, j) + functions - constant);
      }
    }
    const auto zero = static_cast<uint32_t>(at(0, 0));
    first_digits_ = Digits(of_first_, 1);
    second_digits_ = Digits(of_second_, 2);
    first_in_rows_ = {terms,
                      signed_.data(),
                      unsigned_.data(),
                      shifts_.data(),
                      {first_digits_.data(), 1},
                      {second_digits_.data(), 2},
                      0 - constant,
                      zero};
    // With the operands' places exchanged the other one's bytes have the sign, and what that moves
    // is a function of one operand modulo 2^32.
    std::vector<uint32_t> rows(256), columns(256);
    const auto moved = [&](int32_t second, int32_t first) {
      return static_cast<uint32_t>(at(first, second)) -
             Terms(moved_to_rows_, moved_to_columns_, second, first);
    };
    for (int32_t j = 0; j < Second(); ++j) rows[size_t(j)] = moved(j, 0);
    for (int32_t i = 0; i < First(); ++i) columns[size_t(i)] = moved(0, i) - moved(0, 0);
    row_digits_ = Digits(rows, 4);
    column_digits_ = Digits(columns, 4);
    second_in_rows_ = {terms,
                       moved_to_rows_.data(),
                       moved_to_columns_.data(),
                       shifts_.data(),
                       {row_digits_.data(), 4},
                       {column_digits_.data(), 4},
                       0,
                       zero};
  }
  std::string name() const override { return "low rank"; }
  void Gemm(const GemmProblem& problem) const override {
    LowRankGemm(problem, {bits_.first, bits_.second, MaxProduct(), keeps_zero_, first_in_rows_,
                          second_in_rows_});
  }

 private:
  static std::vector<uint8_t> Digits(const std::vector<uint32_t>& values, int count) {
    std::vector<uint8_t> tables;
    for (int d = 0; d < count; ++d) {
      for (const uint32_t value : values) tables.push_back(static_cast<uint8_t>(value >> 8 * d));
    }
    return tables;
  }
  uint32_t Terms(const std::vector<uint8_t>& rows, const std::vector<uint8_t>& columns, int32_t i,
                 int32_t j) const {
    int32_t sum = 0;
    for (size_t t = 0; t < terms_; ++t) {
      sum += static_cast<int8_t>(rows[256 * t + size_t(i)]) * columns[256 * t + size_t(j)];
      sum *= 1 << shifts_[t];
    }
    return static_cast<uint32_t>(sum);
  }

  size_t terms_;
  bool keeps_zero_;
  std::vector<uint8_t> signed_, unsigned_, moved_to_columns_, moved_to_rows_, shifts_;
  std::vector<uint32_t> of_first_, of_second_;
  std::vector<uint8_t> first_digits_, second_digits_, row_digits_, column_digits_;
  LowRankMultiplier::Side first_in_rows_, second_in_rows_;
};

std::vector<std::unique_ptr<TestTable>> Tables() {
  std::vector<std::unique_ptr<TestTable>> tables;
  for (const Bits bits : {Bits{4, 4}, {8, 8}, {8, 4}, {5, 8}}) {
    tables.push_back(std::make_unique<Gathered>(bits));
    tables.push_back(std::make_unique<Registered>(bits, 0));
    tables.push_back(std::make_unique<Registered>(bits, -32768));
    for (const int terms : {1, 2, 5, 30}) {
      tables.push_back(std::make_unique<LowRank>(bits, terms, false));
    }
    tables.push_back(std::make_unique<LowRank>(bits, 2, true));
  }
  return tables;
}

void ExpectEqualsReference(const TestTable& table, GemmProblem problem, size_t size) {
  std::vector<float> expected(size, -7.0f), actual(size, -7.0f);
  problem.c.data = expected.data();
  ReferenceIntegerGemm(problem, table.product());
  problem.c.data = actual.data();
  ForEachTarget([&] {
    for (const int threads : {1, 2}) {
      SetThreads(threads);
      std::fill(actual.begin(), actual.end(), -7.0f);
      table.Gemm(problem);
      ExpectSameBits(expected, actual);
    }
  });
}

/// Random zero points for rows, for columns or both, perhaps with scales of one of them.
class RandomLines {
 public:
  RandomLines(std::mt19937& random, GemmProblem& problem) {
    Result& c = problem.c;
    c.products = problem.k();
    const auto kinds = random() % 4;
    if (kinds & 1) c.rows.zeros = Zeros(random, problem.m(), row_zeros_);
    if (kinds & 2) c.columns.zeros = Zeros(random, problem.n(), column_zeros_);
    row_sums_ = SumsOfColumns(Transpose(problem.a));
    column_sums_ = SumsOfColumns(problem.b);
    if (c.columns.zeros) c.rows.sums = row_sums_.data();
    if (c.rows.zeros) c.columns.sums = column_sums_.data();
    const auto scaled = random() % 3;
    for (int64_t i = 0; i < std::max(problem.m(), problem.n()); ++i) {
      scales_.push_back(static_cast<float>(1 + random() % 1000) / 777);
    }
    if (scaled == 1) c.rows.scales = scales_.data();
    if (scaled == 2) c.columns.scales = scales_.data();
  }

 private:
  static const double* Zeros(std::mt19937& random, int64_t n, std::vector<double>& zeros) {
    for (int64_t i = 0; i < n; ++i) zeros.push_back(static_cast<double>(random() % 511) - 255);
    return zeros.data();
  }
  std::vector<double> row_zeros_, column_zeros_, row_sums_, column_sums_;
  std::vector<float> scales_;
};

struct Shape {
  int64_t m, n, k;
};
// Around the tiles (8 × 48, 8 × 64, 4 × 64) and the blocks of k (32 to 768), and one whose sums
// pass 32 bits.
constexpr Shape kShapes[] = {{1, 1, 1},     {8, 48, 8},    {9, 49, 9},    {7, 16, 31},
                             {3, 33, 257},  {66, 3, 40},   {130, 70, 95}, {2, 800, 5},
                             {7, 9, 0},     {17, 33, 300}, {5, 10, 1000}, {1, 260, 25},
                             {600, 17, 33}, {1, 2, 40000}};

/// Values of the format: signed ones, or unsigned ones, which have the same encodings.
std::vector<float> RandomIntegers(std::mt19937& random, int64_t size, int32_t encodings,
                                  bool is_signed) {
  std::vector<float> result(static_cast<size_t>(size));
  for (float& x : result) {
    const auto encoding = static_cast<int32_t>(random() % static_cast<uint32_t>(encodings));
    x = static_cast<float>(is_signed ? encoding - encodings / 2 : encoding);
  }
  return result;
}

TEST(IntegerGemm, EqualsReferenceForStridedOperands) {
  std::mt19937 random(9);
  for (const auto& table : Tables()) {
    for (const Shape& s : kShapes) {
      SCOPED_TRACE(testing::Message()
                   << table->name() << ", " << table->First() << "x" << table->Second()
                   << " encodings, " << s.m << "x" << s.n << "x" << s.k);
      const bool a_signed = random() % 2 == 0, b_signed = random() % 2 == 0;
      const bool flip = random() % 2 == 0;
      GemmProblem problem;
      problem.b_first = random() % 2 == 0;
      const auto a = RandomIntegers(random, s.m * s.k, table->Rows(problem), a_signed);
      const auto b = RandomIntegers(random, s.k * s.n, table->Columns(problem), b_signed);
      problem.a = StridedOperand(a.data(), s.m, s.k, flip ? s.k : 1, flip ? 1 : s.m);
      problem.b = StridedOperand(b.data(), s.k, s.n, flip ? 1 : s.n, flip ? s.k : 1);
      problem.c = {nullptr, s.n, s.n, 1, 0};
      problem.c.scale = flip ? 1.0f : 0.37f;
      const RandomLines lines(random, problem);
      ExpectEqualsReference(*table, problem, static_cast<size_t>(s.m * s.n));
      if (HasFatalFailure()) return;
    }
  }
}

// The same product at every step, the largest one: sums of 64 bits, none rounded away in between.
TEST(IntegerGemm, SumsTheLargestProducts) {
  for (const auto& table : Tables()) {
    SCOPED_TRACE(table->name());
    const int32_t n = table->Second();
    int32_t at = 0;
    for (int32_t p = 0; p < table->First() * n; ++p) {
      if (table->at(p / n, p % n) > table->at(at / n, at % n)) at = p;
    }
    const std::vector<float> a(40000, static_cast<float>(at / n));
    const std::vector<float> b(40000, static_cast<float>(at % n));
    GemmProblem problem;
    problem.a = StridedOperand(a.data(), 1, 40000, 40000, 1);
    problem.b = StridedOperand(b.data(), 40000, 1, 1, 1);
    problem.c = {nullptr, 1, 1, 1, 0};
    ExpectEqualsReference(*table, problem, 1);
  }
}

// By the real numbers that the integers stand for: with exact products the sums are theirs.
TEST(IntegerGemm, ZeroPointsAndScalesAreWhatIntegersStandFor) {
  std::mt19937 random(3);
  constexpr int64_t kM = 5, kN = 7, kK = 300;
  const auto a = RandomIntegers(random, kM * kK, 256, true);
  const auto b = RandomIntegers(random, kK * kN, 256, false);
  const std::vector<double> row_zeros = {-128, 0, 3, 77, 127};
  const std::vector<double> column_zeros = {0, 255, 1, 2, 128, 127, 99};
  const std::vector<float> scales = {0.5f, 0.1f, 3.0f, 0.37f, 1.0f, 0.02f, 9.0f};
  GemmProblem problem;
  problem.a = StridedOperand(a.data(), kM, kK, kK, 1);
  problem.b = StridedOperand(b.data(), kK, kN, kN, 1);
  std::vector<float> c(kM * kN);
  problem.c = {c.data(), kN, kN, 1, 0};
  const std::vector<double> row_sums = SumsOfColumns(Transpose(problem.a));
  const std::vector<double> column_sums = SumsOfColumns(problem.b);
  problem.c.rows = {nullptr, row_zeros.data(), row_sums.data()};
  problem.c.columns = {scales.data(), column_zeros.data(), column_sums.data()};
  problem.c.products = kK;
  const IntegerProduct exact = {
      [](const void*, int32_t first, int32_t second) { return int64_t{first} * second; }, nullptr};
  const auto check = [&] {
    for (int64_t i = 0; i < kM; ++i) {
      for (int64_t j = 0; j < kN; ++j) {
        int64_t sum = 0;
        for (int64_t l = 0; l < kK; ++l) {
          sum += static_cast<int64_t>(a[size_t(i * kK + l)] - row_zeros[size_t(i)]) *
                 static_cast<int64_t>(b[size_t(l * kN + j)] - column_zeros[size_t(j)]);
        }
        EXPECT_EQ(c[size_t(i * kN + j)], static_cast<float>(sum) * scales[size_t(j)]);
      }
    }
  };
  ReferenceIntegerGemm(problem, exact);
  check();
  ReferenceIntegerGemm(problem, exact, WordAccumulator{.bits = 40});
  check();
  const IntegerArrayProduct arrays = {
      [](const void*, const int32_t* x, const int32_t* y, int64_t* products, size_t n) {
        for (size_t i = 0; i < n; ++i) products[i] = int64_t{x[i]} * y[i];
      },
      nullptr};
  ArrayGemm(problem, arrays);
  check();
  ArrayGemm(problem, arrays, WordAccumulator{.bits = 40});
  check();
}

TEST(SumsOfColumns, AreTheSumsOfTheirElements) {
  std::mt19937 random(12);
  for (int round = 0; round < 60; ++round) {
    const int64_t images = 1 + random() % 3, channels = 1 + random() % 20;
    Operand operand = ConvolutionPatches(random, images, channels, round % 3 == 1);
    const auto image = RandomIntegers(
        random, images * channels * operand.image.height * operand.image.width, 65536, false);
    operand.data = image.data();
    if (round % 2 == 1) operand = Transpose(operand);
    if (round % 5 == 4) operand = StridedOperand(image.data(), 3, std::ssize(image) / 3, 1, 3);
    const std::vector<double> sums = SumsOfColumns(operand);
    ASSERT_EQ(std::ssize(sums), operand.cols);
    for (int64_t j = 0; j < operand.cols; ++j) {
      double sum = 0;
      for (int64_t i = 0; i < operand.rows; ++i) sum += ElementOf(operand, i, j);
      ASSERT_EQ(sums[size_t(j)], sum) << round << ", column " << j;
    }
  }
}

TEST(IntegerGemm, EqualsReferenceForPatchesAndBatches) {
  std::mt19937 random(5);
  for (const auto& table : Tables()) {
    for (const bool transposed : {false, true}) {
      SCOPED_TRACE(table->name());
      GemmProblem problem;
      problem.b_first = transposed;
      const int64_t images = 3, channels = 2, height = 9, width = 11, rows = 5;
      const auto image =
          RandomIntegers(random, images * channels * height * width, table->Columns(problem), true);
      Operand patches;
      patches.data = image.data();
      patches.patches = true;
      Operand::Patches& p = patches.image;
      p.height = p.out_height = height;
      p.width = p.out_width = width;
      p.channel_stride = height * width;
      p.image_stride = channels * p.channel_stride;
      p.kernel_height = p.kernel_width = 3;
      p.pad_y = p.pad_x = 1;
      patches.rows = channels * 9;
      patches.cols = images * height * width;
      problem.b = transposed ? Transpose(patches) : patches;
      const auto weight = RandomIntegers(random, rows * problem.b.rows, table->Rows(problem), true);
      problem.a = StridedOperand(weight.data(), rows, problem.b.rows, problem.b.rows, 1);
      const int64_t n = problem.b.cols, inner = transposed ? n : height * width;
      // As in a weight gradient, or as a batch in NCHW.
      problem.c =
          transposed ? Result{nullptr, n, n, 1, 0} : Result{nullptr, inner, inner, 1, rows * inner};
      const RandomLines lines(random, problem);
      ExpectEqualsReference(*table, problem, static_cast<size_t>(rows * n));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(IntegerGemm, EqualsReferenceForConvolutions) {
  std::mt19937 random(10);
  const auto tables = Tables();
  int taken[2] = {};
  for (int round = 0; round < 120; ++round) {
    const TestTable& table = *tables[size_t(round) % tables.size()];
    SCOPED_TRACE(table.name() + ", round " + std::to_string(round));
    const bool of_weight = round % 3 == 2;
    const int64_t images = 1 + random() % 3;
    const int64_t channels = of_weight ? 16 * (1 + random() % 5) : 1 + random() % 40;
    Operand patches = ConvolutionPatches(random, images, channels, round % 3 == 1);
    const Operand::Patches& p = patches.image;
    GemmProblem problem;
    problem.b_first = random() % 2 == 0;
    const auto image = RandomIntegers(random, images * channels * p.height * p.width,
                                      table.Columns(problem), random() % 2 == 0);
    patches.data = image.data();
    problem.b = of_weight ? Transpose(patches) : patches;
    const int64_t rows = 1 + random() % 20;
    const auto other = RandomIntegers(random, rows * problem.b.rows, table.Rows(problem), true);
    problem.a = StridedOperand(other.data(), rows, problem.b.rows, problem.b.rows, 1);
    const int64_t inner = of_weight ? problem.n() : p.out_height * p.out_width;
    problem.c = {nullptr, inner, inner, 1, rows * inner};
    problem.c.scale = 0.37f;
    const RandomLines lines(random, problem);
    taken[of_weight] += TakesIntegerImages(problem, 65025, 768, true);
    ExpectEqualsReference(table, problem, static_cast<size_t>(rows * problem.n()));
    if (HasFatalFailure()) return;
  }
  // Most could be computed from shifts of the images, not from packed patches.
  EXPECT_GT(taken[false], 35);
  EXPECT_GT(taken[true], 5);
}

}  // namespace
}  // namespace mulberry
