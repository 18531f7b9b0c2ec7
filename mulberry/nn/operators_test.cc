// That nothing runs exact silently: every operator of LibTorch that contains matrix products is
// simulated, or reported as native, or composed of operators that are.
#include <ATen/core/dispatch/Dispatcher.h>
#include <gtest/gtest.h>
#include <torch/version.h>

#include <regex>
#include <set>

#include "mulberry/nn/approximate.h"
#include "mulberry/nn/dispatch_key.h"
#include "mulberry/nn/test_products.h"

namespace mulberry {
namespace {

struct Operator {
  std::string name;
  int64_t macs;  // Simulated, by the definition of the operator.
  std::function<at::Tensor()> run;
};

at::Tensor Random(at::IntArrayRef sizes) {
  torch::manual_seed(4);
  return torch::randn(sizes);
}

#if TORCH_VERSION_MAJOR >= 2
// Composed of matrix products only with the flash kernel off.
at::Tensor Attention(const at::Tensor& q) {
  at::globalContext().setSDPUseFlash(false);
  const at::Tensor attended = torch::scaled_dot_product_attention(q, q, q);
  at::globalContext().setSDPUseFlash(true);
  return attended;
}
#else
at::Tensor Attention(const at::Tensor& q) {
  return std::get<0>(torch::_scaled_dot_product_attention(q, q, q));
}
#endif

std::vector<Operator> SimulatedOperators() {
  const at::Tensor a = Random({4, 6}), b = Random({6, 5}), s = Random({4, 5});
  const at::Tensor a3 = Random({2, 4, 6}), b3 = Random({2, 6, 5});
  const at::Tensor v = Random({6}), w = Random({5, 6}), bias = Random({5});
  const at::Tensor x = Random({2, 3, 7, 7}), kernel = Random({4, 3, 3, 3});
  const at::Tensor line = Random({2, 3, 9}), kernel1 = Random({4, 3, 2});
  const at::Tensor q = Random({2, 3, 5, 4});
  return {
      {"mm", 120, [=] { return torch::mm(a, b); }},
      {"matmul of matrices", 120, [=] { return torch::matmul(a, b); }},
      {"matmul of a batch and a matrix", 240, [=] { return torch::matmul(a3, b); }},
      {"matmul of a matrix and a batch", 240, [=] { return torch::matmul(a, b3); }},
      {"matmul of matrix and vector", 24, [=] { return torch::matmul(a, v); }},
      {"matmul of vector and matrix", 30, [=] { return torch::matmul(v, b); }},
      {"matmul of vectors", 6, [=] { return torch::matmul(v, v); }},
      {"matmul broadcast", 480, [=] { return torch::matmul(a3.unsqueeze(1), b3); }},
      {"linalg_matmul", 120, [=] { return torch::linalg_matmul(a, b); }},
      {"bmm", 240, [=] { return torch::bmm(a3, b3); }},
      {"addmm", 120, [=] { return torch::addmm(s, a, b); }},
      {"baddbmm", 240, [=] { return torch::baddbmm(s, a3, b3); }},
      {"addbmm", 240, [=] { return torch::addbmm(s, a3, b3); }},
      {"mv", 24, [=] { return torch::mv(a, v); }},
      {"addmv", 24, [=] { return torch::addmv(Random({4}), a, v); }},
      {"dot", 6, [=] { return torch::dot(v, v); }},
      {"vdot", 6, [=] { return torch::vdot(v, v); }},
      {"inner of vectors", 6, [=] { return torch::inner(v, v); }},
      {"inner of matrices", 120, [=] { return torch::inner(a, w); }},
      {"tensordot", 240, [=] { return torch::tensordot(a3, w, {2}, {1}); }},
      {"einsum of matrices", 120,
       [=] {
         return torch::einsum("ij,jk->ik", {a, b});
       }},
      {"einsum of batches", 240,
       [=] {
         return torch::einsum("bij,bjk->bik", {a3, b3});
       }},
      {"einsum of three", 120 + 5 * 4 * 5,
       [=] {
         return torch::einsum("ij,jk,il->kl", {a, b, s});
       }},
      {"linalg_multi_dot", 120 + 4 * 5 * 6,
       [=] {
         return torch::linalg_multi_dot({a, b, w});
       }},
      {"matrix_power", 2 * 16 * 4,
       [=] {
         return torch::linalg_matrix_power(Random({4, 4}), 3);
       }},
      {"linear without bias", 120, [=] { return torch::linear(a, w); }},
      {"linear with bias", 120, [=] { return torch::linear(a, w, bias); }},
      {"linear of three dimensions", 240, [=] { return torch::linear(a3, w, bias); }},
      {"linear of a vector", 30, [=] { return torch::linear(v, w, bias); }},
      {"linear_out", 120,
       [=] {
         at::Tensor out = torch::empty({4, 5});
         return torch::linear_out(out, a, w, bias);
       }},
      {"matmul_out", 240,
       [=] {
         at::Tensor out = torch::empty({2, 4, 5});
         return torch::matmul_out(out, a3, b);
       }},
      {"_addmm_activation", 120, [=] { return torch::_addmm_activation(bias, a, b, 1, 1, true); }},
      {"conv1d", 2 * 8 * 4 * 3 * 2, [=] { return torch::conv1d(line, kernel1); }},
      {"conv2d", 2 * 25 * 4 * 27, [=] { return torch::conv2d(x, kernel); }},
      {"conv2d of one image", 25 * 4 * 27, [=] { return torch::conv2d(x[0], kernel); }},
      {"conv2d with same padding", 2 * 49 * 4 * 27,
       [=] { return torch::conv2d(x, kernel, {}, 1, "same"); }},
      {"conv_transpose1d", 2 * 9 * 3 * 4 * 2,
       [=] { return torch::conv_transpose1d(line, kernel1.transpose(0, 1)); }},
      {"conv_transpose2d", 2 * 49 * 3 * 4 * 9,
       [=] { return torch::conv_transpose2d(x, kernel.transpose(0, 1)); }},
      {"convolution", 2 * 25 * 4 * 27,
       [=] {
         return torch::convolution(x, kernel, {}, {1, 1}, {0, 0}, {1, 1}, false, {0, 0}, 1);
       }},
      {"_convolution", 2 * 25 * 4 * 27,
       [=] {
         return torch::_convolution(x, kernel, {}, {1, 1}, {0, 0}, {1, 1}, false, {0, 0}, 1, false,
                                    false, true, true);
       }},
      {"conv_tbc", 2 * 8 * 4 * 3 * 2,
       [=] {
         return torch::conv_tbc(line.permute({2, 0, 1}).contiguous(),
                                kernel1.permute({2, 1, 0}).contiguous(), torch::zeros({4}));
       }},
      {"scaled dot product attention", 2 * 2 * 3 * 5 * 5 * 4, [=] { return Attention(q); }},
      {"lstm_cell", 4 * 6 * 20 + 4 * 5 * 20,
       [=] {
         return std::get<0>(torch::lstm_cell(a, {s, s}, Random({20, 6}), Random({20, 5})));
       }},
      {"gru_cell", 4 * 6 * 15 + 4 * 5 * 15,
       [=] {
         return torch::gru_cell(a, s, Random({15, 6}), Random({15, 5}));
       }},
      {"rnn_tanh_cell", 4 * 6 * 5 + 4 * 5 * 5,
       [=] {
         return torch::rnn_tanh_cell(a, s, Random({5, 6}), Random({5, 5}));
       }},
      // Attention's native fast path: queries, keys and values; scores and weighted values;
      // output.
      {"_native_multi_head_attention", 2 * 5 * 8 * 24 + 2 * (2 * 2 * 5 * 5 * 4) + 2 * 5 * 8 * 8,
       [=] {
         const torch::NoGradGuard no_gradients;
         const at::Tensor t = Random({2, 5, 8});
         return std::get<0>(torch::_native_multi_head_attention(
             t, t, t, 8, 2, Random({24, 8}), Random({24}), Random({8, 8}), Random({8})));
       }},
      {"_transformer_encoder_layer_fwd",
       2 * 5 * 8 * 24 + 2 * (2 * 2 * 5 * 5 * 4) + 2 * 5 * 8 * 8 + 2 * (2 * 5 * 8 * 16),
       [=] {
         const torch::NoGradGuard no_gradients;
         return torch::_transformer_encoder_layer_fwd(
             Random({2, 5, 8}), 8, 2, Random({24, 8}), Random({24}), Random({8, 8}), Random({8}),
             false, false, 1e-5, torch::ones({8}), torch::zeros({8}), torch::ones({8}),
             torch::zeros({8}), Random({16, 8}), Random({16}), Random({8, 16}), Random({8}));
       }},
  };
}

TEST(OperatorsTest, SimulatedOperatorsAreSimulatedWhole) {
  NoModel model;
  for (const Operator& op : SimulatedOperators()) {
    const at::Tensor exact = op.run();
    Approximate mode(model, Uniform("mitchell@bf16"));
    const at::Tensor mine = op.run();
    EXPECT_EQ(mode.Report().approximate_macs(), op.macs) << op.name << "\n"
                                                         << FormatTable(mode.Report());
    for (const LayerRun& run : mode.Report().lines) EXPECT_EQ(run.why_native, "") << op.name;
    EXPECT_EQ(mine.sizes(), exact.sizes()) << op.name;
    EXPECT_FALSE(SameBits(mine, exact)) << op.name;
  }
}

// With exact products the operators still compute what LibTorch's compute.
TEST(OperatorsTest, SimulatedOperatorsMeanTheSame) {
  NoModel model;
  for (const Operator& op : SimulatedOperators()) {
    const at::Tensor exact = op.run();
    Approximate mode(model, Uniform("exact@fp32"));
    EXPECT_TRUE(torch::allclose(op.run(), exact, 1e-4, 1e-4)) << op.name;
  }
}

TEST(OperatorsTest, NativeOperatorsAreReported) {
  NoModel model;
  const at::Tensor a = Random({4, 6}), square = Random({4, 4});
  const at::Tensor positive = torch::eye(4) + 0.1 * torch::ones({4, 4});
  const std::vector<Operator> operators = {
      {"_trilinear", 0,
       [=] {
         return torch::bilinear(a, a, Random({3, 6, 6}));
       }},
      {"addr", 0, [=] { return torch::addr(square, a.select(1, 0), a.select(1, 1)); }},
      {"linalg_matrix_exp", 0, [=] { return torch::linalg_matrix_exp(square); }},
      {"_linalg_solve_ex", 0, [=] { return torch::linalg_solve(positive, square); }},
      {"linalg_inv_ex", 0, [=] { return torch::linalg_inv(positive); }},
      {"linalg_cholesky_ex", 0, [=] { return torch::linalg_cholesky(positive); }},
      {"_linalg_svd", 0, [=] { return std::get<1>(torch::linalg_svd(square)); }},
      {"linalg_qr", 0, [=] { return std::get<0>(torch::linalg_qr(square)); }},
      {"_linalg_eigh", 0, [=] { return std::get<0>(torch::linalg_eigh(positive)); }},
      {"_linalg_det", 0, [=] { return torch::det(square); }},
      {"_fft_r2c", 0, [=] { return torch::abs(torch::fft_rfft(a)); }},
      {"_slow_conv2d_forward", 0,
       [=] {
         return torch::thnn_conv2d(Random({1, 1, 4, 4}), Random({1, 1, 3, 3}), {3, 3}, {}, {1, 1},
                                   {0, 0});
       }},
      {"convolution_backward", 0,
       [=] {
         return std::get<0>(torch::convolution_backward(
             Random({1, 1, 2, 2}), Random({1, 1, 4, 4}), Random({1, 1, 3, 3}), c10::nullopt, {1, 1},
             {0, 0}, {1, 1}, false, {0, 0}, 1, {true, false, false}));
       }},
      {"conv3d", 27 * 8,
       [=] {
         return torch::conv3d(Random({1, 1, 4, 4, 4}), Random({1, 1, 2, 2, 2}));
       }},
      {"matmul", 120,
       [=] {
         return torch::mm(a.to(torch::kDouble), Random({6, 5}).to(torch::kDouble));
       }},
  };
  for (const Operator& op : operators) {
    const at::Tensor exact = op.run();
    Approximate mode(model, Uniform("mitchell@bf16"));
    EXPECT_TRUE(op.run().equal(exact)) << op.name;
    const RunReport report = mode.Report();
    ASSERT_EQ(report.lines.size(), 1u) << op.name << "\n" << FormatTable(report);
    EXPECT_EQ(report.lines[0].layer, op.name);
    EXPECT_EQ(report.lines[0].calls, 1);
    EXPECT_NE(report.lines[0].why_native, "") << op.name;
    EXPECT_EQ(report.native_macs(), op.macs) << op.name;
  }
}

#if TORCH_VERSION_MAJOR >= 2
TEST(OperatorsTest, FusedAttentionIsReported) {
  NoModel model;
  const at::Tensor q = Random({2, 3, 5, 4});
  Approximate mode(model, Uniform("mitchell@bf16"));
  torch::scaled_dot_product_attention(q, q, q);
  EXPECT_EQ(Lines(mode.Report()),
            std::vector<std::string>{
                "_scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_flash_attention_"
                "for_cpu forward fp32 1 0 LibTorch's fused attention; with its flash kernel "
                "switched off (at::globalContext().setSDPUseFlash(false)) its products are "
                "simulated"});
}
#endif

TEST(OperatorsTest, ANativeOperatorNamesTheWeightItUses) {
  struct Net : torch::nn::Module {
    Net() { mix = register_module("mix", torch::nn::Bilinear(6, 6, 3)); }
    torch::nn::Bilinear mix{nullptr};
  } net;
  Approximate mode(net, Uniform("mitchell@bf16"));
  const at::Tensor a = Random({4, 6});
  net.mix(a, a);
  EXPECT_EQ(Lines(mode.Report()),
            std::vector<std::string>{"mix _trilinear forward fp32 1 0 LibTorch's fused operator"});
}

// Operators without products of matrices leave no trace.
TEST(OperatorsTest, ElementwiseOperatorsAreNotReported) {
  NoModel model;
  Approximate mode(model, Uniform("mitchell@bf16"));
  const at::Tensor a = Random({4, 6}).requires_grad_();
  (torch::relu(a) * a + a.sum() / 3).softmax(1).mean().backward();
  torch::layer_norm(a, {6});
  torch::batch_norm(a, {}, {}, {}, {}, true, 0.1, 1e-5, false);
  torch::max_pool1d(a, 2);
  torch::dropout(a, 0.5, true);
  EXPECT_TRUE(mode.Report().lines.empty()) << FormatTable(mode.Report());
}

// Every operator that is named after a product is one that the mode knows. A new version of
// LibTorch that brings one more fails here, and shows which.
TEST(OperatorsTest, EveryOperatorNamedAfterAProductIsKnown) {
  const std::regex product_names(
      "aten::(.*_)?(mm|addmm|bmm|baddbmm|addbmm|mv|addmv|dot|vdot|matmul|linear|bilinear|trilinear|"
      "conv[0-9]d|conv|convolution|conv_.*|conv[0-9]d_.*|convolution_.*|lstm|gru|rnn|attention|"
      "linalg|"
      "svd|eig|eigh|qr|solve|cholesky|inverse|fft)(_.*)?");
  const std::set<std::string> without_products = {
      "aten::linalg_cross", "aten::linalg_vector_norm", "aten::_linalg_check_errors",
      "aten::linalg__powsum", "aten::slice_inverse",
      // Gates and packing, after the products.
      "aten::_thnn_fused_lstm_cell", "aten::_thnn_fused_lstm_cell_backward_impl",
      "aten::_thnn_fused_gru_cell", "aten::_thnn_fused_gru_cell_backward",
      "aten::_cudnn_rnn_flatten_weight", "aten::mkldnn_reorder_conv2d_weight",
      "aten::mkldnn_reorder_conv3d_weight", "aten::fft_fftfreq", "aten::fft_rfftfreq",
      // Interpolation.
      "aten::upsample_linear1d", "aten::upsample_linear1d_backward", "aten::upsample_bilinear2d",
      "aten::upsample_bilinear2d_backward", "aten::_upsample_bilinear2d_aa",
      "aten::_upsample_bilinear2d_aa_backward", "aten::upsample_trilinear3d",
      "aten::upsample_trilinear3d_backward",
      // They call other operators; SimulatedOperatorsAreSimulatedWhole shows it.
      "aten::linear", "aten::_native_multi_head_attention", "aten::_transformer_encoder_layer_fwd",
      "aten::_scaled_dot_product_attention_forward",
      "aten::_native_decoder_only_multi_head_attention",
      "aten::_transformer_decoder_only_layer_fwd"};
  c10::Dispatcher& dispatcher = c10::Dispatcher::singleton();
  int known = 0;
  for (const c10::OperatorName& name : dispatcher.getAllOpNames()) {
    const auto op = dispatcher.findOp(name);
    if (!op || !std::regex_match(name.name, product_names)) continue;
    const bool caught = op->hasKernelForDispatchKey(kModeKey);
    const bool composed = op->hasKernelForDispatchKey(c10::DispatchKey::CompositeImplicitAutograd);
    known += caught;
    EXPECT_TRUE(caught || composed || without_products.count(name.name) != 0)
        << name.name << "." << name.overload_name;
  }
  EXPECT_GT(known, 100);
}

// Layers for inference on 8-bit weights: the packed operators take no tensor for a weight.
TEST(OperatorsTest, PackedOperatorsAreKnown) {
  c10::Dispatcher& dispatcher = c10::Dispatcher::singleton();
  for (const char* name : {"quantized::linear", "quantized::linear_dynamic", "quantized::conv1d",
                           "quantized::matmul", "quantized::conv3d_relu", "sparse::qlinear"}) {
    const auto op = dispatcher.findOp({name, ""});
    EXPECT_TRUE(op && op->hasKernelForDispatchKey(kModeKey)) << name;
  }
  const auto conv2d = dispatcher.findOp({"quantized::conv2d", "new"});
  EXPECT_TRUE(conv2d && conv2d->hasKernelForDispatchKey(kModeKey));
  const auto prepack = dispatcher.findOp({"quantized::linear_prepack", ""});
  EXPECT_FALSE(prepack && prepack->hasKernelForDispatchKey(kModeKey));
}

}  // namespace
}  // namespace mulberry
