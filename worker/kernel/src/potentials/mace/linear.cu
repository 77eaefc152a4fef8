// Linear maps on a GPU: a product in tiles through shared memory, with fp32 or fp64 FMA (no TF32: it has 10 bits).
#include <vector>

#include "potentials/mace/linear.hpp"

namespace mofkernel::cuda::mace {

namespace {

constexpr int kSide = 16;  ///< threads along each side of a tile
constexpr int kThreads = kSide * kSide;
constexpr int kDepth = 16;  ///< channels that come in, in a step
constexpr int kColumnsPerThread = 4;
constexpr int kTileColumns = kSide * kColumnsPerThread;

/// Below this many tiles of 64 rows a GPU is not full, and half of the rows in a tile give it twice as many.
constexpr int kFewTiles = 400;

template <class T>
struct Product {
  FeatureRows<const T> in;
  FeatureRows<T> out;
  const T* weights;   ///< [n_matrices][n_in][n_out]
  const int* order;   ///< of the atoms; null: as they are
  const int* starts;  ///< [n_matrices + 1] in the order; null: one matrix for all of them
  int n_atoms, n_in, n_out;
  bool adds;
};

/// Block (x, y, z): tile of rows, tile of columns, matrix. Every output is one sum over n_in in ascending order.
template <class T, int kRowsPerThread>
__global__ void __launch_bounds__(kThreads) multiply_kernel(Product<T> p) {
  constexpr int kTileRows = kSide * kRowsPerThread;
  // One more than a multiple of the banks, so that neither way through a tile meets the same bank twice.
  __shared__ T in_tile[kDepth][kTileRows + 1];
  __shared__ T weight_tile[kDepth][kTileColumns];
  __shared__ std::int64_t from[kTileRows];
  __shared__ std::int64_t to[kTileRows];

  const int matrix = blockIdx.z;
  const int first_atom = p.starts == nullptr ? 0 : p.starts[matrix];
  const int end_atom = p.starts == nullptr ? p.n_atoms : p.starts[matrix + 1];
  const int n_rows = min((end_atom - first_atom) * p.in.n_rows - static_cast<int>(blockIdx.x) * kTileRows, kTileRows);
  if (n_rows <= 0) return;  // groups are of different sizes; the same for the whole block

  const int thread = threadIdx.x;
  if (thread < n_rows) {
    const int row = static_cast<int>(blockIdx.x) * kTileRows + thread;
    const int place = first_atom + row / p.in.n_rows;
    const std::int64_t atom = p.order == nullptr ? place : p.order[place];
    const std::int64_t m = row % p.in.n_rows;
    from[thread] = atom * p.in.atom_stride + m * p.in.row_stride;
    to[thread] = atom * p.out.atom_stride + m * p.out.row_stride;
  }
  __syncthreads();

  const T* const weights = p.weights + static_cast<std::int64_t>(matrix) * p.n_in * p.n_out;
  const int first_column = static_cast<int>(blockIdx.y) * kTileColumns;
  const int x = thread % kSide;
  const int y = thread / kSide;
  T sums[kRowsPerThread][kColumnsPerThread] = {};
  for (int first_in = 0; first_in < p.n_in; first_in += kDepth) {
    for (int k = thread; k < kTileRows * kDepth; k += kThreads) {
      const int row = k / kDepth;
      const int channel = first_in + k % kDepth;
      in_tile[k % kDepth][row] = row < n_rows && channel < p.n_in ? p.in.data[from[row] + channel] : T(0);
    }
    for (int k = thread; k < kTileColumns * kDepth; k += kThreads) {
      const int channel = first_in + k / kTileColumns;
      const int column = first_column + k % kTileColumns;
      weight_tile[k / kTileColumns][k % kTileColumns] =
          channel < p.n_in && column < p.n_out ? weights[static_cast<std::int64_t>(channel) * p.n_out + column] : T(0);
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < kDepth; ++k) {
      T w[kColumnsPerThread];
#pragma unroll
      for (int c = 0; c < kColumnsPerThread; ++c) w[c] = weight_tile[k][x + c * kSide];
#pragma unroll
      for (int r = 0; r < kRowsPerThread; ++r) {
        const T value = in_tile[k][y + r * kSide];
#pragma unroll
        for (int c = 0; c < kColumnsPerThread; ++c) sums[r][c] += value * w[c];
      }
    }
    __syncthreads();
  }

#pragma unroll
  for (int r = 0; r < kRowsPerThread; ++r) {
    const int row = y + r * kSide;
    if (row >= n_rows) continue;
#pragma unroll
    for (int c = 0; c < kColumnsPerThread; ++c) {
      const int column = first_column + x + c * kSide;
      if (column >= p.n_out) continue;
      T* const place = p.out.data + to[row] + column;
      *place = p.adds ? *place + sums[r][c] : sums[r][c];
    }
  }
}

int tiles(int n, int size) { return (n + size - 1) / size; }

template <class T, int kRowsPerThread>
void launch(const Context& context, const Product<T>& product, int n_matrices, int most_rows) {
  const dim3 grid(static_cast<unsigned>(tiles(most_rows, kSide * kRowsPerThread)),
                  static_cast<unsigned>(tiles(product.n_out, kTileColumns)), static_cast<unsigned>(n_matrices));
  multiply_kernel<T, kRowsPerThread><<<grid, kThreads, 0, context.stream()>>>(product);
  CUDA_TRY(cudaGetLastError());
}

template <class T>
void multiply_rows(const Context& context, const AtomGroups& atoms, int n_matrices, Product<T> product) {
  if (atoms.n_atoms == 0 || product.in.n_rows == 0) return;
  product.n_atoms = atoms.n_atoms;
  product.order = n_matrices > 1 ? atoms.order.data() : nullptr;
  product.starts = n_matrices > 1 ? atoms.starts.data() : nullptr;
  const int most_rows = (n_matrices > 1 ? atoms.largest_group() : atoms.n_atoms) * product.in.n_rows;
  if (tiles(atoms.n_atoms * product.in.n_rows, kSide * 4) * tiles(product.n_out, kTileColumns) < kFewTiles) {
    launch<T, 2>(context, product, n_matrices, most_rows);
  } else {
    launch<T, 4>(context, product, n_matrices, most_rows);
  }
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
void Linear<T>::apply(const AtomGroups& atoms, FeatureRows<const T> in, FeatureRows<T> out, bool adds) const {
  multiply_rows(*context_, atoms, n_matrices_,
                Product<T>{in, out, weights_.data(), nullptr, nullptr, 0, n_in_, n_out_, adds});
}

template <class T>
void Linear<T>::apply_transposed(const AtomGroups& atoms, FeatureRows<const T> in, FeatureRows<T> out,
                                 bool adds) const {
  multiply_rows(*context_, atoms, n_matrices_,
                Product<T>{in, out, transposed_.data(), nullptr, nullptr, 0, n_out_, n_in_, adds});
}

template class Linear<float>;
template class Linear<double>;

}  // namespace mofkernel::cuda::mace
