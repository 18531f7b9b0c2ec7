// Histograms of the operands that a network's layers really multiplied, as files: what
// `mulberry train --record-operands` writes and the measured distributions of an analysis read.
//
// A file is one JSON object:
//   {
//     "mulberry_histogram": 1,             the version of this format
//     "source": "lenet5 conv2 forward",    free text
//     "operands": "signed",                or "unsigned", "significand" (subject.h); where the two
//                                          differ "unsigned x signed" or "signed x unsigned"
//     "a_bits": 8, "b_bits": 8,            1 to 16
//     "a": [0, 3, ...], "b": [...]         one count for each value of the operand, ascending
//   }
// or, in the place of "a" and "b", with counts of pairs, at most 2^20 of them:
//     "joint": [[...], ...]                one row for each value of a, one count for each of b
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mulberry/analysis/distribution.h"
#include "mulberry/analysis/subject.h"

namespace mulberry {

struct OperandHistogram {
  std::string source;
  OperandSets operands = OperandSet::kUnsigned;
  int a_bits = 8;
  int b_bits = 8;
  std::vector<uint64_t> a;
  std::vector<uint64_t> b;
  std::vector<uint64_t> joint;  ///< Row by row; if not empty, a and b are.

  friend bool operator==(const OperandHistogram&, const OperandHistogram&) = default;
};

/// Throws Error that names the file, what was found and what was expected.
OperandHistogram ReadHistogram(const std::string& path);
/// Writes the file atomically. Throws Error if it cannot, or if the histogram could not be read
/// back.
void WriteHistogram(const OperandHistogram& histogram, const std::string& path);

/// The histogram as the distribution of the subject's operands. Throws UsageError, naming both, if
/// their kinds or widths differ.
Distribution MeasuredDistribution(const OperandHistogram& histogram, const ErrorSubject& subject);

}  // namespace mulberry
