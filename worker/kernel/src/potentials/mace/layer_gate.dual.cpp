// The non-linear block: q = A W / D + residual, x = gate(q) W'. Rows of q: the scalars, the gates of l = 1, 2 …, then
// the features with l > 0.
#include "potentials/mace/layer.hpp"
#include "potentials/mace/layer_passes.hpp"
#include "potentials/mace/mace_activation.hpp"

namespace mofkernel::MOFK_NS::mace {
namespace {

/// One channel of one atom on both sides of the gate.
template <class T>
struct GateRows {
  int l_max;
  int n_channels;
  ScaledActivation<T> scalars, gates;

  GateRows(const LayerShape& shape, const PreparedGate<T>& gate)
      : l_max(shape.l_max), n_channels(shape.n_message_channels), scalars(gate.scalars), gates(gate.gates) {}

  [[nodiscard]] MOFK_HD std::ptrdiff_t before(int i, int k) const {
    return (static_cast<std::ptrdiff_t>(i) * ((l_max + 1) * (l_max + 1) + l_max)) * n_channels + k;
  }
  [[nodiscard]] MOFK_HD std::ptrdiff_t behind(int i, int k) const {
    return (static_cast<std::ptrdiff_t>(i) * ((l_max + 1) * (l_max + 1))) * n_channels + k;
  }

  /// out^0 = f(q^0), out^l = q^l g(gate of l).
  MOFK_HD void forward(const T* q, T* out) const {
    out[0] = scalars.value(q[0]);
    for (int l = 1; l <= l_max; ++l) {
      const T gate = gates.value(q[l * n_channels]);
      for (int row = l * l; row < (l + 1) * (l + 1); ++row)
        out[row * n_channels] = gate * q[(l_max + row) * n_channels];
    }
  }

  /// q becomes dE/dq.
  MOFK_HD void adjoint(const T* grad_out, T* q) const {
    q[0] = grad_out[0] * scalars.derivative(q[0]);
    for (int l = 1; l <= l_max; ++l) {
      const T gate = gates.value(q[l * n_channels]);
      T sum = 0;
      for (int row = l * l; row < (l + 1) * (l + 1); ++row) {
        T& feature = q[(l_max + row) * n_channels];
        sum += grad_out[row * n_channels] * feature;
        feature = gate * grad_out[row * n_channels];
      }
      q[l * n_channels] = sum * gates.derivative(q[l * n_channels]);
    }
  }
};

/// q = what came along the edges, and the residual: of the element in the first layer, of u later.
template <class T>
void add_residual(const Scene<T>& scene, const PreparedLayer<T>& layer, LayerBuffers<T>& mine) {
  const LayerShape& shape = layer.shape;
  mine.q.copy_from(mine.q_edges);
  if (layer.is_first) {
    add_rows_of_elements(*scene.context, scene.atoms->n_atoms, scene.atoms->group_of_atom.data(),
                         (1 + shape.l_max) * shape.n_message_channels,
                         static_cast<std::int64_t>(shape.n_gate_rows()) * shape.n_message_channels,
                         layer.gate->first_residual.data(), mine.q.data());
  }
  LinearPasses<T> residuals;
  for (int l = 0; l < static_cast<int>(layer.gate->residual.size()); ++l) {
    residuals.add(layer.gate->residual[static_cast<std::size_t>(l)],
                  rows_of<const T>(mine.u.data(), l, shape.n_edge_rows(), shape.n_edge_channels),
                  gate_rows_of(mine.q.data(), l, shape), true);
  }
  residuals.apply(*scene.atoms);
}

}  // namespace

template <class T>
void gate_forward(const Scene<T>& scene, const PreparedLayer<T>& layer, LayerBuffers<T>& mine, Scratch<T>& scratch) {
  const LayerShape& shape = layer.shape;
  const int n_atoms = scene.atoms->n_atoms;
  LinearPasses<T> before;
  for (int l = 0; l <= shape.l_max; ++l) {
    before.add(layer.linear[static_cast<std::size_t>(l)], path_rows_of<const T>(scratch.a.data(), l, shape),
               gate_rows_of(mine.q_edges.data(), l, shape), false);
  }
  before.apply(*scene.atoms);
  divide_by_density(*scene.context, n_atoms, shape.n_gate_rows() * shape.n_message_channels, layer.density_offset,
                    layer.density_factor, mine.density.data(), mine.q_edges.data());
  add_residual(scene, layer, mine);
  const GateRows<T> rows(shape, *layer.gate);
  const T* const q = mine.q.data();
  T* const out = scratch.message.data();
  for_each_channel(
      *scene.context, n_atoms, shape.n_message_channels,
      MOFK_LAMBDA(int i, int k) { rows.forward(q + rows.before(i, k), out + rows.behind(i, k)); });
  LinearPasses<T> after;
  for (int l = 0; l <= shape.l_max; ++l) {
    after.add(layer.gate->after[static_cast<std::size_t>(l)],
              rows_of<const T>(out, l, shape.n_message_rows(), shape.n_message_channels),
              rows_of(mine.x.data(), l, shape.n_message_rows(), shape.n_message_channels), false);
  }
  after.apply(*scene.atoms);
}

template <class T>
void gate_adjoint(const Scene<T>& scene, const PreparedLayer<T>& layer, LayerBuffers<T>& mine, Scratch<T>& scratch) {
  const LayerShape& shape = layer.shape;
  const int n_atoms = scene.atoms->n_atoms;
  T* const grad_out = mine.x.data();  // the contraction's adjoint was the last to read x
  LinearPasses<T> after;
  for (int l = 0; l <= shape.l_max; ++l) {
    after.add(layer.gate->after[static_cast<std::size_t>(l)],
              rows_of<const T>(scratch.message.data(), l, shape.n_message_rows(), shape.n_message_channels),
              rows_of(grad_out, l, shape.n_message_rows(), shape.n_message_channels), false);
  }
  after.apply_transposed(*scene.atoms);
  const GateRows<T> rows(shape, *layer.gate);
  T* const q = mine.q.data();
  for_each_channel(
      *scene.context, n_atoms, shape.n_message_channels,
      MOFK_LAMBDA(int i, int k) { rows.adjoint(grad_out + rows.behind(i, k), q + rows.before(i, k)); });
  LinearPasses<T> residuals;
  for (int l = 0; l < static_cast<int>(layer.gate->residual.size()); ++l) {
    residuals.add(layer.gate->residual[static_cast<std::size_t>(l)], gate_rows_of<const T>(q, l, shape),
                  rows_of(scratch.grad_u.data(), l, shape.n_edge_rows(), shape.n_edge_channels), true);
  }
  residuals.apply_transposed(*scene.atoms);
  divide_by_density_adjoint(*scene.context, n_atoms, shape.n_gate_rows() * shape.n_message_channels,
                            layer.density_offset, layer.density_factor, mine.density.data(), mine.q_edges.data(), q,
                            scratch.grad_density.data());
  LinearPasses<T> before;
  for (int l = 0; l <= shape.l_max; ++l) {
    before.add(layer.linear[static_cast<std::size_t>(l)], gate_rows_of<const T>(q, l, shape),
               path_rows_of(scratch.a.data(), l, shape), false);
  }
  before.apply_transposed(*scene.atoms);
}

template void gate_forward(const Scene<float>&, const PreparedLayer<float>&, LayerBuffers<float>&, Scratch<float>&);
template void gate_forward(const Scene<double>&, const PreparedLayer<double>&, LayerBuffers<double>&, Scratch<double>&);
template void gate_adjoint(const Scene<float>&, const PreparedLayer<float>&, LayerBuffers<float>&, Scratch<float>&);
template void gate_adjoint(const Scene<double>&, const PreparedLayer<double>&, LayerBuffers<double>&, Scratch<double>&);

}  // namespace mofkernel::MOFK_NS::mace
