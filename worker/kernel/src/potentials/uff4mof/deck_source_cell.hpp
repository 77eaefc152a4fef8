// lammps_interface types the cell of the file and then repeats it; its order-dependent rules follow the atom numbers of
// that cell.
#pragma once

#include "geometry/structure.hpp"
#include "potentials/uff4mof/bond_graph.hpp"

namespace mofkernel::uff4mof {

/// A structure seen as blocks of `n` atoms that are copies of the first one: atom i + n repeats atom i.
struct SourceCell {
  int n;                ///< all atoms when nothing repeats
  Structure idealized;  ///< every block replaced by the mean of all blocks, which removes thermal displacements
  BondGraph graph;      ///< bonds of `idealized`; the same in every block
};

/// The smallest such block; displacements of a few tenths of an Angstrom are tolerated. Throws what perceive_bonds
/// throws.
SourceCell find_source_cell(const Structure& structure);

}  // namespace mofkernel::uff4mof
