// Edges -> bonded terms -> gradients of the edges.
#include "potentials/uff4mof/device_steps.hpp"

namespace mofkernel::MOFK_NS {

namespace {

using uff4mof::kAngle, uff4mof::kBond, uff4mof::kInversion, uff4mof::kTermKinds, uff4mof::kTorsion;

/// Threads that sum the slots of one edge on a GPU: an edge has about forty.
constexpr int kSlotLanes = 8;

/// All terms in one launch: those of a kind begin at a multiple of a warp, so that no warp mixes kinds.
constexpr int kTermAlignment = 32;

template <class Real>
struct BondedView {
  const int* codes[kTermKinds];
  const Real* parameters[kTermKinds];
  Vec3<Real>* gradients[kTermKinds];
  Real* energies[kTermKinds];
  int n_terms[kTermKinds];
  const Vec3<Real>* edges;

  /// Vector of an edge of term t from the term's own end.
  MOFK_HD Vec3<Real> edge(int kind, int place) const {
    const int code = codes[kind][place];
    const Real sign = code % 2 == 0 ? Real(1) : Real(-1);
    return sign * edges[code / 2];
  }
};

template <class Real>
MOFK_HD inline void compute_bond(const BondedView<Real>& view, int t) {
  const Real* const p = view.parameters[kBond] + 2 * t;
  const formulas::BondParameters<Real> parameters{p[0], p[1]};
  view.energies[kBond][t] = formulas::bond_energy(parameters, view.edge(kBond, t), view.gradients[kBond][t]);
}

template <class Real>
MOFK_HD inline void compute_angle(const BondedView<Real>& view, int t) {
  formulas::AngleParameters<Real> parameters;
  for (int m = 0; m < 5; ++m) parameters.coefficients[m] = view.parameters[kAngle][5 * t + m];
  Vec3<Real>* const gradients = view.gradients[kAngle] + 2 * t;
  view.energies[kAngle][t] = formulas::angle_energy(parameters, view.edge(kAngle, 2 * t), view.edge(kAngle, 2 * t + 1),
                                                    gradients[0], gradients[1]);
}

template <class Real>
MOFK_HD inline void compute_torsion(const BondedView<Real>& view, int t) {
  formulas::TorsionParameters<Real> parameters;
  for (int m = 0; m < 7; ++m) parameters.coefficients[m] = view.parameters[kTorsion][7 * t + m];
  Vec3<Real>* const gradients = view.gradients[kTorsion] + 3 * t;
  view.energies[kTorsion][t] =
      formulas::torsion_energy(parameters, view.edge(kTorsion, 3 * t), view.edge(kTorsion, 3 * t + 1),
                               view.edge(kTorsion, 3 * t + 2), gradients[0], gradients[1], gradients[2]);
}

template <class Real>
MOFK_HD inline void compute_inversion(const BondedView<Real>& view, int t) {
  const Real* const p = view.parameters[kInversion] + 4 * t;
  const formulas::InversionParameters<Real> parameters{p[0], p[1], p[2], p[3]};
  Vec3<Real>* const gradients = view.gradients[kInversion] + 3 * t;
  view.energies[kInversion][t] =
      formulas::inversion_energy(parameters, view.edge(kInversion, 3 * t), view.edge(kInversion, 3 * t + 1),
                                 view.edge(kInversion, 3 * t + 2), gradients[0], gradients[1], gradients[2]);
}

}  // namespace

template <class Real, class Accumulator>
void place_atoms_and_edges(const Context& context, const DeviceTerms<Real>& terms, const Batch& batch, const int* wrap,
                           Uff4mofWork<Real, Accumulator>& work) {
  const int n_atoms = work.n_atoms;
  const double* const positions = batch.positions.data();
  const double* const cells = batch.cells.data();
  const int* const pbc = batch.pbc.data();
  const int* const structure_of_atom = batch.structure_of_atom.data();
  const int* const first_atom = batch.first_atom.data();
  const int* const type = terms.pair_type.data();
  const int* const from = terms.edge_from.data();
  const int* const to = terms.edge_to.data();
  const Shift* const shift = terms.edge_shift.data();
  WrappedAtom<Real>* const wrapped = work.wrapped.data();
  Vec3<Real>* const edges = work.edges.data();
  parallel_for(
      context, n_atoms + work.n_edges,
      MOFK_LAMBDA(int index) {
        // Differences are taken in double in every precision: that of two large numbers is the small one that counts.
        // The row of a non-periodic axis may be anything; nothing reaches across it.
        double lattice[3];
        double x[3];
        if (index < n_atoms) {
          const int i = index;
          const int s = structure_of_atom[i];
          // Relative to the structure's first atom, wherever that is: single precision keeps its digits near zero only.
          const int origin = first_atom[s];
          for (int a = 0; a < 3; ++a)
            lattice[a] = pbc[3 * s + a] != 0 ? 1.0 * (wrap[3 * i + a] - wrap[3 * origin + a]) : 0.0;
          row_times_matrix(lattice, cells + 9 * s, x);
          for (int a = 0; a < 3; ++a) x[a] += positions[3 * i + a] - positions[3 * origin + a];
          wrapped[i] = {static_cast<Real>(x[0]), static_cast<Real>(x[1]), static_cast<Real>(x[2]), type[i]};
        } else {
          const int e = index - n_atoms;
          const int i = from[e];
          const int j = to[e];
          const int s = structure_of_atom[i];
          for (int a = 0; a < 3; ++a) lattice[a] = pbc[3 * s + a] != 0 ? 1.0 * shift[e][a] : 0.0;
          row_times_matrix(lattice, cells + 9 * s, x);
          for (int a = 0; a < 3; ++a) x[a] += positions[3 * j + a] - positions[3 * i + a];
          edges[e] = {static_cast<Real>(x[0]), static_cast<Real>(x[1]), static_cast<Real>(x[2])};
        }
      },
      4096);
}

template <class Real, class Accumulator>
void compute_bonded(const Context& context, const DeviceTerms<Real>& terms, Uff4mofWork<Real, Accumulator>& work) {
  BondedView<Real> view{};
  int end[kTermKinds];
  int n = 0;
  for (int k = 0; k < kTermKinds; ++k) {
    const auto& kind = terms.kinds[static_cast<std::size_t>(k)];
    view.codes[k] = kind.edge_codes.data();
    view.parameters[k] = kind.parameters.data();
    view.gradients[k] = work.slot_gradients.data() + kind.first_slot;
    view.energies[k] = work.term_energies.data() + kind.first_term;
    view.n_terms[k] = kind.n_terms;
    n += (kind.n_terms + kTermAlignment - 1) / kTermAlignment * kTermAlignment;
    end[k] = n;
  }
  view.edges = work.edges.data();
  const int end_of_bonds = end[kBond];
  const int end_of_angles = end[kAngle];
  const int end_of_torsions = end[kTorsion];
  parallel_for(
      context, n,
      MOFK_LAMBDA(int index) {
        if (index < end_of_bonds) {
          if (index < view.n_terms[kBond]) compute_bond(view, index);
        } else if (index < end_of_angles) {
          if (index - end_of_bonds < view.n_terms[kAngle]) compute_angle(view, index - end_of_bonds);
        } else if (index < end_of_torsions) {
          if (index - end_of_angles < view.n_terms[kTorsion]) compute_torsion(view, index - end_of_angles);
        } else if (index - end_of_torsions < view.n_terms[kInversion]) {
          compute_inversion(view, index - end_of_torsions);
        }
      },
      512);
}

template <class Real, class Accumulator>
void sum_edge_gradients(const Context& context, const DeviceTerms<Real>& terms, Uff4mofWork<Real, Accumulator>& work) {
  const int* const first = terms.first_slot_of_edge.data();
  const int* const codes = terms.slot_codes.data();
  const Vec3<Real>* const slots = work.slot_gradients.data();
  Vec3<Accumulator>* const gradients = work.edge_gradients.data();
  parallel_for_teams<kSlotLanes>(
      context, work.n_edges,
      MOFK_LAMBDA(int e, Team<kSlotLanes> team) {
        Vec3<Accumulator> sum{};
        for (int k = first[e] + team.lane; k < first[e + 1]; k += Team<kSlotLanes>::kLanes) {
          const Vec3<Real>& slot = slots[codes[k] / 2];
          const Accumulator sign = codes[k] % 2 == 0 ? Accumulator(1) : Accumulator(-1);
          sum.x += sign * slot.x;
          sum.y += sign * slot.y;
          sum.z += sign * slot.z;
        }
        sum = {team.sum(sum.x), team.sum(sum.y), team.sum(sum.z)};
        if (team.lane == 0) gradients[e] = sum;
      },
      2048);
}

#define MOFK_INSTANTIATE(Real, Accumulator)                                                                      \
  template void place_atoms_and_edges<Real, Accumulator>(const Context&, const DeviceTerms<Real>&, const Batch&, \
                                                         const int*, Uff4mofWork<Real, Accumulator>&);           \
  template void compute_bonded<Real, Accumulator>(const Context&, const DeviceTerms<Real>&,                      \
                                                  Uff4mofWork<Real, Accumulator>&);                              \
  template void sum_edge_gradients<Real, Accumulator>(const Context&, const DeviceTerms<Real>&,                  \
                                                      Uff4mofWork<Real, Accumulator>&);
MOFK_INSTANTIATE(double, double)
MOFK_INSTANTIATE(float, double)
MOFK_INSTANTIATE(float, float)
#undef MOFK_INSTANTIATE

}  // namespace mofkernel::MOFK_NS
