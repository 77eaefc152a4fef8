// Systems and runs that the tests of molecular dynamics share.
#pragma once

#include <cmath>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "check.hpp"
#include "device.hpp"
#include "dynamics/run_md.hpp"
#include "potentials/potential.hpp"
#include "potentials/uff4mof/terms.hpp"

namespace mofkernel::MOFK_NS {

/// One kind of atom; the energy of a pair goes smoothly to zero at the cutoff unless `is_plain`.
inline uff4mof::Terms make_lennard_jones(int n_atoms, double epsilon_eV, double x_A, double cutoff_A,
                                         bool is_plain = false) {
  uff4mof::Terms terms;
  terms.n_atoms = n_atoms;
  terms.lj_type.assign(static_cast<std::size_t>(n_atoms), 0);
  terms.n_lj_types = 1;
  terms.lj_epsilon_eV = {epsilon_eV};
  terms.lj_x_A = {x_A};
  terms.cutoff_A = cutoff_A;
  terms.switch_start_A = is_plain ? cutoff_A : 0.8 * cutoff_A;
  terms.truncation = is_plain ? uff4mof::Truncation::plain : uff4mof::Truncation::switched;
  terms.tail_correction = false;
  return terms;
}

/// Face-centered cubic argon, n^3 cubes of four atoms.
inline Structure make_argon(int n, double edge_A = 5.4) {
  Structure structure;
  for (std::size_t a = 0; a < 3; ++a) structure.cell[a][a] = n * edge_A;
  const double corners[4][3] = {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}};
  for (int k = 0; k < n * n * n; ++k) {
    for (const auto& corner : corners) {
      structure.positions.push_back(
          {edge_A * (k % n + corner[0]), edge_A * (k / n % n + corner[1]), edge_A * (k / n / n + corner[2])});
      structure.atomic_numbers.push_back(18);
    }
  }
  return structure;
}

inline uff4mof::Terms make_argon_terms(const Structure& structure) {
  return make_lennard_jones(structure.n_atoms(), 0.0104, 3.82, 6.5);
}

/// A batch with its potential, and what its runs have told.
struct MdBench {
  std::unique_ptr<Context> context = make_test_context();
  Batch batch;
  std::unique_ptr<Potential> potential;
  DeviceEvaluation evaluation;
  std::vector<MdSample> samples;

  MdBench(const std::vector<Structure>& structures, const std::vector<uff4mof::Terms>& terms,
          Precision precision = Precision::float64)
      : batch(make_batch(*context, structures)),
        potential(make_uff4mof(*context, terms, precision)),
        evaluation(*context, batch, static_cast<int>(potential->component_names().size())) {}

  MdResult run(const MdOptions& options, const RunControl& control = {}) {
    samples.clear();
    return run_md(*context, batch, *potential, options, control, evaluation,
                  [this](const MdSample& sample) { samples.push_back(sample); });
  }
};

inline std::vector<uff4mof::Terms> argon_terms(std::span<const Structure> structures) {
  std::vector<uff4mof::Terms> terms;
  for (const Structure& structure : structures) terms.push_back(make_argon_terms(structure));
  return terms;
}

inline MdBench argon_bench(const std::vector<Structure>& structures) { return {structures, argon_terms(structures)}; }

inline const Ensemble kEnsembles[] = {Ensemble::nve, Ensemble::nvt_langevin, Ensemble::nvt_nose_hoover,
                                      Ensemble::npt_isotropic, Ensemble::npt_full};

/// Fast coupling, so that short runs see it at work.
inline MdOptions argon_options(Ensemble ensemble, std::int64_t n_steps, std::size_t n_structures = 1) {
  MdOptions options;
  options.ensemble = ensemble;
  options.timestep_fs = 2;
  options.n_steps = n_steps;
  options.temperatures_k.assign(n_structures, 40);
  options.pressures_eV_A3.assign(n_structures, 0.001);
  options.thermostat_time_fs = 100;
  options.barostat_time_fs = 300;
  options.seed = 11;
  return options;
}

struct Average {
  double mean = 0;
  double error = 0;  ///< standard error, from ten blocks
};

inline Average average_of(const std::vector<double>& values) {
  constexpr std::size_t kBlocks = 10;
  const std::size_t length = values.size() / kBlocks;
  Average average;
  std::vector<double> blocks(kBlocks, 0.0);
  for (std::size_t k = 0; k < kBlocks * length; ++k) blocks[k / length] += values[k] / static_cast<double>(length);
  for (const double block : blocks) average.mean += block / kBlocks;
  for (const double block : blocks) average.error += (block - average.mean) * (block - average.mean);
  average.error = std::sqrt(average.error / (kBlocks * (kBlocks - 1)));
  return average;
}

}  // namespace mofkernel::MOFK_NS
