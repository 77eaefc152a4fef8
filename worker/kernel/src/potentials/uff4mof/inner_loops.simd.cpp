#include "backend/simd.hpp"
#include "potentials/uff4mof/formulas.hpp"
#include "potentials/uff4mof/simd_kernels.hpp"

namespace mofkernel::cpu::MOFK_SIMD_NS {

namespace {

static_assert(kLanes == kTermsPerPack);

/// Vectors of edge `e` of the four terms of a pack of terms with `n_edges` edges.
inline Vec3<Pack> load_edge(const TermWork& work, int pack, int n_edges, int e) {
  const int* const codes = work.edge_codes + (pack * n_edges + e) * kLanes;
  Vec3<Pack> edge;
  load_rows(work.edges + 4 * codes[0], work.edges + 4 * codes[1], work.edges + 4 * codes[2], work.edges + 4 * codes[3],
            edge.x, edge.y, edge.z);
  return edge;
}

inline void store_gradient(const TermWork& work, int pack, int n_edges, int e, const Vec3<Pack>& gradient) {
  const Rows rows = to_rows(gradient.x, gradient.y, gradient.z);
  for (int lane = 0; lane < kLanes; ++lane) {
    store(work.slots + 4 * ((pack * kLanes + lane) * n_edges + e), rows.row[lane]);
  }
}

template <int n>
inline void load_parameters(const TermWork& work, int pack, Pack (&parameters)[n]) {
  for (int k = 0; k < n; ++k) parameters[k] = load(work.parameters + (pack * n + k) * kLanes);
}

void bonds(const TermWork& work, int first, int last) {
  for (int pack = first; pack < last; ++pack) {
    Pack p[2];
    load_parameters(work, pack, p);
    Vec3<Pack> gradient;
    const Pack energy =
        formulas::bond_energy(formulas::BondParameters<Pack>{p[0], p[1]}, load_edge(work, pack, 1, 0), gradient);
    store(work.energies + pack * kLanes, energy);
    store_gradient(work, pack, 1, 0, gradient);
  }
}

void angles(const TermWork& work, int first, int last) {
  for (int pack = first; pack < last; ++pack) {
    formulas::AngleParameters<Pack> p;
    load_parameters(work, pack, p.coefficients);
    Vec3<Pack> u;
    Vec3<Pack> v;
    const Pack energy = formulas::angle_energy(p, load_edge(work, pack, 2, 0), load_edge(work, pack, 2, 1), u, v);
    store(work.energies + pack * kLanes, energy);
    store_gradient(work, pack, 2, 0, u);
    store_gradient(work, pack, 2, 1, v);
  }
}

void torsions(const TermWork& work, int first, int last) {
  for (int pack = first; pack < last; ++pack) {
    formulas::TorsionParameters<Pack> p;
    load_parameters(work, pack, p.coefficients);
    Vec3<Pack> a;
    Vec3<Pack> b;
    Vec3<Pack> c;
    const Pack energy = formulas::torsion_energy(p, load_edge(work, pack, 3, 0), load_edge(work, pack, 3, 1),
                                                 load_edge(work, pack, 3, 2), a, b, c);
    store(work.energies + pack * kLanes, energy);
    store_gradient(work, pack, 3, 0, a);
    store_gradient(work, pack, 3, 1, b);
    store_gradient(work, pack, 3, 2, c);
  }
}

void inversions(const TermWork& work, int first, int last) {
  for (int pack = first; pack < last; ++pack) {
    Pack p[4];
    load_parameters(work, pack, p);
    Vec3<Pack> j;
    Vec3<Pack> k;
    Vec3<Pack> l;
    const Pack energy = formulas::inversion_energy(formulas::InversionParameters<Pack>{p[0], p[1], p[2], p[3]},
                                                   load_edge(work, pack, 3, 0), load_edge(work, pack, 3, 1),
                                                   load_edge(work, pack, 3, 2), j, k, l);
    store(work.energies + pack * kLanes, energy);
    store_gradient(work, pack, 3, 0, j);
    store_gradient(work, pack, 3, 1, k);
    store_gradient(work, pack, 3, 2, l);
  }
}

void pairs(const PairWork& work, int first, int last, double* forces) {
  const Pack cutoff_squared = broadcast(work.cutoff_squared);
  const Pack switch_start_squared = broadcast(work.switch_start * work.switch_start);
  const formulas::SwitchParameters<Pack> switching{broadcast(work.switch_start), broadcast(work.inverse_switch_width)};
  const Pack zero = broadcast(0.0);
  for (int i = first; i < last; ++i) {
    const double* const home = work.positions + 4 * i;
    const Vec3<Pack> x{broadcast(home[0]), broadcast(home[1]), broadcast(home[2])};
    Vec3<Pack> force{zero, zero, zero};
    Pack energy = zero;
    for (int g = work.first_group[i]; g < work.first_group[i + 1]; ++g) {
      const PairGroup& group = work.groups[g];
      const formulas::PairParameters<Pack> parameters{broadcast(group.a), broadcast(group.b)};
      const int* neighbors = work.neighbors + group.first_neighbor;
      for (int pack = 0; pack < group.n_packs; ++pack, neighbors += kLanes) {
        const int p0 = 4 * neighbors[0];
        const int p1 = 4 * neighbors[1];
        const int p2 = 4 * neighbors[2];
        const int p3 = 4 * neighbors[3];
        Vec3<Pack> y;
        load_rows(work.positions + p0, work.positions + p1, work.positions + p2, work.positions + p3, y.x, y.y, y.z);
        const Vec3<Pack> d = y - x;
        const Pack r2 = dot(d, d);
        const PackMask is_inside = r2 < cutoff_squared;
        if (!is_any_true(is_inside)) continue;
        Pack slope;
        Pack pair_energy;
        // Neighbors before the switch stand in packs of their own (but for those that moved since), so this branch is
        // nearly always guessed right. A square root and the polynomial would cost every pack a fifth more.
        if (is_any_true(r2 > switch_start_squared)) {
          pair_energy = formulas::switched_lennard_jones_energy(parameters, switching, r2, slope);
        } else {
          pair_energy = formulas::lennard_jones_energy(parameters, r2, slope);
        }
        energy = energy + select(is_inside, pair_energy, zero);
        slope = select(is_inside, slope, zero);
        const Vec3<Pack> gradient = slope * d;
        force = force + gradient;
        const Rows rows = to_rows(gradient.x, gradient.y, gradient.z);
        // One after another: the padding may name one point several times.
        store(forces + p0, load(forces + p0) - rows.row[0]);
        store(forces + p1, load(forces + p1) - rows.row[1]);
        store(forces + p2, load(forces + p2) - rows.row[2]);
        store(forces + p3, load(forces + p3) - rows.row[3]);
      }
    }
    work.row_energies[i] = horizontal_sum(energy);
    forces[4 * i] += horizontal_sum(force.x);
    forces[4 * i + 1] += horizontal_sum(force.y);
    forces[4 * i + 2] += horizontal_sum(force.z);
  }
}

}  // namespace

const SimdKernels kKernels{bonds, angles, torsions, inversions, pairs};

}  // namespace mofkernel::cpu::MOFK_SIMD_NS
