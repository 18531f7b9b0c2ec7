// Writing, cutting and reading metrics.jsonl. See metrics.h.
#include "mulberry/report/metrics.h"

#include <fmt/format.h>

#include <limits>
#include <sstream>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

// JSON has no NaN: nlohmann writes null.
double Number(const Json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

RunHeader HeaderFromJson(const Json& json) {
  RunHeader header;
  header.version = json.at("mulberry");
  header.libtorch = json.at("libtorch");
  header.cpu = json.at("machine").at("cpu");
  header.instruction_set = json.at("machine").at("instruction_set");
  header.threads = json.at("machine").at("threads");
  header.configuration = json.at("configuration");
  // Older files have as many as they were told, or fewer where `iterations` ended the run.
  const auto epochs = json.find("epochs");
  header.epochs =
      epochs != json.end() ? epochs->get<int>() : header.configuration.at("epochs").get<int>();
  return header;
}

MacCounts MacsFromJson(const Json& json) {
  return {json.at("forward"), json.at("input_gradient"), json.at("weight_gradient")};
}

EpochMetrics EpochFromJson(const Json& json) {
  EpochMetrics epoch;
  epoch.epoch = json.at("epoch");
  epoch.lr = Number(json.at("lr"));
  epoch.share = json.value("share", 1.0);  // Older files have whole epochs only.
  epoch.train_loss = Number(json.at("train_loss"));
  epoch.train_accuracy_pct = Number(json.at("train_accuracy_pct"));
  epoch.test_loss = Number(json.at("test_loss"));
  epoch.test_accuracy_pct = Number(json.at("test_accuracy_pct"));
  epoch.approximate_macs = MacsFromJson(json.at("approximate_macs"));
  epoch.native_macs = MacsFromJson(json.at("native_macs"));
  // Older files have neither.
  epoch.skipped_updates = json.value("skipped_updates", int64_t{0});
  epoch.ended_early = json.value("ended_early", false);
  const Json& timing = json.at("timing");
  epoch.timing.train_seconds = Number(timing.at("train_seconds"));
  epoch.timing.test_seconds = Number(timing.at("test_seconds"));
  epoch.timing.slow_downs = timing.at("slow_downs").get<std::vector<double>>();
  return epoch;
}

std::vector<TensorPrecision> TensorsFromJson(const Json& json) {
  std::vector<TensorPrecision> tensors;
  for (const auto& [name, numbers] : json.items()) {
    tensors.push_back({name, numbers.at(0), numbers.at(1), numbers.at(2), numbers.at(3)});
  }
  return tensors;
}

IterationMetrics IterationFromJson(const Json& json) {
  IterationMetrics iteration;
  iteration.iteration = json.at("iteration");
  iteration.loss = Number(json.at("loss"));
  iteration.smoothed_loss = Number(json.at("smoothed_loss"));
  iteration.stage = json.at("stage");
  iteration.length = json.at("length");
  iteration.parameters = TensorsFromJson(json.at("parameters"));
  iteration.activations = TensorsFromJson(json.at("activations"));
  for (const Json& pair : json.at("macs")) iteration.macs[pair.at(0)] = pair.at(1);
  return iteration;
}

Json ToJson(const std::vector<TensorPrecision>& tensors) {
  Json json = Json::object();
  for (const TensorPrecision& tensor : tensors) {
    json[tensor.name] = {tensor.integer_bits, tensor.fraction_bits, tensor.data_overflows,
                         tensor.gradient_overflows};
  }
  return json;
}

bool IsIteration(const std::string& line) {
  return line.starts_with("{\"iteration\":");
}

// Bytes of the header and the lines up to the given numbers of epochs and iterations; npos if
// there are fewer whole lines.
size_t LengthUpTo(const std::string& text, int epochs, int64_t iterations) {
  size_t end = text.find('\n');
  while (end != std::string::npos && (epochs > 0 || iterations > 0)) {
    const size_t begin = end + 1;
    end = text.find('\n', begin);
    if (IsIteration(text.substr(begin, 16))) {
      --iterations;
    } else {
      --epochs;
    }
  }
  return end == std::string::npos ? end : end + 1;
}

size_t LengthInFile(const std::string& path, int epochs, int64_t iterations) {
  const size_t length = LengthUpTo(ReadFile(path), epochs, iterations);
  if (length == std::string::npos) {
    throw Error("{}: has fewer than the {} epochs that the checkpoint has trained{}", path, epochs,
                iterations > 0 ? fmt::format(", or than their {} iterations", iterations) : "");
  }
  return length;
}

}  // namespace

Json ToJson(const RunHeader& header) {
  return {{"mulberry", header.version},
          {"libtorch", header.libtorch},
          {"machine",
           {{"cpu", header.cpu},
            {"instruction_set", header.instruction_set},
            {"threads", header.threads}}},
          {"epochs", header.epochs},
          {"configuration", header.configuration}};
}

Json ToJson(const MacCounts& macs) {
  return {{"forward", macs.forward},
          {"input_gradient", macs.input_gradient},
          {"weight_gradient", macs.weight_gradient}};
}

Json ToJson(const EpochMetrics& epoch) {
  return {{"epoch", epoch.epoch},
          {"lr", epoch.lr},
          {"share", epoch.share},
          {"train_loss", epoch.train_loss},
          {"train_accuracy_pct", epoch.train_accuracy_pct},
          {"test_loss", epoch.test_loss},
          {"test_accuracy_pct", epoch.test_accuracy_pct},
          {"approximate_macs", ToJson(epoch.approximate_macs)},
          {"native_macs", ToJson(epoch.native_macs)},
          {"skipped_updates", epoch.skipped_updates},
          {"ended_early", epoch.ended_early},
          {"timing",
           {{"train_seconds", epoch.timing.train_seconds},
            {"test_seconds", epoch.timing.test_seconds},
            {"slow_downs", epoch.timing.slow_downs}}}};
}

Json ToJson(const IterationMetrics& iteration) {
  Json macs = Json::array();
  for (const auto& [bits, count] : iteration.macs) macs.push_back({bits, count});
  return {{"iteration", iteration.iteration},
          {"loss", iteration.loss},
          {"smoothed_loss", iteration.smoothed_loss},
          {"stage", iteration.stage},
          {"length", iteration.length},
          {"parameters", ToJson(iteration.parameters)},
          {"activations", ToJson(iteration.activations)},
          {"macs", macs}};
}

MetricsWriter::MetricsWriter(const std::string& path, const RunHeader& header) : file_(path) {
  AppendLine(ToJson(header));
  Sync();
}

MetricsWriter::MetricsWriter(const std::string& path, int epochs, int64_t iterations)
    : file_(path, LengthInFile(path, epochs, iterations)) {}

void MetricsWriter::Append(const EpochMetrics& epoch) {
  AppendLine(ToJson(epoch));
  Sync();
}

void MetricsWriter::Append(const IterationMetrics& iteration) {
  AppendLine(ToJson(iteration));
}

void MetricsWriter::AppendLine(const Json& line) {
  file_.Append(line.dump() + "\n");
}

void MetricsWriter::Sync() {
  file_.Sync();
}

Metrics ReadMetrics(const std::string& path) {
  std::istringstream lines(ReadFile(path));
  Metrics metrics;
  std::string line;
  int number = 0;
  // getline sets eof on the last line only if its newline is missing: that line is torn.
  while (std::getline(lines, line) && !lines.eof()) {
    ++number;
    try {
      const Json json = Json::parse(line);
      if (number == 1) {
        metrics.header = HeaderFromJson(json);
      } else if (IsIteration(line)) {
        metrics.iterations.push_back(IterationFromJson(json));
      } else {
        metrics.epochs.push_back(EpochFromJson(json));
      }
    } catch (const Json::exception& e) {
      throw Error("{}:{}: not a line of metrics: {}", path, number, e.what());
    }
  }
  if (number == 0) throw Error("{}: has no header line", path);
  return metrics;
}

}  // namespace mulberry
