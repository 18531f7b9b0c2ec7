// A recursive-descent parser of
//   spec       = "fp32" | multiplier "@" format { "+" option }
//   multiplier = FAMILY [ "(" argument { "," argument } ")" ] | "table" ":" FILE | noise
//   argument   = [ PARAMETER "=" ] NUMBER
//   option     = NAME "=" value [ "/" value ]
// where format_parser.cc has `format` and the values of roundings and scalings and
// noise_parser.cc has `noise`,
// with blanks anywhere between words. A FILE ends at the last "@", and may hold anything else.
#include <algorithm>
#include <utility>

#include "mulberry/arithmetic/accumulator_options.h"
#include "mulberry/arithmetic/format_parser.h"
#include "mulberry/arithmetic/noise_parser.h"
#include "mulberry/arithmetic/spec.h"
#include "mulberry/multipliers/imported.h"

namespace mulberry {
namespace {

constexpr std::string_view kFormatMissing = "the operand format is missing";
constexpr std::string_view kAtFormat = "@ and a format, such as @bf16";

/// The options that an arithmetic on these formats has.
Names OptionsOf(const Arithmetic& arithmetic) {
  Names names = {"round"};
  const OperandFormats& formats = arithmetic.format;
  switch (arithmetic.kind()) {
    case ValueKind::kSignificands:
      names.insert(names.end(), {"scale", "result"});
      if (arithmetic.float_format()) names.push_back("overflow");
      break;
    case ValueKind::kIntegers:
      for (const Format& format : {formats.first, formats.second}) {
        if (names.size() < 2 && CanScale(format, Scaling::Kind::kPower)) names.push_back("scale");
      }
      if (arithmetic.integer_formats().any_signed()) names.push_back("sign");
      break;
    case ValueKind::kBlocks:
      if (std::get<BlockFormat>(formats.first).is_integer()) names.push_back("sign");
      break;
  }
  for (const std::string_view option : AccumulatorOptions::Of(formats)) names.push_back(option);
  if (arithmetic.kind() == ValueKind::kSignificands) names.push_back("order");
  return names;
}

std::string OptionsAccepted(const Names& options) {
  return fmt::format("{}=; each once", fmt::join(options, "=, "));
}

std::string MultipliersAccepted() {
  std::string list;
  for (const MultiplierFamily& family : MultiplierFamilies()) {
    std::string required;
    for (const Parameter& parameter : family.parameters) {
      if (parameter.required) required += (required.empty() ? "" : ",") + parameter.name + "=";
    }
    list += required.empty() ? family.name : fmt::format("{}({})", family.name, required);
    list += ", ";
  }
  return list +
         "noise(mre=), table:FILE, c:FILE#FUNCTION, verilog:FILE#MODULE, or a format alone: fp32";
}

std::string ParametersAccepted(const MultiplierFamily& family) {
  std::vector<std::string> list;
  for (const Parameter& p : family.parameters) {
    list.push_back(fmt::format("{}={} to {}", p.name, p.minimum, p.maximum));
  }
  return fmt::format("{}", fmt::join(list, ", "));
}

/// "operands have 8" of an arithmetic, to go before "bits".
std::string OperandsHave(const Arithmetic& arithmetic) {
  if (arithmetic.is_block()) return OperandsHave(ElementArithmetic(arithmetic));
  if (!arithmetic.is_integer()) {
    return fmt::format("significands have {}", arithmetic.mantissa_bits() + 1);
  }
  const IntegerFormats formats = arithmetic.integer_formats();
  const int first = formats.first.bits, second = formats.second.bits;
  return first == second ? fmt::format("operands have {}", first)
                         : fmt::format("operands have {} and {}", first, second);
}

class Parser {
 public:
  explicit Parser(std::string_view spec) : scanner_(spec) {}

  Arithmetic Parse();

 private:
  Arithmetic ParseBareFormat();
  void RequirePlainFp32(const OperandFormats& format, size_t start);
  Multiplier ParseMultiplier();
  Multiplier ParseImported(std::string_view family);
  std::vector<int> ParseArguments(const MultiplierFamily& family);
  size_t ParseParameterName(const MultiplierFamily& family, size_t next);
  void ParseOption(Arithmetic& arithmetic);
  /// VALUE for both operands, which must suit both formats, or FIRST/SECOND.
  template <typename Scan>
  auto ParsePair(const OperandFormats& formats, const Scan& scan) {
    scanner_.SkipBlanks();
    const size_t start = scanner_.position();
    const auto first = scan(formats.first);
    if (!scanner_.Accept('/')) scanner_.GoTo(start);
    return PerOperand(first, scan(formats.second));
  }
  void ParseResult(Arithmetic& arithmetic);
  void CheckModel(const Arithmetic& arithmetic) const;

  Scanner scanner_;
  size_t multiplier_fault_ = 0;  ///< Where to point if the multiplier does not fit the format.
  Names options_given_;
  AccumulatorOptions accumulator_;
  size_t order_start_ = 0;
};

Arithmetic Parser::Parse() {
  const std::string_view first = scanner_.Word();
  scanner_.Unread();
  if (BeginsFormat(first)) return ParseBareFormat();

  Arithmetic arithmetic;
  arithmetic.multiplier = ParseMultiplier();
  scanner_.SkipBlanks();
  const size_t format_start = scanner_.position();
  arithmetic.format = ScanOperandFormats(scanner_);
  if (arithmetic.multiplier.errors) {
    RequirePlainFp32(arithmetic.format, format_start);
    return arithmetic;
  }
  SetDefaults(arithmetic);
  while (scanner_.Accept('+')) ParseOption(arithmetic);
  if (!scanner_.AtEnd()) {
    scanner_.Fail(scanner_.position(), "this does not continue a specification",
                  "+ and an option, or the end");
  }
  arithmetic.accumulator = accumulator_.Finish(arithmetic.format, scanner_);
  if (const auto reason = WhyNotSummed(arithmetic)) {
    scanner_.Fail(order_start_, *reason, "order=ascending, or no other accumulator than fp32");
  }
  CheckModel(arithmetic);
  return arithmetic;
}

Arithmetic Parser::ParseBareFormat() {
  const size_t start = scanner_.position();
  const OperandFormats format = ScanOperandFormats(scanner_);
  const std::string name = Name(format);
  if (scanner_.Accept('@')) {
    scanner_.Fail(start, fmt::format("{} is a format, and the multiplier comes first", name),
                  MultipliersAccepted());
  }
  if (format != OperandFormats(kFp32)) {
    scanner_.Fail(
        start, fmt::format("{} alone says no multiplier", name),
        fmt::format("a multiplier and @{0}, such as exact@{0}; only fp32 stands alone", name));
  }
  if (!scanner_.AtEnd()) {
    scanner_.Fail(scanner_.position(),
                  "fp32 alone is LibTorch's own arithmetic, and has no options",
                  "the end; exact@fp32 is simulated, and has options");
  }
  Arithmetic native;
  native.native = true;
  return native;
}

/// After an error model.
void Parser::RequirePlainFp32(const OperandFormats& format, size_t start) {
  if (format != OperandFormats(kFp32)) {
    scanner_.Fail(start,
                  fmt::format("the products of an error model are LibTorch's FP32 ones, and {} "
                              "is another format",
                              Name(format)),
                  "fp32");
  }
  if (scanner_.AtEnd()) return;
  scanner_.Fail(scanner_.position(),
                "the products of an error model are LibTorch's FP32 ones, and have no options",
                "the end; what the errors are stands in noise(...)");
}

Multiplier Parser::ParseMultiplier() {
  const std::string_view name = scanner_.Word();
  multiplier_fault_ = scanner_.word_start();
  if (name == kNoiseFamily) {
    Multiplier noise{.family = std::string(name), .errors = ScanErrorModel(scanner_)};
    scanner_.Expect('@', kFormatMissing, "@fp32");
    return noise;
  }
  if (IsImported(name)) return ParseImported(name);
  const MultiplierFamily* family = FindMultiplierFamily(name);
  if (!family) {
    if (name.empty()) {
      scanner_.Fail(multiplier_fault_, "the multiplier is missing", MultipliersAccepted());
    }
    Names names(kImportedFamilies.begin(), kImportedFamilies.end());
    names.push_back(kNoiseFamily);
    names.push_back("fp32");
    for (const MultiplierFamily& known : MultiplierFamilies()) names.push_back(known.name);
    scanner_.Fail(multiplier_fault_, Unknown("unknown multiplier", name, names),
                  MultipliersAccepted());
  }
  Multiplier multiplier{family->name, ParseArguments(*family), {}, {}};
  scanner_.Expect('@', kFormatMissing, kAtFormat);
  return multiplier;
}

/// What follows the colon of an imported family, up to the format.
std::string_view PlaceAccepted(std::string_view family) {
  if (family == kCFamily) return "FILE.c#FUNCTION";
  return family == kVerilogFamily ? "FILE.v#MODULE" : "FILE";
}

Multiplier Parser::ParseImported(std::string_view family) {
  const std::string missing = fmt::format("the file of {} is missing", family);
  const std::string_view place = PlaceAccepted(family);
  scanner_.Expect(':', missing, fmt::format(":{}, then @ and a format", place));
  scanner_.SkipBlanks();
  const size_t start = scanner_.position();
  const std::string_view text = scanner_.UpToLast('@', kFormatMissing, kAtFormat);
  const size_t mark = family == kTableFamily ? text.npos : text.rfind('#');
  const std::string_view file = text.substr(0, mark);
  const std::string_view function = mark == text.npos ? "" : text.substr(mark + 1);
  if (file.empty()) scanner_.Fail(start, missing, fmt::format("{}", place));
  if (function.empty() && (family == kCFamily || mark != text.npos)) {
    scanner_.Fail(
        start + std::min(mark, text.size()),
        fmt::format("{} is not named", family == kCFamily ? "the function" : "the module"),
        family == kCFamily ? "#FUNCTION" : "#MODULE, or nothing where there is only one");
  }
  return {std::string(family), {}, std::string(file), std::string(function)};
}

std::vector<int> Parser::ParseArguments(const MultiplierFamily& family) {
  const size_t name_start = scanner_.word_start();
  const size_t count = family.parameters.size();
  std::vector<int> values(count);
  std::vector<bool> given(count);
  if (scanner_.Accept('(')) {
    if (count == 0) {
      scanner_.Fail(scanner_.position() - 1, fmt::format("{} has no parameters", family.name),
                    kAtFormat);
    }
    size_t next = 0;
    do {
      const size_t i = ParseParameterName(family, next);
      const Parameter& parameter = family.parameters[i];
      if (given[i]) {
        scanner_.Fail(scanner_.word_start(), fmt::format("{} is given twice", parameter.name),
                      "each parameter once");
      }
      values[i] = scanner_.Number(fmt::format("{}'s {}", family.name, parameter.name),
                                  parameter.minimum, parameter.maximum);
      if (multiplier_fault_ == name_start) multiplier_fault_ = scanner_.word_start();
      given[i] = true;
      next = i + 1;
    } while (scanner_.Accept(','));
    scanner_.Expect(')', "the parameters do not end", ", or )");
  }
  for (size_t i = 0; i < count; ++i) {
    const Parameter& p = family.parameters[i];
    if (given[i]) continue;
    if (p.required) {
      scanner_.Fail(name_start, fmt::format("{} needs its parameter {}", family.name, p.name),
                    fmt::format("{}({}={}), with {} from {} to {}", family.name, p.name,
                                p.default_value, p.name, p.minimum, p.maximum));
    }
    values[i] = p.default_value;
  }
  return values;
}

/// The parameter that the next argument is for: that of its name, or `next`.
size_t Parser::ParseParameterName(const MultiplierFamily& family, size_t next) {
  const std::string_view word = scanner_.Word();
  const size_t start = scanner_.word_start();
  if (!scanner_.Accept('=')) {
    scanner_.Unread();
    if (next == family.parameters.size()) {
      scanner_.Fail(start, fmt::format("{} has no further parameter", family.name),
                    ParametersAccepted(family));
    }
    return next;
  }
  Names names;
  for (size_t i = 0; i < family.parameters.size(); ++i) {
    if (family.parameters[i].name == word) return i;
    names.push_back(family.parameters[i].name);
  }
  scanner_.Fail(start, Unknown(fmt::format("{} has no parameter", family.name), word, names),
                ParametersAccepted(family));
}

void Parser::ParseOption(Arithmetic& arithmetic) {
  const auto among = [](std::string_view option, const Names& names) {
    return std::find(names.begin(), names.end(), option) != names.end();
  };
  const Names options = OptionsOf(arithmetic);
  const std::string accepted = OptionsAccepted(options);
  const std::string_view option = scanner_.Word();
  const size_t start = scanner_.word_start();
  if (option.empty()) scanner_.Fail(start, "the option is missing", accepted);
  if (!among(option, options)) {
    scanner_.Fail(
        start, Unknown(fmt::format("{} has no option", Name(arithmetic.format)), option, options),
        accepted);
  }
  if (among(option, options_given_)) {
    scanner_.Fail(start, fmt::format("{} is given twice", option), accepted);
  }
  options_given_.push_back(option);
  scanner_.Expect('=', fmt::format("the value of {} is missing", option), "= and the value");

  if (option == "round") {
    arithmetic.rounding =
        ParsePair(arithmetic.format, [&](const Format&) { return ScanRounding(scanner_); });
    const bool is_random = arithmetic.rounding.first == Rounding::kStochastic ||
                           arithmetic.rounding.second == Rounding::kStochastic;
    if (is_random && arithmetic.is_block()) {
      scanner_.Fail(scanner_.word_start(),
                    "blocks are rounded within each product, which has no random numbers",
                    "nearest, half-up, zero");
    }
  } else if (option == "scale") {
    arithmetic.scaling = ParsePair(
        arithmetic.format, [&](const Format& format) { return ScanScaling(scanner_, format); });
    if (arithmetic.scaling.first.per_channel) {
      scanner_.Fail(scanner_.word_start(),
                    "the first operand, in the forward product the activation, is summed over its "
                    "channels",
                    "channels of the second operand alone, as in scale=max/max(channel)");
    }
  } else if (option == "result") {
    ParseResult(arithmetic);
  } else if (option == "overflow") {
    FloatFormat format = *arithmetic.float_format();
    format.overflow = ScanValue<Overflow>(
        scanner_, option,
        {{SpecialOverflowName(format), Overflow::kSpecial}, {kSaturateName, Overflow::kSaturate}});
    arithmetic.format = format;
  } else if (option == "order") {
    using enum SumOrder;
    order_start_ = start;
    arithmetic.order =
        ScanValue<SumOrder>(scanner_, option, {{Name(kAscending), kAscending}, {Name(kAny), kAny}});
  } else if (option == "sign") {
    using enum SignHandling;
    arithmetic.sign = ScanValue<SignHandling>(
        scanner_, option,
        {{Name(kMagnitude), kMagnitude}, {Name(kTwosComplement), kTwosComplement}});
  } else {
    accumulator_.Read(option, start, arithmetic.format, scanner_);
  }
}

void Parser::ParseResult(Arithmetic& arithmetic) {
  using enum ResultRounding;
  arithmetic.result = ScanValue<ResultRounding>(
      scanner_, "result", {{Name(kFull), kFull}, {Name(kNearest), kNearest}, {Name(kZero), kZero}});
  if (arithmetic.result == kFull || arithmetic.format.same()) return;
  scanner_.Fail(scanner_.word_start(),
                fmt::format("{} leaves open which of its formats a product is rounded to",
                            Name(arithmetic.format)),
                "full, or one format for both operands");
}

void Parser::CheckModel(const Arithmetic& arithmetic) const {
  // A user's file is not opened before its products are needed.
  if (IsImported(arithmetic.multiplier.family)) return;
  try {
    ModelOf(arithmetic);
  } catch (const UsageError& error) {
    scanner_.Fail(multiplier_fault_, error.what(),
                  fmt::format("what fits {}, whose {} bits", Name(arithmetic.format),
                              OperandsHave(arithmetic)));
  }
}

}  // namespace

Arithmetic ParseArithmetic(std::string_view spec) {
  return Parser(spec).Parse();
}

Format ParseFormat(std::string_view name) {
  Scanner scanner(name);
  const Format format = ScanFormat(scanner);
  if (!scanner.AtEnd()) {
    scanner.Fail(scanner.position(), "this does not continue the format", "the end");
  }
  return format;
}

TensorFormat ParseTensorFormat(std::string_view text) {
  Scanner scanner(text);
  TensorFormat tensor;
  tensor.format = ScanFormat(scanner);
  tensor.scaling = DefaultScaling(tensor.format);
  while (scanner.Accept('+')) {
    const bool is_rounding = scanner.OneOf("the option", {"round", "scale"}) == 0;
    scanner.Expect('=', "the value is missing", "= and the value");
    if (is_rounding) {
      tensor.rounding = ScanRounding(scanner);
    } else {
      tensor.scaling = ScanScaling(scanner, tensor.format);
      if (tensor.scaling.per_channel) {
        scanner.Fail(scanner.word_start(), "channels are those of an operand of a product",
                     "max, affine, power");
      }
    }
  }
  if (!scanner.AtEnd()) {
    scanner.Fail(scanner.position(), "this does not continue a tensor's format",
                 "+round= or +scale=, or the end");
  }
  return tensor;
}

}  // namespace mulberry
