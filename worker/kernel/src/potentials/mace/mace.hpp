// MACE as a Potential.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/engine.hpp"
#include "potentials/mace/prepared_models.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

/// What is evaluated: a head of a model, for some elements of it.
struct MaceModel {
  std::shared_ptr<const mofkernel::mace::Model> model;  ///< null: none
  int head = 0;
  /// Indices in the model, ascending. More than there are in a batch do no harm; radial tables are made for all of them
  /// together, so only batches with the same elements here give the same bits.
  std::vector<int> elements;
};

/// Of all elements of `structures`.
///   first  index of the first structure in the batch that the user sees; errors name structures by it
/// Throws KernelError(unsupported) for an element that the model does not know, (bad_request) for a head that it has
/// not, (file_error).
MaceModel choose_mace(const mofkernel::mace::Options& options, std::span<const Structure> structures,
                      std::size_t first = 0);

/// Puts the model onto the device where it is not yet, and says how many bytes it takes there.
std::size_t prepare_mace(const Context& context, mace::PreparedModels& prepared, const MaceModel& model,
                         Precision precision);

/// Components: isolated_atoms, interaction, and zbl where the model has that repulsion. float32 and mixed are the same:
/// the network in float, positions, edges and all sums over them in double. `structures` as in `batch`.
std::unique_ptr<Potential> make_mace(const Context& context, mace::PreparedModels& prepared, const MaceModel& model,
                                     const Batch& batch, std::span<const Structure> structures, Precision precision);

}  // namespace mofkernel::MOFK_NS
