// Two-body D3 dispersion with Becke-Johnson damping as a Potential of its own: Grimme, Antony, Ehrlich and Krieg,
// J. Chem. Phys. 132, 154104 (2010); Grimme, Ehrlich and Goerigk, J. Comput. Chem. 32, 1456 (2011).
#pragma once

#include <memory>
#include <span>

#include "potentials/dispersion/options.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

/// Component "dispersion"; any periodic axes. `structures` as in the batch that will be evaluated.
/// Throws KernelError(unsupported) for an element beyond 94 or a functional that is not known, both named.
std::unique_ptr<Potential> make_dispersion(const Context& context, std::span<const Structure> structures,
                                           const dispersion::Options& options, Precision precision);

/// Bytes that it takes for one structure of a batch, in any precision: that of float64.
double predict_dispersion_bytes(const Structure& structure, const dispersion::Options& options);

}  // namespace mofkernel::MOFK_NS
