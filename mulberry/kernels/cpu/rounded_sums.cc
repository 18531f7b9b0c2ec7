// Rounded sums: FP32 products of a closed form or a table, whose sums are rounded into a narrower
// float format after every addition.
//
// A sum is formed in FP32 with its error (Knuth's TwoSum), and where the error is not zero the two
// FP32 neighbours of the exact sum are replaced by the odd one of them. FP32 has at least two bits
// more than the format, and so the format's rounding of that is its rounding of the exact sum, in
// either rounding. Where the sum is in the format's subnormals it has more bits still.
#include <bit>
#include <cmath>

#include "mulberry/kernels/cpu/driver.h"
#include "mulberry/kernels/cpu/gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/rounded_sums.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "mulberry/kernels/cpu/closed_form-inl.h"
#include "mulberry/kernels/cpu/gather_table-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace {

/// A float format as bits of FP32 magnitudes, and its subnormals' gap.
struct SumFormat {
  explicit SumFormat(const FloatFormat& format)
      : dropped(kFp32.mantissa_bits - format.mantissa_bits),
        largest(std::bit_cast<int32_t>(format.max_finite())),
        smallest_normal(std::bit_cast<int32_t>(format.min_normal())),
        gap(std::ldexp(1.0f, format.min_exponent() - format.mantissa_bits)) {
    float beyond = HUGE_VALF;
    if (format.specials == Specials::kNanOnly) beyond = NAN;
    overflowed = format.overflow == Overflow::kSaturate ? largest : std::bit_cast<int32_t>(beyond);
    // FP32's own gap from there up is the subnormals' one. It is used where they are not FP32's.
    if (format.exponent_bits < kFp32.exponent_bits) shifter = gap * 0x1p23f;
  }

  int32_t dropped;     ///< Mantissa bits that FP32 has more.
  int32_t largest;     ///< The largest finite value.
  int32_t overflowed;  ///< What rounding beyond it gives.
  int32_t smallest_normal;
  float gap;
  float shifter = 0.0f;
};

/// The sum of two vectors, rounded. `kNarrowExponents`: fewer exponent bits than FP32's, so that
/// FP32's normal numbers are subnormals of the format.
template <bool kNarrowExponents, bool kTowardZero>
struct Adder {
  HWY_INLINE explicit Adder(const SumFormat& sum_format) : format(sum_format) {}

  HWY_INLINE VF Sum(VF a, VF b) const {
    const VI one = hn::Set(DI(), 1), sign_bit = hn::Set(DI(), INT32_MIN);
    const VF sum = hn::Add(a, b);
    const VF b_part = hn::Sub(sum, a);
    const VF error = hn::Add(hn::Sub(a, hn::Sub(sum, b_part)), hn::Sub(b, b_part));
    const VI bits = AsBits(sum), sign = hn::And(bits, sign_bit);
    // Toward zero where the error has the other sign, then odd.
    const VI nearest = hn::AndNot(sign_bit, bits);
    const VI below = hn::ShiftRight<31>(hn::Xor(bits, AsBits(error)));
    const VI odd = hn::Or(hn::Add(nearest, below), one);
    const auto exact = hn::RebindMask(DI(), hn::Eq(error, hn::Zero(DF())));
    const VI magnitude = hn::IfThenElse(exact, nearest, odd);
    const VI rounded = Rounded(magnitude);

    const VI largest = hn::Set(DI(), format.largest);
    if constexpr (kTowardZero) {
      // A finite sum stops at the largest value; infinities and NaN stay, as FP32 adds them.
      const VI before = hn::AndNot(sign_bit, AsBits(a));
      const VI finite = hn::Or(hn::Min(rounded, largest), sign);
      return AsFloat(hn::IfThenElse(hn::Gt(before, largest), bits, finite));
    }
    const VI overflowed = hn::Set(DI(), format.overflowed);
    const VI finite = hn::IfThenElse(hn::Gt(rounded, largest), overflowed, rounded);
    const VI nan = hn::Set(DI(), 0x7fc00000);
    const auto is_number = hn::RebindMask(DI(), hn::Eq(sum, sum));
    return AsFloat(hn::IfThenElse(is_number, hn::Or(finite, sign), nan));
  }

  /// The magnitude rounded as if there were no largest value.
  HWY_INLINE VI Rounded(VI magnitude) const {
    const VI low = hn::Set(DI(), (int32_t{1} << format.dropped) - 1);
    VI normal;
    if constexpr (kTowardZero) {
      normal = hn::AndNot(low, magnitude);
    } else {
      // Half a gap less one, and one more where the last bit that is kept is odd.
      const VI last = hn::And(hn::ShiftRightSame(magnitude, format.dropped), hn::Set(DI(), 1));
      const VI half = hn::Set(DI(), (int32_t{1} << (format.dropped - 1)) - 1);
      normal = hn::AndNot(low, hn::Add(magnitude, hn::Add(half, last)));
    }
    if constexpr (!kNarrowExponents) return normal;
    const VF shifter = hn::Set(DF(), format.shifter), exact = AsFloat(magnitude);
    VF subnormal = hn::Sub(hn::Add(exact, shifter), shifter);
    if constexpr (kTowardZero) {
      const VF gap = hn::Set(DF(), format.gap);
      subnormal = hn::Sub(subnormal, hn::IfThenElseZero(hn::Gt(subnormal, exact), gap));
    }
    const auto is_subnormal = hn::Lt(magnitude, hn::Set(DI(), format.smallest_normal));
    return hn::IfThenElse(is_subnormal, AsBits(subnormal), normal);
  }

  const SumFormat& format;
};

/// What the packing and the tiles need.
struct FormSums {
  SumFormat format;
  int chunk;
  Masks operands;
};
struct TableSums {
  SumFormat format;
  int chunk;
  GatherContext operands;
};

/// The products of a row group's elements at step l with a vector of columns. Vectors of columns
/// are loaded once for all rows.
template <class Form, TileMode kMode>
struct FormProducts {
  HWY_INLINE FormProducts(const FormSums&, const RowGroup& row_group, const ColumnView& columns,
                          int64_t c)
      : rows(row_group),
        values(columns.value[c / kChunkCols] + c % kChunkCols),
        offsets(columns.offset) {}
  HWY_INLINE void Load(int64_t l) { b = hn::LoadU(DF(), values + offsets[l]); }
  HWY_INLINE VF Product(int64_t l, int64_t r) const {
    const VI low = hn::Set(DI(), static_cast<int32_t>(rows.low[l][r]));
    const VF scale = hn::Set(DF(), rows.scale[l][r]);
    if constexpr (kMode == TileMode::kCareful) return CarefulProduct<Form>(low, scale, b);
    return Form::Product(low, scale, b);
  }

  const RowGroup& rows;
  const float* values;
  const int32_t* offsets;
  VF b;
};

template <TileMode kMode>
struct TableProducts {
  HWY_INLINE TableProducts(const TableSums& sums, const RowGroup& row_group,
                           const ColumnView& columns, int64_t c)
      : rows(row_group),
        table(sums.operands.products),
        scales(columns.value[c / kChunkCols] + c % kChunkCols),
        indices(columns.index[c / kChunkCols] + c % kChunkCols),
        offsets(columns.offset) {}
  HWY_INLINE void Load(int64_t l) {
    const hn::Rebind<uint8_t, DI> du8;
    b_scale = hn::LoadU(DF(), scales + offsets[l]);
    index = hn::PromoteTo(DI(), hn::LoadU(du8, indices + offsets[l]));
  }
  HWY_INLINE VF Product(int64_t l, int64_t r) const {
    const VF a_scale = hn::Set(DF(), rows.scale[l][r]);
    return TableProduct<kMode>(DF(), table + rows.low[l][r], index, a_scale, b_scale);
  }

  const RowGroup& rows;
  const float* table;
  const float* scales;
  const uint8_t* indices;
  const int32_t* offsets;
  VF b_scale;
  VI index;
};

/// Adds the products of the steps from `first` to `last` to the sums of four rows.
template <class Products, class Adder>
HWY_INLINE void SumSteps(Products& products, const Adder& adder, int64_t first, int64_t last,
                         VF& s0, VF& s1, VF& s2, VF& s3) {
  static_assert(kGroupRows == 4);
  for (int64_t l = first; l < last; ++l) {
    products.Load(l);
    s0 = adder.Sum(s0, products.Product(l, 0));
    s1 = adder.Sum(s1, products.Product(l, 1));
    s2 = adder.Sum(s2, products.Product(l, 2));
    s3 = adder.Sum(s3, products.Product(l, 3));
  }
}

template <class Products, class Adder, class Context>
HWY_NOINLINE void MultiplyTile(const Context& context, const RowGroup& rows,
                               const ColumnView& columns, int64_t k, float* sums, int64_t stride) {
  const Adder adder(context.format);
  for (int64_t c = 0; c < columns.chunks * kChunkCols; c += static_cast<int64_t>(hn::Lanes(DF()))) {
    Products products(context, rows, columns, c);
    float* at = sums + c;
    VF s0 = hn::LoadU(DF(), at), s1 = hn::LoadU(DF(), at + stride);
    VF s2 = hn::LoadU(DF(), at + 2 * stride), s3 = hn::LoadU(DF(), at + 3 * stride);
    // Without chunks the products are added to the sums themselves.
    const bool chunked = context.chunk > 0;
    const int64_t length = chunked ? context.chunk : k;
    for (int64_t l = 0; l < k; l += length) {
      VF c0 = s0, c1 = s1, c2 = s2, c3 = s3;
      if (chunked) c0 = c1 = c2 = c3 = hn::Zero(DF());
      SumSteps(products, adder, l, std::min(l + length, k), c0, c1, c2, c3);
      s0 = chunked ? adder.Sum(s0, c0) : c0;
      s1 = chunked ? adder.Sum(s1, c1) : c1;
      s2 = chunked ? adder.Sum(s2, c2) : c2;
      s3 = chunked ? adder.Sum(s3, c3) : c3;
    }
    hn::StoreU(s0, DF(), at);
    hn::StoreU(s1, DF(), at + stride);
    hn::StoreU(s2, DF(), at + 2 * stride);
    hn::StoreU(s3, DF(), at + 3 * stride);
  }
}

template <class Form, class Adder>
void MultiplyForm(const void* context, const RowGroup& rows, const ColumnView& columns, int64_t k,
                  TileMode mode, float* sums, int64_t stride) {
  const auto& form = *static_cast<const FormSums*>(context);
  if (mode != TileMode::kCareful) {
    MultiplyTile<FormProducts<Form, TileMode::kFast>, Adder>(form, rows, columns, k, sums, stride);
  } else {
    MultiplyTile<FormProducts<Form, TileMode::kCareful>, Adder>(form, rows, columns, k, sums,
                                                                stride);
  }
}

template <class Adder>
void MultiplyTable(const void* context, const RowGroup& rows, const ColumnView& columns, int64_t k,
                   TileMode mode, float* sums, int64_t stride) {
  const auto& table = *static_cast<const TableSums*>(context);
  if (mode != TileMode::kCareful) {
    MultiplyTile<TableProducts<TileMode::kFast>, Adder>(table, rows, columns, k, sums, stride);
  } else {
    MultiplyTile<TableProducts<TileMode::kCareful>, Adder>(table, rows, columns, k, sums, stride);
  }
}

template <class Form>
void PackRowsOfForm(const void* context, const float* tile, int64_t stride, int64_t rows, int64_t k,
                    RowGroup* group) {
  PackFormRows<Form>(&static_cast<const FormSums*>(context)->operands, tile, stride, rows, k,
                     group);
}
void PackColumnsOfForm(const void* context, const float* tile, int64_t stride, int64_t k,
                       ColumnPanel* panel) {
  PackColumnElements<FormElements>(&static_cast<const FormSums*>(context)->operands, tile, stride,
                                   k, panel);
}
void PackRowsOfTable(const void* context, const float* tile, int64_t stride, int64_t rows,
                     int64_t k, RowGroup* group) {
  PackGatherRows(&static_cast<const TableSums*>(context)->operands, tile, stride, rows, k, group);
}
void PackColumnsOfTable(const void* context, const float* tile, int64_t stride, int64_t k,
                        ColumnPanel* panel) {
  PackColumnElements<TableElements>(&static_cast<const TableSums*>(context)->operands, tile, stride,
                                    k, panel);
}

/// body.operator()<Adder>() with that of the accumulator.
template <class Body>
void WithAdder(const FloatAccumulator& accumulator, const Body& body) {
  const bool narrow = accumulator.format.exponent_bits < kFp32.exponent_bits;
  if (accumulator.rounding == Rounding::kTowardZero) {
    return narrow ? body.template operator()<Adder<true, true>>()
                  : body.template operator()<Adder<false, true>>();
  }
  narrow ? body.template operator()<Adder<true, false>>()
         : body.template operator()<Adder<false, false>>();
}

template <class Form>
void RunForm(const GemmProblem& problem, const RoundedSums& sums,
             const ClosedFormMultiplier& multiplier) {
  const FloatAccumulator& accumulator = sums.accumulator;
  FormSums context{
      SumFormat(accumulator.format), accumulator.chunk, {multiplier.first, multiplier.second}};
  if (problem.b_first) std::swap(context.operands.rows, context.operands.columns);
  WithAdder(accumulator, [&]<class Adder>() {
    RunTiles(problem,
             {&PackRowsOfForm<Form>, &PackColumnsOfForm, nullptr, &MultiplyForm<Form, Adder>,
              &context, 0, 2, multiplier.product, &accumulator});
  });
}

}  // namespace

void RunRoundedForm(const GemmProblem& problem, const RoundedSums& sums,
                    const ClosedFormMultiplier& multiplier) {
  if (multiplier.form == ClosedForm::kMitchell) {
    RunForm<Mitchell>(problem, sums, multiplier);
  } else {
    RunForm<ExactFused>(problem, sums, multiplier);
  }
}

void RunRoundedTable(const GemmProblem& problem, const RoundedSums& sums,
                     const GatherTableMultiplier& multiplier) {
  const FloatAccumulator& accumulator = sums.accumulator;
  const TableSums context{SumFormat(accumulator.format),
                          accumulator.chunk,
                          {multiplier.mantissa_bits,
                           problem.b_first ? multiplier.products_b_first : multiplier.products}};
  WithAdder(accumulator, [&]<class Adder>() {
    RunTiles(problem, {&PackRowsOfTable, &PackColumnsOfTable, nullptr, &MultiplyTable<Adder>,
                       &context, multiplier.min_log2, 2, multiplier.product, &accumulator});
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {

HWY_EXPORT(RunRoundedForm);
HWY_EXPORT(RunRoundedTable);

static_assert(kBlockK % RoundedSums::kChunkMultiple == 0, "no chunk crosses a block of k");

void RoundedSumsGemm(const GemmProblem& problem, const RoundedSums& sums,
                     const ClosedFormMultiplier& multiplier) {
  HWY_DYNAMIC_DISPATCH(RunRoundedForm)(ChooseOrientation(problem), sums, multiplier);
}

void RoundedSumsGemm(const GemmProblem& problem, const RoundedSums& sums,
                     const GatherTableMultiplier& multiplier) {
  HWY_DYNAMIC_DISPATCH(RunRoundedTable)(ChooseOrientation(problem), sums, multiplier);
}

}  // namespace mulberry
#endif
