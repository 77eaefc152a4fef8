// Hybridization and bond orders as lammps_interface finds them, on the cell of the file.
#pragma once

#include <cstdint>
#include <vector>

namespace mofkernel::uff4mof {

enum class Hybridization { sp, sp2, sp3, aromatic };

/// The bonds of the source cell by atom number, as the tool keeps them: no images, at most one bond per pair, none to
/// itself.
struct DeckGraph {
  struct Link {
    std::int32_t atom;
    std::int32_t bond;
  };
  struct Bond {
    std::int32_t i, j;                 ///< i < j
    bool is_in_aromatic_ring = false;  ///< both ends lie in one ring that the tool calls aromatic
    double order = 1.0;
  };
  struct Atom {
    int atomic_number;
    int degree;  ///< neighbors with their images
    bool is_in_aromatic_ring = false;
    Hybridization hybridization = Hybridization::sp3;
    std::vector<Link> links;  ///< ascending
  };
  std::vector<Atom> atoms;
  std::vector<Bond> bonds;  ///< ascending (i, j)
};

/// Sets hybridizations and the orders of the bonds between H, C, N, O and S. Rings must have been marked before; orders
/// of bonds to metals stay 1.
void assign_deck_bond_orders(DeckGraph& graph);

}  // namespace mofkernel::uff4mof
