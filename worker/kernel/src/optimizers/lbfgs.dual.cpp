#include <algorithm>
#include <cmath>
#include <vector>

#include "optimizers/optimizer.hpp"

namespace mofkernel::MOFK_NS {
namespace {

constexpr int kMemory = 100;
constexpr double kInverseHessian = 1.0 / 70.0;  // A^2/eV
constexpr double kLargestRise_eV = 1e-3;        // per row
constexpr double kSmallestMaxStep_A = 1e-4;
constexpr double kStepGrowth = 1.5;
/// Cosine between a step and the change of the gradient below which rounding, not curvature, decides its sign.
constexpr double kSmallestCosine = 1e-10;

enum Verdict : int {
  kFrozen,  ///< converged: stays where it is
  kFirst,   ///< nothing to compare with
  kAccepted,
  kRejected,  ///< back to the step before
};

/// What the host decides about one structure in one step.
struct Control {
  int verdict;
  double max_step;
};

struct PairProducts {
  double sy, ss, yy;
  MOFK_HD PairProducts& operator+=(const PairProducts& other) {
    sy += other.sy;
    ss += other.ss;
    yy += other.yy;
    return *this;
  }
};

MOFK_HD double dot_rows(const double* a, const double* b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

class Lbfgs final : public RowOptimizer {
 public:
  Lbfgs(const Context& context, const RowLayout& layout)
      : context_(context),
        layout_(layout),
        n_structures_(static_cast<std::size_t>(layout.n_structures)),
        n_values_(static_cast<std::size_t>(layout.n_rows) * 3),
        controls_(context),
        old_rows_(context, n_values_),
        old_forces_(context, n_values_),
        direction_(context, n_values_),
        inverse_curvatures_(context, kMemory * n_structures_),
        coefficients_(context, kMemory * n_structures_),
        corrections_(context, kMemory * n_structures_),
        pair_products_(context, n_structures_),
        longest_squared_(context, n_structures_),
        n_rows_(layout.first_row.to_host()),
        accepted_energies_(n_structures_),
        max_steps_(n_structures_, kMaxStep_A) {
    inverse_curvatures_.fill_zero();
  }

  void step(Buffer<double>& rows, const Buffer<double>& row_forces, std::span<const double> energies,
            std::span<const int> is_active) override {
    decide(energies, is_active);
    take_pair(rows, row_forces);
    find_direction();
    move(rows);
    ++n_steps_;
  }

  void decide(std::span<const double> energies, std::span<const int> is_active) {
    std::vector<Control> controls(n_structures_);
    for (std::size_t s = 0; s < n_structures_; ++s) {
      controls[s].verdict = decide_one(s, energies[s], is_active[s] != 0);
      controls[s].max_step = max_steps_[s];
    }
    controls_.upload(controls);
  }

  Verdict decide_one(std::size_t s, double energy, bool is_active) {
    if (!is_active) return kFrozen;
    const double largest_rise = kLargestRise_eV * (n_rows_[s + 1] - n_rows_[s]);
    if (n_steps_ > 0 && energy > accepted_energies_[s] + largest_rise) {
      max_steps_[s] = std::max(max_steps_[s] / 2, kSmallestMaxStep_A);
      return kRejected;
    }
    accepted_energies_[s] = energy;
    max_steps_[s] = std::min(max_steps_[s] * kStepGrowth, kMaxStep_A);
    return n_steps_ > 0 ? kAccepted : kFirst;
  }

  /// The newest pair s = rows - old rows, y = old forces - forces into the slot of this step; direction = -forces.
  void take_pair(Buffer<double>& rows, const Buffer<double>& row_forces) {
    const int slot = n_steps_ % kMemory;
    if (slot == static_cast<int>(steps_.size())) {
      steps_.emplace_back(context_, n_values_);
      gradient_changes_.emplace_back(context_, n_values_);
    }
    const int* const d_structure = layout_.structure_of_row.data();
    const Control* const d_controls = controls_.data();
    const double* const d_forces = row_forces.data();
    double* const d_rows = rows.data();
    double* const d_old_rows = old_rows_.data();
    double* const d_old_forces = old_forces_.data();
    double* const d_s = steps_[static_cast<std::size_t>(slot)].data();
    double* const d_y = gradient_changes_[static_cast<std::size_t>(slot)].data();
    double* const d_direction = direction_.data();
    parallel_for(
        context_, 3 * layout_.n_rows, MOFK_LAMBDA(int k) {
          const int verdict = d_controls[d_structure[k / 3]].verdict;
          d_s[k] = verdict == kAccepted ? d_rows[k] - d_old_rows[k] : 0.0;
          d_y[k] = verdict == kAccepted ? d_old_forces[k] - d_forces[k] : 0.0;
          if (verdict == kAccepted || verdict == kFirst) {
            d_old_rows[k] = d_rows[k];
            d_old_forces[k] = d_forces[k];
          } else if (verdict == kRejected) {
            d_rows[k] = d_old_rows[k];
          }
          d_direction[k] = verdict == kFrozen ? 0.0 : -d_old_forces[k];
        });
    segmented_reduce<Sum>(
        context_, layout_.n_structures, layout_.first_row.data(), PairProducts{0, 0, 0},
        MOFK_LAMBDA(int row) {
          const double* const s = d_s + 3 * row;
          const double* const y = d_y + 3 * row;
          return PairProducts{dot_rows(s, y), dot_rows(s, s), dot_rows(y, y)};
        },
        pair_products_.data());
    const PairProducts* const d_products = pair_products_.data();
    double* const d_inverse_curvatures = inverse_curvatures_.data();
    const int n_structures = layout_.n_structures;
    parallel_for(
        context_, n_structures, MOFK_LAMBDA(int structure) {
          const PairProducts p = d_products[structure];
          const bool has_curvature = p.sy > kSmallestCosine * sqrt(p.ss * p.yy);
          d_inverse_curvatures[slot * n_structures + structure] = has_curvature ? 1.0 / p.sy : 0.0;
          if (d_controls[structure].verdict != kRejected) return;
          for (int m = 0; m < kMemory; ++m) d_inverse_curvatures[m * n_structures + structure] = 0;
        });
  }

  /// The two loops: direction = -H forces. A pair with inverse curvature 0 drops out of them by itself.
  void find_direction() {
    const int n_pairs = std::min(n_steps_ + 1, kMemory);
    const int oldest = n_steps_ + 1 - n_pairs;
    const int n_structures = layout_.n_structures;
    const int* const d_structure = layout_.structure_of_row.data();
    const int* const d_first_row = layout_.first_row.data();
    double* const d_direction = direction_.data();
    // Each pass first does the update that the pass before made known, so that one pass over the rows serves a pair.
    const double* update = nullptr;
    const double* factors = nullptr;
    for (int step = n_steps_; step >= oldest; --step) {
      const double* const d_s = steps_[static_cast<std::size_t>(step % kMemory)].data();
      const double* const d_inverse = inverse_curvatures_.data() + (step % kMemory) * n_structures;
      double* const d_coefficient = coefficients_.data() + (step % kMemory) * n_structures;
      segmented_reduce<Sum>(
          context_, n_structures, d_first_row, 0.0,
          MOFK_LAMBDA(int row) {
            double* const q = d_direction + 3 * row;
            if (update != nullptr) {
              for (int a = 0; a < 3; ++a) q[a] -= factors[d_structure[row]] * update[3 * row + a];
            }
            return d_inverse[d_structure[row]] * dot_rows(d_s + 3 * row, q);
          },
          d_coefficient);
      update = gradient_changes_[static_cast<std::size_t>(step % kMemory)].data();
      factors = d_coefficient;
    }
    parallel_for(
        context_, 3 * layout_.n_rows, MOFK_LAMBDA(int k) {
          d_direction[k] = kInverseHessian * (d_direction[k] - factors[d_structure[k / 3]] * update[k]);
        });
    update = nullptr;
    for (int step = oldest; step <= n_steps_; ++step) {
      const double* const d_y = gradient_changes_[static_cast<std::size_t>(step % kMemory)].data();
      const double* const d_inverse = inverse_curvatures_.data() + (step % kMemory) * n_structures;
      const double* const d_coefficient = coefficients_.data() + (step % kMemory) * n_structures;
      double* const d_correction = corrections_.data() + (step % kMemory) * n_structures;
      segmented_reduce<Sum>(
          context_, n_structures, d_first_row, 0.0,
          MOFK_LAMBDA(int row) {
            double* const z = d_direction + 3 * row;
            if (update != nullptr) {
              for (int a = 0; a < 3; ++a) z[a] += factors[d_structure[row]] * update[3 * row + a];
            }
            return d_inverse[d_structure[row]] * dot_rows(d_y + 3 * row, z);
          },
          d_correction);
      parallel_for(
          context_, n_structures, MOFK_LAMBDA(int s) { d_correction[s] = d_coefficient[s] - d_correction[s]; });
      update = steps_[static_cast<std::size_t>(step % kMemory)].data();
      factors = d_correction;
    }
    parallel_for(
        context_, 3 * layout_.n_rows,
        MOFK_LAMBDA(int k) { d_direction[k] += factors[d_structure[k / 3]] * update[k]; });
  }

  void move(Buffer<double>& rows) {
    const int* const d_structure = layout_.structure_of_row.data();
    const double* const d_direction = direction_.data();
    segmented_reduce<Max>(
        context_, layout_.n_structures, layout_.first_row.data(), 0.0,
        MOFK_LAMBDA(int row) { return dot_rows(d_direction + 3 * row, d_direction + 3 * row); },
        longest_squared_.data());
    const double* const d_longest_squared = longest_squared_.data();
    const Control* const d_controls = controls_.data();
    double* const d_rows = rows.data();
    parallel_for(
        context_, 3 * layout_.n_rows, MOFK_LAMBDA(int k) {
          const int s = d_structure[k / 3];
          const double longest = sqrt(d_longest_squared[s]);
          const double cut = longest > d_controls[s].max_step ? d_controls[s].max_step / longest : 1.0;
          d_rows[k] -= cut * d_direction[k];
        });
  }

 private:
  const Context& context_;
  const RowLayout& layout_;
  std::size_t n_structures_;
  std::size_t n_values_;
  int n_steps_ = 0;

  Buffer<Control> controls_;           ///< [n_structures]
  Buffer<double> old_rows_;            ///< [n_rows][3] of the last accepted step
  Buffer<double> old_forces_;          ///< [n_rows][3]
  Buffer<double> direction_;           ///< [n_rows][3]
  std::vector<Buffer<double>> steps_;  ///< [min(step, memory)] of [n_rows][3]; slot = step modulo memory
  std::vector<Buffer<double>> gradient_changes_;
  Buffer<double> inverse_curvatures_;  ///< [memory][n_structures] 1/(s.y), 0: pair not in use
  Buffer<double> coefficients_;        ///< [memory][n_structures]
  Buffer<double> corrections_;         ///< [memory][n_structures]
  Buffer<PairProducts> pair_products_;
  Buffer<double> longest_squared_;

  std::vector<int> n_rows_;  ///< first row of each structure and the end
  std::vector<double> accepted_energies_;
  std::vector<double> max_steps_;
};

}  // namespace

std::unique_ptr<RowOptimizer> make_lbfgs(const Context& context, const RowLayout& layout) {
  return std::make_unique<Lbfgs>(context, layout);
}

}  // namespace mofkernel::MOFK_NS
