#include "mulberry/nn/convolution.h"

#include <ATen/Functions.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "mulberry/nn/error_product.h"
#include "mulberry/nn/gradient_model.h"
#include "mulberry/nn/operand.h"
#include "mulberry/nn/state.h"

namespace mulberry {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// The operator's arguments, one value for each spatial dimension.
struct Geometry {
  std::vector<int64_t> stride, padding, dilation, output_padding;
  bool transposed = false;
  int64_t groups = 1;
};

struct ConvolutionCall : ProductCall {
  Geometry geometry;
};

std::vector<int64_t> PerDimension(at::IntArrayRef values, int64_t dims) {
  if (values.size() != 1 || dims < 1) return values.vec();
  return std::vector<int64_t>(static_cast<size_t>(dims), values[0]);
}

// Multiply-accumulates of each of the three products.
int64_t Macs(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& output,
             bool transposed) {
  if (weight.numel() == 0) return 0;
  return (transposed ? input : output).numel() * (weight.numel() / weight.size(0));
}

// ---- The three products of the ordinary convolution x -> y, w of [OC, IC / groups, KH, KW] ----

// The patches of one group of images that a kernel of `kernel` positions passes over, as an operand
// whose rows are (channel, ky, kx) and whose columns are (image, oy, ox).
Operand Patches(const at::Tensor& images, int64_t group, int64_t groups,
                std::array<int64_t, 2> kernel, std::array<int64_t, 2> out) {
  const int64_t channels = images.size(1) / groups;
  Operand operand;
  operand.patches = true;
  operand.data = images.data_ptr<float>() + group * channels * images.size(2) * images.size(3);
  operand.rows = channels * kernel[0] * kernel[1];
  operand.cols = images.size(0) * out[0] * out[1];
  Operand::Patches& image = operand.image;
  image.channel_stride = images.size(2) * images.size(3);
  image.image_stride = images.size(1) * image.channel_stride;
  image.height = images.size(2);
  image.width = images.size(3);
  image.kernel_height = kernel[0];
  image.kernel_width = kernel[1];
  image.out_height = out[0];
  image.out_width = out[1];
  return operand;
}

// x under the kernel's moves of the forward product.
Operand InputPatches(const at::Tensor& x, const Geometry& geometry, int64_t group,
                     std::array<int64_t, 2> kernel, std::array<int64_t, 2> out) {
  Operand operand = Patches(x, group, geometry.groups, kernel, out);
  Operand::Patches& image = operand.image;
  image.stride_y = geometry.stride[0];
  image.stride_x = geometry.stride[1];
  image.pad_y = geometry.padding[0];
  image.pad_x = geometry.padding[1];
  image.dilation_y = geometry.dilation[0];
  image.dilation_x = geometry.dilation[1];
  return operand;
}

// dy under the moves of the input gradient: the output that input position iy meets through kernel
// position ky is (iy + padding - ky · dilation) / stride, where that is whole.
Operand GradientPatches(const at::Tensor& dy, const Geometry& geometry, int64_t group,
                        std::array<int64_t, 2> kernel, std::array<int64_t, 2> in) {
  Operand operand = Patches(dy, group, geometry.groups, kernel, in);
  Operand::Patches& image = operand.image;
  image.pad_y = -geometry.padding[0];
  image.pad_x = -geometry.padding[1];
  image.dilation_y = -geometry.dilation[0];
  image.dilation_x = -geometry.dilation[1];
  image.divide_y = geometry.stride[0];
  image.divide_x = geometry.stride[1];
  return operand;
}

// The channels of `group` in a batch of images.
Result GroupOfImages(const at::Tensor& images, int64_t group, int64_t groups) {
  const int64_t pixels = images.size(2) * images.size(3);
  Result result;
  result.data = images.data_ptr<float>() + group * (images.size(1) / groups) * pixels;
  result.row_stride = pixels;
  result.inner = pixels;
  result.outer_stride = images.size(1) * pixels;
  return result;
}

RoundedOperand Prepare(const at::Tensor& tensor, OperandIndex index, int64_t channel_dim,
                       const SimulatedPass& pass) {
  RoundedOperand rounded = RoundOperand(tensor.contiguous(), index, channel_dim, pass);
  rounded.values = rounded.values.contiguous();
  return rounded;
}

std::array<int64_t, 2> SpatialSizes(const at::Tensor& tensor) {
  return {tensor.size(2), tensor.size(3)};
}

// ---- Images whose zero is a zero point ----

// One spatial dimension of a frame: its position i is the image's element (i + begin) / stride,
// where there is one.
struct FrameAxis {
  int64_t begin, size, stride;
};

// The images with what lies around them, and between their elements, in memory: the zero point of
// each, which is what an integer multiplier gets there.
at::Tensor Frame(const RoundedOperand& images, const std::array<FrameAxis, 2>& axes) {
  at::Tensor from = images.values;
  const at::Tensor frame =
      at::empty({from.size(0), from.size(1), axes[0].size, axes[1].size}, from.options());
  const at::Tensor zeros = at::tensor(images.zeros, from.options());
  frame.copy_(zeros.view({1, -1, 1, 1}).expand_as(frame));
  at::Tensor to = frame;
  for (int64_t i = 0; i < 2; ++i) {
    const auto [begin, size, stride] = axes[static_cast<size_t>(i)];
    const int64_t end = begin + size;
    const int64_t first = begin > 0 ? (begin + stride - 1) / stride : 0;
    const int64_t last = std::min(from.size(2 + i), end > 0 ? (end - 1) / stride + 1 : 0);
    if (first >= last) return frame;
    from = from.slice(2 + i, first, last);
    to = to.slice(2 + i, first * stride - begin, (last - 1) * stride - begin + 1, stride);
  }
  to.copy_(from);
  return frame;
}

// Images, and the geometry by which a kernel passes over them.
struct Framed {
  at::Tensor images;
  Geometry geometry;
};

// x and the geometry of InputPatches.
Framed FrameInput(const RoundedOperand& x, const Geometry& geometry) {
  if (!x.has_zeros()) return {x.values, geometry};
  const auto axis = [&](size_t i) -> FrameAxis {
    const int64_t padding = geometry.padding[i];
    return {-padding, x.values.size(static_cast<int64_t>(i) + 2) + 2 * padding, 1};
  };
  Framed framed{Frame(x, {axis(0), axis(1)}), geometry};
  framed.geometry.padding = {0, 0};
  return framed;
}

// dy and the geometry of GradientPatches.
Framed FrameGradient(const RoundedOperand& dy, const Geometry& geometry,
                     std::array<int64_t, 2> kernel, std::array<int64_t, 2> in) {
  if (!dy.has_zeros()) return {dy.values, geometry};
  const auto reach = [&](size_t i) { return (kernel[i] - 1) * geometry.dilation[i]; };
  const auto axis = [&](size_t i) -> FrameAxis {
    return {geometry.padding[i] - reach(i), in[i] + reach(i), geometry.stride[i]};
  };
  Framed framed{Frame(dy, {axis(0), axis(1)}), geometry};
  framed.geometry.padding = {reach(0), reach(1)};
  framed.geometry.stride = {1, 1};
  return framed;
}

// ---- The products themselves ----

// y of [N, OC, OH, OW].
at::Tensor OutputOf(const at::Tensor& x, const at::Tensor& w, std::array<int64_t, 2> out,
                    const Geometry& geometry, const SimulatedPass& pass) {
  const RoundedOperand images = Prepare(x, OperandIndex::kFirst, 1, pass);
  const RoundedOperand weight = Prepare(w, OperandIndex::kSecond, 0, pass);
  const Framed framed = FrameInput(images, geometry);
  at::Tensor y = at::empty({x.size(0), w.size(0), out[0], out[1]}, x.options());
  const int64_t rows = w.size(0) / geometry.groups, depth = w.numel() / w.size(0);
  PassProduct{pass, weight, images, y}.Run(geometry.groups, [&](int64_t group) {
    const float* group_weight = weight.values.data_ptr<float>() + group * rows * depth;
    GemmProblem problem;
    problem.a = StridedOperand(group_weight, rows, depth, depth, 1);
    problem.b = InputPatches(framed.images, framed.geometry, group, SpatialSizes(w), out);
    problem.c = GroupOfImages(y, group, geometry.groups);
    problem.b_first = true;
    return PassProblem{problem, group * rows};
  });
  return y;
}

// dx of [N, IC, IH, IW].
at::Tensor InputOf(const at::Tensor& dy, const at::Tensor& w, std::array<int64_t, 2> in,
                   const Geometry& geometry, const SimulatedPass& pass) {
  const RoundedOperand images = Prepare(dy, OperandIndex::kFirst, 1, pass);
  const Framed framed = FrameGradient(images, geometry, SpatialSizes(w), in);
  const int64_t groups = geometry.groups, outs = w.size(0) / groups, ins = w.size(1);
  // [group, oc, ic, ky, kx] to [group · ic, oc, ky, kx].
  const at::Tensor by_input = w.reshape({groups, outs, ins, w.size(2), w.size(3)})
                                  .permute({0, 2, 1, 3, 4})
                                  .reshape({groups * ins, outs, w.size(2), w.size(3)});
  const RoundedOperand weight = Prepare(by_input, OperandIndex::kSecond, 0, pass);
  at::Tensor dx = at::empty({dy.size(0), ins * groups, in[0], in[1]}, dy.options());
  const int64_t depth = outs * w.size(2) * w.size(3);
  PassProduct{pass, weight, images, dx}.Run(groups, [&](int64_t group) {
    const float* group_weight = weight.values.data_ptr<float>() + group * ins * depth;
    GemmProblem problem;
    problem.a = StridedOperand(group_weight, ins, depth, depth, 1);
    problem.b = GradientPatches(framed.images, framed.geometry, group, SpatialSizes(w), in);
    problem.c = GroupOfImages(dx, group, groups);
    problem.b_first = true;
    return PassProblem{problem, group * ins};
  });
  return dx;
}

// dw of [OC, IC / groups, KH, KW]. The multiplier's first operand is the output's gradient: dy, but
// x where the convolution is transposed and the two have changed places.
at::Tensor WeightOf(const at::Tensor& dy, const at::Tensor& x, const at::Tensor& w,
                    const Geometry& geometry, const SimulatedPass& pass) {
  using enum OperandIndex;
  const RoundedOperand gradient = Prepare(dy, geometry.transposed ? kSecond : kFirst, 1, pass);
  const RoundedOperand images = Prepare(x, geometry.transposed ? kFirst : kSecond, 1, pass);
  const Framed framed = FrameInput(images, geometry);
  // Sums run over all pixels of an image, so that the gradient's image may be taken as one line.
  const at::Tensor lines = gradient.values.flatten(2).unsqueeze(2);
  at::Tensor dw =
      dy.numel() == 0 ? at::zeros(w.sizes(), w.options()) : at::empty(w.sizes(), w.options());
  const int64_t rows = w.size(0) / geometry.groups, depth = w.numel() / w.size(0);
  PassProduct{pass, gradient, images, dw}.Run(geometry.groups, [&](int64_t group) {
    GemmProblem problem;
    problem.a = Patches(lines, group, geometry.groups, {1, 1}, SpatialSizes(lines));
    problem.b =
        InputPatches(framed.images, framed.geometry, group, SpatialSizes(w), SpatialSizes(dy));
    std::swap(problem.b.rows, problem.b.cols);
    problem.b.transposed = true;
    problem.c.data = dw.data_ptr<float>() + group * rows * depth;
    problem.c.row_stride = depth;
    problem.c.inner = depth;
    problem.b_first = geometry.transposed;
    if (geometry.transposed) return PassProblem{problem, group * rows};
    const int64_t area = w.size(2) * w.size(3);
    return PassProblem{problem, group * (depth / area), area};
  });
  return dw;
}

// ---- LibTorch's own products ----

at::Tensor NativeForward(const at::Tensor& input, const at::Tensor& weight, const Geometry& g) {
  return at::convolution(input, weight, {}, g.stride, g.padding, g.dilation, g.transposed,
                         g.output_padding, g.groups);
}

// The gradients of input and weight that are wanted.
std::array<at::Tensor, 2> NativeGradients(const at::Tensor& gradient, const at::Tensor& input,
                                          const at::Tensor& weight, const Geometry& g,
                                          std::array<bool, 2> wanted) {
  auto [dx, dw, db] = at::convolution_backward(
      gradient, input, weight, c10::nullopt, g.stride, g.padding, g.dilation, g.transposed,
      g.output_padding, g.groups, std::array<bool, 3>{wanted[0], wanted[1], false});
  return {dx, dw};
}

// ---- Native gradients of a product of integers, by an estimator ----

class EstimatedGradients {
 public:
  EstimatedGradients(const GradientModel& model, const ConvolutionCall& call, const at::Tensor& dy,
                     const at::Tensor& x, const at::Tensor& w)
      : model_(model), g_(call.geometry), dy_(dy), x_(x), w_(w) {
    const SimulatedPass forward{call, Pass::kForward};
    images_ = Prepare(x, OperandIndex::kFirst, 1, forward);
    // Channels of a weight are the outputs', which in a transposed convolution are its second
    // dimension, of each group.
    if (!g_.transposed || g_.groups == 1) {
      weight_ = Prepare(w, OperandIndex::kSecond, g_.transposed ? 1 : 0, forward);
    }
    has_range_ = forward.state().RangeOf(*call.layer);
    formats_ = forward.plan().arithmetic().integer_formats();
    RequireEstimable(forward);
  }

  at::Tensor OfInput() const {
    at::Tensor dx = model_.Gradient(OperandIndex::kFirst, images_, weight_, channel_dim(),
                                    [&](const at::Tensor& w, float) {
                                      return NativeGradients(dy_, x_, w, g_, {true, false})[0];
                                    });
    return has_range_ ? dx.mul_(WithinRange(x_, images_, formats_->first)) : dx;
  }

  at::Tensor OfWeight() const {
    return model_.Gradient(OperandIndex::kSecond, weight_, images_, 1,
                           [&](const at::Tensor& x, float padding) {
                             const auto [images, geometry] = Padded(x, padding);
                             return NativeGradients(dy_, images, w_, geometry, {false, true})[1];
                           });
  }

 private:
  int64_t channel_dim() const { return g_.transposed ? 1 : 0; }

  // The images with what an estimator makes of the zeros around them, and what is then left of the
  // geometry.
  Framed Padded(const at::Tensor& images, float padding) const {
    if (padding == 0.0f || g_.transposed) return {images, g_};
    Framed padded{
        at::constant_pad_nd(images, {g_.padding[1], g_.padding[1], g_.padding[0], g_.padding[0]},
                            padding),
        g_};
    padded.geometry.padding = {0, 0};
    return padded;
  }

  // Between the elements of a transposed convolution's input are zeros that no native gradient
  // takes for anything else.
  void RequireEstimable(const SimulatedPass& forward) const {
    if (!g_.transposed || (g_.groups == 1 && !images_.has_zeros())) return;
    throw Error(
        "{}: gradient estimators take no transposed convolution that has groups or whose input has "
        "a zero point; give the layer's gradients an arithmetic of their own{}",
        forward.call.layer->name, g_.groups == 1 ? ", or its forward product scale=max" : "");
  }

  const GradientModel& model_;
  const Geometry& g_;
  const at::Tensor &dy_, &x_, &w_;
  RoundedOperand images_, weight_;
  bool has_range_ = false;
  std::optional<IntegerFormats> formats_;
};

// ---- The operator's passes, each simulated or native ----

std::array<int64_t, 2> OutputSizes(const at::Tensor& input, const at::Tensor& weight,
                                   const Geometry& geometry);

at::Tensor Forward(const at::Tensor& input, const at::Tensor& weight, const ConvolutionCall& call) {
  const Geometry& g = call.geometry;
  at::Tensor output;
  const Plan* plan = call.pass(Pass::kForward).plan.get();
  if (!plan) {
    output = NativeForward(input, weight, g);
  } else if (plan->errors()) {
    output = ProductWithErrors(
        {call, Pass::kForward}, input, weight, WeightPlace::kB, call.weight_factors[0],
        [&](const at::Tensor& x, const at::Tensor& w) { return NativeForward(x, w, g); });
  } else {
    const auto sizes = OutputSizes(input, weight, g);
    const SimulatedPass pass{call, Pass::kForward};
    output = g.transposed ? InputOf(input, weight, sizes, g, pass)
                          : OutputOf(input, weight, sizes, g, pass);
  }
  call.Record(Pass::kForward, Macs(input, weight, output, g.transposed));
  return output;
}

at::Tensor InputGradient(const at::Tensor& gradient, const at::Tensor& input,
                         const at::Tensor& weight, const ConvolutionCall& call) {
  const SimulatedPass pass{call, Pass::kInputGradient};
  if (pass.plan().errors()) {
    return ProductWithErrors(
        pass, gradient, weight, WeightPlace::kB, call.weight_factors[1],
        [&](const at::Tensor& dy, const at::Tensor& w) {
          return NativeGradients(dy, input, w, call.geometry, {true, false})[0];
        });
  }
  const auto sizes = SpatialSizes(input);
  return call.geometry.transposed ? OutputOf(gradient, weight, sizes, call.geometry, pass)
                                  : InputOf(gradient, weight, sizes, call.geometry, pass);
}

at::Tensor WeightGradient(const at::Tensor& gradient, const at::Tensor& input,
                          const at::Tensor& weight, const ConvolutionCall& call) {
  const SimulatedPass pass{call, Pass::kWeightGradient};
  if (pass.plan().errors()) {
    return ProductWithErrors(
        pass, gradient, input, WeightPlace::kResult, call.weight_factors[2],
        [&](const at::Tensor& dy, const at::Tensor& x) {
          return NativeGradients(dy, x, weight, call.geometry, {false, true})[1];
        });
  }
  return call.geometry.transposed ? WeightOf(input, gradient, weight, call.geometry, pass)
                                  : WeightOf(gradient, input, weight, call.geometry, pass);
}

struct ConvolutionFunction : torch::autograd::Function<ConvolutionFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& weight, c10::intrusive_ptr<ConvolutionCall> call) {
    context->save_for_backward({input, weight});
    context->set_materialize_grads(false);
    at::Tensor output = Forward(input, weight, *call);
    context->saved_data["call"] = c10::IValue::make_capsule(std::move(call));
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const at::Tensor& gradient = gradients[0];
    variable_list result(3);  // Of input, weight and call.
    if (!gradient.defined()) return result;
    const c10::impl::ExcludeDispatchKeyGuard below_the_mode(kModeKey);
    const auto call = c10::static_intrusive_pointer_cast<ConvolutionCall>(
        context->saved_data["call"].toCapsule());
    RefuseDoubleBackward(*call->layer);
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &input = saved[0], &weight = saved[1];
    const Geometry& g = call->geometry;

    std::array<bool, 2> native{};                 // Those that LibTorch is to compute, in one call.
    std::optional<EstimatedGradients> estimated;  // The operands are rounded once for both.
    constexpr Pass kPasses[] = {Pass::kInputGradient, Pass::kWeightGradient};
    for (size_t i = 0; i < 2; ++i) {
      if (!context->needs_input_grad(i)) continue;
      native[i] = !call->pass(kPasses[i]).plan && !call->gradients(kPasses[i]);
      if (const GradientModel* model = call->gradients(kPasses[i])) {
        if (!estimated) estimated.emplace(*model, *call, gradient, input, weight);
        result[i] = i == 0 ? estimated->OfInput() : estimated->OfWeight();
      } else if (!native[i]) {
        result[i] = i == 0 ? InputGradient(gradient, input, weight, *call)
                           : WeightGradient(gradient, input, weight, *call);
      }
      call->Record(kPasses[i], Macs(input, weight, gradient, g.transposed));
    }
    if (native[0] || native[1]) {
      auto [dx, dw] = NativeGradients(gradient, input, weight, g, native);
      if (native[0]) result[0] = dx;
      if (native[1]) result[1] = dw;
    }
    return result;
  }
};

// ---- The dispatcher kernels ----

std::array<int64_t, 2> OutputSizes(const at::Tensor& input, const at::Tensor& weight,
                                   const Geometry& geometry) {
  std::array<int64_t, 2> sizes{};
  for (size_t i = 0; i < 2; ++i) {
    const int64_t in = input.size(static_cast<int64_t>(i) + 2);
    const int64_t reach = geometry.dilation[i] * (weight.size(static_cast<int64_t>(i) + 2) - 1) + 1;
    sizes[i] = geometry.transposed
                   ? (in - 1) * geometry.stride[i] - 2 * geometry.padding[i] + reach +
                         geometry.output_padding[i]
                   : (in + 2 * geometry.padding[i] - reach) / geometry.stride[i] + 1;
  }
  return sizes;
}

// Whether the arguments make a convolution as LibTorch's documentation defines it. Where they do
// not, LibTorch's own operator is called, for its error message.
bool IsOrdinary(const at::Tensor& input, const at::Tensor& weight,
                const TorchOptional<at::Tensor>& bias, const Geometry& g) {
  const int64_t dims = weight.dim() - 2;
  if (dims < 1 || dims > 3 || input.dim() != weight.dim()) return false;
  if (input.scalar_type() != weight.scalar_type() || input.device() != weight.device()) {
    return false;
  }
  const auto count = static_cast<size_t>(dims);
  if (g.stride.size() != count || g.padding.size() != count || g.dilation.size() != count ||
      g.output_padding.size() != count || g.groups < 1 || weight.size(0) % g.groups != 0) {
    return false;
  }
  const int64_t in = g.transposed ? weight.size(0) : weight.size(1) * g.groups;
  const int64_t out = g.transposed ? weight.size(1) * g.groups : weight.size(0);
  if (weight.numel() == 0 || input.size(1) != in) return false;
  if (bias && bias->defined() &&
      (bias->dim() != 1 || bias->size(0) != out || bias->scalar_type() != input.scalar_type())) {
    return false;
  }
  for (size_t i = 0; i < count; ++i) {
    const int64_t size = input.size(static_cast<int64_t>(i) + 2);
    const int64_t reach = g.dilation[i] * (weight.size(static_cast<int64_t>(i) + 2) - 1) + 1;
    if (size < 1 || g.stride[i] < 1 || g.padding[i] < 0 || g.dilation[i] < 1) return false;
    if (!g.transposed && size + 2 * g.padding[i] < reach) return false;
    if (g.transposed &&
        (g.output_padding[i] < 0 || g.output_padding[i] >= std::max(g.stride[i], g.dilation[i]) ||
         (size - 1) * g.stride[i] - 2 * g.padding[i] + reach + g.output_padding[i] < 1)) {
      return false;
    }
  }
  return true;
}

std::string OperatorName(int64_t dims, bool transposed) {
  return (transposed ? "conv_transpose" : "conv") + std::to_string(dims) + "d";
}

// One dimension is two, the first of which has one pixel.
void AddDimension(Geometry& geometry) {
  geometry.stride.insert(geometry.stride.begin(), 1);
  geometry.padding.insert(geometry.padding.begin(), 0);
  geometry.dilation.insert(geometry.dilation.begin(), 1);
  geometry.output_padding.insert(geometry.output_padding.begin(), 0);
}

}  // namespace

at::Tensor Convolution(const at::Tensor& input, const at::Tensor& weight,
                       const TorchOptional<at::Tensor>& bias, at::IntArrayRef stride,
                       at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                       at::IntArrayRef output_padding, int64_t groups) {
  const c10::impl::ExcludeDispatchKeyGuard below_the_mode(kModeKey);
  const int64_t dims = weight.dim() - 2;
  auto call = c10::make_intrusive<ConvolutionCall>();
  call->state = CurrentState();
  call->geometry = {PerDimension(stride, dims),
                    PerDimension(padding, dims),
                    PerDimension(dilation, dims),
                    PerDimension(output_padding, dims),
                    transposed,
                    groups};
  std::string why = WhyNative(input);
  if (why.empty()) why = WhyNative(weight);
  if (why.empty() && dims == 3) why = "3-d convolutions are not simulated";
  const bool plain = HasPlainMemory(input) && HasPlainMemory(weight);
  const bool ordinary = plain && IsOrdinary(input, weight, bias, call->geometry);
  if (why.empty() && !ordinary) why = "LibTorch decides what these shapes mean";
  const Weight* known = call->state->FindWeight(weight);
  call->layer = call->state->FindLayer(known, OperatorName(dims, transposed), why);
  if (!ordinary) {
    at::Tensor output = at::convolution(input, weight, bias, stride, padding, dilation, transposed,
                                        output_padding, groups);
    call->Record(Pass::kForward, Macs(input, weight, output, transposed));
    return call->state->AtRoundingPoint(known, output);
  }

  const bool flat = dims == 1;
  if (flat) AddDimension(call->geometry);
  const at::Tensor x = flat ? input.unsqueeze(2) : input;
  const at::Tensor w = flat ? weight.unsqueeze(2) : weight;
  if (known) {
    call->state->Observe(*call->layer, x);
    call->weight_factors = call->state->WeightFactors(*call->layer, *known, w);
  }
  at::Tensor output =
      NeedsGraph(x, w) ? ConvolutionFunction::apply(x, w, call) : Forward(x, w, *call);
  if (bias && bias->defined()) {
    std::vector<int64_t> shape(static_cast<size_t>(w.dim()), 1);
    shape[1] = bias->size(0);
    output.add_(bias->reshape(shape));
  }
  return call->state->AtRoundingPoint(known, flat ? output.squeeze(2) : output);
}

at::Tensor ConvolutionWithFlags(const at::Tensor& input, const at::Tensor& weight,
                                const TorchOptional<at::Tensor>& bias, at::IntArrayRef stride,
                                at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                                at::IntArrayRef output_padding, int64_t groups, bool /*benchmark*/,
                                bool /*deterministic*/, bool /*cudnn_enabled*/,
                                bool /*allow_tf32*/) {
  return Convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding,
                     groups);
}

at::Tensor ConvolutionDeprecated(const at::Tensor& input, const at::Tensor& weight,
                                 const TorchOptional<at::Tensor>& bias, at::IntArrayRef stride,
                                 at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                                 at::IntArrayRef output_padding, int64_t groups, bool /*benchmark*/,
                                 bool /*deterministic*/, bool /*cudnn_enabled*/) {
  return Convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding,
                     groups);
}

at::Tensor ConvolutionTbc(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
                          int64_t padding) {
  const at::Tensor x = input.permute({1, 2, 0}), w = weight.permute({2, 1, 0});
  return Convolution(x, w, bias, {1}, {padding}, {1}, false, {0}, 1).permute({2, 0, 1});
}

}  // namespace mulberry
