// Netlists as they are read: ports, connections, an order of evaluation; and what is said of those
// that are wrong.
#include "mulberry/hardware/netlist.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mulberry/base/error.h"
#include "mulberry/hardware/test_netlist.h"

namespace mulberry {
namespace {

// The AND is named first and evaluated last.
TEST(MappedNetlist, HasPortsConnectionsAndAnOrder) {
  const Library library = ParseLiberty(kSmallLibrary, "small.lib");
  const MappedNetlist netlist =
      NetlistOf(NetlistJson(CellJson("a_gate", "AND", R"("A": [2], "B": [3], "Y": [4])") + "," +
                            CellJson("inverter", "INV", R"("A": [2], "Y": [3])")),
                library);
  EXPECT_EQ(netlist.module, "top");
  ASSERT_EQ(netlist.ports.size(), 2u);
  const NetlistPort* a = netlist.FindPort("a");
  const NetlistPort* p = netlist.FindPort("p");
  ASSERT_TRUE(a && p);
  EXPECT_TRUE(a->is_input);
  EXPECT_FALSE(p->is_input);
  EXPECT_EQ(netlist.FindPort("q"), nullptr);

  ASSERT_EQ(netlist.instances.size(), 2u);
  const auto place = [&](const char* name) {
    const auto at = std::ranges::find(netlist.instances, name, &Instance::name);
    return static_cast<int>(at - netlist.instances.begin());
  };
  const int gate = place("a_gate"), inverter = place("inverter");
  EXPECT_EQ(netlist.combinational, (std::vector<int>{inverter, gate}));
  EXPECT_TRUE(netlist.flip_flops.empty());
  EXPECT_EQ(netlist.Area(library), 3);

  const std::vector<int>& pins = netlist.instances[static_cast<size_t>(gate)].nets;
  EXPECT_EQ(pins[0], a->nets[0]);
  EXPECT_EQ(pins[2], p->nets[0]);
  const auto driver = [&](int net) { return netlist.drivers[static_cast<size_t>(net)]; };
  EXPECT_EQ(driver(pins[0]).instance, -1);
  EXPECT_EQ(driver(pins[1]).instance, inverter);
  EXPECT_EQ(driver(pins[1]).pin, 1);
  EXPECT_EQ(driver(pins[2]).instance, gate);
  EXPECT_EQ(netlist.sinks[static_cast<size_t>(pins[0])].size(), 2u);
  EXPECT_EQ(netlist.sinks[static_cast<size_t>(pins[1])].size(), 1u);
}

TEST(MappedNetlist, TakesUndefinedConstantsForZero) {
  const Library library = ParseLiberty(kSmallLibrary, "small.lib");
  const MappedNetlist netlist =
      NetlistOf(NetlistJson(CellJson("u", "AND", R"("A": ["1"], "B": ["x"], "Y": [4])")), library);
  EXPECT_EQ(netlist.instances[0].nets[0], MappedNetlist::kOne);
  EXPECT_EQ(netlist.instances[0].nets[1], MappedNetlist::kZero);
}

TEST(MappedNetlist, NamesWhatIsWrong) {
  const Library library = ParseLiberty(kSmallLibrary, "small.lib");
  const auto message = [&](const std::string& json) {
    try {
      NetlistOf(json, library);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const auto expect = [&](const std::string& json, const std::string& text) {
    EXPECT_NE(message(json).find(text), std::string::npos) << message(json);
  };
  expect(NetlistJson(CellJson("u", "$_DLATCH_P_", R"("D": [2], "Q": [4])")),
         "a latch, cell $_DLATCH_P_ (m.v:3");
  expect(NetlistJson(CellJson("u", "$_NAND_", R"("A": [2], "Y": [4])")), "the cell $_NAND_");
  expect(NetlistJson(CellJson("u", "AND", R"("A": [2], "B": [4], "Y": [4])")),
         "loop through u (AND)");
  expect(NetlistJson(CellJson("u", "INV", R"("A": [7], "Y": [4])")), "0 drivers of net 7");
  expect(NetlistJson(CellJson("u", "INV", R"("Y": [4])")), "input A of u unconnected");
  expect("{", "expected a netlist of yosys' write_json");
}

}  // namespace
}  // namespace mulberry
