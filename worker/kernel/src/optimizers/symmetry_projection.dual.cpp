#include "optimizers/symmetry_projection.hpp"

#include "geometry/lattice.hpp"
#include "optimizers/matrix_exponential.hpp"
#include "optimizers/row_loops.hpp"
#include "optimizers/symmetry_orbits.hpp"

namespace mofkernel::MOFK_NS {
namespace {

constexpr int kCellRows = 3;

/// What goes to the device, collected structure by structure.
struct Tables {
  std::vector<int> first_member{0};
  std::vector<int> orbit_of_member;
  std::vector<int> structure_of_orbit;
  std::vector<int> atom_places;
  std::vector<int> row_places;
  std::vector<double> member_rotations;
  std::vector<double> site_projectors;
  std::vector<int> first_rotation{0};
  std::vector<double> rotations;

  void add(const SymmetryOrbits& found, int structure, int first_atom, int first_row) {
    for (const Orbit& orbit : found.orbits) {
      const auto i_orbit = static_cast<int>(structure_of_orbit.size());
      structure_of_orbit.push_back(structure);
      site_projectors.insert(site_projectors.end(), orbit.site_projector.begin(), orbit.site_projector.end());
      for (std::size_t m = 0; m < orbit.atoms.size(); ++m) {
        orbit_of_member.push_back(i_orbit);
        atom_places.push_back(3 * (first_atom + orbit.atoms[m]));
        row_places.push_back(3 * (first_row + orbit.atoms[m]));
        member_rotations.insert(member_rotations.end(), orbit.rotations[m].begin(), orbit.rotations[m].end());
      }
      first_member.push_back(static_cast<int>(orbit_of_member.size()));
    }
    for (const Matrix3& rotation : found.rotations) rotations.insert(rotations.end(), rotation.begin(), rotation.end());
  }
};

MOFK_HD void matrix_times_column(const double* m, const double* column, double* out) {
  for (int a = 0; a < 3; ++a) out[a] = dot_rows(m + 3 * a, column);
}

}  // namespace

SymmetryProjection::SymmetryProjection(const Context& context, const Batch& batch, const CellFilter& filter,
                                       const RelaxOptions& options)
    : context_(context),
      n_structures_(batch.n_structures),
      moves_cell_(filter.moves_cell()),
      first_member_(context),
      orbit_of_member_(context),
      structure_of_orbit_(context),
      atom_places_(context),
      row_places_(context),
      member_rotations_(context),
      site_projectors_(context),
      first_rotation_(context),
      rotations_(context),
      virial_places_(context),
      cell_places_(context),
      sums_(context) {
  if (options.symmetry.empty()) return;
  const std::vector<Structure> structures = to_structures(batch);
  if (options.symmetry.size() != structures.size())
    throw KernelError(ErrorCode::bad_request, "there are symmetry operations for " +
                                                  std::to_string(options.symmetry.size()) + " of " +
                                                  std::to_string(structures.size()) + " structures");
  const std::vector<int> first_atom = batch.first_atom.to_host();
  const std::vector<int> first_row = filter.layout().first_row.to_host();
  const std::span<const std::uint8_t> is_fixed(options.fixed_atoms);
  Tables tables;
  std::vector<int> virial_places, cell_places;
  for (std::size_t s = 0; s < structures.size(); ++s) {
    const auto first = static_cast<std::size_t>(first_atom[s]);
    const std::size_t n_atoms = structures[s].positions.size();
    if (!options.symmetry[s].empty()) {
      const SymmetryOrbits found = find_orbits(structures[s], options.symmetry[s],
                                               is_fixed.empty() ? is_fixed : is_fixed.subspan(first, n_atoms));
      tables.add(found, static_cast<int>(s), first_atom[s], first_row[s]);
    }
    tables.first_rotation.push_back(static_cast<int>(tables.rotations.size() / 9));
    virial_places.push_back(static_cast<int>(9 * s));
    cell_places.push_back(3 * (first_row[s + 1] - kCellRows));
  }
  n_orbits_ = static_cast<int>(tables.structure_of_orbit.size());
  first_member_.upload(tables.first_member);
  orbit_of_member_.upload(tables.orbit_of_member);
  structure_of_orbit_.upload(tables.structure_of_orbit);
  atom_places_.upload(tables.atom_places);
  row_places_.upload(tables.row_places);
  member_rotations_.upload(tables.member_rotations);
  site_projectors_.upload(tables.site_projectors);
  first_rotation_.upload(tables.first_rotation);
  rotations_.upload(tables.rotations);
  virial_places_.upload(virial_places);
  cell_places_.upload(cell_places);
  sums_.resize(tables.structure_of_orbit.size());
}

void SymmetryProjection::project(DeviceEvaluation& evaluation) {
  if (!is_needed()) return;
  project_vectors(atom_places_, nullptr, nullptr, evaluation.forces);
  project_matrices(virial_places_, nullptr, evaluation.virials);
}

void SymmetryProjection::project(const Buffer<double>& start_rows, const Buffer<int>& is_active, Buffer<double>& rows) {
  if (!is_needed()) return;
  project_vectors(row_places_, start_rows.data(), is_active.data(), rows);
  // The logarithm of the deformation gradient starts at zero.
  if (moves_cell_) project_matrices(cell_places_, is_active.data(), rows);
}

void SymmetryProjection::project_vectors(const Buffer<int>& places, const double* d_origin, const int* d_is_active,
                                         Buffer<double>& values) {
  const int* const d_places = places.data();
  const int* const d_first_member = first_member_.data();
  const int* const d_orbit = orbit_of_member_.data();
  const int* const d_structure = structure_of_orbit_.data();
  const double* const d_rotations = member_rotations_.data();
  const double* const d_projectors = site_projectors_.data();
  double* const d_values = values.data();
  Vector* const d_sums = sums_.data();
  segmented_reduce<Sum>(
      context_, n_orbits_, d_first_member, Vector{{0, 0, 0}},
      MOFK_LAMBDA(int member) {
        double vector[3];
        for (int a = 0; a < 3; ++a) {
          const int k = d_places[member] + a;
          vector[a] = d_origin == nullptr ? d_values[k] : d_values[k] - d_origin[k];
        }
        Vector on_representative{};
        row_times_matrix(vector, d_rotations + 9 * member, on_representative.x);
        return on_representative;
      },
      d_sums);
  parallel_for(
      context_, static_cast<int>(orbit_of_member_.size()), MOFK_LAMBDA(int member) {
        const int orbit = d_orbit[member];
        if (d_is_active != nullptr && d_is_active[d_structure[orbit]] == 0) return;
        double on_representative[3], vector[3];
        matrix_times_column(d_projectors + 9 * orbit, d_sums[orbit].x, on_representative);
        const int n_members = d_first_member[orbit + 1] - d_first_member[orbit];
        for (int a = 0; a < 3; ++a) on_representative[a] /= n_members;
        matrix_times_column(d_rotations + 9 * member, on_representative, vector);
        for (int a = 0; a < 3; ++a) {
          const int k = d_places[member] + a;
          d_values[k] = d_origin == nullptr ? vector[a] : d_origin[k] + vector[a];
        }
      });
}

void SymmetryProjection::project_matrices(const Buffer<int>& first, const int* d_is_active, Buffer<double>& matrices) {
  const int* const d_first = first.data();
  const int* const d_first_rotation = first_rotation_.data();
  const double* const d_rotations = rotations_.data();
  double* const d_matrices = matrices.data();
  parallel_for(
      context_, n_structures_, MOFK_LAMBDA(int s) {
        const int n_rotations = d_first_rotation[s + 1] - d_first_rotation[s];
        if (n_rotations == 0 || (d_is_active != nullptr && d_is_active[s] == 0)) return;
        double* const matrix = d_matrices + d_first[s];
        double sum[9] = {};
        for (int r = d_first_rotation[s]; r < d_first_rotation[s + 1]; ++r) {
          double turned_rows[9], transposed[9], turned[9];
          multiply_matrices(d_rotations + 9 * r, matrix, turned_rows);
          transpose_matrix(d_rotations + 9 * r, transposed);
          multiply_matrices(turned_rows, transposed, turned);
          for (int k = 0; k < 9; ++k) sum[k] += turned[k];
        }
        for (int k = 0; k < 9; ++k) matrix[k] = sum[k] / n_rotations;
      });
}

}  // namespace mofkernel::MOFK_NS
