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

#include "mulberry/kernels/cpu/closed_form-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace {

/// The exact product where it has more than 24 bits: rounded first, then added.
struct ExactRounded : ExactFused {
  template <TileMode kMode>
  static HWY_INLINE VF Fast(VI low, VF scale, VF b, VF sum) {
    return hn::Add(sum, Product(low, scale, b));
  }
};

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
          sum[r][v] = hn::Add(sum[r][v], CarefulProduct<Form>(low, scale, b[v]));
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

template <class Form>
void Run(const GemmProblem& problem, const ClosedFormMultiplier& multiplier) {
  Masks masks{multiplier.first, multiplier.second};
  if (problem.b_first) std::swap(masks.rows, masks.columns);
  // The exact significand product reaches just below 4, Mitchell's too.
  RunTiles(problem,
           {&PackFormRows<Form>, &PackColumnElements<FormElements>, &EncodeElements<FormElements>,
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
