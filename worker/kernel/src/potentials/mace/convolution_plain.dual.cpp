// One block of threads for each atom: they place the harmonics of some edges in shared memory, couple them for one path
// after another, and then each thread sums its channels over those edges.
#include "potentials/mace/convolution_plain.hpp"

#include <algorithm>

#include "potentials/mace/convolution_blocks.hpp"
#include "potentials/mace/couplings.hpp"
#include "potentials/mace/harmonics.hpp"

namespace mofkernel::MOFK_NS::mace {

namespace {

using mofkernel::mace::kMostDegree, mofkernel::mace::kMostEdgeDegree, mofkernel::mace::PathPlace;

/// Edges of an atom that are placed in shared memory at once.
constexpr int kValueEdges = 32;
constexpr int kAdjointEdges = 8;

constexpr int kMostHarmonics = n_harmonics(kMostDegree);

template <class T>
using View = typename PlainConvolution<T>::View;

/// One edge as all threads see it.
template <class T>
struct PlacedEdge {
  Interpolation<T> at;
  int pair;
  int other;  ///< the sender of a value, the receiver of an adjoint
};

template <class T>
MOFK_HD const T* table_row(const View<T>& w, const PlacedEdge<T>& edge) {
  return w.table +
         (static_cast<std::size_t>(edge.pair) * w.grid.n_knots + edge.at.knot) * w.grid.n_rows * w.n_functions;
}

/// Radial function f of an edge, or with `slope` its derivative by the distance.
template <class T>
MOFK_HD T radial(const View<T>& w, const T* row, const T* weight, int f) {
  T sum = 0;
  for (int c = 0; c < 2 * w.grid.n_rows; ++c) sum += weight[c] * row[static_cast<std::size_t>(c) * w.n_functions + f];
  return sum;
}

template <class T>
struct Value {
  View<T> w;
  T* a;
  T* density;

  struct Shared {
    PlacedEdge<T> edge[kValueEdges];
    T harmonics[kValueEdges][kMostHarmonics];
    T density[kValueEdges];
    T coupled[kValueEdges * (2 * kMostEdgeDegree + 1) * (2 * kMostDegree + 1)];
  };

  MOFK_HD void operator()(int i, Block block) const {
    Shared& shared = *reinterpret_cast<Shared*>(block.shared);
    const int count = w.edges.count[i];
    T density_sum = 0;
    for (int begin = 0; begin == 0 || begin < count; begin += kValueEdges) {
      const int n = count - begin < kValueEdges ? count - begin : kValueEdges;
      for (int e = block.thread; e < n; e += block.n_threads) place(i, w.edges.first[i] + begin + e, e, shared);
      block.wait();
      if (density != nullptr && block.thread == 0) {
        for (int e = 0; e < n; ++e) density_sum += shared.density[e];
      }
      for (int p = 0; p < w.n_paths; ++p) {
        const PathPlace path = w.paths[p];
        couple(path, n, block, shared);
        block.wait();
        with_degree<kMostEdgeDegree>(path.l1, [&](auto l1) {
          with_degree<kMostDegree>(path.l3, [&](auto l3) {
            for (int k = block.thread; k < w.n_channels; k += block.n_threads)
              sum<l1, l3>(i, path, p * w.n_channels + k, k, n, begin == 0, shared);
          });
        });
        block.wait();
      }
    }
    if (density != nullptr && block.thread == 0) density[i] = density_sum;
  }

  MOFK_HD void place(int i, int from, int to, Shared& shared) const {
    PlacedEdge<T>& edge = shared.edge[to];
    const int j = w.edges.neighbor[from];
    edge.at = interpolate(w.grid, w.edges.distance[from]);
    edge.pair = w.pair_of_elements[w.element_of_atom[j] * w.n_elements + w.element_of_atom[i]];
    edge.other = w.sender_row[j];
    shared.density[to] = density == nullptr ? T(0) : radial(w, table_row(w, edge), edge.at.weight, w.n_functions - 1);
    const T* const u = w.edges.unit_vector + 3 * static_cast<std::size_t>(from);
    with_degree<kMostDegree>(
        w.l_max, [&](auto l_max) { Harmonics<l_max, T>(-u[0], -u[1], -u[2]).values(shared.harmonics[to]); });
  }

  MOFK_HD void couple(const PathPlace& path, int n, Block block, Shared& shared) const {
    const int n2 = 2 * path.l2 + 1;
    const int n13 = (2 * path.l1 + 1) * (2 * path.l3 + 1);
    for (int at = block.thread; at < n * n13; at += block.n_threads) {
      const T* const coupling = w.couplings + path.first_coupling + at % n13 * n2;
      const T* const y = shared.harmonics[at / n13] + path.l2 * path.l2;
      T sum = 0;
      for (int m2 = 0; m2 < n2; ++m2) sum += coupling[m2] * y[m2];
      shared.coupled[at] = sum;
    }
  }

  /// One channel of one path, over the edges in shared memory.
  template <int l1, int l3>
  MOFK_HD void sum(int i, const PathPlace& path, int f, int k, int n, bool is_first, const Shared& shared) const {
    constexpr int n1 = 2 * l1 + 1;
    constexpr int n3 = 2 * l3 + 1;
    const std::size_t sender_size = static_cast<std::size_t>(n_harmonics(w.edge_l_max)) * w.n_channels;
    T* const out = a + (static_cast<std::size_t>(i) * w.n_rows + path.first_row) * w.n_channels + k;
    const std::size_t step = static_cast<std::size_t>(path.row_stride) * w.n_channels;
    T sums[n3];
    for (int m3 = 0; m3 < n3; ++m3) sums[m3] = is_first ? T(0) : out[m3 * step];
    for (int e = 0; e < n; ++e) {
      const PlacedEdge<T>& edge = shared.edge[e];
      const T r = radial(w, table_row(w, edge), edge.at.weight, f);
      const T* const u = w.u + edge.other * sender_size + static_cast<std::size_t>(l1 * l1) * w.n_channels + k;
      const T* const coupled = shared.coupled + e * n1 * n3;
      for (int m1 = 0; m1 < n1; ++m1) {
        const T x = r * u[static_cast<std::size_t>(m1) * w.n_channels];
        for (int m3 = 0; m3 < n3; ++m3) sums[m3] += x * coupled[m1 * n3 + m3];
      }
    }
    for (int m3 = 0; m3 < n3; ++m3) out[m3 * step] = sums[m3];
  }
};

/// A number that depends on an edge's direction, and its gradient by the edge's unit vector.
template <class T>
struct Directed {
  T value, gradient[3];
};

/// Centered on the sender: what its edges bring back to its features stays with one thread.
template <class T>
struct Adjoint {
  View<T> w;
  const T* grad_a;
  const T* grad_density;
  T* grad_u;
  T* gradients;

  struct Shared {
    PlacedEdge<T> edge[kAdjointEdges];
    Directed<T> harmonics[kAdjointEdges][kMostHarmonics];
    Directed<T> coupled[kAdjointEdges * (2 * kMostEdgeDegree + 1) * (2 * kMostDegree + 1)];
  };
  /// What one thread has of the gradient by the distance, and of that by the unit vector, of each edge.
  struct Part {
    T radial[kAdjointEdges];
    T tangential[kAdjointEdges][3];
  };

  MOFK_HD void operator()(int i, Block block) const {
    Shared& shared = *reinterpret_cast<Shared*>(block.shared);
    Part* const parts = reinterpret_cast<Part*>(block.shared + sizeof(Shared));
    const int count = w.edges.count[i];
    for (int begin = 0; begin < count; begin += kAdjointEdges) {
      const int n = count - begin < kAdjointEdges ? count - begin : kAdjointEdges;
      const int first = w.edges.first[i] + begin;
      place(i, first, n, block, shared);
      parts[block.thread] = Part{};
      block.wait();
      for (int p = 0; p < w.n_paths; ++p) {
        const PathPlace path = w.paths[p];
        couple(path, n, block, shared);
        block.wait();
        with_degree<kMostEdgeDegree>(path.l1, [&](auto l1) {
          with_degree<kMostDegree>(path.l3, [&](auto l3) {
            for (int k = block.thread; k < w.n_channels; k += block.n_threads)
              sum<l1, l3>(i, path, p * w.n_channels + k, k, n, shared, parts[block.thread]);
          });
        });
        block.wait();
      }
      sum_parts(n, block, parts);
      for (int e = block.thread; e < n; e += block.n_threads) finish(first + e, e, shared, parts[0]);
      block.wait();
    }
  }

  MOFK_HD void place(int i, int first, int n, Block block, Shared& shared) const {
    const int n_all = n_harmonics(w.l_max);
    for (int at = block.thread; at < n * n_all; at += block.n_threads) {
      const int e = at / n_all;
      const int a = at % n_all;
      const T* const u = w.edges.unit_vector + 3 * static_cast<std::size_t>(first + e);
      if (a == 0) {
        PlacedEdge<T>& edge = shared.edge[e];
        edge.at = interpolate(w.grid, w.edges.distance[first + e]);
        edge.other = w.edges.neighbor[first + e];
        edge.pair = w.pair_of_elements[w.element_of_atom[i] * w.n_elements + w.element_of_atom[edge.other]];
      }
      with_degree<kMostDegree>(w.l_max, [&](auto l_max) {
        const Harmonics<l_max, T> harmonics(u[0], u[1], u[2]);
        T all[n_harmonics(l_max)];
        harmonics.values(all);
        shared.harmonics[e][a].value = all[a];
        T chosen[n_harmonics(l_max)] = {};
        chosen[a] = T(1);
        harmonics.gradient(chosen, shared.harmonics[e][a].gradient);
      });
    }
  }

  MOFK_HD void couple(const PathPlace& path, int n, Block block, Shared& shared) const {
    const int n2 = 2 * path.l2 + 1;
    const int n13 = (2 * path.l1 + 1) * (2 * path.l3 + 1);
    for (int at = block.thread; at < n * n13; at += block.n_threads) {
      const T* const coupling = w.couplings + path.first_coupling + at % n13 * n2;
      const Directed<T>* const y = shared.harmonics[at / n13] + path.l2 * path.l2;
      Directed<T> sum{};
      for (int m2 = 0; m2 < n2; ++m2) {
        sum.value += coupling[m2] * y[m2].value;
        for (int c = 0; c < 3; ++c) sum.gradient[c] += coupling[m2] * y[m2].gradient[c];
      }
      shared.coupled[at] = sum;
    }
  }

  template <int l1, int l3>
  MOFK_HD void sum(int i, const PathPlace& path, int f, int k, int n, const Shared& shared, Part& part) const {
    constexpr int n1 = 2 * l1 + 1;
    constexpr int n3 = 2 * l3 + 1;
    const std::size_t n_channels = w.n_channels;
    const std::size_t own = static_cast<std::size_t>(n_harmonics(w.edge_l_max)) * n_channels;
    const std::size_t of_degree = static_cast<std::size_t>(l1 * l1) * n_channels + k;
    const std::size_t step = static_cast<std::size_t>(path.row_stride) * n_channels;
    T u[n1];
    T grad[n1] = {};
    for (int m1 = 0; m1 < n1; ++m1) u[m1] = w.u[w.sender_row[i] * own + of_degree + m1 * n_channels];
    for (int e = 0; e < n; ++e) {
      const PlacedEdge<T>& edge = shared.edge[e];
      const T* const row = table_row(w, edge);
      const T r = radial(w, row, edge.at.weight, f);
      const T slope = radial(w, row, edge.at.slope, f);
      const T* const in = grad_a + (static_cast<std::size_t>(edge.other) * w.n_rows + path.first_row) * n_channels + k;
      T g[n3];
      for (int m3 = 0; m3 < n3; ++m3) g[m3] = in[m3 * step];
      Directed<T> total{};
      for (int m1 = 0; m1 < n1; ++m1) {
        Directed<T> y{};
        for (int m3 = 0; m3 < n3; ++m3) {
          const Directed<T>& coupled = shared.coupled[(e * n1 + m1) * n3 + m3];
          y.value += coupled.value * g[m3];
          for (int c = 0; c < 3; ++c) y.gradient[c] += coupled.gradient[c] * g[m3];
        }
        grad[m1] += r * y.value;
        total.value += u[m1] * y.value;
        for (int c = 0; c < 3; ++c) total.gradient[c] += u[m1] * y.gradient[c];
      }
      part.radial[e] += slope * total.value;
      for (int c = 0; c < 3; ++c) part.tangential[e][c] += r * total.gradient[c];
    }
    if (grad_u == nullptr) return;
    for (int m1 = 0; m1 < n1; ++m1) grad_u[i * own + of_degree + m1 * n_channels] += grad[m1];
  }

  /// All parts into the first.
  MOFK_HD void sum_parts(int n, Block block, Part* parts) const {
    for (int half = block.n_threads / 2; half > 0; half /= 2) {
      for (int at = block.thread; at < half * n; at += block.n_threads) {
        Part& to = parts[at % half];
        const Part& from = parts[at % half + half];
        const int e = at / half;
        to.radial[e] += from.radial[e];
        for (int c = 0; c < 3; ++c) to.tangential[e][c] += from.tangential[e][c];
      }
      block.wait();
    }
  }

  MOFK_HD void finish(int from, int e, const Shared& shared, const Part& part) const {
    const PlacedEdge<T>& edge = shared.edge[e];
    T radial_part = part.radial[e];
    if (grad_density != nullptr)
      radial_part += grad_density[edge.other] * radial(w, table_row(w, edge), edge.at.slope, w.n_functions - 1);
    for (int c = 0; c < 3; ++c) {
      const std::size_t at = 3 * static_cast<std::size_t>(from) + c;
      gradients[at] += radial_part * w.edges.unit_vector[at] + part.tangential[e][c] / w.edges.distance[from];
    }
  }
};

template <class T>
std::vector<T> rounded(std::span<const double> values) {
  std::vector<T> out(values.size());
  std::transform(values.begin(), values.end(), out.begin(), [](double x) { return static_cast<T>(x); });
  return out;
}

}  // namespace

template <class T>
PlainConvolution<T>::PlainConvolution(const Context& context, const mofkernel::mace::Layer& layer, int l_max,
                                      const mofkernel::mace::RadialTable& table, std::span<const int> pair_of_elements,
                                      int n_elements)
    : context_(&context),
      l_max_(l_max),
      edge_l_max_(layer.edge_l_max),
      n_channels_(layer.n_edge_channels),
      n_rows_(0),
      n_elements_(n_elements),
      n_functions_(table.n_functions),
      grid_{{static_cast<T>(table.first_knot_A), static_cast<T>(table.stretch_A), static_cast<T>(table.knots_per_log)},
            table.n_knots,
            1 + table.n_derivatives},
      paths_(context),
      couplings_(context),
      table_(context),
      pair_of_elements_(context, pair_of_elements) {
  const mofkernel::mace::ConvolutionLayout layout(layer, l_max);
  n_rows_ = layout.n_rows;
  paths_.upload(layout.paths);
  couplings_.upload(rounded<T>(layout.couplings));
  table_.upload(rounded<T>(table.values));
}

template <class T>
int PlainConvolution<T>::n_threads() const {
  // A power of two; each thread of the adjoint has a place for every edge in shared memory.
  const int most = sizeof(T) == sizeof(double) ? 64 : 128;
  int n = 32;
  while (n < n_channels_ && n < most) n *= 2;
  return n;
}

template <class T>
auto PlainConvolution<T>::view(const EdgeView<T>& edges, const int* element_of_atom, const T* u,
                               const int* sender_row) const -> View {
  return {l_max_,
          edge_l_max_,
          n_channels_,
          n_rows_,
          static_cast<int>(paths_.size()),
          n_elements_,
          n_functions_,
          paths_.data(),
          couplings_.data(),
          grid_,
          table_.data(),
          pair_of_elements_.data(),
          edges,
          element_of_atom,
          u,
          sender_row};
}

template <class T>
void PlainConvolution<T>::value(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u,
                                const int* sender_row, T* a, T* density) const {
  const Value<T> body{view(edges, element_of_atom, u, sender_row), a, density};
  static_assert(sizeof(typename Value<T>::Shared) <= kMostSharedBytes);
  parallel_for_blocks(*context_, n_atoms, n_threads(), sizeof(typename Value<T>::Shared), body);
}

template <class T>
void PlainConvolution<T>::adjoint(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u,
                                  const int* sender_row, const T* grad_a, const T* grad_density, T* grad_u,
                                  T* gradients) const {
  using Body = Adjoint<T>;
  const Body body{view(edges, element_of_atom, u, sender_row), grad_a, grad_density, grad_u, gradients};
  static_assert(sizeof(typename Body::Shared) +
                    (sizeof(T) == sizeof(double) ? 64 : 128) * sizeof(typename Body::Part) <=
                kMostSharedBytes);
  parallel_for_blocks(
      *context_, n_atoms, n_threads(),
      sizeof(typename Body::Shared) + static_cast<std::size_t>(n_threads()) * sizeof(typename Body::Part), body);
}

template class PlainConvolution<float>;
template class PlainConvolution<double>;

}  // namespace mofkernel::MOFK_NS::mace
