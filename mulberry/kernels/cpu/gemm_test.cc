// Every CPU kernel for floats against the reference, bit for bit: on every instruction set of this
// machine, for one and two threads, over shapes around the block sizes, both operand orders,
// strided, transposed and patch operands, and elements from ordinary to infinite.
#include "mulberry/kernels/cpu/gemm.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/driver.h"
#include "mulberry/kernels/test_convolutions.h"
#include "mulberry/kernels/test_multiplier.h"
#include "mulberry/kernels/test_targets.h"

namespace mulberry {
namespace {

using Kernel = std::function<void(const GemmProblem&)>;

struct Case {
  std::string name;
  TestMultiplier multiplier;
  /// The kernel under test, or empty where this instruction set lacks it.
  std::function<Kernel(const TestMultiplier&)> kernel;
};

std::vector<float> Transposed(const TestMultiplier& multiplier) {
  const size_t n = size_t{1} << multiplier.m;
  std::vector<float> result(n * n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) result[j * n + i] = multiplier.products[i * n + j];
  }
  return result;
}

Kernel GatherKernel(const TestMultiplier& multiplier, int min_log2) {
  return [&multiplier, min_log2, transposed = Transposed(multiplier)](const GemmProblem& problem) {
    GatherTableGemm(problem, {multiplier.m, min_log2, multiplier.products.data(), transposed.data(),
                              multiplier.product()});
  };
}

/// Bits of all codes, from `shift` of a float on.
template <class Code>
std::vector<Code> Plane(const std::vector<float>& products, int m, int shift) {
  const size_t n = size_t{1} << m, row = m == 8 ? 256 : 128;
  std::vector<Code> plane(n * row);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      const uint32_t bits = std::bit_cast<uint32_t>(products[i * n + j]) - 0x3f800000;
      plane[i * row + j] = static_cast<Code>(bits >> shift);
    }
  }
  return plane;
}

Kernel RegisterKernel(const TestMultiplier& multiplier, bool two_planes) {
  if (!RegisterTableSupported(multiplier.m)) return nullptr;
  const std::vector<float> transposed = Transposed(multiplier);
  const int m = multiplier.m;
  return [&multiplier, m, two_planes, high = Plane<uint8_t>(multiplier.products, m, 16),
          low = Plane<uint8_t>(multiplier.products, m, 8),
          words = Plane<uint16_t>(multiplier.products, m, 8),
          high_t = Plane<uint8_t>(transposed, m, 16), low_t = Plane<uint8_t>(transposed, m, 8),
          words_t = Plane<uint16_t>(transposed, m, 8)](const GemmProblem& problem) {
    RegisterTableGemm(problem,
                      {m,
                       {high.data(), two_planes ? low.data() : nullptr, words.data()},
                       {high_t.data(), two_planes ? low_t.data() : nullptr, words_t.data()},
                       multiplier.product()});
  };
}

/// A table of the exact products or Mitchell's, which the closed forms must reproduce.
TestMultiplier ClosedFormTable(int m, ClosedForm form) {
  const size_t n = size_t{1} << m;
  TestMultiplier result{m, std::vector<float>(n * n)};
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      const double x = double(i) / double(n), y = double(j) / double(n);
      const double mitchell = x + y < 1 ? 1 + x + y : 2 * (x + y);
      result.products[i * n + j] =
          static_cast<float>(form == ClosedForm::kExact ? (1 + x) * (1 + y) : mitchell);
    }
  }
  return result;
}

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (int m : {2, 7, 8}) {
    TestMultiplier any = RandomMultiplier(m, 17, 100 + m);
    any.products[0] = 0.0f;
    any.products[1] = 0x1.8p-9f;
    any.products.back() = 4.0f;
    cases.push_back({"gather, any product, m=" + std::to_string(m), any,
                     [](const TestMultiplier& t) { return GatherKernel(t, -9); }});
    cases.push_back({"register, one plane, m=" + std::to_string(m), RandomMultiplier(m, 7, m),
                     [](const TestMultiplier& t) { return RegisterKernel(t, false); }});
    cases.push_back({"register, two planes, m=" + std::to_string(m), RandomMultiplier(m, 15, m),
                     [](const TestMultiplier& t) { return RegisterKernel(t, true); }});
    cases.push_back({"Mitchell, m=" + std::to_string(m), ClosedFormTable(m, ClosedForm::kMitchell),
                     [](const TestMultiplier& t) -> Kernel {
                       return [&t](const GemmProblem& problem) {
                         ClosedFormGemm(problem, {ClosedForm::kMitchell, true, t.product()});
                       };
                     }});
    for (bool fused : {false, true}) {
      cases.push_back({"exact, m=" + std::to_string(m), ClosedFormTable(m, ClosedForm::kExact),
                       [fused](const TestMultiplier& t) -> Kernel {
                         return [fused, &t](const GemmProblem& problem) {
                           ClosedFormGemm(problem, {ClosedForm::kExact, fused, t.product()});
                         };
                       }});
    }
  }
  return cases;
}

void ExpectEqualsReference(const Case& c, GemmProblem problem, size_t result_size) {
  std::vector<float> expected(result_size, -7.0f), actual(result_size, -7.0f);
  problem.c.data = expected.data();
  ReferenceGemm(problem, c.multiplier.product());
  problem.c.data = actual.data();
  ForEachTarget([&] {
    const Kernel kernel = c.kernel(c.multiplier);
    if (!kernel) return;
    // One and two threads by turns: each kernel meets both on every instruction set.
    static int turn = 0;
    SetThreads(1 + turn++ % 2);
    std::fill(actual.begin(), actual.end(), -7.0f);
    kernel(problem);
    ExpectSameBits(expected, actual);
  });
}

struct Shape {
  int64_t m, n, k;
};
constexpr Shape kShapes[] = {{1, 1, 1},   {1, 64, 3},   {4, 63, 17}, {5, 65, 256}, {3, 2, 257},
                             {66, 3, 40}, {130, 70, 9}, {2, 600, 5}, {7, 9, 0},    {17, 33, 300}};

TEST(CpuGemm, EqualsReferenceForStridedOperands) {
  const std::vector<Case> cases = Cases();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    uint32_t seed = 1;
    for (const Shape& s : kShapes) {
      for (Elements kind : kAllElements) {
        // Every shape meets every kind of element, in one kernel or its neighbour in the list.
        if ((&c - cases.data() + static_cast<int>(kind) + (&s - kShapes)) % 2 != 0) continue;
        SCOPED_TRACE(testing::Message()
                     << s.m << "x" << s.n << "x" << s.k << ", elements " << static_cast<int>(kind));
        const int m = c.multiplier.m;
        const std::vector<float> a = RandomElements(s.m * s.k, m, kind, seed++);
        const std::vector<float> b = RandomElements(s.k * s.n, m, Elements::kSparse, seed++);
        GemmProblem problem;
        // A is stored transposed and B as it is in one half of the cases, the reverse in the other.
        const bool flip = seed / 2 % 2 == 0;
        problem.a = StridedOperand(a.data(), s.m, s.k, flip ? s.k : 1, flip ? 1 : s.m);
        problem.b = StridedOperand(b.data(), s.k, s.n, flip ? 1 : s.n, flip ? s.k : 1);
        problem.c = {nullptr, s.n, s.n, 1, 0};
        problem.b_first = seed % 3 == 0;
        ExpectEqualsReference(c, problem, s.m * s.n);
        if (HasFatalFailure()) return;
      }
    }
  }
}

/// A convolution's patches: geometry from small integers, some outside the image.
Operand RandomPatches(std::mt19937& random, const float* data, int64_t images, int64_t channels,
                      int64_t height, int64_t width) {
  Operand operand;
  operand.data = data;
  operand.patches = true;
  Operand::Patches& p = operand.image;
  p.height = height;
  p.width = width;
  p.channel_stride = height * width;
  p.image_stride = channels * p.channel_stride;
  p.kernel_height = 1 + random() % 3;
  p.kernel_width = 1 + random() % 3;
  p.out_height = 1 + random() % 6;
  p.out_width = 1 + random() % 40;
  p.stride_y = 1 + random() % 2;
  p.stride_x = 1 + random() % 2;
  p.pad_y = static_cast<int64_t>(random() % 5) - 2;
  p.pad_x = static_cast<int64_t>(random() % 5) - 2;
  p.dilation_y = 1 + random() % 2;
  p.dilation_x = random() % 2 ? 1 : -1;
  p.divide_y = 1 + random() % 2;
  p.divide_x = 1 + random() % 2;
  operand.rows = channels * p.kernel_height * p.kernel_width;
  operand.cols = images * p.out_height * p.out_width;
  return operand;
}

TEST(CpuGemm, EqualsReferenceForPatches) {
  std::mt19937 random(5);
  const std::vector<Case> cases = Cases();
  for (int round = 0; round < 60; ++round) {
    const Case& c = cases[round % cases.size()];
    SCOPED_TRACE(c.name + ", round " + std::to_string(round));
    const int64_t images = 1 + random() % 3, channels = 1 + random() % 3;
    const int64_t height = 1 + random() % 7, width = 1 + random() % 30;
    const int m = c.multiplier.m;
    const std::vector<float> image =
        RandomElements(images * channels * height * width, m, kAllElements[round % 5], random());
    const Operand patches = RandomPatches(random, image.data(), images, channels, height, width);
    const int64_t rows = 1 + random() % 9;
    GemmProblem problem;
    problem.b_first = round % 2 == 0;
    std::vector<float> weight;
    if (round % 3 == 0) {
      // As in a weight gradient: the patches are summed over.
      weight = RandomElements(rows * patches.cols, m, Elements::kOrdinary, random());
      problem.b = Transpose(patches);
    } else {
      weight = RandomElements(rows * patches.rows, m, Elements::kOrdinary, random());
      problem.b = patches;
    }
    problem.a = StridedOperand(weight.data(), rows, problem.b.rows, problem.b.rows, 1);
    const int64_t n = problem.b.cols;
    if (round % 3 == 1) {
      // As a batch in NCHW: columns are images, each with all rows.
      const int64_t inner = patches.image.out_height * patches.image.out_width;
      problem.c = {nullptr, inner, inner, 1, rows * inner};
    } else {
      problem.c = {nullptr, n, n, 1, 0};
    }
    ExpectEqualsReference(c, problem, rows * n);
    if (HasFatalFailure()) return;
  }
}

TEST(CpuGemm, EqualsReferenceForConvolutions) {
  std::mt19937 random(8);
  const std::vector<Case> cases = Cases();
  int taken[2] = {};
  for (int round = 0; round < 90; ++round) {
    const Case& c = cases[random() % cases.size()];
    SCOPED_TRACE(c.name + ", round " + std::to_string(round));
    const bool of_weight = round % 3 == 2;
    const int64_t images = 1 + random() % 3;
    const int64_t channels = of_weight ? 16 * (1 + random() % 5) : 1 + random() % 40;
    Operand patches = ConvolutionPatches(random, images, channels, round % 3 == 1);
    const Operand::Patches& p = patches.image;
    const int m = c.multiplier.m;
    const Elements kind = kAllElements[random() % 5];
    const std::vector<float> image =
        RandomElements(images * channels * p.height * p.width, m, kind, random());
    patches.data = image.data();
    const int64_t rows = 1 + random() % 20;
    GemmProblem problem;
    problem.b = of_weight ? Transpose(patches) : patches;
    problem.b_first = random() % 2 == 0;
    const std::vector<float> other =
        RandomElements(rows * problem.b.rows, m,
                       random() % 4 == 0 ? Elements::kSpecial : Elements::kOrdinary, random());
    problem.a = StridedOperand(other.data(), rows, problem.b.rows, problem.b.rows, 1);
    const int64_t inner = of_weight ? problem.n() : p.out_height * p.out_width;
    problem.c = {nullptr, inner, inner, 1, rows * inner};
    taken[of_weight] += TakesImages(problem);
    ExpectEqualsReference(c, problem, rows * problem.n());
    if (HasFatalFailure()) return;
  }
  // Most are computed from shifts of the images, not from packed patches.
  EXPECT_GT(taken[false], 40);
  EXPECT_GT(taken[true], 20);
}

TEST(CpuGemm, EveryPairOfMantissasThroughEveryKernel) {
  // One product per output, all pairs of mantissas, at exponents that give ordinary products,
  // products around the flush to zero, and products around the overflow.
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    const int64_t n = int64_t{1} << c.multiplier.m;
    for (const auto& [ea, eb] : {std::pair{127, 127}, {63, 64}, {64, 64}, {63, 63}, {190, 191}}) {
      std::vector<float> a(n), b(n);
      for (int64_t i = 0; i < n; ++i) {
        const uint32_t mantissa = static_cast<uint32_t>(i) << (23 - c.multiplier.m);
        a[i] = std::bit_cast<float>(static_cast<uint32_t>(ea) << 23 | mantissa);
        b[i] = std::bit_cast<float>(1u << 31 | static_cast<uint32_t>(eb) << 23 | mantissa);
      }
      GemmProblem problem;
      problem.a = StridedOperand(a.data(), n, 1, 1, 1);
      problem.b = StridedOperand(b.data(), 1, n, n, 1);
      problem.c = {nullptr, n, n, 1, 0};
      ExpectEqualsReference(c, problem, n * n);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(CpuGemm, KeepsSumsBelowTheSmallestNormal) {
  // Of products around 2^-126 that nearly cancel, over the first steps of k; the others, in blocks
  // of their own, are zero or far too large to meet subnormals. A kernel that reads these as zero
  // there loses the sums.
  constexpr int64_t kRows = 5, kColumns = 70, kDepth = 3 * kBlockK;
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    const int m = c.multiplier.m;
    for (const int64_t first_tiny : {int64_t{0}, kBlockK}) {
      std::vector<float> a(kRows * kDepth), b(kDepth * kColumns);
      std::mt19937 random(3);
      const auto mantissa = [&] { return static_cast<float>(random() % (1u << m)); };
      for (int64_t l = 0; l < kDepth; ++l) {
        const bool tiny = l >= first_tiny && l < first_tiny + kBlockK / 2;
        // Those of the first block are ordinary where the tiny ones come after it.
        const bool ordinary = l < first_tiny;
        const float scale = tiny ? 0x1p-63f : ordinary && l % 2 == 0 ? 0x1p-20f : 0.0f;
        for (int64_t i = 0; i < kRows; ++i) {
          a[i * kDepth + l] = scale * (1 + std::ldexp(mantissa(), -m)) * (l % 4 < 2 ? 1 : -1);
        }
        for (int64_t j = 0; j < kColumns; ++j) {
          b[l * kColumns + j] = j % 7 == 0 ? 0.0f : scale * (1 + std::ldexp(mantissa(), -m));
        }
      }
      // The ordinary ones cancel to the bit: pairs of steps are each other's negatives.
      for (int64_t l = 0; l + 2 < first_tiny; l += 4) {
        for (int64_t i = 0; i < kRows; ++i) a[i * kDepth + l + 2] = -a[i * kDepth + l];
        for (int64_t j = 0; j < kColumns; ++j) {
          b[(l + 2) * kColumns + j] = b[l * kColumns + j];
        }
      }
      GemmProblem problem;
      problem.a = StridedOperand(a.data(), kRows, kDepth, kDepth, 1);
      problem.b = StridedOperand(b.data(), kDepth, kColumns, kColumns, 1);
      problem.c = {nullptr, kColumns, kColumns, 1, 0};
      ExpectEqualsReference(c, problem, kRows * kColumns);
      if (HasFatalFailure()) return;
      std::vector<float> sums(kRows * kColumns);
      problem.c.data = sums.data();
      ReferenceGemm(problem, c.multiplier.product());
      EXPECT_TRUE(std::ranges::any_of(
          sums, [](float sum) { return std::fpclassify(sum) == FP_SUBNORMAL; }));
    }
  }
}

}  // namespace
}  // namespace mulberry
