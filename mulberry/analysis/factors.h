// Integer factors of a table of known rank. Internal to this folder.
#pragma once

#include <optional>

#include "mulberry/analysis/structure.h"

namespace mulberry {

/// Factors of `rank` terms, checked with Reproduces, or none. `rank` is the table's, at least 1.
///
/// The rows of the factor v are chosen among integer combinations of the table's rows that generate
/// the same lattice as those: their subset (Möbius) transform over the bits of the row's number,
/// which undoes sums over the bits that circuits make and so leaves small rows. Smallest first,
/// each that is independent of those before it. Then u is solved for; it may turn out not to be
/// integral. The same with rows and columns exchanged, and the one with the fewest bits is taken.
std::optional<IntegerFactors> FindFactors(const ErrorTable& table, int rank);

}  // namespace mulberry
