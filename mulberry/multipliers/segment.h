// Multipliers that multiply a short segment of each operand. Products have at most 2n bits, since a
// segment in its place is no longer than the operand. An operand of zero gives zero.
//
// k is the position of an operand's leading one and x the fraction below it: a = 2^k·(1 + x).
#pragma once

#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

/// drum(k): Hashemi, Bahar, Reda, "DRUM: a dynamic range unbiased multiplier for approximate
/// applications", ICCAD 2015. Of each operand the k bits from its leading one, the lowest of them
/// set, which makes up for the dropped ones on average; an operand below 2^k is left as it is.
MultiplierFamily DrumFamily();

/// letam(k): Vahdat, Kamal, Afzali-Kusha, Pedram, "LETAM: a low energy truncation-based approximate
/// multiplier", Computers & Electrical Engineering 63, 2017. Of each operand the k bits from its
/// leading one and a one below them, always: an operand with fewer bits is filled with zeros above
/// that one. The floor of the product. (The paper was not at hand: this is the construction of its
/// authors' TOSAM, and on operands of more than k bits it is drum(k + 1).)
MultiplierFamily LetamFamily();

/// ssm(m), n/2 <= m < n: Narayanamoorthy, Moghaddam, Liu, Park, Kim, "Energy-efficient approximate
/// multiplication for digital signal processing and classification applications", IEEE TVLSI 23(6),
/// 2015. Of each operand the m highest bits if any bit above the m lowest is set, else those.
MultiplierFamily SsmFamily();

/// essm(m), n/2 <= m <= n - 2 with n - m even: the enhanced design of the same paper, which has a
/// third segment, of the m bits from (n - m)/2. The lowest segment that holds the leading one.
MultiplierFamily EssmFamily();

/// tosam(t, h), t < h < n: Vahdat, Kamal, Afzali-Kusha, Pedram, "TOSAM: an energy-efficient
/// truncation- and rounding-based scalable approximate multiplier", IEEE TVLSI 27(5), 2019:
///   floor(2^(k1+k2)·(1 + T(x1) + T(x2) + O(x1)·O(x2)))
/// T keeps h bits of a fraction, O keeps t and appends a one. The paper calls the former t and the
/// latter h, in the same order: its TOSAM(3,7) is tosam(t=3,h=7).
MultiplierFamily TosamFamily();

}  // namespace mulberry
