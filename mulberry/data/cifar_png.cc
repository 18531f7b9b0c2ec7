#include "mulberry/data/cifar_png.h"

#include <fmt/format.h>
#include <png.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"
#include "mulberry/data/cifar.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

// The pixels of a PNG image of 8-bit RGB, three bytes each, row by row.
std::vector<uint8_t> ReadPng(const fs::path& path, int64_t width, int64_t height) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, decltype(&png_image_free)> guard(&image, &png_image_free);
  if (!png_image_begin_read_from_file(&image, path.c_str())) {
    throw Error("{}: libpng cannot read it: {}", path.string(), image.message);
  }
  if (image.width != width || image.height != height || image.format != PNG_FORMAT_RGB) {
    throw Error("{}: expected {} x {} pixels of 8-bit RGB, found {} x {}{}", path.string(), width,
                height, image.width, image.height,
                image.format == PNG_FORMAT_RGB ? "" : " of another kind");
  }
  std::vector<uint8_t> pixels(PNG_IMAGE_SIZE(image));
  if (!png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr)) {
    throw Error("{}: libpng cannot read it: {}", path.string(), image.message);
  }
  return pixels;
}

void Convert(const fs::path& folder, const std::string& name, std::span<const uint8_t> labels) {
  ReplaceFile((folder / (name + ".bin")).string(),
              Cifar10FromPng(folder / (name + ".png"), labels));
}

}  // namespace

std::vector<uint8_t> ReadCifar10Labels(const fs::path& path, size_t count) {
  std::ifstream file(path);
  if (!file) throw Error("cannot read {}: {}", path.string(), std::strerror(errno));
  const auto json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_array() || json.size() != count) {
    throw Error("{}: expected a JSON list of {} labels, found {}", path.string(), count,
                json.is_array() ? fmt::format("{}", json.size()) : "none");
  }
  std::vector<uint8_t> labels;
  for (const nlohmann::json& label : json) {
    if (!label.is_number_unsigned() || label.get<uint64_t>() >= kCifarClasses) {
      throw Error("{}: expected labels 0 to 9, found {}", path.string(), label.dump());
    }
    labels.push_back(label.get<uint8_t>());
  }
  return labels;
}

std::string Cifar10FromPng(const fs::path& path, std::span<const uint8_t> labels) {
  const std::vector<uint8_t> pixels =
      ReadPng(path, kCifarPixels, static_cast<int64_t>(labels.size()));
  std::string bytes;
  bytes.reserve(labels.size() + pixels.size());
  const uint8_t* row = pixels.data();
  for (const uint8_t label : labels) {
    bytes += static_cast<char>(label);
    for (int64_t c = 0; c < kCifarChannels; ++c) {
      for (int64_t i = 0; i < kCifarPixels; ++i) {
        bytes += static_cast<char>(row[i * kCifarChannels + c]);
      }
    }
    row += kCifarPixels * kCifarChannels;
  }
  return bytes;
}

void ConvertCifar10Pngs(const fs::path& folder) {
  // Their names are spelled so in the package.
  const std::vector<uint8_t> train =
      ReadCifar10Labels(folder / "train_lables.json", kCifarTrainFiles * kCifarFileImages);
  const std::vector<uint8_t> test =
      ReadCifar10Labels(folder / "test_lables.json", kCifarFileImages);
  for (int64_t i = 0; i < kCifarTrainFiles; ++i) {
    Convert(folder, fmt::format("data_batch_{}", i + 1),
            std::span(train).subspan(i * kCifarFileImages, kCifarFileImages));
  }
  Convert(folder, "test_batch", test);
}

}  // namespace mulberry
