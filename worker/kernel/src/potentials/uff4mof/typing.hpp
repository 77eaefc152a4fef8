// What a dialect decides about a bond graph; assign_terms.cpp turns it into terms with the formulas that all dialects
// share.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "geometry/structure.hpp"
#include "potentials/uff4mof/bond_graph.hpp"
#include "potentials/uff4mof/parameters.hpp"
#include "potentials/uff4mof/terms.hpp"

namespace mofkernel::uff4mof {

/// E = 1/2 (barrier / M) [1 - cos(n phi0) cos(n phi)] for every torsion about a bond, M = product of (neighbors - 1) of
/// its two atoms. A barrier of zero means that there is none.
struct TorsionRule {
  double barrier_kcal = 0;
  int n = 0;
  double cos_n_phi0 = 0;
};

/// One inversion term per entry of `axes`, which names the neighbor that leaves the plane:
/// E = k [c0 + c1 cos w + c2 cos 2w].
struct InversionRule {
  std::int32_t center;
  std::array<Neighbor, 3> neighbors;
  std::array<int, 3> axes;
  double k_kcal, c0, c1, c2;
};

struct Typing {
  BondGraph graph;
  std::vector<const AtomType*> types;  ///< [n_atoms]
  std::vector<double> bond_orders;     ///< [n_bonds]
  std::vector<TorsionRule> torsions;   ///< [n_bonds], about that bond
  std::vector<InversionRule> inversions;
  std::vector<std::string> warnings;
};

/// Inversion parameters of the group-15 centers: Rappe et al. 1992; K 22 kcal/mol per center, minimum at the angle of
/// the hydride. Returns whether the type is one of them.
bool set_group15_inversion(const AtomType& type, InversionRule& rule);

/// The published rules, on any structure that they cover. Throws KernelError(atom_typing) and what
/// perceive_bonds throws.
Typing type_by_papers(const Structure& structure, Fallback fallback);

/// The rules of lammps_interface, order-dependent ones included. Throws KernelError(atom_typing) where the tool
/// stops, and what perceive_bonds throws.
Typing type_by_deck(const Structure& structure);

}  // namespace mofkernel::uff4mof
