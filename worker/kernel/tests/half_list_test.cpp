// The half list of the CPU holds every pair once, whatever the cell, the number of threads and the atoms' places.
#include "geometry/half_list.hpp"

#include "check.hpp"
#include "listed_pairs.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::cpu {

namespace {

using listed_pairs::Pair;

/// The pairs of a list, each named from its canonical end, sorted.
std::vector<Pair> pairs_of(const HalfList& list, int n_atoms) {
  std::vector<Pair> pairs;
  const std::span<const int> wrap(list.wrap(), 3 * static_cast<std::size_t>(n_atoms));
  for (int i = 0; i < n_atoms; ++i) {
    for (const int point : list.row(i)) {
      const bool is_atom = point < n_atoms;
      const int j = is_atom ? point : list.image_owner()[point - n_atoms];
      const int shift = is_atom ? kNoShift : list.image_shift()[point - n_atoms];
      CHECK(is_atom || (list.first_image()[j] <= point && point < list.first_image()[j + 1]));
      pairs.push_back(listed_pairs::canonical({i, j, listed_pairs::unwrapped(shift, i, j, wrap)}));
    }
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

std::vector<Pair> expected_pairs(const listed_pairs::ListCase& c, const listed_pairs::ExcludedPairs& excluded) {
  std::vector<Pair> pairs;
  for (const Pair& pair : listed_pairs::brute_force(c.structures, c.reach, c.n_images, excluded)) {
    if (listed_pairs::canonical(pair) == pair) pairs.push_back(pair);
  }
  return pairs;
}

Structure large_structure() {
  return synthetic::random_structure(500, {{{30.0, 0.5, 0.3}, {4.0, 27.0, -0.6}, {-3.0, 8.5, 32.0}}}, 2.0, 5);
}

}  // namespace

TEST(every_pair_and_image_stands_in_the_half_list_once) {
  const Context context;
  for (const listed_pairs::ListCase& c : listed_pairs::edge_cases()) {
    const Batch batch = make_batch(context, c.structures);
    const listed_pairs::ExcludedPairs excluded = listed_pairs::some_exclusions(c);
    const Exclusions exclusions = listed_pairs::upload(context, batch.n_atoms, excluded);
    HalfList list(context, c.reach - 0.5, 0.5);
    CHECK(list.update(batch, exclusions));
    CHECK(pairs_of(list, batch.n_atoms) == expected_pairs(c, excluded));
  }
}

TEST(points_are_where_their_owners_and_shifts_put_them) {
  const Context context;
  const listed_pairs::ListCase c = listed_pairs::edge_cases().back();
  const Batch batch = make_batch(context, c.structures);
  HalfList list(context, c.reach - 0.5, 0.5);
  list.update(batch, listed_pairs::upload(context, batch.n_atoms, {}));
  const std::vector<Structure> structures = to_structures(batch);
  for (int point = 0; point < list.n_points(); ++point) {
    const bool is_atom = point < batch.n_atoms;
    const int i = is_atom ? point : list.image_owner()[point - batch.n_atoms];
    const int packed = is_atom ? kNoShift : list.image_shift()[point - batch.n_atoms];
    Shift shift;
    for (int a = 0; a < 3; ++a) shift[static_cast<std::size_t>(a)] = unpack_shift(packed, a) + list.wrap()[3 * i + a];
    const int s = batch.structure_of_atom.data()[i];
    const synthetic::Vector x =
        synthetic::image(structures[static_cast<std::size_t>(s)], i - batch.first_atom.data()[s], shift);
    for (int a = 0; a < 3; ++a)
      CHECK_CLOSE(list.built_positions()[4 * point + a], x[static_cast<std::size_t>(a)], 1e-11, 0);
  }
}

TEST(rows_do_not_depend_on_the_number_of_threads) {
  const Structure structure = large_structure();
  std::vector<std::vector<int>> rows;
  for (const int n_threads : {1, 2, 3}) {
    Context context;
    context.set_n_threads(n_threads);
    const Batch batch = make_batch(context, std::span(&structure, 1));
    HalfList list(context, 9.0, 0.75);
    list.update(batch, listed_pairs::upload(context, batch.n_atoms, {}));
    rows.emplace_back(list.row(0).data(), list.row(0).data() + list.first()[batch.n_atoms]);
  }
  CHECK(rows[1] == rows[0]);
  CHECK(rows[2] == rows[0]);
}

TEST(half_list_restored_elsewhere_is_the_one_that_was_built) {
  const Context context;
  Structure structure = large_structure();
  const Batch built_at = make_batch(context, std::span(&structure, 1));
  const Exclusions none = listed_pairs::upload(context, built_at.n_atoms, {});
  HalfList list(context, 9.0, 0.75);
  list.update(built_at, none);
  for (auto& x : structure.positions) x[1] += 0.1 * std::sin(37.0 * x[0]);
  const Batch later = make_batch(context, std::span(&structure, 1));
  CHECK(!list.update(later, none));
  HalfList restored(context, 9.0, 0.75);
  restored.restore(later, none, list.reference());
  CHECK(!restored.update(later, none));
  const auto content = [&](const HalfList& l) {
    return std::vector<int>(l.row(0).data(), l.row(0).data() + l.first()[later.n_atoms]);
  };
  CHECK(content(restored) == content(list));
  HalfList fresh(context, 9.0, 0.75);
  fresh.update(later, none);
  CHECK(content(fresh) != content(list));
}

TEST(half_list_refuses_what_has_no_place) {
  const Context context;
  Structure structure = large_structure();
  const auto update = [&] {
    Batch batch = make_batch(context, std::span(&structure, 1));
    HalfList(context, 9.0, 0.75).update(batch, listed_pairs::upload(context, batch.n_atoms, {}));
  };
  structure.positions[7][0] = 1e300;
  CHECK_THROWS_CODE(update(), ErrorCode::non_finite);
  structure.positions[7][0] = 0.0;
  structure.cell[2] = structure.cell[1];
  CHECK_THROWS_CODE(update(), ErrorCode::bad_structure);
}

}  // namespace mofkernel::cpu
