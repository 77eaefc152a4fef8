#include "backend/simd.hpp"
#include "potentials/uff4mof/formulas.hpp"
#include "potentials/uff4mof/pair_loops.hpp"
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

inline void add_gradient(const TermWork& work, int pack, int n_edges, int e, const Vec3<Pack>& gradient) {
  const int* const codes = work.edge_codes + (pack * n_edges + e) * kLanes;
  const Rows rows = to_rows(gradient.x, gradient.y, gradient.z);
  // One after another: two terms of a pack may act on one edge.
  for (int lane = 0; lane < kLanes; ++lane) {
    double* const sum = work.gradients + 4 * codes[lane];
    store(sum, load(sum) + rows.row[lane]);
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
    add_gradient(work, pack, 1, 0, gradient);
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
    add_gradient(work, pack, 2, 0, u);
    add_gradient(work, pack, 2, 1, v);
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
    add_gradient(work, pack, 3, 0, a);
    add_gradient(work, pack, 3, 1, b);
    add_gradient(work, pack, 3, 2, c);
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
    add_gradient(work, pack, 3, 0, j);
    add_gradient(work, pack, 3, 1, k);
    add_gradient(work, pack, 3, 2, l);
  }
}

}  // namespace

const SimdKernels kKernels{bonds, angles, torsions, inversions, pairs_in_double, pairs_in_single, reach, near_boxes};

}  // namespace mofkernel::cpu::MOFK_SIMD_NS
