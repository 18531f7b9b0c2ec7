// What a strategy is, for the files of this folder: a function that is shown an arithmetic and
// either offers to compute its products, saying why it is exact, or declines, saying why. To add a
// strategy: one file with one Offer function, and its line in kStrategies in plan.cc.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/kernels/gemm.h"
#include "mulberry/multipliers/table.h"
#include "mulberry/plan/plan.h"

namespace mulberry {

/// All products of integers of up to 8 bits, by their encodings, two's complement where signed.
struct IntegerProducts {
  static constexpr int kMaxBits = 8;

  explicit IntegerProducts(const IntegerMultiplier& multiplier);

  int first_bits, second_bits;    ///< The operands' widths.
  std::vector<int64_t> products;  ///< products[(i << second_bits) | j], i of the first operand.
  int64_t smallest, largest;

  /// Rows are encodings of the first operand and columns of the second, or `exchanged`.
  uint32_t rows(bool exchanged = false) const {
    return 1u << (exchanged ? second_bits : first_bits);
  }
  uint32_t columns(bool exchanged = false) const { return rows(!exchanged); }
  int64_t at(uint32_t row, uint32_t column, bool exchanged = false) const {
    return products[exchanged ? column << second_bits | row : row << second_bits | column];
  }
  /// No product's magnitude is larger.
  int64_t max_magnitude() const { return std::max(largest, -smallest); }
  /// Whether every product with 0 is 0.
  bool keeps_zero() const;
};

/// The arithmetic as strategies see it. Immutable, and kept alive by the plan.
struct Subject {
  explicit Subject(const Arithmetic& arithmetic);

  Arithmetic arithmetic;
  /// The scalar definition of an arithmetic on floats or posits.
  std::optional<FloatMultiplier> multiplier;
  /// All its significand products; absent above MantissaTable::kMaxMantissaBits mantissa bits, and
  /// where products are more than that.
  std::optional<MantissaTable> table;
  /// The scalar definition of an arithmetic on integers.
  std::optional<IntegerMultiplier> integers;
  /// All its products; absent where an operand has more than IntegerProducts::kMaxBits bits.
  std::optional<IntegerProducts> products;

  /// Of an error model, which has none of the above.
  std::optional<ErrorDistribution> errors;

  /// Of `multiplier` and `integers`.
  ScalarProduct product() const;
  IntegerProduct integer_product() const;
  FloatArrayProduct array_product() const;
  IntegerArrayProduct integer_array_product() const;
  /// Of `multiplier`, before products are rounded.
  ExactScalarProduct exact_product() const;
  ExactArrayProduct exact_array_product() const;
  /// Whether products of arrays should be preferred (Model::of_arrays).
  bool of_arrays() const;
};

/// Computes products on behalf of a plan.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual void Gemm(const GemmProblem& problem) const = 0;
};

struct Offer {
  std::unique_ptr<Executor> executor;  ///< Null: the strategy declines.
  std::string reason;                  ///< Why it is exact, or why it declined.
  Exactness exactness = Exactness::kBitwise;
};
Offer Decline(std::string reason);

/// `subject` outlives the executor.
Offer OfferNative(const Subject& subject);
Offer OfferErrorModel(const Subject& subject);
Offer OfferBf16Terms(const Subject& subject);
Offer OfferClosedForm(const Subject& subject);
Offer OfferRegisterTable(const Subject& subject);
Offer OfferGatherTable(const Subject& subject);
Offer OfferRoundedSums(const Subject& subject);
Offer OfferLowRank(const Subject& subject);
Offer OfferIntegerRegisterTable(const Subject& subject);
Offer OfferIntegerTable(const Subject& subject);
Offer OfferDirect(const Subject& subject);

/// What strategies for all products of integers say of the rest: why they decline, or nothing.
std::optional<std::string> NotSmallIntegers(const Subject& subject);
/// What strategies for products of significands, scaled by powers of two, say of the rest: why they
/// decline, or nothing.
std::optional<std::string> NotSignificands(const Subject& subject);

}  // namespace mulberry
