#include "potentials/mace/convolution_cpu.hpp"

#include <algorithm>
#include <cstdint>

#include "backend/threads.hpp"

namespace mofkernel::cpu::mace {

namespace {

/// Edges of a tile: the more, the more often a line of the table is read while it is in cache. The adjoint of 25 000
/// edges takes 47 ms with 8192 and 53 ms with 2048, and no less with all in one tile.
constexpr int kTileEdges = 8192;
/// A tile ends with the atom that fills it.
constexpr int kMostTileEdges = kTileEdges + 512;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

int round_up(int n, int unit) { return (n + unit - 1) / unit * unit; }

/// Atoms [first_atom[k], first_atom[k + 1]) of tile k: about equally many edges each.
struct Sharing {
  std::vector<int> first_atom{0};
  int most_edges = 0;
  int most_atoms = 0;

  [[nodiscard]] int n_tiles() const { return static_cast<int>(first_atom.size()) - 1; }
};

Sharing share_edges(const int* count, int n_atoms, int n_threads) {
  std::int64_t n_edges = 0;
  for (int i = 0; i < n_atoms; ++i) n_edges += count[i];
  const auto n_tiles = static_cast<std::int64_t>(round_up(static_cast<int>(n_edges / kTileEdges) + 1, n_threads));
  Sharing sharing;
  std::vector<int>& first = sharing.first_atom;
  std::int64_t n_before = 0;
  std::int64_t n_before_tile = 0;
  const auto close_tile = [&](int end) {
    sharing.most_edges = std::max(sharing.most_edges, static_cast<int>(n_before - n_before_tile));
    sharing.most_atoms = std::max(sharing.most_atoms, end - first.back());
    first.push_back(end);
    n_before_tile = n_before;
  };
  for (int i = 0; i < n_atoms; ++i) {
    if (n_before * n_tiles >= n_edges * static_cast<std::int64_t>(first.size()) && i > first.back()) close_tile(i);
    n_before += count[i];
  }
  close_tile(n_atoms);
  return sharing;
}

void run(const ConvolutionValue<float>& work) { choose_convolution_kernels().value_float(work); }
void run(const ConvolutionValue<double>& work) { choose_convolution_kernels().value_double(work); }
void run(const ConvolutionAdjoint<float>& work) { choose_convolution_kernels().adjoint_float(work); }
void run(const ConvolutionAdjoint<double>& work) { choose_convolution_kernels().adjoint_double(work); }

/// Numbers of T for one edge of a tile.
constexpr int numbers_of_edge(int n_coupled, int pack) { return 3 + 2 * kSplineRows + 2 * n_coupled + 2 * pack + 5; }

}  // namespace

template <class T>
struct CpuConvolution<T>::Pairs {
  const int* element_of_atom;
  const int* row;           ///< [n_atoms] what `other` of an edge is to be, or null: the atom itself
  bool is_atom_the_sender;  ///< of its edges
};

template <class T>
CpuConvolution<T>::CpuConvolution(const Context& context, const mofkernel::mace::Layer& layer, int l_max,
                                  const mofkernel::mace::RadialTable& table, std::span<const int> pair_of_elements,
                                  int n_elements)
    : context_(&context),
      layout_(layer, l_max),
      n_elements_(n_elements),
      n_pairs_(static_cast<int>(table.values.size() / (index(table.n_rows()) * index(table.n_functions)))),
      grid_(knot_grid_of<T>(table)),
      pair_of_elements_(pair_of_elements.begin(), pair_of_elements.end()),
      table_(context),
      density_table_(context),
      features_(context),
      padded_grad_a_(context) {
  for (const mofkernel::mace::PathPlace& path : layout_.paths) add_path(path);
  keep_table(table);
}

template <class T>
void CpuConvolution<T>::add_path(const mofkernel::mace::PathPlace& path) {
  const int n2 = 2 * path.l2 + 1;
  const int first_term = static_cast<int>(terms_.size());
  const std::span<const double> couplings = layout_.couplings_of(path);
  for (std::size_t k = 0; k < couplings.size(); ++k) {
    const int m2 = static_cast<int>(k) % n2;
    if (couplings[k] != 0)
      terms_.push_back({static_cast<int>(k) / n2, path.l2 * path.l2 + m2, static_cast<T>(couplings[k])});
  }
  paths_.push_back({path.l1, path.l2, path.l3, path.first_row, path.row_stride, first_term,
                    static_cast<int>(terms_.size()), n_coupled_});
  n_coupled_ += (2 * path.l1 + 1) * (2 * path.l3 + 1);
}

template <class T>
void CpuConvolution<T>::keep_table(const mofkernel::mace::RadialTable& table) {
  constexpr int kWidth = kBlockChannels<T>;
  const ConvolutionModel<T> sizes = model();
  table_.resize(index(sizes.n_blocks * sizes.n_paths * kWidth) * sizes.n_lines);
  table_.fill_zero();
  density_table_.resize(sizes.n_lines);
  for (std::size_t line = 0; line < sizes.n_lines; ++line) {
    const double* const from = table.values.data() + line * index(table.n_functions);
    for (int p = 0; p < sizes.n_paths; ++p) {
      for (int k = 0; k < sizes.n_channels; ++k) {
        const std::size_t block_and_path = index(k / kWidth * sizes.n_paths + p);
        table_.data()[(block_and_path * sizes.n_lines + line) * kWidth + index(k % kWidth)] =
            static_cast<T>(from[p * sizes.n_channels + k]);
      }
    }
    density_table_.data()[line] = static_cast<T>(from[table.n_functions - 1]);
  }
}

template <class T>
ConvolutionModel<T> CpuConvolution<T>::model() const {
  return {layout_.l_max,
          layout_.edge_l_max,
          layout_.n_channels,
          layout_.n_rows,
          round_up(layout_.n_channels, kBlockChannels<T>) / kBlockChannels<T>,
          layout_.n_paths(),
          n_coupled_,
          paths_.data(),
          terms_.data(),
          table_.data(),
          index(n_pairs_) * index(grid_.n_rows)};
}

template <class T>
T CpuConvolution<T>::density_at(const Interpolation<T>& at, const T* weight, int pair) const {
  const T* const rows = density_table_.data() + index(pair) * index(grid_.n_rows) + index(at.row);
  T sum = 0;
  for (int c = 0; c < kSplineRows; ++c) sum += weight[c] * rows[c];
  return sum;
}

/// The edges of atoms [first_atom, last_atom), with their densities, or for an adjoint the slopes of these.
template <class T>
void CpuConvolution<T>::place(const EdgeView<T>& edges, const Pairs& pairs, int first_atom, int last_atom,
                              ConvolutionTile<T>& tile) const {
  tile.first_atom = first_atom;
  tile.n_atoms = last_atom - first_atom;
  tile.first[0] = 0;
  for (int i = first_atom; i < last_atom; ++i)
    tile.first[index(i - first_atom + 1)] = tile.first[index(i - first_atom)] + edges.count[i];
  const int n_edges = tile.first[index(tile.n_atoms)];
  tile.n_padded = round_up(n_edges, kEdgesPerPack<T>);
  const std::size_t n = index(tile.n_padded);
  for (int e = n_edges; e < tile.n_padded; ++e) {
    for (std::size_t axis = 0; axis < 3; ++axis) tile.unit.data()[axis * n + index(e)] = 0;
  }
  std::fill_n(tile.line.begin() + n_edges, tile.n_padded - n_edges + kEdgesAhead, 0);
  const T sign = pairs.is_atom_the_sender ? T(1) : T(-1);
  std::size_t to = 0;
  for (int i = first_atom; i < last_atom; ++i) {
    for (int e = edges.first[i]; e < edges.first[i] + edges.count[i]; ++e, ++to) {
      const int j = edges.neighbor[e];
      const int sender = pairs.element_of_atom[pairs.is_atom_the_sender ? i : j];
      const int receiver = pairs.element_of_atom[pairs.is_atom_the_sender ? j : i];
      const int pair = pair_of_elements_[index(sender * n_elements_ + receiver)];
      const Interpolation<T> at = interpolate(grid_, edges.distance[e]);
      tile.line[to] = pair * grid_.n_rows + at.row;
      tile.other[to] = pairs.row == nullptr ? j : pairs.row[j];
      tile.place[to] = e;
      tile.density[to] = density_at(at, pairs.is_atom_the_sender ? at.slope : at.weight, pair);
      std::copy_n(at.weight, kSplineRows, tile.weight.data() + kSplineRows * to);
      std::copy_n(at.slope, kSplineRows, tile.slope.data() + kSplineRows * to);
      for (std::size_t axis = 0; axis < 3; ++axis)
        tile.unit.data()[axis * n + to] = sign * edges.unit_vector[3 * index(e) + axis];
    }
  }
}

/// Room for the largest tile, before threads begin: they allocate nothing.
template <class T>
void CpuConvolution<T>::prepare_tiles(int most_edges, int most_atoms) const {
  constexpr int kPack = kEdgesPerPack<T>;
  while (tiles_.size() < index(context_->n_threads())) tiles_.emplace_back(*context_);
  const std::size_t n = index(round_up(most_edges, kPack));
  const ConvolutionModel<T> sizes = model();
  for (ConvolutionTile<T>& tile : tiles_) {
    tile.first.resize(index(most_atoms) + 1);
    tile.line.resize(n + kEdgesAhead);
    tile.other.resize(n);
    tile.place.resize(n);
    tile.density.resize(n);
    tile.unit.resize(3 * n);
    tile.weight.resize(kSplineRows * n);
    tile.slope.resize(kSplineRows * n);
    tile.coupled.resize(index(n_coupled_) * n);
    tile.products.resize(index(n_coupled_ + kPack) * n);
    tile.slopes.resize(kPack * n);
    tile.gradient.resize(4 * n);
    tile.scratch.resize(index((2 + 2 * (2 * sizes.edge_l_max + 1)) * sizes.n_blocks * kBlockChannels<T>));
  }
}

/// Rows of features into blocks of channels: a block of all rows fits the cache.
template <class T>
void CpuConvolution<T>::stage_features(const T* u, int first_row, int last_row) const {
  constexpr int kWidth = kBlockChannels<T>;
  const ConvolutionModel<T> sizes = model();
  const std::size_t of_block = features_.size() / index(sizes.n_blocks);
  for (int row = first_row; row < last_row; ++row) {
    for (int k = 0; k < sizes.n_blocks * kWidth; ++k) {
      features_.data()[index(k / kWidth) * of_block + index(row) * kWidth + index(k % kWidth)] =
          k < sizes.n_channels ? u[index(row) * index(sizes.n_channels) + index(k)] : T(0);
    }
  }
}

template <class T>
void CpuConvolution<T>::value(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u,
                              const int* sender_row, T* a, T* density) const {
  const ConvolutionModel<T> sizes = model();
  const int n_features = (sizes.edge_l_max + 1) * (sizes.edge_l_max + 1);
  const int n_feature_rows = n_atoms == 0 ? 0 : n_features * (1 + *std::max_element(sender_row, sender_row + n_atoms));
  const std::size_t of_block = index(n_feature_rows) * kBlockChannels<T>;
  features_.resize(of_block * index(sizes.n_blocks));
  const Sharing sharing = share_edges(edges.count, n_atoms, context_->n_threads());
  prepare_tiles(sharing.most_edges, sharing.most_atoms);
  on_threads(std::min(context_->n_threads(), sharing.n_tiles()), [&](int thread, int n_threads) {
    const auto [first_row, last_row] = share(n_feature_rows, thread, n_threads);
    stage_features(u, first_row, last_row);
    wait_for_all_threads();
    ConvolutionTile<T>& tile = tiles_[index(thread)];
    for (int k = thread; k < sharing.n_tiles(); k += n_threads) {
      place(edges, {element_of_atom, sender_row, false}, sharing.first_atom[index(k)], sharing.first_atom[index(k) + 1],
            tile);
      run(ConvolutionValue<T>{sizes, tile.edges(), features_.data(), of_block, a});
      if (density == nullptr) continue;
      for (int i = 0; i < tile.n_atoms; ++i) {
        T sum = 0;
        for (int e = tile.first[index(i)]; e < tile.first[index(i) + 1]; ++e) sum += tile.density[index(e)];
        density[tile.first_atom + i] = sum;
      }
    }
  });
}

/// Rows of the messages' gradients in whole packs.
template <class T>
void CpuConvolution<T>::pad_rows(const T* grad_a, int n_padded, int first_row, int last_row) const {
  for (int row = first_row; row < last_row; ++row) {
    const T* const from = grad_a + index(row) * index(layout_.n_channels);
    T* const to = padded_grad_a_.data() + index(row) * index(n_padded);
    std::copy_n(from, layout_.n_channels, to);
    std::fill(to + layout_.n_channels, to + n_padded, T(0));
  }
}

template <class T>
void CpuConvolution<T>::add_gradients(const EdgeView<T>& edges, const ConvolutionTile<T>& tile, const T* grad_density,
                                      T* gradients) const {
  const std::size_t n = index(tile.n_padded);
  for (int e = 0; e < tile.first[index(tile.n_atoms)]; ++e) {
    const std::size_t to = index(tile.place[index(e)]);
    const T* const gradient = tile.gradient.data() + e;
    T radial = gradient[3 * n];
    if (grad_density != nullptr) radial += grad_density[tile.other[index(e)]] * tile.density[index(e)];
    for (std::size_t axis = 0; axis < 3; ++axis)
      gradients[3 * to + axis] += radial * edges.unit_vector[3 * to + axis] + gradient[axis * n] / edges.distance[to];
  }
}

template <class T>
void CpuConvolution<T>::adjoint(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u,
                                const int* sender_row, const T* grad_a, const T* grad_density, T* grad_u,
                                T* gradients) const {
  const ConvolutionModel<T> sizes = model();
  const int n_grad_channels = round_up(sizes.n_channels, kEdgesPerPack<T>);
  const bool is_padded = n_grad_channels != sizes.n_channels;
  if (is_padded) padded_grad_a_.resize(index(n_atoms * sizes.n_rows) * index(n_grad_channels));
  const Sharing sharing = share_edges(edges.count, n_atoms, context_->n_threads());
  prepare_tiles(sharing.most_edges, sharing.most_atoms);
  on_threads(std::min(context_->n_threads(), sharing.n_tiles()), [&](int thread, int n_threads) {
    if (is_padded) {
      const auto [first_row, last_row] = share(n_atoms * sizes.n_rows, thread, n_threads);
      pad_rows(grad_a, n_grad_channels, first_row, last_row);
      wait_for_all_threads();
    }
    ConvolutionTile<T>& tile = tiles_[index(thread)];
    for (int k = thread; k < sharing.n_tiles(); k += n_threads) {
      place(edges, {element_of_atom, nullptr, true}, sharing.first_atom[index(k)], sharing.first_atom[index(k) + 1],
            tile);
      run(ConvolutionAdjoint<T>{sizes, tile.edges(), u, sender_row, is_padded ? padded_grad_a_.data() : grad_a,
                                n_grad_channels, grad_u, tile.scratch.data(), tile.products.data(),
                                n_coupled_ + kEdgesPerPack<T>, tile.slopes.data(), tile.gradient.data()});
      add_gradients(edges, tile, grad_density, gradients);
    }
  });
}

template <class T>
mofkernel::mace::ConvolutionBytes CpuConvolution<T>::predict_bytes(const mofkernel::mace::Layer& layer, int n_threads) {
  const double row = sizeof(T) * static_cast<double>(round_up(layer.n_edge_channels, kBlockChannels<T>));
  int n_coupled = 0;
  int n_rows = 0;
  for (const mofkernel::mace::Path& path : layer.paths) {
    n_coupled += (2 * path.l1 + 1) * (2 * path.l3 + 1);
    n_rows += 2 * path.l3 + 1;
  }
  const bool is_padded = layer.n_edge_channels % kEdgesPerPack<T> != 0;
  const double of_edge =
      sizeof(T) * static_cast<double>(numbers_of_edge(n_coupled, kEdgesPerPack<T>)) + 3 * sizeof(int);
  return {.per_atom = row * ((layer.edge_l_max + 1) * (layer.edge_l_max + 1) + (is_padded ? n_rows : 0)),
          .per_edge = of_edge,
          .most_for_edges = of_edge * n_threads * kMostTileEdges,
          .per_knot = row * static_cast<double>(layer.paths.size()) + sizeof(T)};
}

template class CpuConvolution<float>;
template class CpuConvolution<double>;

}  // namespace mofkernel::cpu::mace
