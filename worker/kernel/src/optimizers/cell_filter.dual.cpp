#include "optimizers/cell_filter.hpp"

#include <cmath>

#include "geometry/lattice.hpp"
#include "optimizers/matrix_exponential.hpp"

namespace mofkernel::MOFK_NS {
namespace {

constexpr int kCellRows = 3;

RowLayout make_layout(const Context& context, const Batch& batch, bool has_cell_rows) {
  const std::vector<int> first_atom = batch.first_atom.to_host();
  std::vector<int> first_row{0};
  std::vector<int> structure_of_row;
  for (int s = 0; s < batch.n_structures; ++s) {
    const auto i = static_cast<std::size_t>(s);
    const int n_rows = first_atom[i + 1] - first_atom[i] + (has_cell_rows ? kCellRows : 0);
    structure_of_row.insert(structure_of_row.end(), static_cast<std::size_t>(n_rows), s);
    first_row.push_back(first_row.back() + n_rows);
  }
  return {batch.n_structures, first_row.back(), Buffer<int>(context, std::span<const int>(first_row)),
          Buffer<int>(context, std::span<const int>(structure_of_row))};
}

/// [n_structures] J; nobody looks at those of structures whose cell does not move.
std::vector<double> cell_factors_of(const Batch& batch) {
  const std::vector<double> cells = batch.cells.to_host();
  const std::vector<int> first_atom = batch.first_atom.to_host();
  std::vector<double> factors;
  for (std::size_t s = 0; s + 1 < first_atom.size(); ++s) {
    const double volume = std::abs(determinant(cells.data() + 9 * s));
    const double n_atoms = first_atom[s + 1] - first_atom[s];
    factors.push_back(std::cbrt(volume) * std::pow(n_atoms, 1.0 / 6.0));
  }
  return factors;
}

void check_periodic(const Batch& batch) {
  const std::vector<int> pbc = batch.pbc.to_host();
  for (std::size_t k = 0; k < pbc.size(); ++k) {
    if (pbc[k] != 0) continue;
    throw KernelError(ErrorCode::unsupported, "structure " + std::to_string(k / 3) +
                                                  " is not periodic along all axes, so its " +
                                                  "cell cannot be relaxed; use cell_mode fixed");
  }
}

void check_length(const char* name, std::size_t length, int expected) {
  if (length == 0 || length == static_cast<std::size_t>(expected)) return;
  throw KernelError(ErrorCode::bad_request, std::string(name) + " has " + std::to_string(length) + " entries where " +
                                                std::to_string(expected) + " are needed");
}

}  // namespace

CellFilter::CellFilter(const Context& context, const Batch& batch, CellMode mode, std::vector<double> pressures_eV_A3,
                       std::span<const std::uint8_t> fixed_atoms)
    : context_(context),
      mode_(mode),
      pressures_(context),
      is_fixed_(context),
      layout_(make_layout(context, batch, mode != CellMode::fixed)),
      cell_factors_(context),
      to_ase_cell_forces_(context),
      start_cells_(context),
      deformations_(context, batch.cells.size()) {
  if (mode != CellMode::fixed) check_periodic(batch);
  check_length("pressures_eV_A3", pressures_eV_A3.size(), batch.n_structures);
  check_length("fixed_atoms", fixed_atoms.size(), batch.n_atoms);
  start_cells_.copy_from(batch.cells);
  pressures_eV_A3.resize(static_cast<std::size_t>(batch.n_structures), 0.0);
  pressures_.upload(pressures_eV_A3);
  std::vector<double> factors = cell_factors_of(batch);
  cell_factors_.upload(factors);
  const std::vector<int> first_atom = batch.first_atom.to_host();
  for (std::size_t s = 0; s < factors.size(); ++s) factors[s] /= first_atom[s + 1] - first_atom[s];
  to_ase_cell_forces_.upload(factors);
  std::vector<int> is_fixed(fixed_atoms.begin(), fixed_atoms.end());
  is_fixed.resize(static_cast<std::size_t>(batch.n_atoms), 0);
  is_fixed_.upload(is_fixed);
  std::vector<double> identities(deformations_.size());
  for (std::size_t k = 0; k < identities.size(); ++k) identities[k] = k % 9 % 4 == 0 ? 1 : 0;
  deformations_.upload(identities);
}

void CellFilter::start(const Batch& batch, Buffer<double>& rows) const {
  if (mode_ == CellMode::fixed) {
    rows.copy_from(batch.positions);
    return;
  }
  rows.resize(static_cast<std::size_t>(layout_.n_rows) * 3);
  rows.fill_zero();
  const int* const d_structure = batch.structure_of_atom.data();
  const double* const d_positions = batch.positions.data();
  double* const d_rows = rows.data();
  parallel_for(
      context_, batch.n_atoms, MOFK_LAMBDA(int i) {
        for (int a = 0; a < 3; ++a) d_rows[3 * (i + kCellRows * d_structure[i]) + a] = d_positions[3 * i + a];
      });
}

void CellFilter::apply(const Buffer<double>& rows, Batch& batch) {
  if (mode_ == CellMode::fixed) {
    batch.positions.copy_from(rows);
    return;
  }
  const int* const d_first_atom = batch.first_atom.data();
  const int* const d_structure = batch.structure_of_atom.data();
  const double* const d_rows = rows.data();
  const double* const d_cell_factors = cell_factors_.data();
  const double* const d_start_cells = start_cells_.data();
  double* const d_deformations = deformations_.data();
  double* const d_cells = batch.cells.data();
  double* const d_positions = batch.positions.data();
  parallel_for(
      context_, batch.n_structures, MOFK_LAMBDA(int s) {
        const double* const cell_rows = d_rows + 3 * (d_first_atom[s + 1] + kCellRows * s);
        double log_deformation[9], no_direction[9], no_derivative[9], transposed[9];
        for (int k = 0; k < 9; ++k) {
          log_deformation[k] = cell_rows[k] / d_cell_factors[s];
          no_direction[k] = 0;
        }
        double* const deformation = d_deformations + 9 * s;
        matrix_exponential(log_deformation, no_direction, deformation, no_derivative);
        transpose_matrix(deformation, transposed);
        multiply_matrices(d_start_cells + 9 * s, transposed, d_cells + 9 * s);
      });
  parallel_for(
      context_, batch.n_atoms, MOFK_LAMBDA(int i) {
        const double* const f = d_deformations + 9 * d_structure[i];
        const double* const row = d_rows + 3 * (i + kCellRows * d_structure[i]);
        for (int a = 0; a < 3; ++a)
          d_positions[3 * i + a] = f[3 * a] * row[0] + f[3 * a + 1] * row[1] + f[3 * a + 2] * row[2];
      });
}

void CellFilter::forces(const Batch& batch, const DeviceEvaluation& evaluation, const Buffer<double>& rows,
                        Buffer<double>& row_forces) const {
  row_forces.resize(static_cast<std::size_t>(layout_.n_rows) * 3);
  const int* const d_is_fixed = is_fixed_.data();
  if (mode_ == CellMode::fixed) {
    const double* const d_atom_forces = evaluation.forces.data();
    double* const d_out = row_forces.data();
    parallel_for(
        context_, 3 * batch.n_atoms,
        MOFK_LAMBDA(int k) { d_out[k] = d_is_fixed[k / 3] != 0 ? 0.0 : d_atom_forces[k]; });
    return;
  }
  const int* const d_first_atom = batch.first_atom.data();
  const int* const d_structure = batch.structure_of_atom.data();
  const double* const d_deformations = deformations_.data();
  const double* const d_forces = evaluation.forces.data();
  const double* const d_virials = evaluation.virials.data();
  const double* const d_cells = batch.cells.data();
  const double* const d_rows = rows.data();
  double* const d_row_forces = row_forces.data();
  const double* const d_pressures = pressures_.data();
  const double* const d_cell_factors = cell_factors_.data();
  const bool is_isotropic = mode_ == CellMode::isotropic;
  parallel_for(
      context_, batch.n_atoms, MOFK_LAMBDA(int i) {
        double* const row = d_row_forces + 3 * (i + kCellRows * d_structure[i]);
        row_times_matrix(d_forces + 3 * i, d_deformations + 9 * d_structure[i], row);
        if (d_is_fixed[i] != 0) row[0] = row[1] = row[2] = 0;
      });
  parallel_for(
      context_, batch.n_structures, MOFK_LAMBDA(int s) {
        const int first = 3 * (d_first_atom[s + 1] + kCellRows * s);
        // d(energy + pressure * volume) / d(strain)
        double gradient[9];
        for (int k = 0; k < 9; ++k) gradient[k] = d_virials[9 * s + k];
        const double pressure_volume = d_pressures[s] * fabs(determinant(d_cells + 9 * s));
        for (int a = 0; a < 3; ++a) gradient[4 * a] += pressure_volume;
        if (is_isotropic) {
          const double mean = (gradient[0] + gradient[4] + gradient[8]) / 3;
          for (int k = 0; k < 9; ++k) gradient[k] = k % 4 == 0 ? mean : 0.0;
        }
        // A strain e changes F by e F, hence dE/dF = (dE/de) F^-T; the derivative through the exponential is
        // self-adjoint up to a transposition: dE/dL = D exp(L^T)[dE/dF].
        double inverse[9], inverse_transposed[9], by_deformation[9];
        invert(d_deformations + 9 * s, inverse);
        transpose_matrix(inverse, inverse_transposed);
        multiply_matrices(gradient, inverse_transposed, by_deformation);
        double log_transposed[9], unused[9], by_log[9];
        for (int k = 0; k < 9; ++k) log_transposed[k] = d_rows[first + 3 * (k % 3) + k / 3] / d_cell_factors[s];
        matrix_exponential(log_transposed, by_deformation, unused, by_log);
        for (int k = 0; k < 9; ++k) d_row_forces[first + k] = -by_log[k] / d_cell_factors[s];
      });
}

}  // namespace mofkernel::MOFK_NS
