// Writing and reading checkpoints. See checkpoint.h.
#include "mulberry/train/checkpoint.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kMagic = "mulberry checkpoint 1 ";

uint64_t Fnv1a64(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  return hash;
}

Json ToJson(const RunReport& report) {
  Json lines = Json::array();
  for (const LayerRun& line : report.lines) {
    lines.push_back({{"layer", line.layer},
                     {"op", line.op},
                     {"pass", static_cast<int>(line.pass)},
                     {"arithmetic", line.arithmetic},
                     {"strategy", line.strategy},
                     {"why_native", line.why_native},
                     {"calls", line.calls},
                     {"macs", line.macs}});
  }
  return lines;
}

RunReport ReportFromJson(const Json& json) {
  RunReport report;
  for (const Json& line : json) {
    report.lines.push_back({line.at("layer"), line.at("op"), line.at("pass").get<Pass>(),
                            line.at("arithmetic"), line.at("strategy"), line.at("why_native"),
                            line.at("calls"), line.at("macs")});
  }
  return report;
}

MacCounts MacsFromJson(const Json& json) {
  return {json.at("forward"), json.at("input_gradient"), json.at("weight_gradient")};
}

Json ToJson(const Approximate::Ranges& ranges) {
  Json json = Json::object();
  for (const auto& [layer, range] : ranges)
    json[layer] = std::vector{range.smallest, range.largest};
  return json;
}

Json ToJson(const TrainingState& state) {
  return {{"epoch", state.epoch},
          {"batch", state.batch},
          {"loss_sum", state.scores.loss_sum},
          {"samples", state.scores.samples},
          {"correct", state.scores.correct},
          {"train_seconds", state.timing.train_seconds},
          {"slow_downs", state.timing.slow_downs},
          {"losses", state.losses},
          {"approximate_macs", ToJson(state.mode.approximate_macs)},
          {"native_macs", ToJson(state.mode.native_macs)},
          {"report", ToJson(state.mode.report)},
          {"random_position", state.mode.random_position},
          {"dynamic_precision", state.dynamic_precision},
          {"recipe", state.recipe},
          {"early_stop", state.early_stop},
          {"ranges", ToJson(state.ranges)}};
}

TrainingState StateFromJson(const Json& json) {
  TrainingState state;
  state.epoch = json.at("epoch");
  state.batch = json.at("batch");
  state.scores = {json.at("loss_sum"), json.at("samples"), json.at("correct")};
  state.timing.train_seconds = json.at("train_seconds");
  state.timing.slow_downs = json.at("slow_downs").get<std::vector<double>>();
  state.losses = json.at("losses").get<std::vector<double>>();
  state.mode.approximate_macs = MacsFromJson(json.at("approximate_macs"));
  state.mode.native_macs = MacsFromJson(json.at("native_macs"));
  state.mode.report = ReportFromJson(json.at("report"));
  state.mode.random_position = json.at("random_position");
  // Older ones have none of these.
  state.dynamic_precision = json.value("dynamic_precision", Json());
  state.recipe = json.value("recipe", Json());
  state.early_stop = json.value("early_stop", Json());
  if (json.contains("ranges")) {
    for (const auto& [layer, range] : json.at("ranges").items()) {
      state.ranges[layer] = {range.at(0), range.at(1)};
    }
  }
  return state;
}

// The bytes after the first line, once its size and hash agree with them.
std::string ReadBody(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("{}: cannot be read: {}", path, std::strerror(errno));
  std::string first_line;
  std::getline(file, first_line);
  if (first_line.compare(0, kMagic.size(), kMagic) != 0) {
    throw Error("{}: is no checkpoint: it does not begin with '{}'", path, kMagic);
  }
  uint64_t bytes = 0;
  uint64_t hash = 0;
  std::istringstream numbers(first_line.substr(kMagic.size()));
  numbers >> bytes >> std::hex >> hash;
  if (!numbers) throw Error("{}: is corrupt: its first line is '{}'", path, first_line);
  std::ostringstream rest;
  rest << file.rdbuf();
  std::string body = std::move(rest).str();
  if (body.size() != bytes) {
    throw Error("{}: is {}: {} bytes follow its first line, not {}", path,
                body.size() < bytes ? "truncated" : "corrupt", body.size(), bytes);
  }
  if (Fnv1a64(body) != hash) throw Error("{}: is corrupt: its bytes do not give its hash", path);
  return body;
}

}  // namespace

void SaveCheckpoint(const std::string& path, const Config& config, const TrainingState& state,
                    const torch::nn::Module& model, const torch::optim::Optimizer& optimizer,
                    const WeightAverage* average) {
  torch::serialize::OutputArchive archive;
  torch::serialize::OutputArchive model_archive(archive.compilation_unit());
  torch::serialize::OutputArchive optimizer_archive(archive.compilation_unit());
  model.save(model_archive);
  optimizer.save(optimizer_archive);
  archive.write("model", model_archive);
  archive.write("optimizer", optimizer_archive);
  if (average) {
    torch::serialize::OutputArchive average_archive(archive.compilation_unit());
    average->save(average_archive);
    archive.write("average", average_archive);
  }
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  archive.write("generator", generator.get_state(), /*is_buffer=*/true);
  std::ostringstream body;
  body << Json{{"configuration", ToToml(config)}, {"state", ToJson(state)}}.dump() << "\n";
  archive.save_to(body);
  const std::string bytes = std::move(body).str();
  ReplaceFile(path, fmt::format("{}{} {:016x}\n{}", kMagic, bytes.size(), Fnv1a64(bytes), bytes));
}

Checkpoint::Checkpoint(const std::string& path) : path_(path) {
  const std::string body = ReadBody(path);
  const size_t line = body.find('\n');
  try {
    const Json json = Json::parse(body.substr(0, line));
    config_ = ParseConfig(json.at("configuration").get<std::string>(), path);
    state_ = StateFromJson(json.at("state"));
    archive_.load_from(body.data() + line + 1, body.size() - line - 1);
  } catch (const Json::exception& e) {
    throw Error("{}: was written by another version: {}", path, e.what());
  } catch (const c10::Error& e) {
    throw Error("{}: LibTorch cannot read it: {}", path, e.what_without_backtrace());
  }
}

void Checkpoint::Restore(torch::nn::Module& model) {
  const auto shapes = [&] {
    std::vector<std::vector<int64_t>> all;
    for (const torch::Tensor& tensor : model.parameters()) all.push_back(tensor.sizes().vec());
    for (const torch::Tensor& tensor : model.buffers()) all.push_back(tensor.sizes().vec());
    return all;
  };
  const auto before = shapes();
  try {
    torch::serialize::InputArchive part;
    archive_.read("model", part);
    model.load(part);
  } catch (const c10::Error& e) {
    throw Error("{}: does not fit the model: {}", path_, e.what_without_backtrace());
  }
  // LibTorch takes tensors of any shape.
  if (shapes() != before) throw Error("{}: does not fit the model: other shapes", path_);
}

void Checkpoint::Restore(torch::optim::Optimizer& optimizer) {
  try {
    torch::serialize::InputArchive part;
    archive_.read("optimizer", part);
    optimizer.load(part);
    torch::Tensor generator_state;
    archive_.read("generator", generator_state, /*is_buffer=*/true);
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    generator.set_state(generator_state);
  } catch (const c10::Error& e) {
    throw Error("{}: does not fit the optimiser: {}", path_, e.what_without_backtrace());
  }
}

void Checkpoint::Restore(WeightAverage& average) {
  try {
    torch::serialize::InputArchive part;
    archive_.read("average", part);
    average.load(part);
  } catch (const c10::Error& e) {
    throw Error("{}: does not fit the weights' average: {}", path_, e.what_without_backtrace());
  }
}

}  // namespace mulberry
