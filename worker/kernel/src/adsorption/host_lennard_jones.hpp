// Lennard-Jones parameters of the framework's atoms, as kinds. Host.
#pragma once

#include <span>
#include <vector>

#include "potentials/uff4mof/terms.hpp"

namespace mofkernel::adsorption {

/// E = 4 epsilon ((sigma/r)^12 - (sigma/r)^6); an epsilon or sigma of 0 means none.
struct HostLennardJones {
  std::vector<int> kind;           ///< [n_atoms]
  std::vector<double> epsilon_eV;  ///< [n_kinds]
  std::vector<double> sigma_A;     ///< [n_kinds]

  [[nodiscard]] std::size_t n_kinds() const { return epsilon_eV.size(); }
};

/// The diagonal of the terms' pair table.
HostLennardJones host_of_terms(const uff4mof::Terms& terms);

/// Parameters given for each atom, [n_atoms] each; atoms with the same ones are of one kind.
HostLennardJones host_of_atoms(std::span<const double> epsilon_eV, std::span<const double> sigma_A);

}  // namespace mofkernel::adsorption
