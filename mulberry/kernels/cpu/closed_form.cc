// Closed forms: multipliers that are a few instructions on the bits of a float, so that no table is
// needed. In the fast mode a product costs one integer addition and one fused multiply-add by a
// power of two, which is exact, so that the sum is rounded once, as the contract demands.
#include <utility>

#include "mulberry/kernels/cpu/driver.h"
#include "mulberry/kernels/cpu/gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/closed_form.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "mulberry/kernels/cpu/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace {

using DF = hn::CappedTag<float, kChunkCols>;
using DI = hn::CappedTag<int32_t, kChunkCols>;
using VF = hn::Vec<DF>;
using VI = hn::Vec<DI>;

constexpr int32_t kMantissaMask = 0x007fffff;
constexpr int32_t kOne = 0x3f800000;

HWY_INLINE VF AsFloat(VI bits) {
  return hn::BitCast(DF(), bits);
}
HWY_INLINE VI AsBits(VF value) {
  return hn::BitCast(DI(), value);
}

/// A form's modes. `low` is the row element's RowGroup::low, `scale` its ±2^exponent.
/// Mitchell: the mantissas add up, and their carry runs into the exponent, which doubles the value:
/// 1 + x + y, or 2·(1 + (x + y - 1)) = 2·(x + y). Where b is zero, the sum of the bits is a number
/// below 2^-126, and must be made zero or read as zero.
struct Mitchell {
  static constexpr RowEncoding kEncoding{};
  static constexpr bool kReadsTinyAsZero = true;

  template <TileMode kMode>
  static HWY_INLINE VF Fast(VI low, VF scale, VF b, VF sum) {
    VF product = AsFloat(hn::Add(AsBits(b), low));
    if constexpr (kMode == TileMode::kFast) {
      product = hn::IfThenZeroElse(hn::Eq(b, hn::Zero(DF())), product);
    }
    return hn::MulAdd(product, scale, sum);
  }
  static HWY_INLINE VF Significand(VI low, VI b_mantissa) {
    return AsFloat(hn::Add(hn::Add(b_mantissa, low), hn::Set(DI(), kOne)));
  }
};

/// The exact product of at most 24 bits: a fused multiply-add rounds only the sum.
struct ExactFused {
  static constexpr RowEncoding kEncoding{0, 0, true};
  static constexpr bool kReadsTinyAsZero = false;

  template <TileMode kMode>
  static HWY_INLINE VF Fast(VI low, VF, VF b, VF sum) {
    return hn::MulAdd(AsFloat(low), b, sum);
  }
  static HWY_INLINE VF Significand(VI low, VI b_mantissa) {
    const VI one = hn::Set(DI(), kOne);
    const VI a_mantissa = hn::And(low, hn::Set(DI(), kMantissaMask));
    return hn::Mul(AsFloat(hn::Or(a_mantissa, one)), AsFloat(hn::Or(b_mantissa, one)));
  }
};

/// The exact product where it has more than 24 bits: rounded first, then added.
struct ExactRounded : ExactFused {
  template <TileMode kMode>
  static HWY_INLINE VF Fast(VI low, VF, VF b, VF sum) {
    return hn::Add(sum, hn::Mul(AsFloat(low), b));
  }
};

/// The sum with a product that may be too small: the power of two comes last, so that only an exact
/// product or one that is flushed to zero passes through it.
template <class Form>
HWY_INLINE VF Careful(VI low, VF scale, VF b, VF sum) {
  const VI bits = AsBits(b);
  const VI mantissa_mask = hn::Set(DI(), kMantissaMask);
  const VF b_scale = AsFloat(hn::AndNot(mantissa_mask, bits));
  const VF significand = Form::Significand(low, hn::And(bits, mantissa_mask));
  const VF product = hn::Mul(significand, hn::Mul(scale, b_scale));
  const auto normal = hn::Ge(hn::Abs(product), hn::Set(DF(), 0x1p-126f));
  return hn::Add(sum, hn::IfThenElseZero(normal, product));
}

/// kGroupRows × (kVectors vectors) sums in registers, over k steps: the columns from `column` on.
template <class Form, TileMode kMode, size_t kVectors>
HWY_INLINE void MultiplyColumns(const RowGroup& rows, const ColumnView& columns, int64_t column,
                                int64_t k, float* sums, int64_t stride) {
  const DF df;
  const DI di;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(df));
  const float* values[kVectors];
  VF sum[kGroupRows][kVectors];
  for (size_t v = 0; v < kVectors; ++v) {
    const int64_t c = column + static_cast<int64_t>(v) * lanes;
    values[v] = columns.value[c / kChunkCols] + c % kChunkCols;
    for (size_t r = 0; r < kGroupRows; ++r) sum[r][v] = hn::LoadU(df, sums + r * stride + c);
  }
  for (int64_t l = 0; l < k; ++l) {
    const int64_t at = columns.offset[l];
    VF b[kVectors];
    for (size_t v = 0; v < kVectors; ++v) b[v] = hn::LoadU(df, values[v] + at);
    for (size_t r = 0; r < kGroupRows; ++r) {
      const VI low = hn::Set(di, static_cast<int32_t>(rows.low[l][r]));
      const VF scale = hn::Set(df, rows.scale[l][r]);
      for (size_t v = 0; v < kVectors; ++v) {
        if constexpr (kMode == TileMode::kCareful) {
          sum[r][v] = Careful<Form>(low, scale, b[v], sum[r][v]);
        } else {
          sum[r][v] = Form::template Fast<kMode>(low, scale, b[v], sum[r][v]);
        }
      }
    }
  }
  for (size_t v = 0; v < kVectors; ++v) {
    const int64_t c = column + static_cast<int64_t>(v) * lanes;
    for (size_t r = 0; r < kGroupRows; ++r) hn::StoreU(sum[r][v], df, sums + r * stride + c);
  }
}

template <class Form, TileMode kMode>
HWY_NOINLINE void MultiplyTile(const RowGroup& rows, const ColumnView& columns, int64_t k,
                               float* sums, int64_t stride) {
  // Sums take 16 of AVX-512's 32 registers, 8 of the 16 elsewhere.
  constexpr size_t kVectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(DF()));
  const int64_t most = static_cast<int64_t>(kVectors) * lanes;
  const int64_t cols = columns.chunks * kChunkCols;
  int64_t c = 0;
  for (; c + most <= cols; c += most) {
    MultiplyColumns<Form, kMode, kVectors>(rows, columns, c, k, sums, stride);
  }
  for (; c + 2 * lanes <= cols; c += 2 * lanes) {
    MultiplyColumns<Form, kMode, 2>(rows, columns, c, k, sums, stride);
  }
  for (; c < cols; c += lanes) {
    MultiplyColumns<Form, kMode, 1>(rows, columns, c, k, sums, stride);
  }
}

#if HWY_ARCH_X86
/// While it lives, this thread's vector instructions read numbers below 2^-126 as zero
/// (denormals-are-zero), as long as they are not compiled into the same function.
class TinyAsZero {
 public:
  HWY_INLINE TinyAsZero() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x40); }
  HWY_INLINE ~TinyAsZero() { _mm_setcsr(before_); }

 private:
  const unsigned before_;
};
#endif

template <class Form>
void Multiply(const void*, const RowGroup& rows, const ColumnView& columns, int64_t k,
              TileMode mode, float* sums, int64_t stride) {
#if HWY_ARCH_X86
  if (mode == TileMode::kFastNormalSums && Form::kReadsTinyAsZero) {
    const TinyAsZero tiny_as_zero;
    return MultiplyTile<Form, TileMode::kFastNormalSums>(rows, columns, k, sums, stride);
  }
#endif
  if (mode != TileMode::kCareful) {
    MultiplyTile<Form, TileMode::kFast>(rows, columns, k, sums, stride);
  } else {
    MultiplyTile<Form, TileMode::kCareful>(rows, columns, k, sums, stride);
  }
}

/// What becomes of the operands in the problem's rows and columns.
struct Masks {
  OperandMask rows, columns;
};

template <class Form>
void PackFormRows(const void* masks, const float* tile, int64_t stride, int64_t rows, int64_t k,
                  RowGroup* group) {
  RowEncoding encoding = Form::kEncoding;
  encoding.mask = static_cast<const Masks*>(masks)->rows;
  PackRowVectors(encoding, tile, stride, rows, k, group);
}

struct Elements {
  static HWY_INLINE void Encode(const void* masks, const float* in, int64_t n, float* value,
                                uint8_t*, RangeCollector& collector) {
    const DI di;
    const OperandMask mask = static_cast<const Masks*>(masks)->columns;
    for (int64_t i = 0; i < n; i += static_cast<int64_t>(hn::Lanes(di))) {
      hn::StoreU(FlushedElements(di, in + i, n - i, collector, mask), di,
                 reinterpret_cast<int32_t*>(value + i));
    }
  }
};

template <class Form>
void Run(const GemmProblem& problem, const ClosedFormMultiplier& multiplier) {
  Masks masks{multiplier.first, multiplier.second};
  if (problem.b_first) std::swap(masks.rows, masks.columns);
  // The exact significand product reaches just below 4, Mitchell's too.
  RunTiles(problem, {&PackFormRows<Form>, &PackColumnElements<Elements>, &EncodeElements<Elements>,
                     &Multiply<Form>, &masks, 0, 2, multiplier.product});
}

}  // namespace

void RunClosedForm(const GemmProblem& problem, const ClosedFormMultiplier& multiplier) {
  if (multiplier.form == ClosedForm::kMitchell) {
    Run<Mitchell>(problem, multiplier);
  } else if (multiplier.exact_products) {
    Run<ExactFused>(problem, multiplier);
  } else {
    Run<ExactRounded>(problem, multiplier);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {

HWY_EXPORT(RunClosedForm);

void ClosedFormGemm(const GemmProblem& problem, const ClosedFormMultiplier& multiplier) {
  HWY_DYNAMIC_DISPATCH(RunClosedForm)(ChooseOrientation(problem), multiplier);
}

}  // namespace mulberry
#endif
