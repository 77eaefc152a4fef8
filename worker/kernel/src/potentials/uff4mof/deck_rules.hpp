// The element rules of lammps_interface (commit 255f027c) that its decks rest on, restated; only for the dialect of
// that name. They are not what a chemist would choose: docs/uff4mof.md lists the differences.
#pragma once

namespace mofkernel::uff4mof {

/// Below `sure_A` two atoms are bonded; between it and `stretched_A` they are unless they share a neighbor. Both are
/// the tool's one limit but for the elements whose bonds or contacts lie so near it that displaced atoms cross it; see
/// perceive_bonds.cpp. All 0 when an alkali metal is one of the two.
struct DeckBondLimits {
  double sure_A, stretched_A;
};
DeckBondLimits deck_bond_limits(int z_i, int z_j);

/// "Metals" of its typing rules: with B, Si, Ge, As, Sb, Te, Po and At, without lanthanides and actinides.
bool is_deck_metal(int atomic_number);

/// H, C, N, O, S.
bool is_deck_organic(int atomic_number);

}  // namespace mofkernel::uff4mof
