// Clebsch-Gordan-like tensors in e3nn's real basis. Host only.
#pragma once

#include <vector>

#include "potentials/mace/model.hpp"

namespace mofkernel::mace {

/// One non-zero of C^{l1 l2 l3}, times sqrt(2 l3 + 1): the normalisation of the convolution's tensor product.
struct CouplingEntry {
  int m1, m2, m3;  ///< 0 … 2l
  double value;
};

/// l1 + l2 + l3 even; sign and norm as e3nn's wigner_3j (Frobenius norm 1 before the factor). Degrees up to 4.
std::vector<CouplingEntry> coupling_of(const Path& path);

}  // namespace mofkernel::mace
