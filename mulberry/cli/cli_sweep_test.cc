// `mulberry sweep` and `mulberry report` from outside: a sweep that is killed, interrupted, or has
// a point that fails.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "mulberry/cli/cli_test.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class CliSweepTest : public CliTest {
 protected:
  // Points of a moment each; `more` follows the base.
  std::string SweepFile(const std::string& more, int epochs = 2) const {
    const std::string file = folder_ + "/sweep.toml";
    WriteTestFile(file,
                  "[base]\n"
                  "model = 'lenet300'\n"
                  "data = 'synthetic'\n"
                  "limit-train = 1000\n"
                  "limit-test = 100\n"
                  "batch-size = 10\n"
                  "checkpoint-every = 3\n"
                  "native-batches = 0\n"
                  "threads = 1\n"
                  "epochs = " +
                      std::to_string(epochs) + "\n" + more);
    return file;
  }
  std::string Folder(const std::string& name) const { return folder_ + "/" + name; }

  Program Start(const std::string& file, const std::string& out) const {
    return Program({"sweep", file, "--out", Folder(out), "--workers", "2"}, Folder("sweep"));
  }

  // Waits until a point of the sweep has a checkpoint, or all is over.
  void WaitForCheckpoint(const Program& program, const std::string& point) const {
    while (program.Running() && !fs::exists(Folder(point) + "/checkpoint")) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  // What a report says but for times and folders.
  Json ResultsOf(const std::string& out) const {
    const Outcome outcome = Mulberry({"report", Folder(out), "--json"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    Json rows = Json::parse(outcome.out).at("rows");
    for (Json& row : rows) {
      for (const char* key : {"folders", "seconds_an_epoch", "time_ratio"}) row.erase(key);
    }
    return rows;
  }
};

const std::string kGrid = "[grid]\narithmetic = ['fp32', 'mitchell@bf16']\nseed = [1, 2]\n";

TEST_F(CliSweepTest, GoesOnAfterAKillToTheSameTable) {
  const std::string file = SweepFile(kGrid);
  const Outcome whole = Start(file, "whole").Wait();
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_TRUE(Has(whole.err, "(1/4) fp32 seed=1  started\n")) << whole.err;
  EXPECT_TRUE(Has(whole.err, "(4/4) mitchell@bf16 seed=2  finished  test accuracy ")) << whole.err;
  EXPECT_EQ(whole.out.rfind("arithmetic     model     n  test accuracy, %", 0), 0u) << whole.out;
  const Json rows = ResultsOf("whole");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows.at(1).at("configuration").at("arithmetic").at(0), "mitchell@bf16");
  EXPECT_EQ(rows.at(1).at("n"), 2);

  for (const char* point : {"parts/fp32_seed=1", "parts/mitchell@bf16_seed=1"}) {
    const Program program = Start(file, "parts");
    WaitForCheckpoint(program, point);
    program.Signal(SIGKILL);
    program.Wait();
  }
  const Outcome end = Start(file, "parts").Wait();
  ASSERT_EQ(end.exit_code, 0) << end.err;
  EXPECT_TRUE(Has(end.err, "resumed\n") || Has(end.err, "finished before\n")) << end.err;
  EXPECT_EQ(ResultsOf("parts"), rows);

  const Outcome again = Start(file, "parts").Wait();
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.out, end.out);
  EXPECT_FALSE(Has(again.err, "started") || Has(again.err, "resumed")) << again.err;
}

TEST_F(CliSweepTest, StopsItsPointsAtAnInterrupt) {
  const std::string file = SweepFile(kGrid, 1000);
  const Program program = Start(file, "out");
  WaitForCheckpoint(program, "out/fp32_seed=1");
  WaitForCheckpoint(program, "out/fp32_seed=2");
  program.Signal(SIGINT);
  const Outcome outcome = program.Wait();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(Has(outcome.err, "(1/4) fp32 seed=1  stopped\n")) << outcome.err;
  EXPECT_TRUE(Has(outcome.err, "mulberry sweep: stopped; the same command goes on\n"))
      << outcome.err;
  EXPECT_FALSE(fs::exists(Folder("out/mitchell@bf16_seed=1/metrics.jsonl")));
  EXPECT_TRUE(Has(ReadTestFile(Folder("out/fp32_seed=1/train.log")), "stopped; to go on"));
  EXPECT_TRUE(Has(outcome.out, "not finished, in no row: ")) << outcome.out;

  // Nothing is left behind, and what there is, is of these points.
  const Outcome changed = Start(SweepFile("lr = 0.5\n" + kGrid, 1000), "out").Wait();
  EXPECT_EQ(changed.exit_code, 1);
  EXPECT_EQ(changed.err, "mulberry sweep: " + Folder("out/fp32_seed=1") +
                             ": the run there is of another configuration; it has lr: 0.05, not "
                             "0.5\n");
}

TEST_F(CliSweepTest, APointThatFailsDoesNotStopTheOthers) {
  const ScopedVariable data("MULBERRY_DATA", Folder("data").c_str());
  const std::string file = SweepFile("[grid]\ndata = ['mnist', 'synthetic']\n", 1);
  const Outcome outcome = Mulberry({"sweep", file, "--out", Folder("out"), "--json"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(
      Has(outcome.err, "(1/2) mnist  failed: mulberry train: cannot read " + Folder("data")))
      << outcome.err;
  EXPECT_TRUE(Has(outcome.err, "mulberry sweep: mnist failed: mulberry train: ")) << outcome.err;
  EXPECT_TRUE(Has(outcome.err, "; its log is " + Folder("out/mnist/train.log\n"))) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json.at("points").at(0).at("state"), "failed");
  EXPECT_TRUE(Has(json.at("points").at(0).at("why"), Folder("data")));
  EXPECT_EQ(json.at("points").at(1).at("state"), "finished");
  EXPECT_EQ(json.at("report").at("rows").size(), 1u);
  EXPECT_EQ(json.at("report").at("unfinished").at(0).at("folder"), Folder("out/mnist"));
}

TEST_F(CliSweepTest, PrintsCommandsThatTrainItsPoints) {
  const std::string file =
      SweepFile("[[point]]\narithmetic = 'drum(k=4)@bf16'\n[[point]]\nseed = 2\n", 1);
  const std::string out = Folder("a folder");
  const Outcome printed = Mulberry({"sweep", file, "--out", out, "--print"});
  ASSERT_EQ(printed.exit_code, 0) << printed.err;
  EXPECT_EQ(printed.out, "mulberry train --resume --out '" + out + "/drum_k=4_@bf16'\n" +
                             "mulberry train --resume --out '" + out + "/seed=2'\n");
  EXPECT_FALSE(fs::exists(out + "/seed=2/metrics.jsonl"));
  ASSERT_EQ(Mulberry({"train", "--resume", "--out", out + "/seed=2"}).exit_code, 0);

  const Outcome report = Mulberry({"report", out});
  EXPECT_EQ(report.exit_code, 0) << report.err;
  EXPECT_EQ(report.out.rfind("| arithmetic | model | n | test accuracy, % |", 0), 0u);
  EXPECT_TRUE(Has(report.out, "\n| fp32 | lenet300 | 1 | ")) << report.out;
  EXPECT_TRUE(Has(report.out, out + "/drum_k=4_@bf16: not begun\n")) << report.out;

  WriteTestFile(Folder("costs.toml"), "unit = 'MACs of FP32'\n[costs]\nfp32 = 1\n");
  WriteTestFile(out + "/damaged/metrics.jsonl", "{}\n");
  const Outcome csv = Mulberry({"report", out, "--format", "csv", "--cost", Folder("costs.toml")});
  EXPECT_EQ(csv.exit_code, 0) << csv.err;
  EXPECT_TRUE(Has(csv.out, ",cost,pareto\nfp32,lenet300,1,")) << csv.out;
  EXPECT_TRUE(Has(csv.err, "mulberry report: warning: " + out + "/damaged/metrics.jsonl:1: "))
      << csv.err;
  EXPECT_TRUE(
      Has(Mulberry({"report", out, "--format", "latex"}).out, "\\begin{tabular}{llrrrrrr}"));
}

TEST_F(CliSweepTest, MistakesAreNamedBeforeAnythingRuns) {
  const auto expect = [&](const std::vector<std::string>& arguments, int code,
                          const std::string& error) {
    const Outcome outcome = Mulberry(arguments);
    EXPECT_EQ(outcome.exit_code, code) << error;
    EXPECT_EQ(outcome.out, "") << error;
    EXPECT_TRUE(Has(outcome.err, error)) << outcome.err;
  };
  const std::string file = SweepFile("[grid]\narithmetic = ['fp32', 'mitchel@bf16']\n");
  expect({"sweep", file, "--out", Folder("out")}, 2,
         "mulberry sweep:\n" + file + ":11: point mitchel@bf16:\nmitchel@bf16\n^");
  EXPECT_FALSE(fs::exists(Folder("out")));
  expect({"sweep", file, "--print", "--json"}, 2, "--print excludes --json");
  expect({"sweep", file, "--workers", "0"}, 2, "--workers");
  expect({"sweep", Folder("none.toml")}, 1, "none.toml: cannot be read");
  expect({"report", Folder("out"), "--plot", "x.png"}, 2, "give --cost, too");
  expect({"report", Folder("none")}, 1, "none: there is no such folder");
  fs::create_directories(Folder("empty"));
  expect({"report", Folder("empty")}, 1, "there is no run in " + Folder("empty"));
  expect({"report", Folder("empty"), "--format", "html"}, 2, "html");
}

}  // namespace
}  // namespace mulberry
