// Specifications that are right: what they mean, how they print, and that both agree; and the
// multipliers that they make.
#include "mulberry/arithmetic/arithmetic.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "mulberry/multipliers/imported.h"
#include "mulberry/multipliers/table.h"

namespace mulberry {
namespace {

std::string Canonical(std::string_view spec) {
  return Print(ParseArithmetic(spec));
}

TEST(ParseArithmetic, BareFp32IsNative) {
  const Arithmetic native = ParseArithmetic("fp32");
  EXPECT_TRUE(native.native);
  Arithmetic expected;
  expected.native = true;
  EXPECT_EQ(native, expected);
  EXPECT_EQ(Print(native), "fp32");
  EXPECT_EQ(ParseArithmetic(" float(8,23) "), expected);
  EXPECT_FALSE(ParseArithmetic("exact@fp32").native);
}

TEST(ParseArithmetic, TakesDefaultsFromTheMultiplier) {
  const Arithmetic exact = ParseArithmetic("exact@bf16");
  EXPECT_EQ(exact.multiplier, (Multiplier{"exact", {}, {}}));
  EXPECT_EQ(*exact.float_format(), kBf16);
  EXPECT_EQ(exact.rounding, Rounding::kNearestEven);
  EXPECT_EQ(exact.result, ResultRounding::kFull);

  const Arithmetic mbm = ParseArithmetic("mbm@fp16");
  EXPECT_EQ(mbm.multiplier, (Multiplier{"mbm", {0}, {}}));
  EXPECT_EQ(*mbm.float_format(), kFp16);
  EXPECT_EQ(mbm.rounding, Rounding::kTowardZero);
  EXPECT_EQ(mbm.result, ResultRounding::kZero);

  const Arithmetic table = ParseArithmetic("table:lut/MBM_7.bin@bf16");
  EXPECT_EQ(table.multiplier, (Multiplier{"table", {}, "lut/MBM_7.bin"}));
  EXPECT_EQ(table.rounding, Rounding::kTowardZero);
  EXPECT_EQ(table.result, ResultRounding::kZero);
}

TEST(ParseArithmetic, ReadsErrorModels) {
  using enum ErrorsOn;
  const auto model = [](const char* spec) { return ParseArithmetic(spec).multiplier.errors; };
  EXPECT_EQ(model("noise(mre=1.4%)@fp32"),
            (ErrorModel{NormalErrors{SpreadFigure::kMre, 1.4, 0}, kWeights}));
  EXPECT_EQ(model("noise( on = products , bias=-0.5 %, sd=1.8% ) @fp32"),
            (ErrorModel{NormalErrors{SpreadFigure::kSd, 1.8, -0.5}, kProducts}));
  EXPECT_EQ(model("noise(file= a b/@+_7.json ,on=steps)@fp32"),
            (ErrorModel{MeasuredErrors{"a b/@+_7.json"}, kSteps}));
  const Arithmetic noise = ParseArithmetic("noise(mre=1.4%)@fp32");
  EXPECT_FALSE(noise.native);
  EXPECT_EQ(noise.format, OperandFormats(kFp32));
  EXPECT_FALSE(ParseArithmetic("exact@fp32").multiplier.errors);
}

TEST(Print, OfErrorModelsIsReadBackAsTheSameValue) {
  for (const char* spec :
       {"noise(mre=1.4%)@fp32", "noise(sd=0%)@fp32", "noise(sd=1e-05%,bias=100%)@fp32",
        "noise(mre=38.2%,bias=-0.5%,on=products)@fp32", "noise(file=a b/@#.json)@fp32",
        "noise(file=e.json,on=steps)@fp32"}) {
    EXPECT_EQ(Canonical(spec), spec);
    EXPECT_EQ(ParseArithmetic(Canonical(spec)), ParseArithmetic(spec));
  }
  EXPECT_EQ(Canonical("noise(on=weights,bias=-0%,mre=01.40%)@float(8,23)"), "noise(mre=1.4%)@fp32");
  EXPECT_EQ(Canonical("noise(bias=1%,mre=-0%)@fp32"), "noise(mre=0%,bias=1%)@fp32");
}

TEST(ParseArithmetic, ReadsEveryOption) {
  const Arithmetic all =
      ParseArithmetic("drum(k=6)@fp16+round=stochastic+result=nearest+overflow=saturate+acc=fp32");
  EXPECT_EQ(all.multiplier, (Multiplier{"drum", {6}, {}}));
  EXPECT_EQ(all.float_format()->overflow, Overflow::kSaturate);
  EXPECT_EQ(all.rounding, Rounding::kStochastic);
  EXPECT_EQ(all.result, ResultRounding::kNearest);
  EXPECT_EQ(all.order, SumOrder::kAscending);
  EXPECT_EQ(ParseArithmetic("exact@bf16+order=any").order, SumOrder::kAny);
  EXPECT_EQ(ParseArithmetic("mbm@fp16+round=nearest+result=full").rounding, Rounding::kNearestEven);
  EXPECT_EQ(ParseArithmetic("exact@fp16+round=zero+result=zero").result, ResultRounding::kZero);
  EXPECT_EQ(*ParseArithmetic("exact@fp16+overflow=inf").float_format(), kFp16);
  EXPECT_EQ(*ParseArithmetic("exact@e4m3").float_format(), kE4m3);
  EXPECT_EQ(ParseArithmetic("exact@e4m3+overflow=nan").float_format()->overflow,
            Overflow::kSpecial);
}

TEST(ParseArithmetic, PositsAreRoundedToNearestWhateverTheMultiplier) {
  const Arithmetic exact = ParseArithmetic("exact@posit(16,1)");
  EXPECT_EQ(exact.kind(), ValueKind::kSignificands);
  EXPECT_EQ(*exact.posit_format(), (PositFormat{16, 1}));
  EXPECT_EQ(exact.mantissa_bits(), 12);
  for (const char* spec : {"exact@posit(8,2)", "mbm@posit(8,2)", "table:t_3.bin@posit(8,2)"}) {
    EXPECT_EQ(ParseArithmetic(spec).rounding, Rounding::kNearestEven) << spec;
    EXPECT_EQ(ParseArithmetic(spec).result, ResultRounding::kFull) << spec;
  }
  const Arithmetic all = ParseArithmetic("mbm@posit(8,2)+round=zero+result=nearest+acc=fp32");
  EXPECT_EQ(all.rounding, Rounding::kTowardZero);
  EXPECT_EQ(all.result, ResultRounding::kNearest);
}

TEST(ParseArithmetic, ReadsAccumulators) {
  const auto accumulator = [](const char* spec) { return ParseArithmetic(spec).accumulator; };
  for (const char* spec : {"fp32", "exact@bf16", "exact@bf16+acc=fp32", "exact@posit(8,1)",
                           "exact@int8", "exact@bf16+acc=float(8,23)+acc-round=nearest"}) {
    EXPECT_EQ(accumulator(spec), Accumulator(StandardAccumulator())) << spec;
  }
  EXPECT_EQ(accumulator("exact@bf16+acc=fp16"), Accumulator(FloatAccumulator{.format = kFp16}));
  EXPECT_EQ(accumulator("mbm@posit(8,1)+acc-round=zero+chunk=64+acc=float(6,9)"),
            Accumulator(FloatAccumulator{MakeFloatFormat(6, 9), Rounding::kTowardZero, 64}));
  EXPECT_EQ(accumulator("exact@bf16+chunk=64"),
            Accumulator(FloatAccumulator{kFp32, Rounding::kNearestEven, 64}));
  EXPECT_EQ(accumulator("exact@bf16+acc-round=zero"),
            Accumulator(FloatAccumulator{.rounding = Rounding::kTowardZero}));
  EXPECT_EQ(accumulator("exact@int8+acc=int24"), Accumulator(WordAccumulator{.bits = 24}));
  EXPECT_EQ(accumulator("exact@uint8xint4+adder=loa(4)+acc-overflow=wrap+acc=int12"),
            Accumulator(WordAccumulator{
                .bits = 12, .overflow = WordOverflow::kWrap, .adder = {AdderKind::kLowerOr, 4}}));
  EXPECT_EQ(accumulator("exact@fp16+acc=fixed(-2,20)+adder=trunc(3)+acc-round=zero"),
            Accumulator(WordAccumulator{.is_integer = false,
                                        .bits = 19,
                                        .fraction_bits = 20,
                                        .rounding = Rounding::kTowardZero,
                                        .adder = {AdderKind::kTruncated, 3}}));
  EXPECT_EQ(accumulator("exact@posit(16,1)+acc=quire"), Accumulator(ExactAccumulator()));
}

TEST(WhyNotSummed, RefusesWhatTheParserDoes) {
  Arithmetic arithmetic = ParseArithmetic("exact@int8");
  arithmetic.accumulator = FloatAccumulator{.format = kFp16};
  EXPECT_EQ(WhyNotSummed(arithmetic),
            "the accumulator fp16 sums products of floats and posits, and those of int8 are of "
            "integers and fixed point");
  arithmetic = ParseArithmetic("exact@bf16");
  arithmetic.accumulator = WordAccumulator{};
  EXPECT_EQ(
      WhyNotSummed(arithmetic),
      "the accumulator int32 sums products of integers and fixed point, and those of bf16 are "
      "of floats and posits");
  arithmetic.accumulator = ExactAccumulator();
  EXPECT_EQ(WhyNotSummed(arithmetic), std::nullopt);
  arithmetic.order = SumOrder::kAny;
  EXPECT_EQ(WhyNotSummed(arithmetic),
            "sums in any order are FP32's, and the accumulator is acc=quire");
}

TEST(Print, IsReadBackForAccumulators) {
  int count = 0;
  const auto expect = [&](const std::string& spec) {
    EXPECT_EQ(Canonical(spec), spec);
    EXPECT_EQ(ParseArithmetic(Canonical(spec)), ParseArithmetic(spec));
    ++count;
  };
  for (const char* operands : {"mbm@bf16+round=nearest", "exact@posit(16,1)+result=nearest",
                               "exact@posit(8,2)xe4m3+scale=center/max"}) {
    for (const char* rounding : {"", "+acc-round=zero"}) {
      for (const char* acc : {"", "+acc=bf16", "+acc=e4m3", "+acc=float(4,3)"}) {
        for (const char* chunk : {"", "+chunk=1", "+chunk=1073741824"}) {
          expect(fmt::format("{}{}{}{}", operands, acc, rounding, chunk));
        }
      }
      for (const char* acc : {"fixed(0,2)", "fixed(-31,94)", "fixed(94,-40)", "fixed(31,32)"}) {
        expect(fmt::format("{}+acc={}{}", operands, acc, rounding));
        expect(fmt::format("{}+acc={}{}+acc-overflow=wrap+adder=loa(1)", operands, acc, rounding));
      }
    }
    expect(fmt::format("{}+acc=quire", operands));
  }
  for (int bits = WordAccumulator::kMinBits; bits <= WordAccumulator::kMaxBits; ++bits) {
    for (const char* overflow : {"", "+acc-overflow=wrap"}) {
      for (const char* operands : {"exact@uint8", "exact@fixed(4,3)xint4"}) {
        expect(fmt::format("{}+acc=int{}{}", operands, bits, overflow));
        expect(fmt::format("{}+acc=int{}{}+adder=trunc({})", operands, bits, overflow, bits - 1));
      }
    }
  }
  EXPECT_GT(count, 500);
  EXPECT_EQ(Canonical("exact@int8+adder=loa(0)+acc=int8+acc-overflow=saturate"),
            "exact@int8+acc=int8");
  EXPECT_EQ(Canonical("exact@int8+adder=exact+acc=int8"), "exact@int8+acc=int8");
  EXPECT_EQ(Canonical("exact@bf16+order=ascending+chunk=007+acc=float( 5 , 10 )"),
            "exact@bf16+acc=fp16+chunk=7");
}

TEST(ParseArithmetic, ReadsAFormatForEachOperand) {
  const Arithmetic posits = ParseArithmetic("exact@posit(8,2)xposit(8,1)");
  EXPECT_EQ(posits.format, OperandFormats(PositFormat{8, 2}, PositFormat{8, 1}));
  EXPECT_EQ(posits.mantissa_bits(), 4);
  EXPECT_EQ(posits.posit_format(), nullptr);
  const Arithmetic floats = ParseArithmetic("mbm@e5m2xe4m3");
  EXPECT_EQ(floats.format, OperandFormats(kE5m2, kE4m3));
  EXPECT_EQ(floats.mantissa_bits(), 3);
  // Of two formats, neither is the one that mbm truncates into.
  EXPECT_EQ(floats.rounding, Rounding::kNearestEven);
  EXPECT_EQ(floats.result, ResultRounding::kFull);
  EXPECT_EQ(ParseArithmetic("exact@bf16xposit(16,1)").mantissa_bits(), 12);
  const Arithmetic fixed = ParseArithmetic("exact@fixed(4,11)xint8");
  EXPECT_TRUE(fixed.is_integer());
  EXPECT_EQ(fixed.integer_formats(), IntegerFormats({16, true}, {8, true}));
  EXPECT_EQ(ParseArithmetic("drum(4)@dfx(12)").integer_formats(), IntegerFormats({12, true}));
  EXPECT_EQ(ParseArithmetic("exact@bf16xbf16").format, OperandFormats(kBf16));
}

TEST(ParseArithmetic, ReadsARoundingAndAScalingForEachOperand) {
  using enum Rounding;
  using enum Scaling::Kind;
  const Arithmetic arithmetic =
      ParseArithmetic("exact@posit(8,2)xe4m3+round=zero/stochastic+scale=center/max");
  EXPECT_EQ(arithmetic.rounding, PerOperand(kTowardZero, kStochastic));
  EXPECT_EQ(arithmetic.scaling, PerOperand(Scaling{kCenter, 2}, Scaling{kMax}));
  EXPECT_EQ(ParseArithmetic("exact@e4m3+scale=center(0)").scaling, (Scaling{kCenter, 0}));
  EXPECT_EQ(ParseArithmetic("exact@posit(8,1)+scale=power(-4)/none").scaling,
            PerOperand(Scaling{kPower, -4}, Scaling{}));
  EXPECT_EQ(ParseArithmetic("exact@int8").scaling, Scaling{kMax});
  EXPECT_EQ(ParseArithmetic("exact@int8xfixed(4,3)").scaling, PerOperand(Scaling{kMax}, Scaling{}));
  EXPECT_EQ(ParseArithmetic("exact@uint8+scale=affine").scaling, Scaling{kAffine});
  EXPECT_EQ(ParseArithmetic("exact@uint8+scale=affine/affine( channel )").scaling,
            PerOperand(Scaling{kAffine}, Scaling{.kind = kAffine, .per_channel = true}));
  for (const char* spec : {"exact@uint8xint8+scale=affine/max(channel)",
                           "drum(k=4)@int8+scale=max/max(channel)", "exact@uint8+scale=affine"}) {
    EXPECT_EQ(Print(ParseArithmetic(spec)), spec);
  }
}

TEST(ParseArithmetic, ReadsBlockFormats) {
  const Arithmetic mx = ParseArithmetic("mitchell@mxfp8(e4m3)xmxfp8(e5m2)");
  EXPECT_TRUE(mx.is_block());
  const Arithmetic elements = ElementArithmetic(mx);
  EXPECT_EQ(elements.mantissa_bits(), 3);
  EXPECT_EQ(elements.multiplier.family, "mitchell");
  EXPECT_EQ(ParseArithmetic("exact@mxfp8").format, ParseArithmetic("exact@mxfp8(e4m3)").format);
  EXPECT_EQ(Print(ElementArithmetic(ParseArithmetic("drum(k=4)@mxint8"))), "drum(k=4)@int8");
  EXPECT_EQ(Print(ElementArithmetic(ParseArithmetic("exact@bfp(12,16)+sign=twos"))),
            "exact@int12+sign=twos");
  EXPECT_EQ(ElementArithmetic(ParseArithmetic("exact@mxfp4")).mantissa_bits(), 1);
}

TEST(ParseFormat, ReadsEveryKind) {
  for (const char* name :
       {"fp32", "e4m3", "float(4,3)", "posit(8,1)", "uint4", "int16", "fixed(-3,11)", "dfx(32)",
        "mxfp8(e5m2)", "mxfp6(e2m3)", "mxfp4", "mxint8", "bfp(24,16)", "fixed(8,23)"}) {
    EXPECT_EQ(Name(ParseFormat(name)), name);
  }
  EXPECT_THROW(ParseFormat("bf16xbf16"), SpecError);
  EXPECT_THROW(ParseFormat("bf16+round=zero"), SpecError);
}

TEST(ParseTensorFormat, IsTheInverseOfPrint) {
  for (const char* text : {"posit(8,2)+round=zero+scale=center", "bf16+round=stochastic",
                           "int8+scale=power(-7)", "e4m3+scale=max", "uint8+scale=affine",
                           "fixed(4,11)+round=half-up", "posit(16,1)+scale=center(-1)", "mxfp4"}) {
    EXPECT_EQ(Print(ParseTensorFormat(text)), text);
  }
  EXPECT_EQ(ParseTensorFormat("int8"), ParseTensorFormat("int8 + scale = max"));
  for (const char* bad : {"bf16+rond=zero", "posit(8,1)+scale=max", "int8+scale=none", "bf16 int8",
                          "fixed(4,11)+scale=power(1)", "bf16+scale=power", "bf16+scale=affine",
                          "int8+scale=max(channel)", ""}) {
    EXPECT_THROW(ParseTensorFormat(bad), SpecError) << bad;
  }
}

TEST(Print, IsCanonical) {
  for (const auto& [spec, canonical] : std::vector<std::pair<const char*, const char*>>{
           {"mitchell@bf16", "mitchell@bf16"},
           {" mitchell @ bf16 ", "mitchell@bf16"},
           {"drum(6)@fp16", "drum(k=6)@fp16"},
           {"drum ( k = 006 ) @ float ( 5 , 10 )", "drum(k=6)@fp16"},
           {"mbm(t=0)@bf16", "mbm@bf16"},
           {"mbm(2)@bf16", "mbm(t=2)@bf16"},
           {"realm(8)@bf16", "realm(m=8)@bf16"},
           {"realm(t=1,m=4)@bf16", "realm(m=4,t=1)@bf16"},
           {"tosam(1, 5)@fp16", "tosam(t=1,h=5)@fp16"},
           {"low_drop(q=2,p=3)@e4m3", "low_drop(p=3,q=2)@e4m3"},
           {"exact@float(4,3)", "exact@float(4,3)"},
           {"exact @ posit ( 016 , 1 )", "exact@posit(16,1)"},
           {"mbm@posit(8,2)+acc=fp32+result=full+round=nearest", "mbm@posit(8,2)"},
           {"exact@posit(8,0)+result=nearest+round=stochastic",
            "exact@posit(8,0)+round=stochastic+result=nearest"},
           {"exact@float(8,7)", "exact@bf16"},
           {"exact@bf16 x bf16", "exact@bf16"},
           {"exact@posit(8,2) x posit(8,1)+scale=center(2)",
            "exact@posit(8,2)xposit(8,1)+scale=center"},
           {"exact@e5m2xe4m3+round=zero/zero+scale=none", "exact@e5m2xe4m3+round=zero"},
           {"exact@bf16+scale=none/power(3)", "exact@bf16+scale=none/power(3)"},
           {"exact@mxfp8xmxfp8(e5m2)", "exact@mxfp8(e4m3)xmxfp8(e5m2)"},
           {"exact@mxint8", "exact@mxint8"},
           {"exact@bfp(8,32)", "exact@mxint8"},
           {"exact@dfx(16)xfixed(4,11)", "exact@dfx(16)xfixed(4,11)"},
           {"exact@int8xfixed(2,5)+scale=max/none", "exact@int8xfixed(2,5)"},
           {"exact@float(5,2)", "exact@e5m2"},
           {"exact@bf16+round=nearest+result=full+overflow=inf+acc=fp32", "exact@bf16"},
           {"mbm@bf16+round=zero+result=zero", "mbm@bf16"},
           {"mbm@bf16+order=any+round=nearest", "mbm@bf16+round=nearest+order=any"},
           {"mbm@bf16+order=ascending", "mbm@bf16"},
           {"exact@e4m3+overflow=saturate", "exact@e4m3"},
           {"exact@e4m3\t+\noverflow = nan", "exact@e4m3+overflow=nan"},
           {"mbm@bf16 + overflow=saturate + result=full + round=stochastic",
            "mbm@bf16+round=stochastic+result=full+overflow=saturate"},
           {"table: my file@home/x+y_7.bin @ bf16 + round=nearest",
            "table:my file@home/x+y_7.bin@bf16+round=nearest"},
           {"table : t_3.bin@float(8,3)", "table:t_3.bin@float(8,3)"},
           {"c: a b.c#mul8u @ uint8", "c:a b.c#mul8u@uint8"},
           {"c:a#b@c.cc#ns::f<3>@int8 + sign=twos", "c:a#b@c.cc#ns::f<3>@int8"},
           {"verilog:m.v#top@int8+sign=magnitude", "verilog:m.v#top@int8+sign=magnitude"},
           {"verilog:m.v@bf16+result=full+round=nearest", "verilog:m.v@bf16"},
           {"table:t.npy@int8", "table:t.npy@int8"},
           {"exact@uint8xint4", "exact@uint8xint4"},
           {"exact @ uint8 x int4 + round = zero", "exact@uint8xint4+round=zero"},
           {"exact@int8xint8", "exact@int8"},
           {"mitchell@int8xuint8+sign=magnitude", "mitchell@int8xuint8"},
           {"mitchell@uint8xint8+sign=twos", "mitchell@uint8xint8+sign=twos"},
           {"table:mul8x4.npy@uint8xuint4", "table:mul8x4.npy@uint8xuint4"},
           {"c:f.c#f@int8xint4+sign=twos", "c:f.c#f@int8xint4"},
           {"c:a@uint8xint4.c#f@uint4xint8+sign=magnitude",
            "c:a@uint8xint4.c#f@uint4xint8+sign=magnitude"},
           {"verilog:m.v@uint16xuint4", "verilog:m.v@uint16xuint4"}}) {
    EXPECT_EQ(Canonical(spec), canonical) << spec;
    EXPECT_EQ(Canonical(canonical), canonical);
  }
}

// Every family with each value of each parameter, the others being customary, in every format, with
// every combination of options.
TEST(Print, IsReadBackAsTheSameValue) {
  std::vector<Multiplier> multipliers = {{"table", {}, "a b/@+(x)_7.bin"},
                                         {"c", {}, "a#b/@.c", "ns::f<1, 2>"},
                                         {"verilog", {}, "m@1.v", "top"},
                                         {"verilog", {}, "m.v"}};
  for (const MultiplierFamily& family : MultiplierFamilies()) {
    Multiplier customary{family.name, {}, {}};
    for (const Parameter& parameter : family.parameters) {
      customary.values.push_back(parameter.default_value);
    }
    multipliers.push_back(customary);
    for (size_t i = 0; i < family.parameters.size(); ++i) {
      Multiplier multiplier = customary;
      const Parameter& parameter = family.parameters[i];
      for (int value = parameter.minimum; value <= parameter.maximum; ++value) {
        multiplier.values[i] = value;
        multipliers.push_back(multiplier);
      }
    }
  }
  std::vector<FloatFormat> formats;
  for (const NamedFormat& named : NamedFormats()) formats.push_back(named.format);
  for (int e = 2; e <= 8; ++e) {
    for (int m = 0; m <= 23; ++m) formats.push_back(MakeFloatFormat(e, m));
  }

  int64_t count = 0;
  for (const Multiplier& multiplier : multipliers) {
    for (FloatFormat format : formats) {
      if (!IsImported(multiplier.family)) {
        try {
          MakeModel(multiplier, {format.mantissa_bits + 1, true, 0});
        } catch (const UsageError&) {
          continue;  // Parameters that do not fit cannot be parsed either.
        }
      }
      const int64_t turn = count++ % 18;
      format.overflow = turn % 2 == 0 ? Overflow::kSpecial : Overflow::kSaturate;
      const Arithmetic value{.native = false,
                             .multiplier = multiplier,
                             .format = format,
                             .rounding = static_cast<Rounding>(turn / 2 % 3),
                             .result = static_cast<ResultRounding>(turn / 6),
                             .sign = SignHandling::kMagnitude};
      const std::string spec = Print(value);
      ASSERT_EQ(ParseArithmetic(spec), value) << spec;
      ASSERT_EQ(Canonical(spec), spec);
    }
  }
  EXPECT_GT(count, 3000);
}

TEST(Print, IsReadBackForPositFormats) {
  int count = 0;
  for (int bits = PositFormat::kMinBits; bits <= PositFormat::kMaxBits; ++bits) {
    for (int exponent_bits = 0; exponent_bits <= 6; ++exponent_bits) {
      const PositFormat format{bits, exponent_bits};
      if (WhyNotCarried(format)) continue;
      for (const char* multiplier : {"exact", "mitchell", "mbm", "table:a@b_3.bin"}) {
        for (const char* options :
             {"", "+round=zero", "+round=stochastic+result=zero", "+result=nearest"}) {
          const std::string spec = fmt::format("{}@{}{}", multiplier, Name(format), options);
          EXPECT_EQ(Canonical(spec), spec);
          ++count;
        }
      }
    }
  }
  EXPECT_GT(count, 1000);
}

TEST(Print, IsReadBackForIntegerFormats) {
  for (int bits = IntegerFormat::kMinBits; bits <= IntegerFormat::kMaxBits; ++bits) {
    for (const char* options : {"", "+round=zero", "+round=stochastic"}) {
      for (const char* multiplier : {"exact", "mbm(t=1)", "drum(k=4)"}) {
        const std::string spec = fmt::format("{}@uint{}{}", multiplier, bits, options);
        EXPECT_EQ(Canonical(spec), spec);
        const std::string with_sign =
            fmt::format("{}@int{}{}+sign=twos", multiplier, bits, options);
        EXPECT_EQ(Canonical(with_sign), with_sign);
      }
    }
  }
  EXPECT_EQ(Canonical("exact@int8+sign=magnitude+round=nearest"), "exact@int8");
  EXPECT_TRUE(ParseArithmetic("exact@int8").is_integer());
}

TEST(Print, IsReadBackForEveryPairOfIntegerFormats) {
  std::vector<IntegerFormat> formats;
  for (int bits = IntegerFormat::kMinBits; bits <= IntegerFormat::kMaxBits; ++bits) {
    for (const bool is_signed : {false, true}) formats.push_back({bits, is_signed});
  }
  for (const IntegerFormat& first : formats) {
    for (const IntegerFormat& second : formats) {
      for (const char* multiplier : {"exact", "table:a@b.npy", "c:f.c#f"}) {
        const std::string named =
            fmt::format("{}@{}x{}+round=zero", multiplier, Name(first), Name(second));
        const Arithmetic arithmetic = ParseArithmetic(named);
        EXPECT_EQ(arithmetic.integer_formats(), IntegerFormats(first, second));
        EXPECT_EQ(arithmetic.format_of(OperandIndex::kFirst), Format(first));
        EXPECT_EQ(arithmetic.format_of(OperandIndex::kSecond), Format(second));
        const std::string spec = Print(arithmetic);
        EXPECT_EQ(spec == named, first != second) << spec;
        EXPECT_EQ(ParseArithmetic(spec), arithmetic) << spec;
      }
    }
  }
}

TEST(MakeIntegerMultiplier, PutsTheSignWhereTheFormatAndTheOptionSay) {
  const auto product = [](const char* spec, int a, int b) {
    return MakeIntegerMultiplier(ParseArithmetic(spec))(a, b);
  };
  EXPECT_EQ(product("exact@uint8", 255, 255), 65025);
  EXPECT_EQ(product("exact@int8", -128, -128), 16384);
  EXPECT_EQ(product("exact@int8", -128, 127), -16256);
  // Mitchell's 3·3 is 8, of either sign.
  EXPECT_EQ(product("mitchell@int8", -3, 3), -8);
  // In two's complement an unsigned array takes -1 for 255; the low 16 bits are the encoding.
  EXPECT_EQ(product("exact@int8+sign=twos", -1, 1), 255);
  EXPECT_EQ(product("exact@int8+sign=twos", -1, -1), 65025 - 65536);
  // Each operand has its own sign and width; the model is that of the wider one.
  EXPECT_EQ(product("exact@uint8xint8", 255, -128), -32640);
  EXPECT_EQ(product("exact@int8xuint8", -128, 255), -32640);
  EXPECT_EQ(product("mitchell@uint8xint4", 3, -3), -8);
  EXPECT_EQ(product("mitchell@int4xuint8", -3, 3), -8);
  EXPECT_EQ(product("low_drop(p=2,q=1)@uint8xint4", 7, -3), -(7 * 3 - 3 * 1));
  EXPECT_EQ(product("etm@uint8xuint4", 255, 15), product("etm@uint8", 255, 15));
  EXPECT_NE(product("etm@uint4xuint4", 15, 15), product("etm@uint8", 15, 15));
  // -1 is 15 of 4 bits or 255 of 8; the low 12 bits are the product.
  EXPECT_EQ(product("exact@uint8xint4+sign=twos", 10, -1), 150);
  EXPECT_EQ(product("exact@int8xuint4+sign=twos", -1, 15), 255 * 15 - 4096);
  EXPECT_THROW(MakeIntegerMultiplier(ParseArithmetic("exact@bf16")), Error);
  EXPECT_THROW(MakeFloatMultiplier(ParseArithmetic("exact@int8")), Error);
}

TEST(Print, RefusesAFamilyThatDoesNotExist) {
  EXPECT_THROW(Print(Arithmetic{.native = false,
                                .multiplier = {"wallace", {}, {}},
                                .format = kBf16,
                                .rounding = Rounding::kNearestEven,
                                .result = ResultRounding::kFull,
                                .sign = SignHandling::kMagnitude}),
               UsageError);
}

TEST(MakeFloatMultiplier, IsTheMultiplierOfTheSpecification) {
  const auto product = [](const char* spec, float a, float b) {
    return MakeFloatMultiplier(ParseArithmetic(spec))(a, b);
  };
  EXPECT_EQ(product("exact@bf16", 0x1.02p0f, 0x1.02p0f), 0x1.0404p0f);
  EXPECT_EQ(product("exact@bf16+result=zero", 0x1.02p0f, 0x1.02p0f), 0x1.04p0f);
  EXPECT_EQ(product("mitchell@bf16", 1.5f, -1.5f), -2.0f);
  // The significands' three bits from the leading one, the lowest set: 1.25·8 for 9, 1.25·2 for 2.
  EXPECT_EQ(product("drum(3)@fp16", 9.0f, 2.0f), 10.0f * 2.5f);
}

TEST(MakeFloatMultiplier, SetsMbmsLowestBitOnlyWhereOperandsAreTruncated) {
  const auto one_times_one = [](const char* spec) {
    return MakeFloatMultiplier(ParseArithmetic(spec))(1.0f, 1.0f);
  };
  EXPECT_EQ(one_times_one("mbm@bf16"), 1 + 12 / 128.0f);
  EXPECT_EQ(one_times_one("mbm@bf16+round=nearest"), 1 + 10 / 128.0f);
  EXPECT_EQ(one_times_one("mbm@bf16+round=stochastic"), 1 + 10 / 128.0f);
  EXPECT_EQ(one_times_one("mbm@fp32"), 1 + 10 / 128.0f);
}

// How many bits are dropped from a posit depends on its exponent: mbm sets no lowest bit.
TEST(MakeFloatMultiplier, TellsTheModelOfPositsNothingOfDroppedBits) {
  for (const char* spec : {"mbm@posit(10,0)", "mbm@posit(10,0)+round=zero"}) {
    EXPECT_EQ(MakeFloatMultiplier(ParseArithmetic(spec))(1.0f, 1.0f), 1 + 10 / 128.0f) << spec;
  }
}

TEST(MakeFloatMultiplier, OpensTableFiles) {
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("mulberry_arithmetic_" + std::to_string(::getpid()) + "_7.bin"))
                               .string();
  const FloatMultiplier mbm = MakeFloatMultiplier(ParseArithmetic("mbm@bf16"));
  WriteApproxTrainTable(MakeMantissaTable(mbm), path);
  const FloatMultiplier imported =
      MakeFloatMultiplier(ParseArithmetic(fmt::format("table:{}@bf16", path)));
  EXPECT_EQ(MakeMantissaTable(imported).products, MakeMantissaTable(mbm).products);
  EXPECT_THROW(MakeFloatMultiplier(ParseArithmetic(fmt::format("table:{}@fp16", path))), Error);
  std::filesystem::remove(path);
  EXPECT_THROW(MakeFloatMultiplier(ParseArithmetic(fmt::format("table:{}@bf16", path))), Error);
}

TEST(MakeFloatMultiplier, RefusesNativeArithmetic) {
  EXPECT_THROW(MakeFloatMultiplier(ParseArithmetic("fp32")), Error);
}

}  // namespace
}  // namespace mulberry
