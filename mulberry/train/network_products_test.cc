// The products of LeNet-5 and of a strided network against their shapes by hand.
#include "mulberry/train/network_products.h"

#include <gtest/gtest.h>

namespace mulberry {
namespace {

using Shapes = std::vector<ProductShape>;

const NetworkInput kMnist = {{1, 28, 28}, 10};

Config Of(const std::string& model) {
  Config config;
  config.model = model;
  return config;
}

const LayerProducts& Line(const std::vector<LayerProducts>& all, const std::string& layer,
                          Pass pass) {
  for (const LayerProducts& of_layer : all) {
    if (of_layer.layer == layer && of_layer.pass == pass) return of_layer;
  }
  ADD_FAILURE() << layer << " " << Name(pass) << " is missing";
  static const LayerProducts none;
  return none;
}

int64_t MacsOf(const Shapes& shapes) {
  int64_t macs = 0;
  for (const ProductShape& shape : shapes) macs += shape.macs();
  return macs;
}

// All steps of batches of 10: the second factor, which a weight-stationary array holds, first.
TEST(ProductsOf, LeNet5InTraining) {
  const auto all = ProductsOf(Of("lenet5"), kMnist, 10, Work::kTraining);
  EXPECT_EQ(all.size(), 5u * 3 - 1);  // Images need no gradient.
  const struct {
    const char* layer;
    int64_t macs;  // Of one image.
  } layers[] = {{"conv1", 6 * 28 * 28 * 25},
                {"conv2", 16 * 10 * 10 * 150},
                {"fc1", 400 * 120},
                {"fc2", 120 * 84},
                {"fc3", 84 * 10}};
  for (const auto& [layer, macs] : layers) {
    for (const Pass pass : {Pass::kForward, Pass::kInputGradient, Pass::kWeightGradient}) {
      if (layer == std::string("conv1") && pass == Pass::kInputGradient) continue;
      const LayerProducts& line = Line(all, layer, pass);
      EXPECT_EQ(line.macs, 10 * macs) << layer << " " << Name(pass);
      // Padding apart, which an input's gradient has more of, the array runs as many.
      if (pass != Pass::kInputGradient) {
        EXPECT_EQ(MacsOf(line.shapes), line.macs) << layer;
      }
    }
  }
  EXPECT_EQ(Line(all, "fc1", Pass::kForward).shapes, (Shapes{{120, 10, 400, 1}}));
  EXPECT_EQ(Line(all, "fc1", Pass::kInputGradient).shapes, (Shapes{{400, 10, 120, 1}}));
  EXPECT_EQ(MacsOf(Line(all, "fc1", Pass::kWeightGradient).shapes), 10 * 400 * 120);
}

TEST(ProductsOf, InferenceIsTheForwardProducts) {
  const auto all = ProductsOf(Of("lenet5"), kMnist, 3, Work::kInference);
  ASSERT_EQ(all.size(), 5u);
  int64_t macs = 0;
  for (const LayerProducts& of_layer : all) {
    EXPECT_EQ(of_layer.pass, Pass::kForward);
    macs += of_layer.macs;
  }
  EXPECT_EQ(all[0].layer, "conv1");
  EXPECT_EQ(macs, 3 * (117600 + 240000 + 48000 + 10080 + 840));
}

TEST(ProductsOf, NothingDependsOnTheRunBefore) {
  const auto once = ProductsOf(Of("lenet300"), kMnist, 4, Work::kTraining);
  const auto again = ProductsOf(Of("lenet300"), kMnist, 4, Work::kTraining);
  ASSERT_EQ(once.size(), again.size());
  for (size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].shapes, again[i].shapes);
}

}  // namespace
}  // namespace mulberry
