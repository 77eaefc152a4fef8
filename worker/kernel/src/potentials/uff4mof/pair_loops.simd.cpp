#include "potentials/uff4mof/pair_loops.hpp"

#include <type_traits>

#include "backend/simd.hpp"
#include "potentials/uff4mof/formulas.hpp"

namespace mofkernel::cpu::MOFK_SIMD_NS {

namespace {

/// A place of which differences are exact, and differences themselves.
inline Pack difference(const double* to, double from) { return load(to) - broadcast(from); }
inline PackOf<float> difference(const std::int32_t* to, std::int32_t from) {
  const auto there = *reinterpret_cast<const VectorTypes<float>::IntegersInMemory*>(to);
  return {__builtin_convertvector(there - from, VectorTypes<float>::Numbers)};
}

template <class Real>
struct PairConstants {
  PackOf<Real> unit_squared, cutoff_squared;
  formulas::SwitchParameters<PackOf<Real>> switching;
};

template <class Real>
struct RowSum {
  PackOf<Real> energy;
  Vec3<PackOf<Real>> force;
};

/// The atom of a row, and the atoms of one cluster as it sees them.
template <class Real>
struct View {
  int cluster;
  Vec3<PackOf<Real>> d;
  PackOf<Real> r2, inverse_r2;
};

enum class Lanes { all, in_cutoff, in_cutoff_and_mask };

/// Entries [first, last) of the row of one atom, all of one sort.
template <Lanes lanes, bool is_switched, bool wants_energies, class Real, class Coordinate>
inline void add_entries(const PairWork<Real>& work, const PairConstants<Real>& constants, const PairRow& row,
                        const Coordinate (&home)[3], int first, int last, Real* forces, RowSum<Real>& sum) {
  constexpr int n = kLanesOf<Real>;
  if (first == last) return;
  const Real* const parameters = work.parameters + row.parameters;
  const auto look_at = [&](int k) {
    View<Real> view;
    view.cluster = work.entries[k];
    const Coordinate* const there = work.coordinates + 3 * n * view.cluster;
    view.d = {difference(there, home[0]), difference(there + n, home[1]), difference(there + 2 * n, home[2])};
    view.r2 = dot(view.d, view.d);
    if constexpr (!std::is_same_v<Coordinate, Real>) view.r2 = constants.unit_squared * view.r2;
    view.inverse_r2 = broadcast(Real(1)) / view.r2;
    return view;
  };
  // The division of the next entry is under way while this one is finished: what waits for it would fill up the
  // processor's queue otherwise.
  View<Real> view = look_at(first);
  for (int k = first; k < last; ++k) {
    const View<Real> next = look_at(k + 1 < last ? k + 1 : k);
    const Real* const here = parameters + work.parameters_of[view.cluster];
    const formulas::PairParameters<PackOf<Real>> p{load(here), load(here + n)};
    PackOf<Real> slope;
    PackOf<Real> energy =
        formulas::pair_energy_at<is_switched>(p, constants.switching, view.r2, view.inverse_r2, slope);
    if constexpr (lanes != Lanes::all) {
      MaskOf<Real> counts = view.r2 < constants.cutoff_squared;
      if constexpr (lanes == Lanes::in_cutoff_and_mask)
        counts = counts & mask_of_bits<Real>(work.masks[row.first_mask + (k - first)]);
      slope = keep(counts, slope);
      energy = keep(counts, energy);
    }
    if constexpr (wants_energies) sum.energy = sum.energy + energy;
    const Vec3<PackOf<Real>> gradient = slope * view.d;
    sum.force = sum.force + gradient;
    Real* const force = forces + 3 * n * view.cluster;
    store(force, load(force) - gradient.x);
    store(force + n, load(force + n) - gradient.y);
    store(force + 2 * n, load(force + 2 * n) - gradient.z);
    view = next;
  }
}

template <bool is_switched, bool wants_energies, class Real>
void pair_rows(const PairWork<Real>& work, int first, int last, Real* forces) {
  constexpr int n = kLanesOf<Real>;
  static_assert(n == kPairsPerPack<Real>);
  const auto pack = [](double x) { return broadcast(static_cast<Real>(x)); };
  const PairConstants<Real> constants{pack(work.length_unit * work.length_unit),
                                      pack(work.cutoff_squared),
                                      {pack(work.switch_start), pack(work.inverse_switch_width)}};
  for (int i = first; i < last; ++i) {
    const PairRow row = work.rows[i];
    const int own = 3 * n * (i / n) + i % n;
    const typename CoordinateOf<Real>::Type home[3] = {work.coordinates[own], work.coordinates[own + n],
                                                       work.coordinates[own + 2 * n]};
    RowSum<Real> sum{};
    const auto add = [&]<Lanes lanes, bool is_switched_here>(int begin, int end) {
      add_entries<lanes, is_switched_here, wants_energies>(work, constants, row, home, begin, end, forces, sum);
    };
    add.template operator()<Lanes::in_cutoff_and_mask, is_switched>(row.first, row.end_masked);
    add.template operator()<Lanes::all, false>(row.end_masked, row.end_inner);
    add.template operator()<Lanes::in_cutoff, is_switched>(row.end_inner, row.end);
    if constexpr (wants_energies) work.row_energies[i] = horizontal_sum(sum.energy);
    forces[own] += static_cast<Real>(horizontal_sum(sum.force.x));
    forces[own + n] += static_cast<Real>(horizontal_sum(sum.force.y));
    forces[own + 2 * n] += static_cast<Real>(horizontal_sum(sum.force.z));
  }
}

template <class Real>
void pairs(const PairWork<Real>& work, int first, int last, bool wants_energies, Real* forces) {
  if (work.inverse_switch_width > 0) {
    if (wants_energies) {
      pair_rows<true, true>(work, first, last, forces);
    } else {
      pair_rows<true, false>(work, first, last, forces);
    }
  } else if (wants_energies) {
    pair_rows<false, true>(work, first, last, forces);
  } else {
    pair_rows<false, false>(work, first, last, forces);
  }
}

}  // namespace

void pairs_in_double(const PairWork<double>& work, int first, int last, bool wants_energies, double* forces) {
  pairs(work, first, last, wants_energies, forces);
}

void pairs_in_single(const PairWork<float>& work, int first, int last, bool wants_energies, float* forces) {
  pairs(work, first, last, wants_energies, forces);
}

}  // namespace mofkernel::cpu::MOFK_SIMD_NS
