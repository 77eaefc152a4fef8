// Energy, force and torque of one placement of a rigid adsorbate, by one thread. The energy is that of
// placement_energy().
#pragma once

#include <cmath>
#include <limits>

#include "adsorption/formulas.hpp"
#include "adsorption/host_guest.hpp"

namespace mofkernel::MOFK_NS::insertion {

/// Center of mass and rotation of an adsorbate.
struct RigidPose {
  double center[3];    ///< A
  double rotation[9];  ///< row-major
};

/// The six numbers that move a rigid body: force, eV/A, and torque about the center, eV.
struct RigidGradient {
  double energy_eV;
  double force[3];
  double torque[3];
};

/// Adds the smooth part of the potential and its derivatives by the position.
MOFK_HD inline void add_smooth_potential(const HostGuestView& view, const double* position, double& potential,
                                         double* derivative) {
  double f[3];
  row_times_matrix(position, view.inverse, f);
  double weights[3][kSplineOrder];
  double slopes[3][kSplineOrder];
  int first[3];
  for (int a = 0; a < 3; ++a) {
    const double u = f[a] * view.grid_shape[a];
    const int base = static_cast<int>(u);
    first[a] = base < view.grid_shape[a] ? base : view.grid_shape[a] - 1;
    spline_weights_and_slopes(u - first[a], weights[a], slopes[a]);
  }
  const std::int64_t n_b = view.grid_shape[1] + kSplineOrder - 1;
  const std::int64_t n_c = view.grid_shape[2] + kSplineOrder - 1;
  double by_step[3] = {0, 0, 0};
  for (int i = 0; i < kSplineOrder; ++i) {
    for (int j = 0; j < kSplineOrder; ++j) {
      const double* const row = view.grid + ((first[0] + i) * n_b + first[1] + j) * n_c + first[2];
      double sum = 0;
      double slope_sum = 0;
      for (int k = 0; k < kSplineOrder; ++k) {
        sum += weights[2][k] * row[k];
        slope_sum += slopes[2][k] * row[k];
      }
      potential += weights[0][i] * weights[1][j] * sum;
      by_step[0] += slopes[0][i] * weights[1][j] * sum;
      by_step[1] += weights[0][i] * slopes[1][j] * sum;
      by_step[2] += weights[0][i] * weights[1][j] * slope_sum;
    }
  }
  for (int k = 0; k < 3; ++k) {
    for (int a = 0; a < 3; ++a) derivative[k] += by_step[a] * view.grid_shape[a] * view.inverse[3 * k + a];
  }
}

/// Energy of one site and its derivative by the position, which is moved into the cell. The steps of the energy at the
/// cutoffs have no part in the derivative.
MOFK_HD inline SiteEnergy site_gradient(const HostGuestView& view, int site_kind, double* position,
                                        double* derivative) {
  const KindOfSite kind = view.kinds[site_kind];
  const int block = wrap_into_block(view, position);
  const PairCoefficients* const pairs = view.pairs + site_kind * view.n_host_kinds;
  const int end_near = view.end_near[block];
  const int end = kind.has_lennard_jones ? view.first[block + 1] : end_near;
  double lennard_jones_sum = 0;
  double potential = 0;
  double potential_derivative[3] = {0, 0, 0};
  for (int k = 0; k < 3; ++k) derivative[k] = 0;
  for (int e = view.first[block]; e < end; ++e) {
    const int image = view.entries[e];
    const double* const atom = view.images + 4 * image;
    double d[3];
    double r2 = 0;
    for (int k = 0; k < 3; ++k) {
      d[k] = position[k] - atom[k];
      r2 += d[k] * d[k];
    }
    r2 = r2 < kSmallestDistanceSquared ? kSmallestDistanceSquared : r2;
    const double inverse_r2 = 1 / r2;
    if (kind.has_lennard_jones && r2 < view.cutoff_squared) {
      const PairCoefficients pair = pairs[view.image_kind[image]];
      const double inverse_r6 = inverse_r2 * inverse_r2 * inverse_r2;
      lennard_jones_sum += lennard_jones(pair.a, pair.b, pair.shift_eV, inverse_r2);
      const double factor = -6 * inverse_r6 * (2 * pair.a * inverse_r6 - pair.b) * inverse_r2;
      for (int k = 0; k < 3; ++k) derivative[k] += factor * d[k];
    }
    if (kind.has_charge && e < end_near && r2 < view.near_cutoff_squared) {
      const double u = r2 * view.intervals_per_A2;
      const int interval = static_cast<int>(u);
      const double t = u - interval;
      const double* const c = view.table + 4 * interval;
      const double inverse_r = sqrt(inverse_r2);
      potential += atom[3] * (inverse_r - cubic(c[0], c[1], c[2], c[3], t) + view.slope * (r2 * inverse_r));
      const double table_slope = c[1] + t * (2 * c[2] + t * 3 * c[3]);
      const double factor =
          atom[3] * (-inverse_r * inverse_r2 - 2 * table_slope * view.intervals_per_A2 + view.slope * inverse_r);
      for (int k = 0; k < 3; ++k) potential_derivative[k] += factor * d[k];
    }
  }
  if (kind.has_charge && view.grid != nullptr) add_smooth_potential(view, position, potential, potential_derivative);
  for (int k = 0; k < 3; ++k) derivative[k] += kind.charge_e * potential_derivative[k];
  return {lennard_jones_sum + kind.tail_eV, kind.charge_e * potential};
}

/// The energy is infinite for an overlap, and force and torque then mean nothing.
MOFK_HD inline RigidGradient rigid_gradient(const HostGuestView& view, const RigidPose& pose) {
  RigidGradient sum{0, {0, 0, 0}, {0, 0, 0}};
  double lennard_jones_sum = 0;
  double coulomb_sum = 0;
  for (int site = 0; site < view.n_sites; ++site) {
    double position[3];
    site_position(view, pose.center, pose.rotation, site, position);
    double arm[3];
    for (int k = 0; k < 3; ++k) arm[k] = position[k] - pose.center[k];
    double derivative[3];
    const SiteEnergy energy = site_gradient(view, view.kind_of_site[site], position, derivative);
    lennard_jones_sum += energy.lennard_jones;
    coulomb_sum += energy.coulomb;
    double turn[3];
    cross3(arm, derivative, turn);
    for (int k = 0; k < 3; ++k) {
      sum.force[k] -= derivative[k];
      sum.torque[k] -= turn[k];
    }
  }
  sum.energy_eV =
      lennard_jones_sum < view.overlap_eV ? lennard_jones_sum + coulomb_sum : std::numeric_limits<double>::infinity();
  return sum;
}

}  // namespace mofkernel::MOFK_NS::insertion
