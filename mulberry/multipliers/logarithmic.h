// Multipliers that add approximate logarithms. An operand a = 2^k·(1 + x), k the position of its
// leading one and 0 <= x < 1, has log2 a ≈ k + x; the product is the antilogarithm of the sum of
// two, taken the same way. An operand of zero gives zero. Where the real value below is no integer,
// an integer product is its floor (our choice).
//
// Products have at most 2n bits: k1 + k2 <= 2n - 2 and the significands below are less than 4, but
// for corrections that would pass it, which are left out there.
#pragma once

#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

/// Mitchell, "Computer multiplication and division using binary logarithms", IRE Trans. Electronic
/// Computers EC-11(4), 1962:
///   2^(k1+k2)·(1 + x1 + x2)    if x1 + x2 < 1,
///   2^(k1+k2+1)·(x1 + x2)      otherwise.
/// Always an integer, never above the exact product, at most 1/9 below it.
MultiplierFamily MitchellFamily();

/// The minimally biased multiplier, mbm(t): Saadat, Bokhari, Parameswaran, "Minimally biased
/// multipliers for approximate integer and floating-point multiplication", IEEE TCAD 37(11), 2018.
/// Mitchell plus the constant c = 2^-4 + 2^-6:
///   2^(k1+k2)·(1 + x1 + x2 + c)      if x1 + x2 < 1 (the sum with c may pass 2),
///   2^(k1+k2+1)·(x1 + x2 + c/2)      otherwise; without c/2 where the product would pass 2n bits.
/// From the paper: x is aligned to n - 1 bits; mbm(t) drops the t lowest of them and sets the
/// lowest of those kept, which makes up for the dropped ones on average; t = 0 changes nothing. As
/// in ApproxTrain's models of it (Gong et al., IEEE TCAD 2023): c has as many bits as x keeps, so
/// that none is left of it at 3 or fewer, and half of that is added on carry; on significands that
/// truncation to the format has shortened (OperandKind::dropped_bits > 0) the lowest bit is set
/// whatever t is, since that truncation is the paper's.
MultiplierFamily MbmFamily();

/// The reduced-error approximate log multiplier, realm(m, t): Saadat, Javaid, Ignjatovic,
/// Parameswaran, "REALM: reduced-error approximate log-based integer multiplier", DATE 2020.
/// MBM with a correction s(i, j) in place of c, for the segments i and j that the first log2 m bits
/// of x1 and x2 name: the one that makes the segment's mean relative error zero, in steps of 2^-6.
/// m is 4, 8 or 16. t as of mbm, 0 by default, and at most n - 7, which keeps 6 fraction bits.
/// Our choice: truncated significands have their lowest bit set, as those of mbm.
MultiplierFamily RealmFamily();

/// alm_soa(m) and alm_loa(m): Liu, Xu, Wang, Wang, Montuschi, Lombardi, "Design and evaluation of
/// approximate logarithmic multipliers for low power error-tolerant applications", IEEE TCAS-I
/// 65(9), 2018. Mitchell, with an adder of n - 1 fraction bits whose low m bits are inexact: set to
/// one (set-one adder), or the OR of the operands' bits (lower-part OR adder). The high part is
/// added exactly, with the AND of both operands' bits m - 1 carried in. m = 0 is Mitchell.
MultiplierFamily AlmSoaFamily();
MultiplierFamily AlmLoaFamily();

}  // namespace mulberry
