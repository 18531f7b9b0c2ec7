// What `mulberry cost` and `mulberry pareto` share: the array and its units, and what a run that is
// recorded costs on it. Not here: the formulas (hardware/mac_array.h, train/network_cost.h).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mulberry/cli/command.h"
#include "mulberry/report/run_folders.h"
#include "mulberry/train/network_cost.h"

namespace mulberry {

struct ArrayArguments {
  std::string units;    ///< A file's name; empty: they are measured.
  std::string liberty;  ///< Then, of this library; empty: DefaultLiberty().
  std::string array = "16x16";
  std::string dataflow = "output";
  MemoryEnergy memory_energy;

  CostOptions options() const {
    return {ParseMacArray(array), ParseDataflow(dataflow), memory_energy};
  }
};

/// Products of networks, found once for runs of the same network on the same batch.
class KnownProducts {
 public:
  /// `command` is named in front of the line on standard error that says what takes its time.
  explicit KnownProducts(const char* command) : command_(command) {}

  /// As ProductsOf.
  const std::vector<LayerProducts>& Of(const Config& config, const NetworkInput& input,
                                       int64_t batch, Work work);

 private:
  const char* command_;
  std::map<std::string, std::vector<LayerProducts>> known_;
};

/// `arguments` must outlive the parsing.
void AddArrayOptions(CLI::App& app, ArrayArguments& arguments);

/// The units that `arguments` ask for: of the file, or measured, which is said in the name of
/// `command`.
std::unique_ptr<UnitSource> UnitsOf(const char* command, const ArrayArguments& arguments);

/// What a run's training cost, or under Work::kInference one batch of its images does. Warns, in
/// the name of `command`, where the run counted other MACs of its gradients than its configuration
/// gives.
NetworkCost CostOfRun(const char* command, const RecordedRun& run, Work work,
                      const CostOptions& options, const UnitSource& units, KnownProducts& known);

}  // namespace mulberry
