#include "mulberry/analysis/subject.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr int kMaxBits = 24;
// Errors are then below 2^53: exact as doubles, which the sums of error_metrics.cc rely on.
constexpr int64_t kMaxApprox = int64_t{1} << 52;

}  // namespace

std::string_view Name(OperandSet set) {
  switch (set) {
    case OperandSet::kUnsigned:
      return "unsigned";
    case OperandSet::kSigned:
      return "signed";
    case OperandSet::kSignificand:
      return "significand";
  }
  return "";
}

std::string Name(const OperandSets& sets) {
  return sets.a == sets.b ? std::string(Name(sets.a))
                          : fmt::format("{} x {}", Name(sets.a), Name(sets.b));
}

OperandRange RangeOf(OperandSet set, int bits) {
  const int64_t half = int64_t{1} << (bits - 1);
  switch (set) {
    case OperandSet::kUnsigned:
      return {0, 2 * half};
    case OperandSet::kSigned:
      return {-half, 2 * half};
    case OperandSet::kSignificand:
      return {half, half};
  }
  return {};
}

double ErrorSubject::unit() const {
  return operands.significands() ? std::ldexp(1.0, -(a_bits + b_bits - 2)) : 1.0;
}

int64_t ErrorSubject::max_product() const {
  const auto largest = [](const OperandRange& range) {
    return std::max(std::abs(range.lowest), std::abs(range.highest()));
  };
  return largest(a_range()) * largest(b_range());
}

int64_t ErrorSubject::error(int64_t a, int64_t b) const {
  const int64_t product = approx(a, b);
  if (product <= -kMaxApprox || product >= kMaxApprox) {
    throw Error("{}: the product of {} and {} is {}, and its magnitude must be below 2^52", name, a,
                b, product);
  }
  return product - a * b;
}

void CheckSubject(const ErrorSubject& subject) {
  for (const int bits : {subject.a_bits, subject.b_bits}) {
    if (bits < 1 || bits > kMaxBits) {
      throw Error("{}: operands of {} bits cannot be analysed, only of 1 to {}", subject.name, bits,
                  kMaxBits);
    }
  }
  if (!subject.approx) throw Error("{}: there is no function to analyse", subject.name);
}

ErrorSubject UnsignedSubject(std::string name, Model model, int a_bits, int b_bits) {
  ErrorSubject subject{std::move(name), OperandSet::kUnsigned, a_bits, b_bits, {}};
  subject.approx = [model = std::move(model)](int64_t a, int64_t b) {
    return static_cast<int64_t>(model(static_cast<uint64_t>(a), static_cast<uint64_t>(b)));
  };
  return subject;
}

ErrorSubject IntegerSubject(std::string name, const IntegerMultiplier& multiplier) {
  const auto set = [](const IntegerFormat& format) {
    return format.is_signed ? OperandSet::kSigned : OperandSet::kUnsigned;
  };
  const auto& [first, second] = multiplier.formats();
  ErrorSubject subject{std::move(name), {set(first), set(second)}, first.bits, second.bits, {}};
  subject.approx = [multiplier](int64_t a, int64_t b) {
    return multiplier(static_cast<int32_t>(a), static_cast<int32_t>(b));
  };
  return subject;
}

ErrorSubject SignificandSubject(std::string name, const FloatMultiplier& multiplier) {
  if (multiplier.rounds_by_exponent()) {
    throw UsageError(
        "{}: the error of a product that is rounded into a posit depends on its exponent: analyse "
        "the multiplier with result=full, which it then rounds",
        name);
  }
  const int mantissa_bits = multiplier.mantissa_bits();
  const int bits = mantissa_bits + 1;
  ErrorSubject subject{std::move(name), OperandSet::kSignificand, bits, bits, {}};
  // An integer: the product is a whole multiple of 2^-2m before it is rounded, and so after.
  subject.approx = [multiplier, mantissa_bits](int64_t a, int64_t b) {
    const uint32_t mask = (uint32_t{1} << mantissa_bits) - 1;
    const float product = multiplier.SignificandProduct(static_cast<uint32_t>(a) & mask,
                                                        static_cast<uint32_t>(b) & mask);
    return static_cast<int64_t>(std::ldexp(static_cast<double>(product), 2 * mantissa_bits));
  };
  return subject;
}

ErrorSubject SubjectOf(const Arithmetic& arithmetic) {
  if (arithmetic.is_block()) return SubjectOf(ElementArithmetic(arithmetic));
  const std::string name = Print(arithmetic);
  return arithmetic.is_integer() ? IntegerSubject(name, MakeIntegerMultiplier(arithmetic))
                                 : SignificandSubject(name, MakeFloatMultiplier(arithmetic));
}

}  // namespace mulberry
