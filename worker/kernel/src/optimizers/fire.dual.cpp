#include <cmath>

#include "optimizers/damped_dynamics.hpp"

namespace mofkernel::MOFK_NS {
namespace {

constexpr double kFirstTimeStep = 0.1;
constexpr double kLargestTimeStep = 1.0;
constexpr int kMinDownhillSteps = 5;
constexpr double kTimeStepGrowth = 1.1;
constexpr double kTimeStepCut = 0.5;
constexpr double kFirstMixing = 0.1;
constexpr double kMixingDecay = 0.99;

/// Tells what the rows do in this step: v <- keep v + push f.
struct Clock {
  double time_step;
  double mixing;
  double n_downhill;
  double keep;
  double push;
};

struct Products {
  double vf, ff, vv;
  MOFK_HD Products& operator+=(const Products& other) {
    vf += other.vf;
    ff += other.ff;
    vv += other.vv;
    return *this;
  }
};

MOFK_HD void advance(Clock& clock, const Products& p, bool is_first) {
  clock.keep = 1;
  clock.push = 0;
  if (is_first) {
    clock = {kFirstTimeStep, kFirstMixing, 0, 1, 0};
  } else if (p.vf > 0) {
    clock.keep = 1 - clock.mixing;
    clock.push = clock.mixing * sqrt(p.vv / p.ff);
    if (clock.n_downhill > kMinDownhillSteps) {
      clock.time_step =
          clock.time_step * kTimeStepGrowth < kLargestTimeStep ? clock.time_step * kTimeStepGrowth : kLargestTimeStep;
      clock.mixing *= kMixingDecay;
    }
    clock.n_downhill += 1;
  } else {
    clock.keep = 0;
    clock.mixing = kFirstMixing;
    clock.time_step *= kTimeStepCut;
    clock.n_downhill = 0;
  }
  clock.push += clock.time_step;
}

class Fire final : public DampedDynamics<Clock, Products> {
 public:
  using DampedDynamics::DampedDynamics;

  void step(int i_step, Buffer<double>& rows, const Buffer<double>& row_forces, const Buffer<double>& /*energies*/,
            const Buffer<int>& is_active) override {
    const int* const d_structure = layout_.structure_of_row.data();
    const double* const d_forces = row_forces.data();
    double* const d_velocities = velocities_.data();
    Clock* const d_clocks = clocks();
    segmented_reduce<Sum>(
        context_, layout_.n_structures, layout_.first_row.data(), Products{0, 0, 0},
        MOFK_LAMBDA(int row) {
          Products p{0, 0, 0};
          for (int k = 3 * row; k < 3 * row + 3; ++k) {
            p += {d_velocities[k] * d_forces[k], square(d_forces[k]), square(d_velocities[k])};
          }
          return p;
        },
        products_.data());
    const Products* const d_products = products_.data();
    const bool is_first = i_step == 0;
    parallel_for(context_, layout_.n_structures, MOFK_LAMBDA(int s) { advance(d_clocks[s], d_products[s], is_first); });
    segmented_reduce<Sum>(
        context_, layout_.n_structures, layout_.first_row.data(), 0.0,
        MOFK_LAMBDA(int row) {
          const Clock& clock = d_clocks[d_structure[row]];
          double length_squared = 0;
          for (int k = 3 * row; k < 3 * row + 3; ++k) {
            d_velocities[k] = clock.keep * d_velocities[k] + clock.push * d_forces[k];
            length_squared += square(clock.time_step * d_velocities[k]);
          }
          return length_squared;
        },
        lengths_squared_.data());
    move(rows, is_active, 0);
  }
};

}  // namespace

std::unique_ptr<RowOptimizer> make_fire(const Context& context, const RowLayout& layout) {
  return std::make_unique<Fire>(context, layout);
}

}  // namespace mofkernel::MOFK_NS
