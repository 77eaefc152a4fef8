// Linear maps of features on the device: the same matrix for all rows, or one for each element.
//
// Features lie as [n_atoms][rows][channels], the channel fastest; rows are the (l, m) of the features in the order a =
// l^2 + l + m.
#pragma once

#include <array>
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

template <class T>
class Linear;

/// One map of several that are applied together.
template <class T>
struct LinearPass {
  const Linear<T>* map = nullptr;
  FeatureRows<const T> in;
  FeatureRows<T> out;
  bool adds = false;
};

/// Maps of which none writes what another reads or writes: in one launch on a GPU, one after another on the CPU.
template <class T>
class LinearPasses {
 public:
  /// Of one layer: a map for each degree of the message, or those of a product and its residual.
  static constexpr int kMost = 10;

  void add(const Linear<T>& map, FeatureRows<const T> in, FeatureRows<T> out, bool adds) {
    passes_.at(static_cast<std::size_t>(n_++)) = {&map, in, out, adds};
  }
  [[nodiscard]] std::span<const LinearPass<T>> all() const {
    return std::span(passes_).first(static_cast<std::size_t>(n_));
  }

  void apply(const AtomGroups& atoms) const;
  void apply_transposed(const AtomGroups& atoms) const;

 private:
  std::array<LinearPass<T>, kMost> passes_;
  int n_ = 0;
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
  void apply(const AtomGroups& atoms, FeatureRows<const T> in, FeatureRows<T> out, bool adds) const {
    LinearPasses<T> alone;
    alone.add(*this, in, out, adds);
    alone.apply(atoms);
  }
  /// out = in W^T, or out += in W^T: `in` has n_out channels, `out` n_in.
  void apply_transposed(const AtomGroups& atoms, FeatureRows<const T> in, FeatureRows<T> out, bool adds) const {
    LinearPasses<T> alone;
    alone.add(*this, in, out, adds);
    alone.apply_transposed(atoms);
  }

 private:
  friend class LinearPasses<T>;

  const Context* context_;
  int n_matrices_, n_in_, n_out_;
  Buffer<T> weights_;     // [n_matrices] as the backend wants them: panels on the CPU, rows on a GPU
  Buffer<T> transposed_;  // the same of the transposed matrices
};

}  // namespace mofkernel::MOFK_NS::mace
