// What the radial networks see of a distance: transform, basis, cutoff. Host only.
#pragma once

#include <span>

#include "potentials/mace/model.hpp"
#include "potentials/mace/radial_jet.hpp"

namespace mofkernel::mace {

/// The distance as the basis sees it, for elements with these covalent radii (A). Agnesi: Witt et al., J. Chem. Phys.
/// 159, 164101 (2023), as generalised in mace-torch (Batatia et al., arXiv:2401.00096); Soft: mace-torch.
Jet transform(const Transform& transform, double r_A, double radius_a, double radius_b);

/// 1 at 0 and 0 at r_max, with as many smooth derivatives at r_max as the exponent allows: three for any. Not cut off
/// behind r_max. Gasteiger et al., ICLR 2020 (DimeNet), eq. 8.
Jet polynomial_cutoff(double r_A, double r_max_A, int exponent);

/// b_1 … b_n at x into `out` [n_basis], without the cutoff. Bessel: prefactor sin(w x) / x (DimeNet, eq. 7); Gaussian:
/// exp(coefficient (x - w)^2); Chebyshev: T_1(x) … T_n(x).
void basis_functions(const RadialBasis& basis, Jet x, std::span<Jet> out);

}  // namespace mofkernel::mace
