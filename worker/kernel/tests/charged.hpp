// Structures with charges for the tests of the electrostatics, and one evaluation of them.
#pragma once

#include <random>
#include <set>
#include <vector>

#include "check.hpp"
#include "device.hpp"
#include "potentials/electrostatics/electrostatics.hpp"
#include "synthetic.hpp"

namespace mofkernel::MOFK_NS::charged {

struct Case {
  Structure structure;
  uff4mof::Terms terms;
  std::vector<double> charges;
};

struct Result {
  double energy = 0;
  std::vector<double> forces, virial, energies_per_atom;
};

inline uff4mof::Terms no_exclusions(int n_atoms) {
  uff4mof::Terms terms;
  terms.n_atoms = n_atoms;
  return terms;
}

/// A triclinic cell thinner than the usual cutoffs; the charges do not add up to zero.
inline Case random_case(unsigned seed = 1) {
  synthetic::Case terms = synthetic::every_kind_of_term(seed);
  Case c{terms.structure, no_exclusions(terms.structure.n_atoms()), {}};
  c.terms.exclusions = terms.terms.exclusions;
  std::mt19937 random(seed + 7);
  std::uniform_real_distribution<double> charge(-1.0, 1.0);
  for (int i = 0; i < c.structure.n_atoms(); ++i) c.charges.push_back(charge(random));
  return c;
}

inline std::vector<Result> results_of(const Batch& batch, const DeviceEvaluation& out) {
  const auto first = batch.first_atom.to_host();
  const auto energies = out.energies.to_host();
  const auto forces = out.forces.to_host();
  const auto virials = out.virials.to_host();
  const auto each = out.energies_per_atom.to_host();
  std::vector<Result> results;
  for (std::size_t s = 0; s < energies.size(); ++s) {
    const auto slice = [&](const std::vector<double>& all, std::ptrdiff_t from, std::ptrdiff_t to) {
      return std::vector<double>(all.begin() + from, all.begin() + to);
    };
    const auto at = static_cast<std::ptrdiff_t>(s);
    results.push_back({energies[s], slice(forces, 3 * first[s], 3 * first[s + 1]), slice(virials, 9 * at, 9 * at + 9),
                       slice(each, first[s], first[s + 1])});
  }
  return results;
}

/// `per_atom` asks for energies per atom too, which the CPU calculates by other code (the plain twin of its tuned
/// loops).
inline std::vector<Result> evaluate_all(const Context& context, const std::vector<Case>& cases,
                                        const electrostatics::Options& options,
                                        Precision precision = Precision::float64, bool per_atom = true) {
  std::vector<Structure> structures;
  std::vector<uff4mof::Terms> terms;
  std::vector<double> charges;
  for (const Case& c : cases) {
    structures.push_back(c.structure);
    terms.push_back(c.terms);
    charges.insert(charges.end(), c.charges.begin(), c.charges.end());
  }
  const Batch batch = make_batch(context, structures);
  const auto potential = make_electrostatics(context, structures, terms, charges, options, precision);
  DeviceEvaluation out(context, batch, 1);
  evaluate_confirmed(*potential, batch, {.forces = true, .stress = true, .per_atom = per_atom}, out);
  return results_of(batch, out);
}

inline Result evaluate(const Context& context, const Case& c, const electrostatics::Options& options,
                       Precision precision = Precision::float64, bool per_atom = true) {
  return evaluate_all(context, {c}, options, precision, per_atom)[0];
}

}  // namespace mofkernel::MOFK_NS::charged
