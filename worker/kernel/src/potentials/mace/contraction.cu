// The symmetric contraction on a GPU: a warp takes 32 channels of a few atoms of one element. Every thread keeps what
// belongs to its channel in its own column of the shared memory, so no thread waits for another.
#include "potentials/mace/contraction.hpp"
#include "potentials/mace/contraction_setup.hpp"

namespace mofkernel::cuda::mace {

namespace {

using mofkernel::mace::ContractionHead;
using mofkernel::mace::ContractionTerm;
using mofkernel::mace::ContractionView;

constexpr int kLanes = 32;

/// Atoms that share the loads of the coefficients; 48 KiB hold what the adjoint needs for them.
template <class T>
constexpr int kAtomsAtOnce = static_cast<int>(16 / sizeof(T));

/// Coefficients that are on their way from memory together.
constexpr int kStaged = 16;

template <class T>
struct Arrays {
  ContractionView program;
  const T* coefficients;  ///< [n_groups][blocks of channels][n_coefficients][32]
  const T* x;
  const T* grad_b;
  T* out;
  const int* order;
  const int* starts;
  int n_channels;
};

/// A number for each of the atoms: one wide load.
template <class T>
struct alignas(16) OfAtoms {
  T of[kAtomsAtOnce<T>];
};

/// A thread's column of the shared memory.
template <class T>
struct Column {
  OfAtoms<T>* first;
  __device__ OfAtoms<T>& operator()(int row) const { return first[row * kLanes]; }
  __device__ Column behind(int n_rows) const { return {first + n_rows * kLanes}; }
};

/// The coefficients of a thread's channel, one after another.
template <class T>
class Coefficients {
 public:
  __device__ Coefficients(const T* first, int n, T* staged) : from_(first), n_left_(n), staged_(staged) {}

  __device__ T next() {
    if (place_ == kStaged) fetch();
    return staged_[place_++ * kLanes];
  }

 private:
  __device__ void fetch() {
    T values[kStaged];
#pragma unroll
    for (int k = 0; k < kStaged; ++k) values[k] = k < n_left_ ? from_[k * kLanes] : T(0);
#pragma unroll
    for (int k = 0; k < kStaged; ++k) staged_[k * kLanes] = values[k];
    from_ += kStaged * kLanes;
    n_left_ -= kStaged;
    place_ = 0;
  }

  const T* from_;
  int n_left_;
  T* staged_;
  int place_ = kStaged;
};

/// Rows in the shared memory of a block, each of one number for each atom and lane.
template <class T>
std::size_t shared_bytes(int n_rows) {
  return static_cast<std::size_t>(n_rows * kAtomsAtOnce<T> + kStaged) * kLanes * sizeof(T);
}

/// What a thread works on: a channel of up to kAtomsAtOnce atoms.
template <class T>
struct Share {
  int n_atoms;
  bool is_channel;
  int channel;
  const T* coefficients;
  std::int64_t atoms[kAtomsAtOnce<T>];
};

/// Block (x, y, z): atoms of the group, channels, group. No atoms: the group has fewer than others.
template <class T>
__device__ Share<T> share_of(const Arrays<T>& arrays) {
  const int group = blockIdx.z;
  const int first = arrays.starts[group] + static_cast<int>(blockIdx.x) * kAtomsAtOnce<T>;
  Share<T> share;
  share.n_atoms = min(arrays.starts[group + 1] - first, kAtomsAtOnce<T>);
  share.channel = static_cast<int>(blockIdx.y * kLanes + threadIdx.x);
  share.is_channel = share.channel < arrays.n_channels;
  const std::int64_t block = static_cast<std::int64_t>(group) * gridDim.y + blockIdx.y;
  share.coefficients = arrays.coefficients + block * arrays.program.n_coefficients * kLanes + threadIdx.x;
#pragma unroll
  for (int i = 0; i < kAtomsAtOnce<T>; ++i) share.atoms[i] = i < share.n_atoms ? arrays.order[first + i] : 0;
  return share;
}

template <class T>
__device__ void load(const Arrays<T>& arrays, const Share<T>& share, const T* from, int n_rows, Column<T> to) {
  for (int row = 0; row < n_rows; ++row) {
    OfAtoms<T> numbers;
#pragma unroll
    for (int i = 0; i < kAtomsAtOnce<T>; ++i) {
      const bool is_there = i < share.n_atoms && share.is_channel;
      numbers.of[i] = is_there ? from[(share.atoms[i] * n_rows + row) * arrays.n_channels + share.channel] : T(0);
    }
    to(row) = numbers;
  }
}

template <class T>
__device__ void store(const Arrays<T>& arrays, const Share<T>& share, Column<T> from, int n_rows) {
  for (int row = 0; row < n_rows; ++row) {
    const OfAtoms<T> numbers = from(row);
#pragma unroll
    for (int i = 0; i < kAtomsAtOnce<T>; ++i) {
      if (i < share.n_atoms && share.is_channel)
        arrays.out[(share.atoms[i] * n_rows + row) * arrays.n_channels + share.channel] = numbers.of[i];
    }
  }
}

template <class T>
__device__ void set_zero(Column<T> column, int n_rows) {
  for (int row = 0; row < n_rows; ++row) column(row) = {};
}

/// to += x * y for every atom.
template <class T>
__device__ void add_product(const OfAtoms<T>& x, const OfAtoms<T>& y, OfAtoms<T>& to) {
  OfAtoms<T> sum = to;
#pragma unroll
  for (int i = 0; i < kAtomsAtOnce<T>; ++i) sum.of[i] += x.of[i] * y.of[i];
  to = sum;
}

/// to += c * x for every atom.
template <class T>
__device__ void add_multiple(T c, const OfAtoms<T>& x, OfAtoms<T>& to) {
  OfAtoms<T> sum = to;
#pragma unroll
  for (int i = 0; i < kAtomsAtOnce<T>; ++i) sum.of[i] += c * x.of[i];
  to = sum;
}

template <class T>
__device__ OfAtoms<T> all(T value) {
  OfAtoms<T> result;
#pragma unroll
  for (int i = 0; i < kAtomsAtOnce<T>; ++i) result.of[i] = value;
  return result;
}

/// Product of the head's factors, but for factor `left_out`.
template <class T>
__device__ OfAtoms<T> product_of(const ContractionHead& head, Column<T> x, int left_out) {
  OfAtoms<T> product = all(T(1));
  for (int f = 0; f < head.degree; ++f) {
    if (f == left_out) continue;
    const OfAtoms<T> factor = x(head.factors[f]);
#pragma unroll
    for (int i = 0; i < kAtomsAtOnce<T>; ++i) product.of[i] *= factor.of[i];
  }
  return product;
}

template <class T>
__device__ Column<T> shared_column() {
  return {dynamic_shared<OfAtoms<T>>() + threadIdx.x};
}

/// Behind the rows of the columns: where the coefficients are staged.
template <class T>
__device__ T* shared_coefficients(int n_rows) {
  return reinterpret_cast<T*>(dynamic_shared<OfAtoms<T>>() + n_rows * kLanes) + threadIdx.x;
}

template <class T>
__global__ void __launch_bounds__(kLanes) value_kernel(Arrays<T> arrays) {
  const ContractionView& program = arrays.program;
  const Share<T> share = share_of(arrays);
  if (share.n_atoms <= 0) return;
  const Column<T> x = shared_column<T>();
  const Column<T> b = x.behind(program.n_harmonics);
  Coefficients<T> coefficients(share.coefficients, program.n_coefficients,
                               shared_coefficients<T>(program.n_harmonics + program.n_outputs));
  load(arrays, share, arrays.x, program.n_harmonics, x);
  set_zero(b, program.n_outputs);
  int head = -1;
  int leaf = 0;
  OfAtoms<T> product = all(T(1));
  for (int t = 0; t < program.n_terms; ++t) {
    const ContractionTerm term = program.terms[t];
    if (term.head != head) {
      head = term.head;
      product = product_of(program.heads[head], x, -1);
    }
    OfAtoms<T> sum = all(term.has_constant ? coefficients.next() : T(0));
    for (; leaf < term.end_leaf; ++leaf) add_multiple(coefficients.next(), x(program.leaves[leaf]), sum);
    add_product(product, sum, b(term.output));
  }
  store(arrays, share, b, program.n_outputs);
}

/// grad_x += the gradient of the head, times dE/d(head).
template <class T>
__device__ void add_head_gradient(const ContractionHead& head, Column<T> x, const OfAtoms<T>& grad_head,
                                  Column<T> grad_x) {
  for (int f = 0; f < head.degree; ++f) add_product(grad_head, product_of(head, x, f), grad_x(head.factors[f]));
}

template <class T>
__global__ void __launch_bounds__(kLanes) adjoint_kernel(Arrays<T> arrays) {
  const ContractionView& program = arrays.program;
  const Share<T> share = share_of(arrays);
  if (share.n_atoms <= 0) return;
  const Column<T> x = shared_column<T>();
  const Column<T> grad_b = x.behind(program.n_harmonics);
  const Column<T> grad_x = grad_b.behind(program.n_outputs);
  Coefficients<T> coefficients(share.coefficients, program.n_coefficients,
                               shared_coefficients<T>(2 * program.n_harmonics + program.n_outputs));
  load(arrays, share, arrays.x, program.n_harmonics, x);
  load(arrays, share, arrays.grad_b, program.n_outputs, grad_b);
  set_zero(grad_x, program.n_harmonics);
  int head = -1;
  int leaf = 0;
  OfAtoms<T> product = all(T(0));
  OfAtoms<T> grad_head = all(T(0));
  for (int t = 0; t < program.n_terms; ++t) {
    const ContractionTerm term = program.terms[t];
    if (term.head != head) {
      if (head >= 0) add_head_gradient(program.heads[head], x, grad_head, grad_x);
      head = term.head;
      product = product_of(program.heads[head], x, -1);
      grad_head = all(T(0));
    }
    const OfAtoms<T> grad_output = grad_b(term.output);
    OfAtoms<T> sum = all(term.has_constant ? coefficients.next() : T(0));
    OfAtoms<T> grad_sum = all(T(0));
    add_product(grad_output, product, grad_sum);
    for (; leaf < term.end_leaf; ++leaf) {
      const T c = coefficients.next();
      const int a = program.leaves[leaf];
      add_multiple(c, x(a), sum);
      add_multiple(c, grad_sum, grad_x(a));
    }
    add_product(grad_output, sum, grad_head);
  }
  if (head >= 0) add_head_gradient(program.heads[head], x, grad_head, grad_x);
  store(arrays, share, grad_x, program.n_harmonics);
}

template <class T>
dim3 grid_of(const AtomGroups& atoms, int n_channels) {
  return {static_cast<unsigned>((atoms.largest_group() + kAtomsAtOnce<T> - 1) / kAtomsAtOnce<T>),
          static_cast<unsigned>(n_lane_blocks(n_channels, kLanes)), static_cast<unsigned>(atoms.n_groups())};
}

}  // namespace

template <class T>
void Contraction<T>::value(const AtomGroups& atoms, const T* x, T* b) const {
  if (atoms.n_atoms == 0) return;
  const Arrays<T> arrays{view(),     coefficients_.data(), x, nullptr, b, atoms.order.data(), atoms.starts.data(),
                         n_channels_};
  launch(*context_, {grid_of<T>(atoms, n_channels_), kLanes, shared_bytes<T>(n_harmonics_ + n_outputs_)},
         value_kernel<T>, arrays);
}

template <class T>
void Contraction<T>::adjoint(const AtomGroups& atoms, const T* x, const T* grad_b, T* grad_x) const {
  if (atoms.n_atoms == 0) return;
  const Arrays<T> arrays{view(),     coefficients_.data(), x, grad_b, grad_x, atoms.order.data(), atoms.starts.data(),
                         n_channels_};
  launch(*context_, {grid_of<T>(atoms, n_channels_), kLanes, shared_bytes<T>(2 * n_harmonics_ + n_outputs_)},
         adjoint_kernel<T>, arrays);
}

template class Contraction<float>;
template class Contraction<double>;

}  // namespace mofkernel::cuda::mace
