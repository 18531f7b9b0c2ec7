// For the tests of nn: an oracle for products under an arithmetic, from the scalar definitions
// alone, and tensors to compare it with. Operands are lowered by plain loops, not by the code under
// test.
#pragma once

#include <torch/torch.h>

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/base/random.h"
#include "mulberry/formats/quantizer.h"
#include "mulberry/formats/rounding.h"
#include "mulberry/kernels/gemm.h"
#include "mulberry/multipliers/table.h"
#include "mulberry/nn/approximate.h"

namespace mulberry {

/// A matrix given by its elements.
struct Matrix {
  int64_t rows = 0, cols = 0;
  std::vector<float> values;
  float scale = 1.0f;  ///< What an integer's step stands for.

  Matrix(int64_t r, int64_t c, const std::function<float(int64_t, int64_t)>& element)
      : rows(r), cols(c) {
    for (int64_t i = 0; i < r; ++i) {
      for (int64_t j = 0; j < c; ++j) values.push_back(element(i, j));
    }
  }
};

/// The scale of `tensor` as an operand: its largest magnitude is the format's largest value.
inline float ScaleOf(const at::Tensor& tensor, const Arithmetic& arithmetic, OperandIndex index) {
  const auto* integer = std::get_if<IntegerFormat>(&arithmetic.format_of(index));
  return integer ? tensor.abs().max().item<float>() / static_cast<float>(integer->max()) : 1.0f;
}

/// `value` in a format of floats, posits or integers.
inline float RoundedTo(const Format& format, Rounding rounding, float value) {
  if (const auto* floats = std::get_if<FloatFormat>(&format))
    return Round(*floats, rounding, value);
  if (const auto* posits = std::get_if<PositFormat>(&format))
    return Round(*posits, rounding, value);
  return Round(std::get<IntegerFormat>(format), rounding, value);
}

/// A · B by ReferenceGemm or ReferenceIntegerGemm, after rounding to nearest or as the arithmetic
/// says (not stochastic).
inline std::vector<float> ReferenceProduct(const Arithmetic& arithmetic, Matrix a, Matrix b,
                                           bool b_first) {
  for (Matrix* matrix : {&a, &b}) {
    const bool is_first = (matrix == &b) == b_first;
    const OperandIndex index = is_first ? OperandIndex::kFirst : OperandIndex::kSecond;
    for (float& value : matrix->values) {
      value =
          RoundedTo(arithmetic.format_of(index), arithmetic.rounding[index], value / matrix->scale);
    }
  }
  std::vector<float> c(static_cast<size_t>(a.rows * b.cols));
  GemmProblem problem;
  problem.a = StridedOperand(a.values.data(), a.rows, a.cols, a.cols, 1);
  problem.b = StridedOperand(b.values.data(), b.rows, b.cols, b.cols, 1);
  problem.c = {.data = c.data(), .row_stride = b.cols, .inner = b.cols};
  problem.b_first = b_first;
  if (arithmetic.is_integer()) {
    const IntegerMultiplier multiplier = MakeIntegerMultiplier(arithmetic);
    problem.c.scale = static_cast<float>(double{a.scale} * double{b.scale});
    ReferenceIntegerGemm(problem, {[](const void* m, int32_t first, int32_t second) {
                                     return (*static_cast<const IntegerMultiplier*>(m))(first,
                                                                                        second);
                                   },
                                   &multiplier});
    return c;
  }
  const FloatMultiplier multiplier = MakeFloatMultiplier(arithmetic);
  ReferenceGemm(problem, {[](const void* m, float first, float second) {
                            return (*static_cast<const FloatMultiplier*>(m))(first, second);
                          },
                          &multiplier});
  return c;
}

/// What `tensor` stands for in doubles as an operand of integers, each slice of `channel_dim` by
/// itself where the arithmetic scales channels.
inline at::Tensor Quantised(const at::Tensor& tensor, const Arithmetic& arithmetic,
                            OperandIndex index, int64_t channel_dim) {
  const auto& format = std::get<IntegerFormat>(arithmetic.format_of(index));
  const auto quantised = [&](const at::Tensor& t) {
    const Quantizer quantizer = FitQuantizer(
        format, arithmetic.scaling[index],
        {std::min(0.0f, t.min().item<float>()), std::max(0.0f, t.max().item<float>())});
    const at::Tensor from = t.contiguous(), to = torch::empty(t.sizes(), torch::kDouble);
    for (int64_t i = 0; i < from.numel(); ++i) {
      const float q = Quantize(quantizer, arithmetic.rounding[index], from.data_ptr<float>()[i]);
      to.data_ptr<double>()[i] = double{quantizer.step} * (double{q} - quantizer.zero);
    }
    return to;
  };
  if (!arithmetic.scaling[index].per_channel) return quantised(tensor);
  std::vector<at::Tensor> channels;
  for (const at::Tensor& channel : tensor.split(1, channel_dim)) {
    channels.push_back(quantised(channel));
  }
  return torch::cat(channels, channel_dim);
}

inline bool SameBits(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a.detach().contiguous(), y = b.detach().contiguous();
  return x.sizes() == y.sizes() && x.scalar_type() == at::kFloat && y.scalar_type() == at::kFloat &&
         std::memcmp(x.data_ptr<float>(), y.data_ptr<float>(),
                     static_cast<size_t>(x.numel()) * sizeof(float)) == 0;
}

/// Whether |a - b| <= bound, element by element.
inline bool Within(const at::Tensor& a, const at::Tensor& b, const at::Tensor& bound) {
  return a.sizes() == b.sizes() && ((a - b).abs() <= bound).all().item<bool>();
}

/// The specification of a multiplier that drops bits of its second operand only, so that results
/// tell which operand was the first: an imported table, written to the folder for temporary files.
inline std::string AsymmetricMultiplier() {
  struct TableFile {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / fmt::format("mulberry_nn_test_{}_7.bin", getpid());
    TableFile() {
      MantissaTable table{7, {}};
      for (uint32_t i = 0; i < 128; ++i) {
        for (uint32_t j = 0; j < 128; ++j) {
          const uint32_t product = (128 + i) * (128 + (j & ~15u));  // In [2^14, 2^16).
          table.products.push_back(product < 1u << 15 ? static_cast<float>(product >> 7) / 128
                                                      : static_cast<float>(product >> 8) / 64);
        }
      }
      WriteApproxTrainTable(table, path);
    }
    ~TableFile() { std::filesystem::remove(path); }
  };
  static const TableFile file;
  return "table:" + file.path.string() + "@bf16";
}

/// A model without layers: for products whose weights need no names.
struct NoModel : torch::nn::Module {};

inline Policy Uniform(const std::string& arithmetic) {
  return Policy::Uniform(ParseArithmetic(arithmetic));
}

/// The report's lines as "layer op pass arithmetic calls macs why_native".
inline std::vector<std::string> Lines(const RunReport& report) {
  std::vector<std::string> lines;
  for (const LayerRun& run : report.lines) {
    lines.push_back(fmt::format("{} {} {} {} {} {}{}{}", run.layer, run.op, Name(run.pass),
                                run.arithmetic, run.calls, run.macs,
                                run.why_native.empty() ? "" : " ", run.why_native));
  }
  return lines;
}

}  // namespace mulberry
