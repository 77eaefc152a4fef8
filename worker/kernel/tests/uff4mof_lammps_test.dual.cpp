// Energies by component, forces and pressures of LAMMPS (29 Sep 2021) for the listed terms of 17 frameworks, each as a
// small cell and a supercell, as given and displaced, in every variant of mixing, tail and inversion counting.
// Tolerances: those the reference files' README asks for; what differs is only the rounding of printed numbers.
#include <algorithm>

#include "check.hpp"
#include "device.hpp"
#include "potentials/potential.hpp"
#include "reference.hpp"

namespace mofkernel::MOFK_NS {

namespace {

/// Pressure unit of the files, from their README: atm per kcal/mol/A^3.
constexpr double kAtmPerKcalMolA3 = 68568.415;

struct Variant {
  const char* name;  // empty: the main numbers
  reference::Mixing mixing;
  bool tail_correction;
  reference::Impropers impropers;
};

constexpr Variant kVariants[] = {
    {"", reference::Mixing::arithmetic, true, reference::Impropers::as_listed},
    {"mix_arithmetic_tail_no", reference::Mixing::arithmetic, false, reference::Impropers::as_listed},
    {"mix_geometric_tail_no", reference::Mixing::geometric, false, reference::Impropers::as_listed},
    {"mix_geometric_tail_yes", reference::Mixing::geometric, true, reference::Impropers::as_listed},
    {"three_axis_impropers", reference::Mixing::arithmetic, true, reference::Impropers::three_axes},
};

/// `per_atom` asks for energies per atom too, which the CPU calculates by other code (the plain twin of its tuned
/// loops).
void compare(const Context& context, const json::Value& block, const std::string& configuration, const Variant& variant,
             bool per_atom) {
  const json::Value& listed = block.at("configurations").at(configuration);
  const json::Value* expected = &listed;
  if (*variant.name != '\0') expected = listed.at("variants").find(variant.name);
  if (expected == nullptr) return;
  const Structure structure = reference::structure(block, configuration);
  const uff4mof::Terms terms = reference::terms(block, variant.mixing, variant.tail_correction, variant.impropers);
  const Batch batch = make_batch(context, std::span(&structure, 1));
  const auto potential = make_uff4mof(context, std::span(&terms, 1), Precision::float64);
  DeviceEvaluation out(context, batch, 5);
  evaluate_confirmed(*potential, batch, {.forces = true, .stress = true, .per_atom = per_atom}, out);

  const json::Value& energy = expected->at("energy").at("kcal_mol");
  const std::vector<double> components = out.energy_components.to_host();
  const char* const names[] = {"bond", "angle", "dihedral", "improper", "vdw"};
  for (std::size_t c = 0; c < 5; ++c) CHECK_CLOSE(components[c] / kEvPerKcalMol, energy.at(names[c]).number(), 1e-6, 0);
  if (per_atom) {
    double sum = 0;
    for (const double one : out.energies_per_atom.to_host()) sum += one;
    CHECK_CLOSE(sum, out.energies.to_host()[0], 0, 1e-12);
  }

  if (const json::Value* const forces = expected->find("forces_kcal_mol_A")) {
    const std::vector<double> ours = out.forces.to_host();
    const auto theirs = reference::vectors(*forces);
    for (std::size_t i = 0; i < theirs.size(); ++i) {
      for (std::size_t a = 0; a < 3; ++a) CHECK_CLOSE(ours[3 * i + a] / kEvPerKcalMol, theirs[i][a], 1e-6, 0);
    }
  }
  const auto pressure = reference::vectors(expected->at("pressure_atm"));
  const double volume =
      std::abs(structure.cell[0][0] * structure.cell[1][1] * structure.cell[2][2]);  // b in the xy plane
  const std::vector<double> virial = out.virials.to_host();
  for (std::size_t k = 0; k < 9; ++k) {
    CHECK_CLOSE(-virial[k] / volume / kEvPerKcalMol * kAtmPerKcalMolA3, pressure[k / 3][k % 3], 1e-3, 1e-8);
  }
}

void compare_all(const char* block_name, const char* configuration) {
  const auto context = make_test_context();
  for (const std::string& name : reference::names()) {
    const json::Value file = reference::read(name);
    for (const Variant& variant : kVariants) {
      const int failures_before = check::failures();
      for (const bool per_atom : {false, true})
        compare(*context, file.at(block_name), configuration, variant, per_atom);
      if (check::failures() > failures_before)
        std::printf("  … in %s, %s, %s %s\n", name.c_str(), block_name, configuration, variant.name);
    }
  }
}

}  // namespace

TEST(displaced_small_cells_agree_with_lammps) { compare_all("unit_cell", "perturbed"); }
TEST(displaced_supercells_agree_with_lammps) { compare_all("supercell", "perturbed"); }
TEST(small_cells_as_given_agree_with_lammps) { compare_all("unit_cell", "original"); }
TEST(supercells_as_given_agree_with_lammps) { compare_all("supercell", "original"); }

}  // namespace mofkernel::MOFK_NS
