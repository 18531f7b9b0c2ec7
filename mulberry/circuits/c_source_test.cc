// C and C++ functions as multipliers: conventions, types, languages, and their cache.
#include "mulberry/circuits/c_source.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <thread>

#include "mulberry/base/random.h"
#include "mulberry/circuits/test_circuits.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

std::vector<int64_t> TableOfC(const char* function, const CircuitShape& shape,
                              const char* file = "multipliers.c") {
  return EvaluateAll(*LoadCSource(SourceFile(file), function, shape))->products;
}

int64_t Times(int64_t a, int64_t b) {
  return a * b;
}

TEST(CSource, TakesEvoApproxLibsConventions) {
  EXPECT_EQ(TableOfC("mul8u_drop", Unsigned(8)), TableOf(Unsigned(8), DropProduct));
  EXPECT_EQ(TableOfC("mul8u_drop_named", Unsigned(8)), TableOf(Unsigned(8), DropProduct));
  EXPECT_EQ(TableOfC("mul8s_drop", Signed(8)), TableOf(Signed(8), DropProduct));
  EXPECT_EQ(TableOfC("mul4u_or", Unsigned(4), "mul4u_or.c"), TableOf(Unsigned(4), OrProduct));
}

TEST(CSource, PassesSignedOperandsAsTheTypesWantThem) {
  EXPECT_EQ(TableOfC("mul8s_drop_typed", Signed(8)), TableOf(Signed(8), DropProduct));
  EXPECT_EQ(TableOfC("mul8s_wide", Signed(8)), TableOf(Signed(8), Times));
}

TEST(CSource, TakesTheLowBitsOfTheResult) {
  EXPECT_EQ(TableOfC("mul8u_high_bits", Unsigned(8)), TableOf(Unsigned(8), Times));
}

TEST(CSource, TakesOperandsOfTwoWidths) {
  const CircuitShape shape{8, 4, false, false, false};
  EXPECT_EQ(TableOfC("mul8x4u_drop", shape), TableOf(shape, DropProduct));
}

TEST(CSource, TakesASignedAndAnUnsignedOperand) {
  for (const int b_bits : {3, 4, 8}) {
    const CircuitShape shape{8, b_bits, false, true, false};
    EXPECT_EQ(TableOfC("mul8ux8s_drop", shape), TableOf(shape, DropProduct)) << b_bits;
  }
  const CircuitShape shape{8, 4, true, false, false};
  EXPECT_EQ(TableOfC("mul8sx4u_drop", shape), TableOf(shape, DropProduct));
  // A type that would not hold the unsigned operand's largest value.
  EXPECT_EQ(MessageOf([] {
              TableOfC("mul8ux8s_drop", {8, 8, true, false, false});
            }),
            SourceFile("multipliers.c") +
                "#mul8ux8s_drop: its second parameter is signed char, which does not hold uint8 "
                "operands, 0 to 255");
}

TEST(CSource, OneFunctionServesSeveralWidths) {
  // 16-bit operands have no table; 24 bits of products do.
  EXPECT_EQ(TableOfC("mul8u_drop", Unsigned(4)), TableOf(Unsigned(4), DropProduct));
  EXPECT_EQ(TableOfC("mul8u_drop", Unsigned(12)), TableOf(Unsigned(12), DropProduct));
  const auto wide = LoadCSource(SourceFile("multipliers.c"), "mul8u_drop", Unsigned(16));
  const uint32_t a = 0xffff, b = 0xfffe;
  uint64_t product = 0;
  wide->Evaluate(&a, &b, &product, 1);
  EXPECT_EQ(product, uint64_t{0xfffc} * 0xfffe);
}

TEST(CSource, ComputesWideProducts) {
  const RandomStream stream{.seed = 7, .stream = 0};
  // More than one batch of the program's.
  std::vector<uint32_t> a(150000), b(a.size());
  for (size_t i = 0; i < a.size(); ++i) a[i] = stream.At(2 * i), b[i] = stream.At(2 * i + 1);
  std::vector<uint64_t> products(a.size());
  LoadCSource(SourceFile("multipliers.c"), "mul24s", Signed(24))
      ->Evaluate(a.data(), b.data(), products.data(), a.size());
  for (size_t i = 0; i < a.size(); ++i) {
    const int64_t exact = ValueOf(a[i], 24, true) * ValueOf(b[i], 24, true);
    ASSERT_EQ(products[i], static_cast<uint64_t>(exact) & 0xffffffffffff) << i;
  }
  LoadCSource(SourceFile("multipliers.c"), "mul32u", Unsigned(32))
      ->Evaluate(a.data(), b.data(), products.data(), a.size());
  for (size_t i = 0; i < a.size(); ++i) ASSERT_EQ(products[i], uint64_t{a[i]} * b[i]) << i;
}

TEST(CSource, TakesFloats) {
  const auto circuit = LoadCSource(SourceFile("multipliers.c"), "mul_bf16", kFloatShape);
  EXPECT_EQ(Name(circuit->shape()), "float");
  const float a[] = {1.5f, -2.0f, 1.0f + 0x1p-20f, 3e38f, 0.0f, 1.0f};
  const float b[] = {1.25f, 0.5f, 1.0f, 10.0f, -1.0f, std::nanf("")};
  const float expected[] = {1.875f, -1.0f, 1.0f, HUGE_VALF, -0.0f};
  uint32_t a_bits[6], b_bits[6];
  uint64_t products[6];
  for (int i = 0; i < 6; ++i) a_bits[i] = std::bit_cast<uint32_t>(a[i]);
  for (int i = 0; i < 6; ++i) b_bits[i] = std::bit_cast<uint32_t>(b[i]);
  circuit->Evaluate(a_bits, b_bits, products, 6);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(products[i], std::bit_cast<uint32_t>(expected[i])) << i;
  EXPECT_TRUE(std::isnan(std::bit_cast<float>(static_cast<uint32_t>(products[5]))));
}

TEST(CSource, TakesCpp) {
  const char* file = "multipliers.cc";
  EXPECT_EQ(TableOfC("circuits::quarter_squares", Unsigned(8), file), TableOf(Unsigned(8), Times));
  EXPECT_EQ(TableOfC("circuits::drop<uint8_t>", Unsigned(8), file),
            TableOf(Unsigned(8), DropProduct));
  EXPECT_EQ(TableOfC("circuits::drop<signed char>", Signed(8), file),
            TableOf(Signed(8), DropProduct));
}

TEST(CSource, HasNoCollisionsWithItsOwnNames) {
  EXPECT_EQ(TableOfC("count", Unsigned(8)), TableOf(Unsigned(8), Times));
}

TEST(CSource, HearsNoNoise) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(TableOfC("mul8u_noisy", Unsigned(8)), TableOf(Unsigned(8), Times));
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(CSource, FilesMayHaveAnyName) {
  const TestFolder folder;
  const fs::path path = folder.path() / "-a \"b\" $c.c";
  WriteTestFile(path, "int f(int a, int b) { return a * b; }\n");
  EXPECT_EQ(EvaluateAll(*LoadCSource(path.string(), "f", Unsigned(3)))->products,
            TableOf(Unsigned(3), Times));
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  EXPECT_NO_THROW(LoadCSource(path.filename().string(), "f", Unsigned(3)));
  fs::current_path(before);
}

size_t ProgramCount() {
  return static_cast<size_t>(
      std::distance(fs::directory_iterator(test_cache_folder.path() / "circuits"), {}));
}

TEST(CSource, IsCompiledOnceForEachContent) {
  const TestFolder folder;
  const std::string header = folder.path() / "h.h", path = folder.path() / "s.c";
  WriteTestFile(header, "#define DROPPED 1\n");
  WriteTestFile(path, "#include \"h.h\"\nint f(int a, int b) { return (a & ~DROPPED) * b; }\n");
  const auto table = [&] { return EvaluateAll(*LoadCSource(path, "f", Unsigned(3)))->products; };
  const auto first = table();
  const size_t programs = ProgramCount();
  EXPECT_EQ(table(), first);
  EXPECT_EQ(ProgramCount(), programs);

  // The same text elsewhere is the same program; a comment changes nothing.
  WriteTestFile(folder.path() / "elsewhere" / "h.h", "#define DROPPED 1 // bits\n");
  fs::copy(path, folder.path() / "elsewhere" / "t.c");
  EXPECT_NO_THROW(LoadCSource(folder.path() / "elsewhere" / "t.c", "f", Unsigned(3)));
  EXPECT_EQ(ProgramCount(), programs);

  WriteTestFile(header, "#define DROPPED 2\n");
  EXPECT_NE(table(), first);
  EXPECT_EQ(ProgramCount(), programs + 1);
}

TEST(CSource, TakesTheCompilerThatTheUserNames) {
  const ScopedVariable compiler("CC", "gcc -DNAME=chosen");
  const TestFolder folder;
  const std::string path = folder.path() / "s.c";
  WriteTestFile(path, "int NAME(int a, int b) { return a * b; }\n");
  EXPECT_EQ(EvaluateAll(*LoadCSource(path, "chosen", Unsigned(3)))->products,
            TableOf(Unsigned(3), Times));
}

// Each process finds an empty cache, and all compile the same.
TEST(CSource, ManyProcessesMayCompileAtOnce) {
  const TestFolder cache;
  const ScopedVariable variable("MULBERRY_CACHE", cache.path().c_str());
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child > 0) {
      children.push_back(child);
      continue;
    }
    uint64_t product = 0;
    const uint32_t a = 13, b = 11;
    const std::string message = MessageOf([&] {
      LoadCSource(SourceFile("mul4u_or.c"), "mul4u_or", Unsigned(4))->Evaluate(&a, &b, &product, 1);
    });
    _exit(message == "no error" && product == static_cast<uint64_t>(OrProduct(13, 11)) ? 0 : 1);
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(cache.path() / "circuits"), {}), 1);
  EXPECT_TRUE(fs::is_empty(cache.path() / "work"));
}

TEST(CSource, ManyThreadsMayEvaluateAtOnce) {
  const auto circuit = LoadCSource(SourceFile("multipliers.c"), "mul8u_drop", Unsigned(8));
  const std::vector<int64_t> expected = TableOf(Unsigned(8), DropProduct);
  std::vector<std::vector<uint64_t>> products(6, std::vector<uint64_t>(65536));
  std::vector<std::thread> threads;
  for (auto& own : products) {
    threads.emplace_back([&] {
      std::vector<uint32_t> a(65536), b(65536);
      for (uint32_t i = 0; i < 65536; ++i) a[i] = i >> 8, b[i] = i & 255;
      circuit->Evaluate(a.data(), b.data(), own.data(), own.size());
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& own : products) {
    EXPECT_TRUE(std::equal(own.begin(), own.end(), expected.begin(), expected.end(),
                           [](uint64_t x, int64_t y) { return static_cast<int64_t>(x) == y; }));
  }
}

}  // namespace
}  // namespace mulberry
