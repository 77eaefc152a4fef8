#include <cmath>

#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS {

namespace {

[[noreturn]] void throw_bad_structure(std::size_t index, const std::string& what) {
  throw KernelError(ErrorCode::bad_structure, "structure " + std::to_string(index) + ": " + what);
}

void check_structure(const Structure& structure, std::size_t index) {
  if (structure.positions.empty()) throw_bad_structure(index, "it has no atoms");
  if (structure.positions.size() != structure.atomic_numbers.size()) {
    throw_bad_structure(index, std::to_string(structure.positions.size()) + " positions but " +
                                   std::to_string(structure.atomic_numbers.size()) + " atomic numbers");
  }
  for (std::size_t i = 0; i < structure.positions.size(); ++i) {
    for (const double x : structure.positions[i]) {
      if (!std::isfinite(x)) throw_bad_structure(index, "the position of atom " + std::to_string(i) + " is not finite");
    }
  }
  for (std::size_t a = 0; a < 3; ++a) {
    for (const double x : structure.cell[a]) {
      if (!std::isfinite(x)) throw_bad_structure(index, "lattice vector " + std::to_string(a) + " is not finite");
    }
  }
}

}  // namespace

Batch::Batch(const Context& context)
    : first_atom(context),
      structure_of_atom(context),
      atomic_numbers(context),
      pbc(context),
      positions(context),
      cells(context) {}

Batch make_batch(const Context& context, std::span<const Structure> structures) {
  std::vector<int> first_atom{0};
  std::vector<int> structure_of_atom;
  std::vector<int> atomic_numbers;
  std::vector<int> pbc;
  std::vector<double> positions;
  std::vector<double> cells;
  for (std::size_t s = 0; s < structures.size(); ++s) {
    const Structure& structure = structures[s];
    check_structure(structure, s);
    first_atom.push_back(first_atom.back() + structure.n_atoms());
    structure_of_atom.insert(structure_of_atom.end(), structure.positions.size(), static_cast<int>(s));
    atomic_numbers.insert(atomic_numbers.end(), structure.atomic_numbers.begin(), structure.atomic_numbers.end());
    for (const auto& x : structure.positions) positions.insert(positions.end(), x.begin(), x.end());
    for (const auto& row : structure.cell) cells.insert(cells.end(), row.begin(), row.end());
    for (const bool is_periodic : structure.pbc) pbc.push_back(is_periodic ? 1 : 0);
  }
  Batch batch(context);
  batch.n_structures = static_cast<int>(structures.size());
  batch.n_atoms = first_atom.back();
  batch.first_atom.upload(first_atom);
  batch.structure_of_atom.upload(structure_of_atom);
  batch.atomic_numbers.upload(atomic_numbers);
  batch.pbc.upload(pbc);
  batch.positions.upload(positions);
  batch.cells.upload(cells);
  return batch;
}

std::vector<Structure> to_structures(const Batch& batch) {
  const std::vector<int> first_atom = batch.first_atom.to_host();
  const std::vector<int> atomic_numbers = batch.atomic_numbers.to_host();
  const std::vector<int> pbc = batch.pbc.to_host();
  const std::vector<double> positions = batch.positions.to_host();
  const std::vector<double> cells = batch.cells.to_host();
  std::vector<Structure> structures(static_cast<std::size_t>(batch.n_structures));
  for (std::size_t s = 0; s < structures.size(); ++s) {
    Structure& structure = structures[s];
    for (std::size_t a = 0; a < 3; ++a) {
      structure.pbc[a] = pbc[3 * s + a] != 0;
      for (std::size_t b = 0; b < 3; ++b) structure.cell[a][b] = cells[9 * s + 3 * a + b];
    }
    const auto first = static_cast<std::size_t>(first_atom[s]);
    const auto last = static_cast<std::size_t>(first_atom[s + 1]);
    for (std::size_t i = first; i < last; ++i) {
      structure.positions.push_back({positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]});
      structure.atomic_numbers.push_back(atomic_numbers[i]);
    }
  }
  return structures;
}

void evaluate_confirmed(Potential& potential, const Batch& batch, EvaluateWant want, DeviceEvaluation& out) {
  do potential.evaluate(batch, want, out);
  while (!potential.confirm());
}

DeviceEvaluation::DeviceEvaluation(const Context& context, const Batch& batch, int n_components)
    : energies(context, static_cast<std::size_t>(batch.n_structures)),
      energy_components(context, static_cast<std::size_t>(batch.n_structures) * static_cast<std::size_t>(n_components)),
      forces(context, static_cast<std::size_t>(batch.n_atoms) * 3),
      virials(context, static_cast<std::size_t>(batch.n_structures) * 9),
      energies_per_atom(context, static_cast<std::size_t>(batch.n_atoms)) {}

}  // namespace mofkernel::MOFK_NS
