// Three passes over a neighbor list with both directions of every pair: coordination numbers, pair energies with their
// derivatives by the coordination numbers, and the forces that follow from these. Every sum has a fixed order.
#include "potentials/dispersion/plain_dispersion.hpp"

#include <array>

#include "geometry/neighbor_list.hpp"
#include "potentials/dispersion/formulas.hpp"
#include "potentials/electrostatics/placement.hpp"

namespace mofkernel::MOFK_NS {

namespace {

using dispersion::kLargestReferenceCount, dispersion::Model;

/// Neighbors of one atom are shared out over this many threads on a GPU.
constexpr int kTeam = 32;
/// Atoms that are worth a thread of their own on the CPU.
constexpr int kGrain = 4;

template <class Real>
struct alignas(4 * sizeof(Real)) PlacedAtom {
  Real x, y, z;
  int type;
};

template <class Real>
struct References {
  Real value[kLargestReferenceCount];
};

template <class Real>
MOFK_HD inline Real dot(const References<Real>& a, const References<Real>& b) {
  Real sum = 0;
  for (int k = 0; k < kLargestReferenceCount; ++k) sum += a.value[k] * b.value[k];
  return sum;
}

/// The pairs of one atom: what every pass loops over.
template <class Real>
struct PairView {
  const PlacedAtom<Real>* placed;
  const int* structure_of_atom;
  const int* pbc;
  const double* cells;
  const int* first;
  const int* last;
  const int* neighbor;
  const int* shift;
  Real cutoff_squared;

  /// Calls visit(neighbor, d, r2) for the team's share of the neighbors inside the cutoff.
  template <class Team, class Visit>
  MOFK_HD void for_each(int i, const Team& team, Visit visit) const {
    const int s = structure_of_atom[i];
    Real cell[9];
    for (int k = 0; k < 9; ++k) cell[k] = pbc[3 * s + k / 3] != 0 ? static_cast<Real>(cells[9 * s + k]) : Real(0);
    const PlacedAtom<Real> home = placed[i];
    for (int k = first[i] + team.lane; k < last[i]; k += Team::kLanes) {
      const int j = neighbor[k];
      const PlacedAtom<Real> other = placed[j];
      Real d[3] = {other.x - home.x, other.y - home.y, other.z - home.z};
      for (int axis = 0; axis < 3; ++axis) {
        const auto n = static_cast<Real>(unpack_shift(shift[k], axis));
        for (int a = 0; a < 3; ++a) d[a] += n * cell[3 * axis + a];
      }
      const Real r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
      if (r2 < cutoff_squared) visit(j, d, r2);
    }
  }
};

/// Sums over pairs are double in every precision.
struct PairSum {
  double force[3] = {};
  double virial[6] = {};

  template <class Real>
  MOFK_HD void add(const Real* d, Real slope) {
    for (int a = 0; a < 3; ++a) {
      force[a] += slope * d[a];
      virial[a] += slope * d[a] * d[a];
    }
    virial[3] += slope * d[1] * d[2];
    virial[4] += slope * d[0] * d[2];
    virial[5] += slope * d[0] * d[1];
  }

  template <class Team>
  MOFK_HD DispersionSum over(const Team& team) const {
    DispersionSum sum{};
    for (int a = 0; a < 3; ++a) sum.force[a] = team.sum(force[a]);
    for (int a = 0; a < 6; ++a) sum.virial[a] = 0.5 * team.sum(virial[a]);
    return sum;
  }
};

template <class Real>
Buffer<Real> to_device(const Context& context, const std::vector<double>& values) {
  return Buffer<Real>(context, std::span<const Real>(std::vector<Real>(values.begin(), values.end())));
}

/// Real: arithmetic of pairs.
template <class Real>
class PlainDispersion final : public Potential {
 public:
  PlainDispersion(const Context& context, const Model& model)
      : context_(context),
        n_atoms_(model.n_atoms),
        n_types_(model.n_types),
        cutoff_(model.cutoff_A),
        coordination_cutoff_(model.coordination_cutoff_A),
        s6_(static_cast<Real>(model.s6)),
        type_of_atom_(context, std::span<const int>(model.type_of_atom)),
        n_references_(context, std::span<const int>(model.n_references)),
        reference_coordination_(context, std::span<const double>(model.reference_coordination)),
        c6_(context, std::span<const double>(model.c6)),
        bond_(to_device<Real>(context, model.bond)),
        ratio_(to_device<Real>(context, model.ratio)),
        r0_6_(to_device<Real>(context, model.r0_6)),
        r0_8_(to_device<Real>(context, model.r0_8)),
        exclusions_{Buffer<int>(context, static_cast<std::size_t>(model.n_atoms) + 1), Buffer<int>(context),
                    Buffer<Shift>(context)},
        list_(context, std::max(model.cutoff_A, model.coordination_cutoff_A), kDispersionSkin_A),
        placed_(context, static_cast<std::size_t>(model.n_atoms)),
        coordination_(context, static_cast<std::size_t>(model.n_atoms)),
        slope_by_coordination_(context, static_cast<std::size_t>(model.n_atoms)),
        weights_(context, static_cast<std::size_t>(model.n_atoms)),
        mixed_c6_(context, static_cast<std::size_t>(model.n_atoms) * static_cast<std::size_t>(model.n_types)),
        mixed_slopes_(context, mixed_c6_.size()),
        sums_(context, static_cast<std::size_t>(model.n_atoms)) {
    exclusions_.first.fill_zero();
  }

  [[nodiscard]] std::span<const std::string> component_names() const override {
    static const std::array<std::string, 1> kNames{"dispersion"};
    return kNames;
  }

  void evaluate(const Batch& batch, EvaluateWant want, DeviceEvaluation& out) override {
    if (batch.n_atoms != n_atoms_) throw KernelError(ErrorCode::internal, "this potential was made for another batch");
    list_.update(batch, exclusions_);
    place_atoms(batch);
    count_neighbors(batch);
    mix_references();
    sum_pairs(batch);
    if (want.forces || want.stress) add_chain(batch);
    store_dispersion(context_, batch, sums_.data(), want, out);
  }

  [[nodiscard]] bool confirm() override { return list_.confirm(); }

  [[nodiscard]] std::vector<ListReference> list_references() const override { return {list_.reference()}; }

  void restore_lists(const Batch& batch, std::span<const ListReference> references) override {
    list_.restore(batch, exclusions_, references.front());
  }

  // The steps of evaluate(); public because nvcc wants device lambdas in public member functions.

  void place_atoms(const Batch& batch) {
    const double* const positions = batch.positions.data();
    const double* const cells = batch.cells.data();
    const int* const pbc = batch.pbc.data();
    const int* const structure_of_atom = batch.structure_of_atom.data();
    const int* const first_atom = batch.first_atom.data();
    const int* const wrap = list_.wrap();
    const int* const type = type_of_atom_.data();
    PlacedAtom<Real>* const placed = placed_.data();
    parallel_for(
        context_, n_atoms_, MOFK_LAMBDA(int i) {
          const int s = structure_of_atom[i];
          double x[3];
          wrapped_offset(positions, cells + 9 * s, pbc + 3 * s, wrap, i, first_atom[s], x);
          placed[i] = {static_cast<Real>(x[0]), static_cast<Real>(x[1]), static_cast<Real>(x[2]), type[i]};
        });
  }

  void count_neighbors(const Batch& batch) {
    const PairView<Real> pairs = view(batch, coordination_cutoff_);
    const Real* const bond = bond_.data();
    double* const coordination = coordination_.data();
    const int n_types = n_types_;
    parallel_for_teams<kTeam>(
        context_, n_atoms_,
        MOFK_LAMBDA(int i, auto team) {
          const Real* const own_bond = bond + pairs.placed[i].type * n_types;
          double sum = 0;
          pairs.for_each(i, team, [&](int j, const Real*, Real r2) {
            Real slope;
            const Real inverse = dispersion::reciprocal(static_cast<Real>(sqrt(r2)));
            sum += dispersion::count_neighbor<Real>(inverse, own_bond[pairs.placed[j].type], slope);
          });
          const double all = team.sum(sum);
          if (team.lane == 0) coordination[i] = all;
        },
        kGrain);
  }

  /// The weights of each atom's references, and the C6 coefficients of the atom with each reference of each type.
  void mix_references() {
    const int* const type_of_atom = type_of_atom_.data();
    const int* const n_references = n_references_.data();
    const double* const reference_coordination = reference_coordination_.data();
    const double* const coordination = coordination_.data();
    const double* const c6 = c6_.data();
    References<Real>* const weights = weights_.data();
    References<Real>* const mixed_c6 = mixed_c6_.data();
    References<Real>* const mixed_slopes = mixed_slopes_.data();
    const int n_types = n_types_;
    parallel_for(
        context_, n_atoms_ * n_types_,
        MOFK_LAMBDA(int k) {
          const int i = k / n_types;
          const int own = type_of_atom[i];
          double weight[kLargestReferenceCount];
          double slope[kLargestReferenceCount];
          dispersion::weigh_references(n_references[own], reference_coordination + own * kLargestReferenceCount,
                                       coordination[i], weight, slope);
          const double* row = c6 + (own * n_types + k % n_types) * kLargestReferenceCount * kLargestReferenceCount;
          for (int b = 0; b < kLargestReferenceCount; ++b) {
            double sum = 0;
            double sum_of_slopes = 0;
            for (int a = 0; a < kLargestReferenceCount; ++a) {
              sum += weight[a] * row[a * kLargestReferenceCount + b];
              sum_of_slopes += slope[a] * row[a * kLargestReferenceCount + b];
            }
            mixed_c6[k].value[b] = static_cast<Real>(sum);
            mixed_slopes[k].value[b] = static_cast<Real>(sum_of_slopes);
            if (k % n_types == 0) weights[i].value[b] = static_cast<Real>(weight[b]);
          }
        },
        256);
  }

  void sum_pairs(const Batch& batch) {
    const PairView<Real> pairs = view(batch, cutoff_);
    const References<Real>* const weights = weights_.data();
    const References<Real>* const mixed_c6 = mixed_c6_.data();
    const References<Real>* const mixed_slopes = mixed_slopes_.data();
    const Real* const ratio = ratio_.data();
    const Real* const r0_6 = r0_6_.data();
    const Real* const r0_8 = r0_8_.data();
    double* const slope_by_coordination = slope_by_coordination_.data();
    DispersionSum* const sums = sums_.data();
    const int n_types = n_types_;
    const Real s6 = s6_;
    parallel_for_teams<kTeam>(
        context_, n_atoms_,
        MOFK_LAMBDA(int i, auto team) {
          const int own = pairs.placed[i].type * n_types;
          double energy = 0;
          double by_coordination = 0;
          PairSum sum;
          pairs.for_each(i, team, [&](int j, const Real* d, Real r2) {
            const int type = pairs.placed[j].type;
            const References<Real> weight = weights[j];
            const Real c6 = dot(mixed_c6[i * n_types + type], weight);
            Real slope;
            const Real a = dispersion::attraction(r2, s6, ratio[own + type], r0_6[own + type], r0_8[own + type], slope);
            energy -= c6 * a;
            by_coordination -= dot(mixed_slopes[i * n_types + type], weight) * a;
            sum.add(d, c6 * slope);
          });
          DispersionSum all = sum.over(team);
          all.energy = 0.5 * team.sum(energy);
          const double by_coordination_of_all = team.sum(by_coordination);
          if (team.lane != 0) return;
          sums[i] = all;
          slope_by_coordination[i] = by_coordination_of_all;
        },
        kGrain);
  }

  /// Forces by way of the coordination numbers, of both atoms of each pair.
  void add_chain(const Batch& batch) {
    const PairView<Real> pairs = view(batch, coordination_cutoff_);
    const Real* const bond = bond_.data();
    const double* const slope_by_coordination = slope_by_coordination_.data();
    DispersionSum* const sums = sums_.data();
    const int n_types = n_types_;
    parallel_for_teams<kTeam>(
        context_, n_atoms_,
        MOFK_LAMBDA(int i, auto team) {
          const Real* const own_bond = bond + pairs.placed[i].type * n_types;
          const auto own_slope = static_cast<Real>(slope_by_coordination[i]);
          PairSum sum;
          pairs.for_each(i, team, [&](int j, const Real* d, Real r2) {
            Real slope;
            const Real inverse = dispersion::reciprocal(static_cast<Real>(sqrt(r2)));
            dispersion::count_neighbor<Real>(inverse, own_bond[pairs.placed[j].type], slope);
            sum.add(d, (own_slope + static_cast<Real>(slope_by_coordination[j])) * slope);
          });
          const DispersionSum all = sum.over(team);
          if (team.lane == 0) sums[i] += all;
        },
        kGrain);
  }

 private:
  [[nodiscard]] PairView<Real> view(const Batch& batch, double cutoff) const {
    return {placed_.data(),
            batch.structure_of_atom.data(),
            batch.pbc.data(),
            batch.cells.data(),
            list_.first(),
            list_.last(),
            list_.atom(),
            list_.shift(),
            static_cast<Real>(cutoff * cutoff)};
  }

  const Context& context_;
  int n_atoms_;
  int n_types_;
  double cutoff_;
  double coordination_cutoff_;
  Real s6_;
  Buffer<int> type_of_atom_, n_references_;
  Buffer<double> reference_coordination_, c6_;
  Buffer<Real> bond_, ratio_, r0_6_, r0_8_;
  Exclusions exclusions_;
  NeighborList list_;
  Buffer<PlacedAtom<Real>> placed_;
  Buffer<double> coordination_;
  Buffer<double> slope_by_coordination_;   ///< [n_atoms] dE/d(coordination number), eV
  Buffer<References<Real>> weights_;       ///< [n_atoms]
  Buffer<References<Real>> mixed_c6_;      ///< [n_atoms][n_types] of the atom with each reference of the type
  Buffer<References<Real>> mixed_slopes_;  ///< their derivatives by the atom's coordination number
  Buffer<DispersionSum> sums_;
};

}  // namespace

void store_dispersion(const Context& context, const Batch& batch, const DispersionSum* sums, EvaluateWant want,
                      DeviceEvaluation& out) {
  double* const forces = out.forces.data();
  double* const per_atom = out.energies_per_atom.data();
  if (want.forces || want.per_atom) {
    parallel_for(
        context, batch.n_atoms, MOFK_LAMBDA(int i) {
          for (int a = 0; a < 3 && want.forces; ++a) forces[3 * i + a] = sums[i].force[a];
          if (want.per_atom) per_atom[i] = sums[i].energy;
        });
  }
  if (!want.energies && !want.stress) return;
  double* const energies = out.energies.data();
  double* const components = out.energy_components.data();
  double* const virials = out.virials.data();
  segmented_reduce_with<Sum>(
      context, batch.n_structures, batch.first_atom.data(), DispersionSum{}, MOFK_LAMBDA(int i) { return sums[i]; },
      MOFK_LAMBDA(int s, const DispersionSum& sum) {
        if (want.energies) energies[s] = components[s] = sum.energy;
        if (!want.stress) return;
        const int place[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};
        for (int k = 0; k < 9; ++k) virials[9 * s + k] = sum.virial[place[k]];
      });
}

std::unique_ptr<Potential> make_plain_dispersion(const Context& context, const Model& model, Precision precision) {
  if (precision == Precision::float64) return std::make_unique<PlainDispersion<double>>(context, model);
  return std::make_unique<PlainDispersion<float>>(context, model);
}

}  // namespace mofkernel::MOFK_NS
