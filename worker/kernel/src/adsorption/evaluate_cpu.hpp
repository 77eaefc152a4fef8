// Energies of many placements on a CPU: their sites are sorted by the block of the cell that they are in, so that the
// atoms around a block are fetched once for all of them, and eight sites are calculated at once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "adsorption/host_guest.hpp"

namespace mofkernel::cpu {

class PlacementEnergies {
 public:
  PlacementEnergies(const Context& context, const insertion::HostGuestView& view,
                    const insertion::PlacementSource& source)
      : context_(context), view_(view), source_(source) {}

  /// energies[i] of placement first + i, eV; infinite for an overlap. The same bits for any number of threads.
  void evaluate(std::int64_t first, std::span<double> energies);

 private:
  /// One block and kind of site: the sites order_[begin] … order_[end - 1].
  struct Group {
    int block;
    int kind;
    int begin;
    int end;
  };

  void place_sites(std::int64_t first, int n_placements);
  void sort_sites(int n_sites);
  void evaluate_groups();

  const Context& context_;
  insertion::HostGuestView view_;
  insertion::PlacementSource source_;
  std::vector<double> positions_;  // [n_placements][n_sites][3] A, inside the cell
  std::vector<int> keys_;          // [n_placements][n_sites] block * n_kinds + kind
  std::vector<int> order_;         // sites by key
  std::vector<Group> groups_;
  std::vector<double> lennard_jones_;  // [n_placements][n_sites] eV
  std::vector<double> coulomb_;        // [n_placements][n_sites] eV
};

}  // namespace mofkernel::cpu
