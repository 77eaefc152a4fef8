// An adsorbate as the insertions need it: kinds of places instead of places, and the orientations that cover it. Host.
#pragma once

#include <array>
#include <vector>

#include "adsorption/insertions.hpp"

namespace mofkernel::adsorption {

/// Rotation matrix, row-major: new = matrix * old for a column vector.
using Rotation = std::array<double, 9>;

/// Places of one adsorbate that act alike.
struct SiteKind {
  double epsilon_eV = 0;
  double sigma_A = 0;
  double charge_e = 0;

  [[nodiscard]] bool has_lennard_jones() const { return epsilon_eV > 0 && sigma_A > 0; }
  bool operator==(const SiteKind&) const = default;
};

struct Guest {
  std::vector<SiteKind> kinds;
  std::vector<int> kind_of_site;                 ///< [n_sites]
  std::vector<std::array<double, 3>> positions;  ///< [n_sites] A
};

/// Leaves out sites that have neither Lennard-Jones parameters nor a charge.
/// Throws KernelError(bad_request) when nothing is left or a number is not finite.
Guest make_guest(const Adsorbate& adsorbate);

/// Fixed orientations, evenly spread: one for a sphere, directions of the axis for a linear adsorbate (half of the
/// sphere when both ends are alike), rotations otherwise. At most `n`.
/// Sources: Fibonacci lattice, Gonzalez, Math. Geosci. 42, 49 (2010); super-Fibonacci spirals, Alexa, Proc. CVPR 2022,
/// 8291, doi 10.1109/CVPR52688.2022.00811.
std::vector<Rotation> spread_orientations(const Adsorbate& adsorbate, int n);

}  // namespace mofkernel::adsorption
