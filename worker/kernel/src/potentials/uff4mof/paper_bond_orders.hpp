// Hybridization, aromaticity and bond orders of the paper dialect, from the bond graph and the angles around an atom.
#pragma once

#include <vector>

#include "geometry/structure.hpp"
#include "potentials/uff4mof/bond_graph.hpp"
#include "potentials/uff4mof/text.hpp"

namespace mofkernel::uff4mof {

/// What the electrons of a non-metal atom do; metals stay `saturated`.
enum class PiState {
  saturated,    ///< single bonds only
  double_bond,  ///< one localized double bond
  resonant,     ///< aromatic ring, carboxylate, amide, ...
  linear,       ///< triple bond or two double bonds
};

struct PaperBonding {
  std::vector<PiState> states;    ///< [n_atoms]
  std::vector<char> is_aromatic;  ///< [n_atoms] member of an aromatic ring of five or six
  std::vector<double> orders;     ///< [n_bonds]; bonds of metals are 1 and set later, when their types are known
  AtomWarnings warnings;
};

/// Local rules with forced double bonds first; what stays ambiguous is shared evenly. Nothing depends on the order of
/// the atoms.
PaperBonding assign_paper_bond_orders(const Structure& structure, const BondGraph& graph);

}  // namespace mofkernel::uff4mof
