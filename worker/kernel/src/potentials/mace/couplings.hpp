// Clebsch-Gordan-like tensors in e3nn's real basis. Host only.
#pragma once

#include <vector>

#include "potentials/mace/model.hpp"

namespace mofkernel::mace {

inline constexpr int kMostDegree = 4;

/// One non-zero of C^{l1 l2 l3}, times sqrt(2 l3 + 1): the normalisation of the convolution's tensor product.
struct CouplingEntry {
  int m1, m2, m3;  ///< 0 … 2l
  double value;
};

/// For l1 + l2 + l3 even, degrees up to kMostDegree: the integral of the product of three real harmonics, which has the
/// sign of e3nn's wigner_3j, scaled to its Frobenius norm of 1 and then by the factor. Ordered by (m1, m2, m3).
std::vector<CouplingEntry> coupling_of(const Path& path);

}  // namespace mofkernel::mace
