// The formulas of mac_array.h.
#include "mulberry/hardware/mac_array.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr int64_t kMaxSide = 65536;

// A side of an array; 0 if the text is no such number.
int64_t ParseSide(std::string_view text) {
  int64_t side = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), side);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && side >= 1 && side <= kMaxSide ? side : 0;
}

int64_t Folds(int64_t size, int64_t side) {
  return (size + side - 1) / side;
}

// A product as the array sees it: what lies along its rows, along its columns, and in time.
struct Mapping {
  int64_t along_rows, along_columns, steps;
};
Mapping MappingOf(const ProductShape& shape, Dataflow dataflow) {
  if (dataflow == Dataflow::kOutputStationary) return {shape.m, shape.n, shape.k};
  return {shape.k, shape.m, shape.n};
}

}  // namespace

MacArray ParseMacArray(std::string_view text) {
  const size_t x = text.find('x');
  MacArray array{0, 0};
  if (x != std::string_view::npos) {
    array = {ParseSide(text.substr(0, x)), ParseSide(text.substr(x + 1))};
  }
  if (array.rows == 0 || array.columns == 0) {
    throw UsageError("array '{}': must be ROWSxCOLUMNS, each from 1 to {}, such as 16x16", text,
                     kMaxSide);
  }
  return array;
}

std::string_view Name(Dataflow dataflow) {
  return dataflow == Dataflow::kOutputStationary ? "output" : "weight";
}

Dataflow ParseDataflow(std::string_view text) {
  for (const Dataflow dataflow : {Dataflow::kOutputStationary, Dataflow::kWeightStationary}) {
    if (text == Name(dataflow)) return dataflow;
  }
  throw UsageError("dataflow '{}': must be output or weight, what stays in the units", text);
}

double Cycles(const ProductShape& shape, const MacArray& array, Dataflow dataflow,
              double unit_cycles) {
  if (shape.macs() == 0) return 0;
  const Mapping map = MappingOf(shape, dataflow);
  const auto rows = static_cast<double>(array.rows), columns = static_cast<double>(array.columns);
  const double stream = std::ceil(static_cast<double>(map.steps) * unit_cycles);
  const double skew = (rows + columns - 2) * std::max(1.0, unit_cycles);
  const auto folds = static_cast<double>(Folds(map.along_rows, array.rows) *
                                         Folds(map.along_columns, array.columns) * shape.count);
  return (rows + skew + stream) * folds;
}

MemoryTraffic& MemoryTraffic::operator+=(const MemoryTraffic& other) {
  sram_operands += other.sram_operands;
  sram_sums += other.sram_sums;
  dram_operands += other.dram_operands;
  dram_results += other.dram_results;
  return *this;
}

MemoryTraffic Traffic(const ProductShape& shape, const MacArray& array, Dataflow dataflow) {
  if (shape.macs() == 0) return {};
  const auto m = static_cast<double>(shape.m), n = static_cast<double>(shape.n),
             k = static_cast<double>(shape.k), count = static_cast<double>(shape.count);
  const Mapping map = MappingOf(shape, dataflow);
  const auto row_folds = static_cast<double>(Folds(map.along_rows, array.rows));
  const auto column_folds = static_cast<double>(Folds(map.along_columns, array.columns));
  MemoryTraffic traffic;
  if (dataflow == Dataflow::kOutputStationary) {
    traffic.sram_operands = (m * k * column_folds + k * n * row_folds) * count;
    traffic.sram_sums = m * n * count;
  } else {
    traffic.sram_operands = (m * k + k * n * column_folds) * count;
    traffic.sram_sums = m * n * (2 * row_folds - 1) * count;
  }
  traffic.dram_operands = (m * k + k * n) * count;
  traffic.dram_results = m * n * count;
  return traffic;
}

double EnergyOf(const MemoryTraffic& traffic, double operand_bytes, double sum_bytes,
                const MemoryEnergy& energy) {
  const double sram = traffic.sram_operands * operand_bytes + traffic.sram_sums * sum_bytes;
  const double dram = traffic.dram_operands * operand_bytes + traffic.dram_results * sum_bytes;
  return sram * energy.sram_pj_per_byte + dram * energy.dram_pj_per_byte;
}

ArrayCost& ArrayCost::operator+=(const ArrayCost& other) {
  macs += other.macs;
  unit_cycles += other.unit_cycles;
  busy_cycles += other.busy_cycles;
  cycles += other.cycles;
  time_s += other.time_s;
  dynamic_j += other.dynamic_j;
  leakage_j += other.leakage_j;
  return *this;
}

ArrayCost CostOf(double macs, double cycles, const MacArray& array, const MacUnit& unit) {
  const auto units = static_cast<double>(array.units());
  ArrayCost cost;
  cost.macs = macs;
  cost.cycles = cycles;
  cost.unit_cycles = cycles * units;
  cost.busy_cycles = macs * unit.cycles;
  cost.time_s = cycles * unit.period_ns * 1e-9;
  cost.dynamic_j = macs * unit.energy_pj * 1e-12;
  cost.leakage_j = units * unit.leakage_nw * 1e-9 * cost.time_s;
  return cost;
}

}  // namespace mulberry
