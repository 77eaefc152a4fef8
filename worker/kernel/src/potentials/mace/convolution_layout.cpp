#include "potentials/mace/convolution_layout.hpp"

#include <algorithm>

#include "errors.hpp"
#include "potentials/mace/couplings.hpp"

namespace mofkernel::mace {

namespace {

std::size_t n_couplings(const PathPlace& path) {
  return static_cast<std::size_t>((2 * path.l1 + 1) * (2 * path.l3 + 1) * (2 * path.l2 + 1));
}

}  // namespace

ConvolutionLayout::ConvolutionLayout(const Layer& layer, int l_max_)
    : l_max(l_max_), edge_l_max(layer.edge_l_max), n_channels(layer.n_edge_channels) {
  if (l_max > kMostDegree || edge_l_max > kMostEdgeDegree) {
    throw KernelError(ErrorCode::unsupported,
                      "this kernel has MACE models with harmonics up to l = 4 and features up to "
                      "l = 3; use a model with smaller ones");
  }
  std::vector<int> n_paths_into(static_cast<std::size_t>(l_max) + 1);
  for (const Path& path : layer.paths) {
    ++n_paths_into.at(static_cast<std::size_t>(path.l3));
    PathPlace place{path.l1, path.l2, path.l3, 0, 0, static_cast<int>(couplings.size())};
    couplings.resize(couplings.size() + n_couplings(place));
    double* const dense = couplings.data() + place.first_coupling;
    for (const CouplingEntry& entry : coupling_of(path))
      dense[(entry.m1 * (2 * path.l3 + 1) + entry.m3) * (2 * path.l2 + 1) + entry.m2] = entry.value;
    paths.push_back(place);
  }
  std::vector<int> next_row;
  for (int l = 0; l <= l_max; ++l) {
    next_row.push_back(n_rows);
    n_rows += (2 * l + 1) * n_paths_into[static_cast<std::size_t>(l)];
  }
  for (PathPlace& place : paths) {
    const auto l3 = static_cast<std::size_t>(place.l3);
    place.first_row = next_row[l3]++;
    place.row_stride = n_paths_into[l3];
  }
}

std::span<const double> ConvolutionLayout::couplings_of(const PathPlace& path) const {
  return std::span(couplings).subspan(static_cast<std::size_t>(path.first_coupling), n_couplings(path));
}

}  // namespace mofkernel::mace
