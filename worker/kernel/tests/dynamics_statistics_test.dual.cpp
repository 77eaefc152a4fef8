// Averages and distributions of molecular dynamics against statistical mechanics and published simulations. Every run
// is seeded, so that a test that passes goes on passing on the same device.
#include <algorithm>

#include "dynamics_systems.hpp"
#include "units.hpp"

namespace mofkernel::MOFK_NS {

/// Regularized lower incomplete gamma function P(a, x) by its series (DLMF 8.11.4).
double lower_gamma(double a, double x) {
  double term = 1 / a;
  double sum = term;
  for (double n = a + 1; term > 1e-16 * sum; ++n) sum += term *= x / n;
  return sum * std::exp(a * std::log(x) - x - std::lgamma(a));
}

/// Largest distance between the distribution of the samples and that of a kinetic energy with n_dof degrees of freedom.
double kolmogorov_distance(std::vector<double> kinetic_energies, int n_dof, double thermal_energy) {
  std::sort(kinetic_energies.begin(), kinetic_energies.end());
  const auto n = static_cast<double>(kinetic_energies.size());
  double largest = 0;
  for (std::size_t k = 0; k < kinetic_energies.size(); ++k) {
    const double expected = lower_gamma(n_dof / 2.0, kinetic_energies[k] / thermal_energy);
    largest = std::max({largest, std::abs(expected - static_cast<double>(k) / n),
                        std::abs(static_cast<double>(k + 1) / n - expected)});
  }
  return largest;
}

TEST(kinetic_energies_follow_the_canonical_distribution) {
  for (const Ensemble ensemble : {Ensemble::nvt_langevin, Ensemble::nvt_nose_hoover}) {
    MdOptions options = argon_options(ensemble, 12000);
    options.timestep_fs = 4;
    options.temperatures_k = {90};
    options.friction_per_fs = 0.01;
    options.sample_interval = 40;  // 160 fs, more than a correlation time of the kinetic energy
    MdBench bench = argon_bench({make_argon(2)});
    const MdResult result = bench.run(options);
    std::vector<double> energies;
    for (const MdSample& sample : bench.samples) {
      if (sample.step >= 2000) energies.push_back(sample.kinetic_energy_eV);
    }
    const double distance = kolmogorov_distance(energies, result.outcomes[0].n_degrees_of_freedom, kBoltzmannEvK * 90);
    // Kolmogorov's critical value for a chance of one in a hundred.
    const double critical = 1.63 / std::sqrt(static_cast<double>(energies.size()));
    std::printf("  ensemble %d: distance %.4f of %zu samples, critical %.4f\n", static_cast<int>(ensemble), distance,
                energies.size(), critical);
    CHECK(distance < critical);
    // The test would see a temperature that is wrong by a tenth.
    CHECK(kolmogorov_distance(energies, result.outcomes[0].n_degrees_of_freedom, kBoltzmannEvK * 99) > critical);
  }
}

TEST(an_ideal_gas_under_a_barostat_obeys_its_law) {
  // P <V> = N k T holds exactly for MTK dynamics without total momentum: <dp/dt> = 0 of the barostat.
  const Structure gas = make_argon(2, 10);
  for (const Ensemble ensemble : {Ensemble::npt_isotropic, Ensemble::npt_full}) {
    MdOptions options = argon_options(ensemble, 25000);
    options.timestep_fs = 10;
    options.temperatures_k = {300};
    const double expected = 32 * kBoltzmannEvK * 300 / 8000;
    options.pressures_eV_A3 = {expected};
    options.thermostat_time_fs = 200;
    options.barostat_time_fs = 500;
    options.sample_interval = 20;
    MdBench bench({gas}, {make_lennard_jones(32, 0, 3, 4)});
    const MdResult result = bench.run(options);
    CHECK(result.outcomes[0].end_state == MdEndState::completed);
    std::vector<double> volumes;
    for (const MdSample& sample : bench.samples) {
      if (sample.step >= 5000) volumes.push_back(*sample.volume_A3);
    }
    const Average volume = average_of(volumes);
    std::printf("  ensemble %d: <V> %.0f(%.0f) A^3 for 8000\n", static_cast<int>(ensemble), volume.mean, volume.error);
    CHECK_CLOSE(volume.mean, 8000, 3 * volume.error, 0);
    CHECK(volume.error < 160);
  }
}

TEST(a_lennard_jones_liquid_has_the_published_density) {
  // NIST Standard Reference Simulation Website (doi:10.18434/T4M88Q), Lennard-Jones fluid, Monte Carlo with a cutoff of
  // 3 sigma and long-range corrections: at T* 0.85 and rho* 0.82, P* 0.55355(413) and U* per atom -5.7947(6).
  constexpr double kEpsilon = 0.0104;
  constexpr double kSigma = 3.4;
  Structure liquid = make_argon(3, kSigma * std::cbrt(4 / 0.80));
  uff4mof::Terms terms =
      make_lennard_jones(liquid.n_atoms(), kEpsilon, kSigma * std::pow(2.0, 1.0 / 6.0), 3 * kSigma, true);
  terms.tail_correction = true;
  MdOptions options = argon_options(Ensemble::nvt_langevin, 600);
  options.timestep_fs = 6;
  options.friction_per_fs = 0.002;
  options.temperatures_k = {3 * kEpsilon / kBoltzmannEvK};  // melts the crystal
  options.sample_interval = 100;
  MdBench bench({liquid}, {terms});
  CHECK(bench.run(options).outcomes[0].end_state == MdEndState::completed);
  options.ensemble = Ensemble::npt_isotropic;
  options.n_steps = 5000;
  options.temperatures_k = {0.85 * kEpsilon / kBoltzmannEvK};
  options.pressures_eV_A3 = {0.55355 * kEpsilon / (kSigma * kSigma * kSigma)};
  options.thermostat_time_fs = 300;
  options.barostat_time_fs = 800;
  options.sample_interval = 10;
  CHECK(bench.run(options).outcomes[0].end_state == MdEndState::completed);
  std::vector<double> densities, energies;
  for (const MdSample& sample : bench.samples) {
    if (sample.step < 1000) continue;
    densities.push_back(liquid.n_atoms() * kSigma * kSigma * kSigma / *sample.volume_A3);
    energies.push_back(sample.potential_energy_eV / liquid.n_atoms() / kEpsilon);
  }
  const Average density = average_of(densities);
  const Average energy = average_of(energies);
  std::printf("  rho* %.4f(%.4f) for 0.82, U* %.4f(%.4f) for -5.7947\n", density.mean, density.error, energy.mean,
              energy.error);
  // Three standard errors, and those of the reference (its pressure's, over dP*/drho* = 18).
  CHECK_CLOSE(density.mean, 0.82, 3 * std::hypot(density.error, 2.3e-4), 0);
  CHECK_CLOSE(energy.mean, -5.7947, 3 * std::hypot(energy.error, 6e-4), 0);
  CHECK(density.error < 0.006);
}

}  // namespace mofkernel::MOFK_NS
