// Interactions of point charges, for host and device; charges in units where Coulomb's constant is 1.
#pragma once

#include <cmath>

#include "backend/backend.hpp"
#include "potentials/electrostatics/coulomb_model.hpp"

namespace mofkernel::electrostatics {

inline constexpr double kTwoOverRootPi = 1.1283791670955126;

/// Limit of B(r) - 1/r for r -> 0: what a charge feels of its own screening.
MOFK_HD inline double self_interaction(const Splitting& splitting, double cutoff) {
  return -kTwoOverRootPi * splitting.alpha - splitting.shift + splitting.slope_shift * cutoff;
}

/// The parameters of Splitting in the precision of the pairs.
template <class Real>
struct PairSplitting {
  Real alpha, shift, slope_shift, cutoff;
};

/// B(r); slope = B'(r) / r.
template <class Real>
MOFK_HD inline Real screened_pair(const PairSplitting<Real>& p, Real r, Real& slope) {
  const Real x = p.alpha * r;
  const Real inverse = Real(1) / r;
  const Real erfc_over_r = erfc(x) * inverse;
  const Real gauss = static_cast<Real>(kTwoOverRootPi) * p.alpha * exp(-x * x);
  slope = -(erfc_over_r + gauss) * inverse * inverse - p.slope_shift * inverse;
  return erfc_over_r - p.shift - p.slope_shift * (r - p.cutoff);
}

/// B(r) - 1/r: an excluded pair keeps what the sum over images and the shifts add to its bare interaction, which alone
/// is left out.
template <class Real>
MOFK_HD inline Real excluded_pair(const PairSplitting<Real>& p, Real r, Real& slope) {
  const Real x = p.alpha * r;
  const Real inverse = Real(1) / r;
  const Real erf_over_r = erf(x) * inverse;
  const Real gauss = static_cast<Real>(kTwoOverRootPi) * p.alpha * exp(-x * x);
  slope = (erf_over_r - gauss) * inverse * inverse - p.slope_shift * inverse;
  return -erf_over_r - p.shift - p.slope_shift * (r - p.cutoff);
}

/// Weight 4 pi / V exp(-k^2 / (4 alpha^2)) / k^2 of one of each pair k, -k, switched off between the cutoff and
/// kSwitchEnd times it. slope = -(d weight / dk) / k without the volume's part.
MOFK_HD inline double k_weight(double k_squared, double alpha, double volume, double k_cutoff, double& slope) {
  const double k = sqrt(k_squared);
  const double width = (kSwitchEnd - 1.0) * k_cutoff;
  const double x = (k - k_cutoff) / width;
  if (x >= 1.0) {
    slope = 0.0;
    return 0.0;
  }
  const double b = 1.0 / (4.0 * alpha * alpha);
  const double weight = 12.566370614359172 / volume * exp(-k_squared * b) / k_squared;
  const double bare_slope = 2.0 * weight * (1.0 / k_squared + b);
  if (x <= 0.0) {
    slope = bare_slope;
    return weight;
  }
  // 1 - 10 x^3 + 15 x^4 - 6 x^5: value, slope and curvature join at both ends.
  const double factor = 1.0 - x * x * x * (10.0 - x * (15.0 - 6.0 * x));
  const double factor_slope = -30.0 * x * x * (1.0 - x) * (1.0 - x) / width;
  slope = factor * bare_slope - weight * factor_slope / k;
  return factor * weight;
}

}  // namespace mofkernel::electrostatics
