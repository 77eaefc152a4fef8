#include "potentials/mace/edges.hpp"

#include <vector>

#include "geometry/lattice.hpp"

namespace mofkernel::MOFK_NS::mace {

namespace {

/// Threads that work on the edges of one atom on a GPU.
constexpr int kEdgeLanes = 32;

/// Symmetric 3x3 matrix, xx yy zz yz xz xy.
struct Symmetric {
  double v[6];
  MOFK_HD Symmetric& operator+=(const Symmetric& other) {
    for (int k = 0; k < 6; ++k) v[k] += other.v[k];
    return *this;
  }
};

MOFK_HD inline int voigt(int row, int column) { return row == column ? row : 6 - row - column; }

/// The shift of the same pair seen from the other end.
MOFK_HD inline int reversed_shift(int packed) {
  return pack_shift(-unpack_shift(packed, 0), -unpack_shift(packed, 1), -unpack_shift(packed, 2));
}

/// From atom i to the neighbor that a list names. The difference of the positions and that of the lattice vectors are
/// added last, so that the other end gets exactly the negative.
struct Displacement {
  const double* positions;
  const double* cell;
  const int* wrap;
  const int* pbc;

  MOFK_HD void operator()(int i, int j, int shift, double* v) const {
    double lattice[3];
    for (int a = 0; a < 3; ++a)
      lattice[a] = pbc[a] != 0 ? unpack_shift(shift, a) + wrap[3 * j + a] - wrap[3 * i + a] : 0;
    row_times_matrix(lattice, cell, v);
    for (int a = 0; a < 3; ++a) v[a] += positions[3 * j + a] - positions[3 * i + a];
  }
};

}  // namespace

template <class T>
Edges<T>::Edges(const Context& context, const Batch& batch, double r_max_A)
    : context_(&context),
      r_max_A_(r_max_A),
      list_(context, r_max_A, kEdgeSkin_A),
      none_{Buffer<int>(context, std::span<const int>(std::vector<int>(static_cast<std::size_t>(batch.n_atoms) + 1))),
            Buffer<int>(context), Buffer<Shift>(context)},
      count_(context, static_cast<std::size_t>(batch.n_atoms)),
      neighbor_(context),
      shift_(context),
      vector_(context),
      unit_vector_(context),
      distance_(context),
      gradients_(context),
      atom_virials_(context, 6 * static_cast<std::size_t>(batch.n_atoms)) {}

template <class T>
void Edges<T>::update(const Batch& batch) {
  list_.update(batch, none_);
  const std::size_t n_places = list_.n_places();
  neighbor_.resize(n_places);
  shift_.resize(n_places);
  vector_.resize(3 * n_places);
  unit_vector_.resize(3 * n_places);
  distance_.resize(n_places);
  gradients_.resize(3 * n_places);

  const T r_max = static_cast<T>(r_max_A_);
  const int* const structure_of_atom = batch.structure_of_atom.data();
  const int* const pbc = batch.pbc.data();
  const double* const positions = batch.positions.data();
  const double* const cells = batch.cells.data();
  const int* const wrap = list_.wrap();
  const int* const first = list_.first();
  const int* const last = list_.last();
  const int* const listed_atom = list_.atom();
  const int* const listed_shift = list_.shift();
  int* const count = count_.data();
  int* const neighbor = neighbor_.data();
  int* const shift = shift_.data();
  double* const vector = vector_.data();
  T* const unit_vector = unit_vector_.data();
  T* const distance = distance_.data();
  T* const gradients = gradients_.data();
  parallel_for_teams<kEdgeLanes>(
      *context_, batch.n_atoms,
      MOFK_LAMBDA(int i, Team<kEdgeLanes> team) {
        const int s = structure_of_atom[i];
        const Displacement displacement{positions, cells + 9 * s, wrap, pbc + 3 * s};
        int n_kept = 0;
        for (int k = first[i]; k < last[i]; k += Team<kEdgeLanes>::kLanes) {
          const int at = k + team.lane;
          double v[3] = {};
          double r = 0;
          bool is_near = false;
          if (at < last[i]) {
            displacement(i, listed_atom[at], listed_shift[at], v);
            r = norm3(v);
            // Not the negation: a distance that is no number has to reach the energy.
            is_near = !(static_cast<T>(r) >= r_max);
          }
          int n_new;
          const std::ptrdiff_t to = first[i] + n_kept + team.count_before(is_near, n_new);
          n_kept += n_new;
          if (!is_near) continue;
          neighbor[to] = listed_atom[at];
          shift[to] = listed_shift[at];
          distance[to] = static_cast<T>(r);
          for (int a = 0; a < 3; ++a) {
            vector[3 * to + a] = v[a];
            unit_vector[3 * to + a] = static_cast<T>(v[a] / r);
            gradients[3 * to + a] = 0;
          }
        }
        if (team.lane == 0) count[i] = n_kept;
      },
      64);
}

template <class T>
void Edges<T>::sum_forces(const Batch& batch, double* forces) {
  const int* const first = list_.first();
  const int* const count = count_.data();
  const int* const neighbor = neighbor_.data();
  const int* const shift = shift_.data();
  const T* const gradients = gradients_.data();
  parallel_for_teams<kEdgeLanes>(
      *context_, batch.n_atoms,
      MOFK_LAMBDA(int i, Team<kEdgeLanes> team) {
        double sum[3] = {};
        for (int e = first[i] + team.lane; e < first[i] + count[i]; e += Team<kEdgeLanes>::kLanes) {
          // An edge's vector shrinks when its own atom moves along it and grows when its neighbor does: what this atom
          // is to its neighbor stands on the edge that comes back.
          const int j = neighbor[e];
          const int wanted = reversed_shift(shift[e]);
          const int end = first[j] + count[j];
          int back = first[j];
          while (back < end && (neighbor[back] != i || shift[back] != wanted)) ++back;
          // It is missing where a row had too little room: confirm() tells.
          for (int a = 0; a < 3; ++a) {
            sum[a] += static_cast<double>(gradients[3 * std::ptrdiff_t{e} + a]);
            if (back < end) sum[a] -= static_cast<double>(gradients[3 * std::ptrdiff_t{back} + a]);
          }
        }
        for (int a = 0; a < 3; ++a) {
          const double total = team.sum(sum[a]);
          if (team.lane == 0) forces[3 * i + a] = total;
        }
      },
      64);
}

template <class T>
void Edges<T>::sum_virials(const Batch& batch, double* virials) {
  const int* const first = list_.first();
  const int* const count = count_.data();
  const double* const vector = vector_.data();
  const T* const gradients = gradients_.data();
  double* const atom_virials = atom_virials_.data();
  parallel_for_teams<kEdgeLanes>(
      *context_, batch.n_atoms,
      MOFK_LAMBDA(int i, Team<kEdgeLanes> team) {
        Symmetric sum{};
        for (int e = first[i] + team.lane; e < first[i] + count[i]; e += Team<kEdgeLanes>::kLanes) {
          const double* const v = vector + 3 * std::ptrdiff_t{e};
          const T* const gradient = gradients + 3 * std::ptrdiff_t{e};
          const double g[3] = {gradient[0], gradient[1], gradient[2]};
          // Symmetric by rotational invariance; the halves differ by rounding only.
          for (int a = 0; a < 3; ++a) {
            for (int b = a; b < 3; ++b) sum.v[voigt(a, b)] += 0.5 * (g[a] * v[b] + g[b] * v[a]);
          }
        }
        for (int k = 0; k < 6; ++k) {
          const double total = team.sum(sum.v[k]);
          if (team.lane == 0) atom_virials[6 * i + k] = total;
        }
      },
      256);
  segmented_reduce_with<Sum>(
      *context_, batch.n_structures, batch.first_atom.data(), Symmetric{},
      MOFK_LAMBDA(int i) {
        Symmetric one;
        for (int k = 0; k < 6; ++k) one.v[k] = atom_virials[6 * i + k];
        return one;
      },
      MOFK_LAMBDA(int s, const Symmetric& sum) {
        for (int k = 0; k < 9; ++k) virials[9 * s + k] = sum.v[voigt(k / 3, k % 3)];
      });
}

template class Edges<float>;
template class Edges<double>;

}  // namespace mofkernel::MOFK_NS::mace
