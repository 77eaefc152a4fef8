// The k-vectors that can count in the Ewald sums of a batch, on the device. As with a neighbor list the device itself
// makes a structure's list anew where its cell has outgrown it, and the host hears only of a lack of room.
#pragma once

#include <array>
#include <span>

#include "backend/backend.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

class WaveList {
 public:
  /// `k_cutoff` [n_structures] 1/A.
  WaveList(const Context& context, std::span<const double> k_cutoff);

  /// Makes the list valid for the cells of `batch`: it holds every wave that counts there (k_weight) and a few more.
  /// CUDA: queued, and confirm() tells how it went. CPU: done and confirmed on return.
  void update(const Batch& batch);
  /// Waits for the updates since the last call. False: a list had more waves than room. Now there is room, and every
  /// list is again the one that it had, or was to have, where it was made last; but what was calculated since is void.
  /// Throws KernelError(bad_structure) naming a structure whose cell is too large for an Ewald sum, (out_of_memory) for
  /// too many waves in all.
  [[nodiscard]] bool confirm();

  /// The cells where the lists were made; no positions. How often: of the structure with most.
  [[nodiscard]] ListReference reference() const;
  /// Makes them as they were made there. Waits.
  void restore(const ListReference& reference);
  /// How often a list was made, of all structures together. Waits.
  [[nodiscard]] std::int64_t n_builds() const;

  /// All structures' places for waves together; only [first[s], last[s]) are taken, in lexicographic order.
  [[nodiscard]] int n_places() const { return static_cast<int>(index_.size()); }
  [[nodiscard]] const int* first() const { return first_.data(); }                            ///< [n_structures + 1]
  [[nodiscard]] const int* last() const { return last_.data(); }                              ///< [n_structures]
  [[nodiscard]] const std::array<int, 3>* index() const { return index_.data(); }             ///< [n_places]
  [[nodiscard]] const int* structure_of_place() const { return structure_of_place_.data(); }  ///< [n_places]
  /// No |index| along an axis is larger.
  [[nodiscard]] const std::array<int, 3>& reach() const { return reach_; }

  // What the device works on; public because nvcc wants it so for device lambdas.

  /// Of one structure.
  struct State {
    int is_listed;
    int n_builds;
    int n_waves;  ///< of its cell, whether or not there is room
    int reach[3];
    int is_short;  ///< of room: its list is empty and not tried again before confirm()
    int is_unmanageable;
  };
  void queue(const double* d_cells);

 private:
  /// Nothing is listed any more; the numbers of builds stay.
  void forget(std::vector<State> states);
  void enlarge(std::span<const State> states);

  const Context& context_;
  int n_structures_;
  std::array<int, 3> reach_{};
  bool has_been_confirmed_ = false;
  Buffer<double> longest_;  // [n_structures] 1/A
  Buffer<State> states_;    // [n_structures]
  Buffer<int> first_, last_;
  Buffer<std::array<int, 3>> index_;
  Buffer<int> structure_of_place_;
  Buffer<double> reference_cells_;  // [n_structures][9]
};

}  // namespace mofkernel::MOFK_NS
