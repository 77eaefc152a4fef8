// What FIRE and MDMin share: rows that move as unit masses do, a clock for every structure, and a longest move.
#pragma once

#include <cmath>

#include "optimizers/optimizer.hpp"
#include "optimizers/row_loops.hpp"

namespace mofkernel::MOFK_NS {

/// Clock: one structure's; doubles only, so that it travels with a checkpoint, among them time_step in A (u/eV)^(1/2).
/// Products: sums over a structure's rows that decide about its velocities.
template <class Clock, class Products>
class DampedDynamics : public RowOptimizer {
 public:
  DampedDynamics(const Context& context, const RowLayout& layout)
      : context_(context),
        layout_(layout),
        velocities_(context, static_cast<std::size_t>(layout.n_rows) * 3),
        products_(context, static_cast<std::size_t>(layout.n_structures)),
        lengths_squared_(context, static_cast<std::size_t>(layout.n_structures)),
        clocks_(context, static_cast<std::size_t>(layout.n_structures) * kNumbersOfClock) {
    velocities_.fill_zero();
    clocks_.fill_zero();
  }

  [[nodiscard]] std::vector<StateArray> state(int /*i_step*/) final {
    return {{"velocities", &velocities_, Extent::values}, {"clocks", &clocks_, Extent::numbers, kNumbersOfClock}};
  }

  // Public because nvcc wants device lambdas in public member functions.

  /// A time step for the rows of active structures. Where what lengths_squared_ holds is the square of more than
  /// kMaxStep_A, the whole structure moves less: kMaxStep_A / (tiny_A + length) of it.
  void move(Buffer<double>& rows, const Buffer<int>& is_active, double tiny_A) {
    const int* const d_structure = layout_.structure_of_row.data();
    const int* const d_is_active = is_active.data();
    const double* const d_velocities = velocities_.data();
    const double* const d_lengths_squared = lengths_squared_.data();
    const Clock* const d_clocks = clocks();
    double* const d_rows = rows.data();
    parallel_for(
        context_, 3 * layout_.n_rows, MOFK_LAMBDA(int k) {
          const int s = d_structure[k / 3];
          if (d_is_active[s] == 0) return;
          const double cut = kMaxStep_A / (tiny_A + sqrt(d_lengths_squared[s]));
          d_rows[k] += (cut < 1 ? cut : 1.0) * d_clocks[s].time_step * d_velocities[k];
        });
  }

 protected:
  [[nodiscard]] Clock* clocks() { return reinterpret_cast<Clock*>(clocks_.data()); }

  const Context& context_;
  const RowLayout& layout_;
  Buffer<double> velocities_;       ///< [n_rows][3]
  Buffer<Products> products_;       ///< [n_structures]
  Buffer<double> lengths_squared_;  ///< [n_structures] of the move that is to come, A^2

 private:
  static constexpr std::size_t kNumbersOfClock = sizeof(Clock) / sizeof(double);

  Buffer<double> clocks_;  ///< [n_structures] of Clock
};

}  // namespace mofkernel::MOFK_NS
