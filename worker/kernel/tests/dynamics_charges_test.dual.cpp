// Molecular dynamics whose cell outgrows the wave vectors of its Ewald sum, again and again: on a GPU such blocks are
// repeated, and once they were for ever.
#include "dynamics_systems.hpp"
#include "faulty_potential.hpp"
#include "potentials/electrostatics/electrostatics.hpp"
#include "scratch_folder.hpp"

namespace mofkernel::MOFK_NS {

/// Argon whose atoms carry charges of alternating sign, with an Ewald sum; ready for faults.
struct ChargedBench : MdBench {
  Faulty* faulty;

  ChargedBench(const std::vector<Structure>& structures, Precision precision)
      : MdBench(structures, argon_terms(structures), precision) {
    std::vector<double> charges;
    for (const Structure& structure : structures) {
      for (int i = 0; i < structure.n_atoms(); ++i) charges.push_back(i % 2 == 0 ? 0.1 : -0.1);
    }
    std::vector<std::unique_ptr<Potential>> parts;
    parts.push_back(std::move(potential));
    parts.push_back(make_electrostatics(*context, structures, argon_terms(structures), charges,
                                        {.cutoff_A = 6.0, .relative_accuracy = 1e-4}, precision));
    auto wrapped = std::make_unique<Faulty>(*context, make_sum(*context, batch, std::move(parts)));
    faulty = wrapped.get();
    potential = std::move(wrapped);
    evaluation = DeviceEvaluation(*context, batch, static_cast<int>(potential->component_names().size()));
  }
};

std::vector<Structure> two_crystals() { return {make_argon(2), make_argon(2, 5.6)}; }

constexpr int kSteps = 150;

/// Far too warm for its pressure: the cells become larger by a half and more.
MdOptions growing() {
  MdOptions options = argon_options(Ensemble::npt_full, kSteps, 2);
  options.temperatures_k = {300, 40};
  options.pressures_eV_A3 = {0, 0.001};
  options.barostat_time_fs = 100;
  options.sample_interval = options.frame_interval = 50;
  return options;
}

/// From the first step on.
void check_same_samples(const std::vector<MdSample>& samples, const std::vector<MdSample>& expected) {
  CHECK(samples.size() == expected.size());
  for (std::size_t k = 0; k < std::min(samples.size(), expected.size()); ++k) {
    CHECK(samples[k].step == expected[k].step && samples[k].positions == expected[k].positions);
    CHECK(samples[k].cell == expected[k].cell && samples[k].velocities == expected[k].velocities);
    CHECK(samples[k].potential_energy_eV == expected[k].potential_energy_eV);
  }
}

TEST(a_cell_that_outgrows_its_waves_again_and_again_comes_to_its_end) {
  for (const Precision precision : {Precision::float64, Precision::mixed}) {
    ChargedBench bench(two_crystals(), precision);
    const MdResult result = bench.run(growing());
    for (const MdOutcome& outcome : result.outcomes)
      CHECK(outcome.end_state == MdEndState::completed && outcome.steps == kSteps);
    CHECK(result.structures[0].cell[0][0] > 1.2 * make_argon(2).cell[0][0]);
    CHECK(bench.potential->list_references().back().n_builds > 3);
    // Lists made for the last geometry alone give its energies; single precision keeps seven digits of each pair.
    ChargedBench fresh(two_crystals(), precision);
    fresh.batch.positions.copy_from(bench.batch.positions);
    fresh.batch.cells.copy_from(bench.batch.cells);
    evaluate_confirmed(*fresh.potential, fresh.batch, {}, fresh.evaluation);
    const std::vector<double> energies = fresh.evaluation.energies.to_host();
    const double tolerance = precision == Precision::float64 ? 1e-10 : 1e-5;
    for (std::size_t s = 0; s < energies.size(); ++s) CHECK_CLOSE(result.energies[s], energies[s], tolerance, 0);
  }
}

TEST(blocks_that_did_not_count_leave_nothing_in_the_waves) {
  for (const Precision precision : {Precision::float64, Precision::mixed}) {
    ChargedBench smooth(two_crystals(), precision);
    smooth.run(growing());
    ChargedBench rough(two_crystals(), precision);
    rough.faulty->overflows = [](int n) { return n % 2 == 1; };
    rough.run(growing());
    check_same_samples(rough.samples, smooth.samples);
  }
}

TEST(run_that_has_outgrown_its_waves_resumes_to_the_same_bits) {
  const ScratchFolder folder;
  ChargedBench whole(two_crystals(), Precision::mixed);
  whole.run(growing());
  RunControl control{.checkpoint = {.path = folder / "c", .resume = true}};
  int n_asked = 0;
  control.is_cancelled = [&n_asked] { return n_asked++ == 95; };
  ChargedBench first(two_crystals(), Precision::mixed);
  CHECK(first.run(growing(), control).outcomes[0].end_state == MdEndState::cancelled);
  ChargedBench second(two_crystals(), Precision::mixed);
  second.run(growing(), control);
  std::vector<MdSample> pieces = first.samples;
  pieces.insert(pieces.end(), second.samples.begin(), second.samples.end());
  check_same_samples(pieces, whole.samples);
}

}  // namespace mofkernel::MOFK_NS
