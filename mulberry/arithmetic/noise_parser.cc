// The grammar of error models:
//   noise    = "noise" "(" argument { "," argument } ")"
//   argument = "mre" "=" NUMBER "%" | "sd" "=" NUMBER "%" | "bias" "=" NUMBER "%" | "file" "=" FILE
//            | "on" "=" ( "weights" | "steps" | "products" )
// with exactly one of mre, sd and file, a bias only of the first two, and each once.
#include "mulberry/arithmetic/noise_parser.h"

#include <algorithm>

#include "mulberry/arithmetic/format_parser.h"

namespace mulberry {
namespace {

constexpr std::string_view kArguments = "mre=P%, sd=P% or file=FILE, and bias=P%, on=";
constexpr std::string_view kExample = "noise(mre=1.4%), noise(sd=1.8%) or noise(file=FILE)";

class ErrorModelParser {
 public:
  explicit ErrorModelParser(Scanner& scanner) : scanner_(scanner) {}

  ErrorModel Parse();

 private:
  void ParseArgument();
  void ParseSpread(SpreadFigure figure, std::string_view name, size_t start);
  void ParseFile(size_t start);
  /// Fails where another argument says the spread already.
  void SetSpread(std::string_view name, size_t start);

  Scanner& scanner_;
  ErrorModel model_;
  NormalErrors normal_;
  Names given_;
  std::string_view spread_;  ///< Which of mre, sd and file was given.
  size_t bias_start_ = 0;
};

ErrorModel ErrorModelParser::Parse() {
  const size_t start = scanner_.word_start();
  if (!scanner_.Accept('(')) {
    scanner_.Fail(start, "noise does not say how large the errors are", kExample);
  }
  do {
    ParseArgument();
  } while (scanner_.Accept(','));
  scanner_.Expect(')', "the parameters do not end", ", or )");
  if (spread_.empty()) {
    scanner_.Fail(start, "noise does not say how large the errors are", kExample);
  }
  if (spread_ != "file") {
    model_.errors = normal_;
  } else if (std::ranges::find(given_, "bias") != given_.end()) {
    scanner_.Fail(bias_start_, "measured errors have the mean that was measured",
                  "bias= with mre= or sd=");
  }
  return model_;
}

void ErrorModelParser::ParseArgument() {
  constexpr std::string_view kNames[] = {"mre", "sd", "file", "bias", "on"};
  const std::string_view name = scanner_.Word();
  const size_t start = scanner_.word_start();
  const Names names(std::begin(kNames), std::end(kNames));
  if (name.empty()) scanner_.Fail(start, "the parameter of noise is missing", kArguments);
  if (std::ranges::find(names, name) == names.end()) {
    scanner_.Fail(start, Unknown("noise has no parameter", name, names), kArguments);
  }
  if (std::ranges::find(given_, name) != given_.end()) {
    scanner_.Fail(start, fmt::format("{} is given twice", name), "each parameter once");
  }
  given_.push_back(name);
  scanner_.Expect('=', fmt::format("the value of {} is missing", name), "= and the value");
  if (name == "mre") {
    ParseSpread(SpreadFigure::kMre, name, start);
  } else if (name == "sd") {
    ParseSpread(SpreadFigure::kSd, name, start);
  } else if (name == "file") {
    ParseFile(start);
  } else if (name == "bias") {
    bias_start_ = start;
    normal_.bias_pct = scanner_.Percentage("noise's bias", -100, 100);
  } else {
    using enum ErrorsOn;
    model_.on = ScanValue<ErrorsOn>(
        scanner_, name,
        {{Name(kWeights), kWeights}, {Name(kSteps), kSteps}, {Name(kProducts), kProducts}});
  }
}

void ErrorModelParser::SetSpread(std::string_view name, size_t start) {
  if (!spread_.empty()) {
    scanner_.Fail(start, fmt::format("{} has said how large the errors are", spread_),
                  "one of mre=, sd= and file=");
  }
  spread_ = name;
}

void ErrorModelParser::ParseSpread(SpreadFigure figure, std::string_view name, size_t start) {
  SetSpread(name, start);
  normal_.figure = figure;
  normal_.spread_pct = scanner_.Percentage(fmt::format("noise's {}", name), 0, 100);
}

void ErrorModelParser::ParseFile(size_t start) {
  SetSpread("file", start);
  scanner_.SkipBlanks();
  const size_t file_start = scanner_.position();
  const std::string_view file = scanner_.UpToFirstOf(",)");
  if (file.empty()) {
    scanner_.Fail(file_start, "the file of noise is missing",
                  "FILE.json that `mulberry analyze --errors` wrote");
  }
  model_.errors = MeasuredErrors{std::string(file)};
}

}  // namespace

ErrorModel ScanErrorModel(Scanner& scanner) {
  return ErrorModelParser(scanner).Parse();
}

}  // namespace mulberry
