// The program from outside: its commands but training, their help, their JSON, their exit codes,
// and what they say of mistakes.
#include "mulberry/cli/cli_test.h"

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace mulberry {
namespace {

using Json = nlohmann::json;

TEST_F(CliTest, PrintsTheTableOfCommands) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{}, {"--help"}}) {
    const Outcome outcome = Mulberry(arguments);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err, "");
    for (const char* command : {"list", "plan", "analyze", "format", "table", "train", "hybrid",
                                "sweep", "report", "pareto", "cost", "eval", "data"}) {
      EXPECT_TRUE(Has(outcome.out, std::string("\n  ") + command + " ")) << outcome.out;
    }
  }
}

TEST_F(CliTest, PrintsItsVersion) {
  const Outcome outcome = Mulberry({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out.rfind("mulberry " MULBERRY_VERSION " (LibTorch ", 0), 0u) << outcome.out;
}

// OpenMP itself says so, on standard error.
TEST_F(CliTest, OpenMpThreadsWaitAsleepUnlessToldOtherwise) {
  const ScopedVariable display("OMP_DISPLAY_ENV", "true");
  for (const char* told : {static_cast<const char*>(nullptr), "active"}) {
    const ScopedVariable policy("OMP_WAIT_POLICY", told);
    const Outcome outcome = Mulberry({"--version"});
    const char* expected = told ? "OMP_WAIT_POLICY = 'ACTIVE'" : "OMP_WAIT_POLICY = 'PASSIVE'";
    EXPECT_TRUE(Has(outcome.err, expected)) << outcome.err;
  }
}

TEST_F(CliTest, EveryCommandHasHelpWithAnExample) {
  for (const char* command : {"list", "plan", "analyze", "format", "table", "train", "hybrid",
                              "sweep", "report", "pareto", "cost", "eval", "data"}) {
    const Outcome outcome = Mulberry({command, "--help"});
    EXPECT_EQ(outcome.exit_code, 0) << command;
    EXPECT_EQ(outcome.err, "") << command;
    EXPECT_TRUE(Has(outcome.out, "Example")) << outcome.out;
    EXPECT_TRUE(Has(outcome.out, std::string("\n  mulberry ") + command + " ")) << outcome.out;
    EXPECT_TRUE(Has(outcome.out, "--json")) << outcome.out;
  }
}

TEST_F(CliTest, UsageErrorsExitWith2AndSuggest) {
  const auto expect = [&](const std::vector<std::string>& arguments, const std::string& error) {
    const Outcome outcome = Mulberry(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << error;
    EXPECT_EQ(outcome.out, "") << error;
    EXPECT_TRUE(Has(outcome.err, error)) << outcome.err;
  };
  expect({"trian"}, "mulberry trian: no command 'trian'; did you mean 'train'?\n");
  expect({"--verison"}, "no command '--verison'");
  expect({"list", "modles"}, "mulberry list: nothing called 'modles'; did you mean 'models'?\n");
  expect({"list", "models", "again"}, "mulberry list: unexpected argument 'again'\n");
  expect({"plan"}, "mulberry plan: SPEC is required");
  expect({"plan", "fp32", "--explian"}, "unknown flag '--explian'; did you mean '--explain'?\n");
  expect({"train", "--epoch=3"}, "unknown flag '--epoch'; did you mean '--epochs'?\n");
  expect({"train", "--epochs", "0"}, "--epochs: 0 must be from 1 to 1000000\n");
  expect({"train", "--epochs"}, "--epochs");
  expect({"train", "--optimizer", "rmsprop"}, "'rmsprop' must be one of: sgd, adam\n");
  expect({"train", "--model", "lenet6"}, "lenet5");
  expect({"train", "--resume", "--force"}, "--resume excludes --force\n");
  expect({"data", "fetsch", "mnist"}, "fetsch");
  expect({"data", "fetch", "synthetic"}, "data synthetic has no files\n");
  expect({"data", "fetch", "cifra10"}, "did you mean \"cifar10\"?");
  expect({"train", "--augment", "flip"}, "augment: 'flip' must be one of: none, crop-flip\n");
}

TEST_F(CliTest, ShowsTheFaultOfASpecificationUnderIt) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"plan", "mitchel@bf16"},
        {"train", "--arithmetic", "mitchel@bf16"}}) {
    const Outcome outcome = Mulberry(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_TRUE(Has(outcome.err, ":\nmitchel@bf16\n^")) << outcome.err;
    EXPECT_TRUE(Has(outcome.err, "\"mitchell\"")) << outcome.err;
  }
}

TEST_F(CliTest, ListsEverySection) {
  const Outcome all = Mulberry({"list"});
  EXPECT_EQ(all.exit_code, 0);
  for (const char* name :
       {"mitchell", "noise(mre=P%", "bf16", "lenet5", "mnist", "register table"}) {
    EXPECT_TRUE(Has(all.out, name)) << all.out;
  }
  const Outcome models = Mulberry({"list", "models"});
  EXPECT_TRUE(Has(models.out, "lenet5"));
  EXPECT_FALSE(Has(models.out, "mitchell"));
  const Json json = Json::parse(Mulberry({"list", "--json"}).out);
  std::set<std::string> names;
  for (const Json& multiplier : json.at("multipliers")) names.insert(multiplier.at("name"));
  EXPECT_TRUE(names.count("drum") == 1);
  EXPECT_EQ(json.at("formats").at(0).at("name"), "fp32");
  EXPECT_EQ(json.at("models").size(), 19u);
  EXPECT_TRUE(json.contains("data") && json.contains("strategies"));
}

// Every option that the parser says it accepts.
TEST_F(CliTest, ListsEveryOption) {
  const std::string list = Mulberry({"list", "options"}).out;
  for (const char* spec : {"exact@bf16+none=1", "exact@posit(8,1)+none=1", "exact@int8+none=1"}) {
    const std::string message = Mulberry({"plan", spec}).err;
    const size_t start = message.find("Accepted here: ") + 15;
    std::istringstream words(message.substr(start, message.find(';', start) - start));
    int options = 0;
    for (std::string word; std::getline(words >> std::ws, word, ',');) {
      EXPECT_TRUE(Has(list, "\n+" + word)) << word;
      ++options;
    }
    EXPECT_GE(options, 6) << message;
  }
}

TEST_F(CliTest, ExplainsAPlan) {
  const Outcome brief = Mulberry({"plan", "mbm@bf16"});
  EXPECT_EQ(brief.exit_code, 0);
  EXPECT_EQ(brief.out, "mbm@bf16: register table (bitwise)\n");
  const Outcome full = Mulberry({"plan", "mbm@bf16", "--explain"});
  for (const char* part : {"\nregister table ", " serves ", "\ngather table ", " could "}) {
    EXPECT_TRUE(Has(full.out, part)) << full.out;
  }
  const Json json =
      Json::parse(Mulberry({"plan", "mbm@bf16", "--strategy", "gather table", "--json"}).out);
  EXPECT_EQ(json.at("strategy"), "gather table");
  EXPECT_EQ(json.at("arithmetic"), "mbm@bf16");
  EXPECT_GE(json.at("verdicts").size(), 4u);
  for (const char* spec :
       {"exact@mxfp4", "exact@dfx(8)xfixed(3,4)", "exact@posit(8,2)xposit(8,1)"}) {
    const Outcome other = Mulberry({"plan", spec, "--explain"});
    EXPECT_EQ(other.exit_code, 0) << other.err;
    EXPECT_TRUE(Has(other.out, " serves ")) << other.out;
  }
  const Outcome declined = Mulberry({"plan", "mbm@bf16", "--strategy", "closed form"});
  EXPECT_EQ(declined.exit_code, 2);
  EXPECT_TRUE(Has(declined.err, "closed form")) << declined.err;
}

TEST_F(CliTest, FindsTheDataFolder) {
  const ScopedVariable data("MULBERRY_DATA", (folder_ + "/data").c_str());
  for (const auto& [name, files] : {std::pair<std::string, size_t>{"mnist", 4}, {"cifar10", 6}}) {
    const Outcome path = Mulberry({"data", "path", name});
    EXPECT_EQ(path.exit_code, 0);
    EXPECT_EQ(path.out, folder_ + "/data/" + name + "\n");
    EXPECT_EQ(Json::parse(Mulberry({"data", "path", name, "--json"}).out).at("folder"),
              folder_ + "/data/" + name);
    const Outcome verified = Mulberry({"data", "verify", name, "--json"});
    EXPECT_EQ(verified.exit_code, 1);
    EXPECT_EQ(Json::parse(verified.out).at("good"), false);
    EXPECT_EQ(Json::parse(verified.out).at("files").size(), files);
    EXPECT_TRUE(Has(verified.err, "mulberry data fetch " + name)) << verified.err;
  }
}

}  // namespace
}  // namespace mulberry
