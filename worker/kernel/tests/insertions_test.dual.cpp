#include "insertions.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <numbers>

#include "synthetic.hpp"

namespace mofkernel::MOFK_NS {

using namespace insertion_cases;

namespace {

/// Mean Boltzmann factor and mean energy of one Lennard-Jones atom around one other in a cell of this volume, by
/// Simpson's rule.
struct Exact {
  double boltzmann_mean;
  double mean_energy_eV;
};

Exact one_pair(double epsilon, double sigma, double cutoff, double volume, double kT) {
  constexpr int kIntervals = 200000;
  double sum_w = 0;
  double sum_wE = 0;
  for (int i = 1; i <= kIntervals; ++i) {
    const double r = cutoff * i / kIntervals;
    const double x6 = std::pow(sigma / r, 6);
    const double energy = 4 * epsilon * (x6 * x6 - x6);
    const double w = std::exp(-energy / kT);
    const double weight = (i == kIntervals ? 1.0 : i % 2 == 1 ? 4.0 : 2.0) * 4 * std::numbers::pi * r * r;
    sum_w += weight * (w - 1);
    sum_wE += w > 0 ? weight * w * energy : 0.0;
  }
  const double step = cutoff / kIntervals / 3;
  const double mean = 1 + sum_w * step / volume;
  return {mean, sum_wE * step / volume / mean};
}

/// A temporary file that is gone afterwards.
struct TemporaryFile {
  std::filesystem::path path = std::filesystem::temp_directory_path() /
                               ("mofkernel-insertions-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
  ~TemporaryFile() { std::filesystem::remove(path); }
};

synthetic::Matrix rotation_matrix() {
  double m[9];
  insertion::rotation_of_quaternion(0.3, -0.5, 0.4, 0.7, m);
  return {{{m[0], m[3], m[6]}, {m[1], m[4], m[7]}, {m[2], m[5], m[8]}}};
}

}  // namespace

// Four standard errors: one run in 16 000 fails by chance, and the seed is fixed.
TEST(random_insertions_give_the_integral_of_one_lennard_jones_pair) {
  const auto context = make_test_context();
  const Host host = argon_host({{{26, 0, 0}, {0, 26, 0}, {0, 0, 26}}}, {{3, 4, 5}});
  InsertionOptions options = random_options(methane(), 600000);
  options.temperature_k = 120;
  const double sigma = (3.4 + 3.73) / 2;
  const Exact exact =
      one_pair(std::sqrt(0.0103 * 0.012754), sigma, options.cutoff_A, 26.0 * 26 * 26, kBoltzmannEvK * 120);
  const InsertionResult result = insert(*context, host, options);
  CHECK(result.n_placements == 600000);
  CHECK_CLOSE(result.boltzmann_mean, exact.boltzmann_mean, 4 * result.boltzmann_standard_error, 0);
  CHECK_CLOSE(result.mean_energy_eV, exact.mean_energy_eV, 4 * result.mean_energy_standard_error_eV, 0);
  CHECK(result.boltzmann_standard_error < 1e-3 * exact.boltzmann_mean);
  CHECK(result.mean_energy_standard_error_eV < 0.02 * std::abs(exact.mean_energy_eV));
  // Henry coefficient: molecules per Pa and cell over the mass of a mole of cells, here of one argon atom (39.95
  // g/mol); k_B = 1.380649e-23 J/K.
  CHECK_CLOSE(result.henry_mol_kg_Pa, result.boltzmann_mean * 26 * 26 * 26 * 1e-30 / (1.380649e-23 * 120) / 0.03995, 0,
              1e-6);
}

// The trapezoidal rule on a periodic function; the repulsive wall is its hardest part.
TEST(a_grid_gives_the_integral_of_one_lennard_jones_pair) {
  const auto context = make_test_context();
  const Host host = argon_host({{{25.1, 0, 0}, {0, 25.1, 0}, {0, 0, 25.1}}}, {{3, 4, 5}});
  InsertionOptions options = grid_options(methane(), 0.4, 8);
  options.temperature_k = 120;
  const Exact exact = one_pair(std::sqrt(0.0103 * 0.012754), (3.4 + 3.73) / 2, options.cutoff_A, 25.1 * 25.1 * 25.1,
                               kBoltzmannEvK * 120);
  const InsertionResult result = insert(*context, host, options);
  CHECK(result.grid_shape == (std::array<int, 3>{63, 63, 63}));
  CHECK(result.n_placements == 63 * 63 * 63);  // a sphere has one orientation
  CHECK_CLOSE(result.boltzmann_mean, exact.boltzmann_mean, 0, 2e-4);
  CHECK_CLOSE(result.mean_energy_eV, exact.mean_energy_eV, 0, 5e-3);
}

TEST(standard_errors_are_the_spread_of_independent_runs) {
  const auto context = make_test_context();
  const Host host = triclinic_host();
  constexpr int kRuns = 60;
  double sum_w = 0, sum_w2 = 0, sum_e = 0, sum_e2 = 0, error_w = 0, error_e = 0;
  for (int run = 0; run < kRuns; ++run) {
    InsertionOptions options = random_options(methane(), 4000);
    options.seed = static_cast<std::uint64_t>(run);
    const InsertionResult result = insert(*context, host, options);
    sum_w += result.boltzmann_mean;
    sum_w2 += result.boltzmann_mean * result.boltzmann_mean;
    sum_e += result.mean_energy_eV;
    sum_e2 += result.mean_energy_eV * result.mean_energy_eV;
    error_w += result.boltzmann_standard_error / kRuns;
    error_e += result.mean_energy_standard_error_eV / kRuns;
  }
  const auto spread = [](double sum, double sum2) { return std::sqrt((sum2 - sum * sum / kRuns) / (kRuns - 1)); };
  // The spread of 60 runs is itself known to 1/sqrt(2 * 59) = 9 %; three times that.
  CHECK_CLOSE(error_w, spread(sum_w, sum_w2), 0, 0.27);
  CHECK_CLOSE(error_e, spread(sum_e, sum_e2), 0, 0.27);
}

TEST(many_placements_at_once_have_the_energies_of_each_alone) {
  const auto context = make_test_context();
  const Host host = triclinic_host();
  constexpr int kPlacements = 5003;  // no multiple of anything that the fast way likes
  for (const Adsorbate& adsorbate : {methane(), carbon_dioxide(), water()}) {
    for (const auto method : {electrostatics::Method::ewald, electrostatics::Method::dsf}) {
      const electrostatics::Options electrostatics{.method = method};
      const insertion::HostGuest host_guest(*context, host.structure, host.lennard_jones, host.charges, electrostatics,
                                            random_options(adsorbate, 1), kTestOverlap_eV);
      const insertion::PlacementSource source{false, kPlacements, {1, 1, 1}, 0, nullptr, 7};
      const auto one_by_one = energies_one_by_one(*context, host_guest.view(), source, kPlacements);
      const auto at_once = energies_at_once(*context, host_guest.view(), source, kPlacements);
      int n_overlaps = 0;
      for (std::size_t i = 0; i < one_by_one.size(); ++i) {
        n_overlaps += std::isinf(one_by_one[i]) ? 1 : 0;
        CHECK(std::isinf(at_once[i]) == std::isinf(one_by_one[i]));
        // Sums in another order, of terms that cancel: the wall of an overlap is large.
        if (std::isfinite(one_by_one[i])) CHECK_CLOSE(at_once[i], one_by_one[i], 1e-12, 1e-11);
      }
      CHECK(n_overlaps > 0 && n_overlaps < kPlacements / 2);
    }
  }
}

TEST(energies_are_the_same_in_a_supercell) {
  const auto context = make_test_context();
  const Host host = triclinic_host();
  Host doubled = host;
  for (double& x : doubled.structure.cell[1]) x *= 2;
  for (std::size_t i = 0; i < host.structure.positions.size(); ++i) {
    Vector image = host.structure.positions[i];
    for (std::size_t a = 0; a < 3; ++a) image[a] += host.structure.cell[1][a];
    doubled.structure.positions.push_back(image);
    doubled.structure.atomic_numbers.push_back(18);
    doubled.lennard_jones.kind.push_back(host.lennard_jones.kind[i]);
    doubled.charges.push_back(host.charges[i]);
  }
  const InsertionResult once = insert(*context, host, grid_options(carbon_dioxide(), 1.03, 6));
  const InsertionResult twice = insert(*context, doubled, grid_options(carbon_dioxide(), 1.03, 6));
  const auto [n_a, n_b, n_c] = once.grid_shape;
  CHECK(twice.grid_shape == (std::array<int, 3>{n_a, 2 * n_b, n_c}));
  for (int a = 0; a < n_a; ++a) {
    for (int b = 0; b < 2 * n_b; ++b) {
      for (int c = 0; c < n_c; ++c) {
        const auto small = static_cast<std::size_t>((a * n_b + b % n_b) * n_c + c);
        const auto large = static_cast<std::size_t>((a * 2 * n_b + b) * n_c + c);
        if (once.grid_minimum_eV[small] > 10) continue;
        // Single precision, and an Ewald sum that is split elsewhere.
        CHECK_CLOSE(twice.grid_minimum_eV[large], once.grid_minimum_eV[small], 1e-6, 1e-6);
        CHECK_CLOSE(twice.grid_free_energy_eV[large], once.grid_free_energy_eV[small], 1e-6, 1e-6);
      }
    }
  }
  // Henry coefficients are per mass: the same.
  CHECK_CLOSE(twice.henry_mol_kg_Pa, once.henry_mol_kg_Pa, 0, 1e-6);
}

TEST(energies_do_not_change_when_crystal_and_molecule_are_turned_and_atoms_moved_by_lattice_vectors) {
  const auto context = make_test_context();
  const Host host = triclinic_host();
  Host turned = host;
  for (std::size_t a = 0; a < 3; ++a) {
    turned.structure.positions[1][a] += 2 * host.structure.cell[0][a] - host.structure.cell[2][a];
  }
  turned.structure = synthetic::transformed(turned.structure, rotation_matrix());
  const InsertionResult found = insert(*context, host, [] {
    InsertionOptions options = random_options(water(), 2000);
    options.n_lowest = 5;
    return options;
  }());
  CHECK(found.lowest.size() == 5);
  for (const Placement& placement : found.lowest) {
    std::vector<Vector> positions;
    for (const Vector& position : placement.site_positions)
      positions.push_back(synthetic::times(position, rotation_matrix()));
    CHECK_CLOSE(energy_at(*context, turned, water(), positions, {}, kEwald), placement.energy_eV, 1e-7, 1e-7);
  }
}

TEST(the_splitting_of_the_ewald_sum_does_not_matter) {
  const auto context = make_test_context();
  Host host = triclinic_host();
  host.charges[0] += 0.3;  // a charged framework and a charged guest: the background must be there as well
  Adsorbate ion = methane();
  ion.sites[0].charge_e = 0.5;
  const std::vector<Vector> place{{3.1, 2.9, 6.0}};
  const auto energy = [&](double cutoff_A) {
    return energy_at(*context, host, ion, place, {}, {.cutoff_A = cutoff_A, .relative_accuracy = 1e-9});
  };
  CHECK_CLOSE(energy(4.0), energy(12.5), 1e-8, 0);
}

TEST(an_overlap_has_no_weight_and_an_infinite_energy) {
  const auto context = make_test_context();
  Host host = argon_host({{{12, 0, 0}, {0, 12, 0}, {0, 0, 12}}}, {{0, 0, 0}});
  host.charges = {-5};
  // On the atom itself, and with an attracting charge near its center.
  for (const Vector& place : {Vector{0, 0, 0}, Vector{12, 0, 0}, Vector{1e-9, 0, 0}, Vector{0.2, 0.1, 0}}) {
    Adsorbate cation = methane();
    cation.sites[0].charge_e = 5;
    CHECK(energy_at(*context, host, cation, {place}, {}, kEwald) == std::numeric_limits<double>::infinity());
  }
  // A host that fills all space.
  std::vector<Vector> positions;
  for (int i = 0; i < 64; ++i) positions.push_back({1.0 * (i % 4), 1.0 * (i / 4 % 4), 1.0 * (i / 16)});
  const Host full = argon_host({{{4, 0, 0}, {0, 4, 0}, {0, 0, 4}}}, positions);
  const InsertionResult result = insert(*context, full, random_options(methane(), 1000));
  CHECK(result.boltzmann_mean == 0 && result.henry_mol_kg_Pa == 0 && std::isnan(result.mean_energy_eV));
  const InsertionResult grid = insert(*context, full, grid_options(methane(), 0.5, 1));
  CHECK(std::all_of(grid.grid_minimum_eV.begin(), grid.grid_minimum_eV.end(), [](float e) { return e > 0; }));
}

TEST(the_free_energy_of_a_grid_point_averages_its_orientations) {
  const auto context = make_test_context();
  const Host host = triclinic_host();
  const int n_orientations = 5;
  const InsertionOptions options = grid_options(water(), 1.5, n_orientations);
  const InsertionResult result = insert(*context, host, options);
  const insertion::HostGuest host_guest(*context, host.structure, host.lennard_jones, host.charges, kEwald, options,
                                        kTestOverlap_eV);
  std::vector<double> rotations;
  for (const auto& rotation : adsorption::spread_orientations(options.adsorbate, n_orientations))
    rotations.insert(rotations.end(), rotation.begin(), rotation.end());
  const Buffer<double> on_device(*context, std::span<const double>(rotations));
  const auto [n_a, n_b, n_c] = result.grid_shape;
  const int n = n_a * n_b * n_c * n_orientations;
  CHECK(result.n_placements == n);
  const insertion::PlacementSource source{true, n, {n_a, n_b, n_c}, n_orientations, on_device.data(), 0};
  const std::vector<double> energies = energies_one_by_one(*context, host_guest.view(), source, n);
  const double kT = kBoltzmannEvK * options.temperature_k;
  double total = 0;
  for (std::size_t point = 0; point < result.grid_minimum_eV.size(); ++point) {
    const auto first = energies.begin() + static_cast<std::ptrdiff_t>(point) * n_orientations;
    const double lowest = *std::min_element(first, first + n_orientations);
    double weight = 0;
    for (auto e = first; e != first + n_orientations; ++e) weight += std::exp(-*e / kT) / n_orientations;
    total += weight;
    if (std::isinf(lowest)) {
      CHECK(std::isinf(result.grid_minimum_eV[point]) && std::isinf(result.grid_free_energy_eV[point]));
      continue;
    }
    CHECK_CLOSE(result.grid_minimum_eV[point], lowest, 0, 1e-7);
    if (weight > 1e-300) CHECK_CLOSE(result.grid_free_energy_eV[point], -kT * std::log(weight), 1e-8, 1e-7);
  }
  CHECK_CLOSE(result.boltzmann_mean, total / static_cast<double>(result.grid_minimum_eV.size()), 0, 1e-10);
}

TEST(the_lowest_placements_are_apart_ascending_and_what_they_say) {
  const auto context = make_test_context();
  const Host host = triclinic_host();
  InsertionOptions options = random_options(carbon_dioxide(), 20000);
  options.n_lowest = 12;
  const InsertionResult result = insert(*context, host, options);
  CHECK(result.lowest.size() == 12);
  for (std::size_t i = 0; i < result.lowest.size(); ++i) {
    const Placement& placement = result.lowest[i];
    CHECK_CLOSE(energy_at(*context, host, carbon_dioxide(), placement.site_positions, {}, kEwald), placement.energy_eV,
                1e-11, 1e-10);
    CHECK(placement.site_positions.size() == 3);
    for (std::size_t a = 0; a < 3; ++a) CHECK_CLOSE(placement.site_positions[0][a], placement.center[a], 1e-12, 0);
    if (i > 0) CHECK(result.lowest[i - 1].energy_eV <= placement.energy_eV);
    for (std::size_t j = 0; j < i; ++j) {
      for (int image = 0; image < 27; ++image) {
        double d2 = 0;
        for (std::size_t a = 0; a < 3; ++a) {
          const double d =
              placement.center[a] - result.lowest[j].center[a] + (image % 3 - 1) * host.structure.cell[0][a] +
              (image / 3 % 3 - 1) * host.structure.cell[1][a] + (image / 9 - 1) * host.structure.cell[2][a];
          d2 += d * d;
        }
        CHECK(d2 >= 1);
      }
    }
  }
  // No other of the 20 000 is lower than the first.
  const insertion::HostGuest host_guest(*context, host.structure, host.lennard_jones, host.charges, kEwald, options,
                                        kTestOverlap_eV);
  const insertion::PlacementSource source{false, 20000, {1, 1, 1}, 0, nullptr, options.seed};
  const std::vector<double> energies = energies_at_once(*context, host_guest.view(), source, 20000);
  CHECK(*std::min_element(energies.begin(), energies.end()) == result.lowest.front().energy_eV);
}

// Central differences of the energy that the run itself takes; the derivative leaves out the steps at the cutoff, so
// the cutoff here is where the energy has faded.
TEST(force_and_torque_on_a_rigid_adsorbate_match_its_energy) {
  const auto context = make_test_context();
  const Host host = triclinic_host();
  constexpr double kStep = 1e-4;
  for (const Adsorbate& adsorbate : {methane(), carbon_dioxide(), water()}) {
    for (const auto method : {electrostatics::Method::ewald, electrostatics::Method::dsf}) {
      InsertionOptions options = random_options(adsorbate, 1);
      options.cutoff_A = 30;
      const insertion::HostGuest host_guest(*context, host.structure, host.lennard_jones, host.charges,
                                            {.method = method, .relative_accuracy = 1e-9}, options, kTestOverlap_eV);
      const insertion::PlacementSource source{false, 300, {1, 1, 1}, 0, nullptr, 11};
      const insertion::HostGuestView view = host_guest.view();
      int n_checked = 0;
      for (int i = 0; i < 300 && n_checked < 10; ++i) {
        const insertion::RigidPose pose = pose_on_host(*context, view, source, i);
        const auto at = [&](const double* step) {
          return gradient_at(*context, view, insertion::rigid::moved(pose, step, 1));
        };
        const double still[6] = {};
        const insertion::RigidGradient middle = at(still);
        if (!(middle.energy_eV < 1)) continue;
        ++n_checked;
        for (int k = 0; k < 6; ++k) {
          double forth[6] = {};
          double back[6] = {};
          forth[k] = kStep;
          back[k] = -kStep;
          const double slope = (at(forth).energy_eV - at(back).energy_eV) / (2 * kStep);
          const double force = k < 3 ? middle.force[k] : middle.torque[k - 3];
          // Truncation: kStep^2 times the third derivative, which the wall makes large; the table of the error
          // function.
          CHECK_CLOSE(-force, slope, 2e-6, 2e-6);
        }
      }
      CHECK(n_checked == 10);
    }
  }
}

TEST(relaxed_placements_are_minima_of_a_rigid_body) {
  const auto context = make_test_context();
  const Host host = triclinic_host();
  for (const Adsorbate& adsorbate : {methane(), carbon_dioxide(), water()}) {
    InsertionOptions options = grid_options(adsorbate, 0.8, 12);
    options.n_lowest = 12;
    const InsertionResult found = insert(*context, host, options);
    options.relax_lowest = true;
    const InsertionResult relaxed = insert(*context, host, options);
    // Starts are local minima of the placements: no more than the lowest ones, which may share a basin.
    CHECK(relaxed.lowest.size() <= found.lowest.size() && relaxed.lowest.size() > 2);
    CHECK(relaxed.grid_minimum_eV == found.grid_minimum_eV);
    CHECK(relaxed.lowest.front().energy_eV < found.lowest.front().energy_eV);
    int n_at_rest = 0;
    for (std::size_t i = 0; i < relaxed.lowest.size(); ++i) {
      const Placement& placement = relaxed.lowest[i];
      if (i > 0) CHECK(relaxed.lowest[i - 1].energy_eV <= placement.energy_eV);
      n_at_rest += placement.max_force_eV_A <= insertion::kRigidFmax_eV_A ? 1 : 0;
      // The energy is that of the sites where they are said to be, by the other way to calculate it.
      CHECK_CLOSE(energy_at(*context, host, adsorbate, placement.site_positions, options, kEwald), placement.energy_eV,
                  1e-9, 1e-9);
      for (std::size_t a = 0; a < adsorbate.sites.size(); ++a) {
        for (std::size_t b = 0; b < a; ++b) {
          const auto distance = [](const Vector& u, const Vector& v) {
            return std::hypot(u[0] - v[0], u[1] - v[1], u[2] - v[2]);
          };
          CHECK_CLOSE(distance(placement.site_positions[a], placement.site_positions[b]),
                      distance(adsorbate.sites[a].position, adsorbate.sites[b].position), 1e-10, 0);
        }
      }
      // Nothing within a hundredth of an Angstrom is lower by more than a pair at the cutoff.
      for (int k = 0; k < 6; ++k) {
        std::vector<Vector> shifted = placement.site_positions;
        for (Vector& position : shifted) position[static_cast<std::size_t>(k / 2)] += k % 2 == 0 ? 0.01 : -0.01;
        CHECK(energy_at(*context, host, adsorbate, shifted, options, kEwald) > placement.energy_eV - 5e-5);
      }
    }
    CHECK(n_at_rest + 1 >= static_cast<int>(relaxed.lowest.size()));
  }
}

TEST(a_cancelled_run_goes_on_from_its_checkpoint_to_the_same_bits) {
  const auto context = make_test_context();
  const Host host = argon_host({{{9, 0, 0}, {0, 9, 0}, {0, 0, 9}}}, {{1, 1, 1}});
  const std::int64_t n = kIsCuda ? 3'500'000 : 450'000;
  InsertionOptions random = random_options(methane(), n);
  random.cutoff_A = 6;
  random.n_lowest = 4;
  InsertionOptions grid = grid_options(methane(), kIsCuda ? 0.06 : 0.12, 1);
  grid.cutoff_A = 6;
  grid.n_lowest = 4;
  for (const InsertionOptions& options : {random, grid}) {
    const InsertionResult whole = insert(*context, host, options);
    const TemporaryFile file;
    RunControl control;
    control.checkpoint = {.path = file.path, .resume = true};
    int n_questions = 0;
    control.is_cancelled = [&n_questions] { return ++n_questions == 3; };
    const InsertionResult part = insert(*context, host, options, control);
    CHECK(part.stop == StopReason::cancelled);
    CHECK(part.n_placements > 0 && part.n_placements < whole.n_placements);
    const InsertionResult rest = insert(*context, host, options, control);
    CHECK(rest.stop == StopReason::none);
    CHECK(rest.n_placements == whole.n_placements);
    CHECK(rest.boltzmann_mean == whole.boltzmann_mean);
    CHECK(rest.boltzmann_standard_error == whole.boltzmann_standard_error);
    CHECK(rest.mean_energy_eV == whole.mean_energy_eV);
    CHECK(rest.grid_minimum_eV == whole.grid_minimum_eV);
    CHECK(rest.grid_free_energy_eV == whole.grid_free_energy_eV);
    CHECK(rest.lowest.size() == whole.lowest.size() && !rest.lowest.empty());
    for (std::size_t i = 0; i < rest.lowest.size(); ++i)
      CHECK(rest.lowest[i].site_positions == whole.lowest[i].site_positions);
    InsertionOptions other = options;
    other.temperature_k = 200;
    CHECK_THROWS_CODE(insert(*context, host, other, control), ErrorCode::bad_checkpoint);
  }
}

TEST(a_run_stops_at_its_deadline) {
  const auto context = make_test_context();
  RunControl control;
  control.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  const InsertionResult result = insert(*context, triclinic_host(), grid_options(methane(), 1.0, 1), control);
  CHECK(result.stop == StopReason::deadline);
  CHECK(result.n_placements == 0);
  CHECK(std::isnan(result.grid_minimum_eV.front()));
}

TEST(random_placements_are_uniform) {
  constexpr int kPlacements = 20000;
  const insertion::PlacementSource source{false, kPlacements, {1, 1, 1}, 0, nullptr, 3};
  double center[3] = {};
  double first[9] = {};
  double second[9] = {};
  for (int i = 0; i < kPlacements; ++i) {
    double fractional[3];
    double rotation[9];
    insertion::place(source, i, fractional, rotation);
    for (int a = 0; a < 3; ++a) center[a] += fractional[a] / kPlacements;
    for (int k = 0; k < 9; ++k) {
      first[k] += rotation[k] / kPlacements;
      second[k] += rotation[k] * rotation[k] / kPlacements;
    }
  }
  // Means of uniform numbers (variance 1/12), of direction cosines (1/3) and of their squares (4/45): five sigma.
  const double root = std::sqrt(static_cast<double>(kPlacements));
  for (const double x : center) CHECK_CLOSE(x, 0.5, 5 * std::sqrt(1.0 / 12) / root, 0);
  for (const double x : first) CHECK_CLOSE(x, 0.0, 5 * std::sqrt(1.0 / 3) / root, 0);
  for (const double x : second) CHECK_CLOSE(x, 1.0 / 3, 5 * std::sqrt(4.0 / 45) / root, 0);
}

TEST(fixed_orientations_are_spread_evenly) {
  CHECK(adsorption::spread_orientations(methane(), 8).size() == 1);
  for (const Adsorbate& adsorbate : {carbon_dioxide(), water()}) {
    const int n = 512;
    const auto rotations = adsorption::spread_orientations(adsorbate, n);
    CHECK(rotations.size() == 512);
    double second[9] = {};
    for (const auto& r : rotations) {
      // The image of the axis through the oxygens, or through the hydrogens.
      const double axis[3] = {r[0], r[3], r[6]};
      for (int k = 0; k < 9; ++k) second[k] += axis[k / 3] * axis[k % 3] / n;
      double product[9] = {};
      for (std::size_t k = 0; k < 27; ++k)
        product[k / 9 * 3 + k / 3 % 3] += r[k / 9 * 3 + k % 3] * r[k / 3 % 3 * 3 + k % 3];
      for (int k = 0; k < 9; ++k) CHECK_CLOSE(product[k], k % 4 == 0 ? 1.0 : 0.0, 1e-14, 0);
    }
    for (int k = 0; k < 9; ++k) CHECK_CLOSE(second[k], k % 4 == 0 ? 1.0 / 3 : 0.0, 0.01, 0);
  }
  // Eight axes of CO2: no two nearer than half of what eight caps that cover the half sphere would have (25 degrees).
  const auto eight = adsorption::spread_orientations(carbon_dioxide(), 8);
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double cosine = eight[i][0] * eight[j][0] + eight[i][3] * eight[j][3] + eight[i][6] * eight[j][6];
      CHECK(std::abs(cosine) < std::cos(25 * std::numbers::pi / 180));
    }
  }
}

TEST(what_cannot_be_calculated_is_refused) {
  const auto context = make_test_context();
  Host slab = triclinic_host();
  slab.structure.pbc[2] = false;
  CHECK_THROWS_CODE(insert(*context, slab, random_options(methane(), 10)), ErrorCode::unsupported);
  Host flat = triclinic_host();
  flat.structure.cell[2] = flat.structure.cell[1];
  CHECK_THROWS_CODE(insert(*context, flat, random_options(methane(), 10)), ErrorCode::bad_structure);
  CHECK_THROWS_CODE(insert(*context, {}, random_options(methane(), 10)), ErrorCode::bad_structure);
  Host half_charged = triclinic_host();
  half_charged.charges.pop_back();
  CHECK_THROWS_CODE(insert(*context, half_charged, random_options(methane(), 10)), ErrorCode::bad_request);
  half_charged.charges.push_back(std::numeric_limits<double>::quiet_NaN());
  CHECK_THROWS_CODE(insert(*context, half_charged, random_options(methane(), 10)), ErrorCode::bad_request);
  CHECK_THROWS_CODE(insert(*context, triclinic_host(), random_options({"nothing", {{"X", {0, 0, 0}, 0, 0, 0, 1}}}, 10)),
                    ErrorCode::bad_request);
  CHECK_THROWS_CODE(insert(*context, triclinic_host(), grid_options(methane(), 1e-3, 1)), ErrorCode::out_of_memory);
  InsertionOptions frozen = random_options(methane(), 1000);
  frozen.temperature_k = 0.01;
  CHECK_THROWS_CODE(insert(*context, triclinic_host(), frozen), ErrorCode::non_finite);
}

TEST(charges_that_count_for_nothing_are_told) {
  const auto context = make_test_context();
  Host host = triclinic_host();
  host.charges.clear();
  CHECK(insert(*context, host, random_options(methane(), 10)).warnings.empty());
  CHECK(insert(*context, host, random_options(carbon_dioxide(), 10)).warnings.size() == 1);
  host.charges = {1, 1, 1, 1};
  CHECK(insert(*context, host, random_options(methane(), 10)).warnings.empty());
  CHECK(insert(*context, host, random_options(carbon_dioxide(), 10)).warnings.size() == 1);
}

}  // namespace mofkernel::MOFK_NS
