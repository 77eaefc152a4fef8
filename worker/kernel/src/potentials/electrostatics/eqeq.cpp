#include "potentials/electrostatics/eqeq.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string>

#include "backend/backend.hpp"
#include "errors.hpp"
#include "geometry/lattice.hpp"
#include "potentials/electrostatics/eqeq_elements.hpp"
#include "potentials/electrostatics/placement.hpp"
#include "potentials/electrostatics/symmetric_solve.hpp"
#include "potentials/electrostatics/wave_box.hpp"
#include "units.hpp"

namespace mofkernel::electrostatics {

namespace {

using std::numbers::pi;

/// The paper's screening of Coulomb energies.
constexpr double kLambda = 1.2;
/// Half of Coulomb's constant, as in the paper's energy, whose derivative sees each pair once.
constexpr double kPairScale = kLambda * kCoulombEvA / 2;

/// Pairs are summed to this distance or, if it is larger, the edge of a cube of the cell's volume: the number of waves
/// then does not grow with the cell. What is left out is erfc(kTail) of a pair, here and in k-space.
constexpr double kLeastReach_A = 25.0;
constexpr double kTail = 4.5;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

/// A row of a triangle for each r in [0, n), short and long in turn: threads that share the range share the work.
int growing_row(int r, int n) { return r % 2 == 0 ? r / 2 : n - 1 - r / 2; }

struct Atom {
  double electronegativity;  ///< dE/dQ at Q = 0 of the expansion about the charge center, eV/e
  double hardness;           ///< eV/e^2
};

std::vector<Atom> atoms_of(const Structure& structure) {
  std::vector<Atom> atoms;
  for (std::size_t i = 0; i < structure.atomic_numbers.size(); ++i) {
    const EqeqElement* const element = find_eqeq_element(structure.atomic_numbers[i]);
    if (element == nullptr) {
      throw KernelError(ErrorCode::unsupported, "EQeq has no ionization data for atom " + std::to_string(i) +
                                                    " (atomic number " + std::to_string(structure.atomic_numbers[i]) +
                                                    "); give charges of your own or none");
    }
    const double hardness = element->upper - element->lower;
    atoms.push_back({0.5 * (element->upper + element->lower) - element->center * hardness, hardness});
  }
  return atoms;
}

/// Where the sums of a crystal end, and how they are split.
struct Reach {
  double real_A;
  double alpha_per_A;
};

Reach choose_reach(const Structure& structure) {
  const double real_A = std::max(kLeastReach_A, std::cbrt(std::abs(cpu::determinant(structure.cell[0].data()))));
  return {real_A, kTail / real_A};
}

/// What replaces 1/r between orbitals that overlap; hardness is the geometric mean of the pair's.
double overlap(double hardness, double r) {
  const double a = hardness / kCoulombEvA;
  return std::exp(-a * a * r * r) * (2 * a - a * a * r - 1 / r);
}

/// Lattice vectors whose images may come within the reach of an atom of the home cell.
std::vector<std::array<double, 3>> lattice_vectors(const Structure& structure, double reach_A) {
  double inverse[9];
  cpu::invert(structure.cell[0].data(), inverse);
  int reach[3];
  for (int a = 0; a < 3; ++a) {
    const double column[3] = {inverse[a], inverse[3 + a], inverse[6 + a]};
    reach[a] = static_cast<int>(std::ceil(reach_A * cpu::norm3(column)));
  }
  std::vector<std::array<double, 3>> vectors;
  for (int a = -reach[0]; a <= reach[0]; ++a) {
    for (int b = -reach[1]; b <= reach[1]; ++b) {
      for (int c = -reach[2]; c <= reach[2]; ++c) {
        const double n[3] = {1.0 * a, 1.0 * b, 1.0 * c};
        std::array<double, 3> vector{};
        cpu::row_times_matrix(n, structure.cell[0].data(), vector.data());
        if (cpu::norm3(vector.data()) < reach_A) vectors.push_back(vector);
      }
    }
  }
  return vectors;
}

/// From atom i to the image of atom j that is nearest in fractional coordinates: the lattice vectors that matter are
/// then few.
std::array<double, 3> nearest_offset(const Structure& structure, const double* inverse, int i, int j) {
  std::array<double, 3> d{};
  for (std::size_t a = 0; a < 3; ++a) d[a] = structure.positions[index(j)][a] - structure.positions[index(i)][a];
  double fractional[3];
  cpu::row_times_matrix(d.data(), inverse, fractional);
  for (double& f : fractional) f -= std::round(f);
  cpu::row_times_matrix(fractional, structure.cell[0].data(), d.data());
  return d;
}

/// Interaction of two atoms and all images of one by the real-space part of an Ewald sum and by overlap, 1/A.
double real_space_sum(const std::array<double, 3>& offset, bool is_same, double hardness, const Reach& reach,
                      const std::vector<std::array<double, 3>>& lattice) {
  double sum = is_same ? -2 * reach.alpha_per_A / std::sqrt(pi) : 0.0;
  for (const auto& vector : lattice) {
    const double d[3] = {offset[0] + vector[0], offset[1] + vector[1], offset[2] + vector[2]};
    const double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    if (r2 > reach.real_A * reach.real_A || (is_same && vector == std::array<double, 3>{})) continue;
    const double r = std::sqrt(r2);
    sum += std::erfc(reach.alpha_per_A * r) / r + overlap(hardness, r);
  }
  return sum;
}

/// The same for two atoms of a molecule.
double molecular_interaction(const Structure& structure, int i, int j, double hardness) {
  const auto& from = structure.positions[index(i)];
  const auto& to = structure.positions[index(j)];
  const double r = std::hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]);
  return 1 / r + overlap(hardness, r);
}

/// Integers of one of each pair k, -k up to `longest`, 1/A.
std::vector<std::array<int, 3>> list_waves(const double* cell, double longest) {
  const cpu::WaveBox box = cpu::make_wave_box(cell, longest);
  if (!box.is_manageable)
    throw KernelError(ErrorCode::out_of_memory, "the Ewald sum of so large a cell has too many terms");
  std::vector<std::array<int, 3>> waves;
  std::array<int, 3> wave{};
  for (int candidate = box.begin; candidate < box.end; ++candidate) {
    if (cpu::is_wave(box, candidate, wave)) waves.push_back(wave);
  }
  return waves;
}

/// Adds 4 pi / V sum over k of exp(-k^2 / (4 alpha^2)) / k^2 cos(k (r_j - r_i)) to the lower triangle.
void add_waves(const cpu::Context& context, const Structure& structure, double alpha, std::vector<double>& matrix) {
  const int n = structure.n_atoms();
  const double* const cell = structure.cell[0].data();
  const std::vector<std::array<int, 3>> list = list_waves(cell, 2 * alpha * kTail);
  const auto n_waves = static_cast<int>(list.size());
  double rows[9];
  cpu::reciprocal_rows(cell, rows);
  const double volume = std::abs(cpu::determinant(cell));
  // cos(k (r_j - r_i)) = cos cos + sin sin: an update of rank two for every wave.
  const int n_columns = 2 * n_waves;
  std::vector<double> waves(index(n_columns) * index(n));
  double* const all_waves = waves.data();
  cpu::parallel_for(
      context, n_waves,
      [&, all_waves](int w) {
        const auto& listed = list[index(w)];
        const double n_wave[3] = {1.0 * listed[0], 1.0 * listed[1], 1.0 * listed[2]};
        double k[3];
        cpu::row_times_matrix(n_wave, rows, k);
        const double k2 = k[0] * k[0] + k[1] * k[1] + k[2] * k[2];
        const double root = std::sqrt(8 * pi / volume * std::exp(-k2 / (4 * alpha * alpha)) / k2);
        double* const cosine = all_waves + index(2 * w) * index(n);
        double* const sine = cosine + n;
        for (int i = 0; i < n; ++i) {
          const auto& x = structure.positions[index(i)];
          const double phase = k[0] * x[0] + k[1] * x[1] + k[2] * x[2];
          cosine[i] = root * std::cos(phase);
          sine[i] = root * std::sin(phase);
        }
      },
      16);
  double* const a = matrix.data();
  cpu::parallel_for(
      context, n,
      [=](int r) {
        const int i = growing_row(r, n);
        double* const row = a + index(i) * index(n);
        for (int column = 0; column < n_columns; ++column) {
          const double* const wave = all_waves + index(column) * index(n);
          const double own = wave[i];
          for (int j = 0; j <= i; ++j) row[j] += own * wave[j];
        }
      },
      16);
}

/// Sums of 1/r and of overlap over all images, 1/A, lower triangle.
std::vector<double> crystal_interactions(const cpu::Context& context, const Structure& structure,
                                         const std::vector<Atom>& atoms) {
  const int n = structure.n_atoms();
  const double* const cell = structure.cell[0].data();
  std::vector<double> matrix(index(n) * index(n));
  const Reach reach = choose_reach(structure);
  add_waves(context, structure, reach.alpha_per_A, matrix);
  // The k = 0 term, the same for every pair: it has no say in the charges of a neutral crystal.
  const double constant = -pi / (reach.alpha_per_A * reach.alpha_per_A * std::abs(cpu::determinant(cell)));
  double half_diagonal = 0.0;
  for (const auto& row : structure.cell) half_diagonal += 0.5 * cpu::norm3(row.data());
  const auto lattice = lattice_vectors(structure, reach.real_A + half_diagonal);
  double inverse[9];
  cpu::invert(cell, inverse);
  double* const a = matrix.data();
  cpu::parallel_for(
      context, n,
      [&, a](int r) {
        const int i = growing_row(r, n);
        for (int j = 0; j <= i; ++j) {
          const double hardness = std::sqrt(atoms[index(i)].hardness * atoms[index(j)].hardness);
          const auto offset = nearest_offset(structure, inverse, i, j);
          a[index(i) * index(n) + index(j)] += constant + real_space_sum(offset, i == j, hardness, reach, lattice);
        }
      },
      1);
  return matrix;
}

std::vector<double> molecular_interactions(const Structure& structure, const std::vector<Atom>& atoms) {
  const int n = structure.n_atoms();
  std::vector<double> matrix(index(n) * index(n));
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < i; ++j) {
      const double hardness = std::sqrt(atoms[index(i)].hardness * atoms[index(j)].hardness);
      matrix[index(i) * index(n) + index(j)] = molecular_interaction(structure, i, j, hardness);
    }
  }
  return matrix;
}

/// The lower triangle of d^2 E / dQ_i dQ_j, eV/e^2.
std::vector<double> interaction_matrix(const Structure& structure, const std::vector<Atom>& atoms) {
  std::vector<double> matrix = structure.pbc[0] ? crystal_interactions(cpu::Context(), structure, atoms)
                                                : molecular_interactions(structure, atoms);
  for (double& element : matrix) element *= kPairScale;
  for (std::size_t i = 0; i < atoms.size(); ++i) matrix[i * atoms.size() + i] += atoms[i].hardness;
  return matrix;
}

void check(const Structure& structure) {
  const int n_periodic = structure.pbc[0] + structure.pbc[1] + structure.pbc[2];
  if (n_periodic != 0 && n_periodic != 3) {
    throw KernelError(ErrorCode::unsupported,
                      "EQeq charges are for crystals and molecules, not for chains and layers; give charges instead");
  }
  const int pbc[3] = {structure.pbc[0], structure.pbc[1], structure.pbc[2]};
  if (n_periodic == 3 && !cpu::is_usable_lattice(structure.cell[0].data(), pbc))
    throw KernelError(ErrorCode::bad_structure, "the cell has no volume or is not finite; correct its lattice vectors");
  if (structure.n_atoms() > kMostEqeqAtoms) {
    throw KernelError(ErrorCode::unsupported, "EQeq charges are calculated for at most " +
                                                  std::to_string(kMostEqeqAtoms) + " atoms, this structure has " +
                                                  std::to_string(structure.n_atoms()) +
                                                  "; calculate them for its primitive cell and give them");
  }
}

}  // namespace

std::vector<double> eqeq_charges(const Structure& structure) {
  check(structure);
  const std::vector<Atom> atoms = atoms_of(structure);
  const int n = structure.n_atoms();
  std::vector<double> matrix = interaction_matrix(structure, atoms);
  // A constant added to every element changes the energy of net charges only; with it the matrix is positive definite
  // whenever it is so for neutral crystals.
  const double net_charge_penalty = 1000.0 / n;
  for (double& element : matrix) element += net_charge_penalty;
  if (!factorize(matrix, n)) {
    throw KernelError(ErrorCode::bad_structure,
                      "no charges minimize the EQeq energy of this structure; look for atoms that lie too close");
  }
  // Equal chemical potential mu for all: matrix Q = mu - electronegativity, and the charges add up to zero.
  std::vector<double> charges;
  for (const Atom& atom : atoms) charges.push_back(-atom.electronegativity);
  std::vector<double> response(index(n), 1.0);
  solve_factorized(matrix, n, charges);
  solve_factorized(matrix, n, response);
  const double mu =
      -std::accumulate(charges.begin(), charges.end(), 0.0) / std::accumulate(response.begin(), response.end(), 0.0);
  for (std::size_t i = 0; i < charges.size(); ++i) charges[i] += mu * response[i];
  return charges;
}

}  // namespace mofkernel::electrostatics
