#include <cmath>
#include <vector>

#include "optimizers/optimizer.hpp"
#include "optimizers/row_loops.hpp"
#include "optimizers/step_control.hpp"

namespace mofkernel::MOFK_NS {
namespace {

/// B+ = B + curvature s s^T - (u s^T + s u^T) / (s.y) with u = B y.
struct Update {
  double inverse_sy;  ///< 0: no update
  double curvature;   ///< (1 + y.u / s.y) / s.y
  double is_fresh;    ///< B starts again from the first guess
};

class Bfgs final : public RowOptimizer {
 public:
  Bfgs(const Context& context, const RowLayout& layout)
      : context_(context),
        layout_(layout),
        first_entry_(context),
        accepted_(context, layout),
        inverse_hessians_(context),
        s_(context, static_cast<std::size_t>(layout.n_rows) * 3),
        y_(context, s_.size()),
        inverse_times_y_(context, s_.size()),
        y_inverse_y_(context, static_cast<std::size_t>(layout.n_structures)),
        updates_(context, static_cast<std::size_t>(layout.n_structures)),
        direction_(context, s_.size()) {
    const std::vector<int> first_row = layout.first_row.to_host();
    std::vector<std::size_t> first_entry{0};
    for (std::size_t s = 0; s + 1 < first_row.size(); ++s) {
      const auto n = 3 * static_cast<std::size_t>(first_row[s + 1] - first_row[s]);
      first_entry.push_back(first_entry.back() + n * n);
    }
    first_entry_.upload(first_entry);
    inverse_hessians_.resize(first_entry.back());
    // A structure that had converged before the first step never gets another matrix, but a checkpoint keeps it.
    inverse_hessians_.fill_zero();
  }

  void step(int /*i_step*/, Buffer<double>& rows, const Buffer<double>& row_forces, const Buffer<double>& energies,
            const Buffer<int>& is_active) override {
    accepted_.take(rows, row_forces, energies, is_active, s_.data(), y_.data());
    multiply_gradient_change();
    plan_updates();
    update_and_find_direction();
    accepted_.move(direction_, rows);
  }

  /// u = B y; the matrix is symmetric, so that a column can be read where a row is meant.
  void multiply_gradient_change() {
    const int* const d_first_row = layout_.first_row.data();
    const std::size_t* const d_first_entry = first_entry_.data();
    const StepControl* const d_controls = accepted_.controls();
    const double* const d_inverse = inverse_hessians_.data();
    const double* const d_y = y_.data();
    double* const d_u = inverse_times_y_.data();
    for_each_block(
        context_, layout_, MOFK_LAMBDA(int structure, int first, int last) {
          double sum[kBlock];
          for (int k = first; k < last; ++k) sum[k - first] = 0;
          if (d_controls[structure].forgets()) {
            for (int k = first; k < last; ++k) sum[k - first] = kInverseHessian * d_y[k];
          } else if (d_controls[structure].has_pair()) {
            const int offset = 3 * d_first_row[structure];
            const int n = 3 * d_first_row[structure + 1] - offset;
            const double* row = d_inverse + d_first_entry[structure] + (first - offset);
            for (int j = 0; j < n; ++j, row += n) {
              const double y = d_y[offset + j];
              for (int k = 0; k < last - first; ++k) sum[k] += row[k] * y;
            }
          }
          for (int k = first; k < last; ++k) d_u[k] = sum[k - first];
        });
    segmented_reduce<Sum>(
        context_, layout_.n_structures, d_first_row, 0.0,
        MOFK_LAMBDA(int row) { return dot_rows(d_y + 3 * row, d_u + 3 * row); }, y_inverse_y_.data());
  }

  void plan_updates() {
    const StepControl* const d_controls = accepted_.controls();
    const PairProducts* const d_products = accepted_.products();
    const double* const d_y_inverse_y = y_inverse_y_.data();
    Update* const d_updates = updates_.data();
    parallel_for(
        context_, layout_.n_structures, MOFK_LAMBDA(int s) {
          const StepControl& control = d_controls[s];
          const PairProducts& p = d_products[s];
          const bool is_updated = control.has_pair() && p.has_curvature();
          d_updates[s].inverse_sy = is_updated ? 1.0 / p.sy : 0.0;
          d_updates[s].curvature = is_updated ? (1 + d_y_inverse_y[s] / p.sy) / p.sy : 0.0;
          d_updates[s].is_fresh = control.forgets() ? 1 : 0;
        });
  }

  /// One pass over the matrices does both.
  void update_and_find_direction() {
    const int* const d_first_row = layout_.first_row.data();
    const std::size_t* const d_first_entry = first_entry_.data();
    const StepControl* const d_controls = accepted_.controls();
    const Update* const d_updates = updates_.data();
    const double* const d_s = s_.data();
    const double* const d_u = inverse_times_y_.data();
    const double* const d_forces = accepted_.forces();
    double* const d_inverse = inverse_hessians_.data();
    double* const d_direction = direction_.data();
    for_each_block(
        context_, layout_, MOFK_LAMBDA(int structure, int first, int last) {
          double sum[kBlock];
          for (int k = first; k < last; ++k) sum[k - first] = 0;
          if (d_controls[structure].decision() != kFrozen) {
            const Update update = d_updates[structure];
            const int offset = 3 * d_first_row[structure];
            const int n = 3 * d_first_row[structure + 1] - offset;
            const int n_here = last - first;
            double* row = d_inverse + d_first_entry[structure] + (first - offset);
            // Copies, so that the compiler knows that writing the matrix does not change them.
            double s[kBlock], u[kBlock];
            for (int k = 0; k < n_here; ++k) {
              s[k] = d_s[first + k];
              u[k] = d_u[first + k];
            }
            for (int j = 0; j < n; ++j, row += n) {
              const double s_j = d_s[offset + j];
              const double u_j = d_u[offset + j];
              const double force = d_forces[offset + j];
              if (update.is_fresh != 0) {
                for (int k = 0; k < n_here; ++k) row[k] = first - offset + k == j ? kInverseHessian : 0.0;
              }
              for (int k = 0; k < n_here; ++k) {
                // Written so that entry (j, k) gets the same bits as (k, j).
                const double entry =
                    row[k] + (update.curvature * (s_j * s[k]) - update.inverse_sy * (u_j * s[k] + s_j * u[k]));
                row[k] = entry;
                sum[k] += entry * force;
              }
            }
          }
          for (int k = first; k < last; ++k) d_direction[k] = sum[k - first];
        });
  }

  [[nodiscard]] std::vector<StateArray> state(int i_step) override {
    std::vector<StateArray> arrays;
    // Before the first step there is nothing in the matrices yet.
    if (i_step > 0) arrays.push_back({"inverse_hessians", &inverse_hessians_, Extent::matrix});
    accepted_.add_state(arrays);
    return arrays;
  }

 private:
  const Context& context_;
  const RowLayout& layout_;
  Buffer<std::size_t> first_entry_;  ///< [n_structures + 1] of the matrices
  AcceptedSteps accepted_;
  Buffer<double> inverse_hessians_;  ///< [n_structures][3 rows][3 rows] B, A^2/eV
  Buffer<double> s_;                 ///< [n_rows][3] newest step
  Buffer<double> y_;                 ///< [n_rows][3] newest change of the gradient
  Buffer<double> inverse_times_y_;   ///< [n_rows][3] u
  Buffer<double> y_inverse_y_;       ///< [n_structures]
  Buffer<Update> updates_;           ///< [n_structures]
  Buffer<double> direction_;         ///< [n_rows][3]
};

}  // namespace

std::unique_ptr<RowOptimizer> make_bfgs(const Context& context, const RowLayout& layout) {
  return std::make_unique<Bfgs>(context, layout);
}

}  // namespace mofkernel::MOFK_NS
