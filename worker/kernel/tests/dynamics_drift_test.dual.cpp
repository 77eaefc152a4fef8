// Energy conservation of long constant-energy runs of frameworks, in double and in mixed precision.
#include "dynamics_systems.hpp"
#include "fixtures.hpp"
#include "reference_structure.hpp"

namespace mofkernel::MOFK_NS {

/// Slope of a straight line through the conserved energies, per sample.
double drift_of(const std::vector<MdSample>& samples) {
  const double middle = (static_cast<double>(samples.size()) - 1) / 2;
  double products = 0, squares = 0;
  for (std::size_t k = 0; k < samples.size(); ++k) {
    const double t = static_cast<double>(k) - middle;
    products += t * samples[k].conserved_energy_eV;
    squares += t * t;
  }
  return products / squares;
}

/// eV/atom/ps at 0.5 fs and 300 K.
double nve_drift(const Structure& structure, Precision precision, std::int64_t n_steps) {
  MdBench bench({structure}, {uff4mof::assign_terms(structure, {})}, precision);
  MdOptions options;
  options.ensemble = Ensemble::nvt_langevin;
  options.temperatures_k = {300};
  options.friction_per_fs = 0.05;
  options.n_steps = 200;
  options.sample_interval = 200;
  options.velocities = bench.run(options).velocities;
  options.ensemble = Ensemble::nve;
  options.n_steps = n_steps;
  options.sample_interval = 5;
  CHECK(bench.run(options).outcomes[0].end_state == MdEndState::completed);
  const double samples_per_ps = 1000 / (options.timestep_fs * 5);
  return drift_of(bench.samples) * samples_per_ps / structure.n_atoms();
}

TEST(nve_hardly_drifts_in_quartz) {
  for (const Precision precision : {Precision::float64, Precision::mixed}) {
    const double drift = nve_drift(fixtures::repeat(fixtures::quartz(), 2, 2, 2), precision, 600);
    std::printf("  quartz, %s: %.2e eV/atom/ps\n", precision == Precision::mixed ? "mixed" : "float64", drift);
    CHECK(std::abs(drift) < 1e-5);
  }
}

/// The cubic cell of four lattice points from the primitive one, whose rows are halves of its face diagonals.
Structure conventional_cell(const Structure& primitive) {
  Structure cubic = primitive;
  const auto& p = primitive.cell;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t a = 0; a < 3; ++a) {
      cubic.cell[row][a] = p[(row + 1) % 3][a] + p[(row + 2) % 3][a] - p[row][a];
    }
  }
  for (const auto& shift : p) {
    for (std::size_t i = 0; i < primitive.positions.size(); ++i) {
      const auto& x = primitive.positions[i];
      cubic.positions.push_back({x[0] + shift[0], x[1] + shift[1], x[2] + shift[2]});
      cubic.atomic_numbers.push_back(primitive.atomic_numbers[i]);
    }
  }
  return cubic;
}

TEST(nve_hardly_drifts_in_mof_5) {
  const json::Value file = reference::read("MOF-5_primitive");
  const Structure mof_5 = conventional_cell(reference::structure_with_elements(file.at("unit_cell"), "original"));
  CHECK(mof_5.n_atoms() == 424);
  for (const Precision precision : {Precision::float64, Precision::mixed}) {
    const double drift = nve_drift(mof_5, precision, 1000);
    std::printf("  MOF-5, %s: %.2e eV/atom/ps\n", precision == Precision::mixed ? "mixed" : "float64", drift);
    CHECK(std::abs(drift) < 1e-5);
  }
}

}  // namespace mofkernel::MOFK_NS
