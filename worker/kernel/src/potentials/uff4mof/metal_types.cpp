#include "potentials/uff4mof/metal_types.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "potentials/uff4mof/elements.hpp"
#include "potentials/uff4mof/local_geometry.hpp"

namespace mofkernel::uff4mof {
namespace {

/// Coordination number that a geometry character stands for.
int coordination_of(char geometry) {
  switch (geometry) {
    case '1':
      return 2;
    case '2':
    case 'R':
      return 3;
    case '3':
    case '4':
      return 4;
    case '6':
      return 6;
    default:
      return 8;
  }
}

/// The published row of an element with that geometry: UFF4MOF 2016, then 2014, then UFF.
const AtomType* find_type(int atomic_number, char geometry) {
  const AtomType* newest = nullptr;
  for (const AtomType& type : atom_types()) {
    if (type.atomic_number != atomic_number || type.name.size() < 3 || type.geometry() != geometry) continue;
    if (newest == nullptr || type.source >= newest->source) newest = &type;
  }
  return newest;
}

const AtomType* first_of(const AtomType* preferred, const AtomType* other) {
  return preferred != nullptr ? preferred : other;
}

/// 0 for a square, 1 for a tetrahedron. Source: Yang, Powell, Houser, Dalton Trans. 2007, 955 (tau4).
double tau4(const std::vector<double>& angles_deg) { return (360.0 - angles_deg[0] - angles_deg[1]) / 141.0; }

/// 0 for a square pyramid, 1 for a trigonal bipyramid. Source: Addison et al., J. Chem. Soc. Dalton Trans. 1984, 1349
/// (tau5).
double tau5(const std::vector<double>& angles_deg) { return (angles_deg[0] - angles_deg[1]) / 60.0; }

bool has_metal_neighbor(const Structure& structure, const BondGraph& graph, std::int32_t atom) {
  const auto neighbors = graph.neighbors(atom);
  return std::any_of(neighbors.begin(), neighbors.end(), [&structure](const Neighbor& neighbor) {
    return is_metal(structure.atomic_numbers[static_cast<std::size_t>(neighbor.atom)]);
  });
}

}  // namespace

const AtomType* nearest_type(int atomic_number, int n_neighbors) {
  const AtomType* best = nullptr;
  double lowest_cost = 0;
  for (const char geometry : {'8', '6', '4', '3', '2', 'R', '1'}) {
    const AtomType* type = find_type(atomic_number, geometry);
    if (type == nullptr) continue;
    // Five and six neighbors sit at 90 and 180 degrees, where the fourfold angle form of the square is at its minimum
    // as well.
    const bool is_fourfold = geometry == '4' || geometry == '6';
    const bool has_same_form = is_fourfold && (n_neighbors == 5 || n_neighbors == 6);
    const double cost = has_same_form ? 0.1 * std::abs(coordination_of(geometry) - n_neighbors)
                                      : std::abs(coordination_of(geometry) - n_neighbors) + 0.5;
    if (best == nullptr || cost < lowest_cost) {
      best = type;
      lowest_cost = cost;
    }
  }
  return best;
}

MetalTyping type_metal(const Structure& structure, const BondGraph& graph, std::int32_t atom) {
  const int z = structure.atomic_numbers[static_cast<std::size_t>(atom)];
  const int n = graph.degree(atom);
  const std::vector<double> angles = bond_angles_deg(structure, graph, atom);
  MetalTyping result{nullptr, nearest_type(z, n), ""};
  if ((n == 5 || n == 6) && has_metal_neighbor(structure, graph, atom)) {
    result.geometry = "in a paddlewheel";
    result.type = find_type(z, '4');
    return result;
  }
  switch (n) {
    case 2:
      result.geometry = angles[0] > kLinearAngleDeg ? "linear" : "bent";
      if (angles[0] > kLinearAngleDeg) result.type = find_type(z, '1');
      break;
    case 3:
      result.geometry = angles[0] + angles[1] + angles[2] > 340.0 ? "trigonal planar" : "trigonal pyramidal";
      if (result.geometry == "trigonal planar") {
        result.type = find_type(z, '2');
      } else {  // a lone pair takes the fourth corner: only the types that UFF made for it
        result.type = find_atom_type(z == kBismuth ? "Bi3+3" : z == kThallium ? "Tl3+3" : "");
      }
      break;
    case 4:
      result.geometry = tau4(angles) < 0.5 ? "square planar" : "tetrahedral";
      result.type = find_type(z, tau4(angles) < 0.5 ? '4' : '3');
      break;
    case 5:
      result.geometry = tau5(angles) < 0.5 ? "square pyramidal" : "trigonal bipyramidal";
      result.type = first_of(find_type(z, '4'), find_type(z, '6'));
      break;
    case 6:
      result.geometry = "six-coordinate";
      result.type = find_type(z, '6');
      break;
    case 8:
      result.geometry = "eight-coordinate";
      result.type = find_type(z, '8');
      break;
    default:
      result.geometry = std::to_string(n) + "-coordinate";
      break;
  }
  return result;
}

}  // namespace mofkernel::uff4mof
