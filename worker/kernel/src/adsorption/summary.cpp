#include "adsorption/summary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "dynamics/atomic_masses.hpp"
#include "errors.hpp"
#include "geometry/lattice.hpp"
#include "potentials/electrostatics/coulomb_model.hpp"
#include "units.hpp"

namespace mofkernel::adsorption {

namespace {

/// eV/A^3 in Pa, and g/mol in kg/mol.
constexpr double kPaPerEvA3 = kGPaPerEvA3 * 1e9;
constexpr double kKgPerGram = 1e-3;
constexpr double kNeutral_e = 1e-6;

/// Molecules per Pa and cell, over the mass of a mole of cells.
double henry_coefficient(double boltzmann_mean, double kT, const Structure& framework) {
  double mass = 0;
  for (const int z : framework.atomic_numbers) mass += standard_atomic_mass(z);
  const double volume = std::abs(cpu::determinant(framework.cell[0].data()));
  return boltzmann_mean * volume / kT / kPaPerEvA3 / (mass * kKgPerGram);
}

InsertionAverages averages_of(const Sums& sums, std::int64_t n_done, const Structure& framework,
                              const InsertionOptions& options) {
  InsertionAverages averages;
  averages.mean_energy_eV = std::numeric_limits<double>::quiet_NaN();
  if (n_done == 0) return averages;
  const auto n = static_cast<double>(n_done);
  if (!std::isfinite(sums.w2E2) || !std::isfinite(sums.w)) {
    throw KernelError(ErrorCode::non_finite,
                      "a Boltzmann factor is beyond double precision: the adsorbate is bound far too strongly for " +
                          std::to_string(options.temperature_k) + " K");
  }
  const double mean = sums.w / n;
  averages.boltzmann_mean = mean;
  averages.henry_mol_kg_Pa = henry_coefficient(mean, kBoltzmannEvK * options.temperature_k, framework);
  if (sums.w > 0) averages.mean_energy_eV = sums.wE / sums.w;
  if (options.mode == InsertionMode::grid || n_done < 2) return averages;
  // The variance of a mean, and that of a ratio of means by its linearization: sum w^2 (E - <E>)^2 / (sum w)^2.
  averages.boltzmann_standard_error = std::sqrt(std::max(0.0, sums.w2 / n - mean * mean) / (n - 1));
  if (!(sums.w > 0)) return averages;
  const double energy = averages.mean_energy_eV;
  const double spread = sums.w2E2 - 2 * energy * sums.w2E + energy * energy * sums.w2;
  averages.mean_energy_standard_error_eV = std::sqrt(std::max(0.0, spread) * n / (n - 1)) / sums.w;
  return averages;
}

}  // namespace

InsertionResult summarize(const RunState& state, const Structure& framework, const InsertionOptions& options) {
  InsertionResult result;
  static_cast<InsertionAverages&>(result) = averages_of(state.totals.all, state.n_done, framework, options);
  result.n_placements = state.n_done;
  if (!options.blocked.is_blocked.empty())
    result.reachable = averages_of(state.totals.reachable, state.n_done, framework, options);
  return result;
}

std::vector<std::string> warnings_about(std::span<const double> charges, const InsertionOptions& options) {
  std::vector<std::string> warnings;
  double net = 0;
  bool is_charged = false;
  for (const AdsorbateSite& site : options.adsorbate.sites) {
    net += site.charge_e;
    is_charged = is_charged || site.charge_e != 0;
  }
  if (std::abs(net) > kNeutral_e) {
    warnings.push_back("the charges of the adsorbate " + options.adsorbate.name + " add up to " + std::to_string(net) +
                       " e");
  }
  if (is_charged && charges.empty()) {
    warnings.push_back("the framework has no charges: the charges of " + options.adsorbate.name +
                       " count for nothing; choose charges for the framework");
  }
  const std::string framework_net = electrostatics::net_charge_warning(charges);
  if (is_charged && !framework_net.empty()) warnings.push_back(framework_net);
  return warnings;
}

}  // namespace mofkernel::adsorption
