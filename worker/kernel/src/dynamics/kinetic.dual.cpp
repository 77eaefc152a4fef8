#include "dynamics/kinetic.hpp"

namespace mofkernel::MOFK_NS {

AtomSums::AtomSums(const Context& context, const Batch& batch)
    : first_atom_of_piece_(context), first_piece_of_structure_(context), tensors_(context), numbers_(context) {
  const std::vector<int> first_atom = batch.first_atom.to_host();
  std::vector<int> first_atom_of_piece;
  std::vector<int> first_piece;
  for (std::size_t s = 0; s + 1 < first_atom.size(); ++s) {
    first_piece.push_back(static_cast<int>(first_atom_of_piece.size()));
    for (int i = first_atom[s]; i < first_atom[s + 1]; i += kAtomsPerPiece) first_atom_of_piece.push_back(i);
  }
  n_pieces_ = static_cast<int>(first_atom_of_piece.size());
  first_piece.push_back(n_pieces_);
  first_atom_of_piece.push_back(batch.n_atoms);
  first_atom_of_piece_.upload(first_atom_of_piece);
  first_piece_of_structure_.upload(first_piece);
  tensors_.resize(static_cast<std::size_t>(n_pieces_));
  numbers_.resize(static_cast<std::size_t>(n_pieces_));
}

void AtomSums::kinetic_tensors(const MdSystem& system, KineticTensor* out) {
  const double* const d_velocities = system.velocities.data();
  const double* const d_inertias = system.inertias.data();
  const KineticTensor* const d_tensors = tensors_.data();
  segmented_reduce<Sum>(
      system.context, n_pieces_, first_atom_of_piece_.data(), KineticTensor{},
      MOFK_LAMBDA(int i) {
        const double* const v = d_velocities + 3 * i;
        const double mass = d_inertias[i];
        return KineticTensor{{mass * v[0] * v[0], mass * v[1] * v[1], mass * v[2] * v[2], mass * v[1] * v[2],
                              mass * v[0] * v[2], mass * v[0] * v[1]}};
      },
      tensors_.data());
  segmented_reduce<Sum>(
      system.context, system.batch.n_structures, first_piece_of_structure_.data(), KineticTensor{},
      MOFK_LAMBDA(int piece) { return d_tensors[piece]; }, out);
}

void AtomSums::sums(const MdSystem& system, const Buffer<double>& values, double* out) {
  const double* const d_values = values.data();
  const double* const d_numbers = numbers_.data();
  segmented_reduce<Sum>(
      system.context, n_pieces_, first_atom_of_piece_.data(), 0.0, MOFK_LAMBDA(int i) { return d_values[i]; },
      numbers_.data());
  segmented_reduce<Sum>(
      system.context, system.batch.n_structures, first_piece_of_structure_.data(), 0.0,
      MOFK_LAMBDA(int piece) { return d_numbers[piece]; }, out);
}

}  // namespace mofkernel::MOFK_NS
