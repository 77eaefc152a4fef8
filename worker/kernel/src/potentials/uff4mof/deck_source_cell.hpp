// lammps_interface types the cell of the file and then repeats it; its order-dependent rules follow the atom numbers of that cell.
#pragma once

#include "geometry/structure.hpp"
#include "potentials/uff4mof/bond_graph.hpp"

namespace mofkernel::uff4mof {

/// Number of atoms of the smallest cell that the structure repeats block by block (atom i + n is a lattice copy of atom i, with the
/// same bonds); the number of all atoms when there is no such cell. Thermal displacements are tolerated.
int find_source_cell(const Structure& structure, const BondGraph& graph);

}  // namespace mofkernel::uff4mof
