// The rank of an integer table over the rationals, exactly, from ranks modulo primes. Internal to
// this folder.
#pragma once

#include <cstdint>

#include "mulberry/analysis/structure.h"

namespace mulberry {

/// The rank modulo a prime is never above the rational rank, and is below it only if the prime
/// divides every nonzero minor of that order. A minor of order r + 1 is at most the product of the
/// r + 1 longest rows (Hadamard), so that primes whose product is larger cannot all divide one. The
/// rank is therefore r once it is r modulo so many primes, or as large as the table allows modulo
/// one.
int ExactRank(const ErrorTable& table);

/// The rank modulo the prime, or limit + 1 once it is above the limit.
int RankModulo(uint64_t prime, const ErrorTable& table, int limit);

/// The table with each nonzero row once; the rows in ascending order.
ErrorTable DistinctNonzeroRows(const ErrorTable& table);
ErrorTable Transposed(const ErrorTable& table);

}  // namespace mulberry
