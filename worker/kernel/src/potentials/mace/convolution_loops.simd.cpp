// The sums over edges, paths and channels. The sums of a path stay in registers: those of a message while the edges of
// its atom pass by, those of an edge while its channels do.
#include "backend/simd.hpp"
#include "potentials/mace/convolution_kernels.hpp"
#include "potentials/mace/harmonics.hpp"

namespace mofkernel::cpu::MOFK_SIMD_NS {

namespace {

using mace::Harmonics, mace::n_harmonics, mace::with_degree;

constexpr int kMostDegree = 4;
constexpr int kMostEdgeDegree = 3;

#if defined(__AVX512VL__)
constexpr int kRegisters = 32;
#else
constexpr int kRegisters = 16;
#endif

/// (2 l1 + 1)(2 l3 + 1)
int n_coupled(const ConvolutionPath& path) { return (2 * path.l1 + 1) * (2 * path.l3 + 1); }

/// f(l1, l3) of a path, as constants.
template <class F>
inline void with_degrees(const ConvolutionPath& path, F f) {
  with_degree<kMostEdgeDegree>(path.l1,
                               [&](auto l1) { with_degree<kMostDegree>(path.l3, [&](auto l3) { f(l1, l3); }); });
}

template <class T>
inline PackOf<T> interpolated(const PackOf<T> (&weight)[kSplineRows], const T* lines) {
  PackOf<T> sum = weight[0] * load(lines);
  for (int c = 1; c < kSplineRows; ++c) sum = sum + weight[c] * load(lines + c * kBlockChannels<T>);
  return sum;
}

template <class T>
inline void broadcast_all(const T* from, PackOf<T> (&to)[kSplineRows]) {
  for (int c = 0; c < kSplineRows; ++c) to[c] = broadcast(from[c]);
}

template <class T>
inline const T* coupled_of(const ConvolutionEdges<T>& edges, const ConvolutionPath& path, int e) {
  constexpr int kPack = kEdgesPerPack<T>;
  return edges.coupled + static_cast<std::size_t>(path.first_coupled) * edges.n_padded +
         static_cast<std::size_t>(e / kPack) * (n_coupled(path) * kPack) + e % kPack;
}

/// Harmonics of a pack of edges, coupled for every path.
template <int l_max, class T>
inline void couple_pack(const ConvolutionModel<T>& model, const ConvolutionEdges<T>& edges, int e) {
  constexpr int kPack = kEdgesPerPack<T>;
  const T* const unit = edges.unit + e;
  PackOf<T> y[n_harmonics(l_max)];
  Harmonics<l_max, T, PackOf<T>>(load(unit), load(unit + edges.n_padded), load(unit + 2 * edges.n_padded)).values(y);
  for (int p = 0; p < model.n_paths; ++p) {
    const ConvolutionPath& path = model.paths[p];
    T* const out = const_cast<T*>(coupled_of(edges, path, e));
    for (int k = 0; k < n_coupled(path); ++k) store(out + k * kPack, PackOf<T>{});
    for (int t = path.first_term; t < path.end_term; ++t) {
      const CouplingTerm<T>& term = model.terms[t];
      T* const to = out + term.coupled * kPack;
      store(to, load<T>(to) + term.value * y[term.harmonic]);
    }
  }
}

template <class T>
inline void couple(const ConvolutionModel<T>& model, const ConvolutionEdges<T>& edges) {
  with_degree<kMostDegree>(model.l_max, [&](auto l_max) {
    for (int e = 0; e < edges.n_padded; e += kEdgesPerPack<T>) couple_pack<l_max>(model, edges, e);
  });
}

/// The lines of one path and block of channels.
template <class T>
inline const T* table_of(const ConvolutionModel<T>& model, int block, int p) {
  return model.table + (static_cast<std::size_t>(block) * model.n_paths + p) * model.n_lines * kBlockChannels<T>;
}

/// Packs of a block whose sums fit the registers together.
template <int n3>
inline constexpr int kPacksAtOnce = 2 * n3 + 6 <= kRegisters ? 2 : 1;

/// Messages of one atom along one path, in one block of channels.
template <int l1, int l3, class T>
inline void sum_messages(const ConvolutionValue<T>& work, const ConvolutionPath& path, const T* table,
                         const T* features, int block, int atom) {
  constexpr int n1 = 2 * l1 + 1;
  constexpr int n3 = 2 * l3 + 1;
  constexpr int kLanesHere = kLanesOf<T>;
  constexpr int kPacks = kPacksAtOnce<n3>;
  const ConvolutionEdges<T>& edges = work.edges;
  const std::size_t feature_size = static_cast<std::size_t>(n_harmonics(work.model.edge_l_max)) * kBlockChannels<T>;
  for (int first_pack = 0; first_pack < 2; first_pack += kPacks) {
    const int offset = first_pack * kLanesHere;
    PackOf<T> sums[n3][kPacks] = {};
    for (int e = edges.first[atom]; e < edges.first[atom + 1]; ++e) {
      const T* const lines = table + static_cast<std::size_t>(edges.line[e]) * kBlockChannels<T> + offset;
      const T* const u = features + edges.other[e] * feature_size + l1 * l1 * kBlockChannels<T> + offset;
      const T* const coupled = coupled_of(edges, path, e);
      const T* const ahead = table + static_cast<std::size_t>(edges.line[e + kEdgesAhead]) * kBlockChannels<T>;
      for (int c = 0; c < kSplineRows; ++c) __builtin_prefetch(ahead + c * kBlockChannels<T>);
      PackOf<T> weight[kSplineRows];
      broadcast_all(edges.weight + static_cast<std::size_t>(e) * kSplineRows, weight);
      for (int h = 0; h < kPacks; ++h) {
        const PackOf<T> radial = interpolated(weight, lines + h * kLanesHere);
        for (int m1 = 0; m1 < n1; ++m1) {
          const PackOf<T> x = radial * load(u + m1 * kBlockChannels<T> + h * kLanesHere);
          for (int m3 = 0; m3 < n3; ++m3)
            sums[m3][h] = sums[m3][h] + x * broadcast(coupled[(m1 * n3 + m3) * kLanesHere]);
        }
      }
    }
    for (int h = 0; h < kPacks; ++h) {
      const int channel = block * kBlockChannels<T> + offset + h * kLanesHere;
      const int n_valid = work.model.n_channels - channel;
      for (int m3 = 0; m3 < n3; ++m3) {
        const std::size_t row = static_cast<std::size_t>(edges.first_atom + atom) * work.model.n_rows + path.first_row +
                                m3 * path.row_stride;
        T* const out = work.a + row * work.model.n_channels + channel;
        if (n_valid >= kLanesHere) {
          store(out, sums[m3][h]);
        } else {
          for (int k = 0; k < n_valid; ++k) out[k] = sums[m3][h].v[k];
        }
      }
    }
  }
}

template <class T>
void value(const ConvolutionValue<T>& work) {
  couple(work.model, work.edges);
  // One block and path at a time: its lines of the table stay in cache while all edges look up theirs.
  for (int block = 0; block < work.model.n_blocks; ++block) {
    const T* const features = work.features + block * work.features_of_block;
    for (int p = 0; p < work.model.n_paths; ++p) {
      const ConvolutionPath& path = work.model.paths[p];
      const T* const table = table_of(work.model, block, p);
      with_degrees(path, [&](auto l1, auto l3) {
        for (int atom = 0; atom < work.edges.n_atoms; ++atom)
          sum_messages<l1, l3>(work, path, table, features, block, atom);
      });
    }
  }
}

/// Sums over the lanes of as many packs as a pack has lanes.
inline PackOf<float> lane_sums(const PackOf<float>* p) {
  const auto add_pairs = [](VectorTypes<float>::Numbers a, VectorTypes<float>::Numbers b) {
    return __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14) +
           __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
  };
  const auto add_fours = [&](const PackOf<float>* q) {
    const auto a = add_pairs(q[0].v, q[1].v);
    const auto b = add_pairs(q[2].v, q[3].v);
    return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13) +
           __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
  };
  const auto low = add_fours(p);
  const auto high = add_fours(p + 4);
  return {__builtin_shufflevector(low, high, 0, 1, 2, 3, 8, 9, 10, 11) +
          __builtin_shufflevector(low, high, 4, 5, 6, 7, 12, 13, 14, 15)};
}

inline PackOf<double> lane_sums(const PackOf<double>* p) {
  const auto add_pairs = [](Doubles a, Doubles b) {
    return __builtin_shufflevector(a, b, 0, 4, 2, 6) + __builtin_shufflevector(a, b, 1, 5, 3, 7);
  };
  const Doubles a = add_pairs(p[0].v, p[1].v);
  const Doubles b = add_pairs(p[2].v, p[3].v);
  return {__builtin_shufflevector(a, b, 0, 1, 4, 5) + __builtin_shufflevector(a, b, 2, 3, 6, 7)};
}

/// Radial functions of one edge along one path, and their derivatives by the distance, in all channels.
template <class T>
void interpolate_channels(const ConvolutionAdjoint<T>& work, int p, int e, T* radial, T* slope) {
  PackOf<T> to_value[kSplineRows];
  PackOf<T> to_slope[kSplineRows];
  broadcast_all(work.edges.weight + static_cast<std::size_t>(e) * kSplineRows, to_value);
  broadcast_all(work.edges.slope + static_cast<std::size_t>(e) * kSplineRows, to_slope);
  for (int block = 0; block < work.model.n_blocks; ++block) {
    const T* const lines =
        table_of(work.model, block, p) + static_cast<std::size_t>(work.edges.line[e]) * kBlockChannels<T>;
    for (int k = 0; k < kBlockChannels<T>; k += kLanesOf<T>) {
      store(radial + block * kBlockChannels<T> + k, interpolated(to_value, lines + k));
      store(slope + block * kBlockChannels<T> + k, interpolated(to_slope, lines + k));
    }
  }
}

/// Rows of features whose products with all rows of the message fit the registers.
template <int n1, int n3>
constexpr int rows_at_once() {
  const int n = (kRegisters == 32 ? 28 : 11) / n3 - 1;
  return n < 1 ? 1 : n < n1 ? n : n1;
}

/// What the rows [first, first + n_here) of an edge's sender get back along one path.
template <int n_here, int n3, class T>
inline void pull_back(int n_padded_channels, int n_packed_channels, const T* grad_a, std::size_t step, const T* coupled,
                      const T* radial, const T* slope, const T* u, T* grad_u, T* slopes, T* products) {
  constexpr int kLanesHere = kLanesOf<T>;
  // Whole packs of sums, so that those of the lanes are taken together.
  constexpr int kProducts = (n_here * n3 + kLanesHere - 1) / kLanesHere * kLanesHere;
  PackOf<T> product[kProducts] = {};
  PackOf<T> slope_sum = load<T>(slopes);
  for (int k = 0; k < n_packed_channels; k += kLanesHere) {
    PackOf<T> g[n3];
    for (int m3 = 0; m3 < n3; ++m3) g[m3] = load(grad_a + m3 * step + k);
    const PackOf<T> r = load(radial + k);
    PackOf<T> total{};
    for (int m1 = 0; m1 < n_here; ++m1) {
      PackOf<T> y = broadcast(coupled[m1 * n3 * kLanesHere]) * g[0];
      for (int m3 = 1; m3 < n3; ++m3) y = y + broadcast(coupled[(m1 * n3 + m3) * kLanesHere]) * g[m3];
      const PackOf<T> own = load(u + m1 * n_padded_channels + k);
      T* const back = grad_u + m1 * n_padded_channels + k;
      store(back, load<T>(back) + r * y);
      total = total + own * y;
      const PackOf<T> x = r * own;
      for (int m3 = 0; m3 < n3; ++m3) product[m1 * n3 + m3] = product[m1 * n3 + m3] + x * g[m3];
    }
    slope_sum = slope_sum + load(slope + k) * total;
  }
  store(slopes, slope_sum);
  // What is written behind the last product is written again by whoever comes next.
  for (int k = 0; k < kProducts; k += kLanesHere) store(products + k, lane_sums(product + k));
}

/// One path of the edges of one sender.
template <int l1, int l3, class T>
inline void pull_back_path(const ConvolutionAdjoint<T>& work, const ConvolutionPath& path, int p, int atom) {
  constexpr int n1 = 2 * l1 + 1;
  constexpr int n3 = 2 * l3 + 1;
  constexpr int kRows = rows_at_once<n1, n3>();
  constexpr int kLanesHere = kLanesOf<T>;
  const ConvolutionModel<T>& model = work.model;
  const ConvolutionEdges<T>& edges = work.edges;
  const int n_padded = model.n_blocks * kBlockChannels<T>;
  T* const radial = work.scratch;
  T* const slope = radial + n_padded;
  T* const u = slope + n_padded;
  T* const back = u + n1 * n_padded;
  const int sender = edges.first_atom + atom;
  const std::size_t size = static_cast<std::size_t>(n_harmonics(model.edge_l_max)) * model.n_channels;
  const T* const own = work.u + work.sender_row[sender] * size + static_cast<std::size_t>(l1 * l1) * model.n_channels;
  for (int m1 = 0; m1 < n1; ++m1) {
    for (int k = 0; k < n_padded; ++k) {
      u[m1 * n_padded + k] = k < model.n_channels ? own[m1 * model.n_channels + k] : T(0);
      back[m1 * n_padded + k] = 0;
    }
  }
  for (int e = edges.first[atom]; e < edges.first[atom + 1]; ++e) {
    interpolate_channels(work, p, e, radial, slope);
    const T* const grad_a =
        work.grad_a + (static_cast<std::size_t>(edges.other[e]) * model.n_rows + path.first_row) * work.n_grad_channels;
    const std::size_t step = static_cast<std::size_t>(path.row_stride) * work.n_grad_channels;
    const T* const coupled = coupled_of(edges, path, e);
    T* const slopes = work.slopes + static_cast<std::size_t>(e) * kLanesHere;
    T* const products = work.products + static_cast<std::size_t>(e) * work.products_of_edge + path.first_coupled;
    const auto pull = [&]<int first, int n_here>() {
      pull_back<n_here, n3>(n_padded, work.n_grad_channels, grad_a, step, coupled + first * n3 * kLanesHere, radial,
                            slope, u + first * n_padded, back + first * n_padded, slopes, products + first * n3);
    };
    mace::for_each_of<0, n1 / kRows>([&](auto part) { pull.template operator()<part * kRows, kRows>(); });
    if constexpr (n1 % kRows != 0) pull.template operator()<n1 / kRows * kRows, n1 % kRows>();
  }
  if (work.grad_u == nullptr) return;
  T* const out = work.grad_u + sender * size + static_cast<std::size_t>(l1 * l1) * model.n_channels;
  for (int m1 = 0; m1 < n1; ++m1) {
    for (int k = 0; k < model.n_channels; ++k) out[m1 * model.n_channels + k] += back[m1 * n_padded + k];
  }
}

/// The same number of every edge of a pack.
template <class T>
inline PackOf<T> of_edges(const T* from, std::size_t step) {
  PackOf<T> all;
  for (int k = 0; k < kEdgesPerPack<T>; ++k) all.v[k] = from[k * step];
  return all;
}

/// Gradient by the unit vectors and the distances of a pack of edges.
template <int l_max, class T>
inline void finish_pack(const ConvolutionAdjoint<T>& work, int e) {
  constexpr int kPack = kEdgesPerPack<T>;
  const ConvolutionEdges<T>& edges = work.edges;
  const auto size = static_cast<std::size_t>(work.products_of_edge);
  PackOf<T> weights[n_harmonics(l_max)] = {};
  for (int p = 0; p < work.model.n_paths; ++p) {
    const ConvolutionPath& path = work.model.paths[p];
    const T* const products = work.products + e * size + path.first_coupled;
    for (int t = path.first_term; t < path.end_term; ++t) {
      const CouplingTerm<T>& term = work.model.terms[t];
      weights[term.harmonic] = weights[term.harmonic] + term.value * of_edges(products + term.coupled, size);
    }
  }
  const T* const unit = edges.unit + e;
  PackOf<T> gradient[3];
  Harmonics<l_max, T, PackOf<T>>(load(unit), load(unit + edges.n_padded), load(unit + 2 * edges.n_padded))
      .gradient(weights, gradient);
  T* const out = work.gradient + e;
  for (int a = 0; a < 3; ++a) store(out + a * edges.n_padded, gradient[a]);
  PackOf<T> slopes[kPack];
  for (int k = 0; k < kPack; ++k) slopes[k] = load<T>(work.slopes + static_cast<std::size_t>(e + k) * kPack);
  store(out + 3 * edges.n_padded, lane_sums(slopes));
}

template <class T>
void adjoint(const ConvolutionAdjoint<T>& work) {
  const ConvolutionEdges<T>& edges = work.edges;
  couple(work.model, edges);
  for (int e = 0; e < edges.n_padded; ++e) store(work.slopes + static_cast<std::size_t>(e) * kLanesOf<T>, PackOf<T>{});
  for (int p = 0; p < work.model.n_paths; ++p) {
    const ConvolutionPath& path = work.model.paths[p];
    with_degrees(path, [&](auto l1, auto l3) {
      for (int atom = 0; atom < edges.n_atoms; ++atom) pull_back_path<l1, l3>(work, path, p, atom);
    });
  }
  with_degree<kMostDegree>(work.model.l_max, [&](auto l_max) {
    for (int e = 0; e < edges.n_padded; e += kEdgesPerPack<T>) finish_pack<l_max>(work, e);
  });
}

}  // namespace

extern const ConvolutionKernels kConvolutionKernels;
const ConvolutionKernels kConvolutionKernels{value<float>, value<double>, adjoint<float>, adjoint<double>};

}  // namespace mofkernel::cpu::MOFK_SIMD_NS
