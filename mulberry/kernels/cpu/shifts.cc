#include "mulberry/kernels/cpu/shifts.h"

#include <algorithm>

namespace mulberry {
namespace {

constexpr int64_t kLongestLine = 4096;

int64_t FloorDivide(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

/// One axis as Operand::Patches describes it.
struct Axis {
  int64_t stride, pad, dilation, divide, size, kernel, outputs;
};

Axis AxisY(const Operand::Patches& p) {
  return {p.stride_y, p.pad_y, p.dilation_y, p.divide_y, p.height, p.kernel_height, p.out_height};
}
Axis AxisX(const Operand::Patches& p) {
  return {p.stride_x, p.pad_x, p.dilation_x, p.divide_x, p.width, p.kernel_width, p.out_width};
}

AxisShifts Shifts(const Axis& axis, int64_t residue) {
  AxisShifts result{axis.stride, axis.size};
  result.outputs = (axis.outputs - residue + axis.divide - 1) / axis.divide;
  for (int64_t k = 0; k < axis.kernel; ++k) {
    const int64_t numerator = residue * axis.stride - axis.pad + k * axis.dilation;
    if (numerator % axis.divide != 0) continue;
    const int64_t t = numerator / axis.divide;
    const int64_t shift = FloorDivide(t, axis.stride);
    result.first = result.taps.empty() ? shift : std::min(result.first, shift);
    result.last = result.taps.empty() ? shift : std::max(result.last, shift);
    result.taps.push_back({k, t - shift * axis.stride, shift});
  }
  return result;
}

/// Whether output i of one line is never beyond where the next line begins.
bool LinesFit(const Axis& axis) {
  if (axis.outputs > kLongestLine || axis.size > kLongestLine) return false;
  for (int64_t residue = 0; residue < axis.divide; ++residue) {
    const AxisShifts shifts = Shifts(axis, residue);
    if (shifts.outputs > LineLayout(shifts).width) return false;
  }
  return true;
}

}  // namespace

int64_t AxisShifts::before() const {
  return std::max<int64_t>(0, -first);
}

int64_t AxisShifts::after() const {
  return std::max<int64_t>(0, outputs + last - longest());
}

AxisShifts ShiftsOfY(const Operand::Patches& patches, int64_t residue) {
  return Shifts(AxisY(patches), residue);
}

AxisShifts ShiftsOfX(const Operand::Patches& patches, int64_t residue) {
  return Shifts(AxisX(patches), residue);
}

LineLayout::LineLayout(const AxisShifts& x)
    : before(x.before()), width(x.longest() + std::max(x.before(), x.after())) {}

LineBlock::LineBlock(const AxisShifts& y, int64_t line, int64_t lines) {
  for (const int64_t end = line + lines; line < end;) {
    const int64_t output = line % y.outputs;
    const int64_t outputs = std::min(end - line, y.outputs - output);
    segments_.push_back({line / y.outputs, output, outputs, lines_});
    lines_ += outputs + y.last - y.first;
    line += outputs;
  }
}

std::vector<Chunk> ChunksOf(const LineBlock& block, const LineLayout& layout, int64_t outputs) {
  std::vector<Chunk> chunks;
  int64_t end = 0;  // Of the last chunk.
  for (const LineBlock::Segment& segment : block.segments()) {
    for (int64_t i = 0; i < segment.outputs; ++i) {
      const int64_t line = (segment.base + i) * layout.width;
      for (int64_t x = 0; x < outputs;) {
        if (chunks.empty() || line + x >= end) {
          chunks.push_back({line + x, {}});
          end = line + x + kChunkCols;
        }
        const int64_t count = std::min(outputs - x, end - (line + x));
        chunks.back().runs.push_back(
            {line + x - chunks.back().place, count, segment.image, segment.first_output + i, x});
        x += count;
      }
    }
  }
  return chunks;
}

bool AreShifts(const Operand::Patches& patches) {
  return LinesFit(AxisY(patches)) && LinesFit(AxisX(patches));
}

}  // namespace mulberry
