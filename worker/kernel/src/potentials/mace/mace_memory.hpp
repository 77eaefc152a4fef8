// What a MACE potential takes of its device's memory besides the model itself.
#pragma once

#include "potentials/mace/model.hpp"

namespace mofkernel::MOFK_NS::mace {

/// Bytes for each atom that do not depend on its neighbors, in float64.
double network_bytes_per_atom(const mofkernel::mace::Model& model);

/// Bytes for each atom that has so many neighbors within r_max and the list's skin, in float64.
double edge_bytes_per_atom(double n_neighbors);

/// What the threads of the convolutions work with, in float64 on all threads that the system offers; `n_edges` within
/// r_max, both directions counted. It is kept with the model from one request to the next.
double workspace_bytes(const mofkernel::mace::Model& model, double n_atoms, double n_edges);

/// Of the list, A beyond r_max.
double edge_skin_A();

}  // namespace mofkernel::MOFK_NS::mace
