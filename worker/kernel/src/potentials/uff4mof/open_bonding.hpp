// The bonding of a structure while its multiple bonds are being placed: what is decided, and what is still open.
#pragma once

#include <vector>

#include "potentials/uff4mof/elements.hpp"
#include "potentials/uff4mof/paper_bond_orders.hpp"

namespace mofkernel::uff4mof {

class OpenBonding {
 public:
  /// All bonds single; atoms are looked at for what they could take part in.
  OpenBonding(const Structure& structure, const BondGraph& graph);

  PaperBonding bonding;  ///< as it is so far

  [[nodiscard]] const Structure& structure() const { return structure_; }
  [[nodiscard]] const BondGraph& graph() const { return graph_; }
  [[nodiscard]] std::int32_t n_atoms() const { return graph_.n_atoms(); }
  [[nodiscard]] int element(std::int32_t atom) const { return structure_.atomic_numbers[index(atom)]; }
  [[nodiscard]] bool is(std::int32_t atom, int z) const { return element(atom) == z; }
  [[nodiscard]] int n_nonmetals(std::int32_t atom) const { return n_nonmetals_[index(atom)]; }  ///< neighbors

  [[nodiscard]] PiState& state(std::int32_t atom) { return bonding.states[index(atom)]; }
  [[nodiscard]] bool aromatic(std::int32_t atom) const { return bonding.is_aromatic[index(atom)] != 0; }
  [[nodiscard]] double& order(const Neighbor& neighbor) { return bonding.orders[index(neighbor.bond)]; }
  [[nodiscard]] double order(const Neighbor& neighbor) const { return bonding.orders[index(neighbor.bond)]; }
  /// A carbon whose double bond is not placed yet.
  [[nodiscard]] char& needs_double(std::int32_t atom) { return needs_double_[index(atom)]; }
  [[nodiscard]] bool needs_double(std::int32_t atom) const { return needs_double_[index(atom)] != 0; }
  /// N, O or S that could take one.
  [[nodiscard]] char& may_take_double(std::int32_t atom) { return may_take_double_[index(atom)]; }
  [[nodiscard]] bool may_take_double(std::int32_t atom) const { return may_take_double_[index(atom)] != 0; }

  /// Oxygens around an atom that could take a double bond.
  [[nodiscard]] std::vector<Neighbor> oxo_neighbors(std::int32_t atom) const;
  void make_double(std::int32_t i, const Neighbor& partner, PiState state_of_i);
  /// So many double bonds of atom i, spread evenly over its bonds to `partners`.
  void share(std::int32_t i, const std::vector<Neighbor>& partners, double n_double_bonds);

 private:
  static std::size_t index(std::int32_t i) { return static_cast<std::size_t>(i); }
  void count_partners();
  [[nodiscard]] bool is_flat_below_metal(std::int32_t i) const;
  void classify_atoms();

  const Structure& structure_;
  const BondGraph& graph_;
  std::vector<int> n_nonmetals_;
  std::vector<char> needs_double_, may_take_double_;
};

}  // namespace mofkernel::uff4mof
