// Folding batch normalisations into the convolutions before them, as networks are deployed:
//   γ·(w∗x + b - μ)/√(σ² + ε) + β  =  (s·w)∗x + s·(b - μ) + β,  s = γ/√(σ² + ε)
#pragma once

#include "mulberry/models/network.h"

namespace mulberry {

/// Folds every two-dimensional batch normalisation of the network, by its running statistics; its
/// scores in evaluation stay what they are, up to rounding. Convolutions without a bias get one.
/// The normalisations stay in the tree of modules as identities that no longer learn, in training
/// too. What follows what is read off a forward pass of images of the shape. Throws Error for a
/// normalisation without running statistics, and for one that follows anything but one convolution
/// whose output goes nowhere else.
void FoldBatchNorms(Network& network, const ImageShape& images);

}  // namespace mulberry
