// Linear maps of features on the device: the same matrix for all rows, or one for each element.
//
// Features lie as [n_atoms][rows][channels], the channel fastest; rows are the (l, m) of the features in the order a =
// l^2 + l + m.
#pragma once

#include <cstdint>
#include <span>

#include "backend/backend.hpp"
#include "potentials/mace/atom_groups.hpp"

namespace mofkernel::MOFK_NS::mace {

/// Rows (i, m): data + i * atom_stride + m * row_stride, for m in [0, n_rows).
template <class T>
struct FeatureRows {
  T* data = nullptr;
  std::int64_t atom_stride = 0;
  std::int64_t row_stride = 0;
  int n_rows = 1;
};

/// `weights` [n_matrices][n_in][n_out] with every factor folded in; n_matrices is 1, or the number of groups of the
/// atoms that it will be applied to, in their order. A row's result depends on neither the other rows nor the number of
/// threads. Memory: twice the weights, nothing for each atom.
template <class T>
class Linear {
 public:
  Linear(const Context& context, int n_matrices, int n_in, int n_out, std::span<const double> weights);

  [[nodiscard]] int n_in() const { return n_in_; }
  [[nodiscard]] int n_out() const { return n_out_; }

  /// out = in W, or out += in W. `in` and `out` may not overlap; both have the same n_rows.
  void apply(const AtomGroups& atoms, FeatureRows<const T> in, FeatureRows<T> out, bool adds) const;
  /// out = in W^T, or out += in W^T: `in` has n_out channels, `out` n_in.
  void apply_transposed(const AtomGroups& atoms, FeatureRows<const T> in, FeatureRows<T> out, bool adds) const;

 private:
  const Context* context_;
  int n_matrices_, n_in_, n_out_;
  Buffer<T> weights_;     // [n_matrices] as the backend wants them: panels on the CPU, rows on a GPU
  Buffer<T> transposed_;  // the same of the transposed matrices
};

}  // namespace mofkernel::MOFK_NS::mace
