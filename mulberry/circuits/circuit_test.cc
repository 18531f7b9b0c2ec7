// Circuits as values: shapes, tables, and the tables' cache.
#include "mulberry/circuits/circuit.h"

#include <gtest/gtest.h>

#include <atomic>

#include "mulberry/base/threads.h"
#include "mulberry/circuits/test_circuits.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

/// a·b, counting its products; spoilt after Renew() if told so.
class Counting : public Circuit {
 public:
  Counting(const CircuitShape& shape, std::string digest)
      : Circuit(shape, "counting", std::move(digest)) {}

  void Evaluate(const uint32_t* a, const uint32_t* b, uint64_t* products, size_t n) const override {
    for (size_t i = 0; i < n; ++i) {
      products[i] = static_cast<uint64_t>(ValueOf(a[i], shape().a_bits, shape().a_signed) *
                                          ValueOf(b[i], shape().b_bits, shape().b_signed));
      products[i] &= (uint64_t{1} << shape().product_bits()) - 1;
      if (renewed_ && spoilt_ && a[i] == 5 && b[i] == 6) products[i] ^= 1;
    }
    count_ += n;
  }
  void Renew() const override { renewed_ = true; }

  size_t count() const { return count_; }
  void Spoil() { spoilt_ = true; }

 private:
  mutable std::atomic<size_t> count_ = 0;
  mutable std::atomic<bool> renewed_ = false;
  bool spoilt_ = false;
};

int64_t Times(int64_t a, int64_t b) {
  return a * b;
}

TEST(CircuitShape, HasAName) {
  EXPECT_EQ(Name(Unsigned(8)), "uint8");
  EXPECT_EQ(Name(Signed(12)), "int12");
  EXPECT_EQ(Name({8, 4, true, true, false}), "int8 x int4");
  EXPECT_EQ(Name({8, 8, false, true, false}), "uint8 x int8");
  EXPECT_EQ(Name(kFloatShape), "float");
}

TEST(ValueOf, IsTwosComplementWhereSigned) {
  EXPECT_EQ(ValueOf(0xff, 8, true), -1);
  EXPECT_EQ(ValueOf(0xff, 8, false), 255);
  EXPECT_EQ(ValueOf(0x180, 8, true), -128);
  EXPECT_EQ(ValueOf(0x17f, 8, true), 127);
  EXPECT_EQ(ValueOf(~uint64_t{0}, 64, true), -1);
  EXPECT_EQ(ValueOf(1, 1, true), -1);
}

TEST(EvaluateAll, HasTheProductOfEveryPair) {
  for (const CircuitShape& shape :
       {Unsigned(1), Unsigned(8), Signed(8), Unsigned(9), CircuitShape{3, 7, true, true, false},
        CircuitShape{12, 2, false, false, false}, CircuitShape{5, 4, false, true, false},
        CircuitShape{2, 6, true, false, false}}) {
    const Counting circuit(shape, "every " + Name(shape));
    const auto table = EvaluateAll(circuit);
    EXPECT_EQ(table->shape, shape);
    EXPECT_EQ(table->products, TableOf(shape, Times)) << Name(shape);
    EXPECT_EQ(circuit.count(), size_t{2} << shape.product_bits());
  }
}

TEST(EvaluateAll, IsTheSameForAnyNumberOfThreads) {
  const int threads = Threads();
  for (const int count : {1, 3}) {
    SetThreads(count);
    EXPECT_EQ(EvaluateAll(Counting(Signed(9), fmt::format("threads {}", count)))->products,
              TableOf(Signed(9), Times));
  }
  SetThreads(threads);
}

TEST(EvaluateAll, ComputesOnlyWhatIsInNoCache) {
  const Counting circuit(Unsigned(4), "cached");
  auto table = EvaluateAll(circuit);
  EXPECT_EQ(circuit.count(), 512u);
  // In memory while it is held, on disk afterwards.
  EXPECT_EQ(EvaluateAll(circuit), table);
  const std::vector<int64_t> products = table->products;
  table.reset();
  EXPECT_EQ(EvaluateAll(circuit)->products, products);
  EXPECT_EQ(circuit.count(), 512u);
}

TEST(EvaluateAll, ComputesAgainWhatIsHarmedOnDisk) {
  const Counting circuit(Signed(4), "harmed");
  const fs::path path = test_cache_folder.path() / "tables" / "harmed";
  EvaluateAll(circuit);
  const std::string bytes = ReadTestFile(path);
  std::string flipped = bytes;
  flipped[flipped.size() - 3] ^= 1;
  for (const std::string& harmed : {std::string(), bytes.substr(0, bytes.size() - 1), bytes + "x",
                                    flipped, std::string(bytes.size(), '\0')}) {
    const size_t before = circuit.count();
    WriteTestFile(path, harmed);
    EXPECT_EQ(EvaluateAll(circuit)->products, TableOf(Signed(4), Times));
    EXPECT_EQ(circuit.count(), before + 512);
    EXPECT_EQ(ReadTestFile(path), bytes);
  }
  // So is a table of another shape.
  const Counting other(Unsigned(4), "harmed");
  EXPECT_EQ(EvaluateAll(other)->products, TableOf(Unsigned(4), Times));
}

TEST(EvaluateAll, RefusesProductsThatChange) {
  Counting circuit(Unsigned(8), "changing");
  circuit.Spoil();
  EXPECT_EQ(MessageOf([&] { EvaluateAll(circuit); }),
            "counting: its product of a = 5, b = 6 was 30 and then 31: it depends on more than its "
            "operands");
  EXPECT_FALSE(fs::exists(test_cache_folder.path() / "tables" / "changing"));
}

TEST(EvaluateAll, RefusesWhatHasNoTable) {
  EXPECT_EQ(MessageOf([] { EvaluateAll(Counting(Unsigned(16), "wide")); }),
            "counting: a table of uint16 operands has 2^32 products, more than the limit of 2^24");
  EXPECT_EQ(MessageOf([] { EvaluateAll(Counting(kFloatShape, "floats")); }),
            "counting: float operands have no table of all products");
}

TEST(EvaluateAll, NeedsAPlaceForItsCache) {
  const TestFolder folder;
  const std::string file = folder.path() / "file";
  WriteTestFile(file, "");
  const ScopedVariable cache("MULBERRY_CACHE", file.c_str());
  EXPECT_EQ(MessageOf([] { EvaluateAll(Counting(Unsigned(4), "nowhere")); }),
            fmt::format("cannot make the folder {}/tables: Not a directory; set MULBERRY_CACHE to "
                        "a folder that can be written",
                        file));
}

TEST(RequireValid, NamesTheWidthsThatThereAre) {
  for (const int bits : {0, 33, -1}) {
    EXPECT_EQ(MessageOf([&] { RequireValid(Unsigned(bits)); }),
              fmt::format("operands of a circuit have 1 to 32 bits, not {}", bits));
  }
  EXPECT_EQ(MessageOf([] { RequireValid({1, 32, true, true, false}); }), "no error");
}

}  // namespace
}  // namespace mulberry
