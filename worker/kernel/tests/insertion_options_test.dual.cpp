// Options of insertions that leave the energies' formula alone: a shift at the cutoff, parameters by atom, places that
// do not count.
#include "insertions.hpp"

namespace mofkernel::MOFK_NS {

using namespace insertion_cases;

namespace {

// By hand: one pair, less its energy at the cutoff; and nothing beyond.
TEST(a_shifted_pair_has_no_energy_at_the_cutoff) {
  const auto context = make_test_context();
  const Host host = argon_host({{{40, 0, 0}, {0, 40, 0}, {0, 0, 40}}}, {{0, 0, 0}});
  InsertionOptions options;
  options.cutoff_A = 9;
  options.is_shifted = true;
  const double epsilon = std::sqrt(0.0103 * 0.012754);
  const auto pair = [&](double r) {
    const double s6 = std::pow((3.4 + 3.73) / 2 / r, 6);
    return 4 * epsilon * (s6 * s6 - s6);
  };
  for (const double r : {3.4, 4.2, 8.0, 8.999}) {
    const double energy = energy_at(*context, host, methane(), {{r, 0, 0}}, options, kEwald);
    CHECK_CLOSE(energy, pair(r) - pair(9), 1e-14, 1e-12);
  }
  CHECK(energy_at(*context, host, methane(), {{9.001, 0, 0}}, options, kEwald) == 0);
}

TEST(atoms_with_the_same_parameters_are_one_kind) {
  const std::vector<double> epsilon{0.01, 0.02, 0.01, 0.01};
  const std::vector<double> sigma{3.0, 3.0, 3.5, 3.0};
  const adsorption::HostLennardJones host = adsorption::host_of_atoms(epsilon, sigma);
  CHECK(host.kind == (std::vector<int>{0, 1, 2, 0}));
  CHECK(host.epsilon_eV == (std::vector<double>{0.01, 0.02, 0.01}));
  CHECK(host.sigma_A == (std::vector<double>{3.0, 3.0, 3.5}));
}

TEST(what_is_reachable_and_what_is_blocked_are_the_whole) {
  const auto context = make_test_context();
  const Host host = triclinic_host();
  for (InsertionOptions options : {random_options(carbon_dioxide(), 50'000), grid_options(carbon_dioxide(), 0.7, 3)}) {
    options.blocked.shape = {3, 4, 5};
    for (int point = 0; point < 60; ++point) options.blocked.is_blocked.push_back(point % 7 == 0 || point % 5 == 2);
    const InsertionResult some = insert(*context, host, options);
    for (std::uint8_t& flag : options.blocked.is_blocked) flag = flag == 0;
    const InsertionResult others = insert(*context, host, options);
    CHECK(some.reachable && others.reachable);
    const double first = some.reachable->boltzmann_mean;
    const double second = others.reachable->boltzmann_mean;
    CHECK(first > 0 && second > 0);
    CHECK_CLOSE(first + second, some.boltzmann_mean, 0, 1e-12);
    const double energy = first * some.reachable->mean_energy_eV + second * others.reachable->mean_energy_eV;
    CHECK_CLOSE(energy, some.boltzmann_mean * some.mean_energy_eV, 0, 1e-12);
    CHECK(others.boltzmann_mean == some.boltzmann_mean);
  }
}

/// Halves of an empty cell, cut between the points of the grid.
TEST(a_place_belongs_to_the_nearest_point_of_the_grid) {
  const auto context = make_test_context();
  Host host = triclinic_host();
  for (double& epsilon : host.lennard_jones.epsilon_eV) epsilon = 0;
  host.charges = {};
  InsertionOptions options = grid_options(methane(), 0.1, 1);
  options.blocked = {{1, 1, 4}, {0, 1, 1, 0}};
  const InsertionResult result = insert(*context, host, options);
  CHECK(result.boltzmann_mean == 1);
  // Points 0 and 3 of four: from 5/8 on, and up to 1/8; the grid of placements has 100 points along c.
  const int n = result.grid_shape[2];
  int n_reachable = 0;
  for (int k = 0; k < n; ++k) n_reachable += 8 * k < n || 8 * k >= 5 * n ? 1 : 0;
  CHECK_CLOSE(result.reachable->boltzmann_mean, 1.0 * n_reachable / n, 1e-12, 0);
}

}  // namespace

}  // namespace mofkernel::MOFK_NS
