// Sums over the atoms of each structure, in pieces, so that a large structure occupies a whole GPU.
#pragma once

#include "dynamics/md_system.hpp"

namespace mofkernel::MOFK_NS {

/// Sum of mass v v over the atoms of a structure, eV: twice the kinetic energy as a tensor.
struct KineticTensor {
  double m[6];  // xx yy zz yz xz xy
  MOFK_HD KineticTensor& operator+=(const KineticTensor& other) {
    for (int k = 0; k < 6; ++k) m[k] += other.m[k];
    return *this;
  }
  [[nodiscard]] MOFK_HD double trace() const { return m[0] + m[1] + m[2]; }
};

/// Pieces of at most kAtomsPerPiece atoms, none in two structures.
class AtomSums {
 public:
  AtomSums(const Context& context, const Batch& batch);

  /// out [n_structures]
  void kinetic_tensors(const MdSystem& system, KineticTensor* out);
  /// values [n_atoms], out [n_structures]
  void sums(const MdSystem& system, const Buffer<double>& values, double* out);

 private:
  static constexpr int kAtomsPerPiece = 2048;
  int n_pieces_ = 0;
  Buffer<int> first_atom_of_piece_;       ///< [n_pieces + 1]
  Buffer<int> first_piece_of_structure_;  ///< [n_structures + 1]
  Buffer<KineticTensor> tensors_;         ///< [n_pieces]
  Buffer<double> numbers_;                ///< [n_pieces]
};

}  // namespace mofkernel::MOFK_NS
