#include "mulberry/train/evaluation_log.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <set>
#include <utility>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

using Json = nlohmann::ordered_json;

// "lr: 0.1, not 0.05" for each value, in objects by key, that differs.
void AddDifferences(const std::string& name, const Json& found, const Json& wanted,
                    std::vector<std::string>& differences) {
  if (found.is_object() && wanted.is_object()) {
    std::set<std::string> keys;
    for (const auto& item : found.items()) keys.insert(item.key());
    for (const auto& item : wanted.items()) keys.insert(item.key());
    for (const std::string& key : keys) {
      AddDifferences(name.empty() ? key : name + "." + key, found.value(key, Json()),
                     wanted.value(key, Json()), differences);
    }
  } else if (found != wanted) {
    differences.push_back(
        fmt::format("{}{}{}, not {}", name, name.empty() ? "" : ": ", found.dump(), wanted.dump()));
  }
}

void RequireSame(const std::string& path, const Json& found, const Json& wanted) {
  std::vector<std::string> differences;
  AddDifferences("", found, wanted, differences);
  if (differences.empty()) return;
  throw Error("{}: is of another search; it has {}; --force starts again", path,
              fmt::to_string(fmt::join(differences, "; ")));
}

}  // namespace

EvaluationLog::EvaluationLog(const std::string& path, const Json& of, Existing existing) {
  std::error_code ignored;  // What cannot be removed cannot be created either.
  if (existing == Existing::kReplace) fs::remove(path, ignored);
  size_t length = 0;
  if (existing == Existing::kResume && fs::exists(path, ignored)) {
    length = Read(path, of);
    file_.emplace(path, length);
  } else {
    file_.emplace(path);
  }
  if (length > 0) return;
  Json header;
  header["evaluations_of"] = of;
  AppendLine(header);
}

size_t EvaluationLog::Read(const std::string& path, const Json& of) {
  const std::string text = ReadFile(path);
  size_t begin = 0;
  int number = 0;
  // What follows the last end of a line is torn.
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    ++number;
    try {
      const Json line = Json::parse(text.substr(begin, end - begin));
      if (number == 1) {
        RequireSame(path, line.at("evaluations_of"), of);
      } else {
        accuracies_.emplace(line.at("arithmetic").get<Arithmetics>(),
                            line.at("accuracy_pct").get<double>());
      }
    } catch (const Json::exception& e) {
      throw Error("{}:{}: not a line of evaluations: {}; --force starts again", path, number,
                  e.what());
    }
  }
  return begin;
}

std::optional<double> EvaluationLog::Find(const Arithmetics& arithmetics) const {
  const auto found = accuracies_.find(arithmetics);
  if (found == accuracies_.end()) return std::nullopt;
  return found->second;
}

void EvaluationLog::Append(const Arithmetics& arithmetics, double accuracy_pct) {
  Json line;
  line["arithmetic"] = arithmetics;
  line["accuracy_pct"] = accuracy_pct;
  AppendLine(line);
  accuracies_.emplace(arithmetics, accuracy_pct);
}

void EvaluationLog::AppendLine(const Json& line) {
  file_->Append(line.dump() + "\n");
  file_->Sync();
}

}  // namespace mulberry
