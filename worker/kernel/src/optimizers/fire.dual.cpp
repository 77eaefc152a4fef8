#include <cmath>

#include "optimizers/optimizer.hpp"
#include "optimizers/row_loops.hpp"

namespace mofkernel::MOFK_NS {
namespace {

constexpr double kFirstTimeStep = 0.1;
constexpr double kLargestTimeStep = 1.0;
constexpr int kMinDownhillSteps = 5;
constexpr double kTimeStepGrowth = 1.1;
constexpr double kTimeStepCut = 0.5;
constexpr double kFirstMixing = 0.1;
constexpr double kMixingDecay = 0.99;

/// One structure's clock, and what its rows do in this step: v <- keep v + push f. Doubles only, so that it travels
/// with a checkpoint.
struct State {
  double time_step;
  double mixing;
  double n_downhill;
  double keep;
  double push;
};

constexpr std::size_t kNumbersOfState = sizeof(State) / sizeof(double);

struct Products {
  double vf, ff, vv;
  MOFK_HD Products& operator+=(const Products& other) {
    vf += other.vf;
    ff += other.ff;
    vv += other.vv;
    return *this;
  }
};

MOFK_HD void advance(State& state, const Products& p, bool is_first) {
  state.keep = 1;
  state.push = 0;
  if (is_first) {
    state = {kFirstTimeStep, kFirstMixing, 0, 1, 0};
  } else if (p.vf > 0) {
    state.keep = 1 - state.mixing;
    state.push = state.mixing * sqrt(p.vv / p.ff);
    if (state.n_downhill > kMinDownhillSteps) {
      state.time_step =
          state.time_step * kTimeStepGrowth < kLargestTimeStep ? state.time_step * kTimeStepGrowth : kLargestTimeStep;
      state.mixing *= kMixingDecay;
    }
    state.n_downhill += 1;
  } else {
    state.keep = 0;
    state.mixing = kFirstMixing;
    state.time_step *= kTimeStepCut;
    state.n_downhill = 0;
  }
  state.push += state.time_step;
}

class Fire final : public RowOptimizer {
 public:
  Fire(const Context& context, const RowLayout& layout)
      : context_(context),
        layout_(layout),
        velocities_(context, static_cast<std::size_t>(layout.n_rows) * 3),
        states_(context, static_cast<std::size_t>(layout.n_structures) * kNumbersOfState),
        products_(context, static_cast<std::size_t>(layout.n_structures)),
        lengths_squared_(context, static_cast<std::size_t>(layout.n_structures)) {
    velocities_.fill_zero();
    states_.fill_zero();
  }

  void step(int i_step, Buffer<double>& rows, const Buffer<double>& row_forces, const Buffer<double>& /*energies*/,
            const Buffer<int>& is_active) override {
    const int* const d_structure = layout_.structure_of_row.data();
    const int* const d_is_active = is_active.data();
    const double* const d_forces = row_forces.data();
    double* const d_velocities = velocities_.data();
    double* const d_rows = rows.data();
    State* const d_states = reinterpret_cast<State*>(states_.data());
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
    parallel_for(context_, layout_.n_structures, MOFK_LAMBDA(int s) { advance(d_states[s], d_products[s], is_first); });
    segmented_reduce<Sum>(
        context_, layout_.n_structures, layout_.first_row.data(), 0.0,
        MOFK_LAMBDA(int row) {
          const State& state = d_states[d_structure[row]];
          double length_squared = 0;
          for (int k = 3 * row; k < 3 * row + 3; ++k) {
            d_velocities[k] = state.keep * d_velocities[k] + state.push * d_forces[k];
            length_squared += square(state.time_step * d_velocities[k]);
          }
          return length_squared;
        },
        lengths_squared_.data());
    const double* const d_lengths_squared = lengths_squared_.data();
    parallel_for(
        context_, 3 * layout_.n_rows, MOFK_LAMBDA(int k) {
          const int s = d_structure[k / 3];
          if (d_is_active[s] == 0) return;
          const double length = sqrt(d_lengths_squared[s]);
          const double cut = length > kMaxStep_A ? kMaxStep_A / length : 1.0;
          d_rows[k] += cut * d_states[s].time_step * d_velocities[k];
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
  Buffer<double> lengths_squared_;
};

}  // namespace

std::unique_ptr<RowOptimizer> make_fire(const Context& context, const RowLayout& layout) {
  return std::make_unique<Fire>(context, layout);
}

}  // namespace mofkernel::MOFK_NS
