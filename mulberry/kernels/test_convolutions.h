// For the kernels' tests: convolutions as networks have them.
#pragma once

#include <cstdint>
#include <random>

#include "mulberry/kernels/gemm.h"

namespace mulberry {

/// Random patches of `channels` channels, without data: those of a forward product or,
/// where `gradient`, of an input gradient.
inline Operand ConvolutionPatches(std::mt19937& random, int64_t images, int64_t channels,
                                  bool gradient) {
  Operand operand;
  operand.patches = true;
  Operand::Patches& p = operand.image;
  p.kernel_height = 1 + random() % 5;
  p.kernel_width = 1 + random() % 5;
  const int64_t stride = 1 + random() % 3, pad = random() % 3, dilation = 1 + random() % 2;
  const int64_t reach = dilation * 4 + 1;
  const int64_t in_height = reach + random() % 20, in_width = reach + random() % 40;
  const auto outputs = [&](int64_t in, int64_t kernel) {
    return (in + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1;
  };
  const int64_t out_height = outputs(in_height, p.kernel_height);
  const int64_t out_width = outputs(in_width, p.kernel_width);
  p.height = gradient ? out_height : in_height;
  p.width = gradient ? out_width : in_width;
  p.out_height = gradient ? in_height : out_height;
  p.out_width = gradient ? in_width : out_width;
  p.pad_y = p.pad_x = gradient ? -pad : pad;
  p.dilation_y = p.dilation_x = gradient ? -dilation : dilation;
  (gradient ? p.divide_y : p.stride_y) = stride;
  (gradient ? p.divide_x : p.stride_x) = stride;
  p.channel_stride = p.height * p.width;
  p.image_stride = channels * p.channel_stride;
  operand.rows = channels * p.kernel_height * p.kernel_width;
  operand.cols = images * p.out_height * p.out_width;
  return operand;
}

}  // namespace mulberry
