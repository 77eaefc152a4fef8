// The parts of a step that move atoms: kicks and drifts by maps that are numbers (Scale) or 3x3 matrices (Linear), one
// set per structure.
#pragma once

#include "dynamics/md_system.hpp"
#include "geometry/lattice.hpp"

namespace mofkernel::MOFK_NS {

struct Scale {
  double factor;
  MOFK_HD void add(const double* row, double* out) const {
    for (int a = 0; a < 3; ++a) out[a] += factor * row[a];
  }
};

struct Linear {
  double m[9];
  MOFK_HD void add(const double* row, double* out) const {
    for (int a = 0; a < 3; ++a) out[a] += row[0] * m[a] + row[1] * m[3 + a] + row[2] * m[6 + a];
  }
};

/// v <- v keep + (f / m) push, then x <- x stretch + v drift; after the evaluation
/// v <- v keep_after + (f / m) push_after.
template <class Map>
struct Propagator {
  Map keep, push, stretch, drift, keep_after, push_after;
};

MOFK_HD inline bool is_finite_row(const double* row) {
  const double sum = row[0] + row[1] + row[2];
  return sum - sum == 0;
}

/// First half of step n_steps_done + 1. The structures that went wrong before it return to their last good sample.
template <class Map>
void kick_and_drift(MdSystem& system, const Buffer<Propagator<Map>>& propagators) {
  const int* const d_structure = system.batch.structure_of_atom.data();
  const Propagator<Map>* const d_propagators = propagators.data();
  const double* const d_forces = system.evaluation.forces.data();
  const double* const d_inverse_inertias = system.inverse_inertias.data();
  const double* const d_good_positions = system.good_positions.data();
  const double* const d_good_velocities = system.good_velocities.data();
  const std::int64_t* const d_n_steps_done = system.n_steps_done.data();
  std::int64_t* const d_diverged_at = system.diverged_at.data();
  double* const d_positions = system.batch.positions.data();
  double* const d_velocities = system.velocities.data();
  parallel_for(
      system.context, system.batch.n_atoms, MOFK_LAMBDA(int i) {
        const int s = d_structure[i];
        const std::int64_t step = *d_n_steps_done + 1;
        double* const x = d_positions + 3 * i;
        double* const v = d_velocities + 3 * i;
        if (diverged_before(d_diverged_at, s, step)) {
          for (int a = 0; a < 3; ++a) {
            x[a] = d_good_positions[3 * i + a];
            v[a] = d_good_velocities[3 * i + a];
          }
          return;
        }
        const Propagator<Map>& p = d_propagators[s];
        double acceleration[3];
        for (int a = 0; a < 3; ++a) acceleration[a] = d_forces[3 * i + a] * d_inverse_inertias[i];
        double new_v[3] = {0, 0, 0};
        p.keep.add(v, new_v);
        p.push.add(acceleration, new_v);
        // Only the atom's own way counts: far from the origin a small strain of the cell moves it far, and rightly so.
        double stretched[3] = {0, 0, 0};
        p.stretch.add(x, stretched);
        double way[3] = {0, 0, 0};
        p.drift.add(new_v, way);
        if (!(norm3(way) <= kFarthestStep_A)) {
          mark_diverged(d_diverged_at, s, step);
          return;
        }
        for (int a = 0; a < 3; ++a) {
          v[a] = new_v[a];
          x[a] = stretched[a] + way[a];
        }
      });
}

/// Second half of the same step, with the forces at the new positions.
template <class Map>
void kick_after(MdSystem& system, const Buffer<Propagator<Map>>& propagators) {
  const int* const d_structure = system.batch.structure_of_atom.data();
  const Propagator<Map>* const d_propagators = propagators.data();
  const double* const d_forces = system.evaluation.forces.data();
  const double* const d_inverse_inertias = system.inverse_inertias.data();
  const std::int64_t* const d_n_steps_done = system.n_steps_done.data();
  std::int64_t* const d_diverged_at = system.diverged_at.data();
  double* const d_velocities = system.velocities.data();
  parallel_for(
      system.context, system.batch.n_atoms, MOFK_LAMBDA(int i) {
        const int s = d_structure[i];
        const std::int64_t step = *d_n_steps_done + 1;
        if (diverged_before(d_diverged_at, s, step)) return;
        if (!is_finite_row(d_forces + 3 * i)) mark_diverged(d_diverged_at, s, step);
        const Propagator<Map>& p = d_propagators[s];
        double* const v = d_velocities + 3 * i;
        double acceleration[3];
        for (int a = 0; a < 3; ++a) acceleration[a] = d_forces[3 * i + a] * d_inverse_inertias[i];
        double new_v[3] = {0, 0, 0};
        p.keep_after.add(v, new_v);
        p.push_after.add(acceleration, new_v);
        for (int a = 0; a < 3; ++a) v[a] = new_v[a];
      });
}

/// v <- v keep, for what a thermostat does after the second kick.
template <class Map>
void scale_velocities(MdSystem& system, const Buffer<Propagator<Map>>& propagators) {
  const int* const d_structure = system.batch.structure_of_atom.data();
  const Propagator<Map>* const d_propagators = propagators.data();
  const std::int64_t* const d_n_steps_done = system.n_steps_done.data();
  const std::int64_t* const d_diverged_at = system.diverged_at.data();
  double* const d_velocities = system.velocities.data();
  parallel_for(
      system.context, system.batch.n_atoms, MOFK_LAMBDA(int i) {
        const int s = d_structure[i];
        if (diverged_before(d_diverged_at, s, *d_n_steps_done + 1)) return;
        double* const v = d_velocities + 3 * i;
        double scaled[3] = {0, 0, 0};
        d_propagators[s].keep.add(v, scaled);
        for (int a = 0; a < 3; ++a) v[a] = scaled[a];
      });
}

}  // namespace mofkernel::MOFK_NS
