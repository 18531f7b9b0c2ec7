// Dynamic precision scaling on a network, against one whose every point is rounded by the scalar
// definition, and what it tells the controller and the record.
#include "mulberry/train/dynamic_precision.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/data/synthetic.h"
#include "mulberry/formats/fixed.h"
#include "mulberry/models/registry.h"
#include "mulberry/nn/approximate.h"
#include "mulberry/train/step.h"

namespace mulberry {
namespace {

constexpr int64_t kImages = 8;

/// Eight bits everywhere: products and sums of forward passes are exact in FP32, in any order.
DynamicPrecisionOptions Short(int integer_bits) {
  DynamicPrecisionOptions options;
  options.scaling.target_length = 6;
  options.scaling.max_length = 8;
  options.start_length = 8;
  options.start_integer_bits = integer_bits;
  return options;
}

Config SgdConfig() {
  Config config;
  config.lr = 0.125;
  config.momentum = 0.5;
  config.weight_decay = 0.0625;
  return config;
}

Batch Images() {
  const Dataset data = MakeSynthetic(Split::kTrain, kImages, 0);
  return {data.images, data.labels};
}

at::Tensor ScalarRounded(const FixedFormat& format, const at::Tensor& values) {
  at::Tensor out = values.detach().clone().contiguous();
  auto* v = out.data_ptr<float>();
  for (int64_t i = 0; i < out.numel(); ++i) v[i] = Round(format, Rounding::kNearestUp, v[i]);
  return out;
}

int64_t ScalarOverflows(const FixedFormat& format, const at::Tensor& values) {
  const at::Tensor in = values.contiguous();
  int64_t count = 0;
  for (int64_t i = 0; i < in.numel(); ++i) count += Overflows(format, in.data_ptr<float>()[i]);
  return count;
}

/// Rounds the gradient too.
struct ScalarPoint : torch::autograd::Function<ScalarPoint> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& values,
                            int64_t integer_bits, int64_t fraction_bits) {
    context->saved_data["il"] = integer_bits;
    context->saved_data["fl"] = fraction_bits;
    return ScalarRounded({static_cast<int>(integer_bits), static_cast<int>(fraction_bits)}, values);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const FixedFormat format = {static_cast<int>(context->saved_data["il"].toInt()),
                                static_cast<int>(context->saved_data["fl"].toInt())};
    return {ScalarRounded(format, gradients[0]), {}, {}};
  }
};

/// LeNet-5's forward pass with every point rounded into `format`.
at::Tensor ScalarLeNet5(Network& model, const FixedFormat& format, const at::Tensor& images) {
  auto p = model.named_parameters();
  const auto point = [&](const at::Tensor& x) {
    return ScalarPoint::apply(x, format.integer_bits, format.fraction_bits);
  };
  const auto layer = [&](const std::string& name, const at::Tensor& x) {
    return torch::linear(x, p[name + ".weight"], p[name + ".bias"]);
  };
  at::Tensor x = ScalarRounded(format, images);
  x = point(torch::conv2d(x, p["conv1.weight"], p["conv1.bias"], 1, 2));
  x = torch::max_pool2d(torch::relu(x), 2);
  x = point(torch::conv2d(x, p["conv2.weight"], p["conv2.bias"]));
  x = torch::max_pool2d(torch::relu(x), 2);
  x = torch::relu(point(layer("fc1", x.flatten(1))));
  x = torch::relu(point(layer("fc2", x)));
  return layer("fc3", x);
}

/// LeNet-5 with its precision and optimiser; native products. It has a mode only while it runs, so
/// that two of them do not meet.
struct Training {
  std::shared_ptr<Network> model = MakeNetwork("lenet5", 10, 1);
  DynamicPrecision precision;
  std::unique_ptr<torch::optim::Optimizer> optimizer;

  explicit Training(const DynamicPrecisionOptions& options)
      : precision(options, *model, 1), optimizer(precision.MakeOptimizer(SgdConfig(), *model)) {}

  Approximate::Options ModeOptions() const {
    Approximate::Options options;
    options.output_points = precision.output_points();
    return options;
  }

  at::Tensor Forward(const at::Tensor& images) {
    const Approximate mode(*model, Policy::Uniform(ParseArithmetic("fp32")), ModeOptions());
    return model->forward(precision.RoundData(images));
  }

  IterationMetrics Iterate() {
    const Approximate mode(*model, Policy::Uniform(ParseArithmetic("fp32")), ModeOptions());
    precision.BeginIteration();
    Batch batch = Images();
    batch.images = precision.RoundData(batch.images);
    const Scores scores = TrainStep(*model, *optimizer, SgdConfig().lr, batch);
    return precision.EndIteration(scores.loss(), mode.Report());
  }
};

TEST(DynamicPrecision, RoundsTheParametersAtTheStart) {
  const auto before = MakeNetwork("lenet5", 10, 1), after = MakeNetwork("lenet5", 10, 1);
  const DynamicPrecision precision(Short(-2), *after, 1);
  const auto rounded = after->named_parameters();
  for (const auto& parameter : before->named_parameters()) {
    EXPECT_TRUE(rounded[parameter.key()].equal(ScalarRounded({-2, 10}, parameter.value())))
        << parameter.key();
  }
}

TEST(DynamicPrecision, RoundsTheDataAndEveryOutputButTheLast) {
  const FixedFormat format = {1, 7};
  Training training(Short(1));
  const auto reference = MakeNetwork("lenet5", 10, 1);
  const DynamicPrecision rounds_parameters(Short(1), *reference, 1);
  const at::Tensor images = Images().images;
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(training.Forward(images).equal(ScalarLeNet5(*reference, format, images)));
}

// Sums of the gradients' products are not exact, so that now and then one is rounded the other way.
TEST(DynamicPrecision, RoundsErrorsAndUpdates) {
  const FixedFormat format = {-1, 9};
  Training training(Short(-1));
  const auto reference = MakeNetwork("lenet5", 10, 1);
  const DynamicPrecision rounds_parameters(Short(-1), *reference, 1);
  const IterationMetrics line = training.Iterate();

  const Batch batch = Images();
  torch::nn::functional::cross_entropy(ScalarLeNet5(*reference, format, batch.images), batch.labels)
      .backward();
  const auto updated = training.model->named_parameters();
  size_t index = 0;
  for (const auto& parameter : reference->named_parameters()) {
    const at::Tensor w = parameter.value().detach();
    const at::Tensor raw = 0.125 * (parameter.value().grad() + 0.0625 * w);
    const at::Tensor h = ScalarRounded(format, raw);
    const at::Tensor expected = ScalarRounded(format, w - h);
    const at::Tensor difference = (updated[parameter.key()] - expected).abs();
    EXPECT_LE(difference.max().item<float>(), format.epsilon()) << parameter.key();
    EXPECT_LE(difference.count_nonzero().item<int64_t>(), difference.numel() / 100)
        << parameter.key();
    const TensorPrecision& tensor = line.parameters.at(index++);
    EXPECT_EQ(tensor.name, parameter.key());
    EXPECT_EQ(tensor.integer_bits, -1);
    EXPECT_EQ(tensor.fraction_bits, 9);
    EXPECT_EQ(tensor.data_overflows, ScalarOverflows(format, w - h)) << parameter.key();
    EXPECT_EQ(tensor.gradient_overflows, ScalarOverflows(format, raw)) << parameter.key();
  }
  ASSERT_EQ(line.activations.size(), 5u);
  EXPECT_EQ(line.activations[0].name, "data");
  EXPECT_EQ(line.activations[4].name, "fc2");
  EXPECT_EQ(line.activations[0].data_overflows, ScalarOverflows(format, batch.images));
  EXPECT_GT(line.activations[0].data_overflows, 0);
  EXPECT_EQ(line.activations[0].gradient_overflows, 0);
  EXPECT_EQ(line.stage, "isearch");
  EXPECT_EQ(line.length, 8);
  // Told to the controller: what overflowed has an integer bit more.
  EXPECT_EQ(training.Iterate().activations[0].integer_bits, 0);
}

// 8 bits until every tensor has found its integer bits, then 6, where the weights follow with the
// next update.
TEST(DynamicPrecision, CountsMacsByTheLongerOperand) {
  constexpr int64_t kConv1 = kImages * 28 * 28 * 6 * 25, kConv2 = kImages * 10 * 10 * 16 * 150;
  constexpr int64_t kFc3 = kImages * 84 * 10;
  constexpr int64_t kForward = kConv1 + kConv2 + kImages * (400 * 120 + 120 * 84) + kFc3;
  using Macs = std::map<int, int64_t>;
  DynamicPrecisionOptions options = Short(-3);
  options.scaling.isearch_window = 1;
  Training training(options);
  IterationMetrics line = training.Iterate();
  EXPECT_EQ(line.macs, (Macs{{9, 3 * kForward - kConv1}}));
  while (line.stage == "isearch" && line.iteration < 200) line = training.Iterate();
  ASSERT_EQ(line.stage, "dsearch");
  EXPECT_EQ(line.length, 6);
  EXPECT_EQ(line.macs, (Macs{{7, kForward - kFc3}, {9, 2 * kForward - kConv1 + kFc3}}));
  // The error at the last layer has no format: both its gradients count at the full length.
  line = training.Iterate();
  ASSERT_EQ(line.length, 6);
  EXPECT_EQ(line.macs, (Macs{{7, 3 * kForward - kConv1 - 2 * kFc3}, {9, 2 * kFc3}}));
}

TEST(DynamicPrecision, MacsOfNoWeightHaveTheFullLength) {
  Training training(Short(0));
  training.Iterate();
  training.precision.BeginIteration();
  training.Forward(Images().images);
  RunReport report;
  report.lines.resize(1);
  report.lines[0].layer = "matmul";
  report.lines[0].macs = 5;
  EXPECT_EQ(training.precision.EndIteration(1, report).macs, (std::map<int, int64_t>{{9, 5}}));
}

TEST(DynamicPrecision, AnEvaluationCountsNothingAndRepeats) {
  for (const Rounding rounding : {Rounding::kNearestUp, Rounding::kStochastic}) {
    DynamicPrecisionOptions options = Short(0);
    options.rounding = rounding;
    Training evaluated(options), left_alone(options);
    const at::Tensor images = Images().images;
    evaluated.Iterate();
    left_alone.Iterate();
    {
      const torch::NoGradGuard no_grad;
      evaluated.precision.BeginEvaluation();
      const at::Tensor first = evaluated.Forward(images);
      const at::Tensor more = evaluated.Forward(images);  // With the random numbers that follow.
      EXPECT_EQ(first.equal(more), rounding == Rounding::kNearestUp);
      evaluated.precision.BeginEvaluation();
      EXPECT_TRUE(evaluated.Forward(images).equal(first));
    }
    EXPECT_EQ(ToJson(evaluated.Iterate()), ToJson(left_alone.Iterate()));
  }
}

TEST(DynamicPrecision, GoesOnFromItsState) {
  DynamicPrecisionOptions options = Short(0);
  options.rounding = Rounding::kStochastic;
  Training whole(options), parts(options);
  whole.Iterate();
  parts.Iterate();
  const nlohmann::ordered_json state = parts.precision.ToJson();
  parts.Iterate();
  parts.precision.Restore(nlohmann::ordered_json::parse(state.dump()));
  EXPECT_EQ(parts.precision.iterations(), 1);
  EXPECT_EQ(parts.precision.ToJson(), state);
  const auto lenet300 = MakeNetwork("lenet300", 10, 1);
  DynamicPrecision other(options, *lenet300, 1);
  EXPECT_THROW(other.Restore(state), Error);
  EXPECT_THROW(other.Restore({{"iterations", 1}}), Error);
  EXPECT_THROW(other.Restore({}), Error);
}

TEST(DynamicPrecision, SaysWhichPointNothingPassed) {
  Training training(Short(0));
  training.precision.BeginIteration();
  training.precision.RoundData(Images().images);
  try {
    training.precision.EndIteration(1, {});
    FAIL() << "no Error";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(),
                 "schedule dps: nothing passed through the rounding point of conv1 in iteration 0");
  }
}

TEST(DynamicPrecisionOf, TakesEveryParameter) {
  const DynamicPrecisionOptions o = DynamicPrecisionOf(
      ParseSchedule("dps(target=7,step=2,max=20,start=18,start-il=-3,isearch=4,dsearch=5,loss=6,"
                    "round=stochastic)"));
  EXPECT_EQ(o.scaling.target_length, 7);
  EXPECT_EQ(o.scaling.bit_step, 2);
  EXPECT_EQ(o.scaling.max_length, 20);
  EXPECT_EQ(o.scaling.isearch_window, 4);
  EXPECT_EQ(o.scaling.dsearch_window, 5);
  EXPECT_EQ(o.scaling.average_loss, 6);
  EXPECT_EQ(o.start(), (FixedFormat{-3, 21}));
  EXPECT_EQ(o.full_bits(), 21);
  EXPECT_EQ(o.rounding, Rounding::kStochastic);
  EXPECT_EQ(DynamicPrecisionOf(ParseSchedule("dps")).start(), (FixedFormat{0, 31}));
  EXPECT_THROW(DynamicPrecisionOf(ParseSchedule("dps(start-il=-94)")), UsageError);
}

}  // namespace
}  // namespace mulberry
