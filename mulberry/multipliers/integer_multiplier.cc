#include "mulberry/multipliers/integer_multiplier.h"

#include <cstdlib>
#include <utility>
#include <vector>

namespace mulberry {

std::string_view Name(SignHandling handling) {
  return handling == SignHandling::kMagnitude ? "magnitude" : "twos";
}

IntegerMultiplier::IntegerMultiplier(Model model, IntegerFormats formats, SignHandling handling)
    : model_(std::move(model)), formats_(formats), handling_(handling) {}

uint32_t IntegerMultiplier::OperandOf(const IntegerFormat& format, int32_t value) const {
  return takes_encodings() ? EncodeInteger(format, value) : static_cast<uint32_t>(std::abs(value));
}

int64_t IntegerMultiplier::ProductOf(int32_t a, int32_t b, uint64_t product) const {
  if (takes_encodings()) {
    const int unused = 64 - formats_.first.bits - formats_.second.bits;
    return static_cast<int64_t>(product << unused) >> unused;
  }
  const auto magnitude = static_cast<int64_t>(product);
  return (a < 0) != (b < 0) ? -magnitude : magnitude;
}

int64_t IntegerMultiplier::operator()(int32_t a, int32_t b) const {
  return ProductOf(a, b, model_(OperandOf(formats_.first, a), OperandOf(formats_.second, b)));
}

void IntegerMultiplier::Multiply(const int32_t* a, const int32_t* b, int64_t* products,
                                 size_t n) const {
  std::vector<uint32_t> first(n), second(n);
  std::vector<uint64_t> raw(n);
  for (size_t i = 0; i < n; ++i) {
    first[i] = OperandOf(formats_.first, a[i]);
    second[i] = OperandOf(formats_.second, b[i]);
  }
  model_.Evaluate(first.data(), second.data(), raw.data(), n);
  for (size_t i = 0; i < n; ++i) products[i] = ProductOf(a[i], b[i], raw[i]);
}

}  // namespace mulberry
