// Posit multipliers as circuits: 8-bit posits completely, wider ones on random operands, against
// FloatMultiplier and, independently of it, the exact posit products of formats/posit_arithmetic.h.
#include <gtest/gtest.h>

#include "mulberry/formats/posit_arithmetic.h"
#include "mulberry/hardware/float_design.h"
#include "mulberry/hardware/test_simulator.h"

namespace mulberry {
namespace {

TEST(PositDesign, SmallPositsCompletely) {
  std::vector<Design> designs;
  for (const char* spec :
       {"exact@posit(8,0)+result=nearest", "exact@posit(8,1)+result=nearest",
        "exact@posit(8,2)+result=nearest", "exact@posit(8,1)+result=zero", "exact@posit(8,0)",
        "exact@posit(8,1)", "exact@posit(8,2)", "exact@posit(2,0)", "exact@posit(3,1)",
        "exact@posit(4,0)+result=nearest", "exact@posit(4,3)+result=nearest",
        "exact@posit(2,1)+result=nearest", "exact@posit(8,2)xposit(8,1)", "exact@posit(6,4)"}) {
    designs.push_back(PositMultiplierDesign(ParseArithmetic(spec)));
  }
  const TestSimulator simulator(designs);
  for (size_t i = 0; i < designs.size(); ++i) simulator.ExpectModel(i, AllVectors(designs[i]));
  for (int es = 0; es < 3; ++es) {
    const std::vector<Vector> vectors = AllVectors(designs[es]);
    const std::vector<uint64_t> products = simulator.Run(es, vectors);
    for (size_t i = 0; i < vectors.size(); ++i) {
      ASSERT_EQ(products[i], PositMultiply({8, es}, static_cast<uint32_t>(vectors[i][0]),
                                           static_cast<uint32_t>(vectors[i][1])));
    }
  }
}

TEST(PositDesign, WidePositsOnRandomOperands) {
  std::vector<Design> designs;
  for (const char* spec :
       {"exact@posit(16,1)", "exact@posit(16,1)+result=nearest", "exact@posit(16,2)+result=nearest",
        "exact@posit(16,2)+result=zero", "exact@posit(24,1)+result=nearest"}) {
    designs.push_back(PositMultiplierDesign(ParseArithmetic(spec)));
  }
  const TestSimulator simulator(designs);
  for (size_t i = 0; i < designs.size(); ++i) {
    std::vector<uint64_t> ends;  // Zero, NaR and the encodings beside them, and beside ±1.
    const uint64_t nar = uint64_t{1} << (designs[i].inputs[0].bits - 1);
    for (const uint64_t middle : {uint64_t{0}, nar / 2, nar, nar + nar / 2}) {
      for (uint64_t offset = 0; offset < 9; ++offset) {
        ends.push_back((middle + offset - 4) & (2 * nar - 1));
      }
    }
    simulator.ExpectModel(i, SomeVectors(designs[i], {ends, ends}, 100'000));
  }
}

}  // namespace
}  // namespace mulberry
