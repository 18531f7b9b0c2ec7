#include "mulberry/kernels/cpu/image_plan.h"

#include <bit>

#include "mulberry/base/threads.h"

namespace mulberry {
namespace {

constexpr int64_t kMostCols = 512;     // Of an output job, about.
constexpr int64_t kMostChannels = 64;  // Of a weight job.
constexpr int64_t kFewestLines = 8;    // Of a weight job's block, where fewer channels give them.

bool AreImages(const GemmProblem& problem, int64_t most_taps) {
  return problem.b.patches && problem.m() > 0 && problem.n() > 0 && problem.k() > 0 &&
         KernelArea(problem.b) <= most_taps && AreShifts(problem.b.image);
}

/// Elements from a plane's start to where no line is written and no chunk reads.
int64_t PlaneSize(const OutputPlan& plan, const LineBlock& block) {
  const int64_t last_line = (block.lines() - 1) * plan.layout.width + plan.layout.before;
  return RoundUp(last_line + std::max(plan.x.longest(), plan.x.outputs + plan.x.last) + kChunkCols,
                 kChunkCols);
}

/// What a pair of taps reads, from an output's place on.
template <class Plan>
int64_t PlaceOf(const Plan& plan, const Tap& y, const Tap& x) {
  return (y.shift - plan.y.first) * plan.layout.width + x.shift + plan.layout.before;
}

}  // namespace

int64_t KernelArea(const Operand& b) {
  return b.image.kernel_height * b.image.kernel_width;
}

int64_t Channels(const Operand& b) {
  return (b.transposed ? b.cols : b.rows) / KernelArea(b);
}

int64_t Images(const Operand& b) {
  return (b.transposed ? b.rows : b.cols) / (b.image.out_height * b.image.out_width);
}

bool AreOutputs(const GemmProblem& problem, int64_t most_taps) {
  return AreImages(problem, most_taps) && !problem.b.transposed &&
         problem.c.inner % problem.b.image.out_width == 0;
}

bool AreWeights(const GemmProblem& problem, int64_t most_taps) {
  return AreImages(problem, most_taps) && problem.b.transposed && problem.b.image.divide_y == 1 &&
         problem.b.image.divide_x == 1 && Channels(problem.b) % kChunkCols == 0;
}

double WasteOfOutputs(const GemmProblem& problem) {
  const AxisShifts x = ShiftsOfX(problem.b.image, 0);
  const int64_t places = std::min(LineLayout(x).width, RoundUp(x.outputs, kChunkCols));
  return static_cast<double>(places) / static_cast<double>(x.outputs) - 1;
}

Phases::Phases(const AxisShifts& y, const AxisShifts& x)
    : index_(static_cast<size_t>(y.stride * x.stride), -1), stride_x_(x.stride) {
  for (const Tap& ty : y.taps) {
    for (const Tap& tx : x.taps) {
      int64_t& index = index_[static_cast<size_t>(ty.phase * stride_x_ + tx.phase)];
      if (index < 0) index = count_++;
    }
  }
}

// ---- Forward products and input gradients ----

OutputPlan::OutputPlan(const GemmProblem& problem, const ImageLimits& limits, int64_t residue_y_,
                       int64_t residue_x_)
    : residue_y(residue_y_),
      residue_x(residue_x_),
      y(ShiftsOfY(problem.b.image, residue_y)),
      x(ShiftsOfX(problem.b.image, residue_x)),
      layout(x),
      phases(y, x),
      taps(static_cast<int64_t>(y.taps.size() * x.taps.size())),
      channels(std::min(RoundUp(Channels(problem.b), limits.unit_channels),
                        limits.most_steps / std::max<int64_t>(1, taps) * limits.unit_channels)),
      all_lines(Images(problem.b) * y.outputs) {
  const int64_t of_line = std::max<int64_t>(1, channels * phases.count()) * layout.width;
  const int64_t most = std::min(kMostCols / std::max<int64_t>(1, x.outputs),
                                limits.most_elements / of_line - (y.last - y.first));
  lines = std::clamp<int64_t>(most, 1, std::max<int64_t>(1, all_lines));
}

OutputBlock::OutputBlock(const GemmProblem& problem, const OutputPlan& plan, int64_t line,
                         int64_t lines)
    : problem_(problem),
      plan_(plan),
      block_(plan.y, line, lines),
      chunks_(ChunksOf(block_, plan.layout, plan.x.outputs)),
      plane_(PlaneSize(plan, block_)) {}

std::pair<int64_t, int64_t> OutputBlock::LinesOf(int64_t first, int64_t some) const {
  const int64_t width = plan_.layout.width;
  const int64_t begin = chunks_[static_cast<size_t>(first)].place;
  const int64_t end = chunks_[static_cast<size_t>(first + some - 1)].place + kChunkCols;
  // A shift along x may reach into the line that follows.
  const int64_t last = (end - 1) / width + plan_.y.last - plan_.y.first + 1;
  return {begin / width, std::min(last + 1, lines())};
}

std::vector<int32_t> OutputBlock::Offsets(int64_t units) const {
  std::vector<int32_t> offsets;
  for (int64_t unit = 0; unit < units; ++unit) {
    for (const Tap& y : plan_.y.taps) {
      for (const Tap& x : plan_.x.taps) {
        const int64_t plane = unit * plan_.phases.count() + plan_.phases.Of(y.phase, x.phase);
        offsets.push_back(static_cast<int32_t>(plane * plane_ + PlaceOf(plan_, y, x)));
      }
    }
  }
  return offsets;
}

int64_t OutputBlock::Column(const Chunk::Run& run, int64_t i) const {
  const Operand::Patches& p = problem_.b.image;
  const int64_t y = run.y * p.divide_y + plan_.residue_y;
  const int64_t x = (run.x + i) * p.divide_x + plan_.residue_x;
  return (run.image * p.out_height + y) * p.out_width + x;
}

bool OutputBlock::KeepTaps(float* row, int64_t channels) const {
  bool finite = true;
  const int64_t area = KernelArea(problem_.b);
  for (int64_t i = 0; i < channels * area; ++i) {
    finite &= (std::bit_cast<uint32_t>(row[i]) & 0x7f800000) != 0x7f800000;
  }
  float* to = row;
  for (int64_t c = 0; c < channels; ++c) {
    for (const Tap& y : plan_.y.taps) {
      for (const Tap& x : plan_.x.taps) {
        *to++ = row[c * area + y.offset * problem_.b.image.kernel_width + x.offset];
      }
    }
  }
  return finite;
}

OutputJobs::OutputJobs(const GemmProblem& problem, const ImageLimits& limits) {
  const Operand::Patches& p = problem.b.image;
  for (int64_t y = 0; y < p.divide_y; ++y) {
    for (int64_t x = 0; x < p.divide_x; ++x) plans.emplace_back(problem, limits, y, x);
  }
  const int64_t threads = Threads();
  for (OutputPlan& plan : plans) {
    if (threads > 1) {
      const int64_t enough = CeilDiv(4 * threads, static_cast<int64_t>(plans.size()));
      while (plan.jobs() < enough && plan.lines > 1) plan.lines = CeilDiv(plan.lines, 2);
    }
    for (int64_t i = 0; i < plan.jobs(); ++i) {
      const int64_t line = i * plan.lines;
      for (int64_t row = 0; row < problem.m(); row += limits.most_rows) {
        cuts.push_back({&plan, row, std::min(limits.most_rows, problem.m() - row), line,
                        std::min(plan.lines, plan.all_lines - line)});
      }
    }
  }
}

// ---- Weight gradients ----

WeightPlan::WeightPlan(const GemmProblem& problem, const ImageLimits& limits)
    : y(ShiftsOfY(problem.b.image, 0)),
      x(ShiftsOfX(problem.b.image, 0)),
      layout(x),
      phases(y, x),
      taps(static_cast<int64_t>(y.taps.size() * x.taps.size())),
      all_lines(Images(problem.b) * y.outputs),
      rows(std::min(problem.m(), limits.most_rows)),
      channels(std::min(Channels(problem.b), kMostChannels)) {
  const int64_t all_channels = Channels(problem.b);
  while (all_channels % channels != 0) channels -= kChunkCols;
  const auto count = [&] {
    down = CeilDiv(problem.m(), rows);
    across = all_channels / channels;
    return jobs();
  };
  const auto halve_channels = [&] {
    if (channels % (2 * kChunkCols) != 0) return false;
    channels /= 2;
    return true;
  };
  // Channels first, since other rows would have the same elements encoded again.
  while (count() < Threads() && halve_channels()) continue;
  while (count() < Threads() && rows > limits.group_rows) {
    rows = RoundUp(CeilDiv(rows, 2), limits.group_rows);
  }
  const auto most_lines = [&] {
    return limits.most_elements / (phases.count() * layout.width * channels) - (y.last - y.first);
  };
  while (most_lines() < kFewestLines && halve_channels()) continue;
  lines = std::clamp<int64_t>(most_lines(), 1, all_lines);
  count();
}

WeightBlock::WeightBlock(const GemmProblem& problem, const WeightPlan& plan, int64_t line,
                         int64_t lines)
    : problem_(problem),
      plan_(plan),
      block_(plan.y, line, lines),
      plane_((block_.lines() * plan.layout.width + plan.layout.before + plan.x.longest()) *
             plan.channels) {}

std::vector<WeightBlock::Pixel> WeightBlock::Pixels(int64_t step) const {
  std::vector<Pixel> pixels;
  for (const LineBlock::Segment& segment : block_.segments()) {
    for (int64_t line = segment.base; line < segment.base + segment.outputs; ++line) {
      for (int64_t x = 0; x < plan_.x.outputs; x += step) {
        const int64_t place = line * plan_.layout.width + x;
        pixels.push_back({static_cast<int32_t>(place * plan_.channels), line});
      }
    }
  }
  return pixels;
}

std::vector<int64_t> WeightBlock::Starts() const {
  std::vector<int64_t> starts;
  for (const Tap& y : plan_.y.taps) {
    for (const Tap& x : plan_.x.taps) {
      const int64_t place = PlaceOf(plan_, y, x);
      for (int64_t c = 0; c < plan_.channels; c += kChunkCols) {
        starts.push_back(plan_.phases.Of(y.phase, x.phase) * plane_ + place * plan_.channels + c);
      }
    }
  }
  return starts;
}

}  // namespace mulberry
