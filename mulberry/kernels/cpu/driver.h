// What the CPU kernels for floats share: the blocking of a product into tiles, the packed form of
// operands, and the choice between the fast and the careful form of a tile. A kernel is four
// functions (pack rows, pack columns, encode an image's elements, multiply a tile); the drivers do
// the rest: driver.cc for matrices, image_driver.cc for convolutions that are shifts of images.
// Nothing here is compiled per instruction set.
//
// A tile is kGroupRows rows by kPanelCols columns by up to kBlockK steps of k. Its sums stay in
// registers for a block of k and in a buffer between blocks, so each output has one accumulator and
// k ascends, as the contract demands.
#pragma once

#include <algorithm>
#include <cstdint>

#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/kernels/cpu/shifts.h"

namespace mulberry {

inline constexpr int64_t kGroupRows = 4;
inline constexpr int64_t kPanelChunks = 4;
inline constexpr int64_t kPanelCols = kPanelChunks * kChunkCols;
inline constexpr int64_t kBlockK = 256;

/// Biased FP32 exponents of the nonzero elements of a packed block; 255 for infinities and NaNs.
struct ExponentRange {
  int min = 255;
  int max = 0;

  void Include(const ExponentRange& other) {
    min = std::min(min, other.min);
    max = std::max(max, other.max);
  }
};

/// Four rows of A, k innermost but one. An element with a magnitude below 2^-126 is packed as zero.
struct RowGroup {
  float scale[kBlockK][kGroupRows];   ///< ±2^exponent, or ±0.
  uint32_t low[kBlockK][kGroupRows];  ///< The kernel's own: mantissa, value bits or table row.
  ExponentRange range;
};

/// 64 columns of B, packed.
struct ColumnPanel {
  alignas(64) float value[kBlockK][kPanelCols];    ///< The element, or only ±2^exponent (±0).
  alignas(64) uint8_t index[kBlockK][kPanelCols];  ///< The kernel's own: mantissas.
  uint64_t nonzero[kBlockK];                       ///< Bit c: column c is not zero.
  ExponentRange range;
};

/// A tile's columns as its kernel reads them: chunks of 16, each with its elements at the same
/// offsets from its own start, one for each step of k.
struct ColumnView {
  const float* value[kPanelChunks];
  const uint8_t* index[kPanelChunks];
  const int32_t* offset;    ///< Of each step of k.
  const uint64_t* nonzero;  ///< A packed panel's; null for an image's encoded elements.
  int64_t chunks;           ///< Those that count: 1 to 4. All four may be read.
};

/// How a tile may be computed, decided from the operands' exponents.
enum class TileMode : uint8_t {
  kFast,  ///< All products are zero or normal: exact scaling by powers of two, fused with the sum.
  /// So are all sums, those of earlier blocks too: numbers below 2^-126 may be read as zero.
  kFastNormalSums,
  kCareful,  ///< Some products may fall below 2^-126 and must be flushed to zero before the sum.
};

struct TileKernel {
  /// Packs up to kGroupRows × k elements; rows beyond `rows` become zero. tile[r * stride + l],
  /// each row readable to the next 16 elements.
  void (*pack_rows)(const void* context, const float* tile, int64_t stride, int64_t rows, int64_t k,
                    RowGroup* group);
  /// Packs k × kPanelCols elements, tile[l * stride + c].
  void (*pack_columns)(const void* context, const float* tile, int64_t stride, int64_t k,
                       ColumnPanel* panel);
  /// The value and the index of n elements of an image, as in a packed panel, but where they are
  /// needed to tell zeros, indices have bit 7 set for the others. `in` is readable, and `value` and
  /// `index` writable, to the next 16 elements: zeros are written beyond n. Null: the kernel only
  /// takes packed columns.
  ExponentRange (*encode)(const void* context, const float* in, int64_t n, float* value,
                          uint8_t* index);
  /// sums[r * stride + c] += the products over l < k, in ascending order of l, r < kGroupRows.
  void (*multiply)(const void* context, const RowGroup& rows, const ColumnView& columns, int64_t k,
                   TileMode mode, float* sums, int64_t stride);
  const void* context;
  /// Nonzero products of two significands lie in [2^min_log2, 2^max_log2].
  int min_log2 = 0;
  int max_log2 = 0;
  /// The scalar definition, for tiles with infinities, NaNs or possible overflow.
  ScalarProduct product = {};
  /// That of the sums, whose chunks divide kBlockK; null: in FP32. The driver of images has FP32
  /// alone.
  const FloatAccumulator* accumulator = nullptr;
};

/// Whether a block's products must be taken one by one from the scalar definition.
inline bool NeedsDefinition(const TileKernel& kernel, const ExponentRange& a,
                            const ExponentRange& b) {
  return a.max == 255 || b.max == 255 || a.max + b.max - 127 + kernel.max_log2 > 254;
}

/// The modes of a job's tiles, in the order in which they are computed.
class TileModes {
 public:
  /// Of a tile that does not need the definition.
  TileMode Next(const TileKernel& kernel, const ExponentRange& a, const ExponentRange& b);
  /// A tile was taken from the definition.
  void Defined() { normal_sums_ = false; }

 private:
  bool normal_sums_ = true;
};

/// The problem itself or its transpose (Cᵀ = Bᵀ·Aᵀ), whichever wastes fewer columns of the last
/// panel. A convolution that RunImageTiles takes stays as it is.
GemmProblem ChooseOrientation(const GemmProblem& problem);

/// Runs the kernel over the problem, which is taken as it stands.
void RunTiles(const GemmProblem& problem, const TileKernel& kernel);

/// Whether RunImageTiles can take the problem, and gains by it.
bool TakesImages(const GemmProblem& problem);
/// The same for a convolution that TakesImages, with a kernel that can encode. (RunTiles calls it.)
void RunImageTiles(const GemmProblem& problem, const TileKernel& kernel);

/// pack_rows for any kernel: low is ((bits & 0x7fffff) >> right) << left, with the value's other
/// bits kept where keep_all. `mask` is applied first.
struct RowEncoding {
  int right = 0;
  int left = 0;
  bool keep_all = false;
  OperandMask mask = {};
};
void PackRows(const RowEncoding& encoding, const float* tile, int64_t stride, int64_t rows,
              int64_t k, RowGroup* group);

}  // namespace mulberry
