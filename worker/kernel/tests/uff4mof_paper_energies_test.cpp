// The paper dialect against LAMMPS where its rules and a variant of the reference decks agree. In these frameworks no
// bond order, no carbonyl inversion and no type differs; the deck's inversion axes, mixing rule and torsions are
// replaced in the variants.
#include <span>

#include "check.hpp"
#include "potentials/potential.hpp"
#include "reference.hpp"
#include "reference_structure.hpp"

namespace mofkernel {
namespace {

std::vector<double> components_kcal(const Structure& structure, const uff4mof::Terms& terms) {
  const cpu::Context context;
  const cpu::Batch batch = cpu::make_batch(context, std::span(&structure, 1));
  const auto potential = cpu::make_uff4mof(context, std::span(&terms, 1), Precision::float64);
  cpu::DeviceEvaluation out(context, batch, 5);
  potential->evaluate(batch, {.forces = false, .stress = false, .per_atom = false}, out);
  std::vector<double> components = out.energy_components.to_host();
  for (double& component : components) component /= kEvPerKcalMol;
  return components;
}

void compare(const std::string& name, const char* bonded_variant) {
  const json::Value file = reference::read(name);
  const json::Value& block = file.at("unit_cell");
  for (const char* configuration : {"original", "perturbed"}) {
    const Structure structure = reference::structure_with_elements(block, configuration);
    uff4mof::Options options;
    options.cutoff_A = block.at("cutoff_A").number();
    uff4mof::Terms terms = uff4mof::assign_terms(structure, options);
    const std::vector<double> switched = components_kcal(structure, terms);
    // LAMMPS cuts off without a switch.
    terms.truncation = uff4mof::Truncation::plain;
    terms.switch_start_A = terms.cutoff_A;
    const std::vector<double> ours = components_kcal(structure, terms);
    const json::Value& variants = block.at("configurations").at(configuration).at("variants");
    const json::Value& bonded = variants.at(bonded_variant).at("energy").at("kcal_mol");
    const json::Value& mixed = variants.at("mix_geometric_tail_yes").at("energy").at("kcal_mol");
    CHECK_CLOSE(ours[0], bonded.at("bond").number(), 1e-6, 1e-9);
    CHECK_CLOSE(ours[1], bonded.at("angle").number(), 1e-6, 1e-9);
    CHECK_CLOSE(ours[2], bonded.at("dihedral").number(), 1e-6, 1e-9);
    CHECK_CLOSE(ours[3], bonded.at("improper").number(), 1e-6, 1e-9);
    CHECK_CLOSE(ours[4], mixed.at("vdw").number(), 1e-6, 1e-9);
    // The switch changes how the energy ends, not what it is: the tail term makes up for what it takes away.
    CHECK_CLOSE(switched[4], ours[4], 0.01 * structure.n_atoms(), 0);
  }
}

}  // namespace

TEST(zif8_equals_lammps_with_symmetric_torsions) { compare("zif-8", "three_axis_impropers_and_symmetric_torsions"); }

TEST(copper_framework_equals_lammps_with_three_inversion_axes) { compare("tobacco_srsb_L3", "three_axis_impropers"); }

}  // namespace mofkernel
