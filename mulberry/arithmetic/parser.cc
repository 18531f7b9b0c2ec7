// A recursive-descent parser of
//   spec       = "fp32" | multiplier "@" format { "+" option }
//   multiplier = FAMILY [ "(" argument { "," argument } ")" ] | "table" ":" FILE
//   argument   = [ PARAMETER "=" ] NUMBER
//   format     = NAME | "float" sizes | "posit" sizes | integer [ "x" integer ]
//   sizes      = "(" NUMBER "," NUMBER ")"
//   integer    = ("int" | "uint") NUMBER
//   option     = NAME "=" WORD
// with blanks anywhere between words. A FILE ends at the last "@", and may hold anything else.
#include <algorithm>
#include <utility>

#include "mulberry/arithmetic/scanner.h"
#include "mulberry/arithmetic/spec.h"
#include "mulberry/base/suggest.h"
#include "mulberry/multipliers/imported.h"

namespace mulberry {
namespace {

using Names = std::vector<std::string_view>;

constexpr std::string_view kFormatMissing = "the operand format is missing";
constexpr std::string_view kAtFormat = "@ and a format, such as @bf16";
constexpr std::string_view kIntegerFormats = "uint4 to uint16, int4 to int16";

/// The options that a format has.
Names OptionsOf(const OperandFormats& format) {
  const auto* integers = std::get_if<IntegerFormats>(&format);
  if (integers) return integers->any_signed() ? Names{"round", "sign"} : Names{"round"};
  if (std::holds_alternative<PositFormat>(format)) return {"round", "result", "acc", "order"};
  return {"round", "result", "overflow", "acc", "order"};
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
  return list + "table:FILE, c:FILE#FUNCTION, verilog:FILE#MODULE, or a format alone: fp32";
}

std::string FormatsAccepted() {
  std::string list;
  for (const NamedFormat& format : NamedFormats()) list += fmt::format("{}, ", format.name);
  return list + fmt::format("float(e,m), posit(n,es), {}, or FIRSTxSECOND of these integers",
                            kIntegerFormats);
}

/// Whether sizes follow the format's name.
bool IsSized(std::string_view name) {
  return name == "float" || name == "posit";
}

/// `word` up to the "x" that joins the first operand's integer format to the second's.
std::string_view FirstFormat(std::string_view word) {
  const bool is_integer = word.starts_with("int") || word.starts_with("uint");
  return is_integer ? word.substr(0, word.find('x')) : word;
}

std::string ParametersAccepted(const MultiplierFamily& family) {
  std::vector<std::string> list;
  for (const Parameter& p : family.parameters) {
    list.push_back(fmt::format("{}={} to {}", p.name, p.minimum, p.maximum));
  }
  return fmt::format("{}", fmt::join(list, ", "));
}

/// "operands have 8" of a format, to go before "bits".
std::string OperandsHave(const OperandFormats& format) {
  const auto* integers = std::get_if<IntegerFormats>(&format);
  if (!integers) {
    const Format both = FormatOf(format, OperandIndex::kFirst);
    return fmt::format("significands have {}", SignificandBits(both).value());
  }
  const int first = integers->first.bits, second = integers->second.bits;
  return first == second ? fmt::format("operands have {}", first)
                         : fmt::format("operands have {} and {}", first, second);
}

/// `problem "word"`, and the nearest of the names if one is near.
std::string Unknown(std::string_view problem, std::string_view word, const Names& names) {
  const std::string_view nearest = Nearest(word, names);
  std::string text = fmt::format("{} \"{}\"", problem, word);
  return nearest.empty() ? text : text + fmt::format("; did you mean \"{}\"?", nearest);
}

class Parser {
 public:
  explicit Parser(std::string_view spec) : scanner_(spec) {}

  Arithmetic Parse();

 private:
  Arithmetic ParseBareFormat();
  Multiplier ParseMultiplier();
  Multiplier ParseImported(std::string_view family);
  std::vector<int> ParseArguments(const MultiplierFamily& family);
  size_t ParseParameterName(const MultiplierFamily& family, size_t next);
  OperandFormats ParseFormat();
  FloatFormat ParseFloatSizes();
  PositFormat ParsePositSizes(size_t name_start);
  IntegerFormat ParseSecondFormat();
  void ParseOption(Arithmetic& arithmetic);
  template <typename T>
  T ParseValue(std::string_view option, const std::vector<std::pair<std::string_view, T>>& values);
  void CheckModel(const Arithmetic& arithmetic) const;

  Scanner scanner_;
  size_t multiplier_fault_ = 0;  ///< Where to point if the multiplier does not fit the format.
  Names options_given_;
};

Arithmetic Parser::Parse() {
  const std::string_view first = scanner_.Word();
  scanner_.Unread();
  if (IsSized(first) || FindFormat(first) || FindIntegerFormat(FirstFormat(first))) {
    return ParseBareFormat();
  }

  Arithmetic arithmetic;
  arithmetic.multiplier = ParseMultiplier();
  arithmetic.format = ParseFormat();
  if (arithmetic.is_integer()) {
    arithmetic.sign = arithmetic.integer_formats().any_signed() ? DefaultSign(arithmetic.multiplier)
                                                                : SignHandling::kMagnitude;
  } else {
    const FloatDefaults defaults = DefaultsOf(arithmetic.multiplier, arithmetic.format);
    arithmetic.rounding = defaults.rounding;
    arithmetic.result = defaults.result;
  }
  while (scanner_.Accept('+')) ParseOption(arithmetic);
  if (!scanner_.AtEnd()) {
    scanner_.Fail(scanner_.position(), "this does not continue a specification",
                  "+ and an option, or the end");
  }
  CheckModel(arithmetic);
  return arithmetic;
}

Arithmetic Parser::ParseBareFormat() {
  const size_t start = scanner_.position();
  const OperandFormats format = ParseFormat();
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

Multiplier Parser::ParseMultiplier() {
  const std::string_view name = scanner_.Word();
  multiplier_fault_ = scanner_.word_start();
  if (IsImported(name)) return ParseImported(name);
  const MultiplierFamily* family = FindMultiplierFamily(name);
  if (!family) {
    if (name.empty()) {
      scanner_.Fail(multiplier_fault_, "the multiplier is missing", MultipliersAccepted());
    }
    Names names(kImportedFamilies.begin(), kImportedFamilies.end());
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

OperandFormats Parser::ParseFormat() {
  const std::string_view name = FirstFormat(scanner_.Word());
  scanner_.Unread(name.size());
  if (name == "float") return ParseFloatSizes();
  if (name == "posit") return ParsePositSizes(scanner_.word_start());
  if (const auto format = FindFormat(name)) return *format;
  if (const auto first = FindIntegerFormat(name)) {
    return scanner_.Accept('x') ? IntegerFormats(*first, ParseSecondFormat()) : *first;
  }
  const size_t start = scanner_.word_start();
  if (name.empty()) scanner_.Fail(start, kFormatMissing, FormatsAccepted());
  Names names = {"float", "posit", "int8", "uint8", "int16", "uint16"};
  for (const NamedFormat& format : NamedFormats()) names.push_back(format.name);
  scanner_.Fail(start, Unknown("unknown format", name, names), FormatsAccepted(), name.size());
}

FloatFormat Parser::ParseFloatSizes() {
  scanner_.Expect('(', "the sizes of the format are missing", "(e,m), such as float(4,3)");
  const int exponent_bits = scanner_.Number("the number of exponent bits", 2, 8);
  scanner_.Expect(',', "the number of mantissa bits is missing", ", and 0 to 23");
  const int mantissa_bits = scanner_.Number("the number of mantissa bits", 0, 23);
  scanner_.Expect(')', "the sizes of the format do not end", ")");
  return MakeFloatFormat(exponent_bits, mantissa_bits);
}

PositFormat Parser::ParsePositSizes(size_t name_start) {
  scanner_.Expect('(', "the sizes of the format are missing", "(n,es), such as posit(16,1)");
  const int bits =
      scanner_.Number("the number of bits", PositFormat::kMinBits, PositFormat::kMaxBits);
  scanner_.Expect(',', "the number of exponent bits is missing", ", and 0 to 6");
  const int exponent_bits = scanner_.Number("the number of exponent bits", 0, 6);
  scanner_.Expect(')', "the sizes of the format do not end", ")");
  const PositFormat format = MakePositFormat(bits, exponent_bits);
  if (const auto reason = WhyNotCarried(format)) {
    scanner_.Fail(name_start, *reason,
                  "posit(n,es) with n - es <= 26 and (n - 2)·2^es <= 126, such as posit(16,1)");
  }
  return format;
}

IntegerFormat Parser::ParseSecondFormat() {
  const std::string_view name = scanner_.Word();
  if (const auto format = FindIntegerFormat(name)) return *format;
  const size_t start = scanner_.word_start();
  if (name.empty()) {
    scanner_.Fail(start, "the second operand's format is missing", kIntegerFormats);
  }
  if (IsSized(name) || FindFormat(name)) {
    scanner_.Fail(start,
                  fmt::format("{} is no format of integers, as the first operand's is", name),
                  kIntegerFormats);
  }
  scanner_.Fail(start, Unknown("unknown format", name, {"int8", "uint8", "int16", "uint16"}),
                kIntegerFormats);
}

void Parser::ParseOption(Arithmetic& arithmetic) {
  const auto among = [](std::string_view option, const Names& names) {
    return std::find(names.begin(), names.end(), option) != names.end();
  };
  const Names options = OptionsOf(arithmetic.format);
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
    using enum Rounding;
    arithmetic.rounding = ParseValue<Rounding>(option, {{Name(kNearestEven), kNearestEven},
                                                        {Name(kNearestUp), kNearestUp},
                                                        {Name(kTowardZero), kTowardZero},
                                                        {Name(kStochastic), kStochastic}});
  } else if (option == "result") {
    using enum ResultRounding;
    arithmetic.result = ParseValue<ResultRounding>(
        option, {{Name(kFull), kFull}, {Name(kNearest), kNearest}, {Name(kZero), kZero}});
  } else if (option == "overflow") {
    FloatFormat& format = std::get<FloatFormat>(arithmetic.format);
    format.overflow = ParseValue<Overflow>(
        option,
        {{SpecialOverflowName(format), Overflow::kSpecial}, {kSaturateName, Overflow::kSaturate}});
  } else if (option == "order") {
    using enum SumOrder;
    arithmetic.order =
        ParseValue<SumOrder>(option, {{Name(kAscending), kAscending}, {Name(kAny), kAny}});
  } else if (option == "sign") {
    using enum SignHandling;
    arithmetic.sign = ParseValue<SignHandling>(
        option, {{Name(kMagnitude), kMagnitude}, {Name(kTwosComplement), kTwosComplement}});
  } else {
    // FP32 is the one accumulator there is; naming it changes nothing.
    ParseValue<FloatFormat>(option, {{"fp32", kFp32}});
  }
}

template <typename T>
T Parser::ParseValue(std::string_view option,
                     const std::vector<std::pair<std::string_view, T>>& values) {
  const std::string_view word = scanner_.Word();
  const size_t start = scanner_.word_start();
  Names names;
  for (const auto& [name, value] : values) {
    if (name == word) return value;
    names.push_back(name);
  }
  const std::string accepted = fmt::format("{}", fmt::join(names, ", "));
  if (word.empty()) {
    scanner_.Fail(start, fmt::format("the value of {} is missing", option), accepted);
  }
  scanner_.Fail(start, Unknown(fmt::format("{} cannot be", option), word, names), accepted);
}

void Parser::CheckModel(const Arithmetic& arithmetic) const {
  // A user's file is not opened before its products are needed.
  if (IsImported(arithmetic.multiplier.family)) return;
  try {
    ModelOf(arithmetic);
  } catch (const UsageError& error) {
    scanner_.Fail(multiplier_fault_, error.what(),
                  fmt::format("what fits {}, whose {} bits", Name(arithmetic.format),
                              OperandsHave(arithmetic.format)));
  }
}

}  // namespace

Arithmetic ParseArithmetic(std::string_view spec) {
  return Parser(spec).Parse();
}

}  // namespace mulberry
