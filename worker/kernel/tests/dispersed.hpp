// Evaluations of the dispersion for its tests, by make_dispersion or by its plain twin.
#pragma once

#include <vector>

#include "check.hpp"
#include "device.hpp"
#include "potentials/dispersion/dispersion.hpp"
#include "potentials/dispersion/plain_dispersion.hpp"

namespace mofkernel::MOFK_NS::dispersed {

using dispersion::Options;

enum class Code { product, plain };

struct Result {
  double energy = 0;
  std::vector<double> forces, virial, energies_per_atom;
};

inline std::unique_ptr<Potential> make(const Context& context, std::span<const Structure> structures,
                                       const Options& options, Precision precision, Code code) {
  if (code == Code::product) return make_dispersion(context, structures, options, precision);
  return make_plain_dispersion(context, dispersion::build_model(structures, options), precision);
}

inline std::vector<Result> evaluate_all(const Context& context, const std::vector<Structure>& structures,
                                        const Options& options, Precision precision = Precision::float64,
                                        Code code = Code::product) {
  const Batch batch = make_batch(context, structures);
  const auto potential = make(context, structures, options, precision, code);
  DeviceEvaluation out(context, batch, 1);
  evaluate_confirmed(*potential, batch, {.forces = true, .stress = true, .per_atom = true}, out);
  const auto energies = out.energies.to_host();
  const auto forces = out.forces.to_host();
  const auto virials = out.virials.to_host();
  const auto each = out.energies_per_atom.to_host();
  std::vector<Result> results;
  std::ptrdiff_t first = 0;
  for (std::size_t s = 0; s < structures.size(); ++s) {
    const std::ptrdiff_t last = first + structures[s].n_atoms();
    const auto slice = [](const std::vector<double>& all, std::ptrdiff_t from, std::ptrdiff_t to) {
      return std::vector<double>(all.begin() + from, all.begin() + to);
    };
    const auto at = static_cast<std::ptrdiff_t>(s);
    results.push_back({energies[s], slice(forces, 3 * first, 3 * last), slice(virials, 9 * at, 9 * at + 9),
                       slice(each, first, last)});
    first = last;
  }
  return results;
}

inline Result evaluate(const Context& context, const Structure& structure, const Options& options,
                       Precision precision = Precision::float64, Code code = Code::product) {
  return evaluate_all(context, {structure}, options, precision, code)[0];
}

struct Tolerance {
  double energy_eV_per_atom;
  double force_eV_A;
};

/// Virials are compared per atom, as energies are.
inline void check_same(const Result& a, const Result& b, Tolerance allowed) {
  const double energy = allowed.energy_eV_per_atom * static_cast<double>(b.forces.size()) / 3;
  CHECK_CLOSE(a.energy, b.energy, energy, 0);
  CHECK(a.forces.size() == b.forces.size());
  for (std::size_t k = 0; k < b.forces.size(); ++k) CHECK_CLOSE(a.forces[k], b.forces[k], allowed.force_eV_A, 0);
  for (std::size_t k = 0; k < b.virial.size(); ++k) CHECK_CLOSE(a.virial[k], b.virial[k], energy, 0);
  for (std::size_t k = 0; k < b.energies_per_atom.size(); ++k)
    CHECK_CLOSE(a.energies_per_atom[k], b.energies_per_atom[k], allowed.energy_eV_per_atom, 0);
}

}  // namespace mofkernel::MOFK_NS::dispersed
