// The bonds of a structure as a graph whose edges know the lattice image of their far end.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "geometry/structure.hpp"

namespace mofkernel::uff4mof {

/// i to the image `shift` of j; i < j, or i == j and the first non-zero component of `shift` is positive.
struct GraphBond {
  std::int32_t i, j;
  Shift shift;
  double distance_A;
};

/// One end of a bond seen from an atom: the partner, its image relative to the atom, and the bond's index.
struct Neighbor {
  std::int32_t atom;
  Shift shift;
  std::int32_t bond;
};

inline Shift operator+(const Shift& a, const Shift& b) { return {a[0] + b[0], a[1] + b[1], a[2] + b[2]}; }
inline Shift operator-(const Shift& a, const Shift& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
inline Shift operator-(const Shift& a) { return {-a[0], -a[1], -a[2]}; }

/// An atom at a lattice image.
struct Site {
  std::int32_t atom;
  Shift shift;
  auto operator<=>(const Site&) const = default;
};

/// Undirected, by image: an atom may be bonded several times to another one, and to images of itself.
class BondGraph {
 public:
  BondGraph() = default;
  /// Bonds are sorted by (i, j, shift); the neighbors of an atom by (atom, shift).
  BondGraph(int n_atoms, std::vector<GraphBond> bonds);

  [[nodiscard]] int n_atoms() const { return static_cast<int>(first_neighbor_.size()) - 1; }
  [[nodiscard]] std::span<const GraphBond> bonds() const { return bonds_; }
  [[nodiscard]] std::span<const Neighbor> neighbors(int atom) const;
  [[nodiscard]] int degree(int atom) const { return static_cast<int>(neighbors(atom).size()); }

 private:
  std::vector<GraphBond> bonds_;
  std::vector<std::int32_t> first_neighbor_{0};
  std::vector<Neighbor> neighbors_;
};

/// Position of an image, A.
std::array<double, 3> position_of(const Structure& structure, std::int32_t atom, const Shift& shift);

}  // namespace mofkernel::uff4mof
