// Tables and launches of the plain loops.
#include "potentials/mace/convolution_plain.hpp"

#include <algorithm>

#include "potentials/mace/convolution_adjoint.hpp"
#include "potentials/mace/convolution_value.hpp"

namespace mofkernel::MOFK_NS::mace {

namespace {

using mofkernel::mace::PathPlace;

template <class T>
std::vector<T> rounded(std::span<const double> values) {
  std::vector<T> out(values.size());
  std::transform(values.begin(), values.end(), out.begin(), [](double x) { return static_cast<T>(x); });
  return out;
}

/// [n_pairs][n_rows][stride] of [n_pairs][n_rows][n_functions]
template <class T>
std::vector<T> with_stride(const mofkernel::mace::RadialTable& table, int stride) {
  const auto n_functions = static_cast<std::size_t>(table.n_functions);
  const std::size_t n_rows = table.values.size() / n_functions;
  std::vector<T> out(n_rows * static_cast<std::size_t>(stride));
  for (std::size_t row = 0; row < n_rows; ++row) {
    const double* const from = table.values.data() + row * n_functions;
    std::transform(from, from + n_functions, out.data() + row * static_cast<std::size_t>(stride),
                   [](double x) { return static_cast<T>(x); });
  }
  return out;
}

int rounded_up(int n, int to) { return (n + to - 1) / to * to; }

/// body(integral_constant of channels at once): as many as the rows are aligned for.
template <class T, class F>
void with_channels(int n_channels, F body) {
  if constexpr (kWideChannels<T> > 1) {
    if (n_channels % kWideChannels<T> == 0) return body(std::integral_constant<int, kWideChannels<T>>{});
  }
  body(std::integral_constant<int, 1>{});
}

}  // namespace

template <class T>
PlainConvolution<T>::PlainConvolution(const Context& context, const mofkernel::mace::Layer& layer, int l_max,
                                      const mofkernel::mace::RadialTable& table, std::span<const int> pair_of_elements,
                                      int n_elements)
    : context_(&context),
      l_max_(l_max),
      edge_l_max_(layer.edge_l_max),
      n_channels_(layer.n_edge_channels),
      n_rows_(0),
      n_elements_(n_elements),
      n_functions_(table.n_functions),
      table_stride_(rounded_up(table.n_functions, kWideChannels<T>)),
      n_coupled_value_(0),
      n_coupled_adjoint_(0),
      grid_(knot_grid_of<T>(table)),
      paths_(context),
      couplings_(context),
      table_(context),
      pair_of_elements_(context, pair_of_elements) {
  const mofkernel::mace::ConvolutionLayout layout(layer, l_max);
  n_rows_ = layout.n_rows;
  for (const PathPlace& path : layout.paths) {
    n_coupled_value_ = std::max(n_coupled_value_, coupled_places(path.l1, path.l3));
    n_coupled_adjoint_ = std::max(n_coupled_adjoint_, (2 * path.l1 + 1) * (2 * path.l3 + 1));
  }
  paths_.upload(layout.paths);
  couplings_.upload(rounded<T>(layout.couplings));
  table_.upload(with_stride<T>(table, table_stride_));
}

template <class T>
ConvolutionView<T> PlainConvolution<T>::view(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom,
                                             const T* u, const int* sender_row) const {
  return {n_atoms,
          l_max_,
          edge_l_max_,
          n_channels_,
          n_rows_,
          static_cast<int>(paths_.size()),
          n_elements_,
          n_functions_,
          table_stride_,
          paths_.data(),
          couplings_.data(),
          grid_,
          table_.data(),
          pair_of_elements_.data(),
          edges,
          element_of_atom,
          u,
          sender_row};
}

template <class T>
void PlainConvolution<T>::value(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u,
                                const int* sender_row, T* a, T* density) const {
  const ConvolutionView<T> w = view(edges, n_atoms, element_of_atom, u, sender_row);
  with_channels<T>(n_channels_, [&](auto at_once) {
    using Body = ConvolutionValue<T, at_once>;
    const Body body{w, a, density, n_coupled_value_};
    parallel_for_blocks(*context_, body.n_blocks(), Body::n_threads(n_channels_), Body::shared_bytes(n_coupled_value_),
                        body);
  });
}

template <class T>
void PlainConvolution<T>::adjoint(const EdgeView<T>& edges, int n_atoms, const int* element_of_atom, const T* u,
                                  const int* sender_row, const T* grad_a, const T* grad_density, T* grad_u,
                                  T* gradients) const {
  const ConvolutionView<T> w = view(edges, n_atoms, element_of_atom, u, sender_row);
  with_channels<T>(n_channels_, [&](auto at_once) {
    using Body = ConvolutionAdjoint<T, at_once>;
    const AdjointPlan plan = Body::make_plan(w, n_coupled_adjoint_, grad_u != nullptr);
    parallel_for_blocks(*context_, n_atoms, plan.n_lanes * plan.n_teams, plan.shared_bytes,
                        Body{w, grad_a, grad_density, grad_u, gradients, plan});
  });
}

template class PlainConvolution<float>;
template class PlainConvolution<double>;

}  // namespace mofkernel::MOFK_NS::mace
