// For tests: the record of a run that was never trained, in a folder as `mulberry train` leaves it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mulberry/report/metrics.h"

namespace mulberry {

struct TestRun {
  std::string arithmetic = "fp32";
  int64_t seed = 1;
  std::vector<double> accuracies = {99};  ///< An epoch each.
  int epochs = 1;
  double seconds = 10;
  std::string model = "lenet5";
  nlohmann::ordered_json more = nlohmann::ordered_json::object();  ///< Other keys.
  std::string cpu = "processor";
};

inline RunHeader HeaderOf(const TestRun& run) {
  RunHeader header;
  header.cpu = run.cpu;
  header.epochs = run.epochs;
  header.configuration = {{"model", run.model},
                          {"arithmetic", {run.arithmetic}},
                          {"policy", nlohmann::ordered_json::array()},
                          {"schedule", nlohmann::ordered_json::array()},
                          {"gradients", ""},
                          {"epochs", run.epochs},
                          {"seed", run.seed},
                          {"out", "anywhere"}};
  header.configuration.update(run.more);
  return header;
}

inline std::vector<EpochMetrics> EpochsOf(const TestRun& run) {
  std::vector<EpochMetrics> epochs;
  for (const double accuracy : run.accuracies) {
    EpochMetrics epoch;
    epoch.epoch = static_cast<int>(epochs.size()) + 1;
    epoch.test_accuracy_pct = accuracy;
    epoch.timing = {run.seconds, 0, {run.seconds / 8}};
    epochs.push_back(epoch);
  }
  return epochs;
}

inline void WriteTestRun(const std::filesystem::path& folder, const TestRun& run) {
  std::filesystem::create_directories(folder);
  MetricsWriter writer(folder / kMetricsFile, HeaderOf(run));
  for (const EpochMetrics& epoch : EpochsOf(run)) writer.Append(epoch);
}

}  // namespace mulberry
