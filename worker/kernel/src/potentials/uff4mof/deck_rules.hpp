// The element rules of lammps_interface (commit 255f027c) that its decks rest on, restated; only for the dialect of
// that name. They are not what a chemist would choose: docs/uff4mof.md lists the differences.
#pragma once

namespace mofkernel::uff4mof {

/// Two atoms are bonded below this distance, A; 0 when an alkali metal is one of them.
double deck_bond_limit_A(int z_i, int z_j);

/// As above with 0.2 A more for C-C, C-N and C-H; see perceive_bonds.cpp.
double deck_stretched_limit_A(int z_i, int z_j);

/// "Metals" of its typing rules: with B, Si, Ge, As, Sb, Te, Po and At, without lanthanides and actinides.
bool is_deck_metal(int atomic_number);

/// H, C, N, O, S.
bool is_deck_organic(int atomic_number);

}  // namespace mofkernel::uff4mof
