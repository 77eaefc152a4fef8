// The k-vectors of one cell up to some length, as integer triples in a fixed order; for host and device.
#pragma once

#include <array>

#include "potentials/electrostatics/placement.hpp"

namespace mofkernel::MOFK_NS {

/// Candidates are the triples (a, b, c) after (0, 0, 0) in lexicographic order, up to `reach` along each axis: one of
/// each pair k, -k.
struct WaveBox {
  double rows[9];      ///< of the reciprocal lattice, 1/A
  double longest;      ///< 1/A
  int reach[3];        ///< largest |index| along each axis
  int begin, end;      ///< numbers of the candidates
  bool is_manageable;  ///< false: not finite, or so large that there are more than 2^30 candidates
};

MOFK_HD inline WaveBox make_wave_box(const double* cell, double longest) {
  constexpr double kMostCandidates = 0x1p30;
  WaveBox box{};
  reciprocal_rows(cell, box.rows);
  box.longest = longest;
  double n_candidates = 1.0;
  for (int a = 0; a < 3; ++a) {
    const double reach = floor(longest * norm3(cell + 3 * a) / (2 * std::numbers::pi));
    n_candidates *= a == 0 ? reach + 1 : 2 * reach + 1;
    box.is_manageable = n_candidates <= kMostCandidates;
    if (!box.is_manageable) return box;
    box.reach[a] = static_cast<int>(reach);
  }
  box.begin = box.reach[1] * (2 * box.reach[2] + 1) + box.reach[2] + 1;
  box.end = static_cast<int>(n_candidates);
  return box;
}

/// Is this candidate short enough? `index` gets its integers.
MOFK_HD inline bool is_wave(const WaveBox& box, int candidate, std::array<int, 3>& index) {
  const int n_c = 2 * box.reach[2] + 1;
  const int n_b = 2 * box.reach[1] + 1;
  index[0] = candidate / n_c / n_b;
  index[1] = candidate / n_c % n_b - box.reach[1];
  index[2] = candidate % n_c - box.reach[2];
  const double n[3] = {1.0 * index[0], 1.0 * index[1], 1.0 * index[2]};
  double k[3];
  row_times_matrix(n, box.rows, k);
  return norm3(k) <= box.longest;
}

}  // namespace mofkernel::MOFK_NS
