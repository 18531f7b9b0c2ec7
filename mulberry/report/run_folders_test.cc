// Finding runs below folders, whatever state they are in.
#include "mulberry/report/run_folders.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/report/test_runs.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

class FindRunsTest : public testing::Test {
 protected:
  std::string Folder(const std::string& name) const { return folder_.path() / name; }

  // The one message of damage.
  std::string Damage() const {
    const FoundRuns found = FindRuns({folder_.path()});
    EXPECT_EQ(found.damaged.size(), 1u);
    return found.damaged.empty() ? "" : found.damaged.front();
  }

  const TestFolder folder_;
};

TEST_F(FindRunsTest, FindsThemBelowByName) {
  WriteTestRun(Folder("sweep/b"), {});
  WriteTestRun(Folder("sweep/a/deep"), {});
  WriteTestRun(Folder("other"), {});
  WriteTestFile(Folder("sweep/notes.txt"), "no run\n");
  const FoundRuns found = FindRuns({Folder("sweep"), Folder("other"), Folder("sweep/b")});
  ASSERT_EQ(found.runs.size(), 3u);
  EXPECT_EQ(found.runs[0].folder, Folder("sweep/a/deep"));
  EXPECT_EQ(found.runs[1].folder, Folder("sweep/b"));
  EXPECT_EQ(found.runs[2].folder, Folder("other"));
  EXPECT_TRUE(found.damaged.empty() && found.not_begun.empty());
}

TEST_F(FindRunsTest, TellsWhatHasNotBegun) {
  WriteTestFile(Folder("comparison/config.toml"), "");
  WriteTestRun(Folder("comparison/fp32"), {});
  WriteTestFile(Folder("waiting/config.toml"), "");
  const FoundRuns found = FindRuns({folder_.path()});
  EXPECT_EQ(found.not_begun, std::vector<std::string>{Folder("waiting")});
  EXPECT_EQ(found.runs.size(), 1u);
}

TEST_F(FindRunsTest, NamesWhatIsDamagedAndReadsTheRest) {
  WriteTestRun(Folder("good"), {});
  WriteTestRun(Folder("torn"), {.accuracies = {90, 91}, .epochs = 2});
  const std::string file = Folder("torn/metrics.jsonl");
  const std::string text = ReadTestFile(file);
  // A torn last line is what a kill leaves, and no damage.
  WriteTestFile(file, text.substr(0, text.size() - 20));
  const FoundRuns found = FindRuns({folder_.path()});
  EXPECT_TRUE(found.damaged.empty());
  ASSERT_EQ(found.runs.size(), 2u);
  EXPECT_EQ(found.runs[1].metrics.epochs.size(), 1u);

  WriteTestFile(file, text.substr(0, text.size() - 20) + "\n" + text);
  EXPECT_NE(Damage().find(file + ":3: "), std::string::npos) << Damage();
  EXPECT_EQ(FindRuns({folder_.path()}).runs.size(), 1u);
  WriteTestFile(file, "");
  EXPECT_NE(Damage().find(file + ": has no header line"), std::string::npos) << Damage();
  WriteTestFile(file, std::string("\0\x80 no JSON\n", 11));
  EXPECT_NE(Damage().find(file + ":1: "), std::string::npos) << Damage();
  WriteTestFile(file, "[1]\n");
  EXPECT_NE(Damage().find(file + ":1: "), std::string::npos) << Damage();
}

TEST_F(FindRunsTest, AsksForAConfigurationThatMakesARow) {
  for (const auto& more : {nlohmann::ordered_json{{"arithmetic", "fp32"}},
                           {{"arithmetic", {"fp32", "mbm@bf16"}}},
                           {{"model", 5}},
                           {{"seed", "one"}}}) {
    fs::remove_all(Folder("run"));
    WriteTestRun(Folder("run"), {.more = more});
    EXPECT_NE(Damage().find("must have one arithmetic, a model and a seed"), std::string::npos);
  }
}

TEST_F(FindRunsTest, RefusesWhatIsNoFolder) {
  WriteTestFile(Folder("file"), "");
  EXPECT_THROW(FindRuns({Folder("none")}), Error);
  EXPECT_THROW(FindRuns({Folder("file")}), Error);
}

}  // namespace
}  // namespace mulberry
