// What the evaluation of a batch needs, in eV and A: the elements that occur in it, and every pair of them.
#pragma once

#include <span>
#include <vector>

#include "geometry/structure.hpp"
#include "potentials/dispersion/options.hpp"
#include "potentials/dispersion/reference_table.hpp"

namespace mofkernel::dispersion {

/// Elements are numbered in order of appearance by atomic number: "types". A missing reference has C6 = 0 with
/// everything.
struct Model {
  int n_structures = 0;
  int n_atoms = 0;
  int n_types = 0;
  double cutoff_A = 0;
  double coordination_cutoff_A = 0;
  double s6 = 1;
  std::vector<int> first_atom;                 ///< [n_structures + 1]
  std::vector<int> type_of_atom;               ///< [n_atoms]
  std::vector<int> n_references;               ///< [n_types]
  std::vector<double> reference_coordination;  ///< [n_types][kLargestReferenceCount]
  std::vector<double> c6;     ///< [n_types][n_types][kLargestReferenceCount][kLargestReferenceCount] eV A^6
  std::vector<double> bond;   ///< [n_types][n_types] 4/3 of the sum of the covalent radii, A
  std::vector<double> ratio;  ///< [n_types][n_types] s8 C8 / C6, A^2
  std::vector<double> r0_6;   ///< [n_types][n_types] R^6 of the damping, A^6
  std::vector<double> r0_8;   ///< [n_types][n_types] A^8
};

/// Throws KernelError(unsupported) for an element beyond 94 or an unknown functional.
Model build_model(std::span<const Structure> structures, const Options& options);

}  // namespace mofkernel::dispersion
