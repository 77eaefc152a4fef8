#include "potentials/mace/mace_readout.hpp"

#include "potentials/mace/layer_passes.hpp"
#include "potentials/mace/mace_activation.hpp"

namespace mofkernel::MOFK_NS::mace {
namespace {

using mofkernel::mace::ReadoutKind;

/// The hidden units of one head: y = f(first) M + b when there is a second layer, then eps = f(y) . last + b'.
template <class T>
struct HiddenUnits {
  int n;
  ScaledActivation<T> activation;
  const T* middle;    ///< [n][n], null: one hidden layer
  const T* bias_mid;  ///< [n]
  const T* last;      ///< [n]
  double bias_last;

  explicit HiddenUnits(const PreparedReadout<T>& readout)
      : n(readout.n_hidden),
        activation(readout.activation),
        middle(readout.kind == ReadoutKind::nonlinear_bias ? readout.middle.data() : nullptr),
        bias_mid(readout.bias_mid.data()),
        last(readout.last.data()),
        bias_last(readout.bias_last) {}

  MOFK_HD double forward(const T* first, T* second) const {
    if (middle != nullptr) {
      for (int j = 0; j < n; ++j) second[j] = bias_mid[j];
      for (int i = 0; i < n; ++i) {
        const T value = activation.value(first[i]);
        for (int j = 0; j < n; ++j) second[j] += value * middle[i * n + j];
      }
    }
    const T* const y = middle != nullptr ? second : first;
    double energy = bias_last;
    for (int j = 0; j < n; ++j) energy += static_cast<double>(activation.value(y[j])) * static_cast<double>(last[j]);
    return energy;
  }

  /// Both become their gradients.
  MOFK_HD void adjoint(T* first, T* second) const {
    T* const y = middle != nullptr ? second : first;
    for (int j = 0; j < n; ++j) y[j] = last[j] * activation.derivative(y[j]);
    if (middle == nullptr) return;
    for (int i = 0; i < n; ++i) {
      T sum = 0;
      for (int j = 0; j < n; ++j) sum += middle[i * n + j] * second[j];
      first[i] = sum * activation.derivative(first[i]);
    }
  }
};

template <class T>
void add_linear(const Scene<T>& scene, const PreparedReadout<T>& readout, const T* h, int row_stride,
                double* energies) {
  const T* const weights = readout.first_weights.data();
  const int n_channels = readout.first.n_in();
  parallel_for_teams<32>(
      *scene.context, scene.atoms->n_atoms,
      MOFK_LAMBDA(int i, auto team) {
        const T* const mine = h + static_cast<std::ptrdiff_t>(i) * row_stride;
        double sum = 0;
        for (int k = team.lane; k < n_channels; k += team.kLanes)
          sum += static_cast<double>(mine[k]) * static_cast<double>(weights[k]);
        sum = team.sum(sum);
        if (team.lane == 0) energies[i] += sum;
      },
      kAtomGrain);
}

template <class T>
void add_linear_gradient(const Scene<T>& scene, const PreparedReadout<T>& readout, int row_stride, T* grad_h) {
  const T* const weights = readout.first_weights.data();
  for_each_channel(
      *scene.context, scene.atoms->n_atoms, readout.first.n_in(),
      MOFK_LAMBDA(int i, int k) { grad_h[static_cast<std::ptrdiff_t>(i) * row_stride + k] += weights[k]; });
}

std::size_t hidden_size(ReadoutKind kind, ReadoutKind least, int n_hidden, int n_atoms) {
  return kind < least ? 0 : static_cast<std::size_t>(n_hidden) * static_cast<std::size_t>(n_atoms);
}

}  // namespace

template <class T>
ReadoutBuffers<T>::ReadoutBuffers(const Context& context, const PreparedReadout<T>& readout, int n_atoms)
    : first(context, hidden_size(readout.kind, ReadoutKind::nonlinear, readout.n_hidden, n_atoms)),
      second(context, hidden_size(readout.kind, ReadoutKind::nonlinear_bias, readout.n_hidden, n_atoms)) {}

template <class T>
void readout_forward(const Scene<T>& scene, const PreparedReadout<T>& readout, const T* h, int row_stride,
                     ReadoutBuffers<T>& mine, double* energies) {
  if (readout.kind == ReadoutKind::linear) return add_linear(scene, readout, h, row_stride, energies);
  const int n = readout.n_hidden;
  readout.first.apply(*scene.atoms, {h, row_stride, row_stride, 1}, {mine.first.data(), n, n, 1}, false);
  const HiddenUnits<T> units(readout);
  T* const first = mine.first.data();
  T* const second = mine.second.data();
  parallel_for(
      *scene.context, scene.atoms->n_atoms,
      MOFK_LAMBDA(int i) { energies[i] += units.forward(first + i * n, second + i * n); }, kAtomGrain);
}

template <class T>
void readout_adjoint(const Scene<T>& scene, const PreparedReadout<T>& readout, ReadoutBuffers<T>& mine, int row_stride,
                     T* grad_h) {
  if (readout.kind == ReadoutKind::linear) return add_linear_gradient(scene, readout, row_stride, grad_h);
  const int n = readout.n_hidden;
  const HiddenUnits<T> units(readout);
  T* const first = mine.first.data();
  T* const second = mine.second.data();
  parallel_for(
      *scene.context, scene.atoms->n_atoms, MOFK_LAMBDA(int i) { units.adjoint(first + i * n, second + i * n); },
      kAtomGrain);
  readout.first.apply_transposed(*scene.atoms, {first, n, n, 1}, {grad_h, row_stride, row_stride, 1}, true);
}

template struct ReadoutBuffers<float>;
template struct ReadoutBuffers<double>;
template void readout_forward(const Scene<float>&, const PreparedReadout<float>&, const float*, int,
                              ReadoutBuffers<float>&, double*);
template void readout_forward(const Scene<double>&, const PreparedReadout<double>&, const double*, int,
                              ReadoutBuffers<double>&, double*);
template void readout_adjoint(const Scene<float>&, const PreparedReadout<float>&, ReadoutBuffers<float>&, int, float*);
template void readout_adjoint(const Scene<double>&, const PreparedReadout<double>&, ReadoutBuffers<double>&, int,
                              double*);

}  // namespace mofkernel::MOFK_NS::mace
