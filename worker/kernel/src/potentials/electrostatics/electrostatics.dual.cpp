// Energies, forces and virials of point charges in a batch: pairs inside the cutoff, excluded pairs, k-space. Every sum
// has a fixed order, so a result is the same bits each time.
#include "potentials/electrostatics/electrostatics.hpp"

#include <array>
#include <string>

#include "geometry/lattice.hpp"
#include "geometry/neighbor_list.hpp"
#include "potentials/electrostatics/formulas.hpp"
#include "potentials/electrostatics/placement.hpp"
#include "potentials/electrostatics/reciprocal_sum.hpp"
#ifndef __CUDACC__
#include "potentials/electrostatics/electrostatics_cpu.hpp"
#endif

namespace mofkernel::MOFK_NS {

namespace {

using electrostatics::CoulombModel, electrostatics::PairSplitting;

/// As for UFF4MOF's list: rebuilt every few tens of steps.
constexpr double kSkin_A = 0.75;

/// Neighbors of one atom are shared out over this many threads on a GPU.
constexpr int kLanesPerAtom = kIsCuda ? 8 : 1;

template <class Real>
struct alignas(4 * sizeof(Real)) PlacedCharge {
  Real x, y, z, charge;
};

/// What an atom gets from its pairs; the energy and the virial are counted from both ends.
template <class Accumulator>
struct AtomSum {
  Accumulator energy;
  Accumulator force[3];
  Accumulator virial[6];  // xx yy zz yz xz xy

  /// The pair at distance d; gradient = slope d.
  template <class Real>
  MOFK_HD void add_pair(const Real* d, Real pair_energy, Real slope) {
    energy += pair_energy;
    for (int a = 0; a < 3; ++a) {
      force[a] += slope * d[a];
      virial[a] += slope * d[a] * d[a];
    }
    virial[3] += slope * d[1] * d[2];
    virial[4] += slope * d[0] * d[2];
    virial[5] += slope * d[0] * d[1];
  }
  MOFK_HD void add(const AtomSum& other) {
    energy += other.energy;
    for (int a = 0; a < 3; ++a) force[a] += other.force[a];
    for (int a = 0; a < 6; ++a) virial[a] += other.virial[a];
  }
};

template <class Real>
std::vector<PairSplitting<Real>> pair_splittings(const CoulombModel& model) {
  std::vector<PairSplitting<Real>> result;
  for (const electrostatics::Splitting& s : model.splitting) {
    result.push_back({static_cast<Real>(s.alpha), static_cast<Real>(s.shift), static_cast<Real>(s.slope_shift),
                      static_cast<Real>(model.cutoff_A)});
  }
  return result;
}

/// Real: arithmetic of pairs and phases. Accumulator: sums over them up to forces; energies and virials are summed in
/// double.
template <class Real, class Accumulator>
class Electrostatics final : public Potential {
 public:
  Electrostatics(const Context& context, const CoulombModel& model)
      : context_(context),
        n_atoms_(model.n_atoms),
        cutoff_(model.cutoff_A),
        has_reciprocal_(model.has_reciprocal),
        charges_(context, std::span<const Real>(std::vector<Real>(model.charges.begin(), model.charges.end()))),
        splittings_(context, std::span<const PairSplitting<Real>>(pair_splittings<Real>(model))),
        self_energy_(context, std::span<const double>(model.self_energy)),
        self_of_atom_(context, std::span<const double>(model.self_of_atom)),
        background_(context, std::span<const double>(model.background)),
        background_of_atom_(context, std::span<const double>(model.background_atom)),
        exclusions_{Buffer<int>(context, std::span<const int>(model.exclusion_first)),
                    Buffer<int>(context, std::span<const int>(model.exclusion_atom)),
                    Buffer<Shift>(context, std::span<const Shift>(model.exclusion_shift))},
        neighbor_list_(context, model.cutoff_A, kSkin_A),
        reciprocal_(context, model),
        placed_(context, static_cast<std::size_t>(model.n_atoms)),
        sums_(context, static_cast<std::size_t>(model.n_atoms) * kLanesPerAtom),
        pair_sums_(context, static_cast<std::size_t>(model.n_structures)) {}

  [[nodiscard]] std::span<const std::string> component_names() const override {
    static const std::array<std::string, 1> kNames{"coulomb"};
    return kNames;
  }

  void evaluate(const Batch& batch, EvaluateWant want, DeviceEvaluation& out) override {
    if (batch.n_atoms != n_atoms_) throw KernelError(ErrorCode::internal, "this potential was made for another batch");
    neighbor_list_.update(batch, exclusions_);
    place_charges(batch);
    sum_pairs(batch);
    add_excluded_pairs(batch);
    if (has_reciprocal_) reciprocal_.evaluate(batch);
    if (want.forces) sum_forces(out);
    if (want.per_atom) sum_energies_per_atom(batch, out);
    if (want.energies || want.stress) sum_energies_and_virials(batch, want, out);
  }

  [[nodiscard]] bool confirm() override {
    const bool is_complete = neighbor_list_.confirm();
    return (!has_reciprocal_ || reciprocal_.confirm()) && is_complete;
  }

  [[nodiscard]] std::vector<ListReference> list_references() const override {
    std::vector<ListReference> references{neighbor_list_.reference()};
    if (has_reciprocal_) references.push_back(reciprocal_.list_reference());
    return references;
  }

  void restore_lists(const Batch& batch, std::span<const ListReference> references) override {
    neighbor_list_.restore(batch, exclusions_, references.front());
    if (has_reciprocal_) reciprocal_.restore(references.back());
  }

  // The steps of evaluate(); public because nvcc wants device lambdas in public member functions.

  void place_charges(const Batch& batch) {
    const double* const positions = batch.positions.data();
    const double* const cells = batch.cells.data();
    const int* const pbc = batch.pbc.data();
    const int* const structure_of_atom = batch.structure_of_atom.data();
    const int* const first_atom = batch.first_atom.data();
    const int* const wrap = neighbor_list_.wrap();
    const Real* const charges = charges_.data();
    PlacedCharge<Real>* const placed = placed_.data();
    parallel_for(
        context_, n_atoms_,
        MOFK_LAMBDA(int i) {
          const int s = structure_of_atom[i];
          double x[3];
          wrapped_offset(positions, cells + 9 * s, pbc + 3 * s, wrap, i, first_atom[s], x);
          placed[i] = {static_cast<Real>(x[0]), static_cast<Real>(x[1]), static_cast<Real>(x[2]), charges[i]};
        },
        4096);
  }

  void sum_pairs(const Batch& batch) {
    const double* const cells = batch.cells.data();
    const int* const pbc = batch.pbc.data();
    const int* const structure_of_atom = batch.structure_of_atom.data();
    const int* const first = neighbor_list_.first();
    const int* const last = neighbor_list_.last();
    const int* const neighbor = neighbor_list_.atom();
    const int* const shift = neighbor_list_.shift();
    const PlacedCharge<Real>* const placed = placed_.data();
    const PairSplitting<Real>* const splittings = splittings_.data();
    const auto cutoff_squared = static_cast<Real>(cutoff_ * cutoff_);
    AtomSum<Accumulator>* const sums = sums_.data();
    parallel_for(
        context_, n_atoms_ * kLanesPerAtom,
        MOFK_LAMBDA(int lane) {
          const int i = lane / kLanesPerAtom;
          const int s = structure_of_atom[i];
          Real cell[9];
          for (int k = 0; k < 9; ++k) cell[k] = pbc[3 * s + k / 3] != 0 ? static_cast<Real>(cells[9 * s + k]) : Real(0);
          const PairSplitting<Real> splitting = splittings[s];
          const PlacedCharge<Real> home = placed[i];
          AtomSum<Accumulator> sum{};
          for (int k = first[i] + lane % kLanesPerAtom; k < last[i]; k += kLanesPerAtom) {
            const PlacedCharge<Real> other = placed[neighbor[k]];
            Real d[3] = {other.x - home.x, other.y - home.y, other.z - home.z};
            for (int axis = 0; axis < 3; ++axis) {
              const auto n = static_cast<Real>(unpack_shift(shift[k], axis));
              for (int a = 0; a < 3; ++a) d[a] += n * cell[3 * axis + a];
            }
            const Real r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
            if (!(r2 < cutoff_squared)) continue;
            const Real charges = home.charge * other.charge;
            Real slope;
            const Real energy = electrostatics::screened_pair(splitting, static_cast<Real>(sqrt(r2)), slope);
            sum.add_pair(d, charges * energy, charges * slope);
          }
          sums[lane] = sum;
        },
        16);
  }

  /// Leaves an atom's sum over its lanes, and over its excluded pairs, in the first lane.
  void add_excluded_pairs(const Batch& batch) {
    const double* const positions = batch.positions.data();
    const double* const cells = batch.cells.data();
    const int* const pbc = batch.pbc.data();
    const int* const structure_of_atom = batch.structure_of_atom.data();
    const int* const first = exclusions_.first.data();
    const int* const atom = exclusions_.atom.data();
    const Shift* const shift = exclusions_.shift.data();
    const Real* const charges = charges_.data();
    const PairSplitting<Real>* const splittings = splittings_.data();
    AtomSum<Accumulator>* const sums = sums_.data();
    parallel_for(
        context_, n_atoms_,
        MOFK_LAMBDA(int i) {
          const int s = structure_of_atom[i];
          AtomSum<Accumulator> sum = sums[i * kLanesPerAtom];
          for (int lane = 1; lane < kLanesPerAtom; ++lane) sum.add(sums[i * kLanesPerAtom + lane]);
          for (int k = first[i]; k < first[i + 1]; ++k) {
            const int j = atom[k];
            double x[3];
            image_offset(positions, cells + 9 * s, pbc + 3 * s, i, j, shift[k], x);
            const Real d[3] = {static_cast<Real>(x[0]), static_cast<Real>(x[1]), static_cast<Real>(x[2])};
            const Real product = charges[i] * charges[j];
            Real slope;
            const Real energy = electrostatics::excluded_pair(splittings[s], static_cast<Real>(norm3(x)), slope);
            sum.add_pair(d, product * energy, product * slope);
          }
          sums[i * kLanesPerAtom] = sum;
        },
        128);
  }

  void sum_forces(DeviceEvaluation& out) {
    const AtomSum<Accumulator>* const sums = sums_.data();
    const auto* const fields = has_reciprocal_ ? reciprocal_.fields() : nullptr;
    double* const forces = out.forces.data();
    parallel_for(
        context_, n_atoms_, MOFK_LAMBDA(int i) {
          for (int a = 0; a < 3; ++a) {
            const double from_waves = fields != nullptr ? fields[i].force[a] : 0.0;
            forces[3 * i + a] = sums[i * kLanesPerAtom].force[a] + from_waves;
          }
        });
  }

  void sum_energies_per_atom(const Batch& batch, DeviceEvaluation& out) {
    const AtomSum<Accumulator>* const sums = sums_.data();
    const auto* const fields = has_reciprocal_ ? reciprocal_.fields() : nullptr;
    const double* const self = self_of_atom_.data();
    const double* const background = background_of_atom_.data();
    const double* const cells = batch.cells.data();
    const int* const structure_of_atom = batch.structure_of_atom.data();
    const bool has_volume = has_reciprocal_;
    double* const energies = out.energies_per_atom.data();
    parallel_for(
        context_, n_atoms_, MOFK_LAMBDA(int i) {
          double energy = self[i] + 0.5 * sums[i * kLanesPerAtom].energy;
          if (fields != nullptr) energy += 0.5 * fields[i].potential;
          if (has_volume) energy += background[i] / fabs(determinant(cells + 9 * structure_of_atom[i]));
          energies[i] = energy;
        });
  }

  void sum_energies_and_virials(const Batch& batch, EvaluateWant want, DeviceEvaluation& out) {
    const AtomSum<Accumulator>* const sums = sums_.data();
    segmented_reduce<Sum>(
        context_, batch.n_structures, batch.first_atom.data(), EnergyVirial{},
        MOFK_LAMBDA(int i) {
          const AtomSum<Accumulator>& sum = sums[i * kLanesPerAtom];
          EnergyVirial half{0.5 * sum.energy, {}};
          for (int a = 0; a < 6; ++a) half.virial[a] = 0.5 * sum.virial[a];
          return half;
        },
        pair_sums_.data());
    const EnergyVirial* const pairs = pair_sums_.data();
    const EnergyVirial* const waves = has_reciprocal_ ? reciprocal_.sums() : nullptr;
    const double* const self = self_energy_.data();
    const double* const background = background_.data();
    const double* const cells = batch.cells.data();
    double* const energies = out.energies.data();
    double* const components = out.energy_components.data();
    double* const virials = out.virials.data();
    parallel_for(
        context_, batch.n_structures, MOFK_LAMBDA(int s) {
          EnergyVirial sum = pairs[s];
          if (waves != nullptr) {
            sum += waves[s];
            const double neutralizing = background[s] / fabs(determinant(cells + 9 * s));
            sum += EnergyVirial{neutralizing, {-neutralizing, -neutralizing, -neutralizing, 0.0, 0.0, 0.0}};
          }
          if (want.energies) energies[s] = components[s] = sum.energy + self[s];
          if (!want.stress) return;
          const int place[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};
          for (int k = 0; k < 9; ++k) virials[9 * s + k] = sum.virial[place[k]];
        });
  }

 private:
  const Context& context_;
  int n_atoms_;
  double cutoff_;
  bool has_reciprocal_;
  Buffer<Real> charges_;
  Buffer<PairSplitting<Real>> splittings_;
  Buffer<double> self_energy_, self_of_atom_, background_, background_of_atom_;
  Exclusions exclusions_;
  NeighborList neighbor_list_;
  ReciprocalSum<Real, Accumulator> reciprocal_;
  Buffer<PlacedCharge<Real>> placed_;
  Buffer<AtomSum<Accumulator>> sums_;
  Buffer<EnergyVirial> pair_sums_;
};

}  // namespace

std::unique_ptr<Potential> make_electrostatics(const Context& context, std::span<const Structure> structures,
                                               std::span<const uff4mof::Terms> terms, std::span<const double> charges,
                                               const electrostatics::Options& options, Precision precision) {
  const CoulombModel model = electrostatics::build_coulomb_model(structures, terms, charges, options);
  switch (precision) {
    case Precision::float64: {
      auto potential = std::make_unique<Electrostatics<double, double>>(context, model);
#ifdef __CUDACC__
      return potential;
#else
      return make_electrostatics_cpu(context, model, kSkin_A, std::move(potential));
#endif
    }
    case Precision::float32:
      return std::make_unique<Electrostatics<float, float>>(context, model);
    case Precision::mixed:
      return std::make_unique<Electrostatics<float, double>>(context, model);
  }
  throw KernelError(ErrorCode::internal, "unknown precision");
}

}  // namespace mofkernel::MOFK_NS
