// Standard atomic weights, for runs that bring no masses of their own.
#pragma once

namespace mofkernel {

/// Standard atomic weight, amu; of an element without one, the mass number of its longest-lived isotope.
/// Source: abridged standard atomic weights 2021, Prohaska et al., Pure Appl. Chem. 94, 573 (2022).
/// Throws KernelError(unsupported) beyond lawrencium.
double standard_atomic_mass(int atomic_number);

}  // namespace mofkernel
