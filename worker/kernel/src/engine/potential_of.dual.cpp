#include "engine/potential_of.hpp"

#include "potentials/electrostatics/electrostatics.hpp"

namespace mofkernel::MOFK_NS {
namespace {

using electrostatics::Charges;

void append_warnings(std::vector<std::string>& warnings, const std::vector<std::string>& more,
                     const std::string& prefix) {
  for (const std::string& warning : more) warnings.push_back(prefix + warning);
}

std::vector<uff4mof::Terms> assign_all(std::span<const Structure> structures, const Structure& model,
                                       const PotentialSpec& spec, std::size_t first,
                                       std::vector<std::string>& warnings) {
  if (spec.share_topology) {
    const uff4mof::Terms shared = uff4mof::assign_terms(model, spec.uff4mof);
    if (first == 0) append_warnings(warnings, shared.warnings, "");
    return std::vector<uff4mof::Terms>(structures.size(), shared);
  }
  std::vector<uff4mof::Terms> terms;
  for (std::size_t s = 0; s < structures.size(); ++s) {
    terms.push_back(uff4mof::assign_terms(structures[s], spec.uff4mof));
    const bool is_alone = first == 0 && structures.size() == 1;
    append_warnings(warnings, terms.back().warnings, is_alone ? "" : "structure " + std::to_string(first + s) + ": ");
  }
  return terms;
}

std::vector<double> charges_of_all(std::span<const Structure> structures, const Structure& model,
                                   const PotentialSpec& spec) {
  std::vector<double> charges;
  std::vector<double> shared;
  if (spec.share_topology) shared = charges_of(model, spec.electrostatics);
  for (const Structure& structure : structures) {
    const std::vector<double> mine = spec.share_topology ? shared : charges_of(structure, spec.electrostatics);
    charges.insert(charges.end(), mine.begin(), mine.end());
  }
  return charges;
}

}  // namespace

void check_batch(std::span<const Structure> structures, const PotentialSpec& spec) {
  if (structures.empty()) throw KernelError(ErrorCode::bad_request, "the batch has no structure");
  const Structure& model = structures.front();
  for (std::size_t s = 0; s < structures.size(); ++s) {
    const bool has_charges = structures[s].charges.size() == structures[s].positions.size();
    if (spec.electrostatics.charges == Charges::given && !has_charges) {
      throw KernelError(ErrorCode::bad_request,
                        "structure " + std::to_string(s) + " has no charges; give them, or use eqeq");
    }
    if (!spec.share_topology) continue;
    if (structures[s].atomic_numbers != model.atomic_numbers || structures[s].pbc != model.pbc) {
      throw KernelError(ErrorCode::bad_structure, "structure " + std::to_string(s) +
                                                      " does not have the atoms and periodic axes of " +
                                                      "structure 0, whose topology it should share");
    }
  }
}

std::vector<double> charges_of(const Structure& structure, const electrostatics::Options& options) {
  switch (options.charges) {
    case Charges::none:
      return {};
    case Charges::given:
      return structure.charges;
    case Charges::eqeq:
      throw KernelError(ErrorCode::unsupported, "charge equilibration is not there yet");
  }
  return {};
}

BuiltPotential make_potential(const Context& context, const Batch& batch, std::span<const Structure> structures,
                              const Structure& model, const PotentialSpec& spec, Precision precision,
                              std::size_t first) {
  BuiltPotential built;
  const std::vector<uff4mof::Terms> terms = assign_all(structures, model, spec, first, built.warnings);
  built.potential = make_uff4mof(context, terms, precision);
  if (spec.electrostatics.charges == Charges::none) return built;
  const std::vector<double> charges = charges_of_all(structures, model, spec);
  std::vector<std::unique_ptr<Potential>> potentials;
  potentials.push_back(std::move(built.potential));
  potentials.push_back(make_electrostatics(context, structures, terms, charges, spec.electrostatics, precision));
  built.potential = make_sum(context, batch, std::move(potentials));
  return built;
}

}  // namespace mofkernel::MOFK_NS
