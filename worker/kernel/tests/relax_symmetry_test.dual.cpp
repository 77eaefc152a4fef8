// Relaxations that keep a symmetry, with a potential that does not.
#include <algorithm>
#include <cmath>

#include "geometry/lattice.hpp"
#include "optimizers/symmetry_orbits.hpp"
#include "relax_system.hpp"
#include "scratch_folder.hpp"

namespace mofkernel::MOFK_NS {

constexpr double kEdge_A = 6.6;

struct Generator {
  std::array<int, 9> rotation;
  std::array<double, 3> translation;
};

/// Of space group Pa-3: a threefold axis, the inversion, and two screw axes.
const std::vector<Generator> kPa3{{{0, 0, 1, 1, 0, 0, 0, 1, 0}, {0, 0, 0}},
                                  {{-1, 0, 0, 0, -1, 0, 0, 0, -1}, {0, 0, 0}},
                                  {{-1, 0, 0, 0, -1, 0, 0, 0, 1}, {0.5, 0, 0.5}},
                                  {{-1, 0, 0, 0, 1, 0, 0, 0, -1}, {0, 0.5, 0.5}}};

std::array<double, 3> image_of(const Generator& g, const std::array<double, 3>& x) {
  std::array<double, 3> image{};
  for (std::size_t a = 0; a < 3; ++a) {
    image[a] = g.translation[a];
    for (std::size_t b = 0; b < 3; ++b) image[a] += g.rotation[3 * a + b] * x[b];
  }
  return image;
}

/// Eight atoms on threefold axes of Pa-3, near the places of a simple cubic lattice, for which argon has no use.
Structure cubic_crystal() {
  std::vector<std::array<double, 3>> places{{0.22, 0.22, 0.22}};
  for (const std::size_t k : {1, 2, 3}) {
    const std::size_t n = places.size();
    for (std::size_t i = 0; i < n; ++i) places.push_back(image_of(kPa3[k], places[i]));
  }
  Structure crystal;
  crystal.cell = {{{kEdge_A, 0, 0}, {0, kEdge_A, 0}, {0, 0, kEdge_A}}};
  for (const auto& place : places) {
    crystal.positions.push_back({kEdge_A * place[0], kEdge_A * place[1], kEdge_A * place[2]});
    crystal.atomic_numbers.push_back(18);
  }
  return crystal;
}

std::vector<std::array<double, 3>> fractional_of(const std::vector<std::array<double, 3>>& positions,
                                                 const std::array<std::array<double, 3>, 3>& cell) {
  double flat[9], inverse[9];
  for (std::size_t k = 0; k < 9; ++k) flat[k] = cell[k / 3][k % 3];
  invert(flat, inverse);
  std::vector<std::array<double, 3>> fractional(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i)
    row_times_matrix(positions[i].data(), inverse, fractional[i].data());
  return fractional;
}

double distance_of(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  double largest = 0;
  for (std::size_t k = 0; k < 3; ++k) largest = std::max(largest, std::abs(a[k] - b[k] - std::round(a[k] - b[k])));
  return largest;
}

std::vector<SymmetryOperation> operations_of(const Structure& structure) {
  const auto fractional = fractional_of(structure.positions, structure.cell);
  std::vector<SymmetryOperation> operations;
  for (const Generator& g : kPa3) {
    SymmetryOperation& operation =
        operations.emplace_back(SymmetryOperation{.rotation = g.rotation, .permutation = {}});
    for (const auto& place : fractional) {
      const auto is_there = [&](const auto& other) { return distance_of(image_of(g, place), other) < 1e-6; };
      operation.permutation.push_back(
          static_cast<int>(std::ranges::find_if(fractional, is_there) - fractional.begin()));
    }
  }
  return operations;
}

/// Adds forces and a virial that no symmetry allows, as a potential in single precision does a little.
class Pushing final : public Potential {
 public:
  Pushing(const Context& context, std::unique_ptr<Potential> potential)
      : context_(context), potential_(std::move(potential)) {}

  void evaluate(const Batch& batch, EvaluateWant want, DeviceEvaluation& out) override {
    potential_->evaluate(batch, want, out);
    push(out.forces);
    push(out.virials);
  }
  void push(Buffer<double>& values) const {
    double* const d_values = values.data();
    parallel_for(
        context_, static_cast<int>(values.size()), MOFK_LAMBDA(int k) { d_values[k] += 0.001 * sin(3.0 * k); });
  }
  [[nodiscard]] bool confirm() override { return potential_->confirm(); }
  [[nodiscard]] std::vector<ListReference> list_references() const override { return potential_->list_references(); }
  void restore_lists(const Batch& batch, std::span<const ListReference> references) override {
    potential_->restore_lists(batch, references);
  }
  [[nodiscard]] std::span<const std::string> component_names() const override { return potential_->component_names(); }

 private:
  const Context& context_;
  std::unique_ptr<Potential> potential_;
};

System pushed_system(const std::vector<Structure>& structures) {
  System system(structures, read_reference().at("potential"));
  system.potential = std::make_unique<Pushing>(*system.context, std::move(system.potential));
  return system;
}

void check_symmetric(const RelaxStep& step, const std::vector<SymmetryOperation>& operations) {
  const auto places = fractional_of(step.positions, step.cell);
  for (std::size_t k = 0; k < operations.size(); ++k) {
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto to = static_cast<std::size_t>(operations[k].permutation[i]);
      CHECK(distance_of(image_of(kPa3[k], places[i]), places[to]) < 1e-12);
    }
  }
  // Rounding of sums over 24 rotations of numbers around 7.
  for (std::size_t k = 0; k < 9; ++k)
    CHECK_CLOSE(step.cell[k / 3][k % 3], k % 4 == 0 ? step.cell[0][0] : 0.0, 1e-12, 0);
}

TEST(every_step_of_every_optimizer_is_exactly_symmetric) {
  const Structure crystal = cubic_crystal();
  const std::vector<SymmetryOperation> operations = operations_of(crystal);
  for (const Optimizer optimizer : kAllOptimizers) {
    for (const CellMode mode : kAllCellModes) {
      System system = pushed_system({crystal});
      std::array<double, 3> last{};
      (void)system.relax({.optimizer = optimizer,
                          .fmax_eV_A = 1e-6,
                          .max_steps = 30,
                          .cell_mode = mode,
                          .symmetry = {operations},
                          .frame_interval = 1},
                         [&](const RelaxStep& step) {
                           check_symmetric(step, operations);
                           last = step.positions[0];
                         });
      // Along its axis the atom has moved.
      CHECK(std::abs(last[0] - crystal.positions[0][0]) > 1e-3);
    }
  }
}

TEST(without_operations_the_same_potential_leaves_the_group) {
  System system = pushed_system({cubic_crystal()});
  RelaxStep last;
  (void)system.relax({.max_steps = 5, .frame_interval = 1}, [&](const RelaxStep& step) { last = step; });
  CHECK(std::abs(last.cell[0][1]) > 1e-7);
}

TEST(a_symmetric_potential_gives_the_steps_that_it_gives_without_operations) {
  const Structure crystal = cubic_crystal();
  for (const Optimizer optimizer : kAllOptimizers) {
    std::vector<double> energies, energies_kept;
    System free({crystal}, read_reference().at("potential"));
    (void)free.relax({.optimizer = optimizer, .max_steps = 12},
                     [&](const RelaxStep& step) { energies.push_back(step.energy_eV); });
    System kept({crystal}, read_reference().at("potential"));
    (void)kept.relax({.optimizer = optimizer, .max_steps = 12, .symmetry = {operations_of(crystal)}},
                     [&](const RelaxStep& step) { energies_kept.push_back(step.energy_eV); });
    CHECK(energies.size() == energies_kept.size());
    for (std::size_t i = 0; i < energies.size(); ++i) CHECK_CLOSE(energies_kept[i], energies[i], 1e-10, 0);
  }
}

TEST(structures_of_a_batch_keep_what_each_has) {
  const Structure crystal = cubic_crystal();
  const Structure other = crystal_of(read_reference());
  RelaxOptions options{.max_steps = 20, .symmetry = {{}, operations_of(crystal), {}}};
  System together({other, crystal, crystal}, read_reference().at("potential"));
  (void)together.relax(options);
  options.symmetry = {operations_of(crystal)};
  System alone({crystal}, read_reference().at("potential"));
  (void)alone.relax(options);
  const Structure kept = to_structures(together.batch)[1];
  for (std::size_t i = 0; i < kept.positions.size(); ++i) {
    for (std::size_t a = 0; a < 3; ++a)
      CHECK_CLOSE(kept.positions[i][a], to_structures(alone.batch)[0].positions[i][a], 1e-10, 0);
  }
  CHECK(to_structures(together.batch)[2] != kept);
}

TEST(what_goes_on_without_the_ended_structures_keeps_its_symmetry) {
  const Structure crystal = cubic_crystal();
  const std::vector<SymmetryOperation> operations = operations_of(crystal);
  RelaxOptions options{.fmax_eV_A = 1e-6, .max_steps = 10, .cell_mode = CellMode::fixed};
  // The first two end at once: nothing of them may move.
  options.fixed_atoms.assign(24, 0);
  std::fill_n(options.fixed_atoms.begin(), 16, std::uint8_t{1});
  options.symmetry = {{}, operations, operations};
  options.frame_interval = 1;
  const json::Value reference = read_reference();
  System system = pushed_system({crystal, crystal, crystal});
  int n_parts = 0;
  const PotentialOfSome potential_of = [&](std::span<const int> some) {
    ++n_parts;
    const std::vector<uff4mof::Terms> terms(some.size(), lennard_jones_terms(8, reference.at("potential")));
    return std::make_unique<Pushing>(*system.context, make_uff4mof(*system.context, terms, Precision::float64));
  };
  (void)system.relax(options, [&](const RelaxStep& step) { check_symmetric(step, operations); }, {}, potential_of);
  CHECK(n_parts == 1);
  // The end is evaluated with the whole batch again.
  const std::vector<double> forces = system.evaluation.forces.to_host();
  CHECK_CLOSE(forces[48], forces[49], 1e-12, 0);
}

TEST(a_resumed_relaxation_keeps_the_bits_and_other_operations_are_refused) {
  const ScratchFolder folder;
  const Structure crystal = cubic_crystal();
  RelaxOptions options{.fmax_eV_A = 1e-6, .max_steps = 15, .symmetry = {operations_of(crystal)}};
  System never_stopped = pushed_system({crystal});
  (void)never_stopped.relax(options);
  System stopped = pushed_system({crystal});
  int n_asked = 0;
  (void)stopped.relax(options, kNoReport,
                      {.is_cancelled = [&] { return n_asked++ == 4; }, .checkpoint = {.path = folder / "c"}});
  const RunControl resume{.checkpoint = {.path = folder / "c", .resume = true}};
  options.symmetry[0].pop_back();
  System other = pushed_system({crystal});
  CHECK_THROWS_CODE(other.relax(options, kNoReport, resume), ErrorCode::bad_checkpoint);
  options.symmetry = {operations_of(crystal)};
  System resumed = pushed_system({crystal});
  CHECK(resumed.relax(options, kNoReport, resume)[0].steps == 15);
  CHECK(to_structures(resumed.batch) == to_structures(never_stopped.batch));
  CHECK(resumed.evaluation.forces.to_host() == never_stopped.evaluation.forces.to_host());
}

TEST(an_orbit_that_is_fixed_stays_and_half_a_fixed_orbit_is_refused) {
  const Structure crystal = cubic_crystal();
  System system = pushed_system({crystal});
  RelaxOptions options{.cell_mode = CellMode::fixed, .fixed_atoms = {1, 1, 1, 1, 1, 1, 1, 1}};
  options.symmetry = {operations_of(crystal)};
  CHECK(system.relax(options)[0].steps == 0);
  options.fixed_atoms[3] = 0;
  CHECK_THROWS_CODE(system.relax(options), ErrorCode::bad_request);
}

TEST(few_generators_give_the_whole_group) {
  const Structure crystal = cubic_crystal();
  const SymmetryOrbits found = find_orbits(crystal, operations_of(crystal), {});
  CHECK(found.rotations.size() == 24 && found.orbits.size() == 1 && found.orbits[0].atoms.size() == 8);
  // What a threefold axis along (1, 1, 1) leaves of a vector.
  for (const double entry : found.orbits[0].site_projector) CHECK_CLOSE(entry, 1.0 / 3, 1e-15, 0);
}

TEST(operations_that_do_not_fit_are_refused) {
  const Structure crystal = cubic_crystal();
  const std::vector<SymmetryOperation> good = operations_of(crystal);
  const auto refuses = [](const Structure& structure, const std::vector<SymmetryOperation>& operations) {
    try {
      (void)find_orbits(structure, operations, {});
    } catch (const KernelError& error) {
      return error.code() == ErrorCode::bad_request;
    }
    return false;
  };
  CHECK(!refuses(crystal, good));
  auto bad = good;
  bad[0].permutation[2] = bad[0].permutation[3];
  CHECK(refuses(crystal, bad));
  bad = good;
  bad[1].permutation.pop_back();
  CHECK(refuses(crystal, bad));
  bad = good;
  bad[1].permutation[0] = -1;
  CHECK(refuses(crystal, bad));
  bad = good;
  std::swap(bad[0].permutation[0], bad[0].permutation[1]);
  CHECK(refuses(crystal, bad));
  for (const std::array<int, 9> rotation :
       {std::array{1, 1, 0, 0, 1, 0, 0, 0, 1}, std::array{1, 0, 0, 0, 1, 0, 0, 0, 0},
        std::array{2'000'000'000, 0, 0, 0, 1, 0, 0, 0, 1}}) {
    bad = good;
    bad[2].rotation = rotation;
    CHECK(refuses(crystal, bad));
  }
  Structure moved = crystal;
  moved.positions[5][0] += 1e-5;
  CHECK(refuses(moved, good));
  Structure strained = crystal;
  strained.cell[2][2] += 1e-5;
  CHECK(refuses(strained, good));
  Structure mixed = crystal;
  mixed.atomic_numbers[1] = 36;
  CHECK(refuses(mixed, good));
  Structure slab = crystal;
  slab.pbc = {true, true, false};
  CHECK_THROWS_CODE(find_orbits(slab, good, {}), ErrorCode::unsupported);
  System system = pushed_system({crystal, crystal});
  CHECK_THROWS_CODE(system.relax({.symmetry = {good}}), ErrorCode::bad_request);
}

}  // namespace mofkernel::MOFK_NS
