// Every pair of a batch within a distance by a loop over all atoms and images: what each kind of neighbor list must
// hold.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>
#include <vector>

#include "geometry/neighbor_list.hpp"
#include "synthetic.hpp"

namespace mofkernel::listed_pairs {

using synthetic::Matrix, synthetic::Vector;

/// Atoms i and j of the batch, and the shift of j between positions as they are (not wrapped).
using Pair = std::tuple<int, int, Shift>;

inline Shift reversed(const Shift& shift) { return {-shift[0], -shift[1], -shift[2]}; }

/// The end from which a pair is named, the same for both its ends.
inline Pair canonical(const Pair& pair) {
  const auto& [i, j, shift] = pair;
  return std::min(pair, Pair{j, i, reversed(shift)});
}

/// Exclusions of a batch, on the host; both directions of each, sorted by atom.
using ExcludedPairs = std::vector<Pair>;

/// All pairs from both ends, sorted. Images are looked for up to `n_images` cells away, enough for the caller's cell.
inline std::vector<Pair> brute_force(std::span<const Structure> structures, double reach, int n_images,
                                     const ExcludedPairs& excluded = {}) {
  std::vector<Pair> pairs;
  int first = 0;
  for (const Structure& s : structures) {
    int range[3];
    for (std::size_t a = 0; a < 3; ++a) range[a] = s.pbc[a] ? n_images : 0;
    for (int i = 0; i < s.n_atoms(); ++i) {
      for (int j = 0; j < s.n_atoms(); ++j) {
        for (int p = -range[0]; p <= range[0]; ++p) {
          for (int q = -range[1]; q <= range[1]; ++q) {
            for (int r = -range[2]; r <= range[2]; ++r) {
              if (i == j && p == 0 && q == 0 && r == 0) continue;
              const Vector x = synthetic::image(s, j, {p, q, r});
              const Vector& y = s.positions[static_cast<std::size_t>(i)];
              if (std::hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]) >= reach) continue;
              const Pair pair{first + i, first + j, {p, q, r}};
              if (!std::binary_search(excluded.begin(), excluded.end(), pair)) pairs.push_back(pair);
            }
          }
        }
      }
    }
    first += s.n_atoms();
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

/// The shift between positions as they are, from that between wrapped positions.
inline Shift unwrapped(int packed, int i, int j, std::span<const int> wrap) {
  Shift shift;
  for (int a = 0; a < 3; ++a) {
    const auto axis = static_cast<std::size_t>(a);
    shift[axis] = MOFK_NS::unpack_shift(packed, a) + wrap[3 * static_cast<std::size_t>(j) + axis] -
                  wrap[3 * static_cast<std::size_t>(i) + axis];
  }
  return shift;
}

/// The cases at the edges: sizes, skew, cells below the cutoff, axes without images, several structures at once.
struct ListCase {
  std::vector<Structure> structures;
  double reach;
  int n_images;
};

inline Structure unwrapped_copy(Structure structure) {
  for (int i = 0; i < structure.n_atoms(); ++i) {
    if (i % 3 == 0) structure.positions[static_cast<std::size_t>(i)] = synthetic::image(structure, i, {2, -1, i % 2});
  }
  return structure;
}

inline std::vector<ListCase> edge_cases() {
  constexpr Matrix kTriclinic{{{11.0, 0.5, 0.3}, {4.0, 10.0, -0.6}, {-3.0, 2.5, 12.0}}};
  constexpr Matrix kSmall{{{2.2, 0.1, 0.06}, {0.8, 2.0, -0.12}, {-0.6, 0.5, 2.4}}};
  constexpr Matrix kSkewed{{{6.0, 0.0, 0.0}, {17.0, 5.0, 0.0}, {-14.0, 9.0, 7.0}}};
  constexpr Matrix kLeftHanded{{{4.0, 10.0, -0.6}, {11.0, 0.5, 0.3}, {-3.0, 2.5, 12.0}}};
  std::vector<ListCase> cases;
  for (const int n : {1, 2, 31, 32, 33, 100}) {
    const Structure s = synthetic::random_structure(n, kTriclinic, 1.7, static_cast<unsigned>(n));
    cases.push_back({{unwrapped_copy(s)}, 6.5, 5});
  }
  cases.push_back({{synthetic::random_structure(1, kSmall, 1.7, 3)}, 9.0, 9});
  cases.push_back({{synthetic::random_structure(8, kSkewed, 1.7, 4)}, 6.0, 7});
  cases.push_back({{synthetic::random_structure(20, kLeftHanded, 1.7, 6)}, 6.0, 2});
  for (int mask = 0; mask < 8; ++mask) {
    Structure s = synthetic::random_structure(30, kTriclinic, 1.7, 7);
    for (std::size_t a = 0; a < 3; ++a) {
      s.pbc[a] = (mask >> a & 1) != 0;
      if (!s.pbc[a] && mask % 2 == 0) s.cell[a] = {0, 0, 0};
    }
    s.positions[3][1] += 23.0;  // far from the rest, and outside the cell where there is one
    cases.push_back({{s}, 6.0, 6});
  }
  ListCase together{{}, 6.5, 9};
  for (const std::size_t k : {2U, 6U, 7U, 9U, 13U}) together.structures.push_back(cases[k].structures[0]);
  cases.push_back(together);
  return cases;
}

/// Every third pair of the nearer half of the reach, both directions.
inline ExcludedPairs some_exclusions(const ListCase& c) {
  ExcludedPairs excluded;
  int n = 0;
  for (const Pair& pair : brute_force(c.structures, 0.5 * c.reach, c.n_images)) {
    const Pair other = canonical(pair);
    if (other == pair && n++ % 3 == 0) {
      excluded.push_back(pair);
      excluded.emplace_back(std::get<1>(pair), std::get<0>(pair), reversed(std::get<2>(pair)));
    }
  }
  std::sort(excluded.begin(), excluded.end());
  return excluded;
}

inline MOFK_NS::Exclusions upload(const MOFK_NS::Context& context, int n_atoms, const ExcludedPairs& excluded) {
  std::vector<int> first(static_cast<std::size_t>(n_atoms) + 1, 0);
  std::vector<int> atom;
  std::vector<Shift> shift;
  for (const auto& [i, j, s] : excluded) {
    ++first[static_cast<std::size_t>(i) + 1];
    atom.push_back(j);
    shift.push_back(s);
  }
  for (std::size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
  return {MOFK_NS::Buffer<int>(context, std::span<const int>(first)),
          MOFK_NS::Buffer<int>(context, std::span<const int>(atom)),
          MOFK_NS::Buffer<Shift>(context, std::span<const Shift>(shift))};
}

}  // namespace mofkernel::listed_pairs
