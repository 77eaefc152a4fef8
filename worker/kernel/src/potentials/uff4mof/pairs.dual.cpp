// Lennard-Jones pairs: the rows of the neighbor list, a team of threads for each on a GPU.
#include "potentials/uff4mof/device_steps.hpp"

namespace mofkernel::MOFK_NS {

namespace {

/// Pair contributions that are summed in the pair's own precision before they are added to the accumulator.
constexpr int kPairsPerPartialSum = 8;

/// A GPU runs some hundred thousand threads at once: a few atoms need a warp each to fill it, many are better served by
/// small teams, which lose less in adding up their lanes.
constexpr int kLanesForFewAtoms = 32;
constexpr int kLanesForManyAtoms = 8;
constexpr int kManyAtoms = 16384;

template <class Real>
struct PairView {
  const double* cells;
  const int* pbc;
  const int* structure_of_atom;
  const int* first;
  const int* last;
  const int* neighbor;
  const int* shift;
  const WrappedAtom<Real>* wrapped;
  const int* pair_row;
  const Real* pair_a;
  const Real* pair_b;
  Real cutoff_squared;
  formulas::SwitchParameters<Real> switching;
};

/// Adds the pair of `home` and entry k of the list.
template <bool is_switched, bool with_sums, class Real>
MOFK_HD inline void add_pair(const PairView<Real>& view, const WrappedAtom<Real>& home, const Real* cell, int row,
                             int k, PairSum<Real>& sum) {
  const WrappedAtom<Real> other = view.wrapped[view.neighbor[k]];
  Vec3<Real> d{other.x - home.x, other.y - home.y, other.z - home.z};
  const int packed = view.shift[k];
  if (packed != kNoShift) {
    const auto a = static_cast<Real>(unpack_shift(packed, 0));
    const auto b = static_cast<Real>(unpack_shift(packed, 1));
    const auto c = static_cast<Real>(unpack_shift(packed, 2));
    d.x += a * cell[0] + b * cell[3] + c * cell[6];
    d.y += a * cell[1] + b * cell[4] + c * cell[7];
    d.z += a * cell[2] + b * cell[5] + c * cell[8];
  }
  const Real r2 = dot(d, d);
  if (!(r2 < view.cutoff_squared)) return;
  const formulas::PairParameters<Real> p{view.pair_a[row + other.type], view.pair_b[row + other.type]};
  Real slope;
  const Real energy = formulas::pair_energy<is_switched>(p, view.switching, r2, slope);
  const Vec3<Real> gradient = slope * d;
  sum.force[0] += gradient.x;
  sum.force[1] += gradient.y;
  sum.force[2] += gradient.z;
  if constexpr (with_sums) {
    sum.energy += energy;
    sum.virial[0] += d.x * gradient.x;
    sum.virial[1] += d.y * gradient.y;
    sum.virial[2] += d.z * gradient.z;
    sum.virial[3] += d.y * gradient.z;
    sum.virial[4] += d.x * gradient.z;
    sum.virial[5] += d.x * gradient.y;
  }
}

}  // namespace

/// Public to the linker only because nvcc wants it so of a function that holds a device lambda.
template <int n_lanes, bool is_switched, bool with_sums, class Real, class Accumulator>
void compute_pairs_with(const Context& context, const PairView<Real>& view, int n_atoms, PairSum<Accumulator>* sums) {
  parallel_for_teams<n_lanes>(
      context, n_atoms,
      MOFK_LAMBDA(int i, Team<n_lanes> team) {
        constexpr int kLanes = Team<n_lanes>::kLanes;
        const int s = view.structure_of_atom[i];
        Real cell[9];
        for (int k = 0; k < 9; ++k)
          cell[k] = view.pbc[3 * s + k / 3] != 0 ? static_cast<Real>(view.cells[9 * s + k]) : Real(0);
        const WrappedAtom<Real> home = view.wrapped[i];
        const int row = view.pair_row[i];
        const int last = view.last[i];
        PairSum<Accumulator> sum{};
        for (int k = view.first[i] + team.lane; k < last;) {
          PairSum<Real> partial{};
          for (int n = 0; n < kPairsPerPartialSum && k < last; ++n, k += kLanes)
            add_pair<is_switched, with_sums>(view, home, cell, row, k, partial);
          sum.add(partial);
        }
        for (int a = 0; a < 3; ++a) sum.force[a] = team.sum(sum.force[a]);
        if constexpr (with_sums) {
          sum.energy = team.sum(sum.energy);
          for (int k = 0; k < 6; ++k) sum.virial[k] = team.sum(sum.virial[k]);
        }
        if (team.lane == 0) sums[i] = sum;
      },
      32);
}

template <class Real, class Accumulator>
void compute_pairs(const Context& context, const DeviceTerms<Real>& terms, const Batch& batch, const NeighborList& list,
                   const PairRange& range, bool with_sums, Uff4mofWork<Real, Accumulator>& work) {
  const double inverse_width = range.is_switched ? 1.0 / (range.cutoff - range.switch_start) : 0.0;
  const PairView<Real> view{batch.cells.data(),
                            batch.pbc.data(),
                            batch.structure_of_atom.data(),
                            list.first(),
                            list.last(),
                            list.atom(),
                            list.shift(),
                            work.wrapped.data(),
                            terms.pair_row.data(),
                            terms.pair_a.data(),
                            terms.pair_b.data(),
                            static_cast<Real>(range.cutoff * range.cutoff),
                            {static_cast<Real>(range.switch_start), static_cast<Real>(inverse_width)}};
  PairSum<Accumulator>* const sums = work.pair_sums.data();
  const auto compute = [&]<int n_lanes>() {
    if (range.is_switched && with_sums) {
      compute_pairs_with<n_lanes, true, true>(context, view, work.n_atoms, sums);
    } else if (range.is_switched) {
      compute_pairs_with<n_lanes, true, false>(context, view, work.n_atoms, sums);
    } else if (with_sums) {
      compute_pairs_with<n_lanes, false, true>(context, view, work.n_atoms, sums);
    } else {
      compute_pairs_with<n_lanes, false, false>(context, view, work.n_atoms, sums);
    }
  };
  if (kIsCuda && work.n_atoms < kManyAtoms) {
    compute.template operator()<kLanesForFewAtoms>();
  } else {
    compute.template operator()<kLanesForManyAtoms>();
  }
}

#define MOFK_INSTANTIATE(Real, Accumulator)                                                              \
  template void compute_pairs<Real, Accumulator>(const Context&, const DeviceTerms<Real>&, const Batch&, \
                                                 const NeighborList&, const PairRange&, bool,            \
                                                 Uff4mofWork<Real, Accumulator>&);
MOFK_INSTANTIATE(double, double)
MOFK_INSTANTIATE(float, double)
MOFK_INSTANTIATE(float, float)
#undef MOFK_INSTANTIATE

}  // namespace mofkernel::MOFK_NS
