#include <cmath>

#include "optimizers/optimizer.hpp"
#include "optimizers/row_loops.hpp"
#include "optimizers/step_control.hpp"

namespace mofkernel::MOFK_NS {
namespace {

constexpr double kFirstTimeStep = 0.2;
constexpr double kTimeStepCut = 0.5;
/// Keeps the cut finite when nothing moves.
constexpr double kTinyStep_A = 1e-6;

/// One structure's clock; doubles only, so that it travels with a checkpoint.
struct State {
  double time_step;
  double last_energy;
  double is_stopped;  ///< the velocities begin again from zero in this step
};

constexpr std::size_t kNumbersOfState = sizeof(State) / sizeof(double);

struct Products {
  double vf, ff;
  MOFK_HD Products& operator+=(const Products& other) {
    vf += other.vf;
    ff += other.ff;
    return *this;
  }
};

class Mdmin final : public RowOptimizer {
 public:
  Mdmin(const Context& context, const RowLayout& layout)
      : context_(context),
        layout_(layout),
        velocities_(context, static_cast<std::size_t>(layout.n_rows) * 3),
        states_(context, static_cast<std::size_t>(layout.n_structures) * kNumbersOfState),
        products_(context, static_cast<std::size_t>(layout.n_structures)),
        longest_squared_(context, static_cast<std::size_t>(layout.n_structures)) {
    velocities_.fill_zero();
    states_.fill_zero();
  }

  void step(int i_step, Buffer<double>& rows, const Buffer<double>& row_forces, const Buffer<double>& energies,
            const Buffer<int>& is_active) override {
    const int* const d_structure = layout_.structure_of_row.data();
    const int* const d_first_row = layout_.first_row.data();
    const double* const d_energies = energies.data();
    State* const d_states = reinterpret_cast<State*>(states_.data());
    const bool is_first = i_step == 0;
    parallel_for(
        context_, layout_.n_structures, MOFK_LAMBDA(int s) {
          State& state = d_states[s];
          const double largest_rise = kLargestRise_eV * (d_first_row[s + 1] - d_first_row[s]);
          const bool is_uphill = !is_first && d_energies[s] > state.last_energy + largest_rise;
          if (is_first) state.time_step = kFirstTimeStep;
          if (is_uphill) state.time_step *= kTimeStepCut;
          state.is_stopped = is_first || is_uphill ? 1 : 0;
          state.last_energy = d_energies[s];
        });
    const int* const d_is_active = is_active.data();
    const double* const d_forces = row_forces.data();
    double* const d_velocities = velocities_.data();
    double* const d_rows = rows.data();
    segmented_reduce<Sum>(
        context_, layout_.n_structures, layout_.first_row.data(), Products{0, 0},
        MOFK_LAMBDA(int row) {
          const double time_step = d_states[d_structure[row]].time_step;
          Products p{0, 0};
          for (int k = 3 * row; k < 3 * row + 3; ++k) {
            p += {(d_velocities[k] + 0.5 * time_step * d_forces[k]) * d_forces[k], square(d_forces[k])};
          }
          return p;
        },
        products_.data());
    const Products* const d_products = products_.data();
    segmented_reduce<Max>(
        context_, layout_.n_structures, layout_.first_row.data(), 0.0,
        MOFK_LAMBDA(int row) {
          const Products& p = d_products[d_structure[row]];
          const State& state = d_states[d_structure[row]];
          const double kept = state.is_stopped != 0 || !(p.vf > 0) ? 0.0 : p.vf / p.ff;
          double length_squared = 0;
          for (int k = 3 * row; k < 3 * row + 3; ++k) {
            d_velocities[k] = (kept + 0.5 * state.time_step) * d_forces[k];
            length_squared += square(state.time_step * d_velocities[k]);
          }
          return length_squared;
        },
        longest_squared_.data());
    const double* const d_longest_squared = longest_squared_.data();
    parallel_for(
        context_, 3 * layout_.n_rows, MOFK_LAMBDA(int k) {
          const int s = d_structure[k / 3];
          if (d_is_active[s] == 0) return;
          const double cut = kMaxStep_A / (kTinyStep_A + sqrt(d_longest_squared[s]));
          d_rows[k] += (cut < 1 ? cut : 1.0) * d_states[s].time_step * d_velocities[k];
        });
  }

  [[nodiscard]] std::vector<StateArray> state(int /*i_step*/) override {
    return {{"velocities", &velocities_, Extent::values}, {"clocks", &states_, Extent::numbers, kNumbersOfState}};
  }

 private:
  const Context& context_;
  const RowLayout& layout_;
  Buffer<double> velocities_;  ///< [n_rows][3]
  Buffer<double> states_;      ///< [n_structures] of State
  Buffer<Products> products_;
  Buffer<double> longest_squared_;
};

}  // namespace

std::unique_ptr<RowOptimizer> make_mdmin(const Context& context, const RowLayout& layout) {
  return std::make_unique<Mdmin>(context, layout);
}

}  // namespace mofkernel::MOFK_NS
