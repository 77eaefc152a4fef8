// The repulsion of nuclei that some models add: Ziegler, Biersack and Littmark, The Stopping and Range of Ions in
// Solids (Pergamon, 1985), with the polynomial cutoff of the model at the sum of the covalent radii.
#pragma once

#include "potentials/mace/layer.hpp"

namespace mofkernel::MOFK_NS::mace {

class Repulsion {
 public:
  /// For the elements of `atoms`; `scale` of the head multiplies it as it does the network.
  Repulsion(const Context& context, const mofkernel::mace::Model& model, double scale, const AtomGroups& atoms);

  /// energies [n_atoms] eV: half of every pair's belongs to each of its atoms.
  template <class T>
  void energies(const Scene<T>& scene, double* energies) const;
  /// Adds dE/d(vector) to the edges' gradients.
  template <class T>
  void add_gradients(const Scene<T>& scene) const;

  /// Of one element.
  struct Nucleus {
    double charge;     ///< atomic number
    double screening;  ///< its share in 1 / a, 1/A
    double radius_A;
  };
  /// Half of the pair's energy, eV, with its derivative by r.
  struct Value {
    double energy = 0, derivative = 0;
  };
  struct Formula {
    double coefficients[4];
    int cutoff_exponent;
    double scale;

    [[nodiscard]] MOFK_HD Value at(double r_A, const Nucleus& one, const Nucleus& other) const;
  };

 private:
  Formula formula_;
  Buffer<Nucleus> nuclei_;  // [n_groups]
};

}  // namespace mofkernel::MOFK_NS::mace
