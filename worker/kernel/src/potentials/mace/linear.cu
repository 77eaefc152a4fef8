// Linear maps on a GPU: a product in tiles through shared memory, with fp32 or fp64 FMA (no TF32: it has 10 bits).
#include <algorithm>
#include <vector>

#include "potentials/mace/linear.hpp"

namespace mofkernel::cuda::mace {

namespace {

constexpr int kSide = 16;  ///< threads along each side of a tile
constexpr int kThreads = kSide * kSide;
constexpr int kBlocks = 2;  ///< that a multiprocessor has registers for, at least
constexpr int kDepth = 16;  ///< channels that come in, in a step
constexpr int kColumnsPerThread = 4;
constexpr int kTileColumns = kSide * kColumnsPerThread;

/// Rows of a tile for each of its threads: the more, the fewer loads a multiplication takes. In double precision eight
/// would leave a multiprocessor no more than one block.
template <class T>
constexpr int kMostRowsPerThread = sizeof(T) == sizeof(float) ? 8 : 4;
constexpr int kLeastRowsPerThread = 2;

/// With fewer tiles a GPU is not full, and half of the rows in a tile give it twice as many.
constexpr int kFewTiles = 400;

template <class T>
struct Product {
  FeatureRows<const T> in;
  FeatureRows<T> out;
  const T* weights;   ///< [n_matrices][n_in][n_out]
  const int* order;   ///< of the atoms; null: as they are
  const int* starts;  ///< [n_matrices + 1] in the order; null: one matrix for all of them
  int n_atoms, n_in, n_out;
  int n_matrices;
  bool adds;
};

/// What a launch does: the tiles of one product, then those of the next.
template <class T>
struct Products {
  static constexpr int kMost = LinearPasses<T>::kMost;
  Product<T> of[kMost];
  int end_tile[kMost];  ///< of rows
  int n;
};

/// Neighbors in shared memory, loaded as wide as the hardware can.
template <class T, int n>
struct alignas(n * sizeof(T) < 16 ? n * sizeof(T) : 16) Several {
  T values[n];
};

/// A step's part of the rows or of the weights, on its way from global to shared memory in the registers of a block's
/// threads: the next step's is fetched while this one is multiplied.
template <class T, int kTileRows>
struct Fetched {
  static constexpr int kRowsEach = kTileRows * kDepth / kThreads;
  static constexpr int kWeightsEach = kTileColumns * kDepth / kThreads;
  T rows[kRowsEach];
  T weights[kWeightsEach];

  __device__ void fetch(const Product<T>& p, const T* matrix, const std::int64_t* from, int n_rows, int first_in,
                        int first_column) {
#pragma unroll
    for (int k = 0; k < kRowsEach; ++k) {
      const int place = static_cast<int>(threadIdx.x) + k * kThreads;
      const int row = place / kDepth;
      const int channel = first_in + place % kDepth;
      rows[k] = row < n_rows && channel < p.n_in ? p.in.data[from[row] + channel] : T(0);
    }
#pragma unroll
    for (int k = 0; k < kWeightsEach; ++k) {
      const int place = static_cast<int>(threadIdx.x) + k * kThreads;
      const int channel = first_in + place / kTileColumns;
      const int column = first_column + place % kTileColumns;
      const bool is_there = channel < p.n_in && column < p.n_out;
      weights[k] = is_there ? matrix[static_cast<std::int64_t>(channel) * p.n_out + column] : T(0);
    }
  }

  template <int kStride>
  __device__ void put(T (&row_tile)[kDepth][kStride], T (&weight_tile)[kDepth][kTileColumns]) const {
#pragma unroll
    for (int k = 0; k < kRowsEach; ++k) {
      const int place = static_cast<int>(threadIdx.x) + k * kThreads;
      row_tile[place % kDepth][place / kDepth] = rows[k];
    }
#pragma unroll
    for (int k = 0; k < kWeightsEach; ++k) {
      const int place = static_cast<int>(threadIdx.x) + k * kThreads;
      weight_tile[place / kTileColumns][place % kTileColumns] = weights[k];
    }
  }
};

/// Block (x, y, z): tile of rows of a product, tile of columns, matrix. Every output is one sum over n_in in ascending
/// order.
template <class T, int kRowsPerThread>
__global__ void __launch_bounds__(kThreads, kBlocks) multiply_kernel(const Products<T> products) {
  constexpr int kTileRows = kSide * kRowsPerThread;
  // Wider than the tile, so that what neighbors write falls into different banks, and still aligned for wide loads.
  MOFK_SHARED(T[kDepth][kTileRows + 4], row_tile);
  MOFK_SHARED(T[kDepth][kTileColumns], weight_tile);
  MOFK_SHARED(std::int64_t[kTileRows], from);
  MOFK_SHARED(std::int64_t[kTileRows], to);

  int k = 0;
  while (static_cast<int>(blockIdx.x) >= products.end_tile[k]) ++k;
  const Product<T> p = products.of[k];
  const int matrix = blockIdx.z;
  const int first_column = static_cast<int>(blockIdx.y) * kTileColumns;
  if (matrix >= p.n_matrices || first_column >= p.n_out) return;  // products are of different sizes
  const int first_atom = p.starts == nullptr ? 0 : p.starts[matrix];
  const int end_atom = p.starts == nullptr ? p.n_atoms : p.starts[matrix + 1];
  const int first_row = (static_cast<int>(blockIdx.x) - (k == 0 ? 0 : products.end_tile[k - 1])) * kTileRows;
  const int n_rows = min((end_atom - first_atom) * p.in.n_rows - first_row, kTileRows);
  if (n_rows <= 0) return;  // so are groups

  const int thread = threadIdx.x;
  if (thread < n_rows) {
    const int row = first_row + thread;
    const int place = first_atom + row / p.in.n_rows;
    const std::int64_t atom = p.order == nullptr ? place : p.order[place];
    const std::int64_t m = row % p.in.n_rows;
    from[thread] = atom * p.in.atom_stride + m * p.in.row_stride;
    to[thread] = atom * p.out.atom_stride + m * p.out.row_stride;
  }
  __syncthreads();

  const T* const weights = p.weights + static_cast<std::int64_t>(matrix) * p.n_in * p.n_out;
  const int my_column = thread % kSide * kColumnsPerThread;
  const int my_row = thread / kSide * kRowsPerThread;
  T sums[kRowsPerThread][kColumnsPerThread] = {};
  Fetched<T, kTileRows> next;
  next.fetch(p, weights, from, n_rows, 0, first_column);
  for (int first_in = 0; first_in < p.n_in; first_in += kDepth) {
    next.put(row_tile, weight_tile);
    __syncthreads();
    if (first_in + kDepth < p.n_in) next.fetch(p, weights, from, n_rows, first_in + kDepth, first_column);
#pragma unroll
    for (int k = 0; k < kDepth; ++k) {
      const auto w = *reinterpret_cast<const Several<T, kColumnsPerThread>*>(&weight_tile[k][my_column]);
      const auto x = *reinterpret_cast<const Several<T, kRowsPerThread>*>(&row_tile[k][my_row]);
#pragma unroll
      for (int r = 0; r < kRowsPerThread; ++r) {
#pragma unroll
        for (int c = 0; c < kColumnsPerThread; ++c) sums[r][c] += x.values[r] * w.values[c];
      }
    }
    __syncthreads();
  }

#pragma unroll
  for (int r = 0; r < kRowsPerThread; ++r) {
    if (my_row + r >= n_rows) continue;
#pragma unroll
    for (int c = 0; c < kColumnsPerThread; ++c) {
      const int column = first_column + my_column + c;
      if (column >= p.n_out) continue;
      T* const place = p.out.data + to[my_row + r] + column;
      *place = p.adds ? *place + sums[r][c] : sums[r][c];
    }
  }
}

int tiles(int n, int size) { return (n + size - 1) / size; }

template <class T, int kRowsPerThread>
void multiply_tiles(const Context& context, const AtomGroups& atoms, Products<T>& products) {
  int n_tiles = 0;
  int n_columns = 0;
  int n_matrices = 0;
  for (int k = 0; k < products.n; ++k) {
    const Product<T>& product = products.of[k];
    const int most_atoms = product.n_matrices > 1 ? atoms.largest_group() : atoms.n_atoms;
    n_tiles += tiles(most_atoms * product.in.n_rows, kSide * kRowsPerThread);
    products.end_tile[k] = n_tiles;
    n_columns = std::max(n_columns, tiles(product.n_out, kTileColumns));
    n_matrices = std::max(n_matrices, product.n_matrices);
  }
  const dim3 grid(static_cast<unsigned>(n_tiles), static_cast<unsigned>(n_columns), static_cast<unsigned>(n_matrices));
  launch(context, {grid, kThreads}, multiply_kernel<T, kRowsPerThread>, products);
}

/// With as many rows in a tile as leave enough of them.
template <class T, int kRowsPerThread = kMostRowsPerThread<T>>
void multiply_in_tiles(const Context& context, const AtomGroups& atoms, Products<T>& products) {
  int n_tiles = 0;
  for (int k = 0; k < products.n; ++k) {
    const Product<T>& product = products.of[k];
    n_tiles += tiles(atoms.n_atoms * product.in.n_rows, kSide * kRowsPerThread) * tiles(product.n_out, kTileColumns);
  }
  if constexpr (kRowsPerThread > kLeastRowsPerThread) {
    if (n_tiles < kFewTiles) return multiply_in_tiles<T, kRowsPerThread / 2>(context, atoms, products);
  }
  multiply_tiles<T, kRowsPerThread>(context, atoms, products);
}

template <class T>
void multiply(const Context& context, const AtomGroups& atoms, Products<T>& products) {
  if (atoms.n_atoms == 0) return;
  for (int k = 0; k < products.n; ++k) {
    Product<T>& product = products.of[k];
    product.n_atoms = atoms.n_atoms;
    product.order = product.n_matrices > 1 ? atoms.order.data() : nullptr;
    product.starts = product.n_matrices > 1 ? atoms.starts.data() : nullptr;
  }
  multiply_in_tiles(context, atoms, products);
}

template <class T>
std::vector<T> rounded(std::span<const double> weights) {
  std::vector<T> values;
  values.reserve(weights.size());
  for (const double weight : weights) values.push_back(static_cast<T>(weight));
  return values;
}

template <class T>
std::vector<T> transposed(std::span<const double> weights, int n_matrices, int n_in, int n_out) {
  std::vector<T> values;
  values.reserve(weights.size());
  const std::size_t size = static_cast<std::size_t>(n_in) * static_cast<std::size_t>(n_out);
  for (std::size_t matrix = 0; matrix < static_cast<std::size_t>(n_matrices); ++matrix) {
    for (std::size_t column = 0; column < static_cast<std::size_t>(n_out); ++column) {
      for (std::size_t row = 0; row < static_cast<std::size_t>(n_in); ++row)
        values.push_back(static_cast<T>(weights[matrix * size + row * static_cast<std::size_t>(n_out) + column]));
    }
  }
  return values;
}

}  // namespace

template <class T>
Linear<T>::Linear(const Context& context, int n_matrices, int n_in, int n_out, std::span<const double> weights)
    : context_(&context),
      n_matrices_(n_matrices),
      n_in_(n_in),
      n_out_(n_out),
      weights_(context, rounded<T>(weights)),
      transposed_(context, transposed<T>(weights, n_matrices, n_in, n_out)) {}

template <class T>
void LinearPasses<T>::apply(const AtomGroups& atoms) const {
  Products<T> products{};
  for (const auto& [map, in, out, adds] : all()) {
    products.of[products.n++] = {in, out,        map->weights_.data(), nullptr,          nullptr,
                                 0,  map->n_in_, map->n_out_,          map->n_matrices_, adds};
  }
  if (n_ > 0) multiply(*passes_[0].map->context_, atoms, products);
}

template <class T>
void LinearPasses<T>::apply_transposed(const AtomGroups& atoms) const {
  Products<T> products{};
  for (const auto& [map, in, out, adds] : all()) {
    products.of[products.n++] = {in,          out,        map->transposed_.data(), nullptr, nullptr, 0,
                                 map->n_out_, map->n_in_, map->n_matrices_,        adds};
  }
  if (n_ > 0) multiply(*passes_[0].map->context_, atoms, products);
}

template class Linear<float>;
template class Linear<double>;
template class LinearPasses<float>;
template class LinearPasses<double>;

}  // namespace mofkernel::cuda::mace
