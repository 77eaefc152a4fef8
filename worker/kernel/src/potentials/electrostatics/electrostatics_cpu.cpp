// The same steps as electrostatics.dual.cpp, with three differences that make it many times as fast: every pair is
// counted once, its interaction is read from a table, and waves that share two of their integers share the work.
#include "potentials/electrostatics/electrostatics_cpu.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "geometry/half_list.hpp"
#include "geometry/lattice.hpp"
#include "potentials/electrostatics/cpu_waves.hpp"
#include "potentials/electrostatics/formulas.hpp"
#include "potentials/electrostatics/pair_table.hpp"
#include "potentials/electrostatics/placement.hpp"
#include "potentials/electrostatics/simd_kernels.hpp"

namespace mofkernel::cpu {

namespace {

using electrostatics::CoulombModel;

/// Pairs that are worth a thread of their own, about 20 microseconds.
constexpr int kPairsPerThread = 8192;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

class ElectrostaticsCpu final : public Potential {
 public:
  ElectrostaticsCpu(const Context& context, const CoulombModel& model, double skin_A,
                    std::unique_ptr<Potential> plain_twin)
      : context_(context),
        model_(model),
        plain_twin_(std::move(plain_twin)),
        kernels_(choose_charge_kernels()),
        list_(context, model.cutoff_A, skin_A),
        exclusions_{Buffer<int>(context, std::span<const int>(model.exclusion_first)),
                    Buffer<int>(context, std::span<const int>(model.exclusion_atom)),
                    Buffer<Shift>(context, std::span<const Shift>(model.exclusion_shift))},
        waves_(context, model),
        forces_(index(model.n_atoms) * 3),
        energies_(index(model.n_structures)),
        virials_(index(model.n_structures) * 9),
        row_energies_(index(model.n_atoms)) {
    for (int s = 0; s < model.n_structures; ++s) {
      const electrostatics::Splitting& p = model.splitting[index(s)];
      std::vector<double>& table = tables_[{p.alpha, p.shift, p.slope_shift}];
      if (table.empty()) table = electrostatics::build_pair_table(p, model.cutoff_A);
      const int n_atoms = model.first_atom[index(s) + 1] - model.first_atom[index(s)];
      table_of_atom_.insert(table_of_atom_.end(), index(n_atoms), table.data());
    }
  }

  [[nodiscard]] std::span<const std::string> component_names() const override { return plain_twin_->component_names(); }

  void evaluate(const Batch& batch, EvaluateWant want, DeviceEvaluation& out) override {
    if (want.per_atom) {
      plain_twin_->evaluate(batch, want, out);
      is_twin_used_ = true;
      return;
    }
    if (batch.n_atoms != model_.n_atoms)
      throw KernelError(ErrorCode::internal, "this potential was made for another batch");
    if (list_.update(batch, exclusions_)) build_rows();
    for (std::vector<double>* const sums : {&forces_, &energies_, &virials_}) std::ranges::fill(*sums, 0.0);
    place_points(batch);
    sum_pairs();
    collect_pairs(batch);
    add_excluded_pairs(batch);
    if (model_.has_reciprocal) waves_.add(batch, want.forces, forces_.data(), energies_.data(), virials_.data());
    add_constants(batch);
    if (want.forces) std::ranges::copy(forces_, out.forces.data());
    if (want.stress) std::ranges::copy(virials_, out.virials.data());
    if (!want.energies) return;
    std::ranges::copy(energies_, out.energies.data());
    std::ranges::copy(energies_, out.energy_components.data());
  }

  [[nodiscard]] bool confirm() override {
    const bool is_confirmed = !is_twin_used_ || plain_twin_->confirm();
    is_twin_used_ = !is_confirmed;
    return is_confirmed;
  }

  [[nodiscard]] std::vector<ListReference> list_references() const override {
    std::vector<ListReference> references{list_.reference()};
    if (model_.has_reciprocal) references.push_back(waves_.list_reference());
    return references;
  }

  void restore_lists(const Batch& batch, std::span<const ListReference> references) override {
    list_.restore(batch, exclusions_, references.front());
    if (!references.front().positions.empty()) build_rows();
    if (model_.has_reciprocal) waves_.restore(references.back());
  }

 private:
  [[nodiscard]] int n_points() const { return list_.n_points(); }

  /// Rows of whole packs, filled up with a point that is out of everybody's reach.
  void build_rows() {
    first_.assign(1, 0);
    neighbors_.clear();
    for (int i = 0; i < model_.n_atoms; ++i) {
      const std::span<const int> row = list_.row(i);
      neighbors_.insert(neighbors_.end(), row.begin(), row.end());
      while (neighbors_.size() % kAtomsPerPack != 0) neighbors_.push_back(n_points());
      first_.push_back(static_cast<int>(neighbors_.size()));
    }
    points_.assign((index(n_points()) + 1) * 4, 0.0);
    for (std::size_t a = 0; a < 3; ++a) points_[4 * index(n_points()) + a] = 1e8;
    n_threads_ = std::clamp(static_cast<int>(neighbors_.size()) / kPairsPerThread, 1, context_.n_threads());
    thread_forces_.resize(index(n_threads_));
    for (auto& forces : thread_forces_) forces.assign(points_.size(), 0.0);
  }

  void place_points(const Batch& batch) {
    const auto place = [&](int owner, int packed, double* out) {
      const int s = batch.structure_of_atom.data()[owner];
      int n[3];
      for (int a = 0; a < 3; ++a) n[a] = list_.wrap()[3 * owner + a] + unpack_shift(packed, a);
      lattice_vector(batch.cells.data() + 9 * s, batch.pbc.data() + 3 * s, n, out);
      for (int a = 0; a < 3; ++a) out[a] += batch.positions.data()[3 * owner + a];
      out[3] = model_.charges[index(owner)];
    };
    for (int i = 0; i < model_.n_atoms; ++i) place(i, kNoShift, points_.data() + 4 * index(i));
    for (int p = model_.n_atoms; p < n_points(); ++p) {
      const int image = p - model_.n_atoms;
      place(list_.image_owner()[image], list_.image_shift()[image], points_.data() + 4 * index(p));
    }
  }

  void sum_pairs() {
    const ChargePairWork work{points_.data(),
                              first_.data(),
                              neighbors_.data(),
                              table_of_atom_.data(),
                              electrostatics::table_interval(electrostatics::kTableBegin_A2),
                              model_.cutoff_A * model_.cutoff_A,
                              electrostatics::kTableBegin_A2,
                              row_energies_.data()};
    const int n_threads = n_threads_;
    parallel_for(
        context_, n_threads,
        [&, this](int thread) {
          std::vector<double>& forces = thread_forces_[index(thread)];
          std::ranges::fill(forces, 0.0);
          const auto begin = [&](int t) {
            const auto at = static_cast<std::int64_t>(neighbors_.size()) * t / n_threads;
            return static_cast<int>(std::ranges::lower_bound(first_, static_cast<int>(at)) - first_.begin());
          };
          const int last = thread + 1 == n_threads ? model_.n_atoms : begin(thread + 1);
          kernels_.pairs(work, begin(thread), last, forces.data());
        },
        1);
  }

  /// Forces on images go to their owners; with the places of the points they make the virial.
  void collect_pairs(const Batch& batch) {
    const int* const structure_of_atom = batch.structure_of_atom.data();
    for (int p = 0; p < n_points(); ++p) {
      const int owner = p < model_.n_atoms ? p : list_.image_owner()[p - model_.n_atoms];
      double force[3] = {};
      for (const std::vector<double>& forces : thread_forces_) {
        for (std::size_t a = 0; a < 3; ++a) force[a] += forces[4 * index(p) + a];
      }
      double* const virial = virials_.data() + 9 * structure_of_atom[owner];
      for (int k = 0; k < 9; ++k) virial[k] -= points_[4 * index(p) + index(k / 3)] * force[k % 3];
      for (int a = 0; a < 3; ++a) forces_[index(3 * owner + a)] += force[a];
    }
    for (int i = 0; i < model_.n_atoms; ++i) energies_[index(structure_of_atom[i])] += row_energies_[index(i)];
  }

  void add_excluded_pairs(const Batch& batch) {
    for (int i = 0; i < model_.n_atoms; ++i) {
      const int s = batch.structure_of_atom.data()[i];
      const electrostatics::Splitting& p = model_.splitting[index(s)];
      const electrostatics::PairSplitting<double> splitting{p.alpha, p.shift, p.slope_shift, model_.cutoff_A};
      double* const virial = virials_.data() + 9 * s;
      for (int e = model_.exclusion_first[index(i)]; e < model_.exclusion_first[index(i) + 1]; ++e) {
        const int j = model_.exclusion_atom[index(e)];
        double d[3];
        image_offset(batch.positions.data(), batch.cells.data() + 9 * s, batch.pbc.data() + 3 * s, i, j,
                     model_.exclusion_shift[index(e)], d);
        const double charges = model_.charges[index(i)] * model_.charges[index(j)];
        double slope = 0;
        energies_[index(s)] += 0.5 * charges * electrostatics::excluded_pair(splitting, norm3(d), slope);
        for (int a = 0; a < 3; ++a) forces_[index(3 * i + a)] += charges * slope * d[a];
        for (int k = 0; k < 9; ++k) virial[k] += 0.5 * charges * slope * d[k / 3] * d[k % 3];
      }
    }
  }

  void add_constants(const Batch& batch) {
    for (int s = 0; s < model_.n_structures; ++s) {
      energies_[index(s)] += model_.self_energy[index(s)];
      if (model_.has_reciprocal) {
        const double background = model_.background[index(s)] / std::abs(determinant(batch.cells.data() + 9 * s));
        energies_[index(s)] += background;
        for (int a = 0; a < 3; ++a) virials_[index(9 * s + 4 * a)] -= background;
      }
      // Symmetric by rotational invariance; the halves differ by rounding only.
      double* const virial = virials_.data() + 9 * s;
      for (const auto& [one, other] : {std::pair{1, 3}, std::pair{2, 6}, std::pair{5, 7}})
        virial[one] = virial[other] = 0.5 * (virial[one] + virial[other]);
    }
  }

  const Context& context_;
  CoulombModel model_;
  std::unique_ptr<Potential> plain_twin_;
  const ChargeKernels& kernels_;
  HalfList list_;
  Exclusions exclusions_;
  CpuWaves waves_;
  std::map<std::array<double, 3>, std::vector<double>> tables_;
  std::vector<const double*> table_of_atom_;
  bool is_twin_used_ = false;
  int n_threads_ = 1;
  std::vector<int> first_, neighbors_;  // rows in whole packs
  std::vector<double> points_;          // [n_points + 1][4] x, y, z, charge
  std::vector<std::vector<double>> thread_forces_;
  std::vector<double> forces_, energies_, virials_, row_energies_;
};

}  // namespace

std::unique_ptr<Potential> make_electrostatics_cpu(const Context& context, const CoulombModel& model, double skin_A,
                                                   std::unique_ptr<Potential> plain_twin) {
  return std::make_unique<ElectrostaticsCpu>(context, model, skin_A, std::move(plain_twin));
}

}  // namespace mofkernel::cpu
