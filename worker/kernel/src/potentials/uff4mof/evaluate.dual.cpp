// UFF4MOF energies, forces and virials of a batch on one device: edges -> terms -> edge gradients -> atoms ->
// structures. Every sum has a fixed order, so a result is the same bits each time.
#include <array>

#include "geometry/lattice.hpp"
#include "geometry/neighbor_list.hpp"
#include "potentials/potential.hpp"
#include "potentials/uff4mof/formulas.hpp"
#include "potentials/uff4mof/term_table.hpp"
#ifndef __CUDACC__
#include "potentials/uff4mof/evaluate_cpu.hpp"
#endif

namespace mofkernel::MOFK_NS {

namespace {

using uff4mof::kBond, uff4mof::kAngle, uff4mof::kTorsion, uff4mof::kInversion, uff4mof::kTermKinds;

/// Distance that the neighbor list looks beyond the cutoff. During a relaxation it is rebuilt every few tens of steps;
/// a thicker skin would cost more pairs (19 % for 0.75 A at 12.5 A) than the rebuilds that it saves.
constexpr double kSkin_A = 0.75;

/// Neighbors of one atom are shared out over this many threads on a GPU, else small structures would leave it idle.
constexpr int kLanesPerAtom = kIsCuda ? 8 : 1;

/// Pair contributions that are summed in the pair's own precision before they are added to the accumulator.
constexpr int kPairsPerPartialSum = 8;

constexpr int kComponents = 5;  // bond, angle, torsion, inversion, van_der_waals

struct Matrix3 {
  double m[9];
  MOFK_HD Matrix3& operator+=(const Matrix3& other) {
    for (int k = 0; k < 9; ++k) m[k] += other.m[k];
    return *this;
  }
};

/// Sum over some of the neighbors of one atom.
template <class Accumulator>
struct PairSum {
  Accumulator energy;
  Accumulator force[3];
  Accumulator virial[6];  // xx yy zz yz xz xy

  template <class Other>
  MOFK_HD void add(const PairSum<Other>& other) {
    energy += other.energy;
    for (int a = 0; a < 3; ++a) force[a] += other.force[a];
    for (int a = 0; a < 6; ++a) virial[a] += other.virial[a];
  }
};

template <class Real>
struct alignas(4 * sizeof(Real)) WrappedAtom {
  Real x, y, z;
  int type;
};

/// A term table on the device.
template <class Real>
struct DeviceTerms {
  struct Kind {
    int n_terms, first_slot, first_term;
    Buffer<int> edge_codes, first_of_structure;
    Buffer<Real> parameters;
    Kind(const Context& context, const uff4mof::TermTable::Kind& host)
        : n_terms(host.n_terms),
          first_slot(host.first_slot),
          first_term(host.first_term),
          edge_codes(context, std::span<const int>(host.edge_codes)),
          first_of_structure(context, std::span<const int>(host.first_of_structure)),
          parameters(context,
                     std::span<const Real>(std::vector<Real>(host.parameters.begin(), host.parameters.end()))) {}
  };

  DeviceTerms(const Context& context, const uff4mof::TermTable& host)
      : first_atom(context, std::span<const int>(host.first_atom)),
        edge_from(context, std::span<const int>(host.edge_from)),
        edge_to(context, std::span<const int>(host.edge_to)),
        first_edge(context, std::span<const int>(host.first_edge)),
        edge_shift(context, std::span<const Shift>(host.edge_shift)),
        kinds{Kind(context, host.kinds[kBond]), Kind(context, host.kinds[kAngle]), Kind(context, host.kinds[kTorsion]),
              Kind(context, host.kinds[kInversion])},
        first_slot_of_edge(context, std::span<const int>(host.first_slot_of_edge)),
        slot_codes(context, std::span<const int>(host.slot_codes)),
        first_edge_of_atom(context, std::span<const int>(host.first_edge_of_atom)),
        edge_codes_of_atom(context, std::span<const int>(host.edge_codes_of_atom)),
        first_term_of_atom(context, std::span<const int>(host.first_term_of_atom)),
        terms_of_atom(context, std::span<const int>(host.terms_of_atom)),
        pair_type(context, std::span<const int>(host.pair_type)),
        pair_row(context, std::span<const int>(host.pair_row)),
        pair_a(context, std::span<const Real>(std::vector<Real>(host.pair_a.begin(), host.pair_a.end()))),
        pair_b(context, std::span<const Real>(std::vector<Real>(host.pair_b.begin(), host.pair_b.end()))),
        exclusions{Buffer<int>(context, std::span<const int>(host.exclusion_first)),
                   Buffer<int>(context, std::span<const int>(host.exclusion_atom)),
                   Buffer<Shift>(context, std::span<const Shift>(host.exclusion_shift))},
        tail_energy(context, std::span<const double>(host.tail_energy)),
        tail_virial(context, std::span<const double>(host.tail_virial)),
        tail_energy_of_atom(context, std::span<const double>(host.tail_energy_of_atom)) {}

  Buffer<int> first_atom, edge_from, edge_to, first_edge;
  Buffer<Shift> edge_shift;
  std::array<Kind, kTermKinds> kinds;
  Buffer<int> first_slot_of_edge, slot_codes, first_edge_of_atom, edge_codes_of_atom, first_term_of_atom, terms_of_atom;
  Buffer<int> pair_type, pair_row;
  Buffer<Real> pair_a, pair_b;
  Exclusions exclusions;
  Buffer<double> tail_energy, tail_virial, tail_energy_of_atom;
};

/// The edges of one term, each from the term's own end.
template <class Real>
MOFK_HD inline Vec3<Real> edge_vector(const Vec3<Real>* edges, int code) {
  const Vec3<Real>& edge = edges[code / 2];
  const Real sign = code % 2 == 0 ? Real(1) : Real(-1);
  return sign * edge;
}

/// Zero without a volume: the tail of a density that is not there is nothing.
MOFK_HD inline double inverse_volume(const double* cell, const int* pbc) {
  return pbc[0] + pbc[1] + pbc[2] == 3 ? 1.0 / fabs(determinant(cell)) : 0.0;
}

/// Real: arithmetic of pairs and terms. Accumulator: sums over them up to forces; energies and virials are summed in
/// double.
template <class Real, class Accumulator>
class Uff4mof final : public Potential {
 public:
  Uff4mof(const Context& context, const uff4mof::TermTable& table)
      : context_(context),
        n_atoms_(table.n_atoms),
        n_edges_(table.n_edges()),
        truncation_(table.truncation),
        cutoff_(table.cutoff_A),
        switch_start_(table.switch_start_A),
        terms_(context, table),
        neighbor_list_(context, table.cutoff_A, kSkin_A),
        edges_(context, static_cast<std::size_t>(table.n_edges())),
        edge_gradients_(context, static_cast<std::size_t>(table.n_edges())),
        slot_gradients_(context, static_cast<std::size_t>(table.n_slots)),
        term_energies_(context, static_cast<std::size_t>(table.n_terms)),
        wrapped_(context, static_cast<std::size_t>(table.n_atoms)),
        pair_sums_(context, static_cast<std::size_t>(table.n_atoms) * kLanesPerAtom),
        component_sums_(context, static_cast<std::size_t>(table.n_structures) * kComponents),
        edge_virials_(context, static_cast<std::size_t>(table.n_structures)),
        pair_virials_(context, static_cast<std::size_t>(table.n_structures)) {}

  [[nodiscard]] std::span<const std::string> component_names() const override {
    static const std::array<std::string, kComponents> kNames{"bond", "angle", "torsion", "inversion", "van_der_waals"};
    return kNames;
  }

  void evaluate(const Batch& batch, EvaluateWant want, DeviceEvaluation& out) override {
    if (batch.n_atoms != n_atoms_) throw KernelError(ErrorCode::internal, "this potential was made for another batch");
    neighbor_list_.update(batch, terms_.exclusions);
    compute_edges(batch);
    compute_bonds();
    compute_angles();
    compute_torsions();
    compute_inversions();
    wrap_atoms(batch);
    if (truncation_ == uff4mof::Truncation::switched && switch_start_ < cutoff_) {
      compute_pairs<true>(batch);
    } else {
      compute_pairs<false>(batch);
    }
    sum_lanes();
    if (want.forces || want.stress) sum_edge_gradients();
    if (want.forces) sum_forces(out);
    if (want.stress) sum_virials(batch, out);
    if (want.per_atom) sum_energies_per_atom(batch, out);
    sum_energies(batch, out);
  }

  [[nodiscard]] bool confirm() override { return true; }

  [[nodiscard]] std::vector<ListReference> list_references() const override { return {neighbor_list_.reference()}; }

  void restore_lists(const Batch& batch, std::span<const ListReference> references) override {
    neighbor_list_.restore(batch, terms_.exclusions, references.front());
  }

  // The steps of evaluate(); public because nvcc wants device lambdas in public member functions.

  void compute_edges(const Batch& batch) {
    const double* const positions = batch.positions.data();
    const double* const cells = batch.cells.data();
    const int* const pbc = batch.pbc.data();
    const int* const structure_of_atom = batch.structure_of_atom.data();
    const int* const from = terms_.edge_from.data();
    const int* const to = terms_.edge_to.data();
    const Shift* const shift = terms_.edge_shift.data();
    Vec3<Real>* const edges = edges_.data();
    parallel_for(
        context_, n_edges_,
        MOFK_LAMBDA(int e) {
          const int i = from[e];
          const int j = to[e];
          const int s = structure_of_atom[i];
          // The row of a non-periodic axis may be anything; no term reaches across it.
          double image[3];
          const double lattice[3] = {pbc[3 * s] * 1.0 * shift[e][0], pbc[3 * s + 1] * 1.0 * shift[e][1],
                                     pbc[3 * s + 2] * 1.0 * shift[e][2]};
          row_times_matrix(lattice, cells + 9 * s, image);
          // Subtracted in double in every precision: the difference of two large numbers is the small one that counts.
          edges[e] = {static_cast<Real>(positions[3 * j] - positions[3 * i] + image[0]),
                      static_cast<Real>(positions[3 * j + 1] - positions[3 * i + 1] + image[1]),
                      static_cast<Real>(positions[3 * j + 2] - positions[3 * i + 2] + image[2])};
        },
        4096);
  }

  void compute_bonds() {
    const auto& kind = terms_.kinds[kBond];
    const int* const codes = kind.edge_codes.data();
    const Real* const parameters = kind.parameters.data();
    const Vec3<Real>* const edges = edges_.data();
    Vec3<Real>* const gradients = slot_gradients_.data() + kind.first_slot;
    Real* const energies = term_energies_.data() + kind.first_term;
    parallel_for(
        context_, kind.n_terms,
        MOFK_LAMBDA(int t) {
          const formulas::BondParameters<Real> p{parameters[2 * t], parameters[2 * t + 1]};
          energies[t] = formulas::bond_energy(p, edge_vector(edges, codes[t]), gradients[t]);
        },
        1024);
  }

  void compute_angles() {
    const auto& kind = terms_.kinds[kAngle];
    const int* const codes = kind.edge_codes.data();
    const Real* const parameters = kind.parameters.data();
    const Vec3<Real>* const edges = edges_.data();
    Vec3<Real>* const gradients = slot_gradients_.data() + kind.first_slot;
    Real* const energies = term_energies_.data() + kind.first_term;
    parallel_for(
        context_, kind.n_terms,
        MOFK_LAMBDA(int t) {
          formulas::AngleParameters<Real> p;
          for (int m = 0; m < 5; ++m) p.coefficients[m] = parameters[5 * t + m];
          energies[t] =
              formulas::angle_energy(p, edge_vector(edges, codes[2 * t]), edge_vector(edges, codes[2 * t + 1]),
                                     gradients[2 * t], gradients[2 * t + 1]);
        },
        512);
  }

  void compute_torsions() {
    const auto& kind = terms_.kinds[kTorsion];
    const int* const codes = kind.edge_codes.data();
    const Real* const parameters = kind.parameters.data();
    const Vec3<Real>* const edges = edges_.data();
    Vec3<Real>* const gradients = slot_gradients_.data() + kind.first_slot;
    Real* const energies = term_energies_.data() + kind.first_term;
    parallel_for(
        context_, kind.n_terms,
        MOFK_LAMBDA(int t) {
          formulas::TorsionParameters<Real> p;
          for (int m = 0; m < 7; ++m) p.coefficients[m] = parameters[7 * t + m];
          energies[t] = formulas::torsion_energy(
              p, edge_vector(edges, codes[3 * t]), edge_vector(edges, codes[3 * t + 1]),
              edge_vector(edges, codes[3 * t + 2]), gradients[3 * t], gradients[3 * t + 1], gradients[3 * t + 2]);
        },
        256);
  }

  void compute_inversions() {
    const auto& kind = terms_.kinds[kInversion];
    const int* const codes = kind.edge_codes.data();
    const Real* const parameters = kind.parameters.data();
    const Vec3<Real>* const edges = edges_.data();
    Vec3<Real>* const gradients = slot_gradients_.data() + kind.first_slot;
    Real* const energies = term_energies_.data() + kind.first_term;
    parallel_for(
        context_, kind.n_terms,
        MOFK_LAMBDA(int t) {
          const formulas::InversionParameters<Real> p{parameters[4 * t], parameters[4 * t + 1], parameters[4 * t + 2],
                                                      parameters[4 * t + 3]};
          energies[t] = formulas::inversion_energy(
              p, edge_vector(edges, codes[3 * t]), edge_vector(edges, codes[3 * t + 1]),
              edge_vector(edges, codes[3 * t + 2]), gradients[3 * t], gradients[3 * t + 1], gradients[3 * t + 2]);
        },
        256);
  }

  void wrap_atoms(const Batch& batch) {
    const double* const positions = batch.positions.data();
    const double* const cells = batch.cells.data();
    const int* const pbc = batch.pbc.data();
    const int* const structure_of_atom = batch.structure_of_atom.data();
    const int* const first_atom = batch.first_atom.data();
    const int* const wrap = neighbor_list_.wrap();
    const int* const type = terms_.pair_type.data();
    WrappedAtom<Real>* const wrapped = wrapped_.data();
    parallel_for(
        context_, n_atoms_,
        MOFK_LAMBDA(int i) {
          const int s = structure_of_atom[i];
          // Relative to the structure's first atom, wherever that is: single precision keeps its digits near zero only.
          const int origin = first_atom[s];
          double lattice[3];
          for (int a = 0; a < 3; ++a)
            lattice[a] = pbc[3 * s + a] != 0 ? 1.0 * (wrap[3 * i + a] - wrap[3 * origin + a]) : 0.0;
          double x[3];
          row_times_matrix(lattice, cells + 9 * s, x);
          for (int a = 0; a < 3; ++a) x[a] += positions[3 * i + a] - positions[3 * origin + a];
          wrapped[i] = {static_cast<Real>(x[0]), static_cast<Real>(x[1]), static_cast<Real>(x[2]), type[i]};
        },
        4096);
  }

  template <bool is_switched>
  void compute_pairs(const Batch& batch) {
    const double* const cells = batch.cells.data();
    const int* const pbc = batch.pbc.data();
    const int* const structure_of_atom = batch.structure_of_atom.data();
    const int* const first = neighbor_list_.first();
    const int* const neighbor = neighbor_list_.atom();
    const int* const shift = neighbor_list_.shift();
    const WrappedAtom<Real>* const wrapped = wrapped_.data();
    const int* const pair_row = terms_.pair_row.data();
    const Real* const pair_a = terms_.pair_a.data();
    const Real* const pair_b = terms_.pair_b.data();
    const auto cutoff_squared = static_cast<Real>(cutoff_ * cutoff_);
    const formulas::SwitchParameters<Real> switching{
        static_cast<Real>(switch_start_), is_switched ? static_cast<Real>(1.0 / (cutoff_ - switch_start_)) : Real(0)};
    PairSum<Accumulator>* const sums = pair_sums_.data();
    parallel_for(
        context_, n_atoms_ * kLanesPerAtom,
        MOFK_LAMBDA(int lane) {
          const int i = lane / kLanesPerAtom;
          const int s = structure_of_atom[i];
          Real cell[9];
          for (int k = 0; k < 9; ++k) cell[k] = pbc[3 * s + k / 3] != 0 ? static_cast<Real>(cells[9 * s + k]) : Real(0);
          const WrappedAtom<Real> home = wrapped[i];
          const Real* const row_a = pair_a + pair_row[i];
          const Real* const row_b = pair_b + pair_row[i];
          PairSum<Accumulator> sum{};
          const int last = first[i + 1];
          int k = first[i] + lane % kLanesPerAtom;
          while (k < last) {
            PairSum<Real> partial{};
            for (int n = 0; n < kPairsPerPartialSum && k < last; ++n, k += kLanesPerAtom) {
              const WrappedAtom<Real> other = wrapped[neighbor[k]];
              Vec3<Real> d{other.x - home.x, other.y - home.y, other.z - home.z};
              const int packed = shift[k];
              if (packed != kNoShift) {
                const auto a = static_cast<Real>(unpack_shift(packed, 0));
                const auto b = static_cast<Real>(unpack_shift(packed, 1));
                const auto c = static_cast<Real>(unpack_shift(packed, 2));
                d.x += a * cell[0] + b * cell[3] + c * cell[6];
                d.y += a * cell[1] + b * cell[4] + c * cell[7];
                d.z += a * cell[2] + b * cell[5] + c * cell[8];
              }
              const Real r2 = dot(d, d);
              if (!(r2 < cutoff_squared)) continue;
              const formulas::PairParameters<Real> p{row_a[other.type], row_b[other.type]};
              Real slope;
              partial.energy += formulas::pair_energy<is_switched>(p, switching, r2, slope);
              const Vec3<Real> gradient = slope * d;
              partial.force[0] += gradient.x;
              partial.force[1] += gradient.y;
              partial.force[2] += gradient.z;
              partial.virial[0] += d.x * gradient.x;
              partial.virial[1] += d.y * gradient.y;
              partial.virial[2] += d.z * gradient.z;
              partial.virial[3] += d.y * gradient.z;
              partial.virial[4] += d.x * gradient.z;
              partial.virial[5] += d.x * gradient.y;
            }
            sum.add(partial);
          }
          sums[lane] = sum;
        },
        32);
  }

  /// Leaves an atom's sum over its lanes in the first of them.
  void sum_lanes() {
    if constexpr (kLanesPerAtom == 1) return;
    PairSum<Accumulator>* const sums = pair_sums_.data();
    parallel_for(
        context_, n_atoms_, MOFK_LAMBDA(int i) {
          PairSum<Accumulator> sum = sums[i * kLanesPerAtom];
          for (int lane = 1; lane < kLanesPerAtom; ++lane) sum.add(sums[i * kLanesPerAtom + lane]);
          sums[i * kLanesPerAtom] = sum;
        });
  }

  void sum_edge_gradients() {
    const int* const first = terms_.first_slot_of_edge.data();
    const int* const codes = terms_.slot_codes.data();
    const Vec3<Real>* const slots = slot_gradients_.data();
    Vec3<Accumulator>* const gradients = edge_gradients_.data();
    parallel_for(
        context_, n_edges_,
        MOFK_LAMBDA(int e) {
          Vec3<Accumulator> sum{};
          for (int k = first[e]; k < first[e + 1]; ++k) {
            const Vec3<Real>& slot = slots[codes[k] / 2];
            const Accumulator sign = codes[k] % 2 == 0 ? Accumulator(1) : Accumulator(-1);
            sum.x += sign * slot.x;
            sum.y += sign * slot.y;
            sum.z += sign * slot.z;
          }
          gradients[e] = sum;
        },
        2048);
  }

  void sum_forces(DeviceEvaluation& out) {
    const int* const first = terms_.first_edge_of_atom.data();
    const int* const codes = terms_.edge_codes_of_atom.data();
    const Vec3<Accumulator>* const gradients = edge_gradients_.data();
    const PairSum<Accumulator>* const pair_sums = pair_sums_.data();
    double* const forces = out.forces.data();
    parallel_for(
        context_, n_atoms_,
        MOFK_LAMBDA(int i) {
          // An edge's vector grows when its far end moves along it and shrinks when its near end does.
          Vec3<Accumulator> sum{};
          for (int k = first[i]; k < first[i + 1]; ++k) {
            const Accumulator sign = codes[k] % 2 == 0 ? Accumulator(1) : Accumulator(-1);
            sum = sum + sign * gradients[codes[k] / 2];
          }
          const PairSum<Accumulator>& pairs = pair_sums[i * kLanesPerAtom];
          forces[3 * i] = sum.x + pairs.force[0];
          forces[3 * i + 1] = sum.y + pairs.force[1];
          forces[3 * i + 2] = sum.z + pairs.force[2];
        },
        4096);
  }

  void sum_virials(const Batch& batch, DeviceEvaluation& out) {
    const Vec3<Real>* const edges = edges_.data();
    const Vec3<Accumulator>* const gradients = edge_gradients_.data();
    const PairSum<Accumulator>* const pair_sums = pair_sums_.data();
    segmented_reduce<Sum>(
        context_, batch.n_structures, terms_.first_edge.data(), Matrix3{},
        MOFK_LAMBDA(int e) {
          const double d[3] = {edges[e].x, edges[e].y, edges[e].z};
          const double g[3] = {gradients[e].x, gradients[e].y, gradients[e].z};
          Matrix3 virial;
          for (int k = 0; k < 9; ++k) virial.m[k] = d[k / 3] * g[k % 3];
          return virial;
        },
        edge_virials_.data());
    segmented_reduce<Sum>(
        context_, batch.n_structures, terms_.first_atom.data(), Matrix3{},
        MOFK_LAMBDA(int i) {
          // Every pair stands in the list from both its ends.
          const PairSum<Accumulator>& pairs = pair_sums[i * kLanesPerAtom];
          double v[6];
          for (int k = 0; k < 6; ++k) v[k] = 0.5 * pairs.virial[k];
          return Matrix3{{v[0], v[5], v[4], v[5], v[1], v[3], v[4], v[3], v[2]}};
        },
        pair_virials_.data());
    const Matrix3* const edge_virials = edge_virials_.data();
    const Matrix3* const pair_virials = pair_virials_.data();
    const double* const tail_virial = terms_.tail_virial.data();
    const double* const cells = batch.cells.data();
    const int* const pbc = batch.pbc.data();
    double* const virials = out.virials.data();
    parallel_for(
        context_, batch.n_structures, MOFK_LAMBDA(int s) {
          const double tail = tail_virial[s] * inverse_volume(cells + 9 * s, pbc + 3 * s);
          // Symmetric by rotational invariance; the halves differ by rounding only.
          for (int a = 0; a < 3; ++a) {
            for (int b = 0; b < 3; ++b) {
              const double bonded = 0.5 * (edge_virials[s].m[3 * a + b] + edge_virials[s].m[3 * b + a]);
              virials[9 * s + 3 * a + b] = bonded + pair_virials[s].m[3 * a + b] + (a == b ? tail : 0.0);
            }
          }
        });
  }

  void sum_energies(const Batch& batch, DeviceEvaluation& out) {
    const int n_structures = batch.n_structures;
    const Real* const term_energies = term_energies_.data();
    for (int kind = 0; kind < kTermKinds; ++kind) {
      const auto& terms = terms_.kinds[static_cast<std::size_t>(kind)];
      const Real* const energies = term_energies + terms.first_term;
      segmented_reduce<Sum>(
          context_, n_structures, terms.first_of_structure.data(), 0.0,
          MOFK_LAMBDA(int t) { return static_cast<double>(energies[t]); },
          component_sums_.data() + kind * n_structures);
    }
    const PairSum<Accumulator>* const pair_sums = pair_sums_.data();
    segmented_reduce<Sum>(
        context_, n_structures, terms_.first_atom.data(), 0.0,
        MOFK_LAMBDA(int i) { return 0.5 * pair_sums[i * kLanesPerAtom].energy; },
        component_sums_.data() + kTermKinds * n_structures);
    const double* const sums = component_sums_.data();
    const double* const tail_energy = terms_.tail_energy.data();
    const double* const cells = batch.cells.data();
    const int* const pbc = batch.pbc.data();
    double* const energies = out.energies.data();
    double* const components = out.energy_components.data();
    parallel_for(
        context_, n_structures, MOFK_LAMBDA(int s) {
          double total = 0.0;
          for (int c = 0; c < kComponents; ++c) {
            double energy = sums[c * n_structures + s];
            if (c == kTermKinds) energy += tail_energy[s] * inverse_volume(cells + 9 * s, pbc + 3 * s);
            components[s * kComponents + c] = energy;
            total += energy;
          }
          energies[s] = total;
        });
  }

  void sum_energies_per_atom(const Batch& batch, DeviceEvaluation& out) {
    const int first_angle = terms_.kinds[kAngle].first_term;
    const int first_torsion = terms_.kinds[kTorsion].first_term;
    const int* const first = terms_.first_term_of_atom.data();
    const int* const terms = terms_.terms_of_atom.data();
    const Real* const term_energies = term_energies_.data();
    const PairSum<Accumulator>* const pair_sums = pair_sums_.data();
    const double* const tail_energy = terms_.tail_energy_of_atom.data();
    const int* const structure_of_atom = batch.structure_of_atom.data();
    const double* const cells = batch.cells.data();
    const int* const pbc = batch.pbc.data();
    double* const energies = out.energies_per_atom.data();
    parallel_for(
        context_, n_atoms_, MOFK_LAMBDA(int i) {
          double sum = 0.0;
          for (int k = first[i]; k < first[i + 1]; ++k) {
            const int t = terms[k];
            const double n_sharing = t < first_angle ? 2.0 : t < first_torsion ? 3.0 : 4.0;
            sum += term_energies[t] / n_sharing;
          }
          const int s = structure_of_atom[i];
          energies[i] = sum + 0.5 * pair_sums[i * kLanesPerAtom].energy +
                        tail_energy[i] * inverse_volume(cells + 9 * s, pbc + 3 * s);
        });
  }

 private:
  const Context& context_;
  int n_atoms_;
  int n_edges_;
  uff4mof::Truncation truncation_;
  double cutoff_;
  double switch_start_;
  DeviceTerms<Real> terms_;
  NeighborList neighbor_list_;
  Buffer<Vec3<Real>> edges_;
  Buffer<Vec3<Accumulator>> edge_gradients_;
  Buffer<Vec3<Real>> slot_gradients_;
  Buffer<Real> term_energies_;
  Buffer<WrappedAtom<Real>> wrapped_;
  Buffer<PairSum<Accumulator>> pair_sums_;
  Buffer<double> component_sums_;  // [component][structure]
  Buffer<Matrix3> edge_virials_;
  Buffer<Matrix3> pair_virials_;
};

}  // namespace

std::unique_ptr<Potential> make_uff4mof(const Context& context, std::span<const uff4mof::Terms> terms,
                                        Precision precision) {
  const uff4mof::TermTable table = uff4mof::build_term_table(terms);
  std::unique_ptr<Potential> potential;
  switch (precision) {
    case Precision::float64:
      potential = std::make_unique<Uff4mof<double, double>>(context, table);
      break;
    case Precision::float32:
      potential = std::make_unique<Uff4mof<float, float>>(context, table);
      break;
    case Precision::mixed:
      potential = std::make_unique<Uff4mof<float, double>>(context, table);
      break;
  }
#ifdef __CUDACC__
  return potential;
#else
  return make_uff4mof_cpu(context, table, precision, std::move(potential));
#endif
}

}  // namespace mofkernel::MOFK_NS
