// UFF4MOF on several threads of a CPU: the same physics, and bits that only the number of threads asked for decides.
#include <algorithm>
#include <cmath>

#include "backend/threads.hpp"
#include "check.hpp"
#include "potentials/potential.hpp"
#include "synthetic.hpp"

namespace mofkernel::cpu {

namespace {

constexpr int kAtoms = 900;

const Structure& liquid() {
  static const Structure structure =
      synthetic::random_structure(kAtoms, {{{26.0, 0.5, 0.3}, {4.0, 25.0, -0.6}, {-3.0, 6.5, 27.0}}}, 1.9, 11);
  return structure;
}

uff4mof::Terms terms_with_bonds() {
  uff4mof::Terms terms = synthetic::lennard_jones_terms(kAtoms, 8.0);
  for (int i = 0; i + 1 < kAtoms; ++i)
    terms.bonds.push_back({.i = i, .j = i + 1, .shift = {i % 3 - 1, 0, 0}, .k = 0.01, .r0 = 3.0});
  return terms;
}

struct Results {
  std::vector<double> energies, forces, virials;
  bool operator==(const Results&) const = default;
};

Results evaluate(int n_threads, Precision precision) {
  Context context;
  context.set_n_threads(n_threads);
  const uff4mof::Terms terms = terms_with_bonds();
  const Batch batch = make_batch(context, std::span(&liquid(), 1));
  const auto potential = make_uff4mof(context, std::span(&terms, 1), precision);
  DeviceEvaluation out(context, batch, static_cast<int>(potential->component_names().size()));
  evaluate_confirmed(*potential, batch, {.energies = true, .forces = true, .stress = true, .per_atom = false}, out);
  return {out.energies.to_host(), out.forces.to_host(), out.virials.to_host()};
}

/// Largest difference of two lists, relative to the largest number in them.
double difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  double apart = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    largest = std::max(largest, std::abs(a[k]));
    apart = std::max(apart, std::abs(a[k] - b[k]));
  }
  return apart / largest;
}

}  // namespace

TEST(every_number_of_threads_finds_the_same_forces) {
  for (const Precision precision : {Precision::float64, Precision::mixed}) {
    // Sums of some hundred numbers in another order; pairs are added in single precision when mixed.
    const double tolerance = precision == Precision::float64 ? 1e-12 : 1e-6;
    const Results one = evaluate(1, precision);
    for (const int n_threads : {2, 3, 7}) {
      const Results several = evaluate(n_threads, precision);
      CHECK(difference(one.energies, several.energies) < tolerance);
      CHECK(difference(one.forces, several.forces) < tolerance);
      CHECK(difference(one.virials, several.virials) < tolerance);
      CHECK(several == evaluate(n_threads, precision));
    }
  }
}

TEST(fewer_threads_than_asked_for_give_the_same_bits) {
  const Results asked = evaluate(3, Precision::float64);
  CHECK(!(asked == evaluate(1, Precision::float64)));
  Results granted;
  // A thread of a team gets no team of its own.
  on_threads(2, [&](int thread, int) {
    if (thread == 0) granted = evaluate(3, Precision::float64);
  });
  CHECK(granted == asked);
}

}  // namespace mofkernel::cpu
