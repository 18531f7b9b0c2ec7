// Reading CIFAR-10's binary files: what good files give, and the message for each way in which a
// file can be bad.
#include "mulberry/data/cifar.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/base/sha256.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kImages = 5;

// Records whose label is n, and whose pixel i of channel c is (n + 2 i + 100 c) mod 256.
std::string Records(int64_t images) {
  std::string bytes;
  for (int64_t n = 0; n < images; ++n) {
    bytes += static_cast<char>(n);
    for (int64_t c = 0; c < 3; ++c) {
      for (int64_t i = 0; i < 1024; ++i) bytes += static_cast<char>((n + 2 * i + 100 * c) % 256);
    }
  }
  return bytes;
}

class Cifar10 : public testing::Test {
 protected:
  // Reads a file of `contents`, with its digest unless another is given.
  Dataset Read(const std::string& contents, std::string sha256 = {}) {
    WriteTestFile(path_, contents);
    if (sha256.empty()) sha256 = Sha256().Add(contents).Digest();
    Dataset dataset{torch::empty({kImages, 3, 32, 32}), torch::empty({kImages}, torch::kInt64), 10};
    ReadCifar10File(path_, sha256, "Mend it.", dataset.images, dataset.labels);
    return dataset;
  }

  static std::string MessageOf(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  TestFolder folder_;
  ScopedVariable variable_{"MULBERRY_DATA", folder_.path().c_str()};
  fs::path cache_ = folder_.path() / "cifar10";
  fs::path path_ = cache_ / "test_batch.bin";
};

TEST_F(Cifar10, GivesNormalisedTensors) {
  const Dataset dataset = Read(Records(kImages));
  EXPECT_TRUE(dataset.labels.equal(torch::arange(kImages, torch::kInt64)));
  // Row 5, column 7 is pixel 167: of image 3, bytes 3 + 334 + 100 c less multiples of 256.
  const auto pixel = [&](int64_t c) { return dataset.images[3][c][5][7].item<double>(); };
  EXPECT_NEAR(pixel(0), (81 / 255.0 - 0.4914) / 0.2470, 1e-6);
  EXPECT_NEAR(pixel(1), (181 / 255.0 - 0.4822) / 0.2435, 1e-6);
  EXPECT_NEAR(pixel(2), (25 / 255.0 - 0.4465) / 0.2616, 1e-6);
}

TEST_F(Cifar10, RefusesAnotherSize) {
  const std::string good = Records(kImages);
  for (const std::string& bytes : {std::string(), good.substr(0, good.size() - 1), good + "x"}) {
    EXPECT_EQ(MessageOf([&] { Read(bytes); }),
              fmt::format("{}: expected 15365 bytes, found {} bytes. Mend it.", path_.string(),
                          bytes.size()));
  }
}

TEST_F(Cifar10, RefusesAnotherDigest) {
  const std::string good = Records(kImages);
  std::string bad = good;
  bad[4000] ^= 1;
  const std::string expected = Sha256().Add(good).Digest(), found = Sha256().Add(bad).Digest();
  EXPECT_EQ(MessageOf([&] { Read(bad, expected); }),
            path_.string() + ": expected SHA-256 " + expected + ", found " + found + ". Mend it.");
}

TEST_F(Cifar10, RefusesALabelThatIsNoClass) {
  for (const int label : {10, 128, 255}) {
    std::string bytes = Records(kImages);
    bytes[2 * 3073] = static_cast<char>(label);
    EXPECT_EQ(MessageOf([&] { Read(bytes); }),
              fmt::format("{}: expected labels 0 to 9, found {} in record 2. Mend it.",
                          path_.string(), label));
  }
}

TEST_F(Cifar10, RefusesAFolder) {
  fs::create_directories(path_);
  EXPECT_EQ(MessageOf([&] { LoadCifar10(Split::kTest); }).rfind(path_.string() + ": expected", 0),
            0u);
}

TEST_F(Cifar10, TellsHowToFetchAMissingFile) {
  EXPECT_EQ(MessageOf([&] { LoadCifar10(Split::kTest); }),
            "cannot read " + path_.string() +
                ": No such file or directory. Fetch it: mulberry data fetch cifar10");
  // Files are read by several threads, and any of their errors arrives.
  const std::string message = MessageOf([&] { LoadCifar10(Split::kTrain); });
  EXPECT_EQ(message.rfind("cannot read " + (cache_ / "data_batch_").string(), 0), 0u) << message;
}

TEST_F(Cifar10, TellsHowToMendABadFile) {
  WriteTestFile(path_, "<html><body>404");
  EXPECT_EQ(MessageOf([&] { LoadCifar10(Split::kTest); }),
            path_.string() +
                ": expected 30730000 bytes, found 15 bytes. Fetch it again: mulberry data fetch "
                "cifar10 --force");
  const std::string zeros(30730000, '\0');
  WriteTestFile(path_, zeros);
  EXPECT_EQ(MessageOf([&] { LoadCifar10(Split::kTest); }),
            path_.string() +
                ": expected SHA-256 "
                "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b, found " +
                Sha256().Add(zeros).Digest() +
                ". Fetch it again: mulberry data fetch cifar10 --force");
}

}  // namespace
}  // namespace mulberry
