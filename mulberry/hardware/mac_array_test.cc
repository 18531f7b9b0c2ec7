// The formulas against an array that is simulated cycle by cycle, and against figures by hand.
#include "mulberry/hardware/mac_array.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

// A systolic array, register by register: what it computes and how long it takes. Operands move on
// by one unit a cycle; streams enter skewed, a row or column one cycle after the one before.
class SystolicArray {
 public:
  SystolicArray(int rows, int columns) : rows_(rows), columns_(columns) {}

  int64_t cycles() const { return cycles_; }

  // c += a·b of one fold, a of rows x k, b of k x columns; zeros pad the edges.
  void OutputStationaryFold(const std::vector<std::vector<int>>& a,
                            const std::vector<std::vector<int>>& b, int k,
                            std::vector<std::vector<int>>& c) {
    Grid left = NewGrid(), top = NewGrid();
    std::vector<std::vector<int>> sums(Size(rows_), std::vector<int>(Size(columns_)));
    int64_t done = 0;
    for (int t = 0; done < int64_t{rows_} * columns_ * k; ++t, ++cycles_) {
      Grid next_left = NewGrid(), next_top = NewGrid();
      for (int r = 0; r < rows_; ++r) {
        for (int col = 0; col < columns_; ++col) {
          const int from_left = t - r, from_top = t - col;
          const auto x = col > 0 ? left[Size(r)][Size(col - 1)]
                         : from_left >= 0 && from_left < k
                             ? std::optional(a[Size(r)][Size(from_left)])
                             : std::nullopt;
          const auto y = r > 0 ? top[Size(r - 1)][Size(col)]
                         : from_top >= 0 && from_top < k
                             ? std::optional(b[Size(from_top)][Size(col)])
                             : std::nullopt;
          next_left[Size(r)][Size(col)] = x;
          next_top[Size(r)][Size(col)] = y;
          ASSERT_EQ(x.has_value(), y.has_value());
          if (!x) continue;
          sums[Size(r)][Size(col)] += *x * *y;
          ++done;
        }
      }
      left = next_left;
      top = next_top;
    }
    // The sums leave downwards, a row a cycle.
    for (int r = rows_ - 1; r >= 0; --r, ++cycles_) c[Size(r)] = sums[Size(r)];
  }

  // c += w'·x of one fold: unit (r, c) holds w(c, r); x of rows x n enters from the left, sums move
  // down and leave below.
  void WeightStationaryFold(const std::vector<std::vector<int>>& w,
                            const std::vector<std::vector<int>>& x, int n,
                            std::vector<std::vector<int>>& c) {
    cycles_ += rows_;  // The weights move in from above, a row a cycle.
    Grid left = NewGrid(), sums = NewGrid();
    std::vector<int> left_below(Size(columns_));
    int64_t results = 0;
    for (int t = 0; results < int64_t{columns_} * n; ++t, ++cycles_) {
      Grid next_left = NewGrid(), next_sums = NewGrid();
      for (int r = 0; r < rows_; ++r) {
        for (int col = 0; col < columns_; ++col) {
          const int step = t - r;
          const auto in = col > 0                 ? left[Size(r)][Size(col - 1)]
                          : step >= 0 && step < n ? std::optional(x[Size(r)][Size(step)])
                                                  : std::nullopt;
          next_left[Size(r)][Size(col)] = in;
          if (!in) continue;
          const int above = r > 0 ? sums[Size(r - 1)][Size(col)].value() : 0;
          const int sum = above + *in * w[Size(col)][Size(r)];
          next_sums[Size(r)][Size(col)] = sum;
          if (r < rows_ - 1) continue;
          c[Size(col)][Size(left_below[Size(col)]++)] += sum;
          ++results;
        }
      }
      left = next_left;
      sums = next_sums;
    }
  }

 private:
  using Grid = std::vector<std::vector<std::optional<int>>>;
  static size_t Size(int i) { return static_cast<size_t>(i); }
  Grid NewGrid() const {
    return Grid(Size(rows_), std::vector<std::optional<int>>(Size(columns_)));
  }

  int rows_, columns_;
  int64_t cycles_ = 0;
};

using Matrix = std::vector<std::vector<int>>;

Matrix Filled(int64_t rows, int64_t columns, int seed) {
  Matrix matrix(static_cast<size_t>(rows), std::vector<int>(static_cast<size_t>(columns)));
  int value = seed;
  for (auto& row : matrix) {
    for (int& element : row) element = (value = (value * 37 + 11) % 101) - 50;
  }
  return matrix;
}

// The part that begins at (row, column), with zeros beyond the edges.
Matrix Part(const Matrix& whole, int64_t row, int64_t column, int64_t rows, int64_t columns) {
  Matrix part(static_cast<size_t>(rows), std::vector<int>(static_cast<size_t>(columns)));
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      if (row + r >= std::ssize(whole) || column + c >= std::ssize(whole[0])) continue;
      part[static_cast<size_t>(r)][static_cast<size_t>(c)] =
          whole[static_cast<size_t>(row + r)][static_cast<size_t>(column + c)];
    }
  }
  return part;
}

void AddAt(const Matrix& part, int64_t row, int64_t column, Matrix& whole) {
  for (int64_t r = 0; r < std::ssize(part) && row + r < std::ssize(whole); ++r) {
    for (int64_t c = 0; c < std::ssize(part[0]) && column + c < std::ssize(whole[0]); ++c) {
      whole[static_cast<size_t>(row + r)][static_cast<size_t>(column + c)] +=
          part[static_cast<size_t>(r)][static_cast<size_t>(c)];
    }
  }
}

// Runs the product fold by fold, checks what it computed, and returns the cycles.
int64_t Simulate(const ProductShape& s, const MacArray& array, Dataflow dataflow) {
  const Matrix a = Filled(s.m, s.k, 3), b = Filled(s.k, s.n, 8);
  Matrix c(static_cast<size_t>(s.m), std::vector<int>(static_cast<size_t>(s.n)));
  SystolicArray systolic(static_cast<int>(array.rows), static_cast<int>(array.columns));
  if (dataflow == Dataflow::kOutputStationary) {
    for (int64_t i = 0; i < s.m; i += array.rows) {
      for (int64_t j = 0; j < s.n; j += array.columns) {
        Matrix sums(static_cast<size_t>(array.rows));
        systolic.OutputStationaryFold(Part(a, i, 0, array.rows, s.k),
                                      Part(b, 0, j, s.k, array.columns), static_cast<int>(s.k),
                                      sums);
        AddAt(sums, i, j, c);
      }
    }
  } else {
    for (int64_t l = 0; l < s.k; l += array.rows) {
      for (int64_t i = 0; i < s.m; i += array.columns) {
        Matrix sums(static_cast<size_t>(array.columns), std::vector<int>(static_cast<size_t>(s.n)));
        systolic.WeightStationaryFold(Part(a, i, l, array.columns, array.rows),
                                      Part(b, l, 0, array.rows, s.n), static_cast<int>(s.n), sums);
        AddAt(sums, i, 0, c);
      }
    }
  }
  for (size_t i = 0; i < c.size(); ++i) {
    for (size_t j = 0; j < c[0].size(); ++j) {
      int sum = 0;
      for (size_t l = 0; l < b.size(); ++l) sum += a[i][l] * b[l][j];
      EXPECT_EQ(c[i][j], sum) << i << ", " << j;
    }
  }
  return systolic.cycles();
}

TEST(MacArray, CyclesAreThoseOfASimulatedArray) {
  for (const Dataflow dataflow : {Dataflow::kOutputStationary, Dataflow::kWeightStationary}) {
    for (const MacArray array : {MacArray{1, 1}, MacArray{2, 3}, MacArray{3, 2}, MacArray{4, 4}}) {
      for (int64_t m = 1; m <= 5; ++m) {
        for (int64_t n = 1; n <= 5; ++n) {
          for (int64_t k = 1; k <= 6; ++k) {
            const ProductShape shape{m, n, k};
            EXPECT_EQ(Cycles(shape, array, dataflow),
                      static_cast<double>(Simulate(shape, array, dataflow)))
                << Name(dataflow) << " " << array.rows << "x" << array.columns << " " << m << " "
                << n << " " << k;
          }
        }
      }
    }
  }
}

TEST(MacArray, CyclesByHand) {
  // LeNet-5's second convolution on one image: 16 x 100 outputs of 150 products. On 16 x 16 units
  // 1 x 7 folds of 2·16 + 16 + 150 - 2 = 196 cycles.
  const ProductShape conv2{16, 100, 150};
  EXPECT_EQ(Cycles(conv2, {16, 16}, Dataflow::kOutputStationary), 7 * 196);
  // Its 150 x 16 weights: 10 x 1 folds of 2·16 + 16 + 100 - 2 = 146.
  EXPECT_EQ(Cycles(conv2, {16, 16}, Dataflow::kWeightStationary), 10 * 146);
  EXPECT_EQ(Cycles({16, 100, 150, 3}, {16, 16}, Dataflow::kOutputStationary), 3 * 7 * 196);
  EXPECT_EQ(Cycles({0, 100, 150}, {16, 16}, Dataflow::kOutputStationary), 0);
}

TEST(MacArray, UnitsOfSeveralCyclesAndOfSeveralMacsACycle) {
  const ProductShape shape{16, 16, 100};
  const auto cycles = [&](double of_unit) {
    return Cycles(shape, {16, 16}, Dataflow::kOutputStationary, of_unit);
  };
  EXPECT_EQ(cycles(1), 16 + 30 + 100);
  EXPECT_EQ(cycles(4), 16 + 4 * 30 + 400);
  EXPECT_EQ(cycles(0.25), 16 + 30 + 25);
}

TEST(MacArray, TrafficByHand) {
  // 3 x 2 folds of outputs on 2 x 4 units.
  const MemoryTraffic output = Traffic({5, 8, 10}, {2, 4}, Dataflow::kOutputStationary);
  EXPECT_EQ(output.sram_operands, 5 * 10 * 2 + 10 * 8 * 3);
  EXPECT_EQ(output.sram_sums, 5 * 8);
  EXPECT_EQ(output.dram_operands, 5 * 10 + 10 * 8);
  EXPECT_EQ(output.dram_results, 5 * 8);
  // 5 folds of k, 2 of m: sums are written five times and read four.
  const MemoryTraffic weight = Traffic({5, 8, 10}, {2, 4}, Dataflow::kWeightStationary);
  EXPECT_EQ(weight.sram_operands, 5 * 10 + 10 * 8 * 2);
  EXPECT_EQ(weight.sram_sums, 5 * 8 * 9);
  // Two bytes an operand, four a sum: (340·2 + 40·4)·12.5 + (130·2 + 40·4)·162.5.
  EXPECT_DOUBLE_EQ(EnergyOf(output, 2, 4, {}), 840 * 12.5 + 420 * 162.5);
}

TEST(MacArray, CostByHand) {
  const MacUnit unit{"x", 100, 2, 0.5, 10, 1};
  const ArrayCost cost = CostOf(1e6, 1e4, {16, 16}, unit);
  EXPECT_DOUBLE_EQ(cost.time_s, 2e-5);
  EXPECT_DOUBLE_EQ(cost.dynamic_j, 0.5e-6);
  EXPECT_DOUBLE_EQ(cost.leakage_j, 256 * 10e-9 * 2e-5);
  EXPECT_DOUBLE_EQ(cost.utilisation(), 1e6 / (1e4 * 256));
  ArrayCost both = cost;
  both += cost;
  EXPECT_DOUBLE_EQ(both.utilisation(), cost.utilisation());
  EXPECT_DOUBLE_EQ(both.energy_j(), 2 * cost.energy_j());
}

TEST(MacArray, ReadsArraysAndDataflows) {
  EXPECT_EQ(ParseMacArray("8x32").rows, 8);
  EXPECT_EQ(ParseMacArray("8x32").columns, 32);
  for (const char* wrong : {"", "8", "x", "8x", "x8", "0x8", "8x0", "-1x8", "8x8x8", "8x 8",
                            "65537x1", "99999999999999999999x1"}) {
    EXPECT_THROW(ParseMacArray(wrong), UsageError) << wrong;
  }
  EXPECT_EQ(ParseDataflow("weight"), Dataflow::kWeightStationary);
  EXPECT_THROW(ParseDataflow("row"), UsageError);
}

}  // namespace
}  // namespace mulberry
