// The framework and the adsorbate in device memory, and the energy of one placement by one thread. The CPU has a faster
// way to many placements (evaluate_cpu.hpp); a test holds the two together.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "adsorption/blocks.hpp"
#include "adsorption/coulomb_field.hpp"
#include "adsorption/formulas.hpp"
#include "adsorption/guest.hpp"
#include "adsorption/host_lennard_jones.hpp"
#include "adsorption/placements.hpp"
#include "geometry/lattice.hpp"
#include "potentials/electrostatics/options.hpp"

namespace mofkernel::MOFK_NS::insertion {

/// A pair of a kind of framework atom and a kind of site; E = a / r^12 - b / r^6 - shift_eV.
struct PairCoefficients {
  double a, b, shift_eV;
};

/// A kind of site of the adsorbate.
struct KindOfSite {
  double charge_e;
  double tail_eV;  ///< long-range correction of one such site
  bool has_lennard_jones;
  bool has_charge;  ///< and so has the framework
};

/// Pointers into device memory; copied into device code.
struct HostGuestView {
  double cell[9];
  double inverse[9];
  int block_shape[3];
  const int* first;  // as in Blocks
  const int* end_near;
  const int* entries;
  const double* images;           // [n_images][4] x, y, z in A, charge times kCoulombEvA
  const int* image_kind;          // [n_images]
  const PairCoefficients* pairs;  // [n_site_kinds][n_host_kinds]
  int n_host_kinds;
  double cutoff_squared;
  double near_cutoff_squared;  // Coulomb
  const double* table;         // as in CoulombField
  double intervals_per_A2;
  double slope;
  const double* grid;  // nullptr: none
  int grid_shape[3];
  int n_kinds;
  const KindOfSite* kinds;
  int n_sites;
  const int* kind_of_site;
  const double* sites;  // [n_sites][3]
  double overlap_eV;    // a placement with this much Lennard-Jones energy overlaps: its energy is infinite
};

/// Block that a place is in; `position` is moved into the cell.
MOFK_HD inline int wrap_into_block(const HostGuestView& view, double* position) {
  double f[3];
  row_times_matrix(position, view.inverse, f);
  int block = 0;
  for (int a = 0; a < 3; ++a) {
    f[a] -= floor(f[a]);
    const int i = static_cast<int>(f[a] * view.block_shape[a]);
    block = block * view.block_shape[a] + (i < view.block_shape[a] ? i : view.block_shape[a] - 1);
  }
  row_times_matrix(f, view.cell, position);
  return block;
}

/// Place `site` of a placement, A.
MOFK_HD inline void site_position(const HostGuestView& view, const double* center, const double* rotation, int site,
                                  double* position) {
  const double* const x = view.sites + 3 * site;
  for (int a = 0; a < 3; ++a) {
    position[a] = center[a] + rotation[3 * a] * x[0] + rotation[3 * a + 1] * x[1] + rotation[3 * a + 2] * x[2];
  }
}

/// The potential's part on the grid, V.
MOFK_HD inline double smooth_potential(const HostGuestView& view, const double* position) {
  double f[3];
  row_times_matrix(position, view.inverse, f);
  double weights[3][kSplineOrder];
  int first[3];
  for (int a = 0; a < 3; ++a) {
    const double u = f[a] * view.grid_shape[a];
    const int base = static_cast<int>(u);
    first[a] = base < view.grid_shape[a] ? base : view.grid_shape[a] - 1;
    spline_weights(u - first[a], weights[a]);
  }
  const std::int64_t n_b = view.grid_shape[1] + kSplineOrder - 1;
  const std::int64_t n_c = view.grid_shape[2] + kSplineOrder - 1;
  double sum = 0;
  for (int i = 0; i < kSplineOrder; ++i) {
    for (int j = 0; j < kSplineOrder; ++j) {
      const double* const row = view.grid + ((first[0] + i) * n_b + first[1] + j) * n_c + first[2];
      double row_sum = 0;
      for (int k = 0; k < kSplineOrder; ++k) row_sum += weights[2][k] * row[k];
      sum += weights[0][i] * weights[1][j] * row_sum;
    }
  }
  return sum;
}

/// Energies of one site, eV.
struct SiteEnergy {
  double lennard_jones;
  double coulomb;
};

MOFK_HD inline SiteEnergy site_energy(const HostGuestView& view, int site_kind, double* position) {
  const KindOfSite kind = view.kinds[site_kind];
  const int block = wrap_into_block(view, position);
  const PairCoefficients* const pairs = view.pairs + site_kind * view.n_host_kinds;
  const int end_near = view.end_near[block];
  double lennard_jones_sum = 0;
  double potential = 0;
  const int end = kind.has_lennard_jones ? view.first[block + 1] : end_near;
  for (int e = view.first[block]; e < end; ++e) {
    const int image = view.entries[e];
    const double* const atom = view.images + 4 * image;
    const double dx = position[0] - atom[0];
    const double dy = position[1] - atom[1];
    const double dz = position[2] - atom[2];
    double r2 = dx * dx + dy * dy + dz * dz;
    r2 = r2 < kSmallestDistanceSquared ? kSmallestDistanceSquared : r2;
    const double inverse_r2 = 1 / r2;
    if (kind.has_lennard_jones && r2 < view.cutoff_squared) {
      const PairCoefficients pair = pairs[view.image_kind[image]];
      lennard_jones_sum += lennard_jones(pair.a, pair.b, pair.shift_eV, inverse_r2);
    }
    if (kind.has_charge && e < end_near && r2 < view.near_cutoff_squared) {
      const double u = r2 * view.intervals_per_A2;
      const int interval = static_cast<int>(u);
      const double* const c = view.table + 4 * interval;
      const double inverse_r = sqrt(inverse_r2);
      potential += atom[3] * (inverse_r - cubic(c[0], c[1], c[2], c[3], u - interval) + view.slope * (r2 * inverse_r));
    }
  }
  if (kind.has_charge && view.grid != nullptr) potential += smooth_potential(view, position);
  return {lennard_jones_sum + kind.tail_eV, kind.charge_e * potential};
}

/// Energy of placement `number`, eV; infinite for an overlap.
MOFK_HD inline double placement_energy(const HostGuestView& view, const PlacementSource& source, std::int64_t number) {
  double fractional[3];
  double rotation[9];
  place(source, number, fractional, rotation);
  double center[3];
  row_times_matrix(fractional, view.cell, center);
  double lennard_jones_sum = 0;
  double coulomb_sum = 0;
  for (int site = 0; site < view.n_sites; ++site) {
    double position[3];
    site_position(view, center, rotation, site, position);
    const SiteEnergy energy = site_energy(view, view.kind_of_site[site], position);
    lennard_jones_sum += energy.lennard_jones;
    coulomb_sum += energy.coulomb;
  }
  if (!(lennard_jones_sum < view.overlap_eV)) return std::numeric_limits<double>::infinity();
  return lennard_jones_sum + coulomb_sum;
}

/// Owns what a HostGuestView points to.
class HostGuest {
 public:
  /// `charges` [n_atoms] e or empty. `overlap_eV` as in HostGuestView.
  HostGuest(const Context& context, const Structure& framework, const adsorption::HostLennardJones& host,
            std::span<const double> charges, const electrostatics::Options& electrostatics,
            const InsertionOptions& options, double overlap_eV);

  [[nodiscard]] HostGuestView view() const;

 private:
  adsorption::Guest guest_;
  HostGuestView plain_{};  // everything but the pointers
  Buffer<int> first_, end_near_, entries_, image_kind_, kind_of_site_;
  Buffer<double> images_, table_, grid_, sites_;
  Buffer<PairCoefficients> pairs_;
  Buffer<KindOfSite> kinds_;
};

}  // namespace mofkernel::MOFK_NS::insertion
