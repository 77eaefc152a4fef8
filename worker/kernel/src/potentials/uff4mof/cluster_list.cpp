#include "potentials/uff4mof/cluster_list.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "backend/threads.hpp"
#include "geometry/lattice.hpp"
#include "geometry/list_errors.hpp"
#include "geometry/movement.hpp"
#include "potentials/uff4mof/cluster_tree.hpp"

namespace mofkernel::cpu {

namespace {

/// A cluster is worth a thread of its own in crowds of this size (about 20 microseconds of search).
constexpr int kClustersPerThread = 16;

/// Lattice vectors along one axis; a cell so thin that more are within reach is far below any atom's size.
constexpr double kMostShifts = 120;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

/// A batch as it is, or as it was when a list was built.
struct View {
  const int* first_atom;
  const int* structure_of_atom;
  const int* pbc;
  const double* positions;
  const double* cells;
};

struct LatticeShift {
  std::array<int, 3> cells;
  std::array<double, 3> vector;  // A
};

/// One structure while the list is built.
struct Region {
  ClusterTree tree;
  std::vector<LatticeShift> shifts;  // none, then those of one half of space that bring an image into reach
  std::size_t first_mark;            // of its table [clusters][shifts] of images
};

/// An excluded pair of an atom: the atom in lane `lane` of the cluster's image by the lattice shift of this number.
struct LeftOut {
  int cluster, lane, shift;
};

/// A cluster near another.
struct Found {
  PairEntry entry;
  double squared_distance;  // between the boxes, A^2
  Reach reach;
};

/// Rows of the clusters [first, last) while images have no numbers: entries hold the cluster and the number of the
/// lattice shift.
struct Part {
  int first = 0, last = 0;
  std::vector<PairRow> rows;
  std::vector<PairEntry> entries;
  std::vector<std::uint8_t> masks;
  // Of the search for one cluster and one atom; here so that their memory is used again.
  std::vector<Found> found;
  std::vector<LeftOut> left_out;
  std::array<std::vector<PairEntry>, 3> sorts;  // masked, inner, outer
};

bool is_in_upper_half(const std::array<int, 3>& cells) {
  return std::tie(cells[2], cells[1], cells[0]) > std::tuple(0, 0, 0);
}

class Builder {
 public:
  Builder(const Context& context, const uff4mof::TermTable& table, const View& view, int n_lanes, double reach,
          double inner_reach)
      : table_(table), view_(view), most_threads_(context.n_threads()), reach_(reach), inner_reach_(inner_reach) {
    out_.n_lanes = n_lanes;
  }

  ClusterRows build() {
    wrap_atoms();
    make_regions();
    order_atoms();
    const int n_parts = std::clamp(out_.n_clusters() / kClustersPerThread, 1, most_threads_);
    std::vector<Part> parts(index(n_parts));
    on_threads(n_parts, [&](int thread, int n_threads) {
      for (int k = thread; k < n_parts; k += n_threads) {
        Part& part = parts[index(k)];
        std::tie(part.first, part.last) = share(out_.n_clusters(), k, n_parts);
        for (int cluster = part.first; cluster < part.last; ++cluster) search(cluster, part);
      }
    });
    number_images();
    join(parts);
    return std::move(out_);
  }

 private:
  void wrap_atoms();
  void make_regions();
  void order_atoms();
  [[nodiscard]] std::vector<LatticeShift> find_shifts(int s, const double* lattice, const Box& box) const;
  void search(int cluster, Part& part);
  void find_clusters(int cluster, std::vector<Found>& found) const;
  [[nodiscard]] unsigned find_mask(int cluster, int lane, const Found& found, std::span<const LeftOut> left_out,
                                   double longest) const;
  [[nodiscard]] double find_left_out(int atom, std::vector<LeftOut>& left_out) const;
  void number_images();
  void join(std::span<const Part> parts);

  [[nodiscard]] const double* coordinates(int cluster) const {
    return coordinates_.data() + index(cluster) * 3 * index(out_.n_lanes);
  }
  [[nodiscard]] int structure_of_cluster(int cluster) const {
    return view_.structure_of_atom[out_.atoms[index(cluster * out_.n_lanes)]];
  }
  [[nodiscard]] std::size_t mark(int s, int cluster, int shift) const {
    const Region& region = regions_[index(s)];
    return region.first_mark + index(cluster - out_.first_cluster[index(s)]) * region.shifts.size() + index(shift);
  }

  const uff4mof::TermTable& table_;
  const View& view_;
  int most_threads_;
  double reach_;
  double inner_reach_;
  ClusterRows out_;
  std::vector<double> wrapped_;  // [n_atoms][3]
  std::vector<Region> regions_;
  std::vector<double> coordinates_;         // [n_clusters][3][n_lanes]
  std::vector<int> slot_of_atom_;           // [n_atoms]
  std::vector<unsigned> lanes_with_atoms_;  // [n_clusters] bit l: lane l
  std::vector<int> image_at_mark_;          // number of the image; while searching, 1 where one is needed
};

void Builder::wrap_atoms() {
  out_.wrap.resize(index(table_.n_atoms) * 3);
  wrapped_.resize(index(table_.n_atoms) * 3);
  double lattice[9] = {};
  double inverse[9] = {};
  for (int i = 0; i < table_.n_atoms; ++i) {
    const int s = view_.structure_of_atom[i];
    const int* const pbc = view_.pbc + 3 * s;
    if (i == view_.first_atom[s]) {
      if (!is_usable_lattice(view_.cells + 9 * s, pbc)) throw unusable_cell(s);
      complete_lattice(view_.cells + 9 * s, pbc, lattice);
      invert(lattice, inverse);
    }
    double fractional[3];
    row_times_matrix(view_.positions + 3 * i, inverse, fractional);
    double shift[3];
    for (int a = 0; a < 3; ++a) {
      // A shift of more than 1e8 lattice vectors would not leave a digit of the position inside the cell.
      if (!(std::abs(fractional[a]) < 1e8)) throw absurd_position();
      shift[a] = pbc[a] != 0 ? -std::floor(fractional[a]) : 0.0;
      out_.wrap[3 * index(i) + index(a)] = static_cast<int>(shift[a]);
    }
    double* const x = wrapped_.data() + 3 * index(i);
    row_times_matrix(shift, lattice, x);
    for (int a = 0; a < 3; ++a) x[a] += view_.positions[3 * i + a];
  }
}

std::vector<LatticeShift> Builder::find_shifts(int s, const double* lattice, const Box& box) const {
  const int* const pbc = view_.pbc + 3 * s;
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
        if (is_in_upper_half(shift.cells) && box.squared_distance(box, shift.vector.data()) < reach_ * reach_)
          shifts.push_back(shift);
      }
    }
  }
  return shifts;
}

void Builder::make_regions() {
  std::vector<std::optional<ClusterTree>> trees(index(table_.n_structures));
  const int n_threads = std::clamp(table_.n_atoms / (out_.n_lanes * kClustersPerThread), 1, most_threads_);
  on_threads(std::min(n_threads, table_.n_structures), [&](int thread, int n_parts) {
    const auto [first, last] = share(table_.n_structures, thread, n_parts);
    for (int s = first; s < last; ++s) {
      const std::size_t from = 3 * index(view_.first_atom[s]);
      const std::size_t to = 3 * index(view_.first_atom[s + 1]);
      trees[index(s)].emplace(std::span<const double>(wrapped_).subspan(from, to - from), out_.n_lanes);
    }
  });
  out_.first_cluster = {0};
  std::size_t n_marks = 0;
  for (int s = 0; s < table_.n_structures; ++s) {
    ClusterTree& tree = *trees[index(s)];
    out_.first_cluster.push_back(out_.first_cluster.back() + tree.n_clusters());
    std::array<double, 9> lattice{};
    complete_lattice(view_.cells + 9 * s, view_.pbc + 3 * s, lattice.data());
    std::vector<LatticeShift> shifts = find_shifts(s, lattice.data(), tree.box());
    const std::size_t first_mark = std::exchange(n_marks, n_marks + shifts.size() * index(tree.n_clusters()));
    regions_.push_back({std::move(tree), std::move(shifts), first_mark});
  }
  image_at_mark_.assign(n_marks, 0);
}

void Builder::order_atoms() {
  const std::size_t n_lanes = index(out_.n_lanes);
  const std::size_t n_slots = index(out_.n_clusters()) * n_lanes;
  out_.atoms.assign(n_slots, -1);
  slot_of_atom_.resize(index(table_.n_atoms));
  coordinates_.assign(n_slots * 3, 0.0);
  lanes_with_atoms_.assign(index(out_.n_clusters()), 0);
  for (int s = 0; s < table_.n_structures; ++s) {
    std::size_t slot = index(out_.first_cluster[index(s)]) * n_lanes;
    for (const int local : regions_[index(s)].tree.order()) {
      const int atom = view_.first_atom[s] + local;
      out_.atoms[slot] = atom;
      slot_of_atom_[index(atom)] = static_cast<int>(slot);
      for (std::size_t a = 0; a < 3; ++a)
        coordinates_[(slot / n_lanes * 3 + a) * n_lanes + slot % n_lanes] = wrapped_[3 * index(atom) + a];
      lanes_with_atoms_[slot / n_lanes] |= 1U << slot % n_lanes;
      ++slot;
    }
  }
}

/// -1 for a shift of the half of space that is counted from the other side, or out of reach.
int shift_number(const Region& region, const std::array<int, 3>& cells) {
  const auto found = std::find_if(region.shifts.begin(), region.shifts.end(), [&](const LatticeShift& shift) {
    return shift.cells[0] == cells[0] && shift.cells[1] == cells[1] && shift.cells[2] == cells[2];
  });
  return found == region.shifts.end() ? -1 : static_cast<int>(found - region.shifts.begin());
}

/// Excluded pairs of an atom, and the square of the longest, A^2.
double Builder::find_left_out(int atom, std::vector<LeftOut>& left_out) const {
  left_out.clear();
  const int s = view_.structure_of_atom[atom];
  double longest = -1.0;
  for (int e = table_.exclusion_first[index(atom)]; e < table_.exclusion_first[index(atom) + 1]; ++e) {
    const int other = table_.exclusion_atom[index(e)];
    const int slot = slot_of_atom_[index(other)];
    std::array<int, 3> cells{};
    for (std::size_t a = 0; a < 3; ++a) {
      if (view_.pbc[3 * index(s) + a] == 0) continue;
      cells[a] = table_.exclusion_shift[index(e)][a] + out_.wrap[3 * index(atom) + a] - out_.wrap[3 * index(other) + a];
    }
    const int shift = shift_number(regions_[index(s)], cells);
    if (shift < 0) continue;
    left_out.push_back({slot / out_.n_lanes, slot % out_.n_lanes, shift});
    double d[3];
    for (std::size_t a = 0; a < 3; ++a)
      d[a] = regions_[index(s)].shifts[index(shift)].vector[a] + wrapped_[3 * index(other) + a] -
             wrapped_[3 * index(atom) + a];
    longest = std::max(longest, d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
  }
  return longest * (1.0 + 1e-6);  // rounding differs from that of the search
}

void Builder::find_clusters(int cluster, std::vector<Found>& found) const {
  const SimdKernels& kernels = choose_simd_kernels();
  const int s = structure_of_cluster(cluster);
  const Region& region = regions_[index(s)];
  const int first_cluster = out_.first_cluster[index(s)];
  const Box& box = region.tree.box(cluster - first_cluster);
  for (std::size_t k = 0; k < region.shifts.size(); ++k) {
    const double* const shift = region.shifts[k].vector.data();
    // Inside the cell a pair is counted from its lower cluster, else from the side that sees the image in the upper
    // half of space.
    const int first = k == 0 ? cluster - first_cluster : 0;
    region.tree.for_each_near(box, shift, reach_ * reach_, first, [&](int local) {
      const int other = first_cluster + local;
      found.push_back({{other, static_cast<int>(k)},
                       box.squared_distance(region.tree.box(local), shift),
                       kernels.reach({coordinates(cluster), coordinates(other), shift, out_.n_lanes, reach_ * reach_,
                                      inner_reach_ * inner_reach_})});
    });
  }
}

/// The atoms of a cluster that count for an atom, a bit for each lane.
unsigned Builder::find_mask(int cluster, int lane, const Found& found, std::span<const LeftOut> left_out,
                            double longest) const {
  const auto [other, shift] = found.entry;
  unsigned mask = lanes_with_atoms_[index(other)];
  if (other == cluster && shift == 0) mask &= ~((2U << lane) - 1U);
  if (found.squared_distance > longest) return mask;
  for (const LeftOut& pair : left_out) {
    if (pair.cluster == other && pair.shift == shift) mask &= ~(1U << pair.lane);
  }
  return mask;
}

void Builder::search(int cluster, Part& part) {
  std::vector<Found>& found = part.found;
  std::vector<LeftOut>& left_out = part.left_out;
  auto& [masked, inner, outer] = part.sorts;
  found.clear();
  find_clusters(cluster, found);
  const int s = structure_of_cluster(cluster);
  const unsigned every_lane = (1U << out_.n_lanes) - 1U;
  for (int lane = 0; lane < out_.n_lanes; ++lane) {
    PairRow row{};
    row.first = static_cast<int>(part.entries.size());
    row.first_mask = static_cast<int>(part.masks.size());
    for (auto& entries : part.sorts) entries.clear();
    const int atom = out_.atoms[index(cluster * out_.n_lanes + lane)];
    const double longest = atom < 0 ? -1.0 : find_left_out(atom, left_out);
    for (const Found& one : found) {
      if (atom < 0 || one.reach.is_in_reach[lane] == 0) continue;
      const unsigned mask = find_mask(cluster, lane, one, left_out, longest);
      if ((one.reach.is_in_reach[lane] & mask) == 0) continue;
      const auto [other, shift] = one.entry;
      if (shift != 0) std::atomic_ref(image_at_mark_[mark(s, other, shift)]).store(1, std::memory_order_relaxed);
      if (mask == every_lane) {
        (one.reach.is_beyond_inner[lane] == 0 ? inner : outer).push_back(one.entry);
      } else {
        masked.push_back(one.entry);
        part.masks.push_back(static_cast<std::uint8_t>(mask));
      }
    }
    for (const auto& entries : part.sorts) part.entries.insert(part.entries.end(), entries.begin(), entries.end());
    row.end_masked = row.first + static_cast<int>(masked.size());
    row.end_inner = row.end_masked + static_cast<int>(inner.size());
    row.end = row.end_inner + static_cast<int>(outer.size());
    part.rows.push_back(row);
  }
}

void Builder::number_images() {
  out_.first_image = {0};
  for (int cluster = 0; cluster < out_.n_clusters(); ++cluster) {
    const int s = structure_of_cluster(cluster);
    const std::vector<LatticeShift>& shifts = regions_[index(s)].shifts;
    int* const image = image_at_mark_.data() + mark(s, cluster, 0);
    for (std::size_t k = 1; k < shifts.size(); ++k) {
      if (image[k] == 0) continue;
      image[k] = out_.n_images();
      out_.image_owner.push_back(cluster);
      out_.image_shift.push_back(shifts[k].cells);
    }
    out_.first_image.push_back(out_.n_images());
  }
}

/// Puts the parts one after another and names clusters and images by their places.
void Builder::join(std::span<const Part> parts) {
  std::vector<std::size_t> first_entry{0};
  std::vector<std::size_t> first_mask{0};
  for (const Part& part : parts) {
    first_entry.push_back(first_entry.back() + part.entries.size());
    first_mask.push_back(first_mask.back() + part.masks.size());
  }
  if (first_entry.back() > index(std::numeric_limits<int>::max())) throw too_many_pairs();
  const std::size_t n_rows = index(out_.n_lanes);  // of a cluster
  out_.rows.resize(index(out_.n_clusters()) * n_rows);
  out_.entries.resize(first_entry.back());
  out_.masks.resize(first_mask.back());
  on_threads(static_cast<int>(parts.size()), [&](int thread, int n_threads) {
    for (std::size_t k = index(thread); k < parts.size(); k += index(n_threads)) {
      const Part& part = parts[k];
      const int entry_offset = static_cast<int>(first_entry[k]);
      for (std::size_t r = 0; r < part.rows.size(); ++r) {
        const std::size_t at = index(part.first) * n_rows + r;
        PairRow& row = out_.rows[at] = part.rows[r];
        for (int* place : {&row.first, &row.end_masked, &row.end_inner, &row.end}) *place += entry_offset;
        row.first_mask += static_cast<int>(first_mask[k]);
        const int s = structure_of_cluster(static_cast<int>(at / n_rows));
        for (int e = row.first; e < row.end; ++e) {
          const auto [other, shift] = part.entries[index(e - entry_offset)];
          const int cluster = shift == 0 ? other : out_.n_clusters() + image_at_mark_[mark(s, other, shift)];
          out_.entries[index(e)] = {3 * out_.n_lanes * cluster,
                                    2 * out_.n_lanes * (other - out_.first_cluster[index(s)])};
        }
      }
      std::copy(part.masks.begin(), part.masks.end(), out_.masks.begin() + static_cast<std::ptrdiff_t>(first_mask[k]));
    }
  });
}

}  // namespace

ClusterList::ClusterList(const Context& context, const uff4mof::TermTable& table, int n_lanes, double inner_cutoff_A,
                         double skin_A)
    : context_(context), table_(table), n_lanes_(n_lanes), inner_cutoff_(inner_cutoff_A), skin_(skin_A) {}

bool ClusterList::update(const Batch& batch) {
  if (is_still_valid(batch)) return false;
  restore(batch, {batch.positions.to_host(), batch.cells.to_host()});
  return true;
}

void ClusterList::restore(const Batch& batch, const ListReference& reference) {
  const std::int64_t n_builds = reference_.n_builds + 1;
  reference_ = {};
  if (reference.positions.empty()) return;
  const View view{batch.first_atom.data(), batch.structure_of_atom.data(), batch.pbc.data(), reference.positions.data(),
                  reference.cells.data()};
  // While the list is valid no distance grows by more than the skin, but for terms of second order in skin/cutoff.
  const double inner_reach = inner_cutoff_ - skin_ * (1.0 + skin_ / table_.cutoff_A);
  rows_ = Builder(context_, table_, view, n_lanes_, table_.cutoff_A + skin_, std::max(inner_reach, 0.0)).build();
  reference_ = reference;
  reference_.n_builds = n_builds;
}

bool ClusterList::is_still_valid(const Batch& batch) const {
  if (reference_.positions.size() != batch.positions.size()) return false;
  for (int s = 0; s < batch.n_structures; ++s) {
    const double* const cell = batch.cells.data() + 9 * s;
    const int* const pbc = batch.pbc.data() + 3 * s;
    if (!is_usable_lattice(cell, pbc)) return false;
    const Deformation deformation =
        compute_deformation(reference_.cells.data() + 9 * s, cell, pbc, table_.cutoff_A, skin_);
    for (int i = batch.first_atom.data()[s]; i < batch.first_atom.data()[s + 1]; ++i) {
      if (!is_within_reach(deformation, reference_.positions.data() + 3 * i, batch.positions.data() + 3 * i))
        return false;
    }
  }
  return true;
}

}  // namespace mofkernel::cpu
