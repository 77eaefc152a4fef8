#include "potentials/dispersion/model.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>

#include "errors.hpp"
#include "geometry/element_symbols.hpp"
#include "potentials/dispersion/functionals.hpp"

namespace mofkernel::dispersion {

namespace {

// CODATA 2022.
constexpr double kBohr_A = 0.529177210544;
constexpr double kHartree_eV = 27.211386245981;
constexpr double kTableUnit_hartree_bohr6 = 1e-4;
/// "k2" of the paper: what makes a covalent radius a bond.
constexpr double kBondPerRadii = 4.0 / 3.0;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

std::vector<int> elements_of(std::span<const Structure> structures) {
  std::set<int> found;
  for (std::size_t s = 0; s < structures.size(); ++s) {
    for (const int z : structures[s].atomic_numbers) {
      if (z < 1 || z > kLastElement) {
        throw KernelError(ErrorCode::unsupported, "structure " + std::to_string(s) +
                                                      ": D3 dispersion has no parameters for " +
                                                      std::string(symbol_of(z)) + " (element " + std::to_string(z) +
                                                      "); it ends with element " + std::to_string(kLastElement));
      }
      found.insert(z);
    }
  }
  return {found.begin(), found.end()};
}

int first_reference(int z) { return std::accumulate(kReferencesOfElement, kReferencesOfElement + (z - 1), 0); }

double reference_c6_eV_A6(int reference_a, int reference_b) {
  const auto [column, row] = std::minmax(reference_a, reference_b);
  const double c6 = kReferenceC6[row * (row + 1) / 2 + column] * kTableUnit_hartree_bohr6;
  return c6 * kHartree_eV * std::pow(kBohr_A, 6);
}

void add_pair(Model& model, int z_i, int z_j, const Damping& damping) {
  model.bond.push_back(kBondPerRadii * (kCovalentRadius_A[z_i - 1] + kCovalentRadius_A[z_j - 1]));
  const double c8_per_c6 = 3 * kRootQ_bohr[z_i - 1] * kRootQ_bohr[z_j - 1];
  const double r0_A = (damping.a1 * std::sqrt(c8_per_c6) + damping.a2_bohr) * kBohr_A;
  model.ratio.push_back(damping.s8 * c8_per_c6 * kBohr_A * kBohr_A);
  model.r0_6.push_back(std::pow(r0_A, 6));
  model.r0_8.push_back(std::pow(r0_A, 8));
  for (int a = 0; a < kLargestReferenceCount; ++a) {
    for (int b = 0; b < kLargestReferenceCount; ++b) {
      const bool is_there = a < kReferencesOfElement[z_i - 1] && b < kReferencesOfElement[z_j - 1];
      model.c6.push_back(is_there ? reference_c6_eV_A6(first_reference(z_i) + a, first_reference(z_j) + b) : 0.0);
    }
  }
}

}  // namespace

Model build_model(std::span<const Structure> structures, const Options& options) {
  const Damping damping = find_damping(options.functional);
  const std::vector<int> elements = elements_of(structures);
  Model model;
  model.n_structures = static_cast<int>(structures.size());
  model.n_types = static_cast<int>(elements.size());
  model.cutoff_A = options.cutoff_A;
  model.coordination_cutoff_A = options.coordination_cutoff_A;
  model.s6 = damping.s6;
  model.first_atom.push_back(0);
  for (const Structure& structure : structures) {
    for (const int z : structure.atomic_numbers)
      model.type_of_atom.push_back(static_cast<int>(std::ranges::lower_bound(elements, z) - elements.begin()));
    model.first_atom.push_back(static_cast<int>(model.type_of_atom.size()));
  }
  model.n_atoms = model.first_atom.back();
  for (const int z_i : elements) {
    model.n_references.push_back(kReferencesOfElement[z_i - 1]);
    for (int a = 0; a < kLargestReferenceCount; ++a) {
      const bool is_there = a < model.n_references.back();
      model.reference_coordination.push_back(is_there ? kReferenceCoordination[index(first_reference(z_i) + a)] : 0.0);
    }
    for (const int z_j : elements) add_pair(model, z_i, z_j, damping);
  }
  return model;
}

}  // namespace mofkernel::dispersion
