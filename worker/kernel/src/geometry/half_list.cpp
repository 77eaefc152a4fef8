// A row is what the columns around an atom hold. Of the columns, only those of one half of space are looked at, so that
// every pair is met from one side.
#include "geometry/half_list.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <memory>
#include <utility>

#include "backend/threads.hpp"
#include "geometry/columns.hpp"
#include "geometry/list_errors.hpp"
#include "geometry/movement.hpp"

namespace mofkernel::cpu {

namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

/// An atom is worth a thread of its own in crowds of this size (about 20 microseconds of search).
constexpr int kAtomsPerThread = 64;

/// Drops excluded pairs of atom i from its row; how many are left.
int drop_excluded(const Columns& columns, const ListView& view, const int* wrap, const Exclusions& exclusions, int i,
                  std::vector<int>& found, const std::vector<double>& squared, int n_found) {
  const int first = exclusions.first.data()[i];
  const int last = exclusions.first.data()[i + 1];
  const auto shift_of = [&](int e, std::size_t k) {
    return columns.is_periodic(static_cast<int>(k)) ? exclusions.shift.data()[e][k] : 0;
  };
  double farthest = -1.0;
  for (int e = first; e < last; ++e) {
    const double lattice[3] = {1.0 * shift_of(e, 0), 1.0 * shift_of(e, 1), 1.0 * shift_of(e, 2)};
    double d[3];
    row_times_matrix(lattice, columns.rows(), d);
    for (int k = 0; k < 3; ++k) d[k] += view.positions[3 * exclusions.atom.data()[e] + k] - view.positions[3 * i + k];
    farthest = std::max(farthest, d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
  }
  farthest *= 1.0 + 1e-6;  // rounding differs from that of wrapped coordinates
  const auto is_excluded = [&](int point) {
    const int j = columns.owner(point);
    for (int e = first; e < last; ++e) {
      if (exclusions.atom.data()[e] != j) continue;
      bool is_same = true;
      for (int k = 0; k < 3; ++k) {
        const int shift = unpack_shift(columns.shift(point), k) + wrap[3 * j + k] - wrap[3 * i + k];
        is_same = is_same && exclusions.shift.data()[e][index(k)] == shift;
      }
      if (is_same) return true;
    }
    return false;
  };
  int kept = 0;
  for (int n = 0; n < n_found; ++n) {
    const int point = found[index(n)];
    if (squared[index(n)] <= farthest && is_excluded(point)) continue;
    found[index(kept++)] = point;
  }
  return kept;
}

std::vector<Columns> place_all_points(const ListView& view, double reach, int n_threads, int* wrap) {
  std::vector<Columns> columns;
  columns.reserve(index(view.n_structures));
  for (int s = 0; s < view.n_structures; ++s) {
    columns.emplace_back(view, s, reach);
    if (!columns.back().is_usable()) throw unusable_cell(s);
  }
  std::atomic<bool> has_all_positions = true;
  on_threads(std::min(n_threads, view.n_structures), [&](int thread, int n_parts) {
    const auto [first, last] = share(view.n_structures, thread, n_parts);
    for (int s = first; s < last; ++s) {
      Columns& own = columns[index(s)];
      if (!own.place_points(view, wrap + 3 * index(own.first_atom()))) has_all_positions = false;
    }
  });
  if (!has_all_positions) throw absurd_position();
  return columns;
}

}  // namespace

HalfList::HalfList(const Context& context, double cutoff, double skin)
    : context_(context), cutoff_(cutoff), skin_(skin) {}

bool HalfList::update(const Batch& batch, const Exclusions& exclusions) {
  if (is_still_valid(batch)) return false;
  const ListView view{
      batch.n_structures, batch.n_atoms,          batch.first_atom.data(), batch.structure_of_atom.data(),
      batch.pbc.data(),   batch.positions.data(), batch.cells.data()};
  build(view, exclusions);
  reference_ = {batch.positions.to_host(), batch.cells.to_host()};
  return true;
}

void HalfList::restore(const Batch& batch, const Exclusions& exclusions, const ListReference& reference) {
  reference_ = {};
  if (reference.positions.empty()) return;
  const ListView view{batch.n_structures,      batch.n_atoms,
                      batch.first_atom.data(), batch.structure_of_atom.data(),
                      batch.pbc.data(),        reference.positions.data(),
                      reference.cells.data()};
  build(view, exclusions);
  reference_ = reference;
}

bool HalfList::is_still_valid(const Batch& batch) const {
  if (reference_.positions.size() != batch.positions.size() || reference_.cells.size() != batch.cells.size())
    return false;
  for (int s = 0; s < batch.n_structures; ++s) {
    const double* const cell = batch.cells.data() + 9 * s;
    const int* const pbc = batch.pbc.data() + 3 * s;
    if (!is_usable_lattice(cell, pbc)) return false;
    const Deformation deformation = compute_deformation(reference_.cells.data() + 9 * s, cell, pbc, cutoff_, skin_);
    for (int i = batch.first_atom.data()[s]; i < batch.first_atom.data()[s + 1]; ++i) {
      if (!is_within_reach(deformation, reference_.positions.data() + 3 * i, batch.positions.data() + 3 * i))
        return false;
    }
  }
  return true;
}

void HalfList::build(const ListView& view, const Exclusions& exclusions) {
  reference_ = {};
  wrap_.resize(index(view.n_atoms) * 3);
  const int n_threads = std::clamp(view.n_atoms / kAtomsPerThread, 1, context_.n_threads());
  const std::vector<Columns> columns = place_all_points(view, cutoff_ + skin_, n_threads, wrap_.data());
  std::vector<int> first_point{0};
  for (const Columns& own : columns) first_point.push_back(first_point.back() + own.n_points());

  // Rows of sorted points, by every thread for its share of the atoms; and which points stand in them.
  std::vector<char> is_needed(index(first_point.back()), 0);
  std::vector<std::vector<int>> rows(index(n_threads));
  std::vector<int> row_lengths(index(view.n_atoms));
  on_threads(n_threads, [&](int thread, int n_parts) {
    std::vector<int>& own_rows = rows[index(thread)];
    std::vector<int> found;
    std::vector<double> squared;
    const auto [first, last] = share(view.n_atoms, thread, n_parts);
    for (int i = first; i < last; ++i) {
      const int s = view.structure_of_atom[i];
      const Columns& own = columns[index(s)];
      int n_found = own.search(i - own.first_atom(), found, squared);
      n_found = drop_excluded(own, view, wrap_.data(), exclusions, i, found, squared, n_found);
      row_lengths[index(i)] = n_found;
      const std::size_t at = own_rows.size();
      own_rows.resize(at + index(n_found));
      for (int n = 0; n < n_found; ++n) {
        const int point = first_point[index(s)] + found[index(n)];
        own_rows[at + index(n)] = point;
        std::atomic_ref(is_needed[index(point)]).store(1, std::memory_order_relaxed);
      }
    }
  });
  first_.assign(1, 0);
  std::int64_t n_pairs = 0;
  for (const int length : row_lengths) {
    n_pairs += length;
    first_.push_back(static_cast<int>(n_pairs));
  }
  if (n_pairs > std::numeric_limits<int>::max()) {
    throw too_many_pairs();
  }

  // The points that are needed get their numbers, and the rows name them by these.
  std::vector<int> number(is_needed.size());
  number_points(view.n_atoms, columns, is_needed, number);
  neighbors_.resize(index(first_.back()));
  std::vector<int> first_neighbor{0};
  for (const auto& part : rows) first_neighbor.push_back(first_neighbor.back() + static_cast<int>(part.size()));
  on_threads(n_threads, [&](int thread, int n_granted) {
    for (std::size_t part = index(thread); part < rows.size(); part += index(n_granted)) {
      int* out = neighbors_.data() + first_neighbor[part];
      for (const int point : rows[part]) *out++ = number[index(point)];
    }
  });
}

void HalfList::number_points(int n_atoms, std::span<const Columns> columns, std::span<const char> is_needed,
                             std::span<int> number) {
  // Calls visit(columns, point inside them, point among all) for every image that is needed.
  const auto for_each_needed_image = [&](auto visit) {
    std::size_t at = 0;
    for (const Columns& own : columns) {
      for (int point = 0; point < own.n_points(); ++point, ++at) {
        if (is_needed[at] != 0 && own.shift(point) != kNoShift) visit(own, point, at);
      }
    }
  };
  std::vector<int> next(index(n_atoms) + 1, 0);
  for_each_needed_image([&](const Columns& own, int point, std::size_t) { ++next[index(own.owner(point)) + 1]; });
  next[0] = n_atoms;
  for (std::size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  first_image_ = next;
  image_owner_.resize(index(n_points() - n_atoms));
  image_shift_.resize(image_owner_.size());
  built_positions_.resize(index(n_points()) * 4);
  const auto keep_position = [&](const Columns& own, int point, int to) {
    const std::array<double, 3> x = own.position(point);
    std::copy(x.begin(), x.end(), built_positions_.begin() + 4 * static_cast<std::ptrdiff_t>(to));
    built_positions_[4 * index(to) + 3] = 0.0;
  };
  for_each_needed_image([&](const Columns& own, int point, std::size_t at) {
    const int to = next[index(own.owner(point))]++;
    number[at] = to;
    image_owner_[index(to - n_atoms)] = own.owner(point);
    image_shift_[index(to - n_atoms)] = own.shift(point);
    keep_position(own, point, to);
  });
  std::size_t first_point = 0;
  for (const Columns& own : columns) {
    for (int i = 0; i < own.n_atoms(); ++i) {
      number[first_point + index(own.sorted_of_atom(i))] = own.first_atom() + i;
      keep_position(own, own.sorted_of_atom(i), own.first_atom() + i);
    }
    first_point += index(own.n_points());
  }
}

}  // namespace mofkernel::cpu
