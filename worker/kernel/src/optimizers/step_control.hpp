// How the quasi-Newton optimizers stay safe far from a minimum, where their model of the energy does not hold.
#pragma once

#include "optimizers/optimizer.hpp"
#include "optimizers/row_loops.hpp"

namespace mofkernel::MOFK_NS {

inline constexpr double kInverseHessian = 1.0 / 70.0;  // A^2/eV, before anything is known
inline constexpr double kLargestRise_eV = 1e-3;        // per row
inline constexpr double kSmallestMaxStep_A = 1e-4;
inline constexpr double kStepGrowth = 1.5;
/// Where the energy curves downwards a model of positive curvature knows no length: each step is at least so many times
/// as long as the one before.
inline constexpr double kDownwardGrowth = 2;
/// Cosine between a step and the change of the gradient below which rounding, not curvature, decides its sign.
inline constexpr double kSmallestCosine = 1e-10;

enum Verdict : int {
  kFrozen,  ///< has ended: stays where it is
  kFirst,   ///< nothing to compare with
  kAccepted,
  kRejected,  ///< back to the step before
};

/// One structure; doubles only, so that it travels with a checkpoint.
struct StepControl {
  double has_started;
  double accepted_energy;
  double max_step;    ///< longest move of a row that is allowed, A
  double last_step;   ///< longest move of a row in the last step, A
  double cut;         ///< what the direction is multiplied by in this step
  double n_rejected;  ///< one after another
  double verdict;

  [[nodiscard]] MOFK_HD Verdict decision() const { return static_cast<Verdict>(static_cast<int>(verdict)); }
  /// Is there a newest pair? That of a step that is taken back counts: it tells what the model did not know.
  [[nodiscard]] MOFK_HD bool has_pair() const { return decision() == kAccepted || decision() == kRejected; }
  /// A model that has misled twice in a row is given up but for the newest pair.
  [[nodiscard]] MOFK_HD bool forgets() const { return decision() == kFirst || n_rejected > 1; }
};

inline constexpr std::size_t kNumbersOfControl = sizeof(StepControl) / sizeof(double);

MOFK_HD inline void decide(StepControl& control, double energy, bool is_active, int n_rows) {
  if (!is_active) {
    control.verdict = kFrozen;
  } else if (control.has_started != 0 && energy > control.accepted_energy + kLargestRise_eV * n_rows) {
    control.verdict = kRejected;
    control.n_rejected += 1;
    control.max_step = control.last_step > 2 * kSmallestMaxStep_A ? control.last_step / 2 : kSmallestMaxStep_A;
  } else {
    control.verdict = control.has_started != 0 ? kAccepted : kFirst;
    control.has_started = 1;
    control.n_rejected = 0;
    control.accepted_energy = energy;
    control.max_step = control.max_step * kStepGrowth < kMaxStep_A ? control.max_step * kStepGrowth : kMaxStep_A;
  }
}

/// Products of the newest step s and change of the gradient y.
struct PairProducts {
  double sy, ss, yy;
  MOFK_HD PairProducts& operator+=(const PairProducts& other) {
    sy += other.sy;
    ss += other.ss;
    yy += other.yy;
    return *this;
  }
  [[nodiscard]] MOFK_HD bool has_curvature() const { return sy > kSmallestCosine * sqrt(ss * yy); }
};

/// The last accepted geometry of every structure, and the newest pair.
class AcceptedSteps {
 public:
  AcceptedSteps(const Context& context, const RowLayout& layout)
      : context_(context),
        layout_(layout),
        controls_(context,
                  std::span<const double>(std::vector<double>(count(layout.n_structures) * kNumbersOfControl, 0.0))),
        old_rows_(context, count(layout.n_rows) * 3),
        old_forces_(context, count(layout.n_rows) * 3),
        products_(context, count(layout.n_structures)),
        longest_squared_(context, count(layout.n_structures)) {
    old_rows_.fill_zero();
    old_forces_.fill_zero();
  }

  [[nodiscard]] const StepControl* controls() const { return reinterpret_cast<const StepControl*>(controls_.data()); }
  /// [n_rows][3] at the last accepted geometry.
  [[nodiscard]] const double* forces() const { return old_forces_.data(); }
  [[nodiscard]] const PairProducts* products() const { return products_.data(); }

  /// Decides about every structure, brings back the rows of the rejected ones, and writes the newest pair: zero when
  /// there is none.
  void take(Buffer<double>& rows, const Buffer<double>& row_forces, const Buffer<double>& energies,
            const Buffer<int>& is_active, double* d_s, double* d_y) {
    StepControl* const d_controls = reinterpret_cast<StepControl*>(controls_.data());
    const double* const d_energies = energies.data();
    const int* const d_is_active = is_active.data();
    const int* const d_first_row = layout_.first_row.data();
    parallel_for(
        context_, layout_.n_structures, MOFK_LAMBDA(int s) {
          if (d_controls[s].has_started == 0) d_controls[s].max_step = kMaxStep_A;
          decide(d_controls[s], d_energies[s], d_is_active[s] != 0, d_first_row[s + 1] - d_first_row[s]);
        });
    const int* const d_structure = layout_.structure_of_row.data();
    const double* const d_forces = row_forces.data();
    double* const d_rows = rows.data();
    double* const d_old_rows = old_rows_.data();
    double* const d_old_forces = old_forces_.data();
    segmented_reduce<Sum>(
        context_, layout_.n_structures, d_first_row, PairProducts{0, 0, 0},
        MOFK_LAMBDA(int row) {
          const StepControl& control = d_controls[d_structure[row]];
          const Verdict verdict = control.decision();
          for (int k = 3 * row; k < 3 * row + 3; ++k) {
            d_s[k] = control.has_pair() ? d_rows[k] - d_old_rows[k] : 0.0;
            d_y[k] = control.has_pair() ? d_old_forces[k] - d_forces[k] : 0.0;
            if (verdict == kAccepted || verdict == kFirst) {
              d_old_rows[k] = d_rows[k];
              d_old_forces[k] = d_forces[k];
            } else if (verdict == kRejected) {
              d_rows[k] = d_old_rows[k];
            }
          }
          const double* const s = d_s + 3 * row;
          const double* const y = d_y + 3 * row;
          return PairProducts{dot_rows(s, y), dot_rows(s, s), dot_rows(y, y)};
        },
        products_.data());
  }

  /// Moves the rows along a direction [n_rows][3], whose longest row is cut to what the structure may move.
  void move(const Buffer<double>& direction, Buffer<double>& rows) {
    const double* const d_direction = direction.data();
    segmented_reduce<Max>(
        context_, layout_.n_structures, layout_.first_row.data(), 0.0,
        MOFK_LAMBDA(int row) { return dot_rows(d_direction + 3 * row, d_direction + 3 * row); },
        longest_squared_.data());
    const double* const d_longest_squared = longest_squared_.data();
    const PairProducts* const d_products = products_.data();
    StepControl* const d_controls = reinterpret_cast<StepControl*>(controls_.data());
    parallel_for(
        context_, layout_.n_structures, MOFK_LAMBDA(int s) {
          StepControl& control = d_controls[s];
          const double longest = sqrt(d_longest_squared[s]);
          const bool curves_downwards = control.decision() == kAccepted && !d_products[s].has_curvature();
          const double least = curves_downwards ? kDownwardGrowth * control.last_step : 0.0;
          const double wanted = longest < least ? least : longest;
          const double allowed = wanted > control.max_step ? control.max_step : wanted;
          control.cut = allowed != longest && longest > 0 ? allowed / longest : 1.0;
          control.last_step = control.cut * longest;
        });
    const int* const d_structure = layout_.structure_of_row.data();
    double* const d_rows = rows.data();
    parallel_for(
        context_, 3 * layout_.n_rows, MOFK_LAMBDA(int k) {
          const StepControl& control = d_controls[d_structure[k / 3]];
          if (control.decision() != kFrozen) d_rows[k] += control.cut * d_direction[k];
        });
  }

  void add_state(std::vector<StateArray>& arrays) {
    arrays.push_back({"controls", &controls_, Extent::numbers, kNumbersOfControl});
    arrays.push_back({"old_rows", &old_rows_, Extent::values});
    arrays.push_back({"old_forces", &old_forces_, Extent::values});
  }

 private:
  static std::size_t count(int n) { return static_cast<std::size_t>(n); }

  const Context& context_;
  const RowLayout& layout_;
  Buffer<double> controls_;    ///< [n_structures] of StepControl
  Buffer<double> old_rows_;    ///< [n_rows][3] of the last accepted step
  Buffer<double> old_forces_;  ///< [n_rows][3]
  Buffer<PairProducts> products_;
  Buffer<double> longest_squared_;
};

}  // namespace mofkernel::MOFK_NS
