#include "mulberry/analysis/error_file.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "mulberry/analysis/compensated_sum.h"
#include "mulberry/analysis/json_fields.h"
#include "mulberry/analysis/pairs.h"
#include "mulberry/base/atomic_file.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kWhat = "a file of errors";
constexpr std::string_view kVersionKey = "mulberry_errors";
constexpr int kVersion = 1;
constexpr size_t kMaxQuantiles = size_t{1} << 20;

// ---- Measuring ----

/// A relative error, and how often it occurs.
struct Weighted {
  double error, weight;
};

/// The relative errors of some pairs.
struct Collected {
  ZeroProducts zero_products;
  std::vector<Weighted> errors = {};

  void Add(int64_t a, int64_t b, int64_t error, double weight) {
    const int64_t product = a * b;
    if (product != 0) {
      errors.push_back({static_cast<double>(error) / static_cast<double>(product), weight});
    } else if (zero_products == ZeroProducts::kCountedAsExact) {
      errors.push_back({0, weight});
    }
  }
};

double WeightedMean(const std::vector<Weighted>& errors, double total, auto value) {
  CompensatedSum sum;
  for (const Weighted& e : errors) sum.Add(e.weight * value(e.error));
  return sum.value() / total;
}

/// A part of the sorted errors. Its mean is kept between its first and its last error, so that
/// equal errors are their mean to the bit.
class Part {
 public:
  void Add(double error, double weight) {
    if (weight_ == 0) first_ = error;
    last_ = error;
    sum_ += error * weight;
    weight_ += weight;
  }
  double weight() const { return weight_; }
  double mean() const { return std::clamp(sum_ / weight_, first_, last_); }

 private:
  double first_ = 0, last_ = 0, sum_ = 0, weight_ = 0;
};

/// The means of kQuantiles parts of equal weight.
std::vector<double> Quantiles(const std::vector<Weighted>& sorted, double total) {
  const double share = total / ErrorRecord::kQuantiles;
  std::vector<double> means;
  Part part;
  for (auto [error, weight] : sorted) {
    while (means.size() + 1 < ErrorRecord::kQuantiles && weight > share - part.weight()) {
      const double taken = share - part.weight();
      if (taken > 0) part.Add(error, taken);
      weight -= std::max(taken, 0.0);
      means.push_back(part.mean());
      part = {};
    }
    if (weight > 0) part.Add(error, weight);
  }
  means.push_back(part.mean());
  return means;
}

// ---- Files ----

bool IsNumber(const Json& json) {
  return json.is_number() && std::isfinite(json.get<double>());
}

double ReadNumber(const JsonFields& fields, std::string_view key) {
  const Json& field = fields.Field(key);
  if (!IsNumber(field)) fields.Fail("\"{}\" is {}, not a number", key, field.dump());
  return field.get<double>();
}

ZeroProducts ReadZeroProducts(const JsonFields& fields) {
  const std::string name = fields.Text("zero_products");
  for (const auto value : {ZeroProducts::kLeftOut, ZeroProducts::kCountedAsExact}) {
    if (name == Name(value)) return value;
  }
  fields.Fail(R"("zero_products" is "{}", not "left-out" or "exact")", name);
}

std::vector<double> ReadQuantiles(const JsonFields& fields) {
  const Json& list = fields.Field("quantiles");
  if (!list.is_array() || list.empty() || list.size() > kMaxQuantiles) {
    fields.Fail("\"quantiles\" must be a list of 1 to {} numbers", kMaxQuantiles);
  }
  std::vector<double> quantiles;
  for (const Json& quantile : list) {
    if (!IsNumber(quantile)) {
      fields.Fail("\"quantiles\" holds {}, not a number", quantile.dump());
    }
    quantiles.push_back(quantile.get<double>());
  }
  if (!std::ranges::is_sorted(quantiles)) fields.Fail("\"quantiles\" do not ascend");
  return quantiles;
}

ErrorRecord FromJson(const Json& json, const std::string& path) {
  const JsonFields fields(json, path, kWhat);
  fields.Number(kVersionKey, kVersion, kVersion);
  ErrorRecord record;
  record.source = fields.Text("source");
  record.operands = fields.Text("operands");
  record.zero_products = ReadZeroProducts(fields);
  record.pairs = fields.Number("pairs", 1, INT64_MAX);
  const Json& exhaustive = fields.Field("exhaustive");
  if (!exhaustive.is_boolean()) {
    fields.Fail("\"exhaustive\" is {}, not true or false", exhaustive.dump());
  }
  record.exhaustive = exhaustive.get<bool>();
  record.errors = {ReadNumber(fields, "mean"), ReadNumber(fields, "sd"), ReadQuantiles(fields)};
  if (record.errors.sd < 0) fields.Fail("\"sd\" is {}, below 0", record.errors.sd);
  return record;
}

}  // namespace

ErrorRecord RecordErrors(const ErrorSubject& subject, const ErrorOptions& options) {
  CheckPairs(subject, options);
  ErrorRecord record{.source = subject.name,
                     .operands = Describe(options.distribution),
                     .zero_products = options.conventions.zero_products,
                     .exhaustive = IsExhaustive(subject, options)};
  std::vector<Weighted> errors;
  for (const Collected& block : ForPairs(subject, options, Collected{record.zero_products})) {
    errors.insert(errors.end(), block.errors.begin(), block.errors.end());
  }
  if (errors.empty()) {
    throw UsageError("{}: no pair of operands has a relative error: their products are all zero",
                     subject.name);
  }
  record.pairs = static_cast<int64_t>(errors.size());
  // Stable, so that the sums have one order.
  std::ranges::stable_sort(errors, {}, &Weighted::error);
  CompensatedSum weight;
  for (const Weighted& e : errors) weight.Add(e.weight);
  const double total = weight.value();
  const double mean = WeightedMean(errors, total, [](double e) { return e; });
  const double variance =
      WeightedMean(errors, total, [mean](double e) { return (e - mean) * (e - mean); });
  record.errors = {mean, std::sqrt(variance), Quantiles(errors, total)};
  return record;
}

ErrorRecord ReadErrors(const std::string& path) {
  return FromJson(ReadJson(path, kWhat), path);
}

void WriteErrors(const ErrorRecord& record, const std::string& path) {
  Json json;
  json[kVersionKey] = kVersion;
  json["source"] = record.source;
  json["operands"] = record.operands;
  json["zero_products"] = Name(record.zero_products);
  json["pairs"] = record.pairs;
  json["exhaustive"] = record.exhaustive;
  json["mean"] = record.errors.mean;
  json["sd"] = record.errors.sd;
  json["quantiles"] = record.errors.values;
  ReplaceFile(path, json.dump() + "\n");
}

}  // namespace mulberry
