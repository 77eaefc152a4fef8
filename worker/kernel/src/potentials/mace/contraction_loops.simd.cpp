// The symmetric contraction of a pack of channels for several atoms at once, so that every coefficient is loaded once
// for all of them.
#include "backend/simd.hpp"
#include "potentials/mace/contraction_kernels.hpp"

namespace mofkernel::cpu::MOFK_SIMD_NS {

namespace {

using mofkernel::mace::ContractionHead;
using mofkernel::mace::ContractionTerm;
using mofkernel::mace::ContractionView;
using mofkernel::mace::kMostHarmonics;
using mofkernel::mace::kMostOutputs;

template <class T>
inline PackOf<T> load_some(const T* from, int n_lanes) {
  if (n_lanes == kLanesOf<T>) return load(from);
  T lanes[kLanesOf<T>] = {};
  for (int k = 0; k < n_lanes; ++k) lanes[k] = from[k];
  return load<T>(lanes);
}

template <class T>
inline void store_some(T* to, PackOf<T> value, int n_lanes) {
  if (n_lanes == kLanesOf<T>) return store(to, value);
  T lanes[kLanesOf<T>];
  store(lanes, value);
  for (int k = 0; k < n_lanes; ++k) to[k] = lanes[k];
}

/// One number for each of n atoms.
template <class T, int n>
struct Atoms {
  PackOf<T> of[n];
};

template <class T, int n>
inline Atoms<T, n> product_of(const ContractionHead& head, const Atoms<T, n>* x) {
  Atoms<T, n> product;
  for (int i = 0; i < n; ++i) product.of[i] = broadcast(T(1));
  if (head.degree > 0) product = x[head.factors[0]];
  for (int f = 1; f < head.degree; ++f) {
    for (int i = 0; i < n; ++i) product.of[i] = product.of[i] * x[head.factors[f]].of[i];
  }
  return product;
}

template <class T, int n>
inline void load_rows_of(const T* const* atoms, int n_rows, const ContractionWork<T>& work, Atoms<T, n>* rows) {
  for (int i = 0; i < n; ++i) {
    for (int a = 0; a < n_rows; ++a)
      rows[a].of[i] = load_some(atoms[i] + static_cast<long>(a) * work.row_stride, work.n_lanes);
  }
}

template <class T, int n>
inline void store_rows_of(T* const* atoms, int n_rows, const ContractionWork<T>& work, const Atoms<T, n>* rows) {
  for (int i = 0; i < n; ++i) {
    for (int a = 0; a < n_rows; ++a)
      store_some(atoms[i] + static_cast<long>(a) * work.row_stride, rows[a].of[i], work.n_lanes);
  }
}

template <class T, int n>
void value_of(const ContractionWork<T>& work, int first_atom) {
  const ContractionView& program = work.program;
  Atoms<T, n> x[kMostHarmonics];
  Atoms<T, n> b[kMostOutputs];
  load_rows_of(work.x + first_atom, program.n_harmonics, work, x);
  for (int o = 0; o < program.n_outputs; ++o) b[o] = {};
  const T* coefficient = work.coefficients;
  const auto next = [&] {
    const PackOf<T> value = load(coefficient);
    coefficient += kLanesOf<T>;
    return value;
  };
  int t = 0;
  int leaf = 0;
  for (int h = 0; h < program.n_heads; ++h) {
    const ContractionHead& head = program.heads[h];
    const Atoms<T, n> product = product_of(head, x);
    for (; t < head.end_term; ++t) {
      const ContractionTerm& term = program.terms[t];
      const PackOf<T> constant = term.has_constant ? next() : PackOf<T>{};
      Atoms<T, n> sum;
      for (int i = 0; i < n; ++i) sum.of[i] = constant;
      for (; leaf < term.end_leaf; ++leaf) {
        const PackOf<T> c = next();
        const Atoms<T, n>& harmonic = x[program.leaves[leaf]];
        for (int i = 0; i < n; ++i) sum.of[i] = sum.of[i] + c * harmonic.of[i];
      }
      Atoms<T, n>& output = b[term.output];
      for (int i = 0; i < n; ++i) output.of[i] = output.of[i] + product.of[i] * sum.of[i];
    }
  }
  store_rows_of(work.out + first_atom, program.n_outputs, work, b);
}

/// grad_x += the gradient of the head, times dE/d(head).
template <class T, int n>
inline void add_head_gradient(const ContractionHead& head, const Atoms<T, n>* x, const Atoms<T, n>& grad_head,
                              Atoms<T, n>* grad_x) {
  for (int f = 0; f < head.degree; ++f) {
    Atoms<T, n> part = grad_head;
    for (int other = 0; other < head.degree; ++other) {
      if (other == f) continue;
      for (int i = 0; i < n; ++i) part.of[i] = part.of[i] * x[head.factors[other]].of[i];
    }
    Atoms<T, n>& gradient = grad_x[head.factors[f]];
    for (int i = 0; i < n; ++i) gradient.of[i] = gradient.of[i] + part.of[i];
  }
}

template <class T, int n>
void adjoint_of(const ContractionWork<T>& work, int first_atom) {
  const ContractionView& program = work.program;
  Atoms<T, n> x[kMostHarmonics];
  Atoms<T, n> grad_b[kMostOutputs];
  Atoms<T, n> grad_x[kMostHarmonics];
  load_rows_of(work.x + first_atom, program.n_harmonics, work, x);
  load_rows_of(work.grad_b + first_atom, program.n_outputs, work, grad_b);
  for (int a = 0; a < program.n_harmonics; ++a) grad_x[a] = {};
  const T* coefficient = work.coefficients;
  const auto next = [&] {
    const PackOf<T> value = load(coefficient);
    coefficient += kLanesOf<T>;
    return value;
  };
  int t = 0;
  int leaf = 0;
  for (int h = 0; h < program.n_heads; ++h) {
    const ContractionHead& head = program.heads[h];
    const Atoms<T, n> product = product_of(head, x);
    Atoms<T, n> grad_head = {};
    for (; t < head.end_term; ++t) {
      const ContractionTerm& term = program.terms[t];
      const Atoms<T, n>& grad = grad_b[term.output];
      const PackOf<T> constant = term.has_constant ? next() : PackOf<T>{};
      Atoms<T, n> sum;
      Atoms<T, n> grad_sum;
      for (int i = 0; i < n; ++i) {
        sum.of[i] = constant;
        grad_sum.of[i] = grad.of[i] * product.of[i];
      }
      for (; leaf < term.end_leaf; ++leaf) {
        const PackOf<T> c = next();
        const int a = program.leaves[leaf];
        for (int i = 0; i < n; ++i) {
          sum.of[i] = sum.of[i] + c * x[a].of[i];
          grad_x[a].of[i] = grad_x[a].of[i] + c * grad_sum.of[i];
        }
      }
      for (int i = 0; i < n; ++i) grad_head.of[i] = grad_head.of[i] + grad.of[i] * sum.of[i];
    }
    add_head_gradient(head, x, grad_head, grad_x);
  }
  store_rows_of(work.out + first_atom, program.n_harmonics, work, grad_x);
}

/// Atoms that share the loads of the coefficients.
constexpr int kAtomsAtOnce = 4;

template <class T>
void value(const ContractionWork<T>& work) {
  int i = 0;
  for (; i + kAtomsAtOnce <= work.n_atoms; i += kAtomsAtOnce) value_of<T, kAtomsAtOnce>(work, i);
  for (; i < work.n_atoms; ++i) value_of<T, 1>(work, i);
}

template <class T>
void adjoint(const ContractionWork<T>& work) {
  int i = 0;
  for (; i + kAtomsAtOnce <= work.n_atoms; i += kAtomsAtOnce) adjoint_of<T, kAtomsAtOnce>(work, i);
  for (; i < work.n_atoms; ++i) adjoint_of<T, 1>(work, i);
}

}  // namespace

extern const ContractionKernels kContractionKernels{value<float>, value<double>, adjoint<float>, adjoint<double>};

}  // namespace mofkernel::cpu::MOFK_SIMD_NS
