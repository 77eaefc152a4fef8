// What a relaxation takes of the memory, told before it starts.
#include <string>

#include "optimizers/optimizer.hpp"
#include "optimizers/relax.hpp"

namespace mofkernel::MOFK_NS {
namespace {

/// Per atom, when every atom is an orbit of its own: rotation, site projector, sum, and four indices.
constexpr int kDoublesOfOrbits = 9 + 9 + 3 + 2;

std::size_t arrays_of_rows(Optimizer optimizer) {
  // What the working set holds, then the optimizer's own.
  constexpr std::size_t kRowsBestForces = 3;
  switch (optimizer) {
    case Optimizer::lbfgs:
      return kRowsBestForces + 3 + 2 * std::size_t{kLbfgsPairs};
    case Optimizer::bfgs:
      return kRowsBestForces + 6;
    case Optimizer::fire:
    case Optimizer::mdmin:
      return kRowsBestForces + 1;
  }
  return 0;
}

}  // namespace

void check_optimizer_suits(Optimizer optimizer, int n_atoms) {
  if (optimizer != Optimizer::bfgs || n_atoms <= kMostBfgsAtoms) return;
  throw KernelError(ErrorCode::unsupported, "BFGS keeps a matrix of (3 n_atoms)^2 numbers and is meant for at most " +
                                                std::to_string(kMostBfgsAtoms) + " atoms; this structure has " +
                                                std::to_string(n_atoms) +
                                                ": use LBFGS, which takes nearly the same steps");
}

std::size_t predict_relaxation_bytes(const RelaxOptions& options, int n_atoms) {
  const std::size_t n_values = 3 * (static_cast<std::size_t>(n_atoms) + (options.cell_mode != CellMode::fixed ? 3 : 0));
  std::size_t n_doubles = n_values * arrays_of_rows(options.optimizer);
  if (options.optimizer == Optimizer::bfgs) n_doubles += n_values * n_values;
  if (options.optimizer == Optimizer::lbfgs) n_doubles += std::size_t{kLbfgsPairs} * (kLbfgsPairs + 7);
  if (!options.symmetry.empty())
    n_doubles += n_values + std::size_t{kDoublesOfOrbits} * static_cast<std::size_t>(n_atoms);
  constexpr std::size_t kBytesOfIndices = sizeof(int) * 2;
  return n_doubles * sizeof(double) + n_values * kBytesOfIndices;
}

}  // namespace mofkernel::MOFK_NS
