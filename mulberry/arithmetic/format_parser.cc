//   formats  = format [ "x" format ]
//   format   = NAME | ("float" | "posit" | "fixed" | "bfp") "(" NUMBER "," NUMBER ")"
//            | "dfx" "(" NUMBER ")" | ("mxfp8" | "mxfp6") [ "(" NAME ")" ]
#include "mulberry/arithmetic/format_parser.h"

#include <algorithm>

namespace mulberry {
namespace {

constexpr std::string_view kFormatMissing = "the operand format is missing";
constexpr std::string_view kIntegerFormats = "uint4 to uint16, int4 to int16";

std::string SizesMissing(std::string_view of) {
  return fmt::format("the sizes of the {} are missing", of);
}
std::string SizesOpen(std::string_view of) {
  return fmt::format("the sizes of the {} do not end", of);
}

Format ScanFloat(Scanner& scanner) {
  const Sizes sizes =
      ScanSizes(scanner, "format", "(e,m), such as float(4,3)",
                {"the number of exponent bits", 2, 8}, {"the number of mantissa bits", 0, 23});
  return MakeFloatFormat(sizes.first, sizes.second);
}

Format ScanPosit(Scanner& scanner) {
  const size_t start = scanner.word_start();
  const Sizes sizes =
      ScanSizes(scanner, "format", "(n,es), such as posit(16,1)",
                {"the number of bits", PositFormat::kMinBits, PositFormat::kMaxBits},
                {"the number of exponent bits", 0, 6});
  const PositFormat format = MakePositFormat(sizes.first, sizes.second);
  if (const auto reason = WhyNotCarried(format)) {
    scanner.Fail(start, *reason,
                 "posit(n,es) with n - es <= 26 and (n - 2)·2^es <= 126, such as posit(16,1)");
  }
  return format;
}

Format ScanFixed(Scanner& scanner) {
  const size_t start = scanner.word_start();
  constexpr int kMost = FixedFormat::kMaxExponent;
  const Sizes sizes = ScanSizes(scanner, "format", "(il,fl), such as fixed(4,11)",
                                {"the number of integer bits", -kMost, kMost},
                                {"the number of fraction bits", -kMost, kMost});
  const int length = sizes.first + sizes.second;
  if (length < 1 || length > FixedFormat::kMaxLength) {
    scanner.Fail(
        start,
        fmt::format("fixed({},{}) has {} bits without the sign", sizes.first, sizes.second, length),
        fmt::format("fixed(il,fl) with il + fl from 1 to {}", FixedFormat::kMaxLength));
  }
  return MakeFixedFormat(sizes.first, sizes.second);
}

Format ScanDynamicFixed(Scanner& scanner) {
  return MakeDynamicFixedFormat(
      ScanSize(scanner, "(n), such as dfx(16), the sign included",
               {"the number of bits", DynamicFixedFormat::kMinBits, DynamicFixedFormat::kMaxBits}));
}

Format ScanBlockFloatingPoint(Scanner& scanner) {
  const Sizes sizes = ScanSizes(scanner, "format", "(m,block), such as bfp(8,32)",
                                {"the number of mantissa bits", 2, 24},
                                {"the number of elements of a block", 1, BlockFormat::kMaxBlock});
  return MakeBlockFloatingPoint(sizes.first, sizes.second);
}

/// A microscaling format: of some names there are several, told apart in parentheses.
Format ScanMicroscaling(Scanner& scanner, std::string_view name) {
  Names kinds;
  for (const NamedBlockFormat& named : NamedBlockFormats()) {
    if (named.name == name) return named.format;
    if (named.name.starts_with(name)) {
      kinds.push_back(named.name.substr(name.size() + 1, named.name.size() - name.size() - 2));
    }
  }
  std::string_view kind = kinds.front();
  if (scanner.Accept('(')) {
    kind = kinds[scanner.OneOf(name, kinds)];
    scanner.Expect(')', "the format of the elements does not end", ")");
  }
  return FindBlockFormat(fmt::format("{}({})", name, kind)).value();
}

struct SizedFormat {
  std::string_view name;
  Format (*scan)(Scanner&);
};
constexpr SizedFormat kSizedFormats[] = {{"float", ScanFloat},
                                         {"posit", ScanPosit},
                                         {"fixed", ScanFixed},
                                         {"dfx", ScanDynamicFixed},
                                         {"bfp", ScanBlockFloatingPoint}};

/// "mxfp8" of "mxfp8(e4m3)".
std::string_view WithoutKind(const NamedBlockFormat& format) {
  return format.name.substr(0, format.name.find('('));
}

/// All names but those of integers: of floats, of sized formats, of blocks.
Names OtherNames() {
  Names names;
  for (const SizedFormat& sized : kSizedFormats) names.push_back(sized.name);
  for (const NamedFormat& format : NamedFormats()) names.push_back(format.name);
  for (const NamedBlockFormat& format : NamedBlockFormats()) {
    if (names.back() != WithoutKind(format)) names.push_back(WithoutKind(format));
  }
  return names;
}

bool IsName(std::string_view word) {
  const Names names = OtherNames();
  return FindIntegerFormat(word) || std::find(names.begin(), names.end(), word) != names.end();
}

/// `word` up to the "x" that joins the first operand's format to the second's: several names have
/// an x of their own.
std::string_view FirstName(std::string_view word) {
  if (IsName(word)) return word;
  for (size_t x = word.find('x'); x != word.npos; x = word.find('x', x + 1)) {
    if (IsName(word.substr(0, x))) return word.substr(0, x);
  }
  const bool is_integer = word.starts_with("int") || word.starts_with("uint");
  return is_integer ? word.substr(0, word.find('x')) : word;
}

/// Why values of the two formats are not multiplied with each other, or nothing.
std::optional<std::string> WhyNotTogether(const Format& first, const Format& second) {
  const ValueKind kind = KindOf(first);
  if (KindOf(second) != kind) {
    return fmt::format("{} is none of the {}, of which the first operand's {} is", Name(second),
                       Name(kind), Name(first));
  }
  if (kind != ValueKind::kBlocks) return std::nullopt;
  const auto &a = std::get<BlockFormat>(first), &b = std::get<BlockFormat>(second);
  if (a.block != b.block) {
    return fmt::format("blocks of {} meet blocks of {} elements", a.block, b.block);
  }
  if (a.is_integer() != b.is_integer()) return "integer elements meet floats";
  return std::nullopt;
}

/// Why values of the format are not multiplied at all, or nothing.
std::optional<std::string> WhyNoOperand(const Format& format) {
  const auto* block = std::get_if<BlockFormat>(&format);
  const bool is_integer = KindOf(format) == ValueKind::kIntegers;
  if (!is_integer && !(block && block->is_integer())) return std::nullopt;
  const bool fits = is_integer ? IntegersOf(format).has_value()
                               : IntegersOf(ElementFormat(*block)).has_value() &&
                                     block->element_bits() >= IntegerFormat::kMinBits &&
                                     block->element_bits() <= IntegerFormat::kMaxBits;
  if (fits) return std::nullopt;
  return fmt::format(
      "{} cannot be multiplied: products are of integers of {} to {} bits, the sign "
      "included",
      Name(format), IntegerFormat::kMinBits, IntegerFormat::kMaxBits);
}

}  // namespace

int ScanSize(Scanner& scanner, std::string_view example, const SizeRange& range) {
  scanner.Expect('(', SizesMissing("format"), example);
  const int size = scanner.Number(range.name, range.minimum, range.maximum);
  scanner.Expect(')', SizesOpen("format"), ")");
  return size;
}

Sizes ScanSizes(Scanner& scanner, std::string_view of, std::string_view example,
                const SizeRange& first, const SizeRange& second) {
  Sizes sizes;
  scanner.Expect('(', SizesMissing(of), example);
  sizes.first = scanner.Number(first.name, first.minimum, first.maximum);
  scanner.Expect(',', fmt::format("{} is missing", second.name),
                 fmt::format(", and {} to {}", second.minimum, second.maximum));
  sizes.second = scanner.Number(second.name, second.minimum, second.maximum);
  scanner.Expect(')', SizesOpen(of), ")");
  return sizes;
}

std::string FormatsAccepted() {
  std::string list;
  for (const NamedFormat& format : NamedFormats()) list += fmt::format("{}, ", format.name);
  list += fmt::format("float(e,m), posit(n,es), {}, fixed(il,fl), dfx(n), ", kIntegerFormats);
  for (const NamedBlockFormat& format : NamedBlockFormats())
    list += fmt::format("{}, ", format.name);
  return list + "bfp(m,block), or FIRSTxSECOND of these";
}

bool BeginsFormat(std::string_view word) {
  return IsName(FirstName(word));
}

Format ScanFormat(Scanner& scanner) {
  const std::string_view name = FirstName(scanner.Word());
  scanner.Unread(name.size());
  if (const auto format = FindFormat(name)) return *format;
  if (const auto format = FindIntegerFormat(name)) return *format;
  for (const SizedFormat& sized : kSizedFormats) {
    if (sized.name == name) return sized.scan(scanner);
  }
  if (IsName(name)) return ScanMicroscaling(scanner, name);
  const size_t start = scanner.word_start();
  if (name.empty()) scanner.Fail(start, kFormatMissing, FormatsAccepted());
  Names names = OtherNames();
  for (const char* integer : {"int8", "uint8", "int16", "uint16"}) names.push_back(integer);
  scanner.Fail(start, Unknown("unknown format", name, names), FormatsAccepted(), name.size());
}

OperandFormats ScanOperandFormats(Scanner& scanner) {
  scanner.SkipBlanks();
  const size_t start = scanner.position();
  OperandFormats formats = ScanFormat(scanner);
  size_t second_start = start;
  if (scanner.Accept('x')) {
    scanner.SkipBlanks();
    second_start = scanner.position();
    formats.second = ScanFormat(scanner);
    if (const auto reason = WhyNotTogether(formats.first, formats.second)) {
      scanner.Fail(second_start, *reason, "a format that can be multiplied with the first");
    }
  }
  for (const auto index : {OperandIndex::kFirst, OperandIndex::kSecond}) {
    if (const auto reason = WhyNoOperand(formats[index])) {
      scanner.Fail(index == OperandIndex::kFirst ? start : second_start, *reason,
                   "a narrower format; a tensor rounded to fixed point of up to 32 bits can be "
                   "multiplied as exact@fp32");
    }
  }
  return formats;
}

Rounding ScanRounding(Scanner& scanner) {
  using enum Rounding;
  return ScanValue<Rounding>(scanner, "round",
                             {{Name(kNearestEven), kNearestEven},
                              {Name(kNearestUp), kNearestUp},
                              {Name(kTowardZero), kTowardZero},
                              {Name(kStochastic), kStochastic}});
}

Scaling ScanScaling(Scanner& scanner, const Format& format) {
  using enum Scaling::Kind;
  std::vector<std::pair<std::string_view, Scaling>> values;
  for (const auto& [name, scaling] : {std::pair<std::string_view, Scaling>{"none", {kNone}},
                                      {"max", {kMax}},
                                      {"affine", {kAffine}},
                                      {"center", {kCenter, Scaling::kUsualShift}},
                                      {"power", {kPower}}}) {
    if (CanScale(format, scaling.kind)) values.emplace_back(name, scaling);
  }
  Scaling scaling = ScanValue(scanner, "scale", values);
  const bool has_range = scaling.kind == kMax || scaling.kind == kAffine;
  if (std::holds_alternative<IntegerFormat>(format) && has_range && scanner.Accept('(')) {
    scanner.OneOf("scale", {"channel"});
    scanner.Expect(')', "the scale does not end", ")");
    scaling.per_channel = true;
    return scaling;
  }
  constexpr int kMost = Scaling::kMaxExponent;
  const bool needs_exponent = scaling.kind == kPower;
  if (!needs_exponent && !(scaling.kind == kCenter && scanner.Accept('('))) return scaling;
  if (needs_exponent) {
    scanner.Expect('(', "the exponent is missing", "(k), such as power(-4), for 2^k");
  }
  scaling.exponent = scanner.Number("the exponent", -kMost, kMost);
  scanner.Expect(')', "the exponent does not end", ")");
  return scaling;
}

}  // namespace mulberry
