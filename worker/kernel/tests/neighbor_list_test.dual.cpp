// The neighbor list against a plain sum over all pairs and images, for cells and sizes at the edges.
#include "geometry/neighbor_list.hpp"

#include <cmath>
#include <random>

#include "check.hpp"
#include "device.hpp"
#include "listed_pairs.hpp"
#include "potentials/potential.hpp"
#include "synthetic.hpp"

namespace mofkernel::MOFK_NS {

namespace {

using listed_pairs::Pair;
using synthetic::Case, synthetic::Matrix, synthetic::Vector;

/// Switched Lennard-Jones energy by a loop over every image that can be in reach; no tail.
double plain_sum(const Case& c) {
  const Structure& s = c.structure;
  int reach[3];
  for (std::size_t a = 0; a < 3; ++a) {
    // Enough images of a cell however skewed, for atoms that may lie some cells away.
    reach[a] = s.pbc[a] ? 12 : 0;
  }
  double sum = 0;
  for (int i = 0; i < s.n_atoms(); ++i) {
    for (int j = 0; j < s.n_atoms(); ++j) {
      const auto pair = static_cast<std::size_t>(c.terms.lj_type[static_cast<std::size_t>(i)] * c.terms.n_lj_types +
                                                 c.terms.lj_type[static_cast<std::size_t>(j)]);
      for (int p = -reach[0]; p <= reach[0]; ++p) {
        for (int q = -reach[1]; q <= reach[1]; ++q) {
          for (int r = -reach[2]; r <= reach[2]; ++r) {
            if (i == j && p == 0 && q == 0 && r == 0) continue;
            const Vector x = synthetic::image(s, j, {p, q, r});
            const Vector& y = s.positions[static_cast<std::size_t>(i)];
            const double d = std::hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
            if (d >= c.terms.cutoff_A) continue;
            const double s6 = std::pow(c.terms.lj_x_A[pair] / d, 6);
            const double t = std::max(0.0, (d - c.terms.switch_start_A) / (c.terms.cutoff_A - c.terms.switch_start_A));
            sum += 0.5 * (1 - t * t * t * (10 - 15 * t + 6 * t * t)) * c.terms.lj_epsilon_eV[pair] * (s6 * s6 - 2 * s6);
          }
        }
      }
    }
  }
  return sum;
}

double evaluate(const Context& context, const Case& c) {
  const Batch batch = make_batch(context, std::span(&c.structure, 1));
  const auto potential = make_uff4mof(context, std::span(&c.terms, 1), Precision::float64);
  DeviceEvaluation out(context, batch, 5);
  evaluate_confirmed(*potential, batch, {}, out);
  return out.energies.to_host()[0];
}

void update(NeighborList& list, const Batch& batch, const Exclusions& exclusions) {
  do list.update(batch, exclusions);
  while (!list.confirm());
}

/// All entries, each from its own end, sorted.
std::vector<Pair> pairs_of(const NeighborList& list, int n_atoms) {
  const NeighborList::Rows rows = list.to_host();
  std::vector<Pair> pairs;
  for (int i = 0; i < n_atoms; ++i) {
    for (int k = rows.first[static_cast<std::size_t>(i)]; k < rows.first[static_cast<std::size_t>(i) + 1]; ++k) {
      const int j = rows.atom[static_cast<std::size_t>(k)];
      pairs.emplace_back(i, j, listed_pairs::unwrapped(rows.shift[static_cast<std::size_t>(k)], i, j, rows.wrap));
    }
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

Case gas(int n_atoms, const Matrix& cell, double cutoff, unsigned seed) {
  Case c{synthetic::random_structure(n_atoms, cell, 1.7, seed), synthetic::lennard_jones_terms(n_atoms, cutoff)};
  c.terms.tail_correction = false;
  return c;
}

constexpr Matrix kTriclinic{{{11.0, 0.5, 0.3}, {4.0, 10.0, -0.6}, {-3.0, 2.5, 12.0}}};

Matrix scaled(const Matrix& m, double factor) {
  Matrix out = m;
  for (Vector& row : out) {
    for (double& x : row) x *= factor;
  }
  return out;
}

}  // namespace

TEST(every_pair_and_image_is_found) {
  const auto context = make_test_context();
  for (const int n : {1, 2, 31, 32, 33, 100}) {
    const Case c = gas(n, kTriclinic, 6.0, static_cast<unsigned>(n));
    CHECK_CLOSE(evaluate(*context, c), plain_sum(c), 1e-12, 1e-12);
  }
}

TEST(cells_much_smaller_than_the_cutoff_count_every_image) {
  const auto context = make_test_context();
  for (const double factor : {0.3, 0.2}) {
    const Case c = gas(1, scaled(kTriclinic, factor), 9.0, 3);
    CHECK_CLOSE(evaluate(*context, c), plain_sum(c), 1e-12, 1e-12);
  }
}

TEST(skewed_cells_count_every_image) {
  const auto context = make_test_context();
  const Case c = gas(8, {{{6.0, 0.0, 0.0}, {17.0, 5.0, 0.0}, {-14.0, 9.0, 7.0}}}, 6.0, 4);
  CHECK_CLOSE(evaluate(*context, c), plain_sum(c), 1e-12, 1e-12);
}

TEST(left_handed_cells_are_fine) {
  const auto context = make_test_context();
  Matrix mirrored = kTriclinic;
  std::swap(mirrored[0], mirrored[1]);
  const Case c = gas(20, mirrored, 6.0, 6);
  CHECK_CLOSE(evaluate(*context, c), plain_sum(c), 1e-12, 1e-12);
}

TEST(axes_without_periodicity_have_no_images) {
  const auto context = make_test_context();
  for (int mask = 0; mask < 8; ++mask) {
    Case c = gas(30, kTriclinic, 6.0, 7);
    for (std::size_t a = 0; a < 3; ++a) {
      c.structure.pbc[a] = (mask >> a & 1) != 0;
      if (!c.structure.pbc[a] && mask % 2 == 0) c.structure.cell[a] = {0, 0, 0};
    }
    c.structure.positions[3][1] += 23.0;  // far from the rest, and outside the cell where there is one
    CHECK_CLOSE(evaluate(*context, c), plain_sum(c), 1e-12, 1e-12);
  }
}

TEST(list_stays_right_while_atoms_and_cell_move) {
  const auto context = make_test_context();
  Case c = gas(60, kTriclinic, 6.0, 8);
  Batch batch = make_batch(*context, std::span(&c.structure, 1));
  const auto potential = make_uff4mof(*context, std::span(&c.terms, 1), Precision::float64);
  DeviceEvaluation out(*context, batch, 5);
  std::mt19937 random(9);
  std::normal_distribution<double> step(0.0, 0.02);
  for (int n = 0; n < 40; ++n) {
    Matrix strain{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    for (Vector& row : strain) {
      for (double& x : row) x += 0.1 * step(random);
    }
    c.structure = synthetic::transformed(c.structure, strain);
    for (Vector& x : c.structure.positions) {
      for (double& value : x) value += step(random);
    }
    const Batch now = make_batch(*context, std::span(&c.structure, 1));
    batch.positions.copy_from(now.positions);
    batch.cells.copy_from(now.cells);
    evaluate_confirmed(*potential, batch, {}, out);
    CHECK_CLOSE(out.energies.to_host()[0], evaluate(*context, c), 1e-12, 1e-12);
  }
}

TEST(list_holds_every_pair_and_image_from_both_ends) {
  const auto context = make_test_context();
  for (const listed_pairs::ListCase& c : listed_pairs::edge_cases()) {
    const Batch batch = make_batch(*context, c.structures);
    const listed_pairs::ExcludedPairs excluded = listed_pairs::some_exclusions(c);
    const Exclusions exclusions = listed_pairs::upload(*context, batch.n_atoms, excluded);
    const std::vector<Pair> expected = listed_pairs::brute_force(c.structures, c.reach, c.n_images, excluded);
    NeighborList list(*context, c.reach - 0.5, 0.5);
    update(list, batch, exclusions);
    CHECK(pairs_of(list, batch.n_atoms) == expected);
  }
}

TEST(list_with_too_little_room_gets_more) {
  const auto context = make_test_context();
  for (const listed_pairs::ListCase& c : listed_pairs::edge_cases()) {
    const Batch batch = make_batch(*context, c.structures);
    const Exclusions none = listed_pairs::upload(*context, batch.n_atoms, {});
    NeighborList list(*context, c.reach - 0.5, 0.5, {.neighbors_per_atom = 1, .atoms_per_bin = 1});
    update(list, batch, none);
    CHECK(pairs_of(list, batch.n_atoms) == listed_pairs::brute_force(c.structures, c.reach, c.n_images));
    NeighborList roomy(*context, c.reach - 0.5, 0.5, {.neighbors_per_atom = 2000, .atoms_per_bin = 500});
    update(roomy, batch, none);
    CHECK(list.to_host().atom == roomy.to_host().atom);
    CHECK(list.to_host().shift == roomy.to_host().shift);
  }
}

TEST(list_without_room_asks_for_what_its_first_lack_needs) {
  const auto context = make_test_context();
  const listed_pairs::ListCase c = listed_pairs::edge_cases()[5];  // 100 atoms
  const Batch batch = make_batch(*context, c.structures);
  std::vector<Structure> spread = c.structures;
  for (Structure& structure : spread) {
    for (auto& row : structure.cell) row = {3 * row[0], 3 * row[1], 3 * row[2]};
    for (auto& position : structure.positions) position = {3 * position[0], 3 * position[1], 3 * position[2]};
  }
  const Batch misled = make_batch(*context, spread);
  const Exclusions none = listed_pairs::upload(*context, batch.n_atoms, {});
  NeighborList list(*context, c.reach - 0.5, 0.5, {.neighbors_per_atom = 1, .atoms_per_bin = 500});
  list.update(batch, none);
  // Queued on a GPU: where the atoms went without all their neighbors says nothing.
  list.update(misled, none);
  CHECK(list.confirm() != kIsCuda);
  list.update(batch, none);
  CHECK(list.confirm());
  CHECK(pairs_of(list, batch.n_atoms) == listed_pairs::brute_force(c.structures, c.reach, c.n_images));
}

TEST(list_grows_when_a_cell_shrinks) {
  const auto context = make_test_context();
  Structure structure = synthetic::random_structure(300, scaled(kTriclinic, 2.0), 1.7, 12);
  Batch batch = make_batch(*context, std::span(&structure, 1));
  const Exclusions none = listed_pairs::upload(*context, batch.n_atoms, {});
  NeighborList list(*context, 5.5, 0.5);
  for (int n = 0; n < 6; ++n) {
    structure = synthetic::transformed(structure, {{{0.9, 0, 0}, {0, 0.92, 0}, {0, 0.02, 0.85}}});
    batch.positions.copy_from(make_batch(*context, std::span(&structure, 1)).positions);
    batch.cells.copy_from(make_batch(*context, std::span(&structure, 1)).cells);
    update(list, batch, none);
    CHECK(pairs_of(list, batch.n_atoms) == listed_pairs::brute_force(std::span(&structure, 1), 6.0, 3));
  }
  CHECK(list.n_builds() >= 6);
}

TEST(list_is_kept_while_nothing_moves_far) {
  const auto context = make_test_context();
  Structure structure = synthetic::random_structure(40, kTriclinic, 1.7, 10);
  const Exclusions none = listed_pairs::upload(*context, 40, {});
  NeighborList list(*context, 6.0, 1.0);
  const auto is_built_anew_for = [&](const Structure& s) {
    const int n_builds = list.n_builds();
    update(list, make_batch(*context, std::span(&s, 1)), none);
    return list.n_builds() != n_builds;
  };
  CHECK(is_built_anew_for(structure));
  structure.positions[5][2] += 0.49;
  CHECK(!is_built_anew_for(structure));
  structure.positions[5][2] += 0.02;
  CHECK(is_built_anew_for(structure));
  // A uniform expansion leaves every pair further apart; a compression by a tenth brings new ones within reach.
  const auto stretched = [&](double f) {
    return synthetic::transformed(structure, {{{f, 0, 0}, {0, f, 0}, {0, 0, f}}});
  };
  CHECK(!is_built_anew_for(stretched(0.99)));
  CHECK(is_built_anew_for(stretched(0.9)));
}

TEST(list_restored_elsewhere_is_the_one_that_was_built) {
  const auto context = make_test_context();
  Structure structure = gas(60, kTriclinic, 6.0, 13).structure;
  const Batch built_at = make_batch(*context, std::span(&structure, 1));
  const Exclusions none = listed_pairs::upload(*context, built_at.n_atoms, {});
  NeighborList list(*context, 6.0, 0.75);
  CHECK(list.reference().positions.empty());
  update(list, built_at, none);
  for (Vector& x : structure.positions) x[0] += 0.1 * std::sin(29.0 * x[1]);
  const Batch later = make_batch(*context, std::span(&structure, 1));
  update(list, later, none);
  NeighborList restored(*context, 6.0, 0.75, {.neighbors_per_atom = 3, .atoms_per_bin = 2});
  restored.restore(later, none, list.reference());
  const int n_builds = restored.n_builds();
  update(restored, later, none);
  CHECK(restored.n_builds() == n_builds);
  CHECK(restored.to_host().atom == list.to_host().atom && restored.to_host().shift == list.to_host().shift);
  NeighborList fresh(*context, 6.0, 0.75);
  update(fresh, later, none);
  CHECK(fresh.to_host().atom != list.to_host().atom);
}

TEST(restored_potential_gives_the_bits_of_the_original) {
  const auto context = make_test_context();
  const Case c = gas(60, kTriclinic, 6.0, 13);
  Structure moved = c.structure;
  // One atom leaves the others, so that the box around them is another one than when the list was built.
  for (Vector& x : moved.positions) x[0] += 0.1 * std::sin(29.0 * x[1]);
  moved.positions[0][2] += 0.3;
  for (const Precision precision : {Precision::float64, Precision::float32, Precision::mixed}) {
    Batch batch = make_batch(*context, std::span(&c.structure, 1));
    const auto original = make_uff4mof(*context, std::span(&c.terms, 1), precision);
    DeviceEvaluation out(*context, batch, 5);
    evaluate_confirmed(*original, batch, {}, out);
    batch.positions.copy_from(make_batch(*context, std::span(&moved, 1)).positions);
    evaluate_confirmed(*original, batch, {}, out);
    const std::vector<double> expected = out.forces.to_host();
    const auto resumed = make_uff4mof(*context, std::span(&c.terms, 1), precision);
    resumed->restore_lists(batch, original->list_references());
    evaluate_confirmed(*resumed, batch, {}, out);
    CHECK(out.forces.to_host() == expected);
  }
}

TEST(unusable_structures_are_refused) {
  const auto context = make_test_context();
  const double nan = std::nan("");
  const Case good = gas(3, kTriclinic, 6.0, 11);
  CHECK_THROWS_CODE(make_batch(*context, std::vector<Structure>{Structure{}}), ErrorCode::bad_structure);
  Case bad = good;
  bad.structure.positions[1][2] = nan;
  CHECK_THROWS_CODE(evaluate(*context, bad), ErrorCode::bad_structure);
  bad = good;
  bad.structure.cell[0][0] = nan;
  CHECK_THROWS_CODE(evaluate(*context, bad), ErrorCode::bad_structure);
  bad = good;
  bad.structure.cell[2] = bad.structure.cell[1];
  CHECK_THROWS_CODE(evaluate(*context, bad), ErrorCode::bad_structure);
  bad = good;
  bad.structure.cell[0] = {0, 0, 0};
  CHECK_THROWS_CODE(evaluate(*context, bad), ErrorCode::bad_structure);
  bad = good;
  bad.structure.positions[0][0] = 1e300;
  CHECK_THROWS_CODE(evaluate(*context, bad), ErrorCode::non_finite);
  bad = good;
  bad.structure.atomic_numbers.pop_back();
  CHECK_THROWS_CODE(evaluate(*context, bad), ErrorCode::bad_structure);
}

}  // namespace mofkernel::MOFK_NS
