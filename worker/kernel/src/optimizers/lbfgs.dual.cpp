// The two loops of L-BFGS, written with the products of its pairs instead of the pairs: s.y and y.y of all pairs are
// kept, so one pass over the pairs gives what is new, the loops run over a few hundred numbers per structure, and a
// second pass adds the pairs up. On a GPU that is some launches per step instead of hundreds. The algebra is that of
// Chen, Wang, Zhou, Advances in Neural Information Processing Systems 27 (2014), "Large-scale L-BFGS using MapReduce".
#include <algorithm>
#include <cmath>
#include <vector>

#include "optimizers/optimizer.hpp"
#include "optimizers/row_loops.hpp"
#include "optimizers/step_control.hpp"

namespace mofkernel::MOFK_NS {
namespace {

/// Products of one pair with the newest change of the gradient and with the forces.
struct SlotProducts {
  double s_newest, y_newest, s_forces, y_forces;
  MOFK_HD SlotProducts& operator+=(const SlotProducts& other) {
    s_newest += other.s_newest;
    y_newest += other.y_newest;
    s_forces += other.s_forces;
    y_forces += other.y_forces;
    return *this;
  }
};

/// What one structure's loops work with; every array has one entry per slot.
struct PairTable {
  int n_pairs;
  int newest;                  ///< slot
  double* inverse_curvatures;  ///< 1/(s.y), 0: pair not in use
  double* grid;                ///< [pairs][pairs] on and above the diagonal y.y, below it s.y, the s of the older pair
  double* alphas;
  double* steps;  ///< what becomes the factor of s in the direction
  const SlotProducts* products;

  [[nodiscard]] MOFK_HD int slot(int age) const {
    const int i = newest - age;
    return i >= 0 ? i : i + kLbfgsPairs;
  }
  [[nodiscard]] MOFK_HD double& yy(int i, int j) const {
    return i < j ? grid[i * kLbfgsPairs + j] : grid[j * kLbfgsPairs + i];
  }
  [[nodiscard]] MOFK_HD double& older_s_newer_y(int i, int j) const {
    return i < j ? grid[j * kLbfgsPairs + i] : grid[i * kLbfgsPairs + j];
  }
};

/// Takes the products of the newest pair into the table.
MOFK_HD void take_products(const PairTable& t, const PairProducts& newest, const StepControl& control, int lane) {
  for (int i = lane; i < t.n_pairs; i += kTeam) {
    t.yy(i, t.newest) = t.products[i].y_newest;
    if (i != t.newest) t.older_s_newer_y(i, t.newest) = t.products[i].s_newest;
    if (control.forgets()) t.inverse_curvatures[i] = 0;
    if (i == t.newest) {
      t.inverse_curvatures[i] = control.has_pair() && newest.has_curvature() ? 1.0 / newest.sy : 0.0;
    }
    t.alphas[i] = t.products[i].s_forces;
  }
  team_barrier();
}

/// direction = H0 forces + the sum of steps[i] s_i - H0 alphas[i] y_i; see take_products() for what is there before.
MOFK_HD void run_two_loops(const PairTable& t, int lane) {
  for (int age = 0; age < t.n_pairs; ++age) {
    const int j = t.slot(age);
    if (lane == 0) t.alphas[j] *= t.inverse_curvatures[j];
    team_barrier();
    for (int older = age + 1 + lane; older < t.n_pairs; older += kTeam) {
      const int i = t.slot(older);
      t.alphas[i] -= t.alphas[j] * t.older_s_newer_y(i, j);
    }
    team_barrier();
  }
  for (int i = lane; i < t.n_pairs; i += kTeam) {
    double y_q = t.products[i].y_forces;
    for (int j = 0; j < t.n_pairs; ++j) y_q -= t.alphas[j] * t.yy(i, j);
    t.steps[i] = kInverseHessian * y_q;
  }
  team_barrier();
  for (int age = t.n_pairs - 1; age >= 0; --age) {
    const int j = t.slot(age);
    if (lane == 0) t.steps[j] = t.alphas[j] - t.inverse_curvatures[j] * t.steps[j];
    team_barrier();
    for (int newer = age - 1 - lane; newer >= 0; newer -= kTeam) {
      const int i = t.slot(newer);
      t.steps[i] += t.steps[j] * t.older_s_newer_y(j, i);
    }
    team_barrier();
  }
}

class Lbfgs final : public RowOptimizer {
 public:
  Lbfgs(const Context& context, const RowLayout& layout)
      : context_(context),
        layout_(layout),
        accepted_(context, layout),
        s_(context, values() * count(kLbfgsPairs)),
        y_(context, values() * count(kLbfgsPairs)),
        inverse_curvatures_(context, structures() * count(kLbfgsPairs)),
        grid_(context, structures() * count(kLbfgsPairs) * count(kLbfgsPairs)),
        alphas_(context, structures() * count(kLbfgsPairs)),
        steps_(context, structures() * count(kLbfgsPairs)),
        products_(context, structures() * count(kLbfgsPairs)),
        direction_(context, values()) {
    inverse_curvatures_.fill_zero();
    grid_.fill_zero();
  }

  void step(int i_step, Buffer<double>& rows, const Buffer<double>& row_forces, const Buffer<double>& energies,
            const Buffer<int>& is_active) override {
    const int newest = i_step % kLbfgsPairs;
    const int n_pairs = std::min(i_step + 1, kLbfgsPairs);
    accepted_.take(rows, row_forces, energies, is_active, s_.data() + values() * count(newest),
                   y_.data() + values() * count(newest));
    multiply_pairs(newest, n_pairs);
    find_factors(newest, n_pairs);
    add_pairs_up(n_pairs);
    accepted_.move(direction_, rows);
  }

  void multiply_pairs(int newest, int n_pairs) {
    const std::size_t n_values = values();
    const double* const d_s = s_.data();
    const double* const d_y = y_.data();
    const double* const d_newest = y_.data() + n_values * count(newest);
    const double* const d_forces = accepted_.forces();
    reduce_slots(
        context_, layout_, n_pairs, kLbfgsPairs, SlotProducts{0, 0, 0, 0},
        MOFK_LAMBDA(int slot, int row) {
          const double* const s = d_s + n_values * static_cast<std::size_t>(slot) + 3 * row;
          const double* const y = d_y + n_values * static_cast<std::size_t>(slot) + 3 * row;
          const double* const change = d_newest + 3 * row;
          const double* const forces = d_forces + 3 * row;
          return SlotProducts{dot_rows(s, change), dot_rows(y, change), dot_rows(s, forces), dot_rows(y, forces)};
        },
        products_.data());
  }

  void find_factors(int newest, int n_pairs) {
    const StepControl* const d_controls = accepted_.controls();
    const PairProducts* const d_newest = accepted_.products();
    const SlotProducts* const d_products = products_.data();
    double* const d_inverse_curvatures = inverse_curvatures_.data();
    double* const d_grid = grid_.data();
    double* const d_alphas = alphas_.data();
    double* const d_steps = steps_.data();
    for_each_team(
        context_, layout_.n_structures, MOFK_LAMBDA(int structure, int lane) {
          const StepControl& control = d_controls[structure];
          if (control.decision() == kFrozen) return;
          const int first = structure * kLbfgsPairs;
          const PairTable table{n_pairs,
                                newest,
                                d_inverse_curvatures + first,
                                d_grid + static_cast<std::size_t>(first) * std::size_t{kLbfgsPairs},
                                d_alphas + first,
                                d_steps + first,
                                d_products + first};
          take_products(table, d_newest[structure], control, lane);
          run_two_loops(table, lane);
        });
  }

  void add_pairs_up(int n_pairs) {
    const std::size_t n_values = values();
    const StepControl* const d_controls = accepted_.controls();
    const double* const d_s = s_.data();
    const double* const d_y = y_.data();
    const double* const d_alphas = alphas_.data();
    const double* const d_steps = steps_.data();
    const double* const d_forces = accepted_.forces();
    double* const d_direction = direction_.data();
    for_each_block(
        context_, layout_, MOFK_LAMBDA(int structure, int first, int last) {
          if (d_controls[structure].decision() == kFrozen) {
            for (int k = first; k < last; ++k) d_direction[k] = 0;
            return;
          }
          double sum[kBlock];
          for (int k = first; k < last; ++k) sum[k - first] = kInverseHessian * d_forces[k];
          for (int slot = 0; slot < n_pairs; ++slot) {
            const double of_s = d_steps[structure * kLbfgsPairs + slot];
            const double of_y = kInverseHessian * d_alphas[structure * kLbfgsPairs + slot];
            const double* const s = d_s + n_values * static_cast<std::size_t>(slot);
            const double* const y = d_y + n_values * static_cast<std::size_t>(slot);
            for (int k = first; k < last; ++k) sum[k - first] += of_s * s[k] - of_y * y[k];
          }
          for (int k = first; k < last; ++k) d_direction[k] = sum[k - first];
        });
  }

  [[nodiscard]] std::vector<StateArray> state(int i_step) override {
    const std::size_t n_slots = count(std::min(i_step, kLbfgsPairs));
    std::vector<StateArray> arrays{
        {"steps", &s_, Extent::values, 1, n_slots},
        {"gradient_changes", &y_, Extent::values, 1, n_slots},
        {"inverse_curvatures", &inverse_curvatures_, Extent::numbers, count(kLbfgsPairs)},
        {"pair_products", &grid_, Extent::numbers, count(kLbfgsPairs) * count(kLbfgsPairs)},
    };
    accepted_.add_state(arrays);
    return arrays;
  }

 private:
  static std::size_t count(int n) { return static_cast<std::size_t>(n); }
  [[nodiscard]] std::size_t values() const { return count(layout_.n_rows) * 3; }
  [[nodiscard]] std::size_t structures() const { return count(layout_.n_structures); }

  const Context& context_;
  const RowLayout& layout_;
  AcceptedSteps accepted_;
  // The pair of step i lies in slot i modulo the number of pairs.
  Buffer<double> s_;                   ///< [pairs][n_rows][3] steps
  Buffer<double> y_;                   ///< [pairs][n_rows][3] changes of the gradient
  Buffer<double> inverse_curvatures_;  ///< [n_structures][pairs], and the next four as well: see PairTable
  Buffer<double> grid_;                ///< [n_structures][pairs][pairs]
  Buffer<double> alphas_;
  Buffer<double> steps_;
  Buffer<SlotProducts> products_;
  Buffer<double> direction_;  ///< [n_rows][3]
};

}  // namespace

std::unique_ptr<RowOptimizer> make_lbfgs(const Context& context, const RowLayout& layout) {
  return std::make_unique<Lbfgs>(context, layout);
}

}  // namespace mofkernel::MOFK_NS
