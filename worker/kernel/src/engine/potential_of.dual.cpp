#include "engine/potential_of.hpp"

#include <cmath>
#include <numeric>

#include "potentials/dispersion/dispersion.hpp"
#include "potentials/electrostatics/electrostatics.hpp"
#include "potentials/electrostatics/eqeq.hpp"

namespace mofkernel::MOFK_NS {
namespace {

using electrostatics::Charges;

/// Rounded charges of a file add up to less than this.
constexpr double kNeutral_e = 1e-2;

/// Types and charges of one structure; its warnings get `prefix`.
void type_one(TypedBatch& typed, const Structure& structure, const PotentialSpec& spec, const std::string& prefix) {
  typed.terms.push_back(uff4mof::assign_terms(structure, spec.uff4mof));
  for (const std::string& warning : typed.terms.back().warnings) typed.warnings.push_back(prefix + warning);
  typed.charges.push_back(charges_of(structure, spec.electrostatics));
  const double net = std::accumulate(typed.charges.back().begin(), typed.charges.back().end(), 0.0);
  if (std::abs(net) > kNeutral_e && spec.electrostatics.method == electrostatics::Method::ewald) {
    typed.warnings.push_back(prefix + "the charges add up to " + std::to_string(net) +
                             " e; a uniform background makes the cell neutral, and energies of cells with other "
                             "volumes cannot be compared");
  }
}

std::vector<double> concatenate(const std::vector<std::vector<double>>& charges) {
  std::vector<double> all;
  for (const std::vector<double>& mine : charges) all.insert(all.end(), mine.begin(), mine.end());
  return all;
}

}  // namespace

void check_batch(std::span<const Structure> structures, const PotentialSpec& spec) {
  if (structures.empty()) throw KernelError(ErrorCode::bad_request, "the batch has no structure");
  const Structure& model = model_of(structures, spec);
  for (std::size_t s = 0; s < structures.size(); ++s) {
    const bool has_charges = structures[s].charges.size() == structures[s].positions.size();
    if (spec.electrostatics.charges == Charges::given && !has_charges) {
      throw KernelError(ErrorCode::bad_request,
                        "structure " + std::to_string(s) + " has no charges; give them, or use eqeq");
    }
    if (!spec.share_topology && !spec.topology) continue;
    if (structures[s].atomic_numbers != model.atomic_numbers || structures[s].pbc != model.pbc) {
      throw KernelError(ErrorCode::bad_structure, "structure " + std::to_string(s) +
                                                      " does not have the atoms and periodic axes of the structure "
                                                      "whose topology it should share");
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
      return electrostatics::eqeq_charges(structure);
  }
  return {};
}

TypedBatch type_batch(std::span<const Structure> structures, const Structure& model, const PotentialSpec& spec,
                      std::size_t first) {
  TypedBatch typed;
  if (spec.mace) {
    typed.mace = choose_mace(*spec.mace, structures, first);
    return typed;
  }
  if (spec.share_topology || spec.topology) {
    type_one(typed, model, spec, "");
    if (first > 0) typed.warnings.clear();
    typed.terms.resize(structures.size(), typed.terms.front());
    typed.charges.resize(structures.size(), typed.charges.front());
    return typed;
  }
  const bool is_alone = first == 0 && structures.size() == 1;
  for (std::size_t s = 0; s < structures.size(); ++s)
    type_one(typed, structures[s], spec, is_alone ? "" : "structure " + std::to_string(first + s) + ": ");
  return typed;
}

std::unique_ptr<Potential> make_potential(const Context& context, mace::PreparedModels& models, const Batch& batch,
                                          std::span<const Structure> structures, const TypedBatch& typed,
                                          const PotentialSpec& spec, Precision precision) {
  std::vector<std::unique_ptr<Potential>> parts;
  if (spec.mace) {
    parts.push_back(make_mace(context, models, typed.mace, batch, structures, precision));
  } else {
    parts.push_back(make_uff4mof(context, typed.terms, precision));
    if (spec.electrostatics.charges != Charges::none) {
      parts.push_back(make_electrostatics(context, structures, typed.terms, concatenate(typed.charges),
                                          spec.electrostatics, precision));
    }
  }
  if (spec.dispersion) parts.push_back(make_dispersion(context, structures, *spec.dispersion, precision));
  return parts.size() == 1 ? std::move(parts.front()) : make_sum(context, batch, std::move(parts));
}

std::unique_ptr<Potential> make_potential_of_some(const Context& context, mace::PreparedModels& models,
                                                  std::span<const Structure> structures, const TypedBatch& typed,
                                                  std::span<const int> some, const PotentialSpec& spec,
                                                  Precision precision) {
  std::vector<Structure> chosen;
  TypedBatch of_chosen;
  of_chosen.mace = typed.mace;
  for (const int index : some) {
    const auto s = static_cast<std::size_t>(index);
    chosen.push_back(structures[s]);
    if (!typed.terms.empty()) of_chosen.terms.push_back(typed.terms[s]);
    if (!typed.charges.empty()) of_chosen.charges.push_back(typed.charges[s]);
  }
  return make_potential(context, models, make_batch(context, chosen), chosen, of_chosen, spec, precision);
}

}  // namespace mofkernel::MOFK_NS
