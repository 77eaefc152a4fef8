#include "optimizers/damped_dynamics.hpp"
#include "optimizers/step_control.hpp"

namespace mofkernel::MOFK_NS {
namespace {

constexpr double kFirstTimeStep = 0.2;
constexpr double kTimeStepCut = 0.5;
/// Keeps the cut finite when nothing moves.
constexpr double kTinyStep_A = 1e-6;

struct Clock {
  double time_step;
  double last_energy;
  double is_stopped;  ///< the velocities begin again from zero in this step
};

struct Products {
  double vf, ff;
  MOFK_HD Products& operator+=(const Products& other) {
    vf += other.vf;
    ff += other.ff;
    return *this;
  }
};

class Mdmin final : public DampedDynamics<Clock, Products> {
 public:
  using DampedDynamics::DampedDynamics;

  void step(int i_step, Buffer<double>& rows, const Buffer<double>& row_forces, const Buffer<double>& energies,
            const Buffer<int>& is_active) override {
    const int* const d_structure = layout_.structure_of_row.data();
    const int* const d_first_row = layout_.first_row.data();
    const double* const d_energies = energies.data();
    Clock* const d_clocks = clocks();
    const bool is_first = i_step == 0;
    parallel_for(
        context_, layout_.n_structures, MOFK_LAMBDA(int s) {
          Clock& clock = d_clocks[s];
          const double largest_rise = kLargestRise_eV * (d_first_row[s + 1] - d_first_row[s]);
          const bool is_uphill = !is_first && d_energies[s] > clock.last_energy + largest_rise;
          if (is_first) clock.time_step = kFirstTimeStep;
          if (is_uphill) clock.time_step *= kTimeStepCut;
          clock.is_stopped = is_first || is_uphill ? 1 : 0;
          clock.last_energy = d_energies[s];
        });
    const double* const d_forces = row_forces.data();
    double* const d_velocities = velocities_.data();
    segmented_reduce<Sum>(
        context_, layout_.n_structures, layout_.first_row.data(), Products{0, 0},
        MOFK_LAMBDA(int row) {
          const double time_step = d_clocks[d_structure[row]].time_step;
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
          const Clock& clock = d_clocks[d_structure[row]];
          const double kept = clock.is_stopped != 0 || !(p.vf > 0) ? 0.0 : p.vf / p.ff;
          double length_squared = 0;
          for (int k = 3 * row; k < 3 * row + 3; ++k) {
            d_velocities[k] = (kept + 0.5 * clock.time_step) * d_forces[k];
            length_squared += square(clock.time_step * d_velocities[k]);
          }
          return length_squared;
        },
        lengths_squared_.data());
    move(rows, is_active, kTinyStep_A);
  }
};

}  // namespace

std::unique_ptr<RowOptimizer> make_mdmin(const Context& context, const RowLayout& layout) {
  return std::make_unique<Mdmin>(context, layout);
}

}  // namespace mofkernel::MOFK_NS
