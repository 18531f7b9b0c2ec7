// CIFAR-10's PNG images and JSON labels: their way into the official form, and what is said of bad
// ones.
#include "mulberry/data/cifar_png.h"

#include <gtest/gtest.h>
#include <png.h>

#include <array>
#include <functional>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

class CifarPng : public testing::Test {
 protected:
  // A PNG of one byte, i mod 251, for each sample.
  void WritePng(uint32_t width, uint32_t height, uint32_t format = PNG_FORMAT_RGB) const {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = format;
    std::vector<uint8_t> pixels(PNG_IMAGE_SIZE(image));
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i % 251);
    ASSERT_TRUE(png_image_write_to_file(&image, png_.c_str(), 0, pixels.data(), 0, nullptr));
  }

  std::string PngMessage() const {
    return MessageOf([&] { Cifar10FromPng(png_, kLabels); });
  }

  std::string LabelMessage(const std::string& json) const {
    WriteTestFile(json_, json);
    return MessageOf([&] { ReadCifar10Labels(json_, 3); });
  }

  static std::string MessageOf(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  static constexpr std::array<uint8_t, 3> kLabels = {7, 0, 9};
  TestFolder folder_;
  fs::path png_ = folder_.path() / "data_batch_1.png";
  fs::path json_ = folder_.path() / "train_lables.json";
};

TEST_F(CifarPng, BecomesRecordsOfPlanes) {
  WritePng(1024, 3);
  const std::string bytes = Cifar10FromPng(png_, kLabels);
  ASSERT_EQ(bytes.size(), 3u * 3073);
  for (size_t n = 0; n < 3; ++n) {
    EXPECT_EQ(bytes[n * 3073], kLabels[n]);
    for (size_t c = 0; c < 3; ++c) {
      for (size_t i = 0; i < 1024; ++i) {
        const size_t sample = (n * 1024 + i) * 3 + c;
        ASSERT_EQ(static_cast<uint8_t>(bytes[n * 3073 + 1 + c * 1024 + i]), sample % 251);
      }
    }
  }
}

TEST_F(CifarPng, OfAnotherShapeIsRefused) {
  const std::string expected = png_.string() + ": expected 1024 x 3 pixels of 8-bit RGB, found ";
  WritePng(1024, 4);
  EXPECT_EQ(PngMessage(), expected + "1024 x 4");
  WritePng(1023, 3);
  EXPECT_EQ(PngMessage(), expected + "1023 x 3");
  WritePng(1024, 3, PNG_FORMAT_GRAY);
  EXPECT_EQ(PngMessage(), expected + "1024 x 3 of another kind");
  WritePng(1024, 3, PNG_FORMAT_RGBA);
  EXPECT_EQ(PngMessage(), expected + "1024 x 3 of another kind");
}

TEST_F(CifarPng, ThatIsDamagedIsRefused) {
  const std::string start = png_.string() + ": libpng cannot read it: ";
  EXPECT_EQ(PngMessage(), start + "No such file or directory");
  WriteTestFile(png_, "");
  EXPECT_EQ(PngMessage().rfind(start, 0), 0u) << PngMessage();
  WriteTestFile(png_, "<html><body>404");
  EXPECT_EQ(PngMessage().rfind(start, 0), 0u) << PngMessage();
  WritePng(1024, 3);
  const std::string good = ReadTestFile(png_);
  // Cut anywhere before the end of the pixels, which 16 bytes of checksum and end chunk follow.
  for (size_t size = 0; size + 16 < good.size(); size += 1 + good.size() / 97) {
    WriteTestFile(png_, good.substr(0, size));
    EXPECT_EQ(PngMessage().rfind(start, 0), 0u) << size << ": " << PngMessage();
  }
  std::string bad = good;
  bad[good.size() / 2] ^= 0x10;
  WriteTestFile(png_, bad);
  EXPECT_EQ(PngMessage().rfind(start, 0), 0u) << PngMessage();
}

TEST_F(CifarPng, LabelsAreAJsonList) {
  WriteTestFile(json_, "[7,0,9]");
  EXPECT_EQ(ReadCifar10Labels(json_, 3), (std::vector<uint8_t>{7, 0, 9}));
}

TEST_F(CifarPng, LabelsThatAreBadAreRefused) {
  EXPECT_EQ(MessageOf([&] { ReadCifar10Labels(json_, 3); }),
            "cannot read " + json_.string() + ": No such file or directory");
  const std::string count = json_.string() + ": expected a JSON list of 3 labels, found ";
  EXPECT_EQ(LabelMessage("[7,0]"), count + "2");
  EXPECT_EQ(LabelMessage("[]"), count + "0");
  EXPECT_EQ(LabelMessage("[7,0,"), count + "none");
  EXPECT_EQ(LabelMessage(""), count + "none");
  EXPECT_EQ(LabelMessage("{\"a\":1,\"b\":2,\"c\":3}"), count + "none");
  const std::string range = json_.string() + ": expected labels 0 to 9, found ";
  EXPECT_EQ(LabelMessage("[7,0,10]"), range + "10");
  EXPECT_EQ(LabelMessage("[7,-1,9]"), range + "-1");
  EXPECT_EQ(LabelMessage("[7,0.5,9]"), range + "0.5");
  EXPECT_EQ(LabelMessage("[7,\"0\",9]"), range + "\"0\"");
  EXPECT_EQ(LabelMessage("[7,[],9]"), range + "[]");
}

TEST_F(CifarPng, APackageWithoutAFileIsRefused) {
  EXPECT_EQ(MessageOf([&] { ConvertCifar10Pngs(folder_.path()); }),
            "cannot read " + json_.string() + ": No such file or directory");
}

}  // namespace
}  // namespace mulberry
