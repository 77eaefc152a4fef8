// From a specification to the potential of a batch: types, terms, charges, and the sum of its parts.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

struct BuiltPotential {
  std::unique_ptr<Potential> potential;
  std::vector<std::string> warnings;
};

/// Throws KernelError(bad_structure) when structures that share a topology do not have the same atoms and periodic
/// axes, (bad_request) when charges should be given and are not.
void check_batch(std::span<const Structure> structures, const PotentialSpec& spec);

/// [n_atoms] e as the specification wants them; empty: no electrostatics.
std::vector<double> charges_of(const Structure& structure, const electrostatics::Options& options);

/// The potential of `batch`, which was made of `structures`.
///   model  the structure whose types, bonds and charges hold for all when the topology is shared
///   first  index of the first structure in the batch that the user sees; warnings name structures by it
/// Throws KernelError(atom_typing | bad_structure | unsupported).
BuiltPotential make_potential(const Context& context, const Batch& batch, std::span<const Structure> structures,
                              const Structure& model, const PotentialSpec& spec, Precision precision,
                              std::size_t first = 0);

}  // namespace mofkernel::MOFK_NS
