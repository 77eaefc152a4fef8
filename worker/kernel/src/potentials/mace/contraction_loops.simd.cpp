// The symmetric contraction of a pack of channels for several atoms at once, so that every coefficient is loaded once
// for all of them.
#include "backend/simd.hpp"
#include "potentials/mace/contraction_kernels.hpp"

namespace mofkernel::cpu::MOFK_SIMD_NS {

namespace {

using mofkernel::mace::ContractionHead;
using mofkernel::mace::ContractionRun;
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

template <int n>
struct Number {
  static constexpr int value = n;
};

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

/// Reads one coefficient after another.
template <class T>
struct Coefficients {
  const T* from;
  PackOf<T> next() {
    const PackOf<T> value = load(from);
    from += kLanesOf<T>;
    return value;
  }
};

template <class T, int n>
inline Atoms<T, n>* products_of(const ContractionWork<T>& work, const Atoms<T, n>* x) {
  auto* const products = reinterpret_cast<Atoms<T, n>*>(work.scratch);
  for (int h = 0; h < work.program.n_heads; ++h) products[h] = product_of(work.program.heads[h], x);
  return products;
}

template <class T, int n>
void value_of(const ContractionWork<T>& work, int first_atom) {
  const ContractionView& program = work.program;
  Atoms<T, n> x[kMostHarmonics];
  Atoms<T, n> b[kMostOutputs];
  load_rows_of(work.x + first_atom, program.n_harmonics, work, x);
  for (int o = 0; o < program.n_outputs; ++o) b[o] = {};
  const Atoms<T, n>* const products = products_of(work, x);
  Coefficients<T> coefficients{work.coefficients};
  const int* leaf = program.leaves;
  int t = 0;
  for (int r = 0; r < program.n_runs; ++r) {
    const ContractionRun run = program.runs[r];
    Atoms<T, n> output = b[run.output];
    for (; t < run.end_term; ++t) {
      const PackOf<T> constant = run.has_constant ? coefficients.next() : PackOf<T>{};
      Atoms<T, n> sum;
      for (int i = 0; i < n; ++i) sum.of[i] = constant;
      for (int k = 0; k < run.n_leaves; ++k) {
        const PackOf<T> c = coefficients.next();
        const Atoms<T, n>& harmonic = x[*leaf++];
        for (int i = 0; i < n; ++i) sum.of[i] = sum.of[i] + c * harmonic.of[i];
      }
      const Atoms<T, n>& product = products[program.terms[t].head];
      for (int i = 0; i < n; ++i) output.of[i] = output.of[i] + product.of[i] * sum.of[i];
    }
    b[run.output] = output;
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
  Atoms<T, n>* const products = products_of(work, x);
  Atoms<T, n>* const grad_products = products + program.n_heads;
  for (int h = 0; h < program.n_heads; ++h) grad_products[h] = {};
  Coefficients<T> coefficients{work.coefficients};
  const int* leaf = program.leaves;
  int t = 0;
  for (int r = 0; r < program.n_runs; ++r) {
    const ContractionRun run = program.runs[r];
    const Atoms<T, n> grad = grad_b[run.output];
    for (; t < run.end_term; ++t) {
      const int head = program.terms[t].head;
      const PackOf<T> constant = run.has_constant ? coefficients.next() : PackOf<T>{};
      Atoms<T, n> sum;
      Atoms<T, n> grad_sum;
      for (int i = 0; i < n; ++i) {
        sum.of[i] = constant;
        grad_sum.of[i] = grad.of[i] * products[head].of[i];
      }
      for (int k = 0; k < run.n_leaves; ++k) {
        const PackOf<T> c = coefficients.next();
        const int a = *leaf++;
        for (int i = 0; i < n; ++i) {
          sum.of[i] = sum.of[i] + c * x[a].of[i];
          grad_x[a].of[i] = grad_x[a].of[i] + c * grad_sum.of[i];
        }
      }
      Atoms<T, n>& grad_product = grad_products[head];
      for (int i = 0; i < n; ++i) grad_product.of[i] = grad_product.of[i] + grad.of[i] * sum.of[i];
    }
  }
  for (int h = 0; h < program.n_heads; ++h) add_head_gradient(program.heads[h], x, grad_products[h], grad_x);
  store_rows_of(work.out + first_atom, program.n_harmonics, work, grad_x);
}

/// contract(first atom, number of atoms as a constant): as many at once as there are.
template <class Contract>
inline void in_parts(int n_atoms, Contract contract) {
  int i = 0;
  for (; i + kContractedAtOnce <= n_atoms; i += kContractedAtOnce) contract(i, Number<kContractedAtOnce>{});
  for (; i + 2 <= n_atoms; i += 2) contract(i, Number<2>{});
  for (; i < n_atoms; ++i) contract(i, Number<1>{});
}

template <class T>
void value(const ContractionWork<T>& work) {
  in_parts(work.n_atoms, [&](int first, auto n) { value_of<T, n.value>(work, first); });
}

template <class T>
void adjoint(const ContractionWork<T>& work) {
  in_parts(work.n_atoms, [&](int first, auto n) { adjoint_of<T, n.value>(work, first); });
}

}  // namespace

const ContractionKernels kContractionKernels{value<float>, value<double>, adjoint<float>, adjoint<double>};

}  // namespace mofkernel::cpu::MOFK_SIMD_NS
