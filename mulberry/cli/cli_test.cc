// The program from outside: every command, its help, its JSON, its exit codes, and what it says of
// mistakes.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "mulberry/cli/test_program.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class CliTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  Outcome Mulberry(const std::vector<std::string>& arguments) const {
    return Program(arguments, folder_ + "/program").Wait();
  }

  // A training that takes a moment; `more` goes to the command line.
  Outcome Train(const std::string& out, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"train",
                                          "--data",
                                          "synthetic",
                                          "--epochs",
                                          "1",
                                          "--limit-train",
                                          "120",
                                          "--batch-size",
                                          "30",
                                          "--limit-test",
                                          "50",
                                          "--out",
                                          folder_ + "/" + out,
                                          "--threads",
                                          "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Mulberry(arguments);
  }

  const std::string folder_ = testing::TempDir() + "cli_test";
};

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(CliTest, PrintsTheTableOfCommands) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"--help"}, {"-h"}, {"help"}}) {
    const Outcome outcome = Mulberry(arguments);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err, "");
    for (const char* command : {"list", "plan", "train", "eval", "data"}) {
      EXPECT_TRUE(Has(outcome.out, std::string("\n  ") + command + " ")) << outcome.out;
    }
  }
}

TEST_F(CliTest, PrintsItsVersion) {
  const Outcome outcome = Mulberry({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out.rfind("mulberry " MULBERRY_VERSION " (LibTorch ", 0), 0u) << outcome.out;
}

TEST_F(CliTest, EveryCommandHasHelpWithAnExample) {
  for (const char* command : {"list", "plan", "train", "eval", "data"}) {
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
  for (const char* name : {"mitchell", "bf16", "lenet5", "mnist", "register table"}) {
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
  EXPECT_EQ(json.at("models").size(), 2u);
  EXPECT_TRUE(json.contains("data") && json.contains("strategies"));
}

TEST_F(CliTest, ExplainsAPlan) {
  const Outcome brief = Mulberry({"plan", "mbm@bf16"});
  EXPECT_EQ(brief.exit_code, 0);
  EXPECT_EQ(brief.out, "mbm@bf16: register table (bitwise)\n");
  const Outcome full = Mulberry({"plan", "mbm@bf16", "--explain"});
  EXPECT_TRUE(Has(full.out, "register table  serves ")) << full.out;
  EXPECT_TRUE(Has(full.out, "gather table    could ")) << full.out;
  const Json json =
      Json::parse(Mulberry({"plan", "mbm@bf16", "--strategy", "gather table", "--json"}).out);
  EXPECT_EQ(json.at("strategy"), "gather table");
  EXPECT_EQ(json.at("arithmetic"), "mbm@bf16");
  EXPECT_GE(json.at("verdicts").size(), 4u);
  const Outcome declined = Mulberry({"plan", "mbm@bf16", "--strategy", "closed form"});
  EXPECT_EQ(declined.exit_code, 2);
  EXPECT_TRUE(Has(declined.err, "closed form")) << declined.err;
}

TEST_F(CliTest, TrainsAndComparesAndEvaluates) {
  const Outcome trained = Train("run", {"--arithmetic", "fp32", "--arithmetic", "mitchell@bf16"});
  EXPECT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_EQ(trained.out.rfind("arithmetic ", 0), 0u) << trained.out;
  EXPECT_TRUE(Has(trained.out, "\nfp32 ") && Has(trained.out, "\nmitchell@bf16 ")) << trained.out;
  EXPECT_TRUE(Has(trained.err, "mitchell@bf16 (2/2)  epoch 1/1")) << trained.err;
  EXPECT_TRUE(fs::exists(folder_ + "/run/config.toml"));

  const std::string run = folder_ + "/run/mitchell@bf16";
  const Outcome evaluated = Mulberry({"eval", run, "--json", "--threads", "1"});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  const Json result = Json::parse(evaluated.out).at("results").at(0);
  std::ifstream metrics(run + "/metrics.jsonl");
  std::string header, epoch;
  std::getline(metrics, header);
  std::getline(metrics, epoch);
  EXPECT_EQ(result.at("test_accuracy_pct"), Json::parse(epoch).at("test_accuracy_pct"));
  EXPECT_EQ(result.at("test_loss"), Json::parse(epoch).at("test_loss"));
  EXPECT_EQ(result.at("samples"), 50);
  EXPECT_EQ(result.at("approximate_macs"), 50 * 416520);  // LeNet-5's, one forward pass.

  const Outcome others = Mulberry({"eval", run + "/checkpoint", "--arithmetic", "fp32",
                                   "--arithmetic", "drum(k=4)@bf16", "--layers"});
  EXPECT_EQ(others.exit_code, 0) << others.err;
  EXPECT_TRUE(Has(others.out, "\nfp32 ") && Has(others.out, "\ndrum(k=4)@bf16 ")) << others.out;
  EXPECT_TRUE(Has(others.out, "conv1 ")) << others.out;

  const Outcome ambiguous = Mulberry({"eval", folder_ + "/run"});
  EXPECT_EQ(ambiguous.exit_code, 2);
  EXPECT_TRUE(Has(ambiguous.err, run)) << ambiguous.err;
}

TEST_F(CliTest, PrintsNothingButJsonOnStandardOutput) {
  const Outcome trained = Train("run", {"--arithmetic", "exact@bf16", "--json"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const Json json = Json::parse(trained.out);
  EXPECT_EQ(json.at("runs").size(), 1u);
  const Json& run = json.at("runs").at(0);
  EXPECT_EQ(run.at("arithmetic"), "exact@bf16");
  EXPECT_TRUE(run.at("difference_points").is_null());
  EXPECT_GT(run.at("slow_down"), 0);
  EXPECT_EQ(run.at("approximate_macs").at("forward"), (120 + 50) * 416520);
  EXPECT_EQ(json.at("failures").size(), 0u);
}

TEST_F(CliTest, ReadsTomlAndFlagsWin) {
  const std::string file = folder_ + "/small.toml";
  std::ofstream(file) << "arithmetic = ['mbm@bf16']\nepochs = 7\nlr = 0.03\n";
  const Outcome trained = Train("run", {"--config", file});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  std::ifstream metrics(folder_ + "/run/metrics.jsonl");
  std::string header;
  std::getline(metrics, header);
  const Json json = Json::parse(header);
  EXPECT_EQ(json.at("configuration").at("arithmetic").at(0), "mbm@bf16");
  EXPECT_EQ(json.at("configuration").at("lr"), 0.03);
  EXPECT_EQ(json.at("configuration").at("epochs"), 1);
  EXPECT_EQ(json.at("machine").at("threads"), 1);
  EXPECT_EQ(json.at("mulberry"), MULBERRY_VERSION);
}

TEST_F(CliTest, RefusesAnUnknownTomlKey) {
  const std::string file = folder_ + "/wrong.toml";
  std::ofstream(file) << "model = 'lenet5'\nepoch = 7\n";
  const Outcome outcome = Train("run", {"--config", file});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.err,
            "mulberry train: " + file + ":2: unknown key 'epoch'; did you mean 'epochs'?\n");
  EXPECT_FALSE(fs::exists(folder_ + "/run"));
}

TEST_F(CliTest, FailuresExitWith1) {
  const auto expect = [&](const Outcome& outcome, const std::string& error) {
    EXPECT_EQ(outcome.exit_code, 1) << error;
    EXPECT_EQ(outcome.out, "") << error;
    EXPECT_TRUE(Has(outcome.err, error)) << outcome.err;
  };
  expect(Train("run", {"--config", folder_ + "/none.toml"}), "none.toml: cannot be read");
  expect(Mulberry({"eval", folder_ + "/none"}), "none: cannot be read");
  std::ofstream(folder_ + "/program.toml") << "x";
  expect(Mulberry({"eval", folder_ + "/program.toml"}), "is no checkpoint");
  expect(Train("run", {"--resume"}), "no run to resume");
  ASSERT_EQ(Train("run").exit_code, 0);
  expect(Train("run"), "exists; --resume");
  expect(Train("run", {"--resume", "--lr", "0.5"}), "it has lr: 0.05, not 0.5");
  // Nothing is left to do, and --resume needs no other flag.
  EXPECT_EQ(Mulberry({"train", "--resume", "--out", folder_ + "/run"}).exit_code, 0);
  EXPECT_EQ(Train("run", {"--force"}).exit_code, 0);
}

TEST_F(CliTest, ADivergingRunFailsWithAMessage) {
  const Outcome outcome =
      Train("run", {"--lr", "1e6", "--lr-schedule", "constant", "--epochs", "20"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(Has(outcome.err, "mulberry train: fp32: the loss is ")) << outcome.err;
}

TEST_F(CliTest, FindsTheDataFolder) {
  setenv("MULBERRY_DATA", (folder_ + "/data").c_str(), 1);
  const Outcome path = Mulberry({"data", "path", "mnist"});
  EXPECT_EQ(path.exit_code, 0);
  EXPECT_EQ(path.out.rfind(folder_ + "/data", 0), 0u) << path.out;
  EXPECT_EQ(Json::parse(Mulberry({"data", "path", "mnist", "--json"}).out).at("folder"),
            path.out.substr(0, path.out.size() - 1));
  const Outcome verified = Mulberry({"data", "verify", "mnist", "--json"});
  EXPECT_EQ(verified.exit_code, 1);
  EXPECT_EQ(Json::parse(verified.out).at("good"), false);
  EXPECT_EQ(Json::parse(verified.out).at("files").size(), 4u);
  EXPECT_TRUE(Has(verified.err, "mulberry data fetch mnist")) << verified.err;
  const Outcome trained = Train("run", {"--data", "mnist"});
  EXPECT_EQ(trained.exit_code, 1);
  EXPECT_TRUE(Has(trained.err, folder_ + "/data")) << trained.err;
  EXPECT_FALSE(fs::exists(folder_ + "/run"));
  unsetenv("MULBERRY_DATA");
}

}  // namespace
}  // namespace mulberry
