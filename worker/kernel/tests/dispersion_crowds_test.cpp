// The CPU's crowds of atoms against the plain code on the same input, with any number of threads, and the memory that
// they take.
#include <cstddef>

#include "counted_heap.hpp"
#include "dispersed.hpp"
#include "fixtures.hpp"
#include "synthetic.hpp"

namespace mofkernel::cpu {

namespace {

using dispersed::check_same, dispersed::Code, dispersed::evaluate, dispersed::Options, dispersed::Result,
    dispersed::Tolerance;

/// Elements in turn with one to five references each, in cells smaller and larger than the cutoffs, some of them with
/// empty space or without any images.
std::vector<Structure> mixed_structures() {
  const std::array<int, 7> elements{1, 2, 6, 8, 30, 57, 27};
  std::vector<Structure> structures;
  for (unsigned k = 0; k < 8; ++k) {
    const double edge = 6.0 + 2.5 * k;
    const int n_atoms = static_cast<int>(3 + 9 * k);
    Structure structure = synthetic::random_structure(
        n_atoms, {{{edge, 0.3, -0.2}, {0.2 * edge, edge + 0.5, 0.4}, {-0.1 * edge, 0.3 * edge, edge}}}, 1.8, k + 1);
    for (std::size_t a = 0; a < 3; ++a) structure.pbc[a] = (k >> a & 1) == 0;
    for (std::size_t i = 0; i < structure.positions.size(); ++i)
      structure.atomic_numbers[i] = elements[i % elements.size()];
    structures.push_back(structure);
  }
  return structures;
}

}  // namespace

TEST(crowds_are_the_plain_code) {
  const Context context;
  const std::vector<Structure> structures = mixed_structures();
  for (const Options& options : {Options{}, Options{"b3lyp", 9.0, 13.0}, Options{"scan", 12.0, 7.0}}) {
    const auto plain = dispersed::evaluate_all(context, structures, options, Precision::float64, Code::plain);
    const auto crowds = dispersed::evaluate_all(context, structures, options);
    const auto single = dispersed::evaluate_all(context, structures, options, Precision::float32);
    for (std::size_t s = 0; s < structures.size(); ++s) {
      check_same(crowds[s], plain[s], {1e-11, 1e-11});
      check_same(single[s], plain[s], {2e-6, 5e-6});
    }
  }
}

TEST(an_atom_that_flew_away_is_no_neighbor_and_takes_no_digits) {
  const Context context;
  Structure structure = mixed_structures()[7];
  structure.pbc = {false, false, false};
  for (const Precision precision : {Precision::float64, Precision::float32}) {
    const Result together = evaluate(context, structure, {}, precision);
    Structure apart = structure;
    apart.positions.push_back({9e6, -3e6, 40});
    apart.atomic_numbers.push_back(6);
    Result result = evaluate(context, apart, {}, precision);
    CHECK(result.energies_per_atom.back() == 0);
    for (std::size_t k = 0; k < 3; ++k) CHECK(result.forces[together.forces.size() + k] == 0);
    result.forces.resize(together.forces.size());
    check_same(result, together, precision == Precision::float64 ? Tolerance{1e-9, 1e-9} : Tolerance{1e-6, 3e-6});
  }
}

TEST(a_part_of_a_batch_has_the_bits_of_the_whole) {
  const Context context;
  const std::vector<Structure> structures = mixed_structures();
  const auto together = dispersed::evaluate_all(context, structures, {});
  for (std::size_t s = 0; s < structures.size(); ++s) {
    const Result alone = evaluate(context, structures[s], {});
    CHECK(alone.forces == together[s].forces && alone.virial == together[s].virial);
    CHECK(alone.energies_per_atom == together[s].energies_per_atom);
  }
}

TEST(threads_do_not_change_a_bit) {
  Context context;
  const std::vector<Structure> structures = mixed_structures();
  for (const Precision precision : {Precision::float64, Precision::float32}) {
    context.set_n_threads(1);
    const auto one = dispersed::evaluate_all(context, structures, {}, precision);
    for (const int n_threads : {2, 3, 7}) {
      context.set_n_threads(n_threads);
      const auto more = dispersed::evaluate_all(context, structures, {}, precision);
      for (std::size_t s = 0; s < structures.size(); ++s)
        CHECK(more[s].forces == one[s].forces && more[s].virial == one[s].virial && more[s].energy == one[s].energy);
    }
  }
}

TEST(memory_is_about_what_was_predicted) {
  for (const int repeats : {1, 2, 4, 6}) {
    for (const double cutoff : {9.0, 21.2}) {
      const Structure structure = fixtures::repeat(fixtures::quartz(), repeats, repeats, repeats);
      const Options options{"pbe", cutoff, cutoff};
      const Context context;
      const Batch batch = make_batch(context, std::span(&structure, 1));
      DeviceEvaluation out(context, batch, 1);
      const std::size_t before = counted_heap::restart_peak();
      const auto potential = make_dispersion(context, std::span(&structure, 1), options, Precision::float64);
      evaluate_confirmed(*potential, batch, {}, out);
      const auto taken = static_cast<double>(counted_heap::peak_bytes() - before);
      const double predicted = predict_dispersion_bytes(structure, options);
      // A few kB of tables do not count among the megabytes that matter.
      CHECK(taken < 1.1 * predicted + 65'536);
      CHECK(predicted < 3 * taken);
      if (taken >= 1.1 * predicted + 65'536 || predicted >= 3 * taken)
        std::printf("  %d atoms, cutoff %.1f A: %.0f taken, %.0f predicted\n", structure.n_atoms(), cutoff, taken,
                    predicted);
    }
  }
}

}  // namespace mofkernel::cpu
