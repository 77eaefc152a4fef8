// The directed edges of a batch within the model's cutoff, by atom, and what flows back along them.
#pragma once

#include <cstdint>

#include "backend/backend.hpp"
#include "geometry/neighbor_list.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS::mace {

/// For atom i the edges [first[i], first[i] + count[i]); both directions of every pair are there. Places behind the
/// last edge of an atom are unused.
template <class T>
struct EdgeView {
  const int* first;
  const int* count;
  const int* neighbor;   ///< atom at the other end
  const T* unit_vector;  ///< [3] from atom i to the neighbor's image
  const T* distance;     ///< A, < r_max
  const double* vector;  ///< [3] A
};

/// Owns the neighbor list; everything is on the device.
template <class T>
class Edges {
 public:
  Edges(const Context& context, const Batch& batch, double r_max_A);

  /// Renews list and geometry for the positions of `batch`; queued.
  void update(const Batch& batch);
  [[nodiscard]] bool confirm();
  [[nodiscard]] ListReference reference() const;
  void restore(const Batch& batch, const ListReference& reference);

  [[nodiscard]] EdgeView<T> view() const;
  /// [places of edges][3] eV/A: dE/d(vector) of each edge i -> j as calculated by whoever adds to it; zeroed by
  /// update().
  [[nodiscard]] T* gradients();

  /// forces [n_atoms][3] = what the gradients mean for both ends; virials [n_structures][9] likewise (dE/d(strain)),
  /// summed in double, always in the same order.
  void sum_forces(const Batch& batch, double* forces);
  void sum_virials(const Batch& batch, double* virials);
};

}  // namespace mofkernel::MOFK_NS::mace
