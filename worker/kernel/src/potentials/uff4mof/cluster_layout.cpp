#include "potentials/uff4mof/cluster_layout.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "backend/threads.hpp"
#include "geometry/lattice.hpp"
#include "geometry/list_errors.hpp"

namespace mofkernel::cpu {

namespace {

/// Lattice vectors along one axis; a cell so thin that more are within reach is far below any atom's size.
constexpr double kMostShifts = 120;

/// Fewer atoms are wrapped or sorted by one thread.
constexpr int kAtomsPerThread = 256;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

bool is_in_upper_half(const std::array<int, 3>& cells) {
  return std::tie(cells[2], cells[1], cells[0]) > std::tuple(0, 0, 0);
}

class LayoutBuilder {
 public:
  LayoutBuilder(const BatchView& batch, const uff4mof::TermTable& table, double reach, int n_threads, ClusterRows& rows)
      : batch_(batch),
        table_(table),
        reach_(reach),
        n_threads_(std::clamp(table.n_atoms / kAtomsPerThread, 1, n_threads)),
        rows_(rows) {}

  ClusterLayout build() {
    check_cells();
    wrap_atoms();
    make_regions();
    order_atoms();
    return std::move(out_);
  }

 private:
  void check_cells() const {
    for (int s = 0; s < table_.n_structures; ++s) {
      if (!is_usable_lattice(batch_.cells + 9 * s, batch_.pbc + 3 * s)) throw unusable_cell(s);
    }
  }

  void wrap_atoms() {
    rows_.wrap.resize(index(table_.n_atoms) * 3);
    out_.wrapped.resize(index(table_.n_atoms) * 3);
    std::atomic<bool> is_absurd = false;
    on_threads(n_threads_, [&](int thread, int n_parts) {
      const auto [first, last] = share(table_.n_atoms, thread, n_parts);
      if (!wrap(first, last)) is_absurd = true;
    });
    if (is_absurd) throw absurd_position();
  }

  /// False when a position is no usable number.
  bool wrap(int first, int last) {
    double lattice[9] = {};
    double inverse[9] = {};
    for (int i = first; i < last; ++i) {
      const int s = batch_.structure_of_atom[i];
      const int* const pbc = batch_.pbc + 3 * s;
      if (i == first || i == batch_.first_atom[s]) {
        complete_lattice(batch_.cells + 9 * s, pbc, lattice);
        invert(lattice, inverse);
      }
      double fractional[3];
      row_times_matrix(batch_.positions + 3 * i, inverse, fractional);
      double shift[3];
      for (int a = 0; a < 3; ++a) {
        // A shift of more than 1e8 lattice vectors would not leave a digit of the position inside the cell.
        if (!(std::abs(fractional[a]) < 1e8)) return false;
        shift[a] = pbc[a] != 0 ? -std::floor(fractional[a]) : 0.0;
        rows_.wrap[3 * index(i) + index(a)] = static_cast<int>(shift[a]);
      }
      double* const x = out_.wrapped.data() + 3 * index(i);
      row_times_matrix(shift, lattice, x);
      for (int a = 0; a < 3; ++a) x[a] += batch_.positions[3 * i + a];
    }
    return true;
  }

  [[nodiscard]] std::vector<LatticeShift> find_shifts(int s, const double* lattice, const Box& box) const {
    const int* const pbc = batch_.pbc + 3 * s;
    double inverse[9];
    invert(lattice, inverse);
    std::array<int, 3> most{};
    for (std::size_t a = 0; a < 3; ++a) {
      if (pbc[a] == 0) continue;
      const double column[3] = {inverse[a], inverse[3 + a], inverse[6 + a]};
      // Fractional coordinates of wrapped atoms differ by less than 1.
      const double n = reach_ * norm3(column) + 1.0;
      if (n > kMostShifts) throw unusable_cell(s);
      most[a] = static_cast<int>(n);
    }
    std::vector<LatticeShift> shifts{{{0, 0, 0}, {0, 0, 0}}};
    for (int c = 0; c <= most[2]; ++c) {
      for (int b = -most[1]; b <= most[1]; ++b) {
        for (int a = -most[0]; a <= most[0]; ++a) {
          LatticeShift shift{{a, b, c}, {}};
          const double cells[3] = {1.0 * a, 1.0 * b, 1.0 * c};
          row_times_matrix(cells, lattice, shift.vector.data());
          if (is_in_upper_half(shift.cells) &&
              box.squared_distance(box.moved_by(shift.vector.data())) < reach_ * reach_)
            shifts.push_back(shift);
        }
      }
    }
    return shifts;
  }

  void make_regions() {
    std::vector<ClusterTree> trees = make_trees();
    rows_.first_cluster = {0};
    for (int s = 0; s < table_.n_structures; ++s) {
      ClusterTree& tree = trees[index(s)];
      rows_.first_cluster.push_back(rows_.first_cluster.back() + tree.n_clusters());
      std::array<double, 9> lattice{};
      complete_lattice(batch_.cells + 9 * s, batch_.pbc + 3 * s, lattice.data());
      std::vector<LatticeShift> shifts = find_shifts(s, lattice.data(), tree.box());
      const std::size_t n_marks = shifts.size() * index(tree.n_clusters());
      out_.regions.push_back({std::move(tree), std::move(shifts), std::exchange(out_.n_marks, out_.n_marks + n_marks)});
    }
  }

  /// Many structures are shared out, of few structures each is sorted by all threads.
  [[nodiscard]] std::vector<ClusterTree> make_trees() const {
    const bool is_shared_out = table_.n_structures >= 4 * n_threads_;
    std::vector<std::optional<ClusterTree>> made(index(table_.n_structures));
    on_threads(is_shared_out ? n_threads_ : 1, [&](int thread, int n_parts) {
      const auto [first, last] = share(table_.n_structures, thread, n_parts);
      for (int s = first; s < last; ++s) {
        const std::size_t from = 3 * index(batch_.first_atom[s]);
        const std::size_t to = 3 * index(batch_.first_atom[s + 1]);
        made[index(s)].emplace(std::span<const double>(out_.wrapped).subspan(from, to - from), rows_.n_lanes,
                               is_shared_out ? 1 : n_threads_);
      }
    });
    std::vector<ClusterTree> trees;
    for (std::optional<ClusterTree>& tree : made) trees.push_back(std::move(*tree));
    return trees;
  }

  void order_atoms() {
    const std::size_t n_lanes = index(rows_.n_lanes);
    const std::size_t n_clusters = index(rows_.n_clusters());
    rows_.atoms.assign(n_clusters * n_lanes, -1);
    rows_.place_of_atom.resize(index(table_.n_atoms));
    out_.coordinates.assign(n_clusters * n_lanes * 3, 0.0);
    out_.lanes_with_atoms.assign(n_clusters, 0);
    for (int s = 0; s < table_.n_structures; ++s) {
      const int n = rows_.first_cluster[index(s) + 1] - rows_.first_cluster[index(s)];
      out_.structure_of_cluster.insert(out_.structure_of_cluster.end(), index(n), s);
      place_clusters(s);
    }
  }

  void place_clusters(int s) {
    const std::size_t n_lanes = index(rows_.n_lanes);
    const std::span<const int> order = out_.regions[index(s)].tree.order();
    std::vector<int> atoms;
    std::size_t cluster = index(rows_.first_cluster[index(s)]);
    for (std::size_t first = 0; first < order.size(); first += n_lanes, ++cluster) {
      atoms.clear();
      for (const int local : order.subspan(first, std::min(n_lanes, order.size() - first)))
        atoms.push_back(batch_.first_atom[s] + local);
      // By type, so that there are few different clusters.
      std::sort(atoms.begin(), atoms.end(), [&](int i, int j) {
        return std::tuple(table_.pair_type[index(i)], i) < std::tuple(table_.pair_type[index(j)], j);
      });
      for (std::size_t lane = 0; lane < atoms.size(); ++lane) place_atom(atoms[lane], cluster, lane);
    }
  }

  void place_atom(int atom, std::size_t cluster, std::size_t lane) {
    const std::size_t n_lanes = index(rows_.n_lanes);
    rows_.atoms[cluster * n_lanes + lane] = atom;
    const std::size_t place = cluster * 3 * n_lanes + lane;
    rows_.place_of_atom[index(atom)] = static_cast<int>(place);
    for (std::size_t a = 0; a < 3; ++a) out_.coordinates[place + a * n_lanes] = out_.wrapped[3 * index(atom) + a];
    out_.lanes_with_atoms[cluster] |= 1U << lane;
  }

  const BatchView& batch_;
  const uff4mof::TermTable& table_;
  double reach_;
  int n_threads_;
  ClusterRows& rows_;
  ClusterLayout out_;
};

}  // namespace

ClusterLayout lay_out_clusters(const BatchView& batch, const uff4mof::TermTable& table, double reach_A, int n_threads,
                               ClusterRows& rows) {
  return LayoutBuilder(batch, table, reach_A, n_threads, rows).build();
}

}  // namespace mofkernel::cpu
