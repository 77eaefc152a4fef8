// What the relaxation asks of an optimizer: the next rows from the forces at the present ones, for a whole batch.
#pragma once

#include <memory>
#include <span>

#include "optimizers/cell_filter.hpp"

namespace mofkernel::MOFK_NS {

/// Largest move of one step, A.
inline constexpr double kMaxStep_A = 0.2;

class RowOptimizer {
 public:
  virtual ~RowOptimizer() = default;
  /// Moves the rows of the active structures by one step.
  ///   rows, row_forces  [n_rows][3]      energies   [n_structures] what the forces are the gradient of, eV
  ///   is_active         [n_structures] 0 or 1; once 0, for ever 0
  virtual void step(Buffer<double>& rows, const Buffer<double>& row_forces, std::span<const double> energies,
                    std::span<const int> is_active) = 0;
};

/// L-BFGS without line search: Liu and Nocedal, Math. Program. 45, 503 (1989), with the choices of ASE's LBFGS: 100
/// pairs, first Hessian 70 eV/A^2, the longest row step cut to 0.2 A. Beyond that, to be safe far from a minimum: a
/// pair without positive curvature is not taken up, and a step that raises the energy by more than 1 meV per row is
/// taken back, the pairs are forgotten and the longest step is halved (it grows again with every good step).
std::unique_ptr<RowOptimizer> make_lbfgs(const Context& context, const RowLayout& layout);

/// Fast inertial relaxation engine: Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006); N_min 5, f_inc 1.1, f_dec 0.5,
/// alpha 0.1, f_alpha 0.99, time step 0.1 to 1 in units of A (u/eV)^(1/2) with unit masses, the whole move of a
/// structure cut to 0.2 A. The parameters are those of ASE's FIRE.
std::unique_ptr<RowOptimizer> make_fire(const Context& context, const RowLayout& layout);

}  // namespace mofkernel::MOFK_NS
