// Matrix products under the mode: against LibTorch's own where the arithmetic is exact, against the
// reference product bit for bit where it is not.
#include <gtest/gtest.h>

#include <cmath>

#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"
#include "mulberry/nn/test_products.h"

namespace mulberry {
namespace {

// LibTorch 2.x has overloads of both.
at::Tensor (*const kMm)(const at::Tensor&, const at::Tensor&) = torch::mm;
at::Tensor (*const kBmm)(const at::Tensor&, const at::Tensor&) = torch::bmm;

struct Product {
  at::Tensor c, da, db;
};

// c = op(a, b) and both gradients for a given dc.
Product RunProduct(const std::function<at::Tensor(at::Tensor, at::Tensor)>& op,
                   const at::Tensor& a0, const at::Tensor& b0, const at::Tensor& dc) {
  const at::Tensor a = a0.detach().clone(at::MemoryFormat::Preserve).requires_grad_();
  const at::Tensor b = b0.detach().clone(at::MemoryFormat::Preserve).requires_grad_();
  const at::Tensor c = op(a, b);
  c.backward(dc);
  return {c.detach(), a.grad(), b.grad()};
}

Matrix MatrixOf(const at::Tensor& t) {
  return Matrix(t.size(0), t.size(1), [&](int64_t i, int64_t j) {
    return t.index({i, j}).item<float>();
  });
}

at::Tensor Reference(const std::string& spec, const at::Tensor& a, const at::Tensor& b,
                     bool b_first) {
  using enum OperandIndex;
  const Arithmetic arithmetic = ParseArithmetic(spec);
  Matrix left = MatrixOf(a), right = MatrixOf(b);
  left.scale = ScaleOf(a, arithmetic, b_first ? kSecond : kFirst);
  right.scale = ScaleOf(b, arithmetic, b_first ? kFirst : kSecond);
  std::vector<float> c = ReferenceProduct(arithmetic, left, right, b_first);
  return torch::from_blob(c.data(), {a.size(0), b.size(1)}).clone();
}

struct LinearModel : torch::nn::Module {
  explicit LinearModel(int64_t in, int64_t out) {
    fc = register_module("fc", torch::nn::Linear(in, out));
  }
  torch::nn::Linear fc{nullptr};
};

TEST(MatmulTest, ExactArithmeticAgreesWithLibTorch) {
  torch::manual_seed(1);
  constexpr double kEps = 1.2e-7;
  for (int64_t m : {1, 5}) {
    for (int64_t n : {1, 4}) {
      for (int64_t k : {1, 17}) {
        for (int64_t batch : {0, 1, 3}) {
          const auto shape = [&](int64_t rows, int64_t cols) {
            return batch == 0 ? std::vector<int64_t>{rows, cols}
                              : std::vector<int64_t>{batch, rows, cols};
          };
          const auto op = [&](const at::Tensor& a, const at::Tensor& b) {
            return batch == 0 ? torch::mm(a, b) : torch::bmm(a, b);
          };
          const at::Tensor a = torch::randn(shape(m, k)), b = torch::randn(shape(k, n));
          const at::Tensor dc = torch::randn(shape(m, n));
          const Product native = RunProduct(op, a, b, dc);
          const Product bound = RunProduct(op, a.abs(), b.abs(), dc.abs());
          NoModel model;
          Approximate mode(model, Uniform("exact@fp32"));
          const Product mine = RunProduct(op, a, b, dc);
          const auto tolerance = [&](const at::Tensor& magnitude, int64_t terms) {
            return magnitude * (2 * static_cast<double>(terms + 1) * kEps) + 1e-30;
          };
          EXPECT_TRUE(Within(mine.c, native.c, tolerance(bound.c, k)));
          EXPECT_TRUE(Within(mine.da, native.da, tolerance(bound.da, n)));
          EXPECT_TRUE(Within(mine.db, native.db, tolerance(bound.db, m)));
          EXPECT_EQ(mode.Report().native_macs(), 0);
          EXPECT_EQ(mode.Report().approximate_macs(), 3 * std::max<int64_t>(1, batch) * m * n * k);
        }
      }
    }
  }
}

TEST(MatmulTest, BitsAreThoseOfTheReference) {
  torch::manual_seed(1);
  NoModel model;
  for (const std::string& spec :
       {AsymmetricMultiplier(), std::string("mitchell@bf16"), std::string("mbm@bf16"),
        std::string("drum(k=6)@bf16"), std::string("mitchell@fp16"),
        std::string("exact@posit(8,1)"), std::string("mitchell@posit(16,1)+round=zero"),
        std::string("mbm@posit(8,2)+result=nearest")}) {
    const at::Tensor a = torch::randn({6, 19}), b = torch::randn({19, 7}),
                     dc = torch::randn({6, 7});
    Approximate mode(model, Uniform(spec));
    const Product mine = RunProduct(kMm, a, b, dc);
    EXPECT_TRUE(SameBits(mine.c, Reference(spec, a, b, false))) << spec;
    EXPECT_TRUE(SameBits(mine.da, Reference(spec, dc, b.t(), false))) << spec;
    EXPECT_TRUE(SameBits(mine.db, Reference(spec, a.t(), dc, true))) << spec;

    const at::Tensor a3 = torch::randn({3, 6, 19}), b3 = torch::randn({3, 19, 7});
    const at::Tensor dc3 = torch::randn({3, 6, 7});
    const Product batch = RunProduct(kBmm, a3, b3, dc3);
    for (int64_t i = 0; i < 3; ++i) {
      EXPECT_TRUE(SameBits(batch.c[i], Reference(spec, a3[i], b3[i], false))) << spec;
      EXPECT_TRUE(SameBits(batch.da[i], Reference(spec, dc3[i], b3[i].t(), false))) << spec;
      EXPECT_TRUE(SameBits(batch.db[i], Reference(spec, a3[i].t(), dc3[i], true))) << spec;
    }
  }
}

TEST(MatmulTest, EachPassOfALayerHasItsArithmetic) {
  torch::manual_seed(1);
  LinearModel model(9, 5);
  const at::Tensor x = torch::randn({4, 9}).requires_grad_(), dy = torch::randn({4, 5});
  const Policy policy{{ParseRule("fc:forward=mitchell@bf16"),
                       ParseRule("fc:input_gradient=drum(k=4)@bf16"),
                       ParseRule("fc:weight_gradient=mbm@e5m2")}};
  Approximate mode(model, policy);
  const at::Tensor y = model.fc(x);
  y.backward(dy);
  const at::Tensor w = model.fc->weight.detach();
  EXPECT_TRUE(SameBits(y, Reference("mitchell@bf16", x, w.t(), false) + model.fc->bias));
  EXPECT_TRUE(SameBits(x.grad(), Reference("drum(k=4)@bf16", dy, w, false)));
  EXPECT_TRUE(SameBits(model.fc->weight.grad(), Reference("mbm@e5m2", dy.t(), x, false)));
  EXPECT_TRUE(SameBits(model.fc->bias.grad(), dy.sum(0)));
  EXPECT_EQ(Lines(mode.Report()),
            (std::vector<std::string>{"fc linear forward mitchell@bf16 1 180",
                                      "fc linear input_gradient drum(k=4)@bf16 1 180",
                                      "fc linear weight_gradient mbm@e5m2 1 180"}));
}

// W·x: the weight is the left matrix, the activation still the multiplier's first operand.
TEST(MatmulTest, AWeightMayBeTheLeftMatrix) {
  torch::manual_seed(1);
  LinearModel model(9, 5);
  const at::Tensor x = torch::randn({9, 4}).requires_grad_(), dy = torch::randn({5, 4});
  const std::string spec = AsymmetricMultiplier();
  Approximate mode(model, Uniform(spec));
  const at::Tensor y = torch::mm(model.fc->weight, x);
  y.backward(dy);
  const at::Tensor w = model.fc->weight.detach();
  EXPECT_TRUE(SameBits(y, Reference(spec, w, x, true)));
  EXPECT_TRUE(SameBits(x.grad(), Reference(spec, w.t(), dy, true)));
  EXPECT_TRUE(SameBits(model.fc->weight.grad(), Reference(spec, dy, x.t(), false)));
}

TEST(MatmulTest, EachPassMayStayNative) {
  torch::manual_seed(1);
  NoModel model;
  const at::Tensor a = torch::randn({6, 19}), b = torch::randn({19, 7}), dc = torch::randn({6, 7});
  const Product native = RunProduct(kMm, a, b, dc);
  for (Pass kept : kAllPasses) {
    Approximate mode(
        model, Policy{{ParseRule("*=mitchell@bf16"), {"*", {kept}, ParseArithmetic("fp32")}}});
    const Product mine = RunProduct(kMm, a, b, dc);
    EXPECT_EQ(SameBits(mine.c, native.c), kept == Pass::kForward);
    EXPECT_EQ(SameBits(mine.da, native.da), kept == Pass::kInputGradient);
    EXPECT_EQ(SameBits(mine.db, native.db), kept == Pass::kWeightGradient);
  }
}

TEST(MatmulTest, ViewsNeedNoCopyAndGiveTheSameBits) {
  torch::manual_seed(1);
  NoModel model;
  Approximate mode(model, Uniform("mitchell@bf16"));
  const at::Tensor a = torch::randn({4, 6, 8}), b = torch::randn({4, 8, 5});
  const at::Tensor expected = torch::bmm(a, b);
  const at::Tensor strided = torch::randn({4, 6, 16});
  strided.slice(2, 0, 16, 2).copy_(a);
  EXPECT_TRUE(SameBits(expected, torch::bmm(strided.slice(2, 0, 16, 2), b)));
  EXPECT_TRUE(SameBits(expected, torch::bmm(a.transpose(1, 2).contiguous().transpose(1, 2),
                                            b.permute({2, 0, 1}).contiguous().permute({1, 2, 0}))));
  const at::Tensor shared = torch::randn({8, 5});
  EXPECT_TRUE(
      SameBits(torch::bmm(a, shared.expand({4, 8, 5})), torch::bmm(a, shared.repeat({4, 1, 1}))));
  Approximate exact(model, Uniform("exact@fp32"));
  EXPECT_TRUE(
      SameBits(torch::bmm(a, shared.expand({4, 8, 5})), torch::bmm(a, shared.repeat({4, 1, 1}))));
}

TEST(MatmulTest, AlphaAndBeta) {
  torch::manual_seed(1);
  NoModel model;
  const at::Tensor a = torch::randn({4, 6}), b = torch::randn({6, 5}), s = torch::randn({4, 5});
  const at::Tensor a3 = torch::randn({2, 4, 6}), b3 = torch::randn({2, 6, 5});
  const at::Tensor v = torch::randn({6}), sv = torch::randn({4});
  Approximate mode(model, Uniform("mitchell@bf16"));
  const at::Tensor p = torch::mm(a, b), p3 = torch::bmm(a3, b3), pv = torch::mv(a, v);
  EXPECT_TRUE(SameBits(torch::addmm(s, a, b), p + s));
  EXPECT_TRUE(SameBits(torch::addmm(s, a, b, 0.5, 2), p * 2 + s * 0.5));
  EXPECT_TRUE(SameBits(torch::addmm(s[0], a, b), p + s[0]));
  EXPECT_TRUE(SameBits(torch::baddbmm(s, a3, b3, 0.5, 2), p3 * 2 + s * 0.5));
  EXPECT_TRUE(SameBits(torch::addbmm(s, a3, b3, 0.5, 2), p3.sum(0) * 2 + s * 0.5));
  EXPECT_TRUE(SameBits(torch::addmv(sv, a, v, 0.5, 2), pv * 2 + sv * 0.5));
  // As in LibTorch, NaN does not pass through beta = 0.
  const at::Tensor nan = torch::full({4, 5}, std::nanf(""));
  EXPECT_TRUE(SameBits(torch::addmm(nan, a, b, 0, 1), p));

  const at::Tensor self = s.clone().requires_grad_();
  torch::addmm(self, a, b, 0.5, 2).sum().backward();
  EXPECT_TRUE(SameBits(self.grad(), torch::full({4, 5}, 0.5)));
}

TEST(MatmulTest, InPlaceAndOutVariants) {
  torch::manual_seed(1);
  NoModel model;
  const at::Tensor a = torch::randn({4, 6}), b = torch::randn({6, 5}), s = torch::randn({4, 5});
  const at::Tensor a3 = torch::randn({2, 4, 6}), b3 = torch::randn({2, 6, 5});
  const at::Tensor s3 = torch::randn({2, 4, 5}), v = torch::randn({6}), sv = torch::randn({4});
  Approximate mode(model, Uniform("mitchell@bf16"));
  at::Tensor out = torch::empty({0});
  EXPECT_TRUE(SameBits(torch::mm_out(out, a, b), torch::mm(a, b)));
  EXPECT_TRUE(SameBits(torch::bmm_out(out, a3, b3), torch::bmm(a3, b3)));
  EXPECT_TRUE(SameBits(torch::mv_out(out, a, v), torch::mv(a, v)));
  EXPECT_TRUE(SameBits(torch::dot_out(out, v, v), torch::dot(v, v)));
  EXPECT_TRUE(SameBits(torch::addmm_out(out, s, a, b), torch::addmm(s, a, b)));
  EXPECT_TRUE(SameBits(torch::addmv_out(out, sv, a, v), torch::addmv(sv, a, v)));
  EXPECT_TRUE(SameBits(torch::addbmm_out(out, s, a3, b3), torch::addbmm(s, a3, b3)));
  EXPECT_TRUE(SameBits(torch::baddbmm_out(out, s3, a3, b3), torch::baddbmm(s3, a3, b3)));
  EXPECT_TRUE(SameBits(s.clone().addmm_(a, b), torch::addmm(s, a, b)));
  EXPECT_TRUE(SameBits(sv.clone().addmv_(a, v), torch::addmv(sv, a, v)));
  EXPECT_TRUE(SameBits(s.clone().addbmm_(a3, b3), torch::addbmm(s, a3, b3)));
  EXPECT_TRUE(SameBits(s3.clone().baddbmm_(a3, b3), torch::baddbmm(s3, a3, b3)));
  EXPECT_EQ(mode.Report().native_macs(), 0);

  at::Tensor wrong = torch::empty({4, 5}, torch::kDouble);
  EXPECT_THROW(torch::mm_out(wrong, a, b), c10::Error);
  const at::Tensor wants_gradient = a.clone().requires_grad_();
  EXPECT_THROW(torch::mm_out(out, wants_gradient, b), c10::Error);
  // The gradient of an in-place product reaches its operands.
  const at::Tensor sum = s.clone();
  sum.addmm_(wants_gradient, b);
  sum.sum().backward();
  EXPECT_EQ(wants_gradient.grad().sizes(), a.sizes());
}

TEST(MatmulTest, EmptyProducts) {
  NoModel model;
  Approximate mode(model, Uniform("mitchell@bf16"));
  const Product no_rows =
      RunProduct(kMm, torch::ones({0, 3}), torch::ones({3, 2}), torch::ones({0, 2}));
  EXPECT_EQ(no_rows.c.sizes(), (at::IntArrayRef{0, 2}));
  EXPECT_TRUE(SameBits(no_rows.db, torch::zeros({3, 2})));
  const Product no_terms =
      RunProduct(kMm, torch::ones({4, 0}), torch::ones({0, 2}), torch::ones({4, 2}));
  EXPECT_TRUE(SameBits(no_terms.c, torch::zeros({4, 2})));
  EXPECT_EQ(no_terms.da.sizes(), (at::IntArrayRef{4, 0}));
  const Product no_batch =
      RunProduct(kBmm, torch::ones({0, 4, 3}), torch::ones({0, 3, 2}), torch::ones({0, 4, 2}));
  EXPECT_EQ(no_batch.c.sizes(), (at::IntArrayRef{0, 4, 2}));
  EXPECT_EQ(mode.Report().approximate_macs(), 0);
}

TEST(MatmulTest, ThreadsDoNotChangeBits) {
  torch::manual_seed(1);
  NoModel model;
  const int threads = Threads();
  for (int64_t batch : {1, 8}) {
    const at::Tensor a = torch::randn({batch, 33, 65}), b = torch::randn({batch, 65, 40});
    const at::Tensor dc = torch::randn({batch, 33, 40});
    std::vector<Product> runs;
    for (int n : {1, 2}) {
      SetThreads(n);
      Approximate mode(model, Uniform("mbm@bf16+round=stochastic"));
      runs.push_back(RunProduct(kBmm, a, b, dc));
    }
    EXPECT_TRUE(SameBits(runs[0].c, runs[1].c));
    EXPECT_TRUE(SameBits(runs[0].da, runs[1].da));
    EXPECT_TRUE(SameBits(runs[0].db, runs[1].db));
  }
  SetThreads(threads);
}

// Each rounded tensor takes the next stream of the seed; its elements take the stream's numbers in
// order of memory. The order runs on over more elements than one thread rounds at a time.
TEST(MatmulTest, StochasticRoundingIsAFunctionOfSeedAndPosition) {
  torch::manual_seed(1);
  NoModel model;
  const at::Tensor a = torch::randn({300, 256}), eye = torch::eye(256);
  const auto expected = [&](uint64_t seed, uint64_t position) {
    at::Tensor rounded = a.clone();
    float* values = rounded.data_ptr<float>();
    const RandomStream stream{seed, position};
    for (int64_t i = 0; i < rounded.numel(); ++i) {
      values[i] =
          Round(kBf16, Rounding::kStochastic, values[i], stream.At(static_cast<uint64_t>(i)));
    }
    return rounded;
  };
  Approximate mode(model, Uniform("exact@bf16+round=stochastic"), {.seed = 7, .strategy = ""});
  EXPECT_TRUE(SameBits(torch::mm(a, eye), expected(7, 0)));
  EXPECT_EQ(mode.random_position(), 2);
  EXPECT_TRUE(SameBits(torch::mm(a, eye), expected(7, 2)));
  mode.set_random_position(0);
  EXPECT_TRUE(SameBits(torch::mm(a, eye), expected(7, 0)));
  EXPECT_FALSE(SameBits(expected(7, 0), expected(8, 0)));
}

// c = sa · sb · sum of products of integers, with sa · (largest integer) = the largest of |a|.
TEST(MatmulTest, IntegerFormatsHaveOneScaleATensor) {
  torch::manual_seed(1);
  NoModel model;
  for (const char* spec : {"exact@int8", "mitchell@int8", "drum(k=4)@uint8", "exact@int12",
                           "exact@uint8xuint4", "low_drop(p=3,q=1)@int6xuint8"}) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    at::Tensor a = torch::randn({5, 23}), b = 3 * torch::randn({23, 4});
    if (!arithmetic.integer_formats().first.is_signed) a.abs_();
    if (!arithmetic.integer_formats().second.is_signed) b.abs_();
    Approximate mode(model, Uniform(spec));
    EXPECT_TRUE(SameBits(torch::mm(a, b), Reference(spec, a, b, false))) << spec;
  }
}

// Unsigned activations by signed weights; the gradient of the output is signed, and the first
// operand where it is multiplied. The multiplier tells its operands apart.
TEST(MatmulTest, EachOperandHasItsIntegerFormat) {
  torch::manual_seed(1);
  const std::string forward = "low_drop(p=3,q=1)@uint8xint6";
  const std::string input_gradient = "low_drop(p=2,q=3)@int8xint5";
  const std::string weight_gradient = "low_drop(p=3,q=1)@int6xuint8";
  const Policy policy{{ParseRule("fc:forward=" + forward),
                       ParseRule("fc:input_gradient=" + input_gradient),
                       ParseRule("fc:weight_gradient=" + weight_gradient)}};
  LinearModel model(9, 5);
  const at::Tensor w = model.fc->weight.detach();
  Approximate mode(model, policy);
  const at::Tensor x = torch::randn({4, 9}).abs_().requires_grad_(), dy = torch::randn({4, 5});
  const at::Tensor y = model.fc(x);
  y.backward(dy);
  EXPECT_TRUE(SameBits(y, Reference(forward, x, w.t(), false) + model.fc->bias));
  EXPECT_TRUE(SameBits(x.grad(), Reference(input_gradient, dy, w, false)));
  EXPECT_TRUE(SameBits(model.fc->weight.grad(), Reference(weight_gradient, dy.t(), x, false)));

  // The weight is the left matrix.
  model.fc->zero_grad();
  const at::Tensor columns = torch::randn({9, 4}).abs_().requires_grad_();
  const at::Tensor product = torch::mm(model.fc->weight, columns);
  product.backward(dy.t());
  EXPECT_TRUE(SameBits(product, Reference(forward, w, columns, true)));
  EXPECT_TRUE(SameBits(columns.grad(), Reference(input_gradient, w.t(), dy.t(), true)));
  EXPECT_TRUE(
      SameBits(model.fc->weight.grad(), Reference(weight_gradient, dy.t(), columns.t(), false)));
}

// Scaled operands are those of x / s, and the product is that times both scales.
TEST(MatmulTest, TensorsAreScaledIntoTheFormatAndProductsBack) {
  torch::manual_seed(1);
  NoModel model;
  const at::Tensor a = 0.01 * torch::randn({5, 23}), b = 300 * torch::randn({23, 4});
  const auto run = [&](const std::string& spec) {
    Approximate mode(model, Uniform(spec));
    return torch::mm(a, b);
  };
  const auto expected = [&](const std::string& spec, int a_exponent, int b_exponent) {
    const at::Tensor c = Reference(spec, a * std::ldexp(1.0f, -a_exponent),
                                   b * std::ldexp(1.0f, -b_exponent), false);
    return c * std::ldexp(1.0f, a_exponent + b_exponent);
  };
  // Of layer-wise scaling: 2^(round(mean(log2|x|)) + shift); none of these is zero.
  const auto center = [](const at::Tensor& x, int shift) {
    const double mean =
        x.abs().clamp(0x1p-12, 0x1p12).to(torch::kDouble).log2().mean().item<double>();
    return static_cast<int>(std::round(mean)) + shift;
  };
  // The least power with the largest magnitude within 448 or 57344.
  const auto largest = [](const at::Tensor& x, double most) {
    return static_cast<int>(std::ceil(std::log2(x.abs().max().item<double>() / most)));
  };
  EXPECT_NE(center(a, 2), center(b, 2));
  EXPECT_TRUE(SameBits(run("exact@posit(8,1)+scale=center"),
                       expected("exact@posit(8,1)", center(a, 2), center(b, 2))));
  EXPECT_TRUE(SameBits(run("mitchell@posit(8,1)+scale=center(0)/none"),
                       expected("mitchell@posit(8,1)", center(a, 0), 0)));
  EXPECT_TRUE(SameBits(run("exact@e4m3xe5m2+scale=max"),
                       expected("exact@e4m3xe5m2", largest(a, 448), largest(b, 57344))));
  EXPECT_TRUE(SameBits(run("exact@fp16+scale=power(-3)/power(5)"), expected("exact@fp16", -3, 5)));
  EXPECT_FALSE(SameBits(run("exact@posit(8,1)+scale=center"), run("exact@posit(8,1)")));
}

// Fixed point is an integer format whose step is eps; of dynamic fixed point the eps that its
// tensor allows.
TEST(MatmulTest, FixedPointHasTheStepOfItsFormat) {
  torch::manual_seed(1);
  NoModel model;
  const at::Tensor a = 3 * torch::randn({5, 23}), b = 0.1 * torch::rand({23, 4});
  const auto run = [&](const std::string& spec) {
    Approximate mode(model, Uniform(spec));
    return torch::mm(a, b);
  };
  const auto steps = [&](const at::Tensor& x, const FixedFormat& format) {
    at::Tensor units = x.clone();
    for (int64_t i = 0; i < x.numel(); ++i) {
      float& value = units.data_ptr<float>()[i];
      value = Round(format, Rounding::kNearestEven, value) / format.epsilon();
    }
    return units;
  };
  const auto expected = [&](const FixedFormat& first, const FixedFormat& second) {
    const at::Tensor sums =
        torch::mm(steps(a, first).to(torch::kDouble), steps(b, second).to(torch::kDouble));
    return sums.to(torch::kFloat) * first.epsilon() * second.epsilon();
  };
  EXPECT_TRUE(SameBits(run("exact@fixed(1,6)"), expected({1, 6}, {1, 6})));
  EXPECT_TRUE(SameBits(run("exact@fixed(4,11)xfixed(-3,12)"), expected({4, 11}, {-3, 12})));
  const auto fitted = [](const at::Tensor& x, int bits) {
    return FittedTo({bits}, x.min().item<float>(), x.max().item<float>());
  };
  EXPECT_TRUE(SameBits(run("exact@dfx(8)xdfx(6)"), expected(fitted(a, 8), fitted(b, 6))));
}

TEST(MatmulTest, BlocksLieAlongTheSum) {
  torch::manual_seed(1);
  NoModel model;
  const at::Tensor a = torch::randn({5, 70}), b = torch::randn({70, 4});
  const auto blocks = [](at::Tensor x, const BlockFormat& format) {  // In rows.
    x = x.contiguous().clone();
    for (int64_t row = 0; row < x.size(0); ++row) {
      for (int64_t begin = 0; begin < x.size(1); begin += format.block) {
        float* block = x.data_ptr<float>() + row * x.size(1) + begin;
        RoundBlock(format, Rounding::kNearestEven, block, block,
                   std::min<int64_t>(format.block, x.size(1) - begin));
      }
    }
    return x.to(torch::kDouble);
  };
  for (const char* name : {"mxfp8(e4m3)", "mxint8", "mxfp4"}) {
    const BlockFormat format = *FindBlockFormat(name);
    Approximate mode(model, Uniform(std::string("exact@") + name));
    const at::Tensor c = torch::mm(a, b);
    const at::Tensor exact = torch::mm(blocks(a, format), blocks(b.t(), format).t());
    // The sums of three blocks in FP32.
    EXPECT_TRUE(torch::allclose(c.to(torch::kDouble), exact, 1e-6, 1e-6)) << name;
    EXPECT_GT(
        (exact - torch::mm(a.to(torch::kDouble), b.to(torch::kDouble))).abs().max().item<double>(),
        1e-3)
        << name;
  }
}

// Exact products of integers are the real products of what they stand for: the weight's channels
// are its outputs in the forward product and its inputs in the input gradient, the activation's in
// the weight gradient its features.
TEST(MatmulTest, ZeroPointsAndChannelsAreWhatTheOperandsStandFor) {
  using enum OperandIndex;
  torch::manual_seed(1);
  for (const char* spec :
       {"exact@uint8+scale=affine", "exact@uint8+scale=affine/affine(channel)",
        "exact@uint8xint8+scale=affine/max(channel)", "exact@int4+scale=max/affine(channel)",
        "exact@int8xint4+scale=affine/power(-3)", "exact@uint8+scale=affine+acc=int32",
        "exact@int16xuint12+scale=affine/affine(channel)"}) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    LinearModel model(19, 6);
    const at::Tensor spread = torch::arange(1, 7, torch::kFloat).unsqueeze(1);
    model.fc->weight.data().mul_(spread).add_(0.3f);
    if (std::string(spec).find("power") != std::string::npos) model.fc->bias.data().zero_();
    const at::Tensor w = model.fc->weight.detach();
    const at::Tensor x0 = torch::randn({5, 19}) + 0.7f, dy = torch::randn({5, 6}) - 0.2f;
    Approximate mode(model, Uniform(spec));
    const at::Tensor x = x0.clone().requires_grad_();
    const at::Tensor y = model.fc(x);
    y.backward(dy);
    EXPECT_EQ(mode.Report().native_macs(), 0);
    const at::Tensor first = Quantised(x0, arithmetic, kFirst, 0);
    const at::Tensor of_error = Quantised(dy, arithmetic, kFirst, 0);
    const auto agrees = [&](const at::Tensor& result, const at::Tensor& expected) {
      const double largest = expected.abs().max().item<double>();
      return torch::allclose(result.to(torch::kDouble), expected, 1e-6, 1e-6 * largest);
    };
    EXPECT_TRUE(agrees(y - model.fc->bias, first.mm(Quantised(w, arithmetic, kSecond, 0).t())))
        << spec;
    EXPECT_TRUE(agrees(x.grad(), of_error.mm(Quantised(w, arithmetic, kSecond, 1)))) << spec;
    EXPECT_TRUE(
        agrees(model.fc->weight.grad(), of_error.t().mm(Quantised(x0, arithmetic, kSecond, 1))))
        << spec;
  }
}

TEST(MatmulTest, WhatAnIntegerFormatCannotHoldIsRefused) {
  NoModel model;
  const at::Tensor ones = torch::ones({2, 2});
  const auto message = [&](const char* spec, const at::Tensor& a) {
    Approximate mode(model, Uniform(spec));
    try {
      torch::mm(a, ones);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_NE(message("exact@uint8", -ones).find("uint8 has no negative values"), std::string::npos);
  EXPECT_NE(message("exact@int8", ones / 0).find("infinite or NaN"), std::string::npos);
  EXPECT_NE(message("exact@fixed(3,4)", ones / 0).find("infinite or NaN"), std::string::npos);
  EXPECT_NE(message("exact@uint4xint8", -ones).find("the first operand of matmul in forward"),
            std::string::npos);
  EXPECT_EQ(message("exact@int8xuint4", -ones), "no error");
  EXPECT_EQ(message("exact@int8", torch::zeros({2, 2})), "no error");
  EXPECT_EQ(message("exact@uint8+scale=affine", -ones), "no error");
  EXPECT_NE(message("exact@uint8+scale=affine", ones / 0).find("infinite or NaN"),
            std::string::npos);
}

TEST(MatmulTest, OtherTensorsAreReportedAsNative) {
  NoModel model;
  Approximate mode(model, Uniform("mitchell@bf16"));
  const at::Tensor a = torch::randn({3, 4}), b = torch::randn({4, 2});
  const auto why = [&](const std::function<void()>& call) {
    mode.ResetReport();
    call();
    const RunReport report = mode.Report();
    return report.lines.size() == 1 && report.approximate_macs() == 0 ? report.lines[0].why_native
                                                                      : "not one native line";
  };
  EXPECT_EQ(why([&] { torch::mm(a.to(torch::kDouble), b.to(torch::kDouble)); }),
            "float64 tensors are not simulated");
  EXPECT_EQ(why([&] { torch::mm(a.to(torch::kInt), b.to(torch::kInt)); }),
            "Int tensors are not simulated");
  EXPECT_EQ(why([&] { torch::mm(a.to(torch::kBFloat16), b.to(torch::kBFloat16)); }),
            "bfloat16 tensors are not simulated");
  EXPECT_EQ(why([&] { torch::mm(a.to_sparse(), b); }), "Sparse tensors are not simulated");
  EXPECT_EQ(why([&] { torch::mm(a.to(torch::kMeta), b.to(torch::kMeta)); }),
            "tensors on device meta are not simulated");
  EXPECT_EQ(why([&] { torch::mm(torch::_neg_view(a), b); }),
            "tensors without plain memory are not simulated");
  // And their results are LibTorch's.
  EXPECT_TRUE(torch::mm(a.to(torch::kInt), b.to(torch::kInt))
                  .equal(torch::mm(a.to(torch::kInt).to(torch::kDouble),
                                   b.to(torch::kInt).to(torch::kDouble))
                             .to(torch::kInt)));
  const at::Tensor d = torch::randn({3, 4}, torch::kDouble).requires_grad_();
  torch::mm(d, b.to(torch::kDouble)).sum().backward();
  EXPECT_TRUE(torch::allclose(d.grad(), b.to(torch::kDouble).sum(1).expand({3, 4})));
}

TEST(MatmulTest, BadShapesAreRefusedAsByLibTorch) {
  NoModel model;
  Approximate mode(model, Uniform("mitchell@bf16"));
  EXPECT_THROW(torch::mm(torch::ones({2, 3}), torch::ones({2, 3})), c10::Error);
  EXPECT_THROW(torch::mm(torch::ones({2, 3}), torch::ones({3})), c10::Error);
  EXPECT_THROW(torch::bmm(torch::ones({2, 2, 3}), torch::ones({3, 3, 2})), c10::Error);
  EXPECT_THROW(torch::mm(torch::ones({2, 3}), torch::ones({3, 2}, torch::kDouble)), c10::Error);
  EXPECT_THROW(torch::mv(torch::ones({2, 3}), torch::ones({2})), c10::Error);
  EXPECT_THROW(torch::dot(torch::ones({2}), torch::ones({3})), c10::Error);
  EXPECT_TRUE(mode.Report().lines.empty());
  EXPECT_THROW(torch::addmm(torch::ones({3, 3}), torch::ones({2, 3}), torch::ones({3, 2})),
               c10::Error);
  EXPECT_THROW(
      torch::addmm(torch::ones({2, 2}, torch::kDouble), torch::ones({2, 3}), torch::ones({3, 2})),
      c10::Error);
}

}  // namespace
}  // namespace mulberry
