#include "engine/memory.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/device_engine.hpp"
#include "geometry/lattice.hpp"
#include "optimizers/relax.hpp"

namespace mofkernel::MOFK_NS {
namespace {

/// Atoms per A^3 where no cell tells it; diamond has 0.18, frameworks have 0.03 to 0.1.
constexpr double kDensestSolid_A3 = 0.18;
/// What the lists take beyond the cutoff, A.
constexpr double kLargestSkin_A = 1;
/// Neighbor index and packed shift, in the list and in the rows that the pair loop reads.
constexpr double kBytesPerNeighbor = 16;
/// Edges, terms with their slots, exclusions; measured on the built-in frameworks: 600 to 1900.
constexpr double kTermBytesPerAtom = 2500;
/// The batch, its wrapped copy, results and sums.
constexpr double kBatchBytesPerAtom = 400;
constexpr double kBatchBytesPerStructure = 4096;
/// Structure factors and phases of an Ewald sum.
constexpr double kEwaldBytesPerAtom = 2000;
/// Positions, velocities, forces, their copies at the start of a block, masses, random and thermostat state.
constexpr double kIntegratorBytesPerAtom = 400;

double density(const Structure& structure) {
  const bool is_periodic = structure.pbc[0] && structure.pbc[1] && structure.pbc[2];
  const double volume = is_periodic ? std::abs(determinant(structure.cell.front().data())) : 0;
  return volume > 0 ? structure.n_atoms() / volume : kDensestSolid_A3;
}

double list_bytes(const Structure& structure, double cutoff) {
  const double radius = cutoff + kLargestSkin_A;
  return kBytesPerNeighbor * structure.n_atoms() * density(structure) * 4 / 3 * std::numbers::pi * radius * radius *
         radius;
}

double evaluation_bytes(const Structure& structure, const PotentialSpec& spec) {
  double bytes = kBatchBytesPerStructure + structure.n_atoms() * (kTermBytesPerAtom + kBatchBytesPerAtom) +
                 list_bytes(structure, spec.uff4mof.cutoff_A);
  if (spec.electrostatics.charges != electrostatics::Charges::none)
    bytes += structure.n_atoms() * kEwaldBytesPerAtom + list_bytes(structure, spec.electrostatics.cutoff_A);
  return bytes;
}

template <class Bytes>
std::vector<std::size_t> for_each(std::span<const Structure> structures, Bytes bytes) {
  std::vector<std::size_t> all;
  all.reserve(structures.size());
  for (const Structure& structure : structures) all.push_back(static_cast<std::size_t>(bytes(structure)));
  return all;
}

}  // namespace

std::size_t free_memory([[maybe_unused]] const Context& context) {
#ifdef __CUDACC__
  context.make_current();
  std::size_t free = 0;
  std::size_t total = 0;
  CUDA_TRY(cudaMemGetInfo(&free, &total));
  return free;
#else
  return free_host_memory();
#endif
}

std::vector<std::size_t> predict_evaluation(std::span<const Structure> structures, const PotentialSpec& spec,
                                            Precision /*precision*/) {
  return for_each(structures, [&](const Structure& structure) { return evaluation_bytes(structure, spec); });
}

std::vector<std::size_t> predict_relaxation(std::span<const Structure> structures, const PotentialSpec& spec,
                                            Precision /*precision*/, const RelaxOptions& options) {
  return for_each(structures, [&](const Structure& structure) {
    return evaluation_bytes(structure, spec) +
           static_cast<double>(predict_relaxation_bytes(options, structure.n_atoms()));
  });
}

std::vector<std::size_t> predict_md(std::span<const Structure> structures, const PotentialSpec& spec,
                                    Precision /*precision*/) {
  return for_each(structures, [&](const Structure& structure) {
    return evaluation_bytes(structure, spec) + structure.n_atoms() * kIntegratorBytesPerAtom;
  });
}

}  // namespace mofkernel::MOFK_NS
