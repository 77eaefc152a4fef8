#include "potentials/uff4mof/cluster_pairs.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <type_traits>

#include "backend/threads.hpp"
#include "geometry/lattice.hpp"
#include "geometry/neighbor_list.hpp"

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
  const std::size_t n_slots = index(rows().n_clusters() + rows().n_images()) * index(kLanes);
  positions_.resize(3 * n_slots);
  row_energies_.resize(rows().rows.size());
  fill_parameters(batch);
  if constexpr (!std::is_same_v<Real, double>) {
    coordinates_.resize(3 * n_slots);
    choose_length_unit(batch);
  }
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
  origins_.assign(index(table_.n_structures), {});
  place(batch, 0, 1);
  double largest = 4.0 * table_.cutoff_A;
  for (int s = 0; s < table_.n_structures; ++s) {
    std::array<double, 3> low{1e300, 1e300, 1e300};
    std::array<double, 3> high{-1e300, -1e300, -1e300};
    for (int c = rows().first_cluster[index(s)]; c < rows().first_cluster[index(s) + 1]; ++c) {
      for_each_image(c, [&](int image) {
        for (std::size_t k = 0; k < 3 * kLanes; ++k) {
          const double x = positions_[3 * kLanes * index(image) + k];
          low[k / kLanes] = std::min(low[k / kLanes], x);
          high[k / kLanes] = std::max(high[k / kLanes], x);
        }
      });
    }
    for (std::size_t a = 0; a < 3; ++a) {
      origins_[index(s)][a] = 0.5 * (low[a] + high[a]);
      largest = std::max(largest, 1.25 * (high[a] - low[a]));
    }
  }
  length_unit_ = largest / kUnitsAcross;
}

template <class Real>
void ClusterPairs<Real>::prepare(int n_threads) {
  if (thread_forces_.size() < index(n_threads)) thread_forces_.resize(index(n_threads));
  for (int t = 0; t < n_threads; ++t) thread_forces_[index(t)].resize(positions_.size());
}

template <class Real>
template <class Visit>
void ClusterPairs<Real>::for_each_image(int cluster, Visit visit) const {
  visit(cluster);
  for (int k = rows().first_image[index(cluster)]; k < rows().first_image[index(cluster) + 1]; ++k)
    visit(rows().n_clusters() + k);
}

template <class Real>
void ClusterPairs<Real>::place(const Batch& batch, int thread, int n_threads) {
  const ClusterRows& list = rows();
  const auto [first, last] = share(list.n_clusters(), thread, n_threads);
  constexpr int kSize = 3 * kLanes;
  int structure_of_cell = -1;
  std::array<double, 9> cell{};
  for (int c = first; c < last; ++c) {
    double* const home = positions_.data() + index(c) * kSize;
    const int s = batch.structure_of_atom.data()[list.atoms[index(c * kLanes)]];
    if (s != structure_of_cell) cell = periodic_cell(batch, s);
    structure_of_cell = s;
    for (int lane = 0; lane < kLanes; ++lane) {
      // What fills up a cluster interacts with nothing, wherever it is.
      const int in_lane = list.atoms[index(c * kLanes + lane)];
      const int atom = in_lane < 0 ? list.atoms[index(c * kLanes)] : in_lane;
      const std::array<double, 3> shift = lattice_vector(cell, list.wrap.data() + 3 * index(atom));
      for (int a = 0; a < 3; ++a) home[a * kLanes + lane] = batch.positions.data()[3 * atom + a] + shift[index(a)];
    }
    for (int k = list.first_image[index(c)]; k < list.first_image[index(c) + 1]; ++k) {
      double* const image = positions_.data() + index(list.n_clusters() + k) * kSize;
      const std::array<double, 3> shift = lattice_vector(cell, list.image_shift[index(k)].data());
      for (int a = 0; a < 3; ++a) {
        for (int lane = 0; lane < kLanes; ++lane) image[a * kLanes + lane] = home[a * kLanes + lane] + shift[index(a)];
      }
    }
    if constexpr (!std::is_same_v<Real, double>) {
      const double inverse_unit = 1.0 / length_unit_;
      for_each_image(c, [&](int image) {
        const std::size_t at = index(image) * kSize;
        for (int k = 0; k < kSize; ++k) {
          const double units = (positions_[at + index(k)] - origins_[index(s)][index(k / kLanes)]) * inverse_unit;
          coordinates_[at + index(k)] = static_cast<Coordinate>(std::lrint(units));
        }
      });
    }
  }
}

/// The row at which a thread's share of the entries begins.
template <class Real>
int ClusterPairs<Real>::row_at(int part, int n_parts) const {
  const int begin = share(static_cast<int>(rows().entries.size()), part, n_parts).first;
  const auto row = std::partition_point(rows_.begin(), rows_.end(), [&](const PairRow& r) { return r.first < begin; });
  return static_cast<int>(row - rows_.begin());
}

template <class Real>
void ClusterPairs<Real>::compute(int thread, int n_threads, bool wants_energies) {
  AlignedVector<Real>& forces = thread_forces_[index(thread)];
  std::fill(forces.begin(), forces.end(), Real(0));
  const Coordinate* coordinates = nullptr;
  if constexpr (std::is_same_v<Real, double>) {
    coordinates = positions_.data();
  } else {
    coordinates = coordinates_.data();
  }
  const PairWork<Real> work{
      coordinates,           rows_.data(),
      rows().entries.data(), rows().masks.data(),
      parameters_.data(),    parameters_of_.data(),
      length_unit_,          table_.cutoff_A * table_.cutoff_A,
      table_.switch_start_A, is_switched(table_) ? 1.0 / (table_.cutoff_A - table_.switch_start_A) : 0.0,
      row_energies_.data()};
  const int first = row_at(thread, n_threads);
  const int last = thread + 1 == n_threads ? static_cast<int>(rows_.size()) : row_at(thread + 1, n_threads);
  if constexpr (std::is_same_v<Real, double>) {
    kernels_.pairs_double(work, first, last, wants_energies, forces.data());
  } else {
    kernels_.pairs_float(work, first, last, wants_energies, forces.data());
  }
}

template <class Real>
std::array<double, 3 * kMostPairsPerPack> ClusterPairs<Real>::force(int cluster) const {
  std::array<double, 3 * kMostPairsPerPack> sum{};
  for (int t = 0; t < n_threads_; ++t) {
    for_each_image(cluster, [&](int image) {
      const Real* const f = thread_forces_[index(t)].data() + index(image) * 3 * kLanes;
      for (std::size_t k = 0; k < 3 * kLanes; ++k) sum[k] += static_cast<double>(f[k]);
    });
  }
  for (double& f : sum) f *= length_unit_;
  return sum;
}

template <class Real>
void ClusterPairs<Real>::add_virial(int structure, int cluster, double* virial) const {
  // Sum over pairs of d (x) dE/dd = - sum over points of x (x) force, because each pair pulls its points equally. The
  // origin is free: near the atoms it costs the fewest digits. What fills up a cluster has no force.
  const double* const origin = positions_.data() + index(rows().first_cluster[index(structure)]) * 3 * kLanes;
  double sum[9] = {};
  for (int t = 0; t < n_threads_; ++t) {
    for_each_image(cluster, [&](int image) {
      const double* const x = positions_.data() + index(image) * 3 * kLanes;
      const Real* const f = thread_forces_[index(t)].data() + index(image) * 3 * kLanes;
      for (int k = 0; k < 9; ++k) {
        const int a = k / 3 * kLanes;
        const int b = k % 3 * kLanes;
        for (int lane = 0; lane < kLanes; ++lane)
          sum[k] += (origin[a] - x[a + lane]) * static_cast<double>(f[b + lane]);
      }
    });
  }
  for (int k = 0; k < 9; ++k) virial[k] += length_unit_ * sum[k];
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
