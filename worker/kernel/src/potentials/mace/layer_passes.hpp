// Element-wise passes over features, which are bound by memory: as few as possible.
#pragma once

#include "backend/backend.hpp"
#include "potentials/mace/convolution_blocks.hpp"

namespace mofkernel::MOFK_NS::mace {

/// Atoms worth a thread of their own in passes over some thousand numbers each.
inline constexpr int kAtomGrain = 8;

/// body(i, k) for every atom i and channel k.
template <class F>
void for_each_channel(const Context& context, int n_atoms, int n_channels, F body) {
#ifdef __CUDACC__
  // Blocks, because atoms times channels can be more than an int holds: a million atoms of 2048 numbers.
  const int n_parts = (n_channels + kMostBlockThreads - 1) / kMostBlockThreads;
  parallel_for_blocks(context, n_atoms * n_parts, kMostBlockThreads, 0, [=] __device__(int index, Block block) {
    const int k = index % n_parts * kMostBlockThreads + block.thread;
    if (k < n_channels) body(index / n_parts, k);
  });
#else
  parallel_for(
      context, n_atoms,
      [=](int i) {
        for (int k = 0; k < n_channels; ++k) body(i, k);
      },
      kAtomGrain);
#endif
}

/// x [n_atoms][n_per_atom] of every atom divided by offset + factor * density.
template <class T>
void divide_by_density(const Context& context, int n_atoms, int n_per_atom, T offset, T factor, const T* density,
                       T* x) {
  for_each_channel(
      context, n_atoms, n_per_atom, MOFK_LAMBDA(int i, int k) {
        x[static_cast<std::ptrdiff_t>(i) * n_per_atom + k] /= offset + factor * density[i];
      });
}

/// For y = x / (offset + factor * density): grad_density from grad_y and y, and grad_y becomes grad_x.
template <class T>
void divide_by_density_adjoint(const Context& context, int n_atoms, int n_per_atom, T offset, T factor,
                               const T* density, const T* y, T* grad_y, T* grad_density) {
  parallel_for_teams<32>(
      context, n_atoms,
      MOFK_LAMBDA(int i, auto team) {
        const T inverse = 1 / (offset + factor * density[i]);
        const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(i) * n_per_atom;
        T sum = 0;
        for (int k = team.lane; k < n_per_atom; k += team.kLanes) {
          sum += grad_y[first + k] * y[first + k];
          grad_y[first + k] *= inverse;
        }
        sum = team.sum(sum);
        if (team.lane == 0) grad_density[i] = -factor * inverse * sum;
      },
      kAtomGrain);
}

/// features [n_atoms][atom_stride] += the row of the atom's group in `table` [n_groups][n_channels].
template <class T>
void add_rows_of_elements(const Context& context, int n_atoms, const int* group_of_atom, int n_channels,
                          std::int64_t atom_stride, const T* table, T* features) {
  for_each_channel(
      context, n_atoms, n_channels, MOFK_LAMBDA(int i, int k) {
        features[i * atom_stride + k] += table[static_cast<std::ptrdiff_t>(group_of_atom[i]) * n_channels + k];
      });
}

}  // namespace mofkernel::MOFK_NS::mace
