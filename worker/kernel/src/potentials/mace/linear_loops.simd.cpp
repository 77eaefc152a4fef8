// Rows times a matrix in panels: six rows by two packs of columns stay in registers.
#include "backend/simd.hpp"
#include "potentials/mace/linear_kernels.hpp"

namespace mofkernel::cpu::MOFK_SIMD_NS {

namespace {

constexpr int kTileRows = 6;

/// Rows of a panel that stay in the first level of cache while rows pass by.
constexpr int kBlockDepth = 256;

/// A part of the sum over the channels that come in, for one panel of columns.
template <class T>
struct Tile {
  const T* const* in;
  T* const* out;
  int first_in, end_in;
  const T* panel;
  int first_column, n_columns;
  bool adds;
};

template <class T>
inline void put(T* to, const PackOf<T> (&sums)[2], int n_columns, bool adds) {
  constexpr int kWidth = kPanelWidth<T>;
  constexpr int kLanesHere = kLanesOf<T>;
  if (n_columns >= kWidth) {
    for (int half = 0; half < 2; ++half) {
      T* const place = to + half * kLanesHere;
      store(place, adds ? load<T>(place) + sums[half] : sums[half]);
    }
    return;
  }
  T last[kWidth];
  for (int half = 0; half < 2; ++half) store(last + half * kLanesHere, sums[half]);
  for (int k = 0; k < n_columns; ++k) to[k] = adds ? to[k] + last[k] : last[k];
}

template <class T, int n_rows>
inline void multiply_tile(const Tile<T>& tile) {
  PackOf<T> sums[n_rows][2] = {};
  const T* rows[n_rows];
  for (int r = 0; r < n_rows; ++r) rows[r] = tile.in[r];
  const T* weights = tile.panel + static_cast<long>(tile.first_in) * kPanelWidth<T>;
  for (int k = tile.first_in; k < tile.end_in; ++k, weights += kPanelWidth<T>) {
    const PackOf<T> low = load(weights);
    const PackOf<T> high = load(weights + kLanesOf<T>);
    for (int r = 0; r < n_rows; ++r) {
      const PackOf<T> x = broadcast(rows[r][k]);
      sums[r][0] = sums[r][0] + x * low;
      sums[r][1] = sums[r][1] + x * high;
    }
  }
  for (int r = 0; r < n_rows; ++r) put(tile.out[r] + tile.first_column, sums[r], tile.n_columns, tile.adds);
}

template <class T>
inline void multiply_rows(const Tile<T>& tile, int n_rows) {
  switch (n_rows) {
    case 1:
      return multiply_tile<T, 1>(tile);
    case 2:
      return multiply_tile<T, 2>(tile);
    case 3:
      return multiply_tile<T, 3>(tile);
    case 4:
      return multiply_tile<T, 4>(tile);
    case 5:
      return multiply_tile<T, 5>(tile);
    default:
      return multiply_tile<T, kTileRows>(tile);
  }
}

inline int smaller(int a, int b) { return a < b ? a : b; }

template <class T>
void multiply(const RowProduct<T>& product) {
  constexpr int kWidth = kPanelWidth<T>;
  for (int column = 0; column < product.n_out; column += kWidth) {
    for (int first_in = 0; first_in < product.n_in; first_in += kBlockDepth) {
      for (int row = 0; row < product.n_rows; row += kTileRows) {
        const Tile<T> tile{product.in + row,
                           product.out + row,
                           first_in,
                           smaller(first_in + kBlockDepth, product.n_in),
                           product.panels + static_cast<long>(column) * product.n_in,
                           column,
                           smaller(kWidth, product.n_out - column),
                           product.adds || first_in > 0};
        multiply_rows(tile, smaller(kTileRows, product.n_rows - row));
      }
    }
  }
}

}  // namespace

const LinearKernels kLinearKernels{multiply<float>, multiply<double>};

}  // namespace mofkernel::cpu::MOFK_SIMD_NS
