// The list of the CPU's pair loops counts every pair once, whatever the cell, the number of threads and the atoms'
// places, and its sorts of entries are what they claim to be.
#include "potentials/uff4mof/cluster_list.hpp"

#include <numeric>

#include "check.hpp"
#include "listed_pairs.hpp"

namespace mofkernel::cpu {

namespace {

using listed_pairs::Pair;

constexpr double kSkin = 0.5;

/// What a list needs of a table.
uff4mof::TermTable table_of(std::span<const Structure> structures, double cutoff,
                            const listed_pairs::ExcludedPairs& excluded) {
  uff4mof::TermTable table;
  table.n_structures = static_cast<int>(structures.size());
  for (const Structure& s : structures) table.n_atoms += s.n_atoms();
  table.cutoff_A = cutoff;
  table.pair_type.assign(static_cast<std::size_t>(table.n_atoms), 0);
  table.exclusion_first.assign(static_cast<std::size_t>(table.n_atoms) + 1, 0);
  for (const auto& [i, j, shift] : excluded) {
    ++table.exclusion_first[static_cast<std::size_t>(i) + 1];
    table.exclusion_atom.push_back(j);
    table.exclusion_shift.push_back(shift);
  }
  std::partial_sum(table.exclusion_first.begin(), table.exclusion_first.end(), table.exclusion_first.begin());
  return table;
}

/// Calls visit(pair, is_inner) for every pair that counts.
template <class Visit>
void for_each_pair(const ClusterRows& list, Visit visit) {
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  for (std::size_t slot = 0; slot < list.rows.size(); ++slot) {
    const PairRow& row = list.rows[slot];
    for (int k = row.first; k < row.end; ++k) {
      const int point = list.entries[at(k)];
      const int image = point - list.n_clusters();
      const int cluster = image < 0 ? point : list.image_owner[at(image)];
      const unsigned mask =
          k < row.end_masked ? list.masks[at(row.first_mask + k - row.first)] : (1U << list.n_lanes) - 1U;
      for (int lane = 0; lane < list.n_lanes; ++lane) {
        if ((mask >> lane & 1U) == 0) continue;
        const int i = list.atoms[slot];
        const int j = list.atoms[at(cluster * list.n_lanes + lane)];
        CHECK(i >= 0 && j >= 0);
        Shift shift{};
        for (std::size_t a = 0; a < 3; ++a) {
          shift[a] =
              (image < 0 ? 0 : list.image_shift[at(image)][a]) + list.wrap[3 * at(j) + a] - list.wrap[3 * at(i) + a];
        }
        visit(Pair{i, j, shift}, k >= row.end_masked && k < row.end_inner);
      }
    }
  }
}

Structure large_structure() {
  return synthetic::random_structure(500, {{{30.0, 0.5, 0.3}, {4.0, 27.0, -0.6}, {-3.0, 8.5, 32.0}}}, 2.0, 5);
}

bool are_equal(const ClusterRows& a, const ClusterRows& b) {
  const auto same_row = [](const PairRow& x, const PairRow& y) {
    return x.first == y.first && x.end_masked == y.end_masked && x.end_inner == y.end_inner && x.end == y.end &&
           x.first_mask == y.first_mask;
  };
  return a.atoms == b.atoms && a.wrap == b.wrap && a.image_owner == b.image_owner && a.image_shift == b.image_shift &&
         a.masks == b.masks && a.entries == b.entries &&
         std::equal(a.rows.begin(), a.rows.end(), b.rows.begin(), b.rows.end(), same_row);
}

}  // namespace

TEST(every_pair_and_image_in_reach_counts_once_and_no_excluded_one) {
  const Context context;
  for (const listed_pairs::ListCase& c : listed_pairs::edge_cases()) {
    const Batch batch = make_batch(context, c.structures);
    const listed_pairs::ExcludedPairs excluded = listed_pairs::some_exclusions(c);
    const uff4mof::TermTable table = table_of(c.structures, c.reach - kSkin, excluded);
    const std::vector<Pair> in_reach = listed_pairs::brute_force(c.structures, c.reach, c.n_images, excluded);
    for (const int n_lanes : {4, 8}) {
      ClusterList list(context, table, n_lanes, table.cutoff_A, kSkin);
      CHECK(list.update(batch));
      std::vector<Pair> found;
      for_each_pair(list.rows(), [&](const Pair& pair, bool) {
        CHECK(!std::binary_search(excluded.begin(), excluded.end(), pair));
        found.push_back(listed_pairs::canonical(pair));
      });
      std::sort(found.begin(), found.end());
      CHECK(std::adjacent_find(found.begin(), found.end()) == found.end());
      for (const Pair& pair : in_reach)
        CHECK(std::binary_search(found.begin(), found.end(), listed_pairs::canonical(pair)));
    }
  }
}

TEST(inner_entries_stay_before_the_switch_while_the_list_is_valid) {
  const Context context;
  const Structure structure = large_structure();
  const Batch batch = make_batch(context, std::span(&structure, 1));
  const double inner_cutoff = 8.0;
  const uff4mof::TermTable table = table_of(std::span(&structure, 1), 10.0, {});
  ClusterList list(context, table, 4, inner_cutoff, kSkin);
  list.update(batch);
  int n_inner = 0;
  for_each_pair(list.rows(), [&](const Pair& pair, bool is_inner) {
    if (!is_inner) return;
    ++n_inner;
    const auto& [i, j, shift] = pair;
    const synthetic::Vector x = synthetic::image(structure, j, shift);
    const synthetic::Vector& y = structure.positions[static_cast<std::size_t>(i)];
    CHECK(std::hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]) < inner_cutoff - kSkin);
  });
  CHECK(n_inner > 1000);
}

TEST(clusters_do_not_depend_on_the_number_of_threads) {
  // So many atoms that three threads share them out.
  const Structure structure =
      synthetic::random_structure(1100, {{{34.0, 0.5, 0.3}, {4.0, 35.0, -0.6}, {-3.0, 8.5, 36.0}}}, 2.0, 6);
  const uff4mof::TermTable table = table_of(std::span(&structure, 1), 9.0, {});
  std::vector<ClusterRows> rows;
  for (const int n_threads : {1, 2, 3}) {
    Context context;
    context.set_n_threads(n_threads);
    const Batch batch = make_batch(context, std::span(&structure, 1));
    ClusterList list(context, table, 4, 9.0, kSkin);
    list.update(batch);
    rows.push_back(list.rows());
  }
  CHECK(are_equal(rows[1], rows[0]));
  CHECK(are_equal(rows[2], rows[0]));
}

TEST(cluster_list_restored_elsewhere_is_the_one_that_was_built) {
  const Context context;
  Structure structure = large_structure();
  const uff4mof::TermTable table = table_of(std::span(&structure, 1), 9.0, {});
  const Batch built_at = make_batch(context, std::span(&structure, 1));
  ClusterList list(context, table, 8, 7.0, kSkin);
  list.update(built_at);
  for (auto& x : structure.positions) x[1] += 0.1 * std::sin(37.0 * x[0]);
  const Batch later = make_batch(context, std::span(&structure, 1));
  CHECK(!list.update(later));
  ClusterList restored(context, table, 8, 7.0, kSkin);
  restored.restore(later, list.reference());
  CHECK(!restored.update(later));
  CHECK(are_equal(restored.rows(), list.rows()));
  ClusterList fresh(context, table, 8, 7.0, kSkin);
  fresh.update(later);
  CHECK(!are_equal(fresh.rows(), list.rows()));
}

}  // namespace mofkernel::cpu
