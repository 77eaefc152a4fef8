// Energies, forces and stresses of models of every kind against mace-torch.
#include <cstdio>

#include "check.hpp"
#include "device.hpp"
#include "engine/device_engine.hpp"
#include "mace_reference.hpp"

namespace mofkernel::MOFK_NS {

using mace_reference::Case;

struct Bounds {
  double energy_per_atom_eV;  ///< of a structure, over the number of its atoms
  double energy_of_atom;      ///< of each atom: relative to 10 eV, or to the largest of the structure beyond that
  double force_eV_A, stress_eV_A3;
};
/// Far above rounding: tables of the radial functions are good to 1e-10 of them.
constexpr Bounds kDouble{1e-9, 1e-10, 1e-8, 1e-9};
/// Parts of single atoms are up to 130 eV in the random non-linear models, and every step of a layer rounds them: no
/// step stands out. mace-torch's own float32 differs from its float64 by up to 9e-5 eV and 1.3e-4 eV/A.
constexpr Bounds kFloat{1e-5, 2e-6, 1e-4, 1e-5};
constexpr double kUsualEnergy_eV = 10;

double largest(double a, double b) { return b > a || !std::isfinite(b) ? b : a; }

Bounds deviation(const Case& expected, const Evaluation& actual) {
  Bounds worst{};
  const auto n_atoms = expected.forces.size();
  worst.energy_per_atom_eV = std::abs(actual.energies.front() - expected.energy_eV) / static_cast<double>(n_atoms);
  double scale = kUsualEnergy_eV;
  for (const double energy : expected.energies_per_atom) scale = std::max(scale, std::abs(energy));
  for (std::size_t i = 0; i < n_atoms; ++i) {
    worst.energy_of_atom =
        largest(worst.energy_of_atom, std::abs(actual.energies_per_atom[i] - expected.energies_per_atom[i]) / scale);
    for (std::size_t axis = 0; axis < 3; ++axis)
      worst.force_eV_A = largest(worst.force_eV_A, std::abs(actual.forces[i][axis] - expected.forces[i][axis]));
  }
  for (std::size_t k = 0; k < expected.stress.size(); ++k)
    worst.stress_eV_A3 = largest(worst.stress_eV_A3, std::abs(actual.stress.front()[k] - expected.stress[k]));
  return worst;
}

void compare_models(Precision precision, const Bounds& allowed) {
  const auto engine = make_device_engine(0, precision);
  for (const std::filesystem::path& folder : mace_reference::models()) {
    Bounds worst{};
    for (const Case& expected : mace_reference::cases(folder)) {
      const Evaluation actual =
          engine->evaluate(std::span(&expected.structure, 1), mace_reference::spec_of(folder, expected.head),
                           {.forces = true, .stress = true, .per_atom = true});
      const Bounds here = deviation(expected, actual);
      worst = {largest(worst.energy_per_atom_eV, here.energy_per_atom_eV),
               largest(worst.energy_of_atom, here.energy_of_atom), largest(worst.force_eV_A, here.force_eV_A),
               largest(worst.stress_eV_A3, here.stress_eV_A3)};
      const bool is_close = here.energy_per_atom_eV <= allowed.energy_per_atom_eV &&
                            here.energy_of_atom <= allowed.energy_of_atom && here.force_eV_A <= allowed.force_eV_A &&
                            here.stress_eV_A3 <= allowed.stress_eV_A3;
      CHECK(is_close);
      if (!is_close) std::printf("  above: %s, %s\n", folder.filename().c_str(), expected.name.c_str());
    }
    std::printf("  %-24s energy %.1e eV/atom, of an atom %.1e, forces %.1e eV/A, stress %.1e eV/A^3\n",
                folder.filename().c_str(), worst.energy_per_atom_eV, worst.energy_of_atom, worst.force_eV_A,
                worst.stress_eV_A3);
  }
}

TEST(float64_agrees_with_mace_torch) {
  (void)make_test_context();
  compare_models(Precision::float64, kDouble);
}

TEST(float32_agrees_with_mace_torch) {
  (void)make_test_context();
  compare_models(Precision::float32, kFloat);
}

}  // namespace mofkernel::MOFK_NS
