// Writing, cutting and reading metrics.jsonl. See metrics.h.
#include "mulberry/report/metrics.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
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
  return header;
}

MacCounts MacsFromJson(const Json& json) {
  return {json.at("forward"), json.at("input_gradient"), json.at("weight_gradient")};
}

EpochMetrics EpochFromJson(const Json& json) {
  EpochMetrics epoch;
  epoch.epoch = json.at("epoch");
  epoch.lr = Number(json.at("lr"));
  epoch.train_loss = Number(json.at("train_loss"));
  epoch.train_accuracy_pct = Number(json.at("train_accuracy_pct"));
  epoch.test_loss = Number(json.at("test_loss"));
  epoch.test_accuracy_pct = Number(json.at("test_accuracy_pct"));
  epoch.approximate_macs = MacsFromJson(json.at("approximate_macs"));
  epoch.native_macs = MacsFromJson(json.at("native_macs"));
  const Json& timing = json.at("timing");
  epoch.timing.train_seconds = Number(timing.at("train_seconds"));
  epoch.timing.test_seconds = Number(timing.at("test_seconds"));
  epoch.timing.slow_downs = timing.at("slow_downs").get<std::vector<double>>();
  return epoch;
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("{}: cannot be read: {}", path, std::strerror(errno));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Bytes of the first `lines` whole lines; npos if there are fewer.
size_t LengthOfLines(const std::string& text, int lines) {
  size_t end = 0;
  for (int i = 0; i < lines; ++i) {
    end = text.find('\n', end);
    if (end == std::string::npos) return end;
    ++end;
  }
  return end;
}

}  // namespace

Json ToJson(const RunHeader& header) {
  return {{"mulberry", header.version},
          {"libtorch", header.libtorch},
          {"machine",
           {{"cpu", header.cpu},
            {"instruction_set", header.instruction_set},
            {"threads", header.threads}}},
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
          {"train_loss", epoch.train_loss},
          {"train_accuracy_pct", epoch.train_accuracy_pct},
          {"test_loss", epoch.test_loss},
          {"test_accuracy_pct", epoch.test_accuracy_pct},
          {"approximate_macs", ToJson(epoch.approximate_macs)},
          {"native_macs", ToJson(epoch.native_macs)},
          {"timing",
           {{"train_seconds", epoch.timing.train_seconds},
            {"test_seconds", epoch.timing.test_seconds},
            {"slow_downs", epoch.timing.slow_downs}}}};
}

MetricsWriter::MetricsWriter(const std::string& path, const RunHeader& header) : path_(path) {
  file_.descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
  if (file_.descriptor < 0) throw Error("{}: cannot be created: {}", path, std::strerror(errno));
  AppendLine(ToJson(header));
}

MetricsWriter::MetricsWriter(const std::string& path, int epochs) : path_(path) {
  const size_t length = LengthOfLines(ReadAll(path), 1 + epochs);
  if (length == std::string::npos) {
    throw Error("{}: has fewer than the {} epochs that the checkpoint has trained", path, epochs);
  }
  file_.descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file_.descriptor < 0 || ::ftruncate(file_.descriptor, static_cast<off_t>(length)) != 0) {
    throw Error("{}: cannot be written: {}", path, std::strerror(errno));
  }
}

MetricsWriter::File::~File() {
  if (descriptor >= 0) ::close(descriptor);
}

void MetricsWriter::Append(const EpochMetrics& epoch) {
  AppendLine(ToJson(epoch));
}

void MetricsWriter::AppendLine(const Json& line) {
  const std::string text = line.dump() + "\n";
  for (size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(file_.descriptor, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error("{}: cannot be written: {}", path_, std::strerror(errno));
    done += static_cast<size_t>(n);
  }
  if (::fsync(file_.descriptor) != 0)
    throw Error("{}: cannot be written: {}", path_, std::strerror(errno));
}

Metrics ReadMetrics(const std::string& path) {
  std::istringstream lines(ReadAll(path));
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
