// Strategy "low rank": the table of products of integers of up to 8 bits as a short sum of products
// of one-operand functions, so that the simulated matrix product is an exact one of bytes.
//
// The sum is looked for in two tables, the products themselves and their error, to which the exact
// product is added as one more term; both without the part that is a sum of functions of one
// operand. The one with fewer products of bytes serves.
#include <utility>

#include "mulberry/plan/byte_terms.h"

namespace mulberry {
namespace {

/// More products of bytes than this are slower than looking each product up.
constexpr int kMostByteTerms = 12;

/// The table less its parts f(i) + g(j), which vanishes where i or j is 0.
ErrorTable WithoutSums(ErrorTable table) {
  const ErrorTable whole = table;
  for (int64_t i = 0; i < table.rows; ++i) {
    for (int64_t j = 0; j < table.columns; ++j) {
      table.values[static_cast<size_t>(i * table.columns + j)] -=
          whole.at(i, 0) + whole.at(0, j) - whole.at(0, 0);
    }
  }
  return table;
}

struct Factored {
  IntegerFactors factors;
  int byte_terms = 0;
  bool of_error = false;  ///< Factors of the error, and one term more for the exact product.
};

/// The values of a format, by their encodings.
std::vector<int64_t> ValuesOf(const IntegerFormat& format) {
  std::vector<int64_t> values;
  for (uint32_t i = 0; i < 1u << format.bits; ++i) values.push_back(DecodeInteger(format, i));
  return values;
}

std::optional<Factored> Factor(const IntegerProducts& products, const IntegerFormats& formats,
                               bool of_error) {
  ErrorTable table{products.rows(), products.columns(), products.products};
  const std::vector<int64_t> first = ValuesOf(formats.first), second = ValuesOf(formats.second);
  if (of_error) {
    for (size_t i = 0; i < first.size(); ++i) {
      for (size_t j = 0; j < second.size(); ++j) {
        table.values[i * second.size() + j] -= first[i] * second[j];
      }
    }
  }
  auto factors = FindIntegerFactors(WithoutSums(std::move(table)), kMostByteTerms);
  if (!factors) return std::nullopt;
  if (of_error) {
    factors->u.push_back(first);
    factors->v.push_back(second);
  }
  const int terms = CountByteTerms(*factors);
  return Factored{std::move(*factors), terms, of_error};
}

class LowRankExecutor : public Executor {
 public:
  LowRankExecutor(const IntegerProducts& products, ByteTerms first, ByteTerms second)
      : first_(std::move(first)),
        second_(std::move(second)),
        multiplier_{products.first_bits,   products.second_bits, products.max_magnitude(),
                    products.keeps_zero(), first_.side(),        second_.side()} {}
  void Gemm(const GemmProblem& problem) const override { LowRankGemm(problem, multiplier_); }

 private:
  ByteTerms first_, second_;
  LowRankMultiplier multiplier_;
};

}  // namespace

Offer OfferLowRank(const Subject& subject) {
  if (const auto reason = NotSmallIntegers(subject)) return Decline(*reason);
  const IntegerProducts& products = *subject.products;
  std::optional<Factored> best;
  for (const bool of_error : {false, true}) {
    auto found = Factor(products, subject.integers->formats(), of_error);
    if (found && (!best || found->byte_terms < best->byte_terms)) best = std::move(found);
  }
  if (!best) {
    return Decline(fmt::format(
        "neither its products nor their errors are a sum of at most {} terms with integer factors",
        kMostByteTerms));
  }
  const int terms = best->factors.terms();
  if (best->byte_terms > kMostByteTerms) {
    return Decline(
        fmt::format("its {} terms take {} products of bytes, and more than {} are slower "
                    "than looking products up",
                    terms, best->byte_terms, kMostByteTerms));
  }
  auto first = MakeByteTerms(best->factors, products, false);
  auto second = MakeByteTerms(best->factors, products, true);
  if (!first || !second) {
    return Decline("the factors that were found do not reproduce the table of products");
  }
  const char* sum =
      best->of_error ? "the exact product and a sum of {} terms" : "a sum of {} terms";
  return {
      std::make_unique<LowRankExecutor>(products, std::move(*first), std::move(*second)),
      fmt::format("the product is {}, {} products of bytes, equal to the model for all {} pairs "
                  "of operands modulo 2^32, and sums of integers are exact",
                  fmt::format(fmt::runtime(sum), terms - (best->of_error ? 1 : 0)),
                  best->byte_terms, products.products.size()),
      Exactness::kBitwise};
}

}  // namespace mulberry
