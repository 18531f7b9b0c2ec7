// Which cells of a library are adders and simple gates.
#include "mulberry/hardware/cell_search.h"

#include <gtest/gtest.h>

#include "mulberry/hardware/test_netlist.h"

namespace mulberry {
namespace {

TEST(CellSearch, FindsTheAddersOfOsu018) {
  const Library library = ReadLiberty("/usr/share/qflow/tech/osu018/osu018_stdcells.lib");
  const auto name = [&](int cell) { return library.cells[static_cast<size_t>(cell)].name; };
  EXPECT_EQ(name(FindFullAdder(library).value().cell), "FAX1");
  EXPECT_EQ(FindFullAdder(library)->sum, "YS");
  EXPECT_EQ(name(FindHalfAdder(library).value().cell), "HAX1");
  EXPECT_EQ(FindHalfAdder(library)->carry, "YC");
  EXPECT_EQ(name(FindGate(library, 1, 0b01).value()), "INVX1");
  EXPECT_EQ(name(FindGate(library, 1, 0b10).value()), "BUFX2");
  EXPECT_FALSE(FindFullAdder(ParseLiberty(kSmallLibrary, "small.lib")));
}

}  // namespace
}  // namespace mulberry
