// Laws of molecular dynamics on small systems, of every ensemble and on every backend.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <numeric>

#include "dynamics/philox.hpp"
#include "dynamics/prepare_md.hpp"
#include "dynamics_systems.hpp"
#include "faulty_potential.hpp"
#include "geometry/lattice.hpp"
#include "molecules.hpp"
#include "units.hpp"

namespace mofkernel::MOFK_NS {

std::vector<double> conserved_energies(const std::vector<MdSample>& samples) {
  std::vector<double> energies;
  for (const MdSample& sample : samples) energies.push_back(sample.conserved_energy_eV);
  return energies;
}

double largest_deviation(const std::vector<double>& values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value - mean));
  return largest;
}

bool same_bits(const MdSample& a, const MdSample& b) {
  return a.step == b.step && a.potential_energy_eV == b.potential_energy_eV &&
         a.conserved_energy_eV == b.conserved_energy_eV && a.positions == b.positions && a.velocities == b.velocities &&
         a.cell == b.cell;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(philox_gives_the_published_words) {
  // Known-answer vectors of Random123 1.14 (kat_vectors, philox4x32 with 10 rounds).
  const auto check = [](RandomWords counter, std::uint32_t key_0, std::uint32_t key_1, RandomWords expected) {
    const RandomWords words = philox4x32_10(counter, key_0, key_1);
    for (int k = 0; k < 4; ++k) CHECK(words.word[k] == expected.word[k]);
  };
  check({{0, 0, 0, 0}}, 0, 0, {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}});
  check({{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}}, 0xffffffff, 0xffffffff,
        {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}});
  check({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0,
        {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}});
}

TEST(every_ensemble_conserves_its_quantity_to_second_order) {
  // The error of all these splittings falls with the square of the time step: at half of it four times less. Between
  // three and six leaves room for what the extremes of two different trajectories do.
  for (const Ensemble ensemble : kEnsembles) {
    double errors[2];
    for (int k = 0; k < 2; ++k) {
      MdBench bench = argon_bench({make_argon(2)});
      MdOptions options = argon_options(ensemble, 300 << k);
      options.timestep_fs = k == 0 ? 8 : 4;
      options.friction_per_fs = 0.002;
      bench.run(options);
      errors[k] = largest_deviation(conserved_energies(bench.samples));
    }
    std::printf("  ensemble %d: conserved within %.3g eV at 8 fs, %.3g eV at 4 fs\n", static_cast<int>(ensemble),
                errors[0], errors[1]);
    // Langevin's noise is another at another time step, so that only the size can be compared.
    const bool is_noisy = ensemble == Ensemble::nvt_langevin;
    CHECK(errors[1] < 2e-3 && errors[0] / errors[1] > (is_noisy ? 1.5 : 3) &&
          errors[0] / errors[1] < (is_noisy ? 12 : 6));
  }
}

TEST(energy_moves_but_the_conserved_quantity_does_not) {
  // A conserved quantity that left out the thermostat would follow the energy; here it must be 50 times flatter.
  for (const Ensemble ensemble : kEnsembles) {
    if (ensemble == Ensemble::nve) continue;
    MdBench bench = argon_bench({make_argon(2)});
    bench.run(argon_options(ensemble, 500));
    std::vector<double> energies;
    for (const MdSample& sample : bench.samples) {
      energies.push_back(sample.potential_energy_eV + sample.kinetic_energy_eV);
    }
    CHECK(largest_deviation(conserved_energies(bench.samples)) < 0.02 * largest_deviation(energies));
  }
}

TEST(nve_retraces_its_way_when_velocities_turn_round) {
  const Structure start = make_argon(2);
  MdBench there = argon_bench({start});
  MdOptions options = argon_options(Ensemble::nve, 400);
  options.temperatures_k = {60};
  const MdResult turn = there.run(options);
  MdBench back = argon_bench({turn.structures[0]});
  options.velocities = turn.velocities;
  for (auto& v : options.velocities) v = {-v[0], -v[1], -v[2]};
  const MdResult end = back.run(options);
  // Rounding of 1e-16 grows by chaos, about tenfold per 200 steps here.
  for (std::size_t i = 0; i < start.positions.size(); ++i) {
    for (std::size_t a = 0; a < 3; ++a) CHECK_CLOSE(end.structures[0].positions[i][a], start.positions[i][a], 1e-9, 0);
  }
}

TEST(momentum_is_conserved_without_a_bath_of_friction) {
  for (const Ensemble ensemble : kEnsembles) {
    if (ensemble == Ensemble::nvt_langevin) continue;
    MdBench bench = argon_bench({make_argon(2)});
    const MdResult result = bench.run(argon_options(ensemble, 500));
    for (std::size_t a = 0; a < 3; ++a) {
      double sum = 0;
      for (const auto& v : result.velocities) sum += v[a];
      CHECK_CLOSE(sum, 0, 1e-13, 0);
    }
  }
}

TEST(a_drawn_start_has_its_temperature_and_neither_drift_nor_rotation) {
  const Structure molecule = make_methane();
  MdBench bench({molecule}, {make_lennard_jones(5, 0, 3, 6)});
  MdOptions options = argon_options(Ensemble::nve, 0);
  options.temperatures_k = {250};
  const MdResult result = bench.run(options);
  CHECK(result.outcomes[0].n_degrees_of_freedom == 9);
  CHECK_CLOSE(bench.samples[0].temperature_k, 250, 1e-9, 0);
  double momentum[3] = {0, 0, 0};
  double angular[3] = {0, 0, 0};
  double center[3] = {0, 0, 0};
  const double masses[5] = {12.011, 1.008, 1.008, 1.008, 1.008};
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t a = 0; a < 3; ++a) center[a] += masses[i] * molecule.positions[i][a] / 16.043;
  }
  for (std::size_t i = 0; i < 5; ++i) {
    double r[3], l[3];
    for (std::size_t a = 0; a < 3; ++a) r[a] = molecule.positions[i][a] - center[a];
    cross3(r, result.velocities[i].data(), l);
    for (std::size_t a = 0; a < 3; ++a) {
      momentum[a] += masses[i] * result.velocities[i][a];
      angular[a] += masses[i] * l[a];
    }
  }
  for (int a = 0; a < 3; ++a) {
    CHECK_CLOSE(momentum[a], 0, 1e-14, 0);
    CHECK_CLOSE(angular[a], 0, 1e-14, 0);
  }
}

TEST(degrees_of_freedom_are_those_that_can_hold_kinetic_energy) {
  const auto count = [](const Structure& structure, Ensemble ensemble, std::vector<std::uint8_t> fixed) {
    MdOptions options;
    options.ensemble = ensemble;
    options.temperatures_k = {300};
    options.fixed_atoms = std::move(fixed);
    return prepare_md(std::vector<Structure>{structure}, options).n_degrees_of_freedom[0];
  };
  const Structure crystal = make_argon(1);
  CHECK(count(crystal, Ensemble::nve, {}) == 9);
  CHECK(count(crystal, Ensemble::nvt_langevin, {}) == 12);
  CHECK(count(crystal, Ensemble::npt_full, {1, 0, 0, 0}) == 9);
  Structure pair;
  pair.pbc = {false, false, false};
  pair.positions = {{0, 0, 0}, {1, 2, 2}};
  pair.atomic_numbers = {1, 8};
  CHECK(count(pair, Ensemble::nvt_nose_hoover, {}) == 1);
  pair.positions.push_back({2, 4, 4});
  pair.atomic_numbers.push_back(1);
  CHECK(count(pair, Ensemble::nve, {}) == 4);
  pair.positions[2] = {2, 4, 5};
  CHECK(count(pair, Ensemble::nve, {}) == 3);
}

TEST(fixed_atoms_keep_their_fractional_places) {
  const Structure start = make_argon(2);
  for (const Ensemble ensemble : kEnsembles) {
    MdBench bench = argon_bench({start});
    MdOptions options = argon_options(ensemble, 200);
    options.fixed_atoms.assign(32, 0);
    options.fixed_atoms[0] = options.fixed_atoms[13] = options.fixed_atoms[31] = 1;
    const MdResult result = bench.run(options);
    const Structure& end = result.structures[0];
    CHECK(result.outcomes[0].n_degrees_of_freedom == 87);
    CHECK((end.cell != start.cell) == (ensemble == Ensemble::npt_isotropic || ensemble == Ensemble::npt_full));
    CHECK(largest_deviation(conserved_energies(bench.samples)) < 5e-4);
    double inverse[9];
    invert(end.cell[0].data(), inverse);
    for (const std::size_t i : {0u, 13u, 31u}) {
      double fractional[3];
      row_times_matrix(end.positions[i].data(), inverse, fractional);
      for (std::size_t a = 0; a < 3; ++a) {
        CHECK_CLOSE(fractional[a], start.positions[i][a] / start.cell[a][a], 1e-12, 0);
        CHECK(result.velocities[i][a] == 0);
      }
    }
    CHECK(end.positions[1] != start.positions[1]);
  }
}

TEST(structures_of_a_batch_go_as_they_go_alone) {
  const std::vector<Structure> structures{make_argon(2), make_argon(1, 5.6), make_argon(2, 5.2)};
  for (const Ensemble ensemble : kEnsembles) {
    MdBench batch = argon_bench(structures);
    MdOptions options = argon_options(ensemble, 60, 3);
    options.temperatures_k = {20, 90, 50};
    options.pressures_eV_A3 = {0, 0.004, -0.001};
    const MdResult together = batch.run(options);
    for (std::size_t s = 0; s < structures.size(); ++s) {
      MdBench alone = argon_bench({structures[s]});
      MdOptions own = options;
      own.temperatures_k = {options.temperatures_k[s]};
      own.pressures_eV_A3 = {options.pressures_eV_A3[s]};
      own.first_structure = static_cast<int>(s);
      const MdResult result = alone.run(own);
      // Lists that are built at other steps sum in another order.
      for (std::size_t i = 0; i < structures[s].positions.size(); ++i) {
        for (std::size_t a = 0; a < 3; ++a) {
          CHECK_CLOSE(together.structures[s].positions[i][a], result.structures[0].positions[i][a], 1e-11, 0);
        }
      }
    }
  }
}

TEST(a_cancelled_run_resumes_to_the_same_bits) {
  const std::vector<Structure> structures{make_argon(2), make_argon(2, 5.5)};
  for (const Ensemble ensemble : kEnsembles) {
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() /
        ("mofkernel_dynamics_" + std::to_string(kIsCuda) + "_" + std::to_string(static_cast<int>(ensemble)));
    std::filesystem::remove(path);
    MdOptions options = argon_options(ensemble, 260, 2);
    options.temperatures_k = {120, 70};  // warm enough for lists to be rebuilt
    options.sample_interval = 20;
    options.frame_interval = 20;
    const auto with_trajectory = [&options, &path](const char* suffix) {
      MdOptions own = options;
      own.trajectories = {{1, TrajectoryFormat::extxyz, path.string() + suffix, 30}};
      return own;
    };
    MdBench whole = argon_bench(structures);
    whole.run(with_trajectory(".whole"));

    RunControl control;
    control.checkpoint = {path, 0, 0, true};
    int n_asked = 0;
    control.is_cancelled = [&n_asked] { return n_asked++ == 137; };
    MdBench first = argon_bench(structures);
    const MdResult cancelled = first.run(with_trajectory(".pieces"), control);
    CHECK(cancelled.outcomes[0].end_state == MdEndState::cancelled && cancelled.outcomes[0].steps == 137);

    MdBench second = argon_bench(structures);
    const MdResult resumed = second.run(with_trajectory(".pieces"), control);
    CHECK(resumed.resumed_from_step == 137 && resumed.outcomes[1].end_state == MdEndState::completed);
    std::vector<MdSample> pieces = first.samples;
    pieces.insert(pieces.end(), second.samples.begin(), second.samples.end());
    CHECK(pieces.size() == whole.samples.size());
    for (std::size_t k = 0; k < std::min(pieces.size(), whole.samples.size()); ++k) {
      CHECK(same_bits(pieces[k], whole.samples[k]));
    }

    CHECK(!text_of(path.string() + ".whole").empty());
    CHECK(text_of(path.string() + ".whole") == text_of(path.string() + ".pieces"));

    std::vector<uff4mof::Terms> other_terms = argon_terms(structures);
    for (auto& terms : other_terms) terms.lj_epsilon_eV = {0.011};
    MdBench other_potential(structures, other_terms);
    CHECK_THROWS_CODE(other_potential.run(with_trajectory(".other"), control), ErrorCode::bad_checkpoint);
    options.seed += 1;
    MdBench foreign = argon_bench(structures);
    CHECK_THROWS_CODE(foreign.run(with_trajectory(".other"), control), ErrorCode::bad_checkpoint);
    for (const char* suffix : {"", ".whole", ".pieces"}) std::filesystem::remove(path.string() + suffix);
  }
}

TEST(an_expired_deadline_ends_a_run_before_its_next_step) {
  MdBench bench = argon_bench({make_argon(1)});
  RunControl control;
  control.deadline = std::chrono::steady_clock::now();
  const MdResult result = bench.run(argon_options(Ensemble::nve, 100), control);
  CHECK(result.outcomes[0].end_state == MdEndState::deadline && result.outcomes[0].steps == 0);
}

struct FaultyBench : MdBench {
  Faulty* faulty;
  explicit FaultyBench(const std::vector<Structure>& structures) : MdBench(structures, argon_terms(structures)) {
    auto wrapped = std::make_unique<Faulty>(*context, std::move(potential));
    faulty = wrapped.get();
    potential = std::move(wrapped);
  }
};

TEST(blocks_that_did_not_count_are_repeated_to_the_same_bits) {
  for (const Ensemble ensemble : kEnsembles) {
    MdOptions options = argon_options(ensemble, 200);
    options.temperatures_k = {120};
    options.sample_interval = options.frame_interval = 25;
    MdBench smooth = argon_bench({make_argon(2)});
    smooth.run(options);
    FaultyBench rough({make_argon(2)});
    rough.faulty->overflows = [](int n) { return n % 3 == 2; };
    rough.run(options);
    CHECK(rough.samples.size() == smooth.samples.size());
    for (std::size_t k = 0; k < smooth.samples.size(); ++k) CHECK(same_bits(rough.samples[k], smooth.samples[k]));
  }
}

TEST(a_diverged_structure_stays_at_its_last_good_sample_and_the_others_go_on) {
  const std::vector<Structure> structures{make_argon(2), make_argon(2, 5.5)};
  for (const Ensemble ensemble : kEnsembles) {
    MdOptions options = argon_options(ensemble, 100, 2);
    options.sample_interval = options.frame_interval = 10;
    MdBench healthy = argon_bench(structures);
    const MdResult expected = healthy.run(options);
    FaultyBench bench(structures);
    bench.faulty->is_poisoned = [](int n) { return n == 34; };
    const MdResult result = bench.run(options);
    CHECK(result.outcomes[0].end_state == MdEndState::diverged && result.outcomes[0].steps == 30);
    CHECK(result.outcomes[1].end_state == MdEndState::completed && result.outcomes[1].steps == 100);
    CHECK(result.warnings.size() == 1);
    const auto good = std::find_if(healthy.samples.begin(), healthy.samples.end(),
                                   [](const MdSample& sample) { return sample.structure == 0 && sample.step == 30; });
    CHECK(result.structures[0].positions == good->positions && result.structures[0].cell == good->cell);
    CHECK(result.energies[0] == good->potential_energy_eV);
    for (std::size_t i = 0; i < 32; ++i) {
      for (std::size_t a = 0; a < 3; ++a) {
        CHECK_CLOSE(result.structures[1].positions[i][a], expected.structures[1].positions[i][a], 1e-10, 0);
      }
    }
  }
}

TEST(a_structure_that_the_potential_refuses_is_found_and_frozen) {
  const std::vector<Structure> structures{make_argon(2), make_argon(2, 5.5)};
  FaultyBench bench(structures);
  bench.faulty->farthest_A = 0.2;
  MdOptions options = argon_options(Ensemble::nve, 200, 2);
  options.sample_interval = 20;
  options.velocities.assign(64, {0, 0, 0});
  options.velocities[0] = {0.002, 0, 0};
  const MdResult result = bench.run(options);
  // 0.002 A/fs reaches 0.2 A after about 50 steps of 2 fs.
  CHECK(result.outcomes[0].end_state == MdEndState::diverged && result.outcomes[0].steps == 40);
  CHECK(result.outcomes[1].end_state == MdEndState::completed);
}

TEST(atoms_that_explode_end_their_structure_alone) {
  Structure crushed = make_argon(2);
  crushed.positions[1] = crushed.positions[0];
  crushed.positions[1][0] += 0.5;
  MdBench bench = argon_bench({crushed, make_argon(2)});
  const MdResult result = bench.run(argon_options(Ensemble::npt_full, 100, 2));
  CHECK(result.outcomes[0].end_state == MdEndState::diverged);
  CHECK(result.outcomes[1].end_state == MdEndState::completed);
}

TEST(a_barostat_without_a_volume_is_refused) {
  Structure slab = make_argon(1);
  slab.pbc = {true, true, false};
  MdBench bench = argon_bench({slab});
  CHECK_THROWS_CODE(bench.run(argon_options(Ensemble::npt_full, 1)), ErrorCode::unsupported);
}

}  // namespace mofkernel::MOFK_NS
