// Linear maps on the CPU: blocks of rows are shared out over the threads.
#include "potentials/mace/linear.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "backend/threads.hpp"
#include "potentials/mace/linear_kernels.hpp"

namespace mofkernel::cpu::mace {

namespace {

constexpr int kMostRowsPerBlock = 96;
constexpr int kLeastRowsPerBlock = 6;

/// Multiplications worth a thread of their own: some microseconds, as much as it costs to wake one.
constexpr std::int64_t kWorkPerThread = 1 << 18;

/// Panels of matrices [n_matrices][n_in][n_out] (see RowProduct), or of their transposes.
template <class T>
std::vector<T> to_panels(std::span<const double> weights, int n_matrices, int n_in, int n_out, bool is_transposed) {
  constexpr int kWidth = kPanelWidth<T>;
  const int n_rows = is_transposed ? n_out : n_in;
  const int n_columns = is_transposed ? n_in : n_out;
  const auto at = [](auto... factors) { return (static_cast<std::size_t>(factors) * ...); };
  std::vector<T> panels;
  panels.reserve(at(n_matrices, (n_columns + kWidth - 1) / kWidth, n_rows, kWidth));
  for (int matrix = 0; matrix < n_matrices; ++matrix) {
    const double* const from = weights.data() + at(matrix, n_in, n_out);
    for (int first = 0; first < n_columns; first += kWidth) {
      for (int row = 0; row < n_rows; ++row) {
        for (int column = first; column < first + kWidth; ++column) {
          const std::size_t place = is_transposed ? at(column, n_out) + at(row) : at(row, n_out) + at(column);
          panels.push_back(column < n_columns ? static_cast<T>(from[place]) : T(0));
        }
      }
    }
  }
  return panels;
}

template <class T>
struct Matrices {
  const T* panels;
  int n_matrices, n_in, n_out;

  [[nodiscard]] const T* of(int matrix) const {
    const std::size_t n_columns =
        static_cast<std::size_t>((n_out + kPanelWidth<T> - 1) / kPanelWidth<T>) * kPanelWidth<T>;
    return panels + static_cast<std::size_t>(matrix) * static_cast<std::size_t>(n_in) * n_columns;
  }
};

void multiply(const RowProduct<float>& product) { choose_linear_kernels().multiply_float(product); }
void multiply(const RowProduct<double>& product) { choose_linear_kernels().multiply_double(product); }

/// Rows [first, last) that one matrix multiplies; atom k of the rows is order[k], or k itself without an order.
struct RowBlock {
  int matrix;
  int first, last;
};

std::vector<RowBlock> blocks_of(const AtomGroups& atoms, bool is_by_group, int n_rows, int n_threads) {
  const int n_all = atoms.n_atoms * n_rows;
  const int rounded = (n_all / (4 * n_threads) / kLeastRowsPerBlock + 1) * kLeastRowsPerBlock;
  const int size = std::clamp(rounded, kLeastRowsPerBlock, kMostRowsPerBlock);
  std::vector<RowBlock> blocks;
  const auto cut = [&](int matrix, int first, int last) {
    for (int row = first; row < last; row += size) blocks.push_back({matrix, row, std::min(row + size, last)});
  };
  if (!is_by_group) cut(0, 0, n_all);
  for (int g = 0; is_by_group && g < atoms.n_groups(); ++g) {
    const auto start = [&](int group) { return atoms.group_start[static_cast<std::size_t>(group)] * n_rows; };
    cut(g, start(g), start(g + 1));
  }
  return blocks;
}

template <class T>
void multiply_block(const Matrices<T>& matrices, const RowBlock& block, const int* order, FeatureRows<const T> in,
                    FeatureRows<T> out, bool adds) {
  std::array<const T*, kMostRowsPerBlock> from;
  std::array<T*, kMostRowsPerBlock> to;
  for (int row = block.first; row < block.last; ++row) {
    const int place = row / in.n_rows;
    const std::int64_t atom = order == nullptr ? place : order[place];
    const std::int64_t m = row % in.n_rows;
    from[static_cast<std::size_t>(row - block.first)] = in.data + atom * in.atom_stride + m * in.row_stride;
    to[static_cast<std::size_t>(row - block.first)] = out.data + atom * out.atom_stride + m * out.row_stride;
  }
  multiply(RowProduct<T>{from.data(), to.data(), block.last - block.first, matrices.n_in, matrices.n_out,
                         matrices.of(block.matrix), adds});
}

template <class T>
void multiply_rows(const Context& context, const AtomGroups& atoms, const Matrices<T>& matrices,
                   FeatureRows<const T> in, FeatureRows<T> out, bool adds) {
  const bool is_by_group = matrices.n_matrices > 1;
  const std::int64_t work = std::int64_t{atoms.n_atoms} * in.n_rows * matrices.n_in * matrices.n_out;
  const int most_threads = static_cast<int>(std::min<std::int64_t>(context.n_threads(), 1 + work / kWorkPerThread));
  const std::vector<RowBlock> blocks = blocks_of(atoms, is_by_group, in.n_rows, most_threads);
  const int n_blocks = static_cast<int>(blocks.size());
  const int* const order = is_by_group ? atoms.order.data() : nullptr;
  on_threads(std::min(most_threads, std::max(1, n_blocks)), [&](int thread, int n_threads) {
    const auto [first, last] = share(n_blocks, thread, n_threads);
    for (int b = first; b < last; ++b)
      multiply_block(matrices, blocks[static_cast<std::size_t>(b)], order, in, out, adds);
  });
}

}  // namespace

template <class T>
Linear<T>::Linear(const Context& context, int n_matrices, int n_in, int n_out, std::span<const double> weights)
    : context_(&context),
      n_matrices_(n_matrices),
      n_in_(n_in),
      n_out_(n_out),
      weights_(context, to_panels<T>(weights, n_matrices, n_in, n_out, false)),
      transposed_(context, to_panels<T>(weights, n_matrices, n_in, n_out, true)) {}

template <class T>
void LinearPasses<T>::apply(const AtomGroups& atoms) const {
  for (const auto& [map, in, out, adds] : all()) {
    const Matrices<T> matrices{map->weights_.data(), map->n_matrices_, map->n_in_, map->n_out_};
    multiply_rows(*map->context_, atoms, matrices, in, out, adds);
  }
}

template <class T>
void LinearPasses<T>::apply_transposed(const AtomGroups& atoms) const {
  for (const auto& [map, in, out, adds] : all()) {
    const Matrices<T> matrices{map->transposed_.data(), map->n_matrices_, map->n_out_, map->n_in_};
    multiply_rows(*map->context_, atoms, matrices, in, out, adds);
  }
}

template class Linear<float>;
template class Linear<double>;
template class LinearPasses<float>;
template class LinearPasses<double>;

}  // namespace mofkernel::cpu::mace
