// The flexible multiply-accumulate unit: one clock's work against its model, and whole sums in
// every mode against 64-bit integers.
#include "mulberry/hardware/flexible_mac.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "mulberry/base/error.h"
#include "mulberry/hardware/test_simulator.h"

namespace mulberry {
namespace {

struct Shape {
  int digit_bits, digits;
};
constexpr Shape kShapes[] = {{8, 4}, {16, 2}, {4, 3}, {4, 8}};

FlexibleUnit UnitOf(const Shape& shape) {
  return MakeFlexibleMac(ParseArithmetic(fmt::format("exact@uint{}", shape.digit_bits)),
                         shape.digits);
}

/// The unit as a design that is clocked once for each vector, of which `output` is seen. What it
/// gives depends on the vectors before, so that it has no model.
Design Clocked(const FlexibleUnit& mac, const DesignPort& output) {
  Design design;
  design.spec = mac.step.spec;
  design.module = mac.module;
  design.verilog = mac.verilog;
  design.inputs = {
      {"reset", 1}, {"enable", 1}, mac.step.inputs[0], mac.step.inputs[3], mac.step.inputs[4]};
  design.output = output;
  design.latency = 1;
  return design;
}

TEST(FlexibleUnit, EachClockEqualsTheModel) {
  std::vector<Design> designs;
  for (const Shape& shape : kShapes) {
    designs.push_back(UnitOf(shape).step);
  }
  const TestSimulator simulator(designs);
  for (size_t s = 0; s < designs.size(); ++s) {
    simulator.ExpectModel(s, SomeVectors(designs[s], {}, 100'000));
  }
}

TEST(FlexibleUnit, SumsInEveryModeAreThoseOfIntegers) {
  std::vector<Design> designs;
  for (const Shape& shape : kShapes) {
    const FlexibleUnit mac = UnitOf(shape);
    designs.push_back(Clocked(mac, {"y", 64}));
    designs.push_back(Clocked(mac, {"done", 1}));
  }
  const TestSimulator simulator(designs);
  std::mt19937_64 random(4);
  for (size_t s = 0; s < std::size(kShapes); ++s) {
    const FlexibleUnit mac = UnitOf(kShapes[s]);
    std::vector<Vector> vectors;
    // After the clock of the same index: the sum of the pairs that were taken, which y has one
    // clock later, where they are whole products; and `done`, where they are not.
    std::vector<std::optional<uint64_t>> sums;
    std::vector<bool> done;
    const auto clock = [&](Vector vector, std::optional<uint64_t> sum, bool last_is_next) {
      vectors.push_back(std::move(vector));
      sums.push_back(sum);
      done.push_back(last_is_next);
    };
    clock({1, 0, 0, 0, 0}, 0, false);
    uint64_t sum = 0;
    for (int product = 0; product < 20'000; ++product) {
      const size_t top = random() % mac.modes.size();
      const FlexibleMode& mode = mac.modes[top];
      const int unused = 64 - mode.bits;
      uint64_t operands[2];
      for (uint64_t& operand : operands) {
        operand = random() >> (64 - mac.modes.back().bits);
        // Often the most negative number, or -1.
        if (random() % 8 == 0) operand = uint64_t{1} << (mode.bits - 1);
        if (random() % 8 == 0) operand = (uint64_t{1} << mode.bits) - 1;
      }
      const int64_t a = static_cast<int64_t>(operands[0] << unused) >> unused;
      const int64_t b = static_cast<int64_t>(operands[1] << unused) >> unused;
      const int given_up_after = random() % 20 == 0 ? static_cast<int>(random() % mode.cycles) : -1;
      for (int cycle = 1; cycle <= mode.cycles; ++cycle) {
        if (given_up_after == cycle - 1) {
          sum = 0;
          clock({1, random() % 2, top, operands[0], operands[1]}, sum, false);
          break;
        }
        while (random() % 8 == 0) {  // Nothing happens in such a clock.
          const std::optional<uint64_t> before = sums.back();
          clock({0, 0, top, operands[0], operands[1]}, before, done.back());
        }
        const bool complete = cycle == mode.cycles;
        if (complete) sum += static_cast<uint64_t>(a * b);
        clock({0, 1, top, operands[0], operands[1]}, complete ? std::optional(sum) : std::nullopt,
              cycle == mode.cycles - 1);
      }
    }
    clock({0, 0, 0, 0, 0}, sum, false);
    const std::vector<uint64_t> outputs = simulator.Run(2 * s, vectors);
    const std::vector<uint64_t> announced = simulator.Run(2 * s + 1, vectors);
    for (size_t i = 0; i + 1 < vectors.size(); ++i) {
      const bool is_reset = vectors[i + 1][0] != 0;
      if (is_reset || sums[i]) {
        ASSERT_EQ(outputs[i + 1], is_reset ? 0 : *sums[i])
            << kShapes[s].digit_bits << " at clock " << i + 1;
      }
      // While a product lasts its last clock is announced: the next that is enabled completes it.
      if (!sums[i]) {
        ASSERT_EQ(announced[i], done[i]) << i;
      }
    }
  }
}

TEST(FlexibleUnit, ModesTakeTheSquareOfTheirDigits) {
  const FlexibleUnit mac = UnitOf({8, 4});
  ASSERT_EQ(mac.modes.size(), 4u);
  EXPECT_EQ(mac.modes[1].bits, 16);
  EXPECT_EQ(mac.modes[1].cycles, 4);
  EXPECT_EQ(mac.modes[3].bits, 32);
  EXPECT_EQ(mac.modes[3].cycles, 16);
  for (const auto& [spec, digits] :
       std::vector<std::pair<const char*, int>>{{"exact@uint16", 3},
                                                {"exact@uint8", 1},
                                                {"exact@int8", 4},
                                                {"exact@uint8xuint4", 4},
                                                {"exact@bf16", 2},
                                                {"fp32", 2}}) {
    EXPECT_THROW(MakeFlexibleMac(ParseArithmetic(spec), digits), UsageError) << spec;
  }
}

}  // namespace
}  // namespace mulberry
