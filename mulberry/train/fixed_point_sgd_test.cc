// SGD in fixed point against the scalar definition, and its way through an archive.
#include "mulberry/train/fixed_point_sgd.h"

#include <gtest/gtest.h>

#include <sstream>

#include "mulberry/base/error.h"
#include "mulberry/formats/fixed.h"

namespace mulberry {
namespace {

constexpr FixedFormat kFormat = {1, 6};

torch::optim::SGDOptions Options() {
  return torch::optim::SGDOptions(0.25).momentum(0.875).weight_decay(0.0625);
}

void RoundInPlace(size_t /*parameter*/, ParameterPart /*part*/, at::Tensor& values) {
  auto* v = values.data_ptr<float>();
  for (int64_t i = 0; i < values.numel(); ++i) v[i] = Round(kFormat, Rounding::kNearestUp, v[i]);
}

at::Tensor Parameter(int64_t size, int64_t seed) {
  torch::manual_seed(seed);
  return torch::rand({size}).requires_grad_();
}

TEST(FixedPointSgd, IsTheDefinition) {
  at::Tensor weight = Parameter(100, 1);
  std::vector<float> w(weight.data_ptr<float>(), weight.data_ptr<float>() + 100);
  std::vector<float> h(100);
  FixedPointSgd sgd({weight}, Options(), RoundInPlace);
  for (int step = 0; step < 5; ++step) {
    weight.mutable_grad() = torch::randn({100});
    const auto* g = weight.grad().data_ptr<float>();
    sgd.step();
    for (size_t i = 0; i < w.size(); ++i) {
      const float decayed = g[i] + 0.0625f * w[i];
      h[i] = Round(kFormat, Rounding::kNearestUp, 0.25f * decayed + 0.875f * h[i]);
      w[i] = Round(kFormat, Rounding::kNearestUp, w[i] - h[i]);
      ASSERT_EQ(weight.data_ptr<float>()[i], w[i]) << "step " << step << ", " << i;
    }
  }
}

TEST(FixedPointSgd, RoundsTheHistoryFirstAndSaysWhichParameter) {
  at::Tensor one = Parameter(3, 1), two = Parameter(4, 2), without_gradient = Parameter(5, 3);
  one.mutable_grad() = torch::ones({3});
  two.mutable_grad() = torch::ones({4});
  const at::Tensor before = without_gradient.detach().clone();
  std::vector<std::pair<size_t, ParameterPart>> calls;
  FixedPointSgd sgd({one, without_gradient, two}, Options(),
                    [&](size_t parameter, ParameterPart part, at::Tensor& values) {
                      EXPECT_EQ(values.numel(), parameter == 0 ? 3 : 4);
                      calls.emplace_back(parameter, part);
                    });
  sgd.step();
  using enum ParameterPart;
  EXPECT_EQ(calls, (std::vector<std::pair<size_t, ParameterPart>>{
                       {0, kHistory}, {0, kWeight}, {2, kHistory}, {2, kWeight}}));
  EXPECT_TRUE(without_gradient.equal(before));
}

TEST(FixedPointSgd, TakesTheRateOfEachStep) {
  at::Tensor weight = torch::zeros({1}).requires_grad_();
  FixedPointSgd sgd({weight}, torch::optim::SGDOptions(1), RoundInPlace);
  weight.mutable_grad() = torch::ones({1});
  sgd.param_groups()[0].options().set_lr(0.5);
  sgd.step();
  EXPECT_EQ(weight.item<float>(), -0.5f);
}

TEST(FixedPointSgd, GoesOnFromAnArchive) {
  const auto step = [](at::Tensor& weight, FixedPointSgd& sgd) {
    weight.mutable_grad() = weight.detach() * 0.5 + 0.125;
    sgd.step();
  };
  at::Tensor whole = Parameter(10, 1), parts = Parameter(10, 1);
  FixedPointSgd of_whole({whole}, Options(), RoundInPlace);
  FixedPointSgd first({parts}, Options(), RoundInPlace);
  step(whole, of_whole);
  step(parts, first);
  std::stringstream stream;
  torch::serialize::OutputArchive out;
  first.save(out);
  out.save_to(stream);
  torch::serialize::InputArchive in;
  in.load_from(stream);
  FixedPointSgd second({parts}, Options(), RoundInPlace);
  second.load(in);
  step(whole, of_whole);
  step(parts, second);
  EXPECT_TRUE(whole.equal(parts));

  at::Tensor other = Parameter(11, 1);
  FixedPointSgd third({other}, Options(), RoundInPlace);
  EXPECT_THROW(third.load(in), Error);
}

TEST(FixedPointSgd, RefusesWhatItDoesNotDo) {
  const std::vector<at::Tensor> parameters = {Parameter(2, 1)};
  EXPECT_THROW(FixedPointSgd(parameters, Options().dampening(0.5), RoundInPlace), UsageError);
  EXPECT_THROW(FixedPointSgd(parameters, Options().nesterov(true), RoundInPlace), UsageError);
  FixedPointSgd sgd(parameters, Options(), RoundInPlace);
  EXPECT_THROW(sgd.step([] { return torch::ones({}); }), Error);
}

}  // namespace
}  // namespace mulberry
