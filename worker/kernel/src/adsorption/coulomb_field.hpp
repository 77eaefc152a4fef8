// The electrostatic potential of a framework: a short sum over near atoms, and a smooth rest on a grid. Host data.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "geometry/structure.hpp"
#include "potentials/electrostatics/options.hpp"

namespace mofkernel::adsorption {

/// An atom with charge q at distance r < cutoff_A gives q kCoulombEvA (1/r - smooth(r^2) + slope r) volts. `table`
/// holds smooth() as cubics, r^2 in equal intervals: [n_intervals][4], lowest power first, of the place inside the
/// interval (0 to 1).
struct CoulombField {
  double cutoff_A = 0;
  double intervals_per_A2 = 0;
  double slope_per_A2 = 0;
  std::vector<double> table;
  /// The rest, V, as coefficients of B-splines (formulas.hpp) at grid points: `shape` of them in the cell, with three
  /// periodic images before and four after along each axis; empty for a damped shifted force.
  std::array<int, 3> shape{};
  std::vector<double> grid;
};

/// What make_coulomb_field() will give: its cutoff, A, and the size of `grid`.
struct CoulombFieldSize {
  double cutoff_A = 0;
  double n_grid_values = 0;
};
CoulombFieldSize predict_coulomb_field(const Structure& framework, const electrostatics::Options& options);

/// `charges` [n_atoms] e. Ewald: options.relative_accuracy bounds the neglected parts of both sums over that of two
/// unit charges 1 A apart; the cutoff in real space is chosen for speed and is at most options.cutoff_A. Charges that
/// do not add up to zero get a uniform background. Throws KernelError(out_of_memory) for a grid of more than 2^30
/// points.
CoulombField make_coulomb_field(const Structure& framework, std::span<const double> charges,
                                const electrostatics::Options& options);

}  // namespace mofkernel::adsorption
