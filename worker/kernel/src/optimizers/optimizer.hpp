// What the relaxation asks of an optimizer: the next rows from the forces at the present ones, for a whole batch.
#pragma once

#include <memory>
#include <vector>

#include "optimizers/cell_filter.hpp"

namespace mofkernel::MOFK_NS {

/// Largest move of one step, A.
inline constexpr double kMaxStep_A = 0.2;

/// Pairs that L-BFGS remembers.
inline constexpr int kLbfgsPairs = 100;

/// Beyond this a step of BFGS costs more than the forces of any potential: its matrix has 160 MB.
inline constexpr int kMostBfgsAtoms = 1500;

/// How much of an array one structure has.
enum class Extent {
  values,   ///< 3 n_rows
  matrix,   ///< (3 n_rows)^2
  numbers,  ///< as many for every structure
};

/// One array of an optimizer's memory: [n_slots] of one structure's part after the other.
struct StateArray {
  const char* name;
  Buffer<double>* values;
  Extent extent;
  std::size_t n_numbers = 1;  ///< with Extent::numbers
  std::size_t n_slots = 1;    ///< in use; the array may be longer
};

class RowOptimizer {
 public:
  virtual ~RowOptimizer() = default;
  /// Moves the rows of the active structures by one step; queued, the host does not wait.
  ///   i_step             counts the calls, from 0; a resumed run goes on counting
  ///   rows, row_forces   [n_rows][3]
  ///   energies           [n_structures] what the forces are the gradient of, eV
  ///   is_active          [n_structures] 0 or 1; once 0, for ever 0
  virtual void step(int i_step, Buffer<double>& rows, const Buffer<double>& row_forces, const Buffer<double>& energies,
                    const Buffer<int>& is_active) = 0;
  /// All that the steps from `i_step` on take from those before.
  [[nodiscard]] virtual std::vector<StateArray> state(int i_step) = 0;
};

/// L-BFGS without line search: Liu and Nocedal, Math. Program. 45, 503 (1989), with the choices of ASE's LBFGS: 100
/// pairs, first Hessian 70 eV/A^2, the longest row step cut to 0.2 A. Beyond that, to be safe far from a minimum: a
/// pair without positive curvature is not taken up, and a step that raises the energy by more than 1 meV per row is
/// taken back and the longest step is half of it (it grows again with every good step). The pair of such a step is
/// taken up; after two of them in a row all the others are forgotten. Where the energy curves downwards along a step,
/// the next one is at least twice as long.
std::unique_ptr<RowOptimizer> make_lbfgs(const Context& context, const RowLayout& layout);

/// BFGS (Nocedal and Wright, Numerical Optimization, 2nd ed., eq. 6.17) without line search, with the choices of ASE's
/// BFGS: first Hessian 70 eV/A^2, the longest row step cut to 0.2 A. ASE inverts its Hessian by its eigenvectors in
/// every step; here the inverse itself is updated, which gives the same steps as long as the curvature is positive.
/// Where it is not, and after a step uphill, it does what our L-BFGS does.
std::unique_ptr<RowOptimizer> make_bfgs(const Context& context, const RowLayout& layout);

/// Fast inertial relaxation engine: Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006); N_min 5, f_inc 1.1, f_dec 0.5,
/// alpha 0.1, f_alpha 0.99, time step 0.1 to 1 in units of A (u/eV)^(1/2) with unit masses, the whole move of a
/// structure cut to 0.2 A. The parameters are those of ASE's FIRE.
std::unique_ptr<RowOptimizer> make_fire(const Context& context, const RowLayout& layout);

/// Molecular dynamics of unit masses that keeps only the velocity along the force, and none against it ("quick-min":
/// Jonsson, Mills, Jacobsen in Classical and Quantum Dynamics in Condensed Phase Simulations, World Scientific 1998,
/// p. 385), with the choices of ASE's MDMin: time step 0.2 in units of A (u/eV)^(1/2), the longest row step cut to
/// 0.2 A. That time step is too long for stiff bonds, around which ASE's then goes on swinging: after a step that
/// raises the energy by more than 1 meV per row the structure stands still and its time step is halved.
std::unique_ptr<RowOptimizer> make_mdmin(const Context& context, const RowLayout& layout);

}  // namespace mofkernel::MOFK_NS
