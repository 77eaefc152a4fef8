#include "engine/memory.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "adsorption/blocks.hpp"
#include "adsorption/coulomb_field.hpp"
#include "adsorption/lowest_placements.hpp"
#include "adsorption/placement_plan.hpp"
#include "engine/device_engine.hpp"
#include "geometry/lattice.hpp"
#include "optimizers/relax.hpp"
#include "potentials/dispersion/dispersion.hpp"
#include "potentials/mace/mace_memory.hpp"
#include "potentials/mace/model_cache.hpp"

namespace mofkernel::MOFK_NS {
namespace {

// Together these bound what evaluations took of the heap on the CPU: seven built-in frameworks and a 4x4x4 supercell,
// 54 to 6784 atoms, with cutoffs of 8 and 12.5 A, with and without charges, took between 0.7 and 1 of the prediction
// (21 November 2026). GPUs have not been measured.

/// Atoms per A^3 where no cell tells it; diamond has 0.18, frameworks have 0.03 to 0.1.
constexpr double kDensestSolid_A3 = 0.18;
/// What the lists take beyond the cutoff, A.
constexpr double kLargestSkin_A = 1;
/// Neighbor index and packed shift, in the list and in what the pair loop reads.
constexpr double kBytesPerNeighbor = 11;
/// Edges, terms with their slots, exclusions.
constexpr double kTermBytesPerAtom = 4600;
/// The batch, its wrapped copy, results and sums.
constexpr double kBatchBytesPerAtom = 400;
constexpr double kBatchBytesPerStructure = 16'384;
/// Ewald sums: structure factors, phases, tables, and the list of their own.
constexpr double kEwaldBytesPerAtom = 5000;
constexpr double kEwaldBytesPerStructure = 450'000;
constexpr double kEwaldBytesPerNeighbor = 13;
/// Positions, velocities, forces, their copies at the start of a block, masses, random and thermostat state.
constexpr double kIntegratorBytesPerAtom = 400;

// The same for insertions, with every allocation counted at the peak: 9 to 1125 atoms of quartz with and without
// charges took between 0.56 and 0.94 of it. A GPU holds the framework and the placements; what grows with the run lies
// on the host.
constexpr double kBytesPerImage = kIsCuda ? 36 : 100;
constexpr double kSetupBytesPerEntry = kIsCuda ? 4 : 9;
constexpr double kBytesPerEntry = 4;
/// Of the potential: while it is set up, the CPU holds the last steps of its transform too.
constexpr double kSetupBytesPerGridValue = kIsCuda ? 8 : 24;
constexpr double kBytesPerGridValue = 8;
/// Energies, then for each site of the adsorbate its place, its block and its two energies.
constexpr double kBytesPerPlacement = 24;
constexpr double kBytesPerPlacedSite = kIsCuda ? 0 : 48;
/// Minimum and free energy in the run, its checkpoint and its result.
constexpr double kBytesPerGridPoint = kIsCuda ? 0 : 48;
constexpr double kBytesPerPart = kIsCuda ? 0 : 16;
constexpr double kBytesPerLowestPlacement = kIsCuda ? 0 : 96;

double density(const Structure& structure) {
  const bool is_periodic = structure.pbc[0] && structure.pbc[1] && structure.pbc[2];
  const double volume = is_periodic ? std::abs(determinant(structure.cell.front().data())) : 0;
  return volume > 0 ? structure.n_atoms() / volume : kDensestSolid_A3;
}

/// Of all atoms together.
double count_neighbors(const Structure& structure, double cutoff, double skin = kLargestSkin_A) {
  const double radius = cutoff + skin;
  const double in_sphere = density(structure) * 4 / 3 * std::numbers::pi * radius * radius * radius;
  const bool has_images = structure.pbc[0] || structure.pbc[1] || structure.pbc[2];
  const double n_neighbors = has_images ? in_sphere : std::min<double>(in_sphere, structure.n_atoms());
  return structure.n_atoms() * n_neighbors;
}

double mace_bytes(const Structure& structure, const mofkernel::mace::Model& model) {
  const double n_neighbors =
      count_neighbors(structure, model.r_max_A, mace::edge_skin_A()) / std::max(1, structure.n_atoms());
  const double n_edges = count_neighbors(structure, model.r_max_A, 0);
  return kBatchBytesPerStructure + mace::workspace_bytes(model, structure.n_atoms(), n_edges) +
         structure.n_atoms() *
             (kBatchBytesPerAtom + mace::network_bytes_per_atom(model) + mace::edge_bytes_per_atom(n_neighbors));
}

double uff4mof_bytes(const Structure& structure, const PotentialSpec& spec) {
  const double bytes = kBatchBytesPerStructure + structure.n_atoms() * (kTermBytesPerAtom + kBatchBytesPerAtom) +
                       kBytesPerNeighbor * count_neighbors(structure, spec.uff4mof.cutoff_A);
  if (spec.electrostatics.charges == electrostatics::Charges::none) return bytes;
  return bytes + kEwaldBytesPerStructure + structure.n_atoms() * kEwaldBytesPerAtom +
         kEwaldBytesPerNeighbor * count_neighbors(structure, spec.electrostatics.cutoff_A);
}

double evaluation_bytes(const Structure& structure, const PotentialSpec& spec) {
  const double bytes = spec.mace ? mace_bytes(structure, *mofkernel::mace::load_model(spec.mace->folder))
                                 : uff4mof_bytes(structure, spec);
  return spec.dispersion ? bytes + predict_dispersion_bytes(structure, *spec.dispersion) : bytes;
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

std::vector<std::size_t> predict_evaluation(std::span<const Structure> structures, const PotentialSpec& spec) {
  return for_each(structures, [&](const Structure& structure) { return evaluation_bytes(structure, spec); });
}

std::vector<std::size_t> predict_relaxation(std::span<const Structure> structures, const PotentialSpec& spec,
                                            const RelaxOptions& options) {
  return for_each(structures, [&](const Structure& structure) {
    return evaluation_bytes(structure, spec) +
           static_cast<double>(predict_relaxation_bytes(options, structure.n_atoms()));
  });
}

std::vector<std::size_t> predict_md(std::span<const Structure> structures, const PotentialSpec& spec) {
  return for_each(structures, [&](const Structure& structure) {
    return evaluation_bytes(structure, spec) + structure.n_atoms() * kIntegratorBytesPerAtom;
  });
}

InsertionMemory predict_insertions(const Structure& framework, bool has_charges,
                                   const electrostatics::Options& electrostatics, const InsertionOptions& options) {
  const adsorption::PlacementPlan plan = adsorption::plan_placements(framework, options);
  adsorption::CoulombFieldSize field;
  const std::vector<AdsorbateSite>& sites = options.adsorbate.sites;
  if (has_charges && std::any_of(sites.begin(), sites.end(), [](const auto& site) { return site.charge_e != 0; }))
    field = adsorption::predict_coulomb_field(framework, electrostatics);
  const adsorption::BlockCounts blocks =
      adsorption::predict_blocks(framework, std::max(field.cutoff_A, options.cutoff_A));
  const double setup = kBatchBytesPerStructure + kBytesPerImage * blocks.n_images +
                       kSetupBytesPerEntry * blocks.n_entries + kSetupBytesPerGridValue * field.n_grid_values;
  double run = kBatchBytesPerStructure + kBytesPerImage * blocks.n_images + kBytesPerEntry * blocks.n_entries +
               kBytesPerGridValue * field.n_grid_values + static_cast<double>(options.blocked.is_blocked.size());
  const auto n_placements = static_cast<double>(plan.n_placements);
  if (plan.is_grid) run += kBytesPerGridPoint * n_placements / static_cast<double>(plan.rotations.size());
  if (options.n_lowest > 0) {
    const double n_parts = adsorption::LowestPlacements::count_parts(framework);
    run += kBytesPerPart * n_parts + kBytesPerLowestPlacement * std::min(n_parts, n_placements);
  }
  const double per_placement = kBytesPerPlacement + static_cast<double>(sites.size()) * kBytesPerPlacedSite;
  return {static_cast<std::size_t>(setup), static_cast<std::size_t>(run), static_cast<std::size_t>(per_placement),
          std::min<std::int64_t>(plan.segment, plan.n_placements)};
}

}  // namespace mofkernel::MOFK_NS
