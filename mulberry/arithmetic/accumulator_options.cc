#include "mulberry/arithmetic/accumulator_options.h"

#include <charconv>

#include "mulberry/arithmetic/format_parser.h"
#include "mulberry/arithmetic/spec.h"

namespace mulberry {
namespace {

constexpr std::string_view kIntegerWords = "int2 to int64";
constexpr std::string_view kWordSizes = "(il,fl) with 1 <= il + fl <= 63, such as fixed(7,24)";

/// n of "intn", 2 to 64; else nothing.
std::optional<int> IntegerWordBits(std::string_view word) {
  if (!word.starts_with("int")) return std::nullopt;
  const char* end = word.data() + word.size();
  int bits = 0;
  const auto [last, error] = std::from_chars(word.data() + 3, end, bits);
  if (error != std::errc() || last != end || word[3] == '0') return std::nullopt;
  if (bits < WordAccumulator::kMinBits || bits > WordAccumulator::kMaxBits) return std::nullopt;
  return bits;
}

std::string AccumulatorsOfFloats() {
  std::string list;
  for (const NamedFormat& format : NamedFormats()) list += fmt::format("{}, ", format.name);
  return list + "float(e,m), fixed(il,fl), quire";
}

bool AreIntegers(const OperandFormats& format) {
  return KindOf(format.first) == ValueKind::kIntegers;
}

std::string NameOf(const Accumulator& accumulator, const OperandFormats& format) {
  if (!std::holds_alternative<StandardAccumulator>(accumulator)) return Name(accumulator);
  return AreIntegers(format) ? "exact" : "fp32";
}

}  // namespace

Names AccumulatorOptions::Of(const OperandFormats& format) {
  switch (KindOf(format.first)) {
    case ValueKind::kSignificands:
      return {"acc", "chunk", "acc-round", "acc-overflow", "adder"};
    case ValueKind::kIntegers:
      return {"acc", "acc-overflow", "adder"};
    case ValueKind::kBlocks:
      return {};
  }
  return {};
}

void AccumulatorOptions::Read(std::string_view option, size_t start, const OperandFormats& format,
                              Scanner& scanner) {
  if (option == "acc") {
    accumulator_ = {ReadAccumulator(format, scanner), start};
  } else if (option == "chunk") {
    chunk_ = {scanner.Number("the length of a chunk", 1, FloatAccumulator::kMaxChunk), start};
  } else if (option == "acc-round") {
    using enum Rounding;
    rounding_ = {
        ScanValue<Rounding>(scanner, option,
                            {{Name(kNearestEven), kNearestEven}, {Name(kTowardZero), kTowardZero}}),
        start};
  } else if (option == "acc-overflow") {
    using enum WordOverflow;
    overflow_ = {ScanValue<WordOverflow>(scanner, option,
                                         {{Name(kSaturate), kSaturate}, {Name(kWrap), kWrap}}),
                 start};
  } else {
    adder_ = {ReadAdder(scanner), start};
  }
}

Accumulator AccumulatorOptions::ReadAccumulator(const OperandFormats& format,
                                                Scanner& scanner) const {
  const std::string_view word = scanner.Word();
  const size_t start = scanner.word_start();
  const bool integers = AreIntegers(format);
  const std::string accepted = integers ? std::string(kIntegerWords) : AccumulatorsOfFloats();
  const std::optional<int> bits = IntegerWordBits(word);
  const std::optional<FloatFormat> floats = FindFormat(word);
  const bool of_floats = floats || word == "float" || word == "fixed" || word == "quire";

  if (integers && word == "quire") {
    scanner.Fail(start,
                 fmt::format("quire is the exact sum, and that of products of {} is exact already",
                             Name(format)),
                 fmt::format("{}, or no acc=", accepted));
  }
  if (integers && of_floats) {
    scanner.Fail(start,
                 fmt::format("{} sums products of floats and posits, and those of {} are integers",
                             word, Name(format)),
                 accepted);
  }
  if (!integers && bits) {
    scanner.Fail(
        start,
        fmt::format("{} sums products of integers, and those of {} are none", word, Name(format)),
        accepted);
  }
  if (bits) return WordAccumulator{.bits = *bits};
  if (floats || word == "float") {
    scanner.Unread();
    return FloatAccumulator{.format = std::get<FloatFormat>(ScanFormat(scanner))};
  }
  if (word == "fixed") return ReadFixedSizes(scanner);
  if (word == "quire") return ExactAccumulator();
  Names names = {"int8", "int16", "int24", "int32"};
  if (!integers) {
    names = {"float", "fixed", "quire"};
    for (const NamedFormat& named : NamedFormats()) names.push_back(named.name);
  }
  scanner.Fail(start,
               word.empty() ? "the value of acc is missing" : Unknown("acc cannot be", word, names),
               accepted);
}

WordAccumulator AccumulatorOptions::ReadFixedSizes(Scanner& scanner) {
  constexpr int kMost = WordAccumulator::kMaxExponent;
  const size_t start = scanner.word_start();
  const auto [integer_bits, fraction_bits] =
      ScanSizes(scanner, "accumulator", kWordSizes, {"the number of integer bits", -kMost, kMost},
                {"the number of fraction bits", -kMost, kMost});
  const int bits = 1 + integer_bits + fraction_bits;
  if (bits < WordAccumulator::kMinBits || bits > WordAccumulator::kMaxBits) {
    scanner.Fail(
        start,
        fmt::format("fixed({},{}) has {} bits with its sign", integer_bits, fraction_bits, bits),
        fmt::format("fixed{}", kWordSizes));
  }
  return {.is_integer = false, .bits = bits, .fraction_bits = fraction_bits};
}

Adder AccumulatorOptions::ReadAdder(Scanner& scanner) {
  Adder adder;
  adder.kind = ScanValue<AdderKind>(scanner, "adder",
                                    {{"loa", AdderKind::kLowerOr},
                                     {"trunc", AdderKind::kTruncated},
                                     {"exact", AdderKind::kExact}});
  if (adder.kind == AdderKind::kExact) return adder;
  scanner.Expect('(', "the number of the adder's low bits is missing", "(k), such as loa(4)");
  adder.bits =
      scanner.Number("the number of the adder's low bits", 0, WordAccumulator::kMaxBits - 1);
  scanner.Expect(')', "the adder does not end", ")");
  return adder.bits == 0 ? Adder{} : adder;
}

Accumulator AccumulatorOptions::Finish(const OperandFormats& format, const Scanner& scanner) const {
  const bool integers = AreIntegers(format);
  Accumulator accumulator;
  if (!integers) accumulator = FloatAccumulator();
  if (accumulator_) accumulator = accumulator_->value;
  const std::string name = NameOf(accumulator, format);
  const auto refuse = [&](size_t start, std::string_view what, std::string_view accepted) {
    scanner.Fail(start, fmt::format("{}, and the accumulator is {}", what, name), accepted);
  };

  auto* floats = std::get_if<FloatAccumulator>(&accumulator);
  auto* word = std::get_if<WordAccumulator>(&accumulator);
  if (chunk_) {
    if (!floats) {
      refuse(chunk_->start, "chunks are of sums that are rounded into a float format",
             "no chunk=, or acc=fp16 or another float format");
    }
    floats->chunk = chunk_->value;
  }
  if (rounding_) {
    if (!floats && !word) {
      refuse(rounding_->start, "acc-round= rounds after every addition", "no acc-round=");
    }
    (floats ? floats->rounding : word->rounding) = rounding_->value;
  }
  const std::string_view words =
      integers ? "acc=int24 or another word" : "acc=fixed(7,24) or another word";
  if (overflow_) {
    if (!word) refuse(overflow_->start, "acc-overflow= is of words", words);
    word->overflow = overflow_->value;
  }
  if (adder_) {
    if (!word) refuse(adder_->start, "approximate adders add words", words);
    if (adder_->value.bits >= word->bits) {
      refuse(adder_->start,
             fmt::format("the adder {} leaves no bit of {} above", Name(adder_->value), word->bits),
             fmt::format("k from 0 to {}", word->bits - 1));
    }
    word->adder = adder_->value;
  }
  if (accumulator == Accumulator(FloatAccumulator())) return StandardAccumulator();
  return accumulator;
}

}  // namespace mulberry
