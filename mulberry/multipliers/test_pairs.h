// Pairs of operands on which tests compare a model with its definition. Test code.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

/// The multiplier as it is spelled, such as realm(m=8,t=0).
inline std::string Text(const Multiplier& multiplier) {
  std::vector<std::string> arguments;
  for (size_t i = 0; i < multiplier.values.size(); ++i) {
    const Parameter& parameter = FindMultiplierFamily(multiplier.family)->parameters.at(i);
    arguments.push_back(fmt::format("{}={}", parameter.name, multiplier.values[i]));
  }
  if (arguments.empty()) return multiplier.family;
  return fmt::format("{}({})", multiplier.family, fmt::join(arguments, ","));
}

/// Calls visit(a, b) for all pairs of n-bit operands if n <= 8; else for 2^14 pairs, the same every
/// time, of operands of every length, and for those of the largest operands.
template <typename Visit>
void ForEachTestPair(int n, Visit visit) {
  const uint64_t largest = (uint64_t{1} << n) - 1;
  if (n <= 8) {
    for (uint64_t a = 0; a <= largest; ++a) {
      for (uint64_t b = 0; b <= largest; ++b) visit(a, b);
    }
    return;
  }
  std::mt19937_64 random(static_cast<uint64_t>(n));
  for (int i = 0; i < 1 << 14; ++i) {
    const uint64_t a = (random() & largest) >> random() % static_cast<uint64_t>(n);
    visit(a, (random() & largest) >> random() % static_cast<uint64_t>(n));
  }
  for (uint64_t a = largest - 40; a <= largest; ++a) {
    for (uint64_t b = largest - 40; b <= largest; ++b) visit(a, b);
  }
}

/// Fails unless the multiplier's model on n-bit integers is `definition`, a function of (a, b).
template <typename Definition>
void ExpectIsDefinition(const Multiplier& multiplier, int n, Definition definition) {
  const Model model = MakeModel(multiplier, {.bits = n});
  const std::string text = fmt::format("{} of {} bits", Text(multiplier), n);
  int64_t wrong = 0;
  ForEachTestPair(n, [&](uint64_t a, uint64_t b) {
    const uint64_t expected = definition(a, b), product = model(a, b);
    if (product == expected || ++wrong > 3) return;
    ADD_FAILURE() << text << ": " << a << " times " << b << " is " << product
                  << ", and by definition " << expected;
  });
  EXPECT_EQ(wrong, 0) << text;
}

/// Where definitions are checked: every 8-bit pair, and samples up to the widest significand.
inline constexpr int kTestWidths[] = {4, 5, 8, 11, 16, 24};

}  // namespace mulberry
