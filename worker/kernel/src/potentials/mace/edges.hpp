// The directed edges of a batch within the model's cutoff, by atom, and what flows back along them.
#pragma once

#include <cstdint>

#include "backend/backend.hpp"
#include "geometry/neighbor_list.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS::mace {

/// For atom i the edges [first[i], first[i] + count[i]); both directions of every pair are there, and their vectors are
/// each other's negative to the last bit. Places behind the last edge of an atom are unused.
template <class T>
struct EdgeView {
  const int* first;
  const int* count;
  const int* neighbor;   ///< atom at the other end
  const T* unit_vector;  ///< [3] from atom i to the neighbor's image; not finite where two atoms coincide
  const T* distance;     ///< A, < r_max
  const double* vector;  ///< [3] A
};

/// Memory of Edges, neighbor list included. A place is one that an edge can have: about an eighth more than there are
/// neighbors within r_max + kEdgeSkin_A.
inline constexpr double kEdgeSkin_A = 0.5;
template <class T>
inline constexpr double kEdgeBytesPerPlace = 4 * sizeof(int) + 3 * sizeof(double) + 7 * sizeof(T);
inline constexpr double kEdgeBytesPerAtom = 500;

/// Owns the neighbor list; everything is on the device.
template <class T>
class Edges {
 public:
  Edges(const Context& context, const Batch& batch, double r_max_A);

  /// Renews list and geometry for the positions of `batch`; queued. Throws what NeighborList throws.
  void update(const Batch& batch);
  [[nodiscard]] bool confirm() { return list_.confirm(); }
  [[nodiscard]] ListReference reference() const { return list_.reference(); }
  void restore(const Batch& batch, const ListReference& reference) { list_.restore(batch, none_, reference); }

  [[nodiscard]] EdgeView<T> view() const {
    return {list_.first(), count_.data(), neighbor_.data(), unit_vector_.data(), distance_.data(), vector_.data()};
  }
  /// [places of edges][3] eV/A: dE/d(vector) of each edge i -> j as calculated by whoever adds to it; zeroed by
  /// update().
  [[nodiscard]] T* gradients() { return gradients_.data(); }

  /// forces [n_atoms][3] = what the gradients mean for both ends; virials [n_structures][9] likewise (dE/d(strain),
  /// symmetric), summed in double, always in the same order.
  void sum_forces(const Batch& batch, double* forces);
  void sum_virials(const Batch& batch, double* virials);

 private:
  const Context* context_;
  double r_max_A_;
  NeighborList list_;
  Exclusions none_;
  Buffer<int> count_;      // [n_atoms]
  Buffer<int> neighbor_;   // [n_places], as all that follow but the last
  Buffer<int> shift_;      // packed, between wrapped positions: it tells the two directions of a pair
  Buffer<double> vector_;  // [3]
  Buffer<T> unit_vector_;  // [3]
  Buffer<T> distance_;
  Buffer<T> gradients_;          // [3]
  Buffer<double> atom_virials_;  // [n_atoms][6]
};

}  // namespace mofkernel::MOFK_NS::mace
