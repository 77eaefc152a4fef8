// The messages of an atom along one path: a block of threads. Its threads place an edge each in shared memory, and then
// each sums its channels over those edges.
#pragma once

#include "potentials/mace/convolution_blocks.hpp"
#include "potentials/mace/convolution_view.hpp"

namespace mofkernel::MOFK_NS::mace {

/// Couplings that are loaded at once: those of the m3 of an m1 begin at a multiple of it.
inline constexpr int kQuad = 4;
MOFK_HD constexpr int n_quads(int l3) { return (2 * l3 + kQuad) / kQuad; }
/// Of an edge. An odd number of wide loads apart, edges lie in different banks as far as that goes.
inline int coupled_places(int l1, int l3) { return kQuad * (((2 * l1 + 1) * n_quads(l3)) | 1); }

/// `kAtOnce` channels by a thread.
template <class T, int kAtOnce>
struct ConvolutionValue {
  using Some = Channels<T, kAtOnce>;
  /// Edges that are in shared memory at once.
  static constexpr int kEdges = 32;
  struct alignas(16) Quad {
    T of[kQuad];
  };

  ConvolutionView<T> w;
  T* a;
  T* density;
  int n_coupled;  ///< places for the couplings of an edge, see coupled_places()

  struct Shared {
    TabulatedEdge<T> edge[kEdges];
    T density[kEdges];
  };
  /// Behind it: [kEdges][n_coupled].
  static MOFK_HD T* coupled_of(Block block, int edge, int n_coupled) {
    return reinterpret_cast<T*>(block.shared + sizeof(Shared)) + edge * n_coupled;
  }

  static std::size_t shared_bytes(int n_coupled) {
    return sizeof(Shared) + sizeof(T) * static_cast<std::size_t>(kEdges * n_coupled);
  }
  /// A power of two.
  static int n_threads(int n_channels) {
    int n = kIsCuda ? 32 : 1;
    while (kIsCuda && n * kAtOnce < n_channels && n < kMostBlockThreads) n *= 2;
    return n;
  }
  /// Blocks: atoms of the first path, of the second … A path's part of the radial table stays in the caches.
  [[nodiscard]] int n_blocks() const { return w.n_atoms * w.n_paths; }

  MOFK_HD void operator()(int index, Block block) const {
    Shared& shared = *reinterpret_cast<Shared*>(block.shared);
    const int i = index % w.n_atoms;
    const int p = index / w.n_atoms;
    const mofkernel::mace::PathPlace path = w.paths[p];
    const bool has_density = density != nullptr && p == 0;
    const int count = w.edges.count[i];
    T density_sum = 0;
    for (int begin = 0; begin == 0 || begin < count; begin += kEdges) {
      const int n = count - begin < kEdges ? count - begin : kEdges;
      for (int e = block.thread; e < n; e += block.n_threads) {
        place(i, w.edges.first[i] + begin + e, p, has_density, shared, e);
        couple(w.edges.first[i] + begin + e, path, coupled_of(block, e, n_coupled));
      }
      block.wait();
      if (has_density && block.thread == 0) {
        for (int e = 0; e < n; ++e) density_sum += shared.density[e];
      }
      with_degree<mofkernel::mace::kMostEdgeDegree>(path.l1, [&](auto l1) {
        with_degree<mofkernel::mace::kMostDegree>(path.l3, [&](auto l3) {
          for (int k = block.thread * kAtOnce; k < w.n_channels; k += block.n_threads * kAtOnce)
            sum<l1, l3>(i, path, k, n, begin == 0, block);
        });
      });
      block.wait();
    }
    if (has_density && block.thread == 0) density[i] = density_sum;
  }

  MOFK_HD void place(int i, int from, int p, bool has_density, Shared& shared, int e) const {
    const int j = w.edges.neighbor[from];
    TabulatedEdge<T> edge = tabulated_edge(w, from, j, i);
    if (has_density) shared.density[e] = last_function(w, edge.rows, edge.weight);
    edge.rows += static_cast<std::size_t>(p) * w.n_channels;
    edge.other = w.sender_row[j];
    shared.edge[e] = edge;
  }

  MOFK_HD void couple(int from, const mofkernel::mace::PathPlace& path, T* coupled) const {
    const T* const u = w.edges.unit_vector + 3 * static_cast<std::size_t>(from);
    const int n3 = 2 * path.l3 + 1;
    with_degree<mofkernel::mace::kMostDegree>(path.l2, [&](auto l2) {
      constexpr int n2 = 2 * l2 + 1;
      T y[n_harmonics(l2)];
      Harmonics<l2, T>(-u[0], -u[1], -u[2]).values(y);
      const T* coupling = w.couplings + path.first_coupling;
      for (int m1 = 0; m1 < 2 * path.l1 + 1; ++m1) {
        for (int m3 = 0; m3 < n3; ++m3, coupling += n2) {
          T sum = 0;
          for (int m2 = 0; m2 < n2; ++m2) sum += coupling[m2] * y[l2 * l2 + m2];
          coupled[m1 * n_quads(path.l3) * kQuad + m3] = sum;
        }
      }
    });
  }

  /// The channels from k on, over the edges in shared memory.
  template <int l1, int l3>
  MOFK_HD void sum(int i, const mofkernel::mace::PathPlace& path, int k, int n, bool is_first, Block block) const {
    const Shared& shared = *reinterpret_cast<const Shared*>(block.shared);
    constexpr int n1 = 2 * l1 + 1;
    constexpr int n3 = 2 * l3 + 1;
    const std::size_t sender_size = static_cast<std::size_t>(n_harmonics(w.edge_l_max)) * w.n_channels;
    T* const out = a + (static_cast<std::size_t>(i) * w.n_rows + path.first_row) * w.n_channels + k;
    const std::size_t step = static_cast<std::size_t>(path.row_stride) * w.n_channels;
    Some sums[n3] = {};
    if (!is_first) {
      for (int m3 = 0; m3 < n3; ++m3) sums[m3] = Some::load(out + m3 * step);
    }
    for (int e = 0; e < n; ++e) {
      const TabulatedEdge<T>& edge = shared.edge[e];
      Some r{};
      for (int c = 0; c < kSplineRows; ++c)
        r.add(edge.weight[c], Some::load(edge.rows + static_cast<std::size_t>(c) * w.table_stride + k));
      const T* const u = w.u + edge.other * sender_size + static_cast<std::size_t>(l1 * l1) * w.n_channels + k;
      const Quad* const coupled = reinterpret_cast<const Quad*>(coupled_of(block, e, n_coupled));
      for (int m1 = 0; m1 < n1; ++m1) {
        const Some x = product(r, Some::load(u + static_cast<std::size_t>(m1) * w.n_channels));
        for (int quad = 0; quad < n_quads(l3); ++quad) {
          const Quad c = coupled[m1 * n_quads(l3) + quad];
          for (int m = 0; m < kQuad; ++m) {
            if (quad * kQuad + m < n3) sums[quad * kQuad + m].add(c.of[m], x);
          }
        }
      }
    }
    for (int m3 = 0; m3 < n3; ++m3) sums[m3].store(out + m3 * step);
  }
};

}  // namespace mofkernel::MOFK_NS::mace
