// Sweeps: their points, names and folders, and what is said of mistakes before anything runs.
#include "mulberry/train/sweep.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/report/metrics.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

Strings Names(const Sweep& sweep) {
  Strings names;
  for (const SweepPoint& point : sweep.points) names.push_back(point.name);
  return names;
}

std::string ErrorOf(const std::string& toml) {
  try {
    ParseSweep(toml, "sweep.toml");
  } catch (const UsageError& e) {
    return e.what();
  }
  return "";
}

// A file that is good up to what is added.
const std::string kBegin = "out = 'runs/x'\n[base]\ndata = 'synthetic'\n";

TEST(Sweep, HasEveryCombinationAndThePoints) {
  const Sweep sweep = ParseSweep(kBegin +
                                     "epochs = 2\n"
                                     "[grid]\n"
                                     "seed = [1, 2]\n"
                                     "model = ['lenet5', 'lenet300']\n"
                                     "arithmetic = ['fp32', 'drum(k = 4)@bf16']\n"
                                     "[[point]]\n"
                                     "arithmetic = 'mbm@bf16'\n"
                                     "lr = 0.1\n",
                                 "sweep.toml");
  EXPECT_EQ(sweep.out, "runs/x");
  EXPECT_EQ(Names(sweep),
            (Strings{"lenet5 fp32 seed=1", "lenet5 fp32 seed=2", "lenet5 drum(k=4)@bf16 seed=1",
                     "lenet5 drum(k=4)@bf16 seed=2", "lenet300 fp32 seed=1", "lenet300 fp32 seed=2",
                     "lenet300 drum(k=4)@bf16 seed=1", "lenet300 drum(k=4)@bf16 seed=2",
                     "mbm@bf16 lr=0.1"}));
  const Config& config = sweep.points[3].config;
  EXPECT_EQ(config.arithmetic, Strings{"drum(k=4)@bf16"});
  EXPECT_EQ(config.seed, 2);
  EXPECT_EQ(config.epochs, 2);
  EXPECT_EQ(config.lr, 0.05);  // Complete.
  EXPECT_EQ(config.out, "runs/x/lenet5_drum_k=4_@bf16_seed=2");
  EXPECT_EQ(sweep.points.back().config.lr, 0.1);
}

TEST(Sweep, MayHaveSeveralGridsAndListsAsValues) {
  const Sweep sweep = ParseSweep(kBegin +
                                     "[[grid]]\n"
                                     "schedule = ['none', 'warmup', ['warmup(epochs=2)']]\n"
                                     "arithmetic = ['mbm@bf16']\n"
                                     "[[grid]]\n"
                                     "policy = [[], ['fc1=fp32', 'fc2=fp32']]\n",
                                 "sweep.toml", "elsewhere");
  EXPECT_EQ(sweep.out, "elsewhere");
  EXPECT_EQ(Names(sweep), (Strings{"mbm@bf16 schedule=none", "mbm@bf16 schedule=warmup",
                                   "mbm@bf16 schedule=warmup(epochs=2)", "policy=none",
                                   "policy=fc1=fp32,fc2=fp32"}));
  EXPECT_EQ(sweep.points[0].config.schedule, Strings());
  EXPECT_EQ(sweep.points[4].config.policy.size(), 2u);
}

TEST(Sweep, BeginsWithAnExperimentsFile) {
  const TestFolder folder;
  const std::string file = folder.path() / "base.toml";
  WriteTestFile(file,
                "data = 'synthetic'\nout = 'ignored'\nepochs = 3\nlr = 0.2\n"
                "arithmetic = ['fp32', 'mbm@bf16']\n");
  const std::string begin = "out = 'x'\nconfig = '" + file + "'\n[base]\nlr = 0.1\n";
  const Sweep sweep = ParseSweep(begin + "[grid]\narithmetic = ['fp32']\n", "sweep.toml");
  EXPECT_EQ(sweep.points[0].config.epochs, 3);
  EXPECT_EQ(sweep.points[0].config.lr, 0.1);
  EXPECT_EQ(sweep.points[0].config.out, "x/fp32");
  EXPECT_EQ(
      ErrorOf(begin + "[grid]\nseed = [1]\n"),
      "sweep.toml:5: point seed=1: arithmetic: a point has one, not 2; several are an axis of "
      "[grid]");
}

// As in a comparison: fp32 is the baseline, and has none of it.
TEST(Sweep, GivesTheBasesRecipeToRunsThatCanHaveIt) {
  const std::string begin = kBegin + "loss-scale = 'dynamic'\n[grid]\n";
  const Sweep sweep = ParseSweep(begin + "arithmetic = ['fp32', 'exact@fp16']\n", "sweep.toml");
  EXPECT_EQ(sweep.points[0].config.loss_scale, "");
  EXPECT_EQ(sweep.points[1].config.loss_scale, "dynamic");
  EXPECT_NE(ErrorOf(begin + "arithmetic = ['fp32']\n").find("loss-scale: dynamic: all products"),
            std::string::npos);
  EXPECT_NE(ErrorOf(kBegin + "[grid]\narithmetic = ['fp32', 'exact@fp16']\n"
                             "loss-scale = ['', 'dynamic']\n")
                .find("sweep.toml:4: point fp32 loss-scale=dynamic: loss-scale: dynamic: all"),
            std::string::npos);
}

TEST(Sweep, NamesTheFileTheLineAndTheValueAtFault) {
  const auto expect = [](const std::string& toml, const std::string& error) {
    EXPECT_EQ(ErrorOf(kBegin + toml), error);
  };
  expect("[grid]\nepoch = [1]\n", "sweep.toml:5: unknown key 'epoch'; did you mean 'epochs'?");
  expect("epoch = 1\n[grid]\nseed = [1]\n",
         "sweep.toml:4: unknown key 'epoch'; did you mean 'epochs'?");
  expect("[gird]\nseed = [1]\n",
         "sweep.toml:4: unknown key 'gird'; did you mean 'grid'? keys of runs belong into [base], "
         "[grid] or [[point]]");
  expect("[grid]\nseed = []\n",
         "sweep.toml:5: grid: seed: must be a list of at least one value; a key with one value for "
         "all belongs into [base]");
  expect("[grid]\nseed = 1\n",
         "sweep.toml:5: grid: seed: must be a list of at least one value; a key with one value for "
         "all belongs into [base]");
  expect("[grid]\nseed = [1, 'two']\n", "sweep.toml:5: seed: must be a whole number, not 'two'");
  expect("[grid]\nseed = [1,\n 2.5]\n", "sweep.toml:6: seed: must be a whole number, not 2.5");
  expect("[grid]\nepochs = [0]\n", "sweep.toml:5: epochs: 0 must be from 1 to 1000000");
  expect("[grid]\noptimizer = ['adm']\n",
         "sweep.toml:5: optimizer: 'adm' must be one of: sgd, adam");
  expect("[grid]\n", "sweep.toml:4: grid: it has no keys");
  expect("[[point]]\n", "sweep.toml:4: point: it has no keys");
  expect("", "sweep.toml: there are no points: give a [grid] or a [[point]]");
  expect(
      "[[point]]\nout = 'y'\n",
      "sweep.toml:5: out: the folders of points are in the sweep's, which the file's first `out` "
      "names");
  expect("[grid]\nmodel = ['lenet5']\n[[point]]\nmodel = 'lenet5'\n",
         "sweep.toml:6: point lenet5: is there already, in line 4");
  EXPECT_EQ(ErrorOf(kBegin + "[[point]]\nmodel = 'lenet6'\n")
                .rfind("sweep.toml:4: point lenet6: no model \"lenet6\"; did you mean", 0),
            0u);
  const std::string caret = ErrorOf(kBegin + "[grid]\narithmetic = ['fp32', 'mitchel@bf16']\n");
  EXPECT_EQ(caret.rfind("sweep.toml:4: point mitchel@bf16:\nmitchel@bf16\n^", 0), 0u) << caret;
  EXPECT_EQ(ErrorOf("[grid]\nseed = [1]\n"),
            "sweep.toml: there is no `out`, the folder of the sweep; or give --out");
  EXPECT_EQ(ErrorOf("out = 1\n"), "sweep.toml:1: out: must be a string");
  EXPECT_EQ(ErrorOf("out = 'x'\ngrid = 1\n"),
            "sweep.toml:2: grid: must be a table, [grid] or [[grid]]");
  EXPECT_EQ(ErrorOf("out = \n").rfind("sweep.toml:1:", 0), 0u);
}

class SweepFoldersTest : public testing::Test {
 protected:
  Sweep WithLr(const std::string& lr) const {
    return ParseSweep("[base]\ndata = 'synthetic'\nlr = " + lr + "\n[grid]\nseed = [1, 2]\n",
                      "sweep.toml", out_);
  }
  std::string ErrorOfPreparing(const Sweep& sweep) const {
    try {
      PrepareFolders(sweep);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }

  const TestFolder folder_;
  const std::string out_ = folder_.path() / "out";
};

TEST_F(SweepFoldersTest, HoldTheConfigurationsOfTheirPoints) {
  const Sweep sweep = WithLr("0.1");
  PrepareFolders(sweep);
  EXPECT_EQ(ReadConfig(out_ + "/seed=2/" + kConfigFile), sweep.points[1].config);
  EXPECT_FALSE(IsFinished(out_ + "/seed=2"));
  EXPECT_EQ(ErrorOfPreparing(sweep), "");
}

TEST_F(SweepFoldersTest, OfOtherRunsAreRefusedBeforeAnythingIsWritten) {
  PrepareFolders(WithLr("0.1"));
  fs::remove_all(out_ + "/seed=1");
  EXPECT_EQ(ErrorOfPreparing(WithLr("0.2")),
            out_ + "/seed=2: the run there is of another configuration; it has lr: 0.1, not 0.2");
  EXPECT_FALSE(fs::exists(out_ + "/seed=1"));
  WriteTestFile(out_ + "/seed=1/" + kMetricsFile, "");
  EXPECT_EQ(ErrorOfPreparing(WithLr("0.1")),
            out_ + "/seed=1: holds a run without config.toml; move it away");
}

}  // namespace
}  // namespace mulberry
