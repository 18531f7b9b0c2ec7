// The products of closed forms, and the packing of their operands: included once per instruction
// set (Highway's scheme, hence no include guard in the usual form). Not here: sums (closed_form.cc
// in FP32, rounded_sums.cc in narrower formats).
#if defined(MULBERRY_KERNELS_CPU_CLOSED_FORM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MULBERRY_KERNELS_CPU_CLOSED_FORM_INL_H_
#undef MULBERRY_KERNELS_CPU_CLOSED_FORM_INL_H_
#else
#define MULBERRY_KERNELS_CPU_CLOSED_FORM_INL_H_
#endif

#include <hwy/highway.h>

#include "mulberry/kernels/cpu/driver.h"
#include "mulberry/kernels/cpu/gemm.h"
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

/// A form: its product, and in closed_form.cc its sum with one. `low` is the row element's
/// RowGroup::low, `scale` its ±2^exponent. Mitchell: the mantissas add up, and their carry runs
/// into the exponent, which doubles the value: 1 + x + y, or 2·(1 + (x + y - 1)) = 2·(x + y). Where
/// b is zero, the sum of the bits is a number below 2^-126, and must be made zero or read as zero.
struct Mitchell {
  static constexpr RowEncoding kEncoding{};
  static constexpr bool kReadsTinyAsZero = true;

  /// Scaled by b's exponent only.
  template <TileMode kMode>
  static HWY_INLINE VF Partial(VI low, VF b) {
    const VF product = AsFloat(hn::Add(AsBits(b), low));
    if constexpr (kMode != TileMode::kFast) return product;
    return hn::IfThenZeroElse(hn::Eq(b, hn::Zero(DF())), product);
  }
  template <TileMode kMode>
  static HWY_INLINE VF Fast(VI low, VF scale, VF b, VF sum) {
    return hn::MulAdd(Partial<kMode>(low, b), scale, sum);
  }
  static HWY_INLINE VF Product(VI low, VF scale, VF b) {
    return hn::Mul(Partial<TileMode::kFast>(low, b), scale);
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
  static HWY_INLINE VF Product(VI low, VF, VF b) { return hn::Mul(AsFloat(low), b); }
  static HWY_INLINE VF Significand(VI low, VI b_mantissa) {
    const VI one = hn::Set(DI(), kOne);
    const VI a_mantissa = hn::And(low, hn::Set(DI(), kMantissaMask));
    return hn::Mul(AsFloat(hn::Or(a_mantissa, one)), AsFloat(hn::Or(b_mantissa, one)));
  }
};

/// A product that may be too small: the power of two comes last, so that only an exact product or
/// one that is flushed to zero passes through it.
template <class Form>
HWY_INLINE VF CarefulProduct(VI low, VF scale, VF b) {
  const VI bits = AsBits(b);
  const VI mantissa_mask = hn::Set(DI(), kMantissaMask);
  const VF b_scale = AsFloat(hn::AndNot(mantissa_mask, bits));
  const VF significand = Form::Significand(low, hn::And(bits, mantissa_mask));
  const VF product = hn::Mul(significand, hn::Mul(scale, b_scale));
  const auto normal = hn::Ge(hn::Abs(product), hn::Set(DF(), 0x1p-126f));
  return hn::IfThenElseZero(normal, product);
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

struct FormElements {
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

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#endif
