// `mulberry bench`: how fast products are simulated, against LibTorch's own FP32 in the same
// minutes: matrix products, convolutions as networks have them, and whole steps of training;
// rounding, packing and all that a call needs included. Not here: the kernels by themselves
// (kernels/cpu/gemm_bench.cc).
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "mulberry/base/error.h"
#include "mulberry/cli/command.h"
#include "mulberry/kernels/instruction_set.h"
#include "mulberry/models/registry.h"
#include "mulberry/nn/approximate.h"
#include "mulberry/nn/blas_check.h"
#include "mulberry/plan/plan.h"
#include "mulberry/report/table.h"
#include "mulberry/train/machine.h"
#include "mulberry/train/step.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

// One of each kind of arithmetic: low error ranks, any table, closed forms, mantissa tables.
const std::vector<std::string> kStandardSpecs = {
    "exact@uint8",          "exact@int8",     "drum(k=6)@uint8",      "low_drop(p=4,q=4)@int8",
    "truncated(v=4)@uint8", "kulkarni@uint8", "mitchell@int8",        "exact@bf16",
    "exact@e4m3",           "drum(k=4)@bf16", "mitchell@bf16",        "mbm@bf16",
    "realm(m=8)@bf16",      "kulkarni@bf16",  "exact@bf16+order=any",
};

struct Arguments {
  std::vector<std::string> specs;
  std::vector<int64_t> sizes;
  std::vector<std::string> convolutions;
  std::vector<std::string> steps;  ///< Networks.
  std::vector<std::string> strategies;
  std::string instruction_set;
  int64_t batch = 128;
  int64_t threads = 1;
  int64_t rounds = 7;
  bool json = false;
};

/// A product with its operands: what is timed.
struct Workload {
  std::string name;
  int64_t macs = 0;
  std::function<void()> run;  ///< Holds its operands.
};

/// Operands that every format can hold: unsigned formats need values without signs.
at::Tensor Values(at::IntArrayRef shape, bool is_unsigned) {
  return is_unsigned ? torch::rand(shape) : torch::randn(shape);
}

Workload MatrixProduct(int64_t n, bool is_unsigned) {
  const at::Tensor a = Values({n, n}, is_unsigned), b = Values({n, n}, is_unsigned);
  return {fmt::format("{0}×{0}×{0}", n), n * n * n, [=] { at::mm(a, b); }};
}

struct Convolution {
  const char* network;
  const char* layer;
  int64_t in, out, size, kernel, stride, padding, groups;
};

constexpr Convolution kConvolutions[] = {
    {"lenet5", "conv1", 1, 6, 28, 5, 1, 2, 1},
    {"lenet5", "conv2", 6, 16, 14, 5, 1, 0, 1},
    {"resnet20", "stem", 3, 16, 32, 3, 1, 1, 1},
    {"resnet20", "stage 1", 16, 16, 32, 3, 1, 1, 1},
    {"resnet20", "to stage 2", 16, 32, 32, 3, 2, 1, 1},
    {"resnet20", "stage 2", 32, 32, 16, 3, 1, 1, 1},
    {"resnet20", "stage 3", 64, 64, 8, 3, 1, 1, 1},
    {"resnet18", "stage 1", 64, 64, 32, 3, 1, 1, 1},
    {"resnet18", "stage 2", 128, 128, 16, 3, 1, 1, 1},
    {"resnet18", "stage 3", 256, 256, 8, 3, 1, 1, 1},
    {"resnet18", "stage 4", 512, 512, 4, 3, 1, 1, 1},
    {"depthwise", "64 channels", 64, 64, 32, 3, 1, 1, 64},
};

/// The forward product and both gradients. Must be made where it is run, in a mode or outside,
/// since the gradients belong to a forward product.
std::vector<Workload> ConvolutionPasses(const Convolution& c, int64_t batch, bool is_unsigned) {
  const at::Tensor x = Values({batch, c.in, c.size, c.size}, is_unsigned);
  const at::Tensor w = Values({c.out, c.in / c.groups, c.kernel, c.kernel}, is_unsigned);
  const auto product = [c](const at::Tensor& images, const at::Tensor& weight) {
    return at::conv2d(images, weight, {}, c.stride, c.padding, 1, c.groups);
  };
  const int64_t out_size = (c.size + 2 * c.padding - c.kernel) / c.stride + 1;
  const int64_t macs = batch * c.out * out_size * out_size * c.in / c.groups * c.kernel * c.kernel;
  const auto gradient = [&](const at::Tensor& images, const at::Tensor& weight,
                            const at::Tensor& of) -> std::function<void()> {
    const at::Tensor y = product(images, weight);
    const at::Tensor g = Values(y.sizes(), is_unsigned);
    return [=] { torch::autograd::grad({y}, {of}, {g}, /*retain_graph=*/true); };
  };
  const at::Tensor x_of_gradient = x.detach().clone().requires_grad_();
  const at::Tensor w_of_gradient = w.detach().clone().requires_grad_();
  const std::string name = fmt::format("{} {}", c.network, c.layer);
  return {{name + " forward", macs, [=] { product(x, w); }},
          {name + " input gradient", macs, gradient(x_of_gradient, w, x_of_gradient)},
          {name + " weight gradient", macs, gradient(x, w_of_gradient, w_of_gradient)}};
}

/// Forward, both gradients and the update of a network's weights.
Workload TrainingStep(const std::string& network, int64_t batch_size) {
  constexpr int64_t kClasses = 10;
  const std::shared_ptr<Network> model = MakeNetwork(network, kClasses, /*seed=*/1);
  const auto [channels, height, width] = FindNetwork(network).input;
  const Batch batch{torch::randn({batch_size, channels, height, width}),
                    torch::randint(kClasses, {batch_size}, torch::kInt64)};
  const std::shared_ptr<torch::optim::Optimizer> optimizer = MakeOptimizer(Config{}, *model);
  int64_t macs = 0;
  {
    const Approximate counting(*model, Policy{});
    TrainStep(*model, *optimizer, /*lr=*/0, batch);
    macs = counting.Report().native_macs();
  }
  return {network + " training step", macs,
          [=] { TrainStep(*model, *optimizer, /*lr=*/1e-3, batch); }};
}

std::vector<Workload> Workloads(const Arguments& arguments, bool is_unsigned) {
  torch::manual_seed(1);
  std::vector<Workload> workloads;
  for (const int64_t n : arguments.sizes) workloads.push_back(MatrixProduct(n, is_unsigned));
  for (const std::string& network : arguments.convolutions) {
    for (const Convolution& c : kConvolutions) {
      if (c.network != network) continue;
      for (Workload& pass : ConvolutionPasses(c, arguments.batch, is_unsigned)) {
        workloads.push_back(std::move(pass));
      }
    }
  }
  for (const std::string& network : arguments.steps) {
    workloads.push_back(TrainingStep(network, arguments.batch));
  }
  return workloads;
}

double Seconds(const std::function<void()>& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Measurement {
  std::string arithmetic, strategy, product;
  double gmacs = 0, native_gmacs = 0;  ///< Medians, in 10^9 multiply-accumulates a second.
  double ratio = 0;                    ///< The median of the rounds' ratios; above 1: faster.
};

/// Whether an operand has no negative values: both tensors are then without.
bool IsUnsigned(const Arithmetic& arithmetic) {
  if (!arithmetic.is_integer()) return false;
  const IntegerFormats formats = arithmetic.integer_formats();
  return !formats.first.is_signed || !formats.second.is_signed;
}

/// Rounds of native and simulated products by turns, after some to warm up, in which the plan makes
/// its choice.
std::vector<Measurement> Measure(const Arithmetic& arithmetic, const std::string& strategy,
                                 const Arguments& arguments) {
  const std::vector<Workload> native = Workloads(arguments, IsUnsigned(arithmetic));
  const torch::nn::Module no_layers;
  Approximate::Options options;
  options.strategy = strategy;
  std::vector<Workload> simulated;
  {
    Approximate mode(no_layers, Policy::Uniform(arithmetic), options);
    simulated = Workloads(arguments, IsUnsigned(arithmetic));
  }
  const std::shared_ptr<const Plan> plan = MakePlan(arithmetic, strategy);
  std::vector<Measurement> measurements;
  for (size_t i = 0; i < native.size(); ++i) {
    const auto simulate = [&] {
      Approximate mode(no_layers, Policy::Uniform(arithmetic), options);
      return Seconds(simulated[i].run);
    };
    native[i].run();
    for (size_t trial = 0; trial < Plan::kTrials * plan->contenders(); ++trial) simulate();
    std::vector<double> ratios, seconds, native_seconds;
    for (int64_t round = 0; round < arguments.rounds; ++round) {
      native_seconds.push_back(Seconds(native[i].run));
      seconds.push_back(simulate());
      ratios.push_back(native_seconds.back() / seconds.back());
    }
    const double gigamacs = static_cast<double>(native[i].macs) * 1e-9;
    measurements.push_back({Print(arithmetic), plan->strategy(), native[i].name,
                            gigamacs / Median(seconds), gigamacs / Median(native_seconds),
                            Median(ratios)});
  }
  return measurements;
}

/// The strategies to measure for an arithmetic: "" is the plan's own choice.
std::vector<std::string> StrategiesFor(const Arithmetic& arithmetic,
                                       const std::vector<std::string>& asked) {
  if (asked.empty()) return {""};
  if (asked != std::vector<std::string>{"all"}) return asked;
  std::vector<std::string> accepting;
  for (const Verdict& verdict : MakePlan(arithmetic)->verdicts()) {
    if (verdict.accepted) accepting.push_back(verdict.strategy);
  }
  return accepting;
}

void AddOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("SPEC", arguments.specs,
                 "arithmetics, such as mitchell@bf16; default: one of each kind")
      ->type_name("");
  app.add_option("--size", arguments.sizes,
                 "matrix products of N×N by N×N; may be repeated; default: 1024, where nothing "
                 "else is asked for")
      ->check(CLI::Range(1, 16384))
      ->allow_extra_args(false)
      ->type_name("N");
  app.add_option("--conv", arguments.convolutions,
                 "the convolutions of a network, forward and both gradients; may be repeated")
      ->check(CLI::IsMember({"lenet5", "resnet20", "resnet18", "depthwise"}))
      ->allow_extra_args(false)
      ->type_name("lenet5|resnet20|resnet18|depthwise");
  app.add_option("--step", arguments.steps,
                 "a training step of a network (see `mulberry list models`); may be repeated")
      ->allow_extra_args(false)
      ->type_name("MODEL");
  app.add_option("--batch", arguments.batch,
                 "images of a convolution or a training step; default: 128")
      ->check(CLI::Range(1, 65536))
      ->type_name("N");
  app.add_option("--strategy", arguments.strategies,
                 "plan strategy to force; may be repeated; `all`: each that accepts")
      ->allow_extra_args(false)
      ->type_name("NAME");
  app.add_option("--instruction-set", arguments.instruction_set,
                 fmt::format("of the simulation, instead of the best that this machine has; native "
                             "products keep theirs: {}",
                             fmt::join(InstructionSets(), ", ")))
      ->type_name("NAME");
  app.add_option("--threads", arguments.threads,
                 "worker threads; 0: one for each processor; default: 1")
      ->check(CLI::Range(0, 4096))
      ->type_name("N");
  app.add_option("--rounds", arguments.rounds,
                 "paired measurements, of which the median is shown; default: 7")
      ->check(CLI::Range(1, 10000))
      ->type_name("N");
  app.add_flag("--json", arguments.json, "print JSON");
  app.footer("Example:\n  mulberry bench mitchell@bf16 'drum(k=6)@int8' --size 1024 --size 256");
}

void PrintMeasurements(const std::vector<Measurement>& measurements, bool json) {
  if (json) {
    Json list = Json::array();
    for (const Measurement& m : measurements) {
      list.push_back({{"arithmetic", m.arithmetic},
                      {"product", m.product},
                      {"strategy", m.strategy},
                      {"gmac_per_s", m.gmacs},
                      {"native_gmac_per_s", m.native_gmacs},
                      {"ratio", m.ratio}});
    }
    const RunHeader machine = DescribeMachine();
    PrintJson({{"cpu", machine.cpu},
               {"instruction_set", InstructionSets().front()},
               {"threads", machine.threads},
               {"measurements", list}});
    return;
  }
  Table table({{"product"},
               {"arithmetic"},
               {"strategy"},
               {"GMAC/s", Align::kRight},
               {"native GMAC/s", Align::kRight},
               {"× native", Align::kRight}});
  for (const Measurement& m : measurements) {
    table.AddRow({m.product, m.arithmetic, m.strategy, fmt::format("{:.1f}", m.gmacs),
                  fmt::format("{:.1f}", m.native_gmacs), fmt::format("{:.2f}", m.ratio)});
  }
  std::cout << table.Text();
}

}  // namespace

int RunBench(int argc, char** argv) {
  CLI::App app("Times simulated products against LibTorch's own.", "mulberry bench");
  Arguments arguments;
  AddOptions(app, arguments);
  if (!ParseArguments(app, argc, argv)) return 0;
  if (arguments.specs.empty()) arguments.specs = kStandardSpecs;
  if (arguments.sizes.empty() && arguments.convolutions.empty() && arguments.steps.empty()) {
    arguments.sizes = {1024};
  }
  for (const std::string& network : arguments.steps) FindNetwork(network);
  std::vector<Arithmetic> arithmetics;
  for (const std::string& spec : arguments.specs) {
    arithmetics.push_back(ParseArithmetic(spec));
    if (arithmetics.back().native) throw UsageError("fp32 is what the others are measured against");
    if (const auto& errors = arithmetics.back().multiplier.errors;
        errors && errors->on != ErrorsOn::kProducts) {
      throw UsageError(
          "{} gives errors to the weights of layers, and products that are timed have none; "
          "on=products serves them",
          Print(arithmetics.back()));
    }
    if (!arguments.steps.empty() && IsUnsigned(arithmetics.back())) {
      throw UsageError("a training step has negative values, which {} cannot hold",
                       Print(arithmetics.back()));
    }
  }
  if (!arguments.instruction_set.empty()) UseInstructionSet(arguments.instruction_set);
  UseThreads(arguments.threads);
  if (const auto warning = SlowBlasWarning()) Warn("bench", *warning);
  std::vector<Measurement> measurements;
  for (const Arithmetic& arithmetic : arithmetics) {
    for (const std::string& strategy : StrategiesFor(arithmetic, arguments.strategies)) {
      const std::vector<Measurement> more = Measure(arithmetic, strategy, arguments);
      measurements.insert(measurements.end(), more.begin(), more.end());
    }
  }
  PrintMeasurements(measurements, arguments.json);
  return 0;
}

}  // namespace mulberry
