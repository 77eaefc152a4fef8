// The UFF and UFF4MOF parameter table. Which atom gets which row is decided elsewhere (type_by_papers.cpp,
// type_by_deck.cpp).
#pragma once

#include <span>
#include <string_view>

namespace mofkernel::uff4mof {

/// Where a row was published.
///   uff           Rappe et al., J. Am. Chem. Soc. 114, 10024 (1992), doi 10.1021/ja00051a040
///   uff4mof_2014  Addicoat et al., J. Chem. Theory Comput. 10, 880 (2014), doi 10.1021/ct400952t
///   uff4mof_2016  Coupry et al., J. Chem. Theory Comput. 12, 5215 (2016), doi 10.1021/acs.jctc.6b00664
enum class Source { uff, uff4mof_2014, uff4mof_2016 };

/// One atom type; lengths A, angle degrees, energies kcal/mol as published.
struct AtomType {
  std::string_view name;
  int atomic_number;
  Source source;
  double r1;          ///< single-bond radius
  double theta0_deg;  ///< natural valence angle
  double x1;          ///< van der Waals distance of the minimum of a like pair
  double d1;          ///< van der Waals well depth
  double z1;          ///< effective charge, e
  double v_sp3;       ///< sp3 torsional parameter
  double u_sp2;       ///< sp2 torsional parameter
  double chi;         ///< GMP electronegativity, eV

  /// Third character of the name: '1' linear, '2' trigonal, 'R' resonant, '3' tetrahedral, '4' square planar, '6'
  /// octahedral, '8' eight-coordinate; '1' for the two-character names of terminal atoms and ions.
  [[nodiscard]] char geometry() const { return name.size() < 3 ? '1' : name[2]; }
};

/// The whole table, in the order UFF, UFF4MOF 2014, UFF4MOF 2016; UFF in the order of the elements.
std::span<const AtomType> atom_types();

/// The row of that name, or nullptr.
const AtomType* find_atom_type(std::string_view name);

}  // namespace mofkernel::uff4mof
