#include "adsorption/evaluate_cpu.hpp"

#include <limits>

#include "adsorption/site_sums.hpp"

namespace mofkernel::cpu {

namespace {

using insertion::HostGuestView;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

/// Atoms around one block, and places of one kind in it, as the inner loops want them. One per thread.
class Worker {
 public:
  explicit Worker(const HostGuestView& view) : view_(view), sums_(choose_site_sums()) {
    work_.cutoff_squared = view.cutoff_squared;
    work_.near_cutoff_squared = view.near_cutoff_squared;
    work_.table = view.table;
    work_.intervals_per_A2 = view.intervals_per_A2;
    work_.slope = view.slope;
    work_.grid = view.grid;
    for (int a = 0; a < 3; ++a) work_.grid_shape[a] = view.grid_shape[a];
    for (int k = 0; k < 9; ++k) work_.inverse_cell[k] = view.inverse[k];
    // The far atoms, the tail and the other sites attract with some eV at most; an overlap remains one.
    work_.give_up_eV = 2 * view.overlap_eV;
  }

  void enter(int block, int kind) {
    const bool is_new_block = block != block_;
    if (is_new_block) fetch_atoms(block);
    if (is_new_block || kind != kind_) fetch_coefficients(kind);
    block_ = block;
    kind_ = kind;
  }

  void resize(int n_points) {
    work_.n_points = n_points;
    for (auto* const array : {&x_, &y_, &z_, &lennard_jones_, &potential_}) array->resize(index(n_points));
  }
  void set_point(int p, const double* position) {
    x_[index(p)] = position[0];
    y_[index(p)] = position[1];
    z_[index(p)] = position[2];
  }
  void sum() {
    work_.x = x_.data();
    work_.y = y_.data();
    work_.z = z_.data();
    work_.lennard_jones = lennard_jones_.data();
    work_.potential = potential_.data();
    sums_(work_);
  }
  [[nodiscard]] double lennard_jones(int p) const { return lennard_jones_[index(p)] + view_.kinds[kind_].tail_eV; }
  [[nodiscard]] double coulomb(int p) const { return view_.kinds[kind_].charge_e * potential_[index(p)]; }

 private:
  void fetch_atoms(int block) {
    const int first = view_.first[block];
    work_.n_near = view_.end_near[block] - first;
    work_.n_atoms = view_.first[block + 1] - first;
    atoms_.resize(4 * index(work_.n_atoms));
    host_kinds_.resize(index(work_.n_atoms));
    for (int j = 0; j < work_.n_atoms; ++j) {
      const int image = view_.entries[first + j];
      for (int k = 0; k < 4; ++k) atoms_[index(4 * j + k)] = view_.images[4 * image + k];
      host_kinds_[index(j)] = view_.image_kind[image];
    }
    work_.atoms = atoms_.data();
  }

  void fetch_coefficients(int kind) {
    work_.has_lennard_jones = view_.kinds[kind].has_lennard_jones;
    work_.has_charge = view_.kinds[kind].has_charge;
    coefficients_.resize(3 * index(work_.n_atoms));
    const insertion::PairCoefficients* const pairs = view_.pairs + kind * view_.n_host_kinds;
    for (int j = 0; j < work_.n_atoms; ++j) {
      const insertion::PairCoefficients& pair = pairs[host_kinds_[index(j)]];
      coefficients_[index(3 * j)] = pair.a;
      coefficients_[index(3 * j + 1)] = pair.b;
      coefficients_[index(3 * j + 2)] = pair.shift_eV;
    }
    work_.coefficients = coefficients_.data();
  }

  const HostGuestView& view_;
  SiteSums sums_;
  SiteWork work_{};
  int block_ = -1;
  int kind_ = -1;
  std::vector<double> atoms_, coefficients_, x_, y_, z_, lennard_jones_, potential_;
  std::vector<int> host_kinds_;
};

}  // namespace

void PlacementEnergies::place_sites(std::int64_t first, int n_placements) {
  const int n_sites = view_.n_sites;
  positions_.resize(3 * index(n_placements * n_sites));
  keys_.resize(index(n_placements * n_sites));
  const HostGuestView& view = view_;
  const insertion::PlacementSource& source = source_;
  double* const positions = positions_.data();
  int* const keys = keys_.data();
  const auto place_one = [&view, &source, positions, keys, first, n_sites](int i) {
    double fractional[3];
    double rotation[9];
    insertion::place(source, first + i, fractional, rotation);
    double center[3];
    row_times_matrix(fractional, view.cell, center);
    for (int s = 0; s < n_sites; ++s) {
      const int site = i * n_sites + s;
      double* const position = positions + 3 * site;
      insertion::site_position(view, center, rotation, s, position);
      keys[site] = insertion::wrap_into_block(view, position) * view.n_kinds + view.kind_of_site[s];
    }
  };
  parallel_for(context_, n_placements, place_one, 128);
}

void PlacementEnergies::sort_sites(int n_sites) {
  const int n_keys = view_.block_shape[0] * view_.block_shape[1] * view_.block_shape[2] * view_.n_kinds;
  // A counting sort, shared out: every part counts its own sites, then knows where they go.
  const int n_parts = std::max(1, std::min(context_.n_threads(), n_sites / 4096));
  std::vector<std::vector<int>> next(index(n_parts), std::vector<int>(index(n_keys)));
  const auto begin = [n_sites, n_parts](int part) {
    return static_cast<int>(static_cast<std::int64_t>(n_sites) * part / n_parts);
  };
  const std::vector<int>& keys = keys_;
  const auto count = [&](int part) {
    for (int s = begin(part); s < begin(part + 1); ++s) ++next[index(part)][index(keys[index(s)])];
  };
  parallel_for(context_, n_parts, count, 1);
  groups_.clear();
  int sum = 0;
  for (int key = 0; key < n_keys; ++key) {
    const int first = sum;
    for (auto& counts : next) sum += std::exchange(counts[index(key)], sum);
    if (sum > first) groups_.push_back({key / view_.n_kinds, key % view_.n_kinds, first, sum});
  }
  order_.resize(index(n_sites));
  const auto scatter = [&](int part) {
    for (int s = begin(part); s < begin(part + 1); ++s) order_[index(next[index(part)][index(keys[index(s)])]++)] = s;
  };
  parallel_for(context_, n_parts, scatter, 1);
}

void PlacementEnergies::evaluate_groups() {
  lennard_jones_.resize(keys_.size());
  coulomb_.resize(keys_.size());
  const int n_groups = static_cast<int>(groups_.size());
#ifdef _OPENMP
#pragma omp parallel num_threads(context_.n_threads())
#endif
  {
    Worker worker(view_);
#ifdef _OPENMP
#pragma omp for schedule(dynamic, 8)
#endif
    for (int g = 0; g < n_groups; ++g) {
      const Group& group = groups_[index(g)];
      worker.enter(group.block, group.kind);
      const int n = group.end - group.begin;
      const int n_padded = (n + kPointsPerStep - 1) / kPointsPerStep * kPointsPerStep;
      worker.resize(n_padded);
      for (int p = 0; p < n_padded; ++p) {
        const int site = order_[index(group.begin + std::min(p, n - 1))];
        worker.set_point(p, positions_.data() + 3 * site);
      }
      worker.sum();
      for (int p = 0; p < n; ++p) {
        const auto site = index(order_[index(group.begin + p)]);
        lennard_jones_[site] = worker.lennard_jones(p);
        coulomb_[site] = worker.coulomb(p);
      }
    }
  }
}

void PlacementEnergies::evaluate(std::int64_t first, std::span<double> energies) {
  const int n_placements = static_cast<int>(energies.size());
  const int n_sites = view_.n_sites;
  place_sites(first, n_placements);
  sort_sites(n_placements * n_sites);
  evaluate_groups();
  const double overlap_eV = view_.overlap_eV;
  const auto sum_one = [this, n_sites, overlap_eV, energies](int i) {
    double lennard_jones_sum = 0;
    double coulomb_sum = 0;
    for (int site = i * n_sites; site < (i + 1) * n_sites; ++site) {
      lennard_jones_sum += lennard_jones_[index(site)];
      coulomb_sum += coulomb_[index(site)];
    }
    energies[index(i)] =
        lennard_jones_sum < overlap_eV ? lennard_jones_sum + coulomb_sum : std::numeric_limits<double>::infinity();
  };
  parallel_for(context_, n_placements, sum_one);
}

}  // namespace mofkernel::cpu
