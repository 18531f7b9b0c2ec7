// Reading MNIST: what good files give, and the message for each way in which a file can be bad.
#include "mulberry/data/mnist.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/data/idx.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

std::string BigEndian(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xff);
  return bytes;
}

// An IDX file of bytes: element i is i mod 10.
std::string IdxFile(const std::vector<uint32_t>& shape) {
  std::string file = BigEndian(0x800 + static_cast<uint32_t>(shape.size()));
  size_t count = 1;
  for (const uint32_t size : shape) {
    file += BigEndian(size);
    count *= size;
  }
  for (size_t i = 0; i < count; ++i) file += static_cast<char>(i % 10);
  return file;
}

// The test split's two files in a cache folder of their own.
class Mnist : public testing::Test {
 protected:
  Mnist() {
    WriteTestFile(images_, IdxFile({10000, 28, 28}));
    WriteTestFile(labels_, IdxFile({10000}));
  }

  // Replaces the labels by `contents` and expects LoadMnist's error to be their path and `message`.
  void ExpectLabelError(const std::string& contents, const std::string& message) {
    WriteTestFile(labels_, contents);
    ExpectError(labels_.string() + ": " + message +
                ". Fetch it again: mulberry data fetch mnist --force");
  }

  void ExpectError(const std::string& message) {
    try {
      LoadMnist(Split::kTest);
      FAIL() << "no error; expected: " << message;
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), message);
    }
  }

  TestFolder folder_;
  ScopedVariable variable_{"MULBERRY_DATA", folder_.path().c_str()};
  fs::path images_ = folder_.path() / "mnist" / "t10k-images-idx3-ubyte";
  fs::path labels_ = folder_.path() / "mnist" / "t10k-labels-idx1-ubyte";
};

TEST_F(Mnist, GivesTensors) {
  const Dataset dataset = LoadMnist(Split::kTest);
  EXPECT_EQ(dataset.size(), 10000);
  EXPECT_EQ(dataset.classes, 10);
  EXPECT_EQ(dataset.images.sizes(), (std::vector<int64_t>{10000, 1, 28, 28}));
  EXPECT_EQ(dataset.labels.scalar_type(), torch::kInt64);
  EXPECT_EQ(dataset.labels[9999].item<int64_t>(), 9);
  // Element (3, 0, 5, 7) is number 3·784 + 5·28 + 7 = 2499 in the file.
  EXPECT_NEAR(dataset.images[3][0][5][7].item<double>(), (9 / 255.0 - 0.1307) / 0.3081, 1e-6);
}

TEST_F(Mnist, GivesUnscaledPixels) {
  const Dataset dataset = LoadMnist(Split::kTest, Pixels::kUnit);
  EXPECT_FLOAT_EQ(dataset.images[3][0][5][7].item<float>(), 9 / 255.0f);
  EXPECT_EQ(dataset.images[0][0][0][0].item<float>(), 0.0f);
}

TEST_F(Mnist, TellsHowToFetchAMissingFile) {
  fs::remove(images_);
  ExpectError("cannot read " + images_.string() +
              ": No such file or directory. Fetch it: mulberry data fetch mnist");
}

TEST_F(Mnist, RefusesAnEmptyFile) {
  ExpectLabelError("", "expected an IDX header of 8 bytes, found 0 bytes");
}

TEST_F(Mnist, RefusesACutHeader) {
  ExpectLabelError(BigEndian(0x801), "expected an IDX header of 8 bytes, found 4 bytes");
}

TEST_F(Mnist, RefusesAnotherMagicNumber) {
  ExpectLabelError(IdxFile({10, 10, 100}),
                   "expected the IDX magic number 0x00000801, found 0x00000803");
  ExpectLabelError("<html><body>404", "expected the IDX magic number 0x00000801, found 0x3c68746d");
}

TEST_F(Mnist, RefusesAnotherCount) {
  ExpectLabelError(IdxFile({9999}), "expected sizes 10000, found 9999");
  WriteTestFile(images_, IdxFile({10000, 28, 27}));
  ExpectError(images_.string() +
              ": expected sizes 10000 x 28 x 28, found 10000 x 28 x 27. Fetch it "
              "again: mulberry data fetch mnist --force");
}

TEST_F(Mnist, RefusesATruncatedFile) {
  const std::string file = IdxFile({10000});
  ExpectLabelError(file.substr(0, file.size() - 1), "expected 10008 bytes, found 10007 bytes");
}

TEST_F(Mnist, RefusesBytesAfterTheEnd) {
  ExpectLabelError(IdxFile({10000}) + "x", "expected 10008 bytes, found 10009 bytes");
}

TEST_F(Mnist, RefusesALabelThatIsNoDigit) {
  std::string file = IdxFile({10000});
  file[5000] = 10;
  ExpectLabelError(file, "expected labels 0 to 9, found 10");
}

TEST_F(Mnist, VerifyComparesDigests) {
  const std::vector<FileStatus> files = VerifyFiles(MnistFiles());
  ASSERT_EQ(files.size(), 4u);
  for (const FileStatus& file : files) EXPECT_FALSE(file.good) << file.path;
  EXPECT_EQ(files[0].problem, "missing");
  EXPECT_EQ(files[2].path, images_);
  EXPECT_EQ(files[2].problem.rfind("expected SHA-256 0fa7898d", 0), 0u) << files[2].problem;
}

}  // namespace
}  // namespace mulberry
