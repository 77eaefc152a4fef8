#include "potentials/mace/mace_repulsion.hpp"

#include <cmath>

#include "potentials/mace/layer_passes.hpp"

namespace mofkernel::MOFK_NS::mace {
namespace {

/// e^2 / (4 pi eps0) eV A, and the Bohr radius A, with the digits of mace-torch.
constexpr double kCoulomb_eV_A = 14.3996;
constexpr double kBohr_A = 0.529;

template <class T>
MOFK_HD double length_of(const EdgeView<T>& edges, int edge) {
  const double* const v = edges.vector + 3 * static_cast<std::ptrdiff_t>(edge);
  return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

}  // namespace

Repulsion::Repulsion(const Context& context, const mofkernel::mace::Model& model, double scale, const AtomGroups& atoms)
    : formula_{}, nuclei_(context) {
  const mofkernel::mace::Zbl& zbl = *model.zbl;
  for (std::size_t k = 0; k < zbl.coefficients.size(); ++k) formula_.coefficients[k] = zbl.coefficients[k];
  formula_.cutoff_exponent = zbl.cutoff_exponent;
  formula_.scale = scale;
  std::vector<Nucleus> nuclei;
  for (const int element : atoms.elements) {
    const int z = model.atomic_numbers[static_cast<std::size_t>(element)];
    nuclei.push_back({static_cast<double>(z), std::pow(z, zbl.a_exponent) / (zbl.a_prefactor * kBohr_A),
                      zbl.covalent_radii.values[static_cast<std::size_t>(z)]});
  }
  nuclei_.upload(nuclei);
}

MOFK_HD Repulsion::Value Repulsion::Formula::at(double r_A, const Nucleus& one, const Nucleus& other) const {
  const double r_max_A = one.radius_A + other.radius_A;
  if (!(r_A < r_max_A)) return {};
  constexpr double kDecay[4] = {3.2, 0.9423, 0.4028, 0.2016};
  const double inverse_a = one.screening + other.screening;
  double phi = 0;
  double phi_derivative = 0;
  for (int k = 0; k < 4; ++k) {
    const double term = coefficients[k] * exp(-kDecay[k] * inverse_a * r_A);
    phi += term;
    phi_derivative -= kDecay[k] * inverse_a * term;
  }
  const double n = cutoff_exponent;
  const double x = r_A / r_max_A;
  const double power = pow(x, n - 1);  // the exponent is at least 1
  const double cutoff = 1 - power * x * ((n + 1) * (n + 2) / 2 - n * (n + 2) * x + n * (n + 1) / 2 * x * x);
  const double cutoff_derivative = -n * (n + 1) * (n + 2) / 2 * power * (1 - x) * (1 - x) / r_max_A;
  const double coulomb = scale * 0.5 * kCoulomb_eV_A * one.charge * other.charge / r_A;
  return {coulomb * phi * cutoff, coulomb * (phi_derivative * cutoff + phi * cutoff_derivative - phi * cutoff / r_A)};
}

template <class T>
void Repulsion::energies(const Scene<T>& scene, double* energies) const {
  const EdgeView<T> edges = scene.edges;
  const Formula formula = formula_;
  const Nucleus* const nuclei = nuclei_.data();
  const int* const group_of_atom = scene.atoms->group_of_atom.data();
  parallel_for_teams<32>(
      *scene.context, scene.atoms->n_atoms,
      MOFK_LAMBDA(int i, auto team) {
        double sum = 0;
        for (int edge = edges.first[i] + team.lane; edge < edges.first[i] + edges.count[i]; edge += team.kLanes) {
          sum +=
              formula.at(length_of(edges, edge), nuclei[group_of_atom[i]], nuclei[group_of_atom[edges.neighbor[edge]]])
                  .energy;
        }
        sum = team.sum(sum);
        if (team.lane == 0) energies[i] = sum;
      },
      kAtomGrain);
}

template <class T>
void Repulsion::add_gradients(const Scene<T>& scene) const {
  const EdgeView<T> edges = scene.edges;
  T* const gradients = scene.edge_gradients;
  const Formula formula = formula_;
  const Nucleus* const nuclei = nuclei_.data();
  const int* const group_of_atom = scene.atoms->group_of_atom.data();
  parallel_for_teams<32>(
      *scene.context, scene.atoms->n_atoms,
      MOFK_LAMBDA(int i, auto team) {
        for (int edge = edges.first[i] + team.lane; edge < edges.first[i] + edges.count[i]; edge += team.kLanes) {
          const double r = length_of(edges, edge);
          const Value value = formula.at(r, nuclei[group_of_atom[i]], nuclei[group_of_atom[edges.neighbor[edge]]]);
          for (int axis = 0; axis < 3; ++axis) {
            const std::ptrdiff_t place = 3 * static_cast<std::ptrdiff_t>(edge) + axis;
            gradients[place] += static_cast<T>(value.derivative * edges.vector[place] / r);
          }
        }
      },
      kAtomGrain);
}

template void Repulsion::energies(const Scene<float>&, double*) const;
template void Repulsion::energies(const Scene<double>&, double*) const;
template void Repulsion::add_gradients(const Scene<float>&) const;
template void Repulsion::add_gradients(const Scene<double>&) const;

}  // namespace mofkernel::MOFK_NS::mace
