#include "potentials/uff4mof/cluster_pairs.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <ranges>
#include <type_traits>

#include "backend/threads.hpp"
#include "geometry/lattice.hpp"
#include "geometry/neighbor_list.hpp"
#include "potentials/uff4mof/cluster_tree.hpp"

namespace mofkernel::cpu {

namespace {

/// Length units across all atoms and images of a structure, so that no difference overflows.
constexpr double kUnitsAcross = 1 << 30;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

bool is_switched(const uff4mof::TermTable& table) {
  return table.truncation == uff4mof::Truncation::switched && table.switch_start_A < table.cutoff_A;
}

/// The cell of a structure without the rows of axes that are not periodic, which may hold anything.
std::array<double, 9> periodic_cell(const Batch& batch, int s) {
  std::array<double, 9> cell{};
  for (std::size_t k = 0; k < 9; ++k) {
    if (batch.pbc.data()[3 * index(s) + k / 3] != 0) cell[k] = batch.cells.data()[9 * index(s) + k];
  }
  return cell;
}

std::array<double, 3> lattice_vector(const std::array<double, 9>& cell, const int* cells) {
  if (cells[0] == 0 && cells[1] == 0 && cells[2] == 0) return {};
  const double n[3] = {1.0 * cells[0], 1.0 * cells[1], 1.0 * cells[2]};
  std::array<double, 3> vector{};
  row_times_matrix(n, cell.data(), vector.data());
  return vector;
}

}  // namespace

template <class Real>
ClusterPairs<Real>::ClusterPairs(const Context& context, const uff4mof::TermTable& table, double skin_A)
    : context_(context),
      table_(table),
      kernels_(choose_simd_kernels()),
      list_(context, table, kLanes, is_switched(table) ? table.switch_start_A : table.cutoff_A, skin_A) {}

template <class Real>
void ClusterPairs<Real>::update(const Batch& batch) {
  if (list_.update(batch)) use_rows(batch);
}

template <class Real>
void ClusterPairs<Real>::restore(const Batch& batch, const ListReference& reference) {
  list_.restore(batch, reference);
  // The unit of length comes from where the list was built, not from where the atoms are now.
  if (!reference.positions.empty()) use_rows(batch_at(context_, batch, reference));
}

template <class Real>
void ClusterPairs<Real>::use_rows(const Batch& batch) {
  row_energies_.resize(rows().rows.size());
  is_shared_out_ = false;
  fill_parameters(batch);
  choose_length_unit(batch);
}

template <class Real>
void ClusterPairs<Real>::fill_parameters(const Batch& batch) {
  rows_ = rows().rows;
  parameters_.clear();
  parameters_of_.resize(index(rows().n_clusters() + rows().n_images()));
  for (int s = 0; s < table_.n_structures; ++s) {
    std::vector<int> table_row;  // by type
    for (int i = batch.first_atom.data()[s]; i < batch.first_atom.data()[s + 1]; ++i) {
      const std::size_t type = index(table_.pair_type[index(i)]);
      if (type >= table_row.size()) table_row.resize(type + 1, -1);
      table_row[type] = table_.pair_row[index(i)];
    }
    const int first = static_cast<int>(parameters_.size());
    const std::vector<TypesOfCluster> makeups = find_makeups(s);
    const int size = 2 * kLanes * static_cast<int>(makeups.size());
    for (const int row : table_row) {
      for (const TypesOfCluster& makeup : makeups) add_parameters(row, makeup);
    }
    for (int slot = rows().first_cluster[index(s)] * kLanes; slot < rows().first_cluster[index(s) + 1] * kLanes;
         ++slot) {
      const int atom = rows().atoms[index(slot)];
      rows_[index(slot)].parameters = first + (atom < 0 ? 0 : table_.pair_type[index(atom)] * size);
    }
  }
}

/// The different clusters of a structure, and for each cluster which of them it is.
template <class Real>
std::vector<typename ClusterPairs<Real>::TypesOfCluster> ClusterPairs<Real>::find_makeups(int structure) {
  std::map<TypesOfCluster, int> numbers;
  std::vector<TypesOfCluster> makeups;
  for (int c = rows().first_cluster[index(structure)]; c < rows().first_cluster[index(structure) + 1]; ++c) {
    TypesOfCluster types{};
    for (int lane = 0; lane < kLanes; ++lane) {
      const int atom = rows().atoms[index(c * kLanes + lane)];
      types[index(lane)] = atom < 0 ? -1 : table_.pair_type[index(atom)];
    }
    const auto [entry, is_new] = numbers.try_emplace(types, static_cast<int>(makeups.size()));
    if (is_new) makeups.push_back(types);
    for_each_image(c, [&](int image) { parameters_of_[index(image)] = 2 * kLanes * entry->second; });
  }
  return makeups;
}

/// Of an atom whose row of the pair tables begins there, or of no atom (-1), with the atoms of a cluster.
template <class Real>
void ClusterPairs<Real>::add_parameters(int row, const TypesOfCluster& makeup) {
  for (const std::vector<double>* table : {&table_.pair_a, &table_.pair_b}) {
    for (const int type : makeup)
      parameters_.push_back(row < 0 || type < 0 ? Real(0) : static_cast<Real>((*table)[index(row + type)]));
  }
}

/// One unit for the batch, and for each structure an origin in its middle. Atoms move by less than the skin and cells
/// change by a few percent before the list is built anew.
template <class Real>
void ClusterPairs<Real>::choose_length_unit(const Batch& batch) {
  std::vector<Box> boxes(index(table_.n_structures));
  const auto all = [](int) { return true; };
  for_each_place(batch, std::views::iota(0, rows().n_clusters()), all, [&](int s, int, const Place& place) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double point[3] = {place[lane], place[kLanes + lane], place[2 * kLanes + lane]};
      boxes[index(s)].include(point);
    }
  });
  origins_.assign(index(table_.n_structures), {});
  double largest = 4.0 * table_.cutoff_A;
  for (std::size_t s = 0; s < boxes.size(); ++s) {
    for (std::size_t a = 0; a < 3; ++a) {
      origins_[s][a] = 0.5 * (boxes[s].low[a] + boxes[s].high[a]);
      largest = std::max(largest, 1.25 * (boxes[s].high[a] - boxes[s].low[a]));
    }
  }
  if constexpr (!std::is_same_v<Real, double>) length_unit_ = largest / kUnitsAcross;
}

template <class Real>
bool ClusterPairs<Real>::share_out(int n_parts) {
  if (is_shared_out_ && parts_.size() == index(n_parts)) return false;
  parts_.resize(index(n_parts));
  const std::size_t n_points = index(rows().n_clusters() + rows().n_images());
  for (Part& part : parts_) {
    part.is_used.resize(n_points);
    part.coordinates.resize(n_points * 3 * kLanes);
    part.forces.resize(n_points * 3 * kLanes);
  }
  on_threads(n_parts, [&](int thread, int n_threads) {
    for (int k = thread; k < n_parts; k += n_threads) find_rows(k);
  });
  is_shared_out_ = true;
  return true;
}

/// The rows of a part, and what they use.
template <class Real>
void ClusterPairs<Real>::find_rows(int part_number) {
  Part& part = parts_[index(part_number)];
  const int n_parts = static_cast<int>(parts_.size());
  part.first_row = row_at(part_number, n_parts);
  part.last_row = part_number + 1 == n_parts ? static_cast<int>(rows_.size()) : row_at(part_number + 1, n_parts);
  std::fill(part.is_used.begin(), part.is_used.end(), std::uint8_t{0});
  for (int row = part.first_row; row < part.last_row; ++row) {
    part.is_used[index(row / kLanes)] = 1;
    for (int e = rows_[index(row)].first; e < rows_[index(row)].end; ++e)
      part.is_used[index(rows().entries[index(e)])] = 1;
  }
  part.clusters.clear();
  for (int c = 0; c < rows().n_clusters(); ++c) {
    bool is_used = false;
    for_each_image(c, [&](int point) { is_used |= part.is_used[index(point)] != 0; });
    if (is_used) part.clusters.push_back(c);
  }
}

template <class Real>
template <class Visit>
void ClusterPairs<Real>::for_each_image(int cluster, Visit visit) const {
  visit(cluster);
  for (int k = rows().first_image[index(cluster)]; k < rows().first_image[index(cluster) + 1]; ++k)
    visit(rows().n_clusters() + k);
}

template <class Real>
template <class Clusters, class IsWanted, class Visit>
void ClusterPairs<Real>::for_each_place(const Batch& batch, const Clusters& clusters, IsWanted is_wanted,
                                        Visit visit) const {
  const ClusterRows& list = rows();
  int s = -1;
  std::array<double, 9> cell{};
  for (const int c : clusters) {
    const int* const atoms = list.atoms.data() + index(c * kLanes);
    if (const int here = batch.structure_of_atom.data()[atoms[0]]; here != s) cell = periodic_cell(batch, s = here);
    Place home;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      // What fills up a cluster interacts with nothing, wherever it is.
      const int atom = atoms[lane] < 0 ? atoms[0] : atoms[lane];
      const std::array<double, 3> shift = lattice_vector(cell, list.wrap.data() + 3 * index(atom));
      for (std::size_t a = 0; a < 3; ++a)
        home[a * kLanes + lane] = batch.positions.data()[3 * index(atom) + a] + shift[a];
    }
    if (is_wanted(c)) visit(s, c, home);
    for (int k = list.first_image[index(c)]; k < list.first_image[index(c) + 1]; ++k) {
      if (!is_wanted(list.n_clusters() + k)) continue;
      const std::array<double, 3> shift = lattice_vector(cell, list.image_shift[index(k)].data());
      Place image = home;
      for (std::size_t at = 0; at < image.size(); ++at) image[at] += shift[at / kLanes];
      visit(s, list.n_clusters() + k, image);
    }
  }
}

template <class Real>
typename ClusterPairs<Real>::Coordinate ClusterPairs<Real>::in_units(double x, double origin) const {
  if constexpr (std::is_same_v<Real, double>) {
    return x;
  } else {
    return static_cast<Coordinate>(std::lrint((x - origin) * (1.0 / length_unit_)));
  }
}

/// Coordinates of what a part uses; no force on it yet.
template <class Real>
void ClusterPairs<Real>::place(const Batch& batch, Part& part) const {
  const auto is_used = [&](int point) { return part.is_used[index(point)] != 0; };
  for_each_place(batch, part.clusters, is_used, [&](int s, int point, const Place& place) {
    const std::size_t first = index(point) * 3 * kLanes;
    for (std::size_t k = 0; k < place.size(); ++k) {
      part.coordinates[first + k] = in_units(place[k], origins_[index(s)][k / kLanes]);
      part.forces[first + k] = Real(0);
    }
  });
}

/// The row at which the share of the entries of a part begins.
template <class Real>
int ClusterPairs<Real>::row_at(int part, int n_parts) const {
  const int begin = share(static_cast<int>(rows().entries.size()), part, n_parts).first;
  const auto row = std::partition_point(rows_.begin(), rows_.end(), [&](const PairRow& r) { return r.first < begin; });
  return static_cast<int>(row - rows_.begin());
}

template <class Real>
void ClusterPairs<Real>::place_and_compute(const Batch& batch, int part_number, bool wants_energies) {
  Part& part = parts_[index(part_number)];
  place(batch, part);
  const PairWork<Real> work{part.coordinates.data(),
                            rows_.data(),
                            rows().entries.data(),
                            rows().masks.data(),
                            parameters_.data(),
                            parameters_of_.data(),
                            length_unit_,
                            table_.cutoff_A * table_.cutoff_A,
                            table_.switch_start_A,
                            is_switched(table_) ? 1.0 / (table_.cutoff_A - table_.switch_start_A) : 0.0,
                            row_energies_.data()};
  if constexpr (std::is_same_v<Real, double>) {
    kernels_.pairs_double(work, part.first_row, part.last_row, wants_energies, part.forces.data());
  } else {
    kernels_.pairs_float(work, part.first_row, part.last_row, wants_energies, part.forces.data());
  }
}

template <class Real>
void ClusterPairs<Real>::add_forces(int part_number, double* forces) const {
  const Part& part = parts_[index(part_number)];
  for (const int c : part.clusters) {
    std::array<double, 3 * kLanes> sum{};
    for_each_image(c, [&](int point) {
      if (part.is_used[index(point)] == 0) return;
      const Real* const f = part.forces.data() + index(point) * 3 * kLanes;
      for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += static_cast<double>(f[k]);
    });
    double* const out = forces + index(c) * 3 * kLanes;
    for (std::size_t k = 0; k < sum.size(); ++k) out[k] += length_unit_ * sum[k];
  }
}

template <class Real>
void ClusterPairs<Real>::add_virials(const Batch& batch, int part_number, double* virials) const {
  // Sum over pairs of d (x) dE/dd = - sum over points of x (x) force, because each pair pulls its points equally. The
  // origin is free: near the atoms it costs the fewest digits. What fills up a cluster has no force.
  const Part& part = parts_[index(part_number)];
  const auto is_used = [&](int point) { return part.is_used[index(point)] != 0; };
  for_each_place(batch, part.clusters, is_used, [&](int s, int point, const Place& place) {
    const std::array<double, 3>& origin = origins_[index(s)];
    const Real* const f = part.forces.data() + index(point) * 3 * kLanes;
    for (std::size_t k = 0; k < 9; ++k) {
      double sum = 0;
      for (std::size_t lane = 0; lane < kLanes; ++lane)
        sum += (origin[k / 3] - place[k / 3 * kLanes + lane]) * static_cast<double>(f[k % 3 * kLanes + lane]);
      virials[9 * index(s) + k] += length_unit_ * sum;
    }
  });
}

template <class Real>
double ClusterPairs<Real>::energy(int structure) const {
  double sum = 0;
  for (int slot = rows().first_cluster[index(structure)] * kLanes;
       slot < rows().first_cluster[index(structure) + 1] * kLanes; ++slot) {
    sum += row_energies_[index(slot)];
  }
  return sum;
}

template class ClusterPairs<double>;
template class ClusterPairs<float>;

}  // namespace mofkernel::cpu
