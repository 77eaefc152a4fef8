#include "potentials/mace/mace_memory.hpp"

#include <algorithm>

#include "backend/threads.hpp"
#include "potentials/mace/convolution.hpp"
#include "potentials/mace/layer.hpp"

namespace mofkernel::MOFK_NS::mace {
namespace {

/// The list starts with room for so many, and has an eighth more than the fullest atom needs.
constexpr double kLeastPlaces = 64;
constexpr double kSparePlaces = 1.125;
/// Groups, energies, and what the layers' passes keep for each atom.
constexpr double kOtherBytesPerAtom = 200;

int threads_of_system() {
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

}  // namespace

double network_bytes_per_atom(const mofkernel::mace::Model& model) {
  double n_numbers = 0;
  double largest_convolution = 0;
  double largest_rest = 0;
  for (const mofkernel::mace::Layer& layer : model.layers) {
    const LayerShape shape(layer, model.l_max);
    const double u = static_cast<double>(shape.n_edge_rows()) * shape.n_edge_channels;
    const double x = static_cast<double>(shape.n_message_rows()) * shape.n_message_channels;
    const double h = static_cast<double>(shape.n_output_rows()) * shape.n_output_channels;
    const double q = static_cast<double>(shape.n_gate_rows()) * shape.n_message_channels;
    n_numbers += u + x + h + (layer.block == mofkernel::mace::Block::nonlinear ? 2 * q : 0);
    largest_convolution =
        std::max(largest_convolution, static_cast<double>(shape.n_convolution_rows) * shape.n_edge_channels);
    largest_rest =
        std::max(largest_rest, u + x + static_cast<double>(shape.n_output_rows()) * shape.n_message_channels);
  }
  for (const mofkernel::mace::Readout& readout : model.readouts) n_numbers += 2 * readout.n_hidden;
  return sizeof(double) * (n_numbers + largest_convolution + largest_rest) + kEdgeBytesPerAtom + kOtherBytesPerAtom;
}

double workspace_bytes(const mofkernel::mace::Model& model, double n_atoms, double n_edges) {
  double bytes = 0;
  for (const mofkernel::mace::Layer& layer : model.layers) {
    const mofkernel::mace::ConvolutionBytes of = Convolution<double>::predict_bytes(layer, threads_of_system());
    bytes += of.per_atom * n_atoms + std::min(of.per_edge * n_edges, of.most_for_edges);
  }
  return bytes;
}

double edge_bytes_per_atom(double n_neighbors) {
  return kEdgeBytesPerPlace<double> * std::max(kLeastPlaces, kSparePlaces * n_neighbors);
}

double edge_skin_A() { return kEdgeSkin_A; }

}  // namespace mofkernel::MOFK_NS::mace
