// What flows back along the edges that an atom sends: a block of threads, in teams. A team takes some of the edges, its
// lanes take channels; what the edges bring back to the atom's features stays within the block.
#pragma once

#include <algorithm>

#include "potentials/mace/convolution_blocks.hpp"
#include "potentials/mace/convolution_view.hpp"

namespace mofkernel::MOFK_NS::mace {

/// A number that depends on an edge's direction, and its gradient by the edge's unit vector.
template <class T>
struct alignas(16) Directed {
  T value, gradient[3];
};

/// How the threads of a block and its memory are shared out.
struct AdjointPlan {
  int n_lanes;  ///< a power of two: their sums are added by halves
  int n_teams;
  int n_edges;    ///< in shared memory at once
  int n_coupled;  ///< of an edge and path
  std::size_t shared_bytes;
};

/// `kAtOnce` channels by a lane.
template <class T, int kAtOnce>
struct ConvolutionAdjoint {
  using Some = Channels<T, kAtOnce>;
  ConvolutionView<T> w;
  const T* grad_a;
  const T* grad_density;
  T* grad_u;
  T* gradients;
  AdjointPlan plan;

  /// The arrays of a block, one after another.
  struct Shared {
    TabulatedEdge<T>* edge;  ///< [n_edges]
    Directed<T>* harmonics;  ///< [n_edges][(l_max + 1)^2]
    Directed<T>* coupled;    ///< [n_edges][n_coupled]
    Directed<T>* parts;      ///< [n_edges][n_lanes] by the distance, and by the unit vector
    T* grad_u;               ///< [n_teams][rows of u][n_channels], with several teams only
  };

  /// As many edges and teams as there is room for.
  static AdjointPlan make_plan(const ConvolutionView<T>& w, int n_coupled, bool has_grad_u) {
    constexpr int kMostThreads = kIsCuda ? kMostBlockThreads : 1;
    constexpr int kMostTeams = 4;
    constexpr int kMostEdges = 8;
    constexpr int kLeastLanes = 8;
    AdjointPlan plan{std::min(kMostThreads, kLeastLanes), 1, kMostEdges, n_coupled, 0};
    while (plan.n_lanes * kAtOnce < w.n_channels && plan.n_lanes < kMostThreads) plan.n_lanes *= 2;
    plan.n_teams = std::min(kMostTeams, kMostThreads / plan.n_lanes);
    while (plan.n_teams > 1 && bytes_of(w, plan, has_grad_u) > kMostSharedBytes) plan.n_teams /= 2;
    while (plan.n_edges > 1 && bytes_of(w, plan, has_grad_u) > kMostSharedBytes) plan.n_edges /= 2;
    plan.shared_bytes = bytes_of(w, plan, has_grad_u);
    return plan;
  }
  static std::size_t bytes_of(const ConvolutionView<T>& w, const AdjointPlan& plan, bool has_grad_u) {
    const int n_directed = n_harmonics(w.l_max) + plan.n_coupled + plan.n_lanes;
    const int n_grad_u = has_grad_u && plan.n_teams > 1 ? plan.n_teams * n_harmonics(w.edge_l_max) * w.n_channels : 0;
    return static_cast<std::size_t>(plan.n_edges) *
               (sizeof(TabulatedEdge<T>) + sizeof(Directed<T>) * static_cast<std::size_t>(n_directed)) +
           sizeof(T) * static_cast<std::size_t>(n_grad_u);
  }

  MOFK_HD Shared shared_of(Block block) const {
    Shared shared;
    shared.edge = reinterpret_cast<TabulatedEdge<T>*>(block.shared);
    shared.harmonics = reinterpret_cast<Directed<T>*>(shared.edge + plan.n_edges);
    shared.coupled = shared.harmonics + plan.n_edges * n_harmonics(w.l_max);
    shared.parts = shared.coupled + plan.n_edges * plan.n_coupled;
    shared.grad_u = reinterpret_cast<T*>(shared.parts + plan.n_edges * plan.n_lanes);
    return shared;
  }
  [[nodiscard]] MOFK_HD int n_grad_u() const { return n_harmonics(w.edge_l_max) * w.n_channels; }

  MOFK_HD void operator()(int i, Block block) const {
    const Shared shared = shared_of(block);
    const int team = block.thread / plan.n_lanes;
    const int lane = block.thread % plan.n_lanes;
    const int count = w.edges.count[i];
    if (count == 0) return;
    T* const own_grad_u = grad_u == nullptr ? nullptr : grad_u + static_cast<std::size_t>(i) * n_grad_u();
    const bool is_shared = own_grad_u != nullptr && plan.n_teams > 1;
    for (int at = block.thread; is_shared && at < plan.n_teams * n_grad_u(); at += block.n_threads)
      shared.grad_u[at] = T(0);
    T* const to = is_shared ? shared.grad_u + team * n_grad_u() : own_grad_u;
    for (int begin = 0; begin < count; begin += plan.n_edges) {
      const int n = count - begin < plan.n_edges ? count - begin : plan.n_edges;
      const int first = w.edges.first[i] + begin;
      place(i, first, n, team, lane, shared);
      for (int at = block.thread; at < n * plan.n_lanes; at += block.n_threads) shared.parts[at] = {};
      block.wait();
      for (int p = 0; p < w.n_paths; ++p) {
        const mofkernel::mace::PathPlace path = w.paths[p];
        couple(path, n, block, shared);
        block.wait();
        with_degree<mofkernel::mace::kMostEdgeDegree>(path.l1, [&](auto l1) {
          with_degree<mofkernel::mace::kMostDegree>(path.l3, [&](auto l3) {
            for (int k = lane * kAtOnce; k < w.n_channels; k += plan.n_lanes * kAtOnce)
              sum<l1, l3>(i, path, p, k, n, team, lane, shared, to);
          });
        });
        block.wait();
      }
      sum_parts(n, block, shared.parts);
      for (int e = block.thread; e < n; e += block.n_threads)
        finish(first + e, shared.edge[e], shared.parts[e * plan.n_lanes]);
      block.wait();
    }
    for (int at = block.thread; is_shared && at < n_grad_u(); at += block.n_threads) {
      T total = 0;
      for (int t = 0; t < plan.n_teams; ++t) total += shared.grad_u[t * n_grad_u() + at];
      own_grad_u[at] += total;
    }
  }

  /// A team takes a degree, so that its lanes do the same.
  MOFK_HD void place(int i, int first, int n, int team, int lane, const Shared& shared) const {
    for (int l = team; l <= w.l_max; l += plan.n_teams) {
      for (int e = lane; e < n; e += plan.n_lanes) {
        if (l == 0) {
          const int j = w.edges.neighbor[first + e];
          shared.edge[e] = tabulated_edge(w, first + e, i, j);
          shared.edge[e].other = j;
        }
        const T* const u = w.edges.unit_vector + 3 * static_cast<std::size_t>(first + e);
        with_degree<mofkernel::mace::kMostDegree>(l, [&](auto degree) {
          const Harmonics<degree, T> harmonics(u[0], u[1], u[2]);
          T values[n_harmonics(degree)];
          T of_each[2 * degree + 1][3];
          harmonics.values(values);
          harmonics.template gradients<degree>(of_each);
          Directed<T>* const to = shared.harmonics + e * n_harmonics(w.l_max) + degree * degree;
          for (int m = 0; m < 2 * degree + 1; ++m)
            to[m] = {values[degree * degree + m], {of_each[m][0], of_each[m][1], of_each[m][2]}};
        });
      }
    }
  }

  MOFK_HD void couple(const mofkernel::mace::PathPlace& path, int n, Block block, const Shared& shared) const {
    const int n2 = 2 * path.l2 + 1;
    const int n13 = (2 * path.l1 + 1) * (2 * path.l3 + 1);
    for (int at = block.thread; at < n * n13; at += block.n_threads) {
      const int e = at / n13;
      const T* const coupling = w.couplings + path.first_coupling + at % n13 * n2;
      const Directed<T>* const y = shared.harmonics + e * n_harmonics(w.l_max) + path.l2 * path.l2;
      Directed<T> sum{};
      for (int m2 = 0; m2 < n2; ++m2) {
        sum.value += coupling[m2] * y[m2].value;
        for (int c = 0; c < 3; ++c) sum.gradient[c] += coupling[m2] * y[m2].gradient[c];
      }
      shared.coupled[e * plan.n_coupled + at % n13] = sum;
    }
  }

  /// The channels from k on of the edges of a team. By the unit vector the product of feature and gradient is summed
  /// over the channels first: it is the same for all three components.
  template <int l1, int l3>
  MOFK_HD void sum(int i, const mofkernel::mace::PathPlace& path, int p, int k, int n, int team, int lane,
                   const Shared& shared, T* grad_u_to) const {
    constexpr int n1 = 2 * l1 + 1;
    constexpr int n3 = 2 * l3 + 1;
    const std::size_t n_channels = w.n_channels;
    const std::size_t of_degree = static_cast<std::size_t>(l1 * l1) * n_channels + k;
    const T* const own = w.u + w.sender_row[i] * static_cast<std::size_t>(n_grad_u()) + of_degree;
    Some u[n1];
    Some grad[n1] = {};
    for (int m1 = 0; m1 < n1; ++m1) u[m1] = Some::load(own + m1 * n_channels);
    for (int e = team; e < n; e += plan.n_teams) {
      const TabulatedEdge<T>& edge = shared.edge[e];
      const T* const rows = edge.rows + static_cast<std::size_t>(p) * n_channels + k;
      const T* const in = grad_a + (static_cast<std::size_t>(edge.other) * w.n_rows + path.first_row) * n_channels + k;
      Some r{};
      Some slope{};
      for (int c = 0; c < kSplineRows; ++c) {
        const Some row = Some::load(rows + static_cast<std::size_t>(c) * w.table_stride);
        r.add(edge.weight[c], row);
        slope.add(edge.slope[c], row);
      }
      Some g[n3];
      for (int m3 = 0; m3 < n3; ++m3)
        g[m3] = Some::load(in + static_cast<std::size_t>(m3 * path.row_stride) * n_channels);
      const Directed<T>* const coupled = shared.coupled + e * plan.n_coupled;
      Directed<T> part{};
      for (int m1 = 0; m1 < n1; ++m1) {
        const Some x = product(r, u[m1]);
        Some y{};
        for (int m3 = 0; m3 < n3; ++m3) {
          const Directed<T> c = coupled[m1 * n3 + m3];
          y.add(c.value, g[m3]);
          const T x_g = dot(x, g[m3]);
          for (int axis = 0; axis < 3; ++axis) part.gradient[axis] += c.gradient[axis] * x_g;
        }
        grad[m1].add(r, y);
        part.value += dot(slope, product(u[m1], y));
      }
      Directed<T>& total = shared.parts[e * plan.n_lanes + lane];
      Directed<T> sum = total;
      sum.value += part.value;
      for (int axis = 0; axis < 3; ++axis) sum.gradient[axis] += part.gradient[axis];
      total = sum;
    }
    if (grad_u_to == nullptr) return;
    for (int m1 = 0; m1 < n1; ++m1) {
      T* const to = grad_u_to + of_degree + m1 * n_channels;
      Some sum = Some::load(to);
      sum.add(T(1), grad[m1]);
      sum.store(to);
    }
  }

  /// The parts of all lanes into the first.
  MOFK_HD void sum_parts(int n, Block block, Directed<T>* parts) const {
    for (int half = plan.n_lanes / 2; half > 0; half /= 2) {
      for (int at = block.thread; at < half * n; at += block.n_threads) {
        Directed<T>& to = parts[at / half * plan.n_lanes + at % half];
        const Directed<T> from = (&to)[half];
        to.value += from.value;
        for (int c = 0; c < 3; ++c) to.gradient[c] += from.gradient[c];
      }
      block.wait();
    }
  }

  MOFK_HD void finish(int at, const TabulatedEdge<T>& edge, const Directed<T>& part) const {
    T radial = part.value;
    if (grad_density != nullptr) radial += grad_density[edge.other] * last_function(w, edge.rows, edge.slope);
    for (int c = 0; c < 3; ++c) {
      const std::size_t place = 3 * static_cast<std::size_t>(at) + c;
      gradients[place] += radial * w.edges.unit_vector[place] + part.gradient[c] / w.edges.distance[at];
    }
  }
};

}  // namespace mofkernel::MOFK_NS::mace
