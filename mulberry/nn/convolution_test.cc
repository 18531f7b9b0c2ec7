// Convolutions under the mode: against LibTorch's own where the arithmetic is exact, against the
// reference product bit for bit where it is not.
#include <gtest/gtest.h>

#include "mulberry/base/threads.h"
#include "mulberry/nn/test_products.h"

namespace mulberry {
namespace {

struct Case {
  int64_t stride, padding, dilation, groups, output_padding;
  bool transposed;

  std::string Text() const {
    return fmt::format("stride {} padding {} dilation {} groups {} output_padding {}{}", stride,
                       padding, dilation, groups, output_padding, transposed ? " transposed" : "");
  }
};

std::vector<Case> Grid() {
  std::vector<Case> cases;
  for (int64_t stride : {1, 2, 3}) {
    for (int64_t padding : {0, 1, 2}) {
      for (int64_t dilation : {1, 2}) {
        for (int64_t groups : {1, 2, 4}) {
          cases.push_back({stride, padding, dilation, groups, 0, false});
          for (int64_t output_padding : {0, 1}) {
            if (output_padding >= std::max(stride, dilation)) continue;
            cases.push_back({stride, padding, dilation, groups, output_padding, true});
          }
        }
      }
    }
  }
  return cases;
}

constexpr int64_t kImages = 2, kIn = 4, kOut = 8, kHeight = 6, kWidth = 5, kKy = 3, kKx = 2;

struct Tensors {
  at::Tensor x, w, bias, y, dy, dx, dw, dbias;
};

Tensors MakeTensors(const Case& c) {
  torch::manual_seed(1);
  Tensors t;
  t.x = torch::randn({kImages, kIn, kHeight, kWidth});
  t.w = c.transposed ? torch::randn({kIn, kOut / c.groups, kKy, kKx})
                     : torch::randn({kOut, kIn / c.groups, kKy, kKx});
  t.bias = torch::randn({kOut});
  return t;
}

// Forward and backward through LibTorch's functions: what they run on depends on the mode.
void RunBoth(const Case& c, Tensors& t) {
  const at::Tensor x = t.x.clone().requires_grad_(), w = t.w.clone().requires_grad_();
  const at::Tensor bias = t.bias.clone().requires_grad_();
  t.y = c.transposed ? torch::conv_transpose2d(x, w, bias, c.stride, c.padding, c.output_padding,
                                               c.groups, c.dilation)
                     : torch::conv2d(x, w, bias, c.stride, c.padding, c.dilation, c.groups);
  if (!t.dy.defined()) {
    torch::manual_seed(2);
    t.dy = torch::randn_like(t.y);
  }
  t.y.backward(t.dy);
  t.dx = x.grad();
  t.dw = w.grad();
  t.dbias = bias.grad();
}

// Two sums of K products with rounding errors eps differ by at most 2·K·eps·sum|a·b|, to first
// order.
at::Tensor Bound(const at::Tensor& absolute, int64_t terms) {
  constexpr double kEps = 1.2e-7;
  return absolute.detach() * (2 * static_cast<double>(terms + 2) * kEps) + 1e-30;
}

TEST(ConvolutionTest, ExactArithmeticAgreesWithLibTorch) {
  for (const Case& c : Grid()) {
    Tensors native = MakeTensors(c);
    RunBoth(c, native);
    Tensors magnitude = MakeTensors(c);  // Sums of |a·b|, for the bound.
    magnitude.x = magnitude.x.abs();
    magnitude.w = magnitude.w.abs();
    magnitude.bias = magnitude.bias.abs();
    magnitude.dy = native.dy.abs();
    RunBoth(c, magnitude);

    Tensors simulated = MakeTensors(c);
    simulated.dy = native.dy;
    {
      NoModel model;
      Approximate mode(model, Uniform("exact@fp32"));
      RunBoth(c, simulated);
      EXPECT_EQ(mode.Report().native_macs(), 0);
    }
    const int64_t window = kIn * kKy * kKx, window_back = kOut * kKy * kKx;
    const int64_t pixels =
        kImages * std::max(kHeight * kWidth, native.y.size(2) * native.y.size(3));
    EXPECT_TRUE(Within(simulated.y, native.y, Bound(magnitude.y, window))) << c.Text();
    EXPECT_TRUE(Within(simulated.dx, native.dx, Bound(magnitude.dx, window_back))) << c.Text();
    EXPECT_TRUE(Within(simulated.dw, native.dw, Bound(magnitude.dw, pixels))) << c.Text();
    EXPECT_TRUE(Within(simulated.dbias, native.dbias, Bound(magnitude.dbias, pixels))) << c.Text();
  }
}

// An ordinary convolution x -> y for one group, by definition: the products of forward, input
// gradient and weight gradient, each lowered to two matrices by loops. A transposed convolution
// takes them with x and y in each other's place.
struct Lowering {
  const Case& c;
  at::Tensor x, w, dy;  // Of one group: [N, IC, H, W], [OC, IC, KH, KW], [N, OC, OH, OW].

  int64_t in() const { return w.size(1); }
  int64_t out() const { return w.size(0); }
  static float At(const at::Tensor& t, int64_t a, int64_t b, int64_t y, int64_t x) {
    if (y < 0 || x < 0 || y >= t.size(2) || x >= t.size(3)) return 0;
    return t
        .data_ptr<float>()[a * t.stride(0) + b * t.stride(1) + y * t.stride(2) + x * t.stride(3)];
  }
  Matrix Weights() const {
    return Matrix(out(), in() * kKy * kKx, [&](int64_t oc, int64_t k) {
      return At(w, oc, k / (kKy * kKx), k / kKx % kKy, k % kKx);
    });
  }
  Matrix WeightsByInput() const {
    return Matrix(in(), out() * kKy * kKx, [&](int64_t ic, int64_t k) {
      return At(w, k / (kKy * kKx), ic, k / kKx % kKy, k % kKx);
    });
  }
  Matrix InputPatches() const {
    const int64_t oh = dy.size(2), ow = dy.size(3);
    return Matrix(in() * kKy * kKx, dy.size(0) * oh * ow, [&, oh, ow](int64_t k, int64_t col) {
      const int64_t oy = col / ow % oh, ox = col % ow, ky = k / kKx % kKy, kx = k % kKx;
      return At(x, col / (oh * ow), k / (kKy * kKx), oy * c.stride - c.padding + ky * c.dilation,
                ox * c.stride - c.padding + kx * c.dilation);
    });
  }
  Matrix GradientPatches() const {
    const int64_t h = x.size(2), width = x.size(3);
    return Matrix(out() * kKy * kKx, x.size(0) * h * width,
                  [&, h, width](int64_t k, int64_t col) -> float {
                    const int64_t ky = k / kKx % kKy, kx = k % kKx;
                    const int64_t y = col / width % h + c.padding - ky * c.dilation;
                    const int64_t xx = col % width + c.padding - kx * c.dilation;
                    if (y < 0 || xx < 0 || y % c.stride != 0 || xx % c.stride != 0) return 0;
                    return At(dy, col / (h * width), k / (kKy * kKx), y / c.stride, xx / c.stride);
                  });
  }
  Matrix Gradients() const {
    const int64_t oh = dy.size(2), ow = dy.size(3);
    return Matrix(out(), dy.size(0) * oh * ow, [&, oh, ow](int64_t oc, int64_t k) {
      return At(dy, k / (oh * ow), oc, k / ow % oh, k % ow);
    });
  }
};

Matrix Transpose(const Matrix& m) {
  return Matrix(m.cols, m.rows, [&](int64_t i, int64_t j) {
    return m.values[static_cast<size_t>(j * m.cols + i)];
  });
}

// [channels, N, H, W] in memory order to the images of `like`.
at::Tensor Images(std::vector<float> values, const at::Tensor& like) {
  return torch::from_blob(values.data(), {like.size(1), like.size(0), like.size(2), like.size(3)})
      .permute({1, 0, 2, 3})
      .clone();
}

struct Specs {
  std::string forward, input_gradient, weight_gradient;
};

// What the mode must give without bias.
Tensors Reference(const Case& c, const Tensors& t, const Specs& specs) {
  using enum OperandIndex;
  std::vector<at::Tensor> y, dx, dw;
  // As the lowering names them; an integer's scale is of a whole tensor, not of a group.
  const at::Tensor& whole_x = c.transposed ? t.dy : t.x;
  const at::Tensor& whole_dy = c.transposed ? t.x : t.dy;
  const auto product = [](const std::string& spec, Matrix a, const at::Tensor& whole_a, Matrix b,
                          const at::Tensor& whole_b, bool b_first) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    a.scale = ScaleOf(whole_a, arithmetic, b_first ? kSecond : kFirst);
    b.scale = ScaleOf(whole_b, arithmetic, b_first ? kFirst : kSecond);
    return ReferenceProduct(arithmetic, a, b, b_first);
  };
  const auto xs = t.x.chunk(c.groups, 1), ws = t.w.chunk(c.groups, 0);
  const auto dys = t.dy.chunk(c.groups, 1);
  for (size_t g = 0; g < static_cast<size_t>(c.groups); ++g) {
    const Lowering l =
        c.transposed ? Lowering{c, dys[g], ws[g], xs[g]} : Lowering{c, xs[g], ws[g], dys[g]};
    const auto correlate = [&](const std::string& spec, const at::Tensor& like) {
      return Images(product(spec, l.Weights(), t.w, l.InputPatches(), whole_x, true), like);
    };
    const auto spread = [&](const std::string& spec, const at::Tensor& like) {
      return Images(product(spec, l.WeightsByInput(), t.w, l.GradientPatches(), whole_dy, true),
                    like);
    };
    y.push_back(c.transposed ? spread(specs.forward, dys[g]) : correlate(specs.forward, dys[g]));
    dx.push_back(c.transposed ? correlate(specs.input_gradient, xs[g])
                              : spread(specs.input_gradient, xs[g]));
    std::vector<float> gradient = product(specs.weight_gradient, l.Gradients(), whole_dy,
                                          Transpose(l.InputPatches()), whole_x, c.transposed);
    dw.push_back(torch::from_blob(gradient.data(), ws[g].sizes()).clone());
  }
  Tensors result;
  result.y = torch::cat(y, 1);
  result.dx = torch::cat(dx, 1);
  result.dw = torch::cat(dw, 0);
  return result;
}

TEST(ConvolutionTest, BitsAreThoseOfTheReference) {
  const std::string asymmetric = AsymmetricMultiplier();
  // The last: unsigned activations by signed weights, with a multiplier that tells them apart.
  const Specs kSpecs[] = {
      {asymmetric, asymmetric, asymmetric},
      {"mitchell@bf16", "mitchell@bf16", "mitchell@bf16"},
      {"mbm@bf16", "mbm@bf16", "mbm@bf16"},
      {"drum(k=4)@bf16", "mitchell@fp16", "mbm@e4m3"},
      {"exact@posit(8,1)", "mbm@posit(11,1)+round=zero", "mitchell@posit(16,2)+result=nearest"},
      {"low_drop(p=3,q=1)@uint8xint6", "low_drop(p=2,q=3)@int8xint5",
       "low_drop(p=3,q=1)@int6xuint8"}};
  size_t turn = 0;
  for (const Case& c : Grid()) {
    const Specs& specs = kSpecs[turn++ % std::size(kSpecs)];
    Tensors t = MakeTensors(c);
    t.bias.zero_();
    if (ParseArithmetic(specs.forward).is_integer()) t.x.abs_();
    NoModel model;
    Policy policy{{{"*", {Pass::kForward}, ParseArithmetic(specs.forward)},
                   {"*", {Pass::kInputGradient}, ParseArithmetic(specs.input_gradient)},
                   {"*", {Pass::kWeightGradient}, ParseArithmetic(specs.weight_gradient)}}};
    Approximate mode(model, policy);
    RunBoth(c, t);
    const Tensors reference = Reference(c, t, specs);
    // Adding a bias of zero turns -0 into +0.
    EXPECT_TRUE(SameBits(t.y, reference.y + 0.0f)) << c.Text() << " forward " << specs.forward;
    EXPECT_TRUE(SameBits(t.dx, reference.dx))
        << c.Text() << " input gradient " << specs.input_gradient;
    EXPECT_TRUE(SameBits(t.dw, reference.dw))
        << c.Text() << " weight gradient " << specs.weight_gradient;
  }
}

// The channels of the weight that each output, or each input, of a convolution has by itself.
at::Tensor QuantisedByInput(const at::Tensor& w, const Arithmetic& arithmetic, int64_t groups) {
  std::vector<at::Tensor> result;
  for (const at::Tensor& group : w.chunk(groups, 0)) {
    result.push_back(Quantised(group, arithmetic, OperandIndex::kSecond, 1));
  }
  return torch::cat(result, 0);
}

// LibTorch's own convolution in doubles of what exact products of integers stand for.
TEST(ConvolutionTest, ZeroPointsAndChannelsAreWhatTheOperandsStandFor) {
  using enum OperandIndex;
  const char* const kSpecs[] = {
      "exact@uint8+scale=affine", "exact@uint8+scale=affine/affine(channel)",
      "exact@int8xint4+scale=affine/max(channel)", "exact@int5xuint8+scale=max/affine"};
  size_t turn = 0;
  for (const Case& c : Grid()) {
    const char* spec = kSpecs[turn++ % std::size(kSpecs)];
    const Arithmetic arithmetic = ParseArithmetic(spec);
    const bool by_tensor = !arithmetic.scaling.second.per_channel;
    Tensors t = MakeTensors(c);
    t.bias.zero_();
    t.x.add_(0.4f);
    t.w.mul_(torch::rand({t.w.size(0), t.w.size(1), 1, 1}));
    {
      NoModel model;
      Approximate mode(model, Uniform(spec));
      RunBoth(c, t);
      EXPECT_EQ(mode.Report().native_macs(), 0);
    }
    const at::Tensor by_output = Quantised(t.w, arithmetic, kSecond, 0);
    const at::Tensor by_input = by_tensor ? by_output : QuantisedByInput(t.w, arithmetic, c.groups);
    Tensors expected;
    const auto run = [&](at::Tensor x, at::Tensor w) {
      expected.x = x, expected.w = w;
      expected.bias = torch::zeros({kOut}, torch::kDouble);
      expected.dy = Quantised(t.dy, arithmetic, kFirst, 1);
      RunBoth(c, expected);
      return expected;
    };
    const auto agrees = [&](const at::Tensor& result, const at::Tensor& reference) {
      const double largest = reference.abs().max().item<double>();
      return torch::allclose(result.to(torch::kDouble), reference, 1e-6, 1e-6 * largest);
    };
    const at::Tensor x = Quantised(t.x, arithmetic, kFirst, 1);
    EXPECT_TRUE(agrees(t.y, run(x, c.transposed ? by_input : by_output).y)) << c.Text() << spec;
    EXPECT_TRUE(agrees(t.dx, run(x, c.transposed ? by_output : by_input).dx)) << c.Text() << spec;
    EXPECT_TRUE(agrees(t.dw, run(Quantised(t.x, arithmetic, kSecond, 1), by_output).dw))
        << c.Text() << spec;
  }
}

// What lies outside of an image is its zero point, also to a multiplier that errs with it.
TEST(ConvolutionTest, PaddingIsTheZeroPoint) {
  torch::manual_seed(1);
  const at::Tensor x = torch::randn({2, 4, 6, 5}), w = torch::randn({8, 4, 3, 3});
  NoModel model;
  Approximate mode(model, Uniform("low_drop(p=3,q=2)@uint8+scale=affine"));
  const at::Tensor inside = torch::conv2d(x, w, at::Tensor(), 2, /*padding=*/1);
  const at::Tensor around =
      torch::conv2d(torch::constant_pad_nd(x, {1, 1, 1, 1}), w, at::Tensor(), 2);
  EXPECT_TRUE(SameBits(inside, around));
}

TEST(ConvolutionTest, MacsFollowFromTheShapes) {
  for (const Case& c : Grid()) {
    Tensors t = MakeTensors(c);
    NoModel model;
    Approximate mode(model, Uniform("mitchell@bf16"));
    RunBoth(c, t);
    // One multiply-accumulate for each output pixel, output channel and element of its window; the
    // transposed one spreads each input pixel over a window instead.
    const int64_t macs =
        c.transposed ? kImages * kHeight * kWidth * kIn * (kOut / c.groups) * kKy * kKx
                     : kImages * t.y.size(2) * t.y.size(3) * kOut * (kIn / c.groups) * kKy * kKx;
    const std::string op = c.transposed ? "conv_transpose2d" : "conv2d";
    const std::string rest = fmt::format(" mitchell@bf16 1 {}", macs);
    EXPECT_EQ(Lines(mode.Report()),
              (std::vector<std::string>{op + " " + op + " forward" + rest,
                                        op + " " + op + " input_gradient" + rest,
                                        op + " " + op + " weight_gradient" + rest}));
    EXPECT_EQ(mode.Report().approximate_macs(), 3 * macs);
  }
}

TEST(ConvolutionTest, EachPassMayStayNative) {
  const Case c{2, 1, 1, 2, 0, false};
  Tensors native = MakeTensors(c);
  RunBoth(c, native);
  Tensors approximate = MakeTensors(c);
  approximate.dy = native.dy;
  NoModel model;
  {
    Approximate mode(model, Uniform("mitchell@bf16"));
    RunBoth(c, approximate);
  }
  for (Pass kept : kAllPasses) {
    Tensors t = MakeTensors(c);
    t.dy = native.dy;
    Approximate mode(
        model, Policy{{ParseRule("*=mitchell@bf16"), {"*", {kept}, ParseArithmetic("fp32")}}});
    RunBoth(c, t);
    const auto expected = [&](Pass pass, const at::Tensor& mine, const at::Tensor& exact,
                              const at::Tensor& other) {
      return SameBits(mine, pass == kept ? exact : other);
    };
    EXPECT_FALSE(SameBits(native.y, approximate.y));
    EXPECT_TRUE(kept == Pass::kForward ? torch::allclose(t.y, native.y, 1e-5, 1e-5)
                                       : SameBits(t.y, approximate.y));
    EXPECT_TRUE(expected(Pass::kInputGradient, t.dx, native.dx, approximate.dx));
    EXPECT_TRUE(expected(Pass::kWeightGradient, t.dw, native.dw, approximate.dw));
    for (const LayerRun& run : mode.Report().lines) {
      EXPECT_EQ(run.why_native, run.pass == kept ? "the policy says fp32" : "");
      EXPECT_EQ(run.arithmetic, run.pass == kept ? "fp32" : "mitchell@bf16");
      EXPECT_EQ(run.strategy.empty(), run.pass == kept);
    }
  }
}

// What needs no gradient costs none.
TEST(ConvolutionTest, OnlyWantedGradientsRun) {
  NoModel model;
  const at::Tensor x = torch::randn({1, 2, 5, 5}), w = torch::randn({3, 2, 3, 3});
  for (const auto& [x_wants, w_wants] :
       std::vector<std::pair<bool, bool>>{{false, true}, {true, false}, {false, false}}) {
    Approximate mode(model, Uniform("mitchell@bf16"));
    const at::Tensor y =
        torch::conv2d(x.clone().requires_grad_(x_wants), w.clone().requires_grad_(w_wants));
    if (x_wants || w_wants) y.sum().backward();
    std::vector<std::string> expected = {"conv2d conv2d forward mitchell@bf16 1 486"};
    if (x_wants) expected.push_back("conv2d conv2d input_gradient mitchell@bf16 1 486");
    if (w_wants) expected.push_back("conv2d conv2d weight_gradient mitchell@bf16 1 486");
    EXPECT_EQ(Lines(mode.Report()), expected);
    EXPECT_EQ(y.requires_grad(), x_wants || w_wants);
  }
}

// A convolution of one dimension has the bits of that of two dimensions with one row.
TEST(ConvolutionTest, OneDimensionIsTwoWithOneRow) {
  NoModel model;
  const at::Tensor x0 = torch::randn({3, 4, 11}), w0 = torch::randn({4, 2, 3}),
                   b = torch::randn({4});
  const auto run = [&](bool two, bool transposed) {
    Approximate mode(model, Uniform("mbm@bf16"));
    at::Tensor x = (two ? x0.unsqueeze(2) : x0).clone().requires_grad_();
    at::Tensor w = (two ? w0.unsqueeze(2) : w0).clone().requires_grad_();
    at::Tensor y;
    if (transposed) {
      y = two ? torch::conv_transpose2d(x, w, b, {1, 2}, {0, 1}, {0, 1}, 2, {1, 2})
              : torch::conv_transpose1d(x, w, b.slice(0, 0, 4), 2, 1, 1, 2, 2);
    } else {
      y = two ? torch::conv2d(x, w, b, at::IntArrayRef{1, 2}, at::IntArrayRef{0, 1},
                              at::IntArrayRef{1, 2}, 2)
              : torch::conv1d(x, w, b, 2, 1, 2, 2);
    }
    (y * y).sum().backward();
    EXPECT_EQ(mode.Report().lines[0].op,
              fmt::format("conv{}{}d", transposed ? "_transpose" : "", two ? 2 : 1));
    return std::vector<at::Tensor>{two ? y.squeeze(2) : y, two ? x.grad().squeeze(2) : x.grad(),
                                   two ? w.grad().squeeze(2) : w.grad()};
  };
  for (bool transposed : {false, true}) {
    const auto one = run(false, transposed), two = run(true, transposed);
    for (size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(SameBits(one[i], two[i])) << i;
  }
}

TEST(ConvolutionTest, EmptyBatch) {
  NoModel model;
  for (bool transposed : {false, true}) {
    Approximate mode(model, Uniform("mitchell@bf16"));
    const at::Tensor x = torch::empty({0, 2, 5, 5}).requires_grad_();
    const at::Tensor w = torch::ones({2, 2, 3, 3}).requires_grad_();
    const at::Tensor y = transposed ? torch::conv_transpose2d(x, w) : torch::conv2d(x, w);
    EXPECT_EQ(y.sizes(),
              transposed ? at::IntArrayRef({0, 2, 7, 7}) : at::IntArrayRef({0, 2, 3, 3}));
    y.sum().backward();
    EXPECT_EQ(x.grad().sizes(), x.sizes());
    EXPECT_TRUE(SameBits(w.grad(), torch::zeros_like(w)));
    EXPECT_EQ(mode.Report().approximate_macs(), 0);
  }
}

TEST(ConvolutionTest, LayoutsOfMemoryDoNotMatter) {
  NoModel model;
  const Case c{1, 1, 1, 1, 0, false};
  Tensors plain = MakeTensors(c), permuted = MakeTensors(c);
  permuted.x = permuted.x.contiguous(at::MemoryFormat::ChannelsLast);
  permuted.w = permuted.w.contiguous(at::MemoryFormat::ChannelsLast);
  Approximate mode(model, Uniform("mitchell@bf16"));
  RunBoth(c, plain);
  permuted.dy = plain.dy.transpose(2, 3).contiguous().transpose(2, 3);
  RunBoth(c, permuted);
  EXPECT_TRUE(SameBits(plain.y, permuted.y));
  EXPECT_TRUE(SameBits(plain.dx, permuted.dx));
  EXPECT_TRUE(SameBits(plain.dw, permuted.dw));
}

TEST(ConvolutionTest, ThreadsDoNotChangeBits) {
  NoModel model;
  const int threads = Threads();
  for (int64_t groups : {1, 4}) {
    const Case c{2, 1, 1, groups, 0, false};
    std::vector<Tensors> runs;
    for (int n : {1, 2}) {
      SetThreads(n);
      runs.push_back(MakeTensors(c));
      Approximate mode(model, Uniform("mitchell@bf16+round=stochastic"));
      RunBoth(c, runs.back());
    }
    EXPECT_TRUE(SameBits(runs[0].y, runs[1].y));
    EXPECT_TRUE(SameBits(runs[0].dx, runs[1].dx));
    EXPECT_TRUE(SameBits(runs[0].dw, runs[1].dw));
  }
  SetThreads(threads);
}

TEST(ConvolutionTest, OtherTypesAndThreeDimensionsAreReportedAsNative) {
  NoModel model;
  Approximate mode(model, Uniform("mitchell@bf16"));
  const at::Tensor x = torch::randn({1, 2, 5, 5}, torch::kDouble).requires_grad_();
  const at::Tensor w = torch::randn({3, 2, 3, 3}, torch::kDouble).requires_grad_();
  torch::conv2d(x, w).sum().backward();
  EXPECT_EQ(Lines(mode.Report()),
            (std::vector<std::string>{
                "conv2d conv2d forward fp32 1 486 float64 tensors are not simulated",
                "conv2d conv2d input_gradient fp32 1 486 float64 tensors are not simulated",
                "conv2d conv2d weight_gradient fp32 1 486 float64 tensors are not simulated"}));
  mode.ResetReport();
  const at::Tensor volume = torch::randn({1, 1, 3, 3, 3}), kernel = torch::randn({1, 1, 2, 2, 2});
  const at::Tensor y = torch::conv3d(volume, kernel.requires_grad_());
  y.sum().backward();
  EXPECT_EQ(Lines(mode.Report()),
            (std::vector<std::string>{
                "conv3d conv3d forward fp32 1 64 3-d convolutions are not simulated",
                "conv3d conv3d weight_gradient fp32 1 64 3-d convolutions are not simulated"}));
}

// Shapes that make no convolution get LibTorch's own message.
TEST(ConvolutionTest, BadShapesAreRefusedAsByLibTorch) {
  NoModel model;
  const at::Tensor x = torch::ones({1, 3, 5, 5}), w = torch::ones({4, 2, 3, 3});
  const auto message = [&](const std::function<void()>& call) {
    try {
      call();
    } catch (const c10::Error& error) {
      return std::string(error.what_without_backtrace());
    }
    return std::string("no error");
  };
  const std::vector<std::function<void()>> calls = {
      [&] { torch::conv2d(x, w); },
      [&] { torch::conv2d(x, w, {}, 0); },
      [&] {
        torch::conv2d(x, w.slice(1, 0, 1).repeat({1, 3, 1, 1}), {}, 1, -1);
      },
      [&] {
        torch::conv2d(x, torch::ones({4, 3, 7, 7}));
      },
      [&] {
        torch::conv2d(x, torch::ones({4, 3, 3, 3}), torch::ones({5}));
      },
      [&] {
        torch::conv2d(x.to(torch::kDouble), torch::ones({4, 3, 3, 3}));
      },
      [&] {
        torch::conv2d(x, torch::ones({4, 1, 3, 3}), {}, 1, at::IntArrayRef(0), 1, 3);
      },
      [&] {
        torch::conv_transpose2d(x, torch::ones({3, 4, 3, 3}), {}, 1, 0, 1);
      },
  };
  for (size_t i = 0; i < calls.size(); ++i) {
    const std::string native = message(calls[i]);
    EXPECT_NE(native, "no error") << i;
    Approximate mode(model, Uniform("mitchell@bf16"));
    EXPECT_EQ(message(calls[i]), native) << i;
  }
}

}  // namespace
}  // namespace mulberry
