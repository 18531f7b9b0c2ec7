// What matrix products cost on a systolic array of multiply-accumulate units: cycles, time, energy
// and, apart, traffic of memory. A few formulas on plain shapes: not here is which products a
// network runs (train/network_cost.h), and what a unit costs, which is measured by synthesis.
//
// Cycles follow the analytical model of SCALE-Sim: Samajdar et al., "A Systematic Methodology for
// Characterizing Scalability of DNN Accelerators using SCALE-Sim", ISPASS 2020. A product is cut
// into folds of the array's size; a fold on R x C units whose operands stream for T steps takes
// 2R + C + T - 2 cycles, at the edges of the product too. Folds follow one another without overlap.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mulberry {

/// One multiply-accumulate unit, in one mode.
struct MacUnit {
  std::string name;       ///< The specification, such as "mitchell@bf16".
  double area_um2 = 0;    ///< With its registers.
  double period_ns = 0;   ///< Of the clock; above 0.
  double energy_pj = 0;   ///< Dynamic energy of one MAC, all of its cycles together.
  double leakage_nw = 0;  ///< Whether it works or not.
  double cycles = 1;      ///< Of one MAC; above 0. A half: it does two in a cycle.
};

struct MacArray {
  int64_t rows = 16;
  int64_t columns = 16;

  int64_t units() const { return rows * columns; }
};
/// Reads "ROWSxCOLUMNS", each 1 to 65536. Throws UsageError.
MacArray ParseMacArray(std::string_view text);

enum class Dataflow : uint8_t {
  kOutputStationary,  ///< A unit sums one output; both operands stream.
  kWeightStationary,  ///< A unit holds an element of the first factor; the other streams.
};
std::string_view Name(Dataflow dataflow);  // "output", "weight"
/// Throws UsageError.
Dataflow ParseDataflow(std::string_view text);

/// `count` products of an m x k matrix, whose elements are those that kWeightStationary holds, by a
/// k x n one.
struct ProductShape {
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  int64_t count = 1;

  int64_t macs() const { return m * n * k * count; }
  friend auto operator<=>(const ProductShape&, const ProductShape&) = default;
};

/// Cycles of all products of the shape, on units that take `unit_cycles` for one MAC. A step of the
/// streams takes a MAC's time, at least a cycle; loading or draining a fold takes a cycle a row.
double Cycles(const ProductShape& shape, const MacArray& array, Dataflow dataflow,
              double unit_cycles = 1);

/// Elements that pass between the array and the memory beside it (SRAM) and those that pass between
/// that and the memory outside (DRAM). SRAM: an operand is read once for each fold that it takes
/// part in; partial sums of kWeightStationary are written after each fold and read before the next.
/// DRAM: each element once, as if the SRAM held the whole product: the least there can be. Patches
/// of a convolution count as the matrix that they are.
struct MemoryTraffic {
  double sram_operands = 0;  ///< Read.
  double sram_sums = 0;      ///< Read or written.
  double dram_operands = 0;  ///< Read.
  double dram_results = 0;   ///< Written.

  MemoryTraffic& operator+=(const MemoryTraffic& other);
};
MemoryTraffic Traffic(const ProductShape& shape, const MacArray& array, Dataflow dataflow);

/// Energy of moving a byte. Defaults: 100 pJ for 8 bytes of a memory of 1 MB, and 1.3 nJ, the lower
/// end, of DRAM, in 45 nm at 0.9 V: Horowitz, "Computing's energy problem", ISSCC 2014.
struct MemoryEnergy {
  double sram_pj_per_byte = 12.5;
  double dram_pj_per_byte = 162.5;
};
/// In pJ, of operands and sums (results) of so many bytes an element.
double EnergyOf(const MemoryTraffic& traffic, double operand_bytes, double sum_bytes,
                const MemoryEnergy& energy);

/// What products cost; costs of several add. Memory is not in it.
struct ArrayCost {
  double macs = 0;         ///< That count: zeros that a convolution's gradient inserts do not.
  double unit_cycles = 0;  ///< Cycles times units.
  double busy_cycles = 0;  ///< Of these, in which a unit does MACs that count.
  double cycles = 0;
  double time_s = 0;
  double dynamic_j = 0;  ///< MACs times a unit's energy.
  double leakage_j = 0;  ///< Of all units, all the time.

  double energy_j() const { return dynamic_j + leakage_j; }
  /// Share of the units' cycles that did MACs that count.
  double utilisation() const { return unit_cycles > 0 ? busy_cycles / unit_cycles : 0; }
  ArrayCost& operator+=(const ArrayCost& other);
};

/// Of products that take `cycles` cycles on the array and have `macs` MACs that count.
ArrayCost CostOf(double macs, double cycles, const MacArray& array, const MacUnit& unit);

}  // namespace mulberry
