// Batches that do not fit, options that differ from structure to structure, and what goes wrong inside a batch.
#include <cstring>
#include <filesystem>
#include <limits>
#include <random>

#include "check.hpp"
#include "engine/batch_parts.hpp"
#include "errors.hpp"
#include "fixtures.hpp"
#include "molecules.hpp"

namespace mofkernel {

/// Rattled copies of molecules and crystals of 5 to 36 atoms, one kind after another.
std::vector<Structure> mixed_batch(std::size_t n, double rattle_A = 0.03) {
  const std::vector<Structure> kinds{make_methane(),          fixtures::benzene(),  make_methane_crystal(),
                                     fixtures::formamide(),   fixtures::methanol(), fixtures::quartz(),
                                     fixtures::zn4o_formate()};
  std::mt19937 random(3);
  std::uniform_real_distribution<double> move(-rattle_A, rattle_A);
  std::vector<Structure> batch;
  for (std::size_t s = 0; s < n; ++s) {
    Structure& structure = batch.emplace_back(kinds[s % kinds.size()]);
    for (auto& position : structure.positions) {
      for (double& x : position) x += move(random);
    }
  }
  return batch;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

/// Enough for the largest structure of the mixed batch and not for many.
constexpr std::size_t kTinyLimit = 2'000'000;

TEST(parts_follow_each_other_and_fit) {
  const std::vector<Structure> batch = mixed_batch(50);
  std::vector<std::size_t> bytes;
  for (const Structure& structure : batch) bytes.push_back(static_cast<std::size_t>(structure.n_atoms()));
  const std::vector<Part> parts = plan_parts(batch, bytes, 40);
  std::size_t next = 0;
  std::size_t next_atom = 0;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    CHECK(parts[p].first == next && parts[p].first_atom == next_atom);
    CHECK(parts[p].n >= 1 && parts[p].n_atoms <= 40);
    next += parts[p].n;
    next_atom += parts[p].n_atoms;
    if (p + 1 < parts.size()) CHECK(parts[p].n_atoms + bytes[next] > 40);
  }
  CHECK(next == batch.size());
  CHECK(plan_parts(batch, bytes, 1'000'000).size() == 1);
  CHECK_THROWS_CODE(plan_parts(batch, bytes, 28), ErrorCode::out_of_memory);
}

TEST(a_part_that_runs_out_of_memory_is_halved_until_it_fits) {
  const std::vector<Structure> batch = mixed_batch(11);
  const std::vector<Part> plan{make_part(batch, 0, 11)};
  std::vector<std::size_t> done;
  int n_splits = 0;
  for_each_part(
      batch, plan,
      [&](const Part& part) {
        if (part.n > 2) throw KernelError(ErrorCode::out_of_memory, "full");
        for (std::size_t s = part.first; s < part.first + part.n; ++s) done.push_back(s);
      },
      [&](const Part& part, const Part& half, const Part& rest) {
        ++n_splits;
        CHECK(half.first == part.first && half.n + rest.n == part.n && rest.first == half.first + half.n);
        CHECK(half.n_atoms + rest.n_atoms == part.n_atoms && rest.first_atom == half.first_atom + half.n_atoms);
      });
  CHECK(done.size() == 11 && std::is_sorted(done.begin(), done.end()));
  CHECK(n_splits > 3);

  const auto never_fits = [](const Part&) { throw KernelError(ErrorCode::out_of_memory, "full"); };
  const auto ignore = [](const Part&, const Part&, const Part&) {};
  CHECK_THROWS_CODE(for_each_part(batch, plan, never_fits, ignore), ErrorCode::out_of_memory);
  const auto is_broken = [](const Part&) { throw KernelError(ErrorCode::non_finite, "not a number"); };
  CHECK_THROWS_CODE(for_each_part(batch, plan, is_broken, ignore), ErrorCode::non_finite);
}

TEST(a_split_batch_gives_the_same_bits) {
  const std::vector<Structure> batch = mixed_batch(300);
  const auto whole_engine = make_engine("cpu", Precision::float64);
  const auto split_engine = make_engine("cpu", Precision::float64);
  split_engine->set_memory_limit(kTinyLimit);
  const Evaluation whole = whole_engine->evaluate(batch, {}, {.per_atom = true});
  const Evaluation split = split_engine->evaluate(batch, {}, {.per_atom = true});
  CHECK(whole.energies.size() == 300);
  CHECK(same_bits(whole.energies, split.energies));
  CHECK(same_bits(whole.energy_components, split.energy_components));
  CHECK(same_bits(whole.forces, split.forces));
  CHECK(same_bits(whole.stress, split.stress));
  CHECK(same_bits(whole.energies_per_atom, split.energies_per_atom));
  CHECK(whole.component_names == split.component_names);
  auto sorted = [](std::vector<std::string> texts) {
    std::sort(texts.begin(), texts.end());
    return texts;
  };
  CHECK(sorted(whole.warnings) == sorted(split.warnings));
}

TEST(a_structure_that_can_never_fit_is_refused_with_its_need) {
  const auto engine = make_engine("cpu", Precision::float64);
  engine->set_memory_limit(1000);
  const std::vector<Structure> batch = mixed_batch(3);
  const auto message_of = [&](auto call) -> std::string {
    try {
      call();
    } catch (const KernelError& error) {
      CHECK(error.code() == ErrorCode::out_of_memory);
      CHECK(std::string(error.details_json()).find("predicted_bytes") != std::string::npos);
      return error.what();
    }
    return "";
  };
  CHECK(message_of([&] { (void)engine->evaluate(batch, {}, {}); }).find("MiB") != std::string::npos);
  CHECK(!message_of([&] {
           (void)engine->relax(batch, {}, {.cell_mode = CellMode::fixed}, {}, [](const RelaxStep&) {});
         }).empty());
  CHECK(!message_of([&] {
           (void)engine->force_constants(batch[0], {}, {.atoms = {0}, .directions = {{1, 0, 0}}}, {}, [](int) {});
         }).empty());
  engine->set_memory_limit(std::nullopt);
  CHECK(engine->evaluate(batch, {}, {}).energies.size() == 3);
  // The limit holds for what was evaluated without it, too.
  engine->set_memory_limit(1000);
  CHECK_THROWS_CODE(engine->evaluate(batch, {}, {}), ErrorCode::out_of_memory);
}

TEST(a_split_relaxation_keeps_indices_and_ends_where_the_unsplit_one_does) {
  const std::vector<Structure> batch = mixed_batch(20, 0.05);
  RelaxOptions options{.optimizer = Optimizer::fire, .fmax_eV_A = 0.05, .max_steps = 40, .cell_mode = CellMode::fixed};
  options.pressures_eV_A3.assign(batch.size(), 0);
  const auto relax = [&](std::optional<std::size_t> limit, std::vector<int>& steps_of) {
    const auto engine = make_engine("cpu", Precision::float64);
    engine->set_memory_limit(limit);
    steps_of.assign(batch.size(), 0);
    return engine->relax(batch, {}, options, {},
                         [&](const RelaxStep& step) { ++steps_of.at(static_cast<std::size_t>(step.structure)); });
  };
  std::vector<int> whole_steps;
  std::vector<int> split_steps;
  const RelaxResult whole = relax(std::nullopt, whole_steps);
  const RelaxResult split = relax(kTinyLimit, split_steps);
  CHECK(whole_steps == split_steps);
  CHECK(split.outcomes.size() == batch.size() && split.structures.size() == batch.size());
  for (std::size_t s = 0; s < batch.size(); ++s) {
    CHECK(whole.outcomes[s].steps == split.outcomes[s].steps);
    CHECK(whole.outcomes[s].end_state == split.outcomes[s].end_state);
    CHECK(split.structures[s].atomic_numbers == batch[s].atomic_numbers);
    // Forty steps carry differences of the last digit no further than this.
    CHECK_CLOSE(split.evaluation.energies[s], whole.evaluation.energies[s], 1e-9, 1e-9);
  }
}

TEST(symmetry_operations_go_with_their_structures_into_a_part) {
  const std::vector<Structure> batch = mixed_batch(5);
  RelaxOptions options;
  CHECK(options_of(options, make_part(batch, 1, 3)).symmetry.empty());
  for (const int s : {0, 1, 2, 3, 4}) options.symmetry.push_back({{.rotation = {s}, .permutation = {s}}});
  const RelaxOptions part = options_of(options, make_part(batch, 1, 3));
  CHECK(part.symmetry.size() == 3);
  CHECK(part.symmetry.front() == options.symmetry[1] && part.symmetry.back() == options.symmetry[3]);
}

TEST(every_structure_of_a_batch_has_its_own_pressure) {
  const std::vector<Structure> batch(3, fixtures::quartz());
  RelaxOptions options{.fmax_eV_A = 1e-4, .max_steps = 300, .cell_mode = CellMode::isotropic};
  options.pressures_eV_A3 = {0, 0.05, -0.02};
  const auto engine = make_engine("cpu", Precision::float64);
  const RelaxResult result = engine->relax(batch, {}, options, {}, [](const RelaxStep&) {});
  for (std::size_t s = 0; s < batch.size(); ++s) {
    CHECK(result.outcomes[s].end_state == RelaxEndState::converged);
    const auto& stress = result.evaluation.stress[s];
    // At the minimum of the enthalpy the mean stress is minus the pressure; 1e-4 eV/A on rows scaled by nine atoms
    // leave 9e-4 eV over 113 A^3.
    CHECK_CLOSE((stress[0] + stress[4] + stress[8]) / 3, -options.pressures_eV_A3[s], 3e-5, 0);
  }
}

TEST(copies_that_share_a_topology_are_typed_once) {
  // Pulled apart by 0.6 A, the O-H bond of the second copy would no longer be perceived.
  std::vector<Structure> batch(2, fixtures::methanol());
  batch[1].positions[2][0] += 0.6;
  PotentialSpec shared{.uff4mof = {}, .electrostatics = {}, .share_topology = true};
  const auto engine = make_engine("cpu", Precision::float64);
  const Evaluation together = engine->evaluate(batch, shared, {});
  CHECK(engine->evaluate(std::span(&batch[0], 1), {}, {}).energies[0] == together.energies[0]);
  // A Morse-free harmonic bond of some 50 eV/A^2 stretched by half an angstrom.
  CHECK(together.energies[1] > together.energies[0] + 2);

  batch[1].atomic_numbers[2] = 9;
  CHECK_THROWS_CODE(engine->evaluate(batch, shared, {}), ErrorCode::bad_structure);
  batch[1] = fixtures::benzene();
  CHECK_THROWS_CODE(engine->evaluate(batch, shared, {}), ErrorCode::bad_structure);
}

TEST(a_topology_that_is_given_holds_for_what_was_moved_since) {
  std::vector<Structure> both(2, fixtures::methanol());
  both[1].positions[2][0] += 0.6;
  const auto engine = make_engine("cpu", Precision::float64);
  const Evaluation together = engine->evaluate(both, {.uff4mof = {}, .electrostatics = {}, .share_topology = true}, {});
  const std::vector<Structure> stretched{both[1]};
  const PotentialSpec given{.uff4mof = {}, .electrostatics = {}, .share_topology = false, .topology = both[0]};
  CHECK(engine->evaluate(stretched, given, {}).energies[0] == together.energies[1]);

  // The bond pulls the atom back to where it came from.
  RelaxOptions options;
  options.cell_mode = CellMode::fixed;
  options.fmax_eV_A = 1e-5;
  const auto relaxed = [&](const std::vector<Structure>& batch, const PotentialSpec& spec) {
    return engine->relax(batch, spec, options, {}, [](const RelaxStep&) {}).evaluation.energies[0];
  };
  CHECK_CLOSE(relaxed(stretched, given), relaxed({both[0]}, {}), 1e-6, 0);

  std::vector<Structure> other{fixtures::benzene()};
  CHECK_THROWS_CODE(engine->evaluate(other, given, {}), ErrorCode::bad_structure);
}

TEST(charges_that_were_not_given_are_refused) {
  const auto engine = make_engine("cpu", Precision::float64);
  const std::vector<Structure> batch{make_methane_crystal()};
  const PotentialSpec given{.uff4mof = {}, .electrostatics = {.charges = electrostatics::Charges::given}};
  CHECK_THROWS_CODE(engine->evaluate(batch, given, {}), ErrorCode::bad_request);
}

TEST(a_broken_structure_inside_a_batch_is_named) {
  std::vector<Structure> batch = mixed_batch(200);
  batch[150].positions[1][0] = std::numeric_limits<double>::quiet_NaN();
  const auto engine = make_engine("cpu", Precision::float64);
  for (const std::optional<std::size_t> limit :
       {std::optional<std::size_t>{}, std::optional<std::size_t>{kTinyLimit}}) {
    engine->set_memory_limit(limit);
    bool has_thrown = false;
    try {
      (void)engine->evaluate(batch, {}, {});
    } catch (const KernelError& error) {
      has_thrown = true;
      CHECK(error.code() == ErrorCode::bad_structure || error.code() == ErrorCode::non_finite);
      const bool is_located = std::string(error.what()).find("the batch was split") != std::string::npos;
      CHECK(is_located == limit.has_value());
    }
    CHECK(has_thrown);
  }
}

}  // namespace mofkernel
