// Specifications that are wrong: where the caret stands, what is said, and that no text whatever
// does anything but parse or throw SpecError.
#include <gtest/gtest.h>

#include <random>

#include "mulberry/arithmetic/arithmetic.h"

namespace mulberry {
namespace {

constexpr const char* kMultipliers =
    "exact, mitchell, mbm, realm(m=), alm_soa(m=), alm_loa(m=), drum(k=), ssm(m=), essm(m=), "
    "tosam(t=,h=), letam(k=), roba, bam(v=,h=), truncated(v=), rounded(v=), kulkarni, etm, "
    "low_drop(p=,q=), noise(mre=), table:FILE, c:FILE#FUNCTION, verilog:FILE#MODULE, or a format "
    "alone: fp32";
constexpr const char* kFormats =
    "fp32, tf32, bf16, fp16, e5m2, e4m3, float(e,m), posit(n,es), uint4 to uint16, int4 to int16, "
    "fixed(il,fl), dfx(n), mxfp8(e4m3), mxfp8(e5m2), mxfp6(e3m2), mxfp6(e2m3), mxfp4, mxint8, "
    "bfp(m,block), or FIRSTxSECOND of these";
constexpr const char* kSecondFormats = "a format that can be multiplied with the first";
constexpr const char* kNarrower =
    "a narrower format; a tensor rounded to fixed point of up to 32 bits can be multiplied as "
    "exact@fp32";
constexpr const char* kAtFormat = "@ and a format, such as @bf16";
constexpr const char* kNoise = "noise(mre=1.4%), noise(sd=1.8%) or noise(file=FILE)";
constexpr const char* kNoiseArguments = "mre=P%, sd=P% or file=FILE, and bias=P%, on=";
constexpr const char* kPerCent = "0% to 100%, such as 1.4%";
constexpr const char* kOptions =
    "round=, scale=, result=, overflow=, acc=, chunk=, acc-round=, acc-overflow=, adder=, order=; "
    "each "
    "once";
constexpr const char* kPositOptions =
    "round=, scale=, result=, acc=, chunk=, acc-round=, acc-overflow=, adder=, order=; each once";
constexpr const char* kFloatAccumulators =
    "fp32, tf32, bf16, fp16, e5m2, e4m3, float(e,m), fixed(il,fl), quire";
constexpr const char* kIntegerAccumulators = "int2 to int64";
constexpr const char* kWordSizes = "fixed(il,fl) with 1 <= il + fl <= 63, such as fixed(7,24)";
constexpr const char* kPosits =
    "posit(n,es) with n - es <= 26 and (n - 2)·2^es <= 126, such as posit(16,1)";

struct BadSpec {
  const char* spec;
  const char* underline;  ///< As printed, blanks included.
  const char* problem;
  const char* accepted;
};

const BadSpec kBadSpecs[] = {
    // The multiplier.
    {"", "^", "the multiplier is missing.", kMultipliers},
    {"  ", "  ^", "the multiplier is missing.", kMultipliers},
    {"@bf16", "^", "the multiplier is missing.", kMultipliers},
    {"mitchel@bf16", "^~~~~~~", "unknown multiplier \"mitchel\"; did you mean \"mitchell\"?",
     kMultipliers},
    {" Exact@bf16", " ^~~~~", "unknown multiplier \"Exact\"; did you mean \"exact\"?",
     kMultipliers},
    {"wallace@bf16", "^~~~~~~", "unknown multiplier \"wallace\".", kMultipliers},
    {"fp23", "^~~~", "unknown multiplier \"fp23\"; did you mean \"fp32\"?", kMultipliers},
    {"bf16", "^~~~", "bf16 alone says no multiplier.",
     "a multiplier and @bf16, such as exact@bf16; only fp32 stands alone"},
    {" float(4,3)", " ^~~~~", "float(4,3) alone says no multiplier.",
     "a multiplier and @float(4,3), such as exact@float(4,3); only fp32 stands alone"},
    {"bf16@mitchell", "^~~~", "bf16 is a format, and the multiplier comes first.", kMultipliers},
    {"fp32+round=zero", "    ^", "fp32 alone is LibTorch's own arithmetic, and has no options.",
     "the end; exact@fp32 is simulated, and has options"},
    {"table@bf16", "     ^", "the file of table is missing.", ":FILE, then @ and a format"},
    {"table:@bf16", "      ^", "the file of table is missing.", "FILE"},
    {"table: @bf16", "       ^", "the file of table is missing.", "FILE"},
    {"c@uint8", " ^", "the file of c is missing.", ":FILE.c#FUNCTION, then @ and a format"},
    {"c:#f@uint8", "  ^", "the file of c is missing.", "FILE.c#FUNCTION"},
    {"c:m.c@uint8", "     ^", "the function is not named.", "#FUNCTION"},
    {"c: m.c#@uint8", "      ^", "the function is not named.", "#FUNCTION"},
    {"verilog:m.v#@uint8", "           ^", "the module is not named.",
     "#MODULE, or nothing where there is only one"},
    {"c:m.c#f", "       ^", "the operand format is missing.", kAtFormat},
    {"table:x_7.bin", "             ^", "the operand format is missing.", kAtFormat},
    // Its parameters.
    {"drum@bf16", "^~~~", "drum needs its parameter k.", "drum(k=6), with k from 3 to 24"},
    {"drum()@bf16", "     ^", "drum's k is missing.", "3 to 24"},
    {"drum(k=)@bf16", "       ^", "drum's k is missing.", "3 to 24"},
    {"drum(k=six)@bf16", "       ^~~", "drum's k is not a whole number.", "3 to 24"},
    {"drum(6.5)@bf16", "     ^~~", "drum's k is not a whole number.", "3 to 24"},
    {"drum(k=2)@bf16", "       ^", "drum's k is out of range.", "3 to 24"},
    {"drum(k=25)@fp32", "       ^~", "drum's k is out of range.", "3 to 24"},
    {"drum(-3)@fp32", "     ^~", "drum's k is out of range.", "3 to 24"},
    {"drum(99999999999999999999)@bf16", "     ^~~~~~~~~~~~~~~~~~~~", "drum's k is out of range.",
     "3 to 24"},
    {"drum(j=6)@bf16", "     ^", "drum has no parameter \"j\".", "k=3 to 24"},
    {"drum(6,7)@bf16", "       ^", "drum has no further parameter.", "k=3 to 24"},
    {"tosam(1)@bf16", "^~~~~", "tosam needs its parameter h.", "tosam(h=5), with h from 1 to 23"},
    {"tosam(h=5)@bf16", "^~~~~", "tosam needs its parameter t.", "tosam(t=1), with t from 0 to 22"},
    {"bam(4,0,1)@bf16", "        ^", "bam has no further parameter.", "v=0 to 46, h=0 to 23"},
    {"realm(m=5)@bf16", "        ^", "realm's m is 5: it is 4, 8 or 16.",
     "what fits bf16, whose significands have 8 bits"},
    {"mbm(t=2, t=3)@fp32", "         ^", "t is given twice.", "each parameter once"},
    {"drum(k=6@bf16", "        ^", "the parameters do not end.", ", or )"},
    {"exact()@bf16", "     ^", "exact has no parameters.", kAtFormat},
    {"drum(k=9)@bf16", "       ^", "drum's k is 9: operands of 8 bits allow 3 to 8.",
     "what fits bf16, whose significands have 8 bits"},
    {"drum( 9 )@bf16", "      ^", "drum's k is 9: operands of 8 bits allow 3 to 8.",
     "what fits bf16, whose significands have 8 bits"},
    {"mbm(t=7)@bf16", "      ^", "mbm's t is 7: operands of 8 bits allow 0 to 6.",
     "what fits bf16, whose significands have 8 bits"},
    {"drum(3)@float(8,1)", "     ^", "drum needs operands of 3 bits or more, not 2.",
     "what fits float(8,1), whose significands have 2 bits"},
    // Error models.
    {"nois(mre=1.4%)@fp32", "^~~~", "unknown multiplier \"nois\"; did you mean \"noise\"?",
     kMultipliers},
    {"noise@fp32", "^~~~~", "noise does not say how large the errors are.", kNoise},
    {"noise(on=steps)@fp32", "^~~~~", "noise does not say how large the errors are.", kNoise},
    {"noise()@fp32", "      ^", "the parameter of noise is missing.", kNoiseArguments},
    {"noise(1.4%)@fp32", "      ^~~", "noise has no parameter \"1.4\".", kNoiseArguments},
    {"noise(mred=1.4%)@fp32", "      ^~~~",
     "noise has no parameter \"mred\"; did you mean \"mre\"?", kNoiseArguments},
    {"noise(mre)@fp32", "         ^", "the value of mre is missing.", "= and the value"},
    {"noise(mre=)@fp32", "          ^", "noise's mre is missing.", kPerCent},
    {"noise(mre=1.4)@fp32", "             ^", "noise's mre is in per cent.", "1.4%"},
    {"noise(mre=x%)@fp32", "          ^", "noise's mre is not a number.", kPerCent},
    {"noise(sd=1.8.1%)@fp32", "         ^~~~~", "noise's sd is not a number.", kPerCent},
    {"noise(mre=-1%)@fp32", "          ^~", "noise's mre is out of range.", kPerCent},
    {"noise(sd=nan%)@fp32", "         ^~~", "noise's sd is out of range.", kPerCent},
    {"noise(sd=1e999%)@fp32", "         ^~~~~", "noise's sd is out of range.", kPerCent},
    {"noise(mre=1%,bias=101%)@fp32", "                  ^~~", "noise's bias is out of range.",
     "-100% to 100%, such as 1.4%"},
    {"noise(mre=1%,sd=1%)@fp32", "             ^~", "mre has said how large the errors are.",
     "one of mre=, sd= and file="},
    {"noise(sd=1%,file=e.json)@fp32", "            ^~~~", "sd has said how large the errors are.",
     "one of mre=, sd= and file="},
    {"noise(sd=1%,sd=1%)@fp32", "            ^~", "sd is given twice.", "each parameter once"},
    {"noise(bias=1%,file=e.json)@fp32", "      ^~~~",
     "measured errors have the mean that was measured.", "bias= with mre= or sd="},
    {"noise(file=,on=steps)@fp32", "           ^", "the file of noise is missing.",
     "FILE.json that `mulberry analyze --errors` wrote"},
    {"noise(file=e.json@fp32", "                      ^", "the parameters do not end.", ", or )"},
    {"noise(mre=1%,on=weight)@fp32", "                ^~~~~~",
     "on cannot be \"weight\"; did you mean \"weights\"?", "weights, steps, products"},
    {"noise(mre=1%)", "             ^", "the operand format is missing.", "@fp32"},
    {"noise(mre=1%)@bf16", "              ^~~~",
     "the products of an error model are LibTorch's FP32 ones, and bf16 is another format.",
     "fp32"},
    {"noise(mre=1%)@fp32xbf16", "              ^~~~~~~~~",
     "the products of an error model are LibTorch's FP32 ones, and fp32xbf16 is another format.",
     "fp32"},
    {"noise(mre=1%)@fp32+round=zero", "                  ^",
     "the products of an error model are LibTorch's FP32 ones, and have no options.",
     "the end; what the errors are stands in noise(...)"},
    // The format.
    {"mitchell", "        ^", "the operand format is missing.", kAtFormat},
    {"mitchell bf16", "         ^~~~", "the operand format is missing.", kAtFormat},
    {"mitchell@", "         ^", "the operand format is missing.", kFormats},
    {"mitchell@+round=zero", "         ^", "the operand format is missing.", kFormats},
    {"mitchell@bf17", "         ^~~~", "unknown format \"bf17\"; did you mean \"bf16\"?", kFormats},
    {"mitchell@posit8", "         ^~~~~~", "unknown format \"posit8\"; did you mean \"posit\"?",
     kFormats},
    {"exact@posti(8,1)", "      ^~~~~", "unknown format \"posti\"; did you mean \"posit\"?",
     kFormats},
    {"exact@posit", "           ^", "the sizes of the format are missing.",
     "(n,es), such as posit(16,1)"},
    {"exact@posit(1,0)", "            ^", "the number of bits is out of range.", "2 to 32"},
    {"exact@posit(33,2)", "            ^~", "the number of bits is out of range.", "2 to 32"},
    {"exact@posit(8,7)", "              ^", "the number of exponent bits is out of range.",
     "0 to 6"},
    {"exact@posit(8)", "             ^", "the number of exponent bits is missing.", ", and 0 to 6"},
    {"exact@posit(8,1", "               ^", "the sizes of the format do not end.", ")"},
    {"exact@posit(32,2)", "      ^~~~~",
     "posit(32,2) has 27 fraction bits, and FP32, which carries it, has 23.", kPosits},
    {"exact@posit(16,4)", "      ^~~~~",
     "posit(16,4) reaches down to 2^-224, and the normal numbers of FP32, which carries it, to "
     "2^-126.",
     kPosits},
    {"posit(16,1)", "^~~~~", "posit(16,1) alone says no multiplier.",
     "a multiplier and @posit(16,1), such as exact@posit(16,1); only fp32 stands alone"},
    {"drum(k=6)@posit(8,1)", "       ^", "drum's k is 6: operands of 5 bits allow 3 to 5.",
     "what fits posit(8,1), whose significands have 5 bits"},
    {"exact@float", "           ^", "the sizes of the format are missing.",
     "(e,m), such as float(4,3)"},
    {"exact@float(9,3)", "            ^", "the number of exponent bits is out of range.", "2 to 8"},
    {"exact@float(1,3)", "            ^", "the number of exponent bits is out of range.", "2 to 8"},
    {"exact@float(8,24)", "              ^~", "the number of mantissa bits is out of range.",
     "0 to 23"},
    {"exact@float(8)", "             ^", "the number of mantissa bits is missing.",
     ", and 0 to 23"},
    {"exact@float(8,7", "               ^", "the sizes of the format do not end.", ")"},
    {"table:a@b@bf17", "          ^~~~", "unknown format \"bf17\"; did you mean \"bf16\"?",
     kFormats},
    {"exact@uint8x", "            ^", "the operand format is missing.", kFormats},
    {"exact@uint8x+round=zero", "            ^", "the operand format is missing.", kFormats},
    {"exact@uint8xint3", "            ^~~~", "unknown format \"int3\"; did you mean \"int8\"?",
     kFormats},
    {"exact@uint8 x unt8", "              ^~~~", "unknown format \"unt8\"; did you mean \"int8\"?",
     kFormats},
    {"exact@uint8xbf16", "            ^~~~",
     "bf16 is none of the integers and fixed point, of which the first operand's uint8 is.",
     kSecondFormats},
    {"exact@posit(8,1)xmxfp4", "                 ^~~~~",
     "mxfp4 is none of the floats and posits, of which the first operand's posit(8,1) is.",
     kSecondFormats},
    {"exact@mxint8xbfp(8,16)", "             ^~~", "blocks of 32 meet blocks of 16 elements.",
     kSecondFormats},
    {"exact@mxint8xmxfp4", "             ^~~~~", "integer elements meet floats.", kSecondFormats},
    {"exact@fixed(8,23)", "      ^~~~~",
     "fixed(8,23) cannot be multiplied: products are of integers of 4 to 16 bits, the sign "
     "included.",
     kNarrower},
    {"exact@int8xdfx(32)", "           ^~~",
     "dfx(32) cannot be multiplied: products are of integers of 4 to 16 bits, the sign included.",
     kNarrower},
    {"exact@bfp(2,32)", "      ^~~",
     "bfp(2,32) cannot be multiplied: products are of integers of 4 to 16 bits, the sign "
     "included.",
     kNarrower},
    {"exact@fixed(20,20)", "      ^~~~~", "fixed(20,20) has 40 bits without the sign.",
     "fixed(il,fl) with il + fl from 1 to 31"},
    {"exact@mxfp8(e3m2)", "            ^~~~", "mxfp8 cannot be \"e3m2\"; did you mean \"e5m2\"?",
     "e4m3, e5m2"},
    {"exact@dfx", "         ^", "the sizes of the format are missing.",
     "(n), such as dfx(16), the sign included"},
    {"exact@uint3xint8", "      ^~~~~", "unknown format \"uint3\"; did you mean \"uint8\"?",
     kFormats},
    {"exact@bf16xint8", "           ^~~~",
     "int8 is none of the floats and posits, of which the first operand's bf16 is.",
     kSecondFormats},
    {"exact@uint8xuint4xuint4", "                 ^~~~~~",
     "this does not continue a specification.", "+ and an option, or the end"},
    {"table:t.npy@uint8xuin4", "                  ^~~~", "unknown format \"uin4\".", kFormats},
    {"uint8xuint4", "^~~~~~~~~~~", "uint8xuint4 alone says no multiplier.",
     "a multiplier and @uint8xuint4, such as exact@uint8xuint4; only fp32 stands alone"},
    {"drum(k=9)@uint4xint8", "       ^", "drum's k is 9: operands of 8 bits allow 3 to 8.",
     "what fits uint4xint8, whose operands have 4 and 8 bits"},
    // The options.
    {"exact@bf16 round=zero", "           ^~~~~", "this does not continue a specification.",
     "+ and an option, or the end"},
    {"exact@bf16@fp16", "          ^", "this does not continue a specification.",
     "+ and an option, or the end"},
    {"exact@bf16+", "           ^", "the option is missing.", kOptions},
    {"exact@bf16+rond=zero", "           ^~~~",
     "bf16 has no option \"rond\"; did you mean \"round\"?", kOptions},
    {"exact@bf16+round", "                ^", "the value of round is missing.", "= and the value"},
    {"exact@bf16+round=", "                 ^", "the value of round is missing.",
     "nearest, half-up, zero, stochastic"},
    {"exact@bf16+round=zeros", "                 ^~~~~",
     "round cannot be \"zeros\"; did you mean \"zero\"?", "nearest, half-up, zero, stochastic"},
    {"exact@bf16+result=stochastic", "                  ^~~~~~~~~~",
     "result cannot be \"stochastic\".", "full, nearest, zero"},
    {"exact@bf16+round=zero+round=zero", "                      ^~~~~", "round is given twice.",
     kOptions},
    {"exact@bf16+overflow=nan", "                    ^~~", "overflow cannot be \"nan\".",
     "inf, saturate"},
    {"exact@e4m3+overflow=inf", "                    ^~~", "overflow cannot be \"inf\".",
     "nan, saturate"},
    {"exact@float(4,0)+overflow=inf", "                          ^~~",
     "overflow cannot be \"inf\".", "nan, saturate"},
    {"exact@posit(8,1)+overflow=inf", "                 ^~~~~~~~",
     "posit(8,1) has no option \"overflow\".", kPositOptions},
    {"exact@int8+result=full", "           ^~~~~~", "int8 has no option \"result\".",
     "round=, scale=, sign=, acc=, acc-overflow=, adder=; each once"},
    {"exact@fixed(3,4)+scale=max", "                 ^~~~~", "fixed(3,4) has no option \"scale\".",
     "round=, sign=, acc=, acc-overflow=, adder=; each once"},
    {"exact@bf16+scale=mean", "                 ^~~~", "scale cannot be \"mean\".",
     "none, max, center, power"},
    {"exact@posit(8,1)+scale=max", "                       ^~~", "scale cannot be \"max\".",
     "none, center, power"},
    {"exact@int8+scale=none", "                 ^~~~", "scale cannot be \"none\".",
     "max, affine, power"},
    {"exact@bf16+scale=affine", "                 ^~~~~~", "scale cannot be \"affine\".",
     "none, max, center, power"},
    {"exact@int8+scale=max(channel)", "                     ^~~~~~~",
     "the first operand, in the forward product the activation, is summed over its channels.",
     "channels of the second operand alone, as in scale=max/max(channel)"},
    {"exact@int8+scale=max/max(row)", "                         ^~~", "scale cannot be \"row\".",
     "channel"},
    {"exact@int8+scale=max/power(channel)", "                           ^~~~~~~",
     "the exponent is not a whole number.", "-60 to 60"},
    {"exact@bf16+scale=power", "                      ^", "the exponent is missing.",
     "(k), such as power(-4), for 2^k"},
    {"exact@bf16+scale=center(99)", "                        ^~", "the exponent is out of range.",
     "-60 to 60"},
    {"exact@bf16+round=zero/", "                      ^", "the value of round is missing.",
     "nearest, half-up, zero, stochastic"},
    {"exact@mxfp4+round=stochastic", "                  ^~~~~~~~~~",
     "blocks are rounded within each product, which has no random numbers.",
     "nearest, half-up, zero"},
    {"exact@bf16xfp16+result=zero", "                       ^~~~",
     "bf16xfp16 leaves open which of its formats a product is rounded to.",
     "full, or one format for both operands"},
    {"exact@mxint8+acc=fp32", "             ^~~", "mxint8 has no option \"acc\".",
     "round=, sign=; each once"},
    {"exact@uint8+sign=twos", "            ^~~~", "uint8 has no option \"sign\".",
     "round=, scale=, acc=, acc-overflow=, adder=; each once"},
    {"exact@uint8xuint4+sign=twos", "                  ^~~~", "uint8xuint4 has no option \"sign\".",
     "round=, scale=, acc=, acc-overflow=, adder=; each once"},
    {"exact@uint8xint4+overflow=inf", "                 ^~~~~~~~",
     "uint8xint4 has no option \"overflow\".",
     "round=, scale=, sign=, acc=, acc-overflow=, adder=; each once"},
    {"exact@uint3", "      ^~~~~", "unknown format \"uint3\"; did you mean \"uint8\"?", kFormats},
    // The accumulator.
    {"exact@bf16+acc=", "               ^", "the value of acc is missing.", kFloatAccumulators},
    {"exact@bf16+acc=fp61", "               ^~~~", "acc cannot be \"fp61\"; did you mean \"fp16\"?",
     kFloatAccumulators},
    {"exact@posit(8,1)+acc=posit(16,1)", "                     ^~~~~", "acc cannot be \"posit\".",
     kFloatAccumulators},
    {"exact@bf16+acc=float(9,3)", "                     ^",
     "the number of exponent bits is out of range.", "2 to 8"},
    {"exact@bf16+acc=fixed", "                    ^", "the sizes of the accumulator are missing.",
     "(il,fl) with 1 <= il + fl <= 63, such as fixed(7,24)"},
    {"exact@bf16+acc=fixed(8)", "                      ^",
     "the number of fraction bits is missing.", ", and -94 to 94"},
    {"exact@bf16+acc=fixed(8,95)", "                       ^~",
     "the number of fraction bits is out of range.", "-94 to 94"},
    {"exact@bf16+acc=fixed(8,56)", "               ^~~~~", "fixed(8,56) has 65 bits with its sign.",
     kWordSizes},
    {"exact@bf16+acc=fixed(-8,8)", "               ^~~~~", "fixed(-8,8) has 1 bits with its sign.",
     kWordSizes},
    {"exact@bf16+acc=fixed(8,8", "                        ^",
     "the sizes of the accumulator do not end.", ")"},
    {"exact@bf16+acc=int32", "               ^~~~~",
     "int32 sums products of integers, and those of bf16 are none.", kFloatAccumulators},
    {"exact@int8+acc=fp16", "               ^~~~",
     "fp16 sums products of floats and posits, and those of int8 are integers.",
     kIntegerAccumulators},
    {"exact@int8+acc=fixed(8,8)", "               ^~~~~",
     "fixed sums products of floats and posits, and those of int8 are integers.",
     kIntegerAccumulators},
    {"exact@fixed(3,4)+acc=fixed(8,8)", "                     ^~~~~",
     "fixed sums products of floats and posits, and those of fixed(3,4) are integers.",
     kIntegerAccumulators},
    {"exact@uint8xint4+acc=quire", "                     ^~~~~",
     "quire is the exact sum, and that of products of uint8xint4 is exact already.",
     "int2 to int64, or no acc="},
    {"exact@int8+acc=int65", "               ^~~~~", "acc cannot be \"int65\".",
     kIntegerAccumulators},
    {"exact@int8+acc=int1", "               ^~~~", "acc cannot be \"int1\"; did you mean \"int8\"?",
     kIntegerAccumulators},
    {"exact@int8+acc=int08", "               ^~~~~",
     "acc cannot be \"int08\"; did you mean \"int8\"?", kIntegerAccumulators},
    {"exact@int8+acc=", "               ^", "the value of acc is missing.", kIntegerAccumulators},
    {"exact@bf16+acc=fp16+chunk=0", "                          ^",
     "the length of a chunk is out of range.", "1 to 1073741824"},
    {"exact@posit(8,1)+acc=quire+chunk=8", "                           ^~~~~",
     "chunks are of sums that are rounded into a float format, and the accumulator is quire.",
     "no chunk=, or acc=fp16 or another float format"},
    {"exact@bf16+chunk=8+acc=fixed(8,8)", "           ^~~~~",
     "chunks are of sums that are rounded into a float format, and the accumulator is fixed(8,8).",
     "no chunk=, or acc=fp16 or another float format"},
    {"exact@int8+chunk=8", "           ^~~~~", "int8 has no option \"chunk\".",
     "round=, scale=, sign=, acc=, acc-overflow=, adder=; each once"},
    {"exact@bf16+acc-round=stochastic", "                     ^~~~~~~~~~",
     "acc-round cannot be \"stochastic\".", "nearest, zero"},
    {"exact@bf16+acc=quire+acc-round=zero", "                     ^~~~~~~~~",
     "acc-round= rounds after every addition, and the accumulator is quire.", "no acc-round="},
    {"exact@bf16+acc=fp16+acc-overflow=wrap", "                    ^~~~~~~~~~~~",
     "acc-overflow= is of words, and the accumulator is fp16.", "acc=fixed(7,24) or another word"},
    {"exact@int8+acc-overflow=wrap", "           ^~~~~~~~~~~~",
     "acc-overflow= is of words, and the accumulator is exact.", "acc=int24 or another word"},
    {"exact@bf16+adder=loa(4)", "           ^~~~~",
     "approximate adders add words, and the accumulator is fp32.",
     "acc=fixed(7,24) or another word"},
    {"exact@int8+adder=loa(4)", "           ^~~~~",
     "approximate adders add words, and the accumulator is exact.", "acc=int24 or another word"},
    {"exact@int8+acc=int8+adder=loa(8)", "                    ^~~~~",
     "the adder loa(8) leaves no bit of 8 above, and the accumulator is int8.", "k from 0 to 7"},
    {"exact@int8+acc=int8+adder=lao(2)", "                          ^~~",
     "adder cannot be \"lao\"; did you mean \"loa\"?", "loa, trunc, exact"},
    {"exact@int8+acc=int8+adder=loa", "                             ^",
     "the number of the adder's low bits is missing.", "(k), such as loa(4)"},
    {"exact@int8+acc=int8+adder=trunc(64)", "                                ^~",
     "the number of the adder's low bits is out of range.", "0 to 63"},
    {"exact@int8+acc=int8+adder=trunc(2", "                                 ^",
     "the adder does not end.", ")"},
    {"exact@bf16+order=any+acc=fp16", "           ^~~~~",
     "sums in any order are FP32's, and the accumulator is acc=fp16.",
     "order=ascending, or no other accumulator than fp32"},
    {"exact@bf16+chunk=64+order=any", "                    ^~~~~",
     "sums in any order are FP32's, and the accumulator is chunk=64.",
     "order=ascending, or no other accumulator than fp32"},
    // Text that is not plain ASCII: columns are counted in characters.
    {"mítchell@bf16", "^~~~~~~~", "unknown multiplier \"mítchell\"; did you mean \"mitchell\"?",
     kMultipliers},
    {"table:é@bf17", "        ^~~~", "unknown format \"bf17\"; did you mean \"bf16\"?", kFormats},
};

TEST(SpecError, ShowsTheFaultAndWhatWasAccepted) {
  for (const BadSpec& bad : kBadSpecs) {
    try {
      ParseArithmetic(bad.spec);
      ADD_FAILURE() << "was accepted: " << bad.spec;
    } catch (const SpecError& error) {
      EXPECT_EQ(error.what(), fmt::format("{}\n{}\n{} Accepted here: {}", bad.spec, bad.underline,
                                          bad.problem, bad.accepted));
    }
  }
}

TEST(SpecError, HasThePositionInBytes) {
  const SpecError error("table:é@bf17", 9, "x", "y");
  EXPECT_EQ(error.position(), 9u);
  EXPECT_STREQ(error.what(), "table:é@bf17\n        ^~~~\nx. Accepted here: y");
}

TEST(SpecError, StaysOnItsLines) {
  try {
    ParseArithmetic("\tex\nact\r@bf16");
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, 23), "?ex?act?@bf16\n ^~\nunkno");
  }
}

TEST(SpecError, IsAUsageError) {
  EXPECT_THROW(ParseArithmetic("x"), UsageError);
}

/// Whether `spec` parses; anything but an Arithmetic or a SpecError fails the test.
bool Parses(const std::string& spec) {
  try {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    EXPECT_EQ(ParseArithmetic(Print(arithmetic)), arithmetic) << spec;
    return true;
  } catch (const SpecError& error) {
    EXPECT_LE(error.position(), spec.size()) << spec;
    return false;
  }
}

TEST(Fuzz, RandomBytesNeverDoAnythingElse) {
  std::mt19937 random(1);
  for (int i = 0; i < 50'000; ++i) {
    std::string spec(random() % 40, ' ');
    for (char& c : spec) c = static_cast<char>(random());
    Parses(spec);
  }
}

TEST(Fuzz, RandomWordsNeverDoAnythingElse) {
  const std::vector<std::string> words = {"exact",
                                          "mitchell",
                                          "mbm",
                                          "drum",
                                          "table",
                                          "@",
                                          "+",
                                          "(",
                                          ")",
                                          ",",
                                          "=",
                                          ":",
                                          " ",
                                          "6",
                                          "t",
                                          "k",
                                          "fp32",
                                          "bf16",
                                          "float",
                                          "posit",
                                          "@posit(8,1)",
                                          "fixed(3,4)",
                                          "dfx(8)",
                                          "mxfp8",
                                          "bfp(8,16)",
                                          "/",
                                          "scale",
                                          "center",
                                          "power(1)",
                                          "e4m3",
                                          "(4,3)",
                                          "round",
                                          "zero",
                                          "result",
                                          "full",
                                          "overflow",
                                          "nan",
                                          "acc",
                                          "saturate",
                                          "7",
                                          "@bf16",
                                          "uint8",
                                          "x",
                                          "@int8xuint4",
                                          "drum(6)@fp16",
                                          "noise(",
                                          "mre=1.4%",
                                          "on=steps",
                                          ")@fp32",
                                          "+round=zero",
                                          "\xff",
                                          std::string(1, '\0')};
  std::mt19937 random(2);
  int parsed = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string spec;
    for (uint32_t n = random() % 8; n > 0; --n) spec += words[random() % words.size()];
    parsed += Parses(spec);
  }
  EXPECT_GT(parsed, 100);
}

TEST(Fuzz, DamagedSpecificationsNeverDoAnythingElse) {
  std::mt19937 random(3);
  int parsed = 0;
  for (int i = 0; i < 50'000; ++i) {
    constexpr const char* kSpecs[] = {
        "drum(k=6)@float(5,10)+round=stochastic+result=zero+overflow=saturate",
        "exact@posit(8,2)xposit(8,1)+round=zero/nearest+scale=center(3)/none",
        "noise(mre=1.4%,bias=-0.5%,on=products)@fp32", "noise(file=e.json,on=steps)@fp32"};
    std::string spec = kSpecs[i % 4];
    for (uint32_t n = 1 + random() % 3; n > 0; --n) {
      const size_t at = random() % spec.size();
      switch (random() % 3) {
        case 0:
          spec.erase(at, 1);
          break;
        case 1:
          spec.insert(at, 1, spec[random() % spec.size()]);
          break;
        default:
          spec[at] = static_cast<char>(random() % 128);
      }
    }
    parsed += Parses(spec);
  }
  EXPECT_GT(parsed, 50);
}

}  // namespace
}  // namespace mulberry
