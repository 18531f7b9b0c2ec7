// The options that say how products are summed, as the parser meets them: each is read by itself,
// in any order, and what they mean together is judged at the end. Internal to this folder.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/arithmetic/scanner.h"

namespace mulberry {

class AccumulatorOptions {
 public:
  /// Those that operands of these formats have.
  static Names Of(const OperandFormats& format);

  /// Reads the value of `option`, which stands at `start` and is one of those. Throws SpecError.
  void Read(std::string_view option, size_t start, const OperandFormats& format, Scanner& scanner);

  /// What they say together. Throws SpecError where one does not fit the accumulator.
  Accumulator Finish(const OperandFormats& format, const Scanner& scanner) const;

 private:
  /// An option that was given, and where it stands.
  template <typename T>
  struct Given {
    T value;
    size_t start;
  };

  Accumulator ReadAccumulator(const OperandFormats& format, Scanner& scanner) const;
  static WordAccumulator ReadFixedSizes(Scanner& scanner);
  static Adder ReadAdder(Scanner& scanner);

  std::optional<Given<Accumulator>> accumulator_;
  std::optional<Given<int>> chunk_;
  std::optional<Given<Rounding>> rounding_;
  std::optional<Given<WordOverflow>> overflow_;
  std::optional<Given<Adder>> adder_;
};

}  // namespace mulberry
