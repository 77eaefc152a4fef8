// Finds the pairs of a cluster list.
#pragma once

#include "potentials/uff4mof/cluster_layout.hpp"
#include "potentials/uff4mof/cluster_list.hpp"

namespace mofkernel::cpu {

/// The same rows for any number of threads. `inner_reach_A`: an entry whose atoms are nearer is an inner one. Throws as
/// ClusterList::update().
ClusterRows build_cluster_rows(const BatchView& batch, const uff4mof::TermTable& table, int n_lanes, double reach_A,
                               double inner_reach_A, int n_threads);

}  // namespace mofkernel::cpu
