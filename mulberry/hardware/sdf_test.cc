// The files for other simulators, word for word.
#include "mulberry/hardware/sdf.h"

#include <gtest/gtest.h>

#include "mulberry/hardware/test_netlist.h"

namespace mulberry {
namespace {

// Nets 0 and 1 are the constants, and the ports' come next.
TEST(Sdf, WritesTheNetlistAsVerilog) {
  const Library library = ParseLiberty(kSmallLibrary, "small.lib");
  EXPECT_EQ(NetlistVerilog(NetlistOf(PulseJson(), library), library),
            "module top (input [0:0] a, output [0:0] p);\n"
            "  wire n0;\n  wire n1;\n  wire n2;\n  wire n3;\n  wire n4;\n"
            "  assign n0 = 1'b0;\n  assign n1 = 1'b1;\n"
            "  assign n2 = a[0];\n  assign p[0] = n3;\n"
            "  INV u0 (.A(n2), .Y(n4));\n"
            "  AND u1 (.A(n2), .B(n4), .Y(n3));\n"
            "endmodule\n");
}

TEST(Sdf, WritesDelaysInWholePicosecondsNoneNegative) {
  const Library library = ParseLiberty(kSmallLibrary, "small.lib");
  const MappedNetlist netlist = NetlistOf(PulseJson(), library);
  TimingReport timing = AnalyzeTiming(netlist, library);
  timing.delays[1][0].rise = 20.6e-12;
  timing.delays[1][1].fall = -3e-12;
  EXPECT_EQ(NetlistSdf(netlist, library, timing),
            "(DELAYFILE\n  (SDFVERSION \"3.0\")\n  (DESIGN \"top\")\n  (DIVIDER .)\n"
            "  (TIMESCALE 1ns)\n"
            "  (CELL\n    (CELLTYPE \"INV\")\n    (INSTANCE u0)\n    (DELAY (ABSOLUTE\n"
            "      (IOPATH A Y (0.100:0.100:0.100) (0.100:0.100:0.100))\n    ))\n  )\n"
            "  (CELL\n    (CELLTYPE \"AND\")\n    (INSTANCE u1)\n    (DELAY (ABSOLUTE\n"
            "      (IOPATH A Y (0.021:0.021:0.021) (0.020:0.020:0.020))\n"
            "      (IOPATH B Y (0.020:0.020:0.020) (0.000:0.000:0.000))\n    ))\n  )\n"
            ")\n");
}

}  // namespace
}  // namespace mulberry
