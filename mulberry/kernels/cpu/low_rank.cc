// Low rank: a table of integer products that is a short sum of products of one-operand functions,
// taken as one matrix product of bytes (AMX, 16,384 products an instruction; AVX-512 VNNI, four an
// instruction and lane) or of 16-bit integers (elsewhere, two). Each operand's element becomes one
// byte for each term, looked up by byte permutes. All sums are modulo 2^32, where the terms'
// weights are shifts: the terms of the highest weight come first, and the sum is shifted down to
// the next. Here: which way is taken, and its sizes; the ways are in low_rank_*-inl.h.
#include "mulberry/kernels/cpu/low_rank.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/low_rank.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "mulberry/kernels/cpu/low_rank_amx-inl.h"
#include "mulberry/kernels/cpu/low_rank_pairs-inl.h"
#include "mulberry/kernels/cpu/low_rank_vnni-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace {

constexpr int64_t kMinBlockK = 32;

int64_t BlockOf(const LowRankWay& way, const LowRankMultiplier::Side& side) {
  const int64_t least = RoundUp(kMinBlockK, way.step);
  return std::max(least, way.packed_steps / side.terms / way.step * way.step);
}

const LowRankMultiplier::Side& SideOf(const LowRankMultiplier& multiplier,
                                      const GemmProblem& problem) {
  return problem.b_first ? multiplier.second_in_rows : multiplier.first_in_rows;
}

/// Takes the problem as it stands.
void RunWay(const LowRankWay& way, const GemmProblem& problem, const LowRankMultiplier& multiplier,
            TileProduct tile_product, const IntegerImageKernel* images) {
  const LowRankMultiplier::Side& side = SideOf(multiplier, problem);
  const int64_t block_k = BlockOf(way, side);
  const auto term_bytes = [&](int64_t size) {
    return RoundUp(block_k * size * way.element_bytes, 64);
  };
  const LowRankContext context{side, ElementBitsOf(problem, multiplier), term_bytes(way.rows),
                               term_bytes(way.cols), tile_product};
  const auto with_corrections = [&](int64_t bytes, int64_t size) {
    return RoundUp(side.terms * bytes + 4 * size, 64);
  };
  RunIntegerTiles(problem,
                  {way.rows, way.cols, block_k, with_corrections(context.term_bytes_a, way.rows),
                   with_corrections(context.term_bytes_b, way.cols), multiplier.max_product,
                   way.pack_rows, way.pack_columns, way.multiply, &context, images});
}

}  // namespace

void RunLowRank(const GemmProblem& problem, const LowRankMultiplier& multiplier) {
  const LowRankWay plain = PlainWay();
#if HWY_TARGET <= HWY_AVX3_DL
  const LowRankMultiplier::Side& side = SideOf(multiplier, problem);
  if (TakesIntegerImages(problem, multiplier.max_product, BlockOf(plain, side),
                         multiplier.keeps_zero)) {
    const IntegerImageKernel images = ImagesOf(side);
    return RunWay(plain, problem, multiplier, nullptr, &images);
  }
  if (const TileProduct tile_product = BestTileProduct()) {
    const LowRankWay amx = AmxWay();
    return RunWay(amx, ChooseOrientation(problem, amx.rows, amx.cols), multiplier, tile_product,
                  nullptr);
  }
#endif
  RunWay(plain, ChooseOrientation(problem, plain.rows, plain.cols), multiplier, nullptr, nullptr);
}

}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {

HWY_EXPORT(RunLowRank);

void LowRankGemm(const GemmProblem& problem, const LowRankMultiplier& multiplier) {
  HWY_DYNAMIC_DISPATCH(RunLowRank)(problem, multiplier);
}

}  // namespace mulberry
#endif
