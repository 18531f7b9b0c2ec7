// Array multipliers: sums of partial products a_i·b_j·2^(i+j), with some of them left out or
// inexact.
#pragma once

#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

/// bam(v, h), v <= 2n - 2, h < n: Mahdiani, Ahmadi, Fakhraie, Lucas, "Bio-inspired imprecise
/// computational blocks for efficient VLSI implementation of soft-computing applications", IEEE
/// TCAS-I 57(4), 2010, the broken-array multiplier. Keeps the partial products of columns
/// i + j >= v (the paper's vertical break level) and rows j >= h of the second operand (its
/// horizontal break level). Never above the exact product.
MultiplierFamily BamFamily();

/// truncated(v): bam(v, 0), the columns below v left out and nothing added for them.
MultiplierFamily TruncatedFamily();

/// rounded(v), v <= 2n - 2: truncated(v) with the partial products of column v - 1 added to column
/// v, but for the one of b's top bit. King, Swartzlander, "Data-dependent truncation scheme for
/// parallel multipliers", Asilomar Conf. Signals, Systems and Computers, 1997, who add the whole
/// column. Each bit i of a thereby multiplies b rounded to the nearest multiple of 2^(v-i), halves
/// up; or nothing if that is 2^n or more, where b would be 0 or 2^n. Above and below the exact
/// product.
MultiplierFamily RoundedFamily();

/// low_drop(p, q), p, q <= n: a·b - (a mod 2^p)(b mod 2^q), the partial products of i < p and j < q
/// left out. The error is a product of one function of each operand, which is what lets it be
/// simulated by exact matrix products (Yu et al., "Toward efficient retraining", IEEE TVLSI, 2024;
/// whether their circuit drops these is not known). Never above the exact product.
MultiplierFamily LowDropFamily();

/// kulkarni: Kulkarni, Gupta, Ercegovac, "Trading accuracy for power with an underdesigned
/// multiplier architecture", VLSI Design 2011. Four multipliers of half the width give the partial
/// products, down to 2×2 bits, where 3·3 is 7. Operands of any width, zeros above. Never above the
/// exact product.
MultiplierFamily KulkarniFamily();

/// etm: Kyaw, Goh, Yeo, "Low-power high-speed multiplier for error-tolerant application", EDSSC
/// 2010, the error-tolerant multiplier. With m = floor(n/2) low bits of each operand: their exact
/// product if both high parts are zero; else the exact product of the high parts, and below it, in
/// 2m bits, no product: from the highest position where either low part has a one all bits are one,
/// down to bit 0. That is not zero where only one operand is: 0·17 is 31 for 8 bits, as in the
/// circuit.
MultiplierFamily EtmFamily();

}  // namespace mulberry
