#include "mulberry/formats/format_name.h"

#include <gtest/gtest.h>

#include <string>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

TEST(FormatOfName, ReadsWhatNameSpells) {
  std::vector<AnyFormat> formats = {MakeFixedFormat(3, 4), MakeFixedFormat(-2, 9),
                                    MakeBlockFloatingPoint(4, 16)};
  for (const NamedFormat& named : NamedFormats()) formats.push_back(named.format);
  for (const NamedBlockFormat& named : NamedBlockFormats()) formats.push_back(named.format);
  for (int e = 2; e <= 8; ++e) {
    for (int m = 0; m <= 23; ++m) formats.push_back(MakeFloatFormat(e, m));
  }
  for (int n = 2; n <= 32; ++n) {
    for (int es = 0; es <= 6; ++es) {
      if (!WhyNotCarried({n, es})) formats.push_back(PositFormat{n, es});
    }
  }
  for (int bits = 4; bits <= 16; ++bits) {
    formats.push_back(IntegerFormat{bits, false});
    formats.push_back(IntegerFormat{bits, true});
  }
  for (const AnyFormat& format : formats) {
    EXPECT_TRUE(FormatOfName(Name(format)) == format) << Name(format);
  }
}

TEST(FormatOfName, ReadsOtherSpellings) {
  EXPECT_EQ(Name(FormatOfName("mxfp8")), "mxfp8(e4m3)");
  EXPECT_EQ(Name(FormatOfName("bfp(8,32)")), "mxint8");
  EXPECT_EQ(Name(FormatOfName("float(8,7)")), "bf16");
  EXPECT_EQ(Name(FormatOfName("posit(16, 1)")), "posit(16,1)");
}

TEST(FormatOfName, SaysWhatIsWrong) {
  const auto error = [](std::string_view name) -> std::string {
    try {
      return "read as " + Name(FormatOfName(name));
    } catch (const UsageError& e) {
      return e.what();
    }
  };
  EXPECT_EQ(error("bf61"), "unknown format \"bf61\"; did you mean \"bf16\"?");
  EXPECT_EQ(error("mxpf4"), "unknown format \"mxpf4\"; did you mean \"mxfp4\"?");
  EXPECT_EQ(error("posti(16,1)"), "unknown format \"posti(16,1)\"; did you mean \"posit\"?");
  EXPECT_EQ(error("int17"), "unknown format \"int17\"; did you mean \"int16\"?");
  EXPECT_EQ(error(""),
            "unknown format \"\"; there are: fp32, tf32, bf16, fp16, e5m2, e4m3, mxfp8(e4m3), "
            "mxfp8(e5m2), mxfp6(e3m2), mxfp6(e2m3), mxfp4, mxint8, float(e,m), posit(n,es), "
            "fixed(il,fl), bfp(m,block), uint4 to uint16, int4 to int16");
  for (const std::string name : {"posit", "posit(8)", "posit(8,1", "posit(8,1))", "posit(8,1)x",
                                 "posit(8,one)", "posit(8,,1)", "posit(99999999999,1)"}) {
    EXPECT_EQ(error(name), "\"" + name + "\" is not posit(n,es) with whole numbers");
  }
  EXPECT_EQ(error("float(9,1)"),
            "float(9,1) does not exist: exponent bits are 2 to 8, mantissa bits 0 to 23");
  EXPECT_EQ(error("posit(32,2)"),
            "posit(32,2) has 27 fraction bits, and FP32, which carries it, has 23");
  EXPECT_EQ(error("fixed(20,20)").substr(0, 27), "fixed(20,20) does not exist");
  EXPECT_EQ(error("bfp(1,32)").substr(0, 24), "bfp(1,32) does not exist");
}

}  // namespace
}  // namespace mulberry
