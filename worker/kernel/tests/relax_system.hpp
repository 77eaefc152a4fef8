// A Lennard-Jones crystal, the potential of ASE's reference relaxations, and a batch that is ready to be relaxed.
#pragma once

#include <array>
#include <fstream>
#include <iterator>

#include "check.hpp"
#include "device.hpp"
#include "optimizers/relax.hpp"
#include "protocol/json.hpp"

namespace mofkernel::MOFK_NS {

inline constexpr std::array kAllOptimizers{Optimizer::lbfgs, Optimizer::bfgs, Optimizer::fire, Optimizer::mdmin};
inline constexpr std::array kAllCellModes{CellMode::fixed, CellMode::isotropic, CellMode::full};

inline const auto kNoReport = [](const RelaxStep&) {};

inline json::Value read_reference() {
  std::ifstream file(MOFK_TEST_REFERENCE_DIR "/ase_relaxations.json");
  return json::parse(std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
}

inline std::vector<double> numbers_of(const json::Value& value) {
  std::vector<double> numbers;
  for (const json::Value& number : value.array()) numbers.push_back(number.number());
  return numbers;
}

inline Structure crystal_of(const json::Value& reference) {
  Structure crystal;
  const std::vector<double> cell = numbers_of(reference.at("cell_A"));
  const std::vector<double> positions = numbers_of(reference.at("positions_A"));
  for (std::size_t k = 0; k < 9; ++k) crystal.cell[k / 3][k % 3] = cell[k];
  for (std::size_t i = 0; i < positions.size(); i += 3) {
    crystal.positions.push_back({positions[i], positions[i + 1], positions[i + 2]});
    crystal.atomic_numbers.push_back(18);
  }
  return crystal;
}

/// Lennard-Jones alone, plainly cut off.
inline uff4mof::Terms lennard_jones_terms(int n_atoms, const json::Value& potential) {
  uff4mof::Terms terms;
  terms.n_atoms = n_atoms;
  terms.lj_type.assign(static_cast<std::size_t>(n_atoms), 0);
  terms.n_lj_types = 1;
  terms.lj_epsilon_eV = {potential.at("epsilon_eV").number()};
  terms.lj_x_A = {potential.at("x_A").number()};
  terms.cutoff_A = terms.switch_start_A = potential.at("cutoff_A").number();
  terms.truncation = uff4mof::Truncation::plain;
  terms.tail_correction = false;
  return terms;
}

/// A batch with its potential, ready to be relaxed.
struct System {
  std::unique_ptr<Context> context = make_context();
  Batch batch;
  std::unique_ptr<Potential> potential;
  DeviceEvaluation evaluation;

  System(const std::vector<Structure>& structures, const json::Value& lennard_jones)
      : batch(make_batch(*context, structures)),
        potential(make_uff4mof(*context, terms_of(structures, lennard_jones), Precision::float64)),
        evaluation(*context, batch, static_cast<int>(potential->component_names().size())) {}

  /// One thread: these systems are too small for more.
  static std::unique_ptr<Context> make_context() {
    auto context = make_test_context();
#ifndef __CUDACC__
    context->set_n_threads(1);
#endif
    return context;
  }

  /// For batches of crystals with four atoms each.
  PotentialOfSome potential_of_crystals(const json::Value& reference) {
    return [this, terms = lennard_jones_terms(4, reference.at("potential"))](std::span<const int> some) {
      return make_uff4mof(*context, std::vector<uff4mof::Terms>(some.size(), terms), Precision::float64);
    };
  }

  static std::vector<uff4mof::Terms> terms_of(const std::vector<Structure>& structures,
                                              const json::Value& lennard_jones) {
    std::vector<uff4mof::Terms> terms;
    for (const Structure& structure : structures)
      terms.push_back(lennard_jones_terms(structure.n_atoms(), lennard_jones));
    return terms;
  }

  std::vector<RelaxOutcome> relax(const RelaxOptions& options,
                                  const std::function<void(const RelaxStep&)>& on_step = kNoReport,
                                  const RunControl& control = {}, const PotentialOfSome& potential_of = {}) {
    return relax_batch(*context, batch, *potential, options, control, evaluation, on_step, potential_of);
  }
};

}  // namespace mofkernel::MOFK_NS
