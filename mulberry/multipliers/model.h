// The functional model of a multiplier: a function of two unsigned n-bit operands to a 2n-bit
// product. It is the definition that every faster path must reproduce. Not here: signs, exponents
// and rounding (integer_multiplier.h, float_multiplier.h).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace mulberry {

/// (a, b) -> product, 0 <= a, b < 2^n, product < 2^2n. Thread-safe.
class Model {
 public:
  using One = std::function<uint64_t(uint64_t a, uint64_t b)>;
  using Many =
      std::function<void(const uint32_t* a, const uint32_t* b, uint64_t* products, size_t n)>;

  Model() = default;
  /// Of a function of one pair of operands.
  template <typename F>
  requires std::is_invocable_r_v<uint64_t, F, uint64_t, uint64_t> Model(F one)
      : one_(std::move(one)) {}

  /// Of a function of arrays, for which a single pair is as slow as thousands: users' circuits too
  /// wide for a table.
  static Model OfArrays(Many many) {
    Model model([many](uint64_t a, uint64_t b) {
      const auto first = static_cast<uint32_t>(a), second = static_cast<uint32_t>(b);
      uint64_t product = 0;
      many(&first, &second, &product, 1);
      return product;
    });
    model.many_ = std::move(many);
    return model;
  }

  explicit operator bool() const { return static_cast<bool>(one_); }
  uint64_t operator()(uint64_t a, uint64_t b) const { return one_(a, b); }

  /// Whether it wants to be asked for many products at once.
  bool of_arrays() const { return static_cast<bool>(many_); }
  void Evaluate(const uint32_t* a, const uint32_t* b, uint64_t* products, size_t n) const {
    if (many_) return many_(a, b, products, n);
    for (size_t i = 0; i < n; ++i) products[i] = one_(a[i], b[i]);
  }

  /// Of significands: the product of 1.i and 1.j is the model's times 2^-fraction_bits; absent, it
  /// is what the operands' fraction bits add up to.
  std::optional<int> fraction_bits;

 private:
  One one_;
  Many many_;
};

}  // namespace mulberry
