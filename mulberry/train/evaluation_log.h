// The accuracies that a search measured, evaluations.jsonl: a header line that says of what they
// are, then one line an assignment, by layer:
//
//   {"evaluations_of":{"model":"lenet5","seed":1}}
//   {"arithmetic":{"conv1":"fp32","fc1":"mitchell@bf16"},"accuracy_pct":98.93}
//
// A line is on the disk before Append returns, so a search that is killed loses at most the one
// being written, and goes on as if it had never stopped. Not here: the search (policy_search.h).
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "mulberry/base/append_file.h"
#include "mulberry/train/run_folder.h"

namespace mulberry {

inline constexpr const char* kEvaluationsFile = "evaluations.jsonl";

class EvaluationLog {
 public:
  /// The arithmetic of each layer, by its name.
  using Arithmetics = std::map<std::string, std::string>;

  /// Starts a file, or with kResume goes on with the one that is there, if any: a torn last line is
  /// cut off. `of` is whatever an accuracy depends on but the assignment. Throws Error that names
  /// the file if it is of something else, and the line if one is damaged.
  EvaluationLog(const std::string& path, const nlohmann::ordered_json& of, Existing existing);

  /// None: it is not in the file.
  std::optional<double> Find(const Arithmetics& arithmetics) const;
  /// `accuracy_pct` is finite. Throws Error.
  void Append(const Arithmetics& arithmetics, double accuracy_pct);

 private:
  /// Fills `accuracies_`; the result is the length of the whole lines in bytes.
  size_t Read(const std::string& path, const nlohmann::ordered_json& of);
  void AppendLine(const nlohmann::ordered_json& line);

  std::map<Arithmetics, double> accuracies_;
  std::optional<AppendFile> file_;
};

}  // namespace mulberry
