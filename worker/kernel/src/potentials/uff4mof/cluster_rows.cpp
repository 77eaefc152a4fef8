#include "potentials/uff4mof/cluster_rows.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "backend/threads.hpp"
#include "geometry/list_errors.hpp"

namespace mofkernel::cpu {

namespace {

/// A cluster is worth a thread of its own in crowds of this size (about 20 microseconds of search).
constexpr int kClustersPerThread = 16;

/// Clusters whose surroundings are looked at together.
constexpr int kClustersInGroup = 16;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

/// A cluster near another, while images have no numbers yet: the image of `cluster` by the lattice shift of this
/// number.
struct Near {
  int cluster, shift;
};

/// An excluded pair of an atom: the atom in lane `lane` of that image.
struct LeftOut {
  Near image;
  int lane;
};

/// Clusters as they are found, in an array with room for more than there can be, so that adding takes no branch.
struct Found {
  std::vector<Near> clusters;
  std::size_t n = 0;

  void clear(std::size_t n_most) {
    n = 0;
    if (clusters.size() <= n_most) clusters.resize(n_most + 1);
  }
  void add_if(bool condition, const Near& near) {
    clusters[n] = near;
    n += condition ? 1 : 0;
  }
};

/// The row of one atom while its cluster is searched.
struct OpenRow {
  bool has_atom = false;
  Found masked, inner, outer;
  std::vector<std::uint8_t> masks;
  std::vector<LeftOut> left_out;
};

/// Clusters and images near any cluster of a group, and their boxes. `near` and `squared_distances` are of the search
/// among them.
struct Candidates {
  std::vector<Near> clusters;
  std::array<std::vector<double>, 3> lows, highs;  // A
  std::vector<int> near;
  std::vector<double> squared_distances;  // A^2

  void clear() {
    clusters.clear();
    for (auto& values : lows) values.clear();
    for (auto& values : highs) values.clear();
  }
  void add(const Near& cluster, const Box& box) {
    clusters.push_back(cluster);
    add_box(box);
  }
  void add_box(const Box& box) {
    for (std::size_t a = 0; a < 3; ++a) {
      lows[a].push_back(box.low[a]);
      highs[a].push_back(box.high[a]);
    }
  }
  /// Boxes that are never near up to the end of a pack; room for results.
  void complete() {
    while (lows[0].size() % kTermsPerPack != 0) add_box({});
    near.resize(lows[0].size() + 1);
    squared_distances.resize(lows[0].size() + 1);
  }
};

/// Rows of the clusters [first, last).
struct Part {
  int first = 0, last = 0;
  std::vector<PairRow> rows;
  std::vector<Near> entries;
  std::vector<std::uint8_t> masks;
  // Of the search for a few clusters; here so that their memory is used again.
  Candidates candidates;
  std::array<OpenRow, kMostPairsPerPack> open;
  double longest_left_out = 0;  // squared, A^2
};

class RowBuilder {
 public:
  RowBuilder(const BatchView& batch, const uff4mof::TermTable& table, int n_lanes, double reach, double inner_reach,
             int n_threads)
      : batch_(batch), table_(table), kernels_(choose_simd_kernels()), reach_(reach), inner_reach_(inner_reach) {
    out_.n_lanes = n_lanes;
    layout_ = lay_out_clusters(batch, table, reach, n_threads, out_);
    image_at_mark_.assign(layout_.n_marks, 0);
    n_parts_ = std::clamp(out_.n_clusters() / kClustersPerThread, 1, n_threads);
  }

  ClusterRows build() {
    std::vector<Part> parts(index(n_parts_));
    on_threads(n_parts_, [&](int thread, int n_threads) {
      for (int k = thread; k < n_parts_; k += n_threads) {
        Part& part = parts[index(k)];
        std::tie(part.first, part.last) = share(out_.n_clusters(), k, n_parts_);
        search(part);
      }
    });
    number_images();
    join(parts);
    return std::move(out_);
  }

 private:
  void search(Part& part);
  void search(int cluster, Part& part);
  void find_candidates(int first, int last, Candidates& candidates) const;
  void open_rows(int cluster, std::size_t n_most, Part& part) const;
  [[nodiscard]] double find_left_out(int atom, std::vector<LeftOut>& left_out) const;
  void add(int cluster, const Near& near, double squared_distance, Part& part);
  [[nodiscard]] unsigned find_mask(int cluster, int lane, const Near& near, std::span<const LeftOut> left_out) const;
  void close_rows(Part& part) const;
  void number_images();
  void join(std::span<const Part> parts);
  void join(const Part& part, std::size_t first_entry, std::size_t first_mask);

  [[nodiscard]] unsigned every_lane() const { return (1U << out_.n_lanes) - 1U; }
  [[nodiscard]] const double* coordinates(int cluster) const {
    return layout_.coordinates.data() + index(cluster) * 3 * index(out_.n_lanes);
  }
  [[nodiscard]] const ClusterRegion& region_of(int cluster) const {
    return layout_.regions[index(layout_.structure_of_cluster[index(cluster)])];
  }
  [[nodiscard]] int first_cluster_beside(int cluster) const {
    return out_.first_cluster[index(layout_.structure_of_cluster[index(cluster)])];
  }
  [[nodiscard]] std::size_t mark(const Near& near) const {
    const ClusterRegion& region = region_of(near.cluster);
    return region.first_mark + index(near.cluster - first_cluster_beside(near.cluster)) * region.shifts.size() +
           index(near.shift);
  }

  const BatchView& batch_;
  const uff4mof::TermTable& table_;
  const SimdKernels& kernels_;
  double reach_;
  double inner_reach_;
  int n_parts_ = 1;
  ClusterRows out_;
  ClusterLayout layout_;
  std::vector<int> image_at_mark_;  // number of the image; while searching, 1 where one is needed
};

/// Looks around groups of clusters first: their surroundings are nearly the same.
void RowBuilder::search(Part& part) {
  for (int first = part.first; first < part.last;) {
    const int n = out_.first_cluster[index(layout_.structure_of_cluster[index(first)]) + 1];
    const int last = std::min({first + kClustersInGroup, part.last, n});
    find_candidates(first, last, part.candidates);
    for (; first < last; ++first) search(first, part);
  }
}

/// Ascending shifts, and of each the clusters, ascending.
void RowBuilder::find_candidates(int first, int last, Candidates& candidates) const {
  const ClusterRegion& region = region_of(first);
  const int first_cluster = first_cluster_beside(first);
  Box box;
  for (int cluster = first; cluster < last; ++cluster) box.include(region.tree.box(cluster - first_cluster));
  candidates.clear();
  for (std::size_t k = 0; k < region.shifts.size(); ++k) {
    const std::array<double, 3>& shift = region.shifts[k].vector;
    const std::array<double, 3> back{-shift[0], -shift[1], -shift[2]};
    region.tree.for_each_near(
        box.moved_by(back.data()), reach_ * reach_, k == 0 ? first - first_cluster : 0, [&](int local) {
          candidates.add({first_cluster + local, static_cast<int>(k)}, region.tree.box(local).moved_by(shift.data()));
        });
  }
  candidates.complete();
}

void RowBuilder::search(int cluster, Part& part) {
  Candidates& candidates = part.candidates;
  const Box& box = region_of(cluster).tree.box(cluster - first_cluster_beside(cluster));
  const int n_near =
      kernels_.near_boxes({box.low.data(),
                           box.high.data(),
                           {candidates.lows[0].data(), candidates.lows[1].data(), candidates.lows[2].data()},
                           {candidates.highs[0].data(), candidates.highs[1].data(), candidates.highs[2].data()},
                           static_cast<int>(candidates.lows[0].size()),
                           reach_ * reach_},
                          candidates.near.data(), candidates.squared_distances.data());
  open_rows(cluster, index(n_near), part);
  for (std::size_t k = 0; k < index(n_near); ++k) {
    const Near& near = candidates.clusters[index(candidates.near[k])];
    // Inside the cell a pair is counted from its lower cluster, else from the side that sees the image in the upper
    // half of space.
    if (near.shift == 0 && near.cluster < cluster) continue;
    add(cluster, near, candidates.squared_distances[k], part);
  }
  close_rows(part);
}

void RowBuilder::open_rows(int cluster, std::size_t n_most, Part& part) const {
  part.longest_left_out = -1.0;
  for (int lane = 0; lane < out_.n_lanes; ++lane) {
    OpenRow& row = part.open[index(lane)];
    for (Found* found : {&row.masked, &row.inner, &row.outer}) found->clear(n_most);
    row.masks.clear();
    row.left_out.clear();
    const int atom = out_.atoms[index(cluster * out_.n_lanes + lane)];
    row.has_atom = atom >= 0;
    if (row.has_atom) part.longest_left_out = std::max(part.longest_left_out, find_left_out(atom, row.left_out));
  }
}

/// -1 for a shift of the half of space that is counted from the other side, or out of reach.
int shift_number(const ClusterRegion& region, const std::array<int, 3>& cells) {
  const auto found = std::find_if(region.shifts.begin(), region.shifts.end(), [&](const LatticeShift& shift) {
    return shift.cells[0] == cells[0] && shift.cells[1] == cells[1] && shift.cells[2] == cells[2];
  });
  return found == region.shifts.end() ? -1 : static_cast<int>(found - region.shifts.begin());
}

/// Excluded pairs of an atom, and the square of the longest, A^2.
double RowBuilder::find_left_out(int atom, std::vector<LeftOut>& left_out) const {
  const int s = batch_.structure_of_atom[atom];
  const ClusterRegion& region = layout_.regions[index(s)];
  double longest = -1.0;
  for (int e = table_.exclusion_first[index(atom)]; e < table_.exclusion_first[index(atom) + 1]; ++e) {
    const int other = table_.exclusion_atom[index(e)];
    const int place = out_.place_of_atom[index(other)];
    std::array<int, 3> cells{};
    for (std::size_t a = 0; a < 3; ++a) {
      if (batch_.pbc[3 * index(s) + a] == 0) continue;
      cells[a] = table_.exclusion_shift[index(e)][a] + out_.wrap[3 * index(atom) + a] - out_.wrap[3 * index(other) + a];
    }
    const int shift = shift_number(region, cells);
    if (shift < 0) continue;
    left_out.push_back({{place / (3 * out_.n_lanes), shift}, place % (3 * out_.n_lanes)});
    double d[3];
    for (std::size_t a = 0; a < 3; ++a)
      d[a] = region.shifts[index(shift)].vector[a] + layout_.wrapped[3 * index(other) + a] -
             layout_.wrapped[3 * index(atom) + a];
    longest = std::max(longest, d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
  }
  return longest * (1.0 + 1e-6);  // rounding differs from that of the search
}

/// A cluster at this squared distance, for each atom that it may be in reach of.
void RowBuilder::add(int cluster, const Near& near, double squared_distance, Part& part) {
  const double* const shift = region_of(cluster).shifts[index(near.shift)].vector.data();
  const Reach reach = kernels_.reach({coordinates(cluster), coordinates(near.cluster), shift, out_.n_lanes,
                                      reach_ * reach_, inner_reach_ * inner_reach_});
  const bool is_home = near.cluster == cluster && near.shift == 0;
  const bool is_whole = !is_home && squared_distance > part.longest_left_out &&
                        layout_.lanes_with_atoms[index(near.cluster)] == every_lane();
  bool is_needed = false;
  for (int lane = 0; lane < out_.n_lanes; ++lane) {
    OpenRow& row = part.open[index(lane)];
    const bool is_inner = reach.is_beyond_inner[lane] == 0;
    const unsigned mask = is_whole ? every_lane() : find_mask(cluster, lane, near, row.left_out);
    const bool counts = row.has_atom && (reach.is_in_reach[lane] & mask) != 0;
    is_needed |= counts;
    if (mask == every_lane()) {
      row.inner.add_if(counts & is_inner, near);
      row.outer.add_if(counts & !is_inner, near);
    } else {
      row.masked.add_if(counts, near);
      if (counts) row.masks.push_back(static_cast<std::uint8_t>(mask));
    }
  }
  if (is_needed && near.shift != 0) std::atomic_ref(image_at_mark_[mark(near)]).store(1, std::memory_order_relaxed);
}

/// The atoms of a cluster that count for an atom, a bit for each lane.
unsigned RowBuilder::find_mask(int cluster, int lane, const Near& near, std::span<const LeftOut> left_out) const {
  unsigned mask = layout_.lanes_with_atoms[index(near.cluster)];
  if (near.cluster == cluster && near.shift == 0) mask &= ~((2U << lane) - 1U);
  for (const LeftOut& pair : left_out) {
    if (pair.image.cluster == near.cluster && pair.image.shift == near.shift) mask &= ~(1U << pair.lane);
  }
  return mask;
}

void RowBuilder::close_rows(Part& part) const {
  for (int lane = 0; lane < out_.n_lanes; ++lane) {
    const OpenRow& open = part.open[index(lane)];
    PairRow row{};
    row.first = static_cast<int>(part.entries.size());
    row.first_mask = static_cast<int>(part.masks.size());
    row.end_masked = row.first + static_cast<int>(open.masked.n);
    row.end_inner = row.end_masked + static_cast<int>(open.inner.n);
    row.end = row.end_inner + static_cast<int>(open.outer.n);
    for (const Found* found : {&open.masked, &open.inner, &open.outer}) {
      const auto begin = found->clusters.begin();
      part.entries.insert(part.entries.end(), begin, begin + static_cast<std::ptrdiff_t>(found->n));
    }
    part.masks.insert(part.masks.end(), open.masks.begin(), open.masks.end());
    part.rows.push_back(row);
  }
}

void RowBuilder::number_images() {
  out_.first_image = {0};
  for (int cluster = 0; cluster < out_.n_clusters(); ++cluster) {
    const std::vector<LatticeShift>& shifts = region_of(cluster).shifts;
    int* const image = image_at_mark_.data() + mark({cluster, 0});
    for (std::size_t k = 1; k < shifts.size(); ++k) {
      if (image[k] == 0) continue;
      image[k] = out_.n_images();
      out_.image_owner.push_back(cluster);
      out_.image_shift.push_back(shifts[k].cells);
    }
    out_.first_image.push_back(out_.n_images());
  }
}

/// Puts the parts one after another.
void RowBuilder::join(std::span<const Part> parts) {
  std::vector<std::size_t> first_entry{0};
  std::vector<std::size_t> first_mask{0};
  for (const Part& part : parts) {
    first_entry.push_back(first_entry.back() + part.entries.size());
    first_mask.push_back(first_mask.back() + part.masks.size());
  }
  if (first_entry.back() > index(std::numeric_limits<int>::max())) throw too_many_pairs();
  out_.rows.resize(index(out_.n_clusters() * out_.n_lanes));
  out_.entries.resize(first_entry.back());
  out_.masks.resize(first_mask.back());
  on_threads(static_cast<int>(parts.size()), [&](int thread, int n_threads) {
    for (std::size_t k = index(thread); k < parts.size(); k += index(n_threads))
      join(parts[k], first_entry[k], first_mask[k]);
  });
}

/// Names clusters and images by their places.
void RowBuilder::join(const Part& part, std::size_t first_entry, std::size_t first_mask) {
  const auto entry_offset = static_cast<int>(first_entry);
  for (std::size_t r = 0; r < part.rows.size(); ++r) {
    PairRow& row = out_.rows[index(part.first * out_.n_lanes) + r] = part.rows[r];
    for (int* place : {&row.first, &row.end_masked, &row.end_inner, &row.end}) *place += entry_offset;
    row.first_mask += static_cast<int>(first_mask);
  }
  for (std::size_t e = 0; e < part.entries.size(); ++e) {
    const Near& near = part.entries[e];
    out_.entries[first_entry + e] = near.shift == 0 ? near.cluster : out_.n_clusters() + image_at_mark_[mark(near)];
  }
  std::copy(part.masks.begin(), part.masks.end(), out_.masks.begin() + static_cast<std::ptrdiff_t>(first_mask));
}

}  // namespace

ClusterRows build_cluster_rows(const BatchView& batch, const uff4mof::TermTable& table, int n_lanes, double reach_A,
                               double inner_reach_A, int n_threads) {
  return RowBuilder(batch, table, n_lanes, reach_A, inner_reach_A, n_threads).build();
}

}  // namespace mofkernel::cpu
