// The list of k-vectors: what it holds, when it is made anew, and what happens when it lacks room.
#include "potentials/electrostatics/wave_list.hpp"

#include <algorithm>
#include <map>

#include "charged.hpp"
#include "geometry/lattice.hpp"
#include "potentials/electrostatics/coulomb_model.hpp"
#include "potentials/electrostatics/placement.hpp"

namespace mofkernel::MOFK_NS {

using Triple = std::array<int, 3>;
using Waves = std::vector<std::vector<Triple>>;  ///< of every structure

constexpr double kCutoff = 2.1;
constexpr std::array<double, 9> kCell{11.0, 0.4, -0.3, -2.5, 12.0, 0.2, 3.0, 1.5, 9.5};

std::array<double, 9> scaled(const std::array<double, 9>& cell, double factor) {
  std::array<double, 9> out = cell;
  for (double& x : out) x *= factor;
  return out;
}

/// What the device has at `from` [n].
template <class T>
std::vector<T> to_host(const Context& context, const T* from, std::size_t n) {
  Buffer<T> copy(context, n);
  T* const to = copy.data();
  parallel_for(context, static_cast<int>(n), MOFK_LAMBDA(int i) { to[i] = from[i]; });
  return copy.to_host();
}

Waves waves_of(const WaveList& list, const Context& context, std::size_t n_structures) {
  const std::vector<int> first = to_host(context, list.first(), n_structures);
  const std::vector<int> last = to_host(context, list.last(), n_structures);
  const std::vector<Triple> index = to_host(context, list.index(), static_cast<std::size_t>(list.n_places()));
  Waves waves;
  for (std::size_t s = 0; s < n_structures; ++s) waves.emplace_back(index.begin() + first[s], index.begin() + last[s]);
  return waves;
}

/// Half of k-space up to `longest`, by looking at far more triples than can be needed.
std::vector<Triple> all_waves(const std::array<double, 9>& cell, double longest) {
  constexpr int kMost = 24;
  double rows[9];
  reciprocal_rows(cell.data(), rows);
  std::vector<Triple> waves;
  for (int a = 0; a <= kMost; ++a) {
    for (int b = -kMost; b <= kMost; ++b) {
      for (int c = -kMost; c <= kMost; ++c) {
        if (Triple{a, b, c} <= Triple{0, 0, 0}) continue;
        const double n[3] = {1.0 * a, 1.0 * b, 1.0 * c};
        double k[3];
        row_times_matrix(n, rows, k);
        if (norm3(k) <= longest) waves.push_back({a, b, c});
      }
    }
  }
  return waves;
}

/// Structures of one atom in these cells.
struct Bench {
  std::unique_ptr<Context> context = make_test_context();
  WaveList list;
  Batch batch;

  explicit Bench(const std::vector<std::array<double, 9>>& cells)
      : list(*context, std::vector<double>(cells.size(), kCutoff)), batch(*context) {
    set_cells(cells);
    batch.n_structures = batch.n_atoms = static_cast<int>(cells.size());
  }
  void set_cells(const std::vector<std::array<double, 9>>& cells) {
    std::vector<double> flat;
    for (const auto& cell : cells) flat.insert(flat.end(), cell.begin(), cell.end());
    batch.cells.upload(flat);
  }
  Waves waves() const { return waves_of(list, *context, static_cast<std::size_t>(batch.n_structures)); }
  void update(const std::vector<std::array<double, 9>>& cells) {
    set_cells(cells);
    do list.update(batch);
    while (!list.confirm());
  }
};

TEST(list_holds_half_of_k_space_in_lexicographic_order) {
  const double longest = kCutoff * electrostatics::kSwitchEnd * (1 + electrostatics::kListSlack);
  Bench bench({kCell, scaled(kCell, 0.6), scaled(kCell, 0.05), scaled(kCell, 1.3)});
  bench.update({kCell, scaled(kCell, 0.6), scaled(kCell, 0.05), scaled(kCell, 1.3)});
  const Waves waves = bench.waves();
  CHECK(waves[0] == all_waves(kCell, longest) && waves[0].size() > 100);
  CHECK(waves[1] == all_waves(scaled(kCell, 0.6), longest));
  CHECK(waves[2].empty());
  CHECK(waves[3] == all_waves(scaled(kCell, 1.3), longest));
}

TEST(list_follows_a_cell_wherever_it_goes) {
  Bench bench({kCell});
  bench.update({kCell});
  for (const double factor : {1.01, 1.02, 1.05, 1.3, 1.6, 1.59, 0.9, 0.4, 1.0}) {
    const auto cell = scaled(kCell, factor);
    bench.update({cell});
    const std::vector<Triple> listed = bench.waves()[0];
    for (const Triple& wave : all_waves(cell, kCutoff * electrostatics::kSwitchEnd))
      CHECK(std::binary_search(listed.begin(), listed.end(), wave));
  }
}

TEST(list_is_made_anew_only_for_the_structure_that_has_outgrown_it) {
  Bench bench({kCell, kCell});
  bench.update({kCell, kCell});
  const Waves before = bench.waves();
  const std::int64_t n_builds = bench.list.n_builds();
  bench.update({scaled(kCell, 1.01), scaled(kCell, 1.015)});
  CHECK(bench.list.n_builds() == n_builds && bench.waves() == before);
  bench.update({scaled(kCell, 1.01), scaled(kCell, 1.1)});
  CHECK(bench.list.n_builds() > n_builds);
  const Waves after = bench.waves();
  CHECK(after[0] == before[0] && after[1] != before[1]);
  const ListReference reference = bench.list.reference();
  CHECK(std::equal(kCell.begin(), kCell.end(), reference.cells.begin()));
  CHECK(reference.cells[9] == scaled(kCell, 1.1)[0] && reference.positions.empty());
}

TEST(restored_list_is_the_one_that_was_made) {
  Bench bench({kCell, kCell});
  bench.update({kCell, scaled(kCell, 1.4)});
  bench.update({scaled(kCell, 1.02), scaled(kCell, 1.39)});
  const Waves waves = bench.waves();
  Bench other({kCell, kCell});
  other.list.restore(bench.list.reference());
  other.update({scaled(kCell, 1.02), scaled(kCell, 1.39)});
  CHECK(other.waves() == waves && other.list.reference().cells == bench.list.reference().cells);
  other.list.restore({});
  CHECK(other.list.reference().cells.empty());
}

TEST(lists_that_lacked_room_are_made_where_it_was_first_missing) {
  Bench bench({kCell, kCell});
  bench.update({kCell, kCell});
  const Waves small = bench.waves();
  // On a GPU these are queued: the second cell follows from forces without all waves, and means nothing.
  bench.set_cells({kCell, scaled(kCell, 1.5)});
  bench.list.update(bench.batch);
  bench.set_cells({kCell, scaled(kCell, 1.8)});
  bench.list.update(bench.batch);
  CHECK(bench.list.confirm() != kIsCuda);
  const double expected = kIsCuda ? 1.5 : 1.8;
  CHECK(bench.list.reference().cells[9] == scaled(kCell, expected)[0]);
  CHECK(bench.waves()[0] == small[0]);
  Bench fresh({kCell, kCell});
  fresh.update({kCell, scaled(kCell, expected)});
  CHECK(bench.waves() == fresh.waves());
}

TEST(a_cell_without_bounds_is_refused_and_the_list_goes_on) {
  Bench bench({kCell, kCell});
  bench.update({kCell, kCell});
  for (const double factor : {1e4, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THROWS_CODE(bench.update({kCell, scaled(kCell, factor)}), ErrorCode::bad_structure);
    bench.update({kCell, kCell});
    CHECK(bench.waves()[1] == bench.waves()[0]);
  }
}

}  // namespace mofkernel::MOFK_NS
