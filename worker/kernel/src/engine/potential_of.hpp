// From a specification to the potential of a batch: types, terms, charges, and the sum of its parts.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "potentials/mace/mace.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

/// What was found out about the structures of a batch before their potential is made: by typing and charge
/// equilibration, or that a model knows all their elements. Host only.
struct TypedBatch {
  std::vector<uff4mof::Terms> terms;         ///< [n_structures], or none for a potential without bonds
  std::vector<std::vector<double>> charges;  ///< [n_structures][n_atoms] e; the inner ones empty: no electrostatics
  MaceModel mace;                            ///< none: UFF4MOF
  std::vector<std::string> warnings;
};

/// The structure that is typed when one is typed for all.
inline const Structure& model_of(std::span<const Structure> structures, const PotentialSpec& spec) {
  return spec.topology ? *spec.topology : structures.front();
}

/// Throws KernelError(bad_structure) when structures that share a topology do not have the same atoms and periodic
/// axes, (bad_request) when charges should be given and are not.
void check_batch(std::span<const Structure> structures, const PotentialSpec& spec);

/// [n_atoms] e as the options want them; empty: no electrostatics. Throws KernelError(unsupported).
std::vector<double> charges_of(const Structure& structure, const electrostatics::Options& options);

/// Types every structure, or with a topology that is shared or given the model alone; MACE has no types.
///   model  model_of the batch that the user sees
///   first  index in that batch of the first of `structures`; warnings name structures by it
/// Throws KernelError(atom_typing | bad_structure | unsupported | file_error).
TypedBatch type_batch(std::span<const Structure> structures, const Structure& model, const PotentialSpec& spec,
                      std::size_t first = 0);

/// The potential of `batch`, which was made of `structures`. Throws KernelError(unsupported | out_of_memory).
///   models  those of `context`; they outlive the potential
std::unique_ptr<Potential> make_potential(const Context& context, mace::PreparedModels& models, const Batch& batch,
                                          std::span<const Structure> structures, const TypedBatch& typed,
                                          const PotentialSpec& spec, Precision precision);

/// The potential of some of the structures as a batch of their own.
std::unique_ptr<Potential> make_potential_of_some(const Context& context, mace::PreparedModels& models,
                                                  std::span<const Structure> structures, const TypedBatch& typed,
                                                  std::span<const int> some, const PotentialSpec& spec,
                                                  Precision precision);

}  // namespace mofkernel::MOFK_NS
