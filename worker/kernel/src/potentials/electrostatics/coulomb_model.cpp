#include "potentials/electrostatics/coulomb_model.hpp"

#include <cmath>
#include <numbers>

#include "errors.hpp"
#include "geometry/lattice.hpp"
#include "potentials/electrostatics/formulas.hpp"
#include "units.hpp"

namespace mofkernel::electrostatics {

namespace {

using std::numbers::pi;

constexpr double kAlphaStep_per_A = 0.01;
constexpr double kWaveStep_per_A = 0.02;

/// Charges below this fraction of an elementary charge in all do not need a background.
constexpr double kNeutral_e = 1e-3;

double round_up(double value, double step) { return step * std::ceil(value / step); }

std::size_t index(int i) { return static_cast<std::size_t>(i); }

struct Crystal {
  int n_atoms;
  double volume_A3;
  double sum_of_squares_e2;
};

/// The real-space error of a force, over that of two unit charges 1 A apart, is
/// 2 Q exp(-alpha^2 rc^2) / sqrt(N rc V) with Q the sum of the squared charges.
double choose_alpha(const Crystal& crystal, const Options& options) {
  const double scale =
      std::sqrt(crystal.n_atoms * options.cutoff_A * crystal.volume_A3) / (2 * crystal.sum_of_squares_e2);
  const double ratio = options.relative_accuracy * scale;
  // Few or weak charges: any splitting is accurate enough, and this one needs the fewest k-vectors.
  if (!(ratio < 0.1)) return round_up(std::sqrt(-std::log(0.1)) / options.cutoff_A, kAlphaStep_per_A);
  return round_up(std::sqrt(-std::log(ratio)) / options.cutoff_A, kAlphaStep_per_A);
}

/// Error of a force when all k above `k` are left out: 2 Q alpha / L (pi n N)^(-1/2) exp(-(pi n / (alpha L))^2), with
/// n = k L / (2 pi) and L the edge of a cube of the same volume.
double k_space_error(const Crystal& crystal, double alpha, double k) {
  const double edge = std::cbrt(crystal.volume_A3);
  const double n = k * edge / (2 * pi);
  return 2 * crystal.sum_of_squares_e2 * alpha / edge / std::sqrt(pi * n * crystal.n_atoms) *
         std::exp(-k * k / (4 * alpha * alpha));
}

double choose_k_cutoff(const Crystal& crystal, double alpha, double relative_accuracy) {
  double k = round_up(alpha, kWaveStep_per_A);
  while (k_space_error(crystal, alpha, k) > relative_accuracy) k += kWaveStep_per_A;
  return k;
}

Splitting damped_shifted_force(const Options& options) {
  const double rc = options.cutoff_A;
  const double alpha = options.damping_per_A;
  Splitting splitting{alpha, std::erfc(alpha * rc) / rc, 0};
  splitting.slope_shift =
      -std::erfc(alpha * rc) / (rc * rc) - 2 * alpha / std::sqrt(pi) * std::exp(-alpha * alpha * rc * rc) / rc;
  return splitting;
}

void check_charges(std::span<const Structure> structures, std::span<const double> charges) {
  std::size_t n_atoms = 0;
  for (const Structure& structure : structures) n_atoms += structure.positions.size();
  if (charges.size() != n_atoms) {
    throw KernelError(ErrorCode::bad_request,
                      std::to_string(charges.size()) + " charges but " + std::to_string(n_atoms) + " atoms");
  }
  for (std::size_t i = 0; i < charges.size(); ++i) {
    if (!std::isfinite(charges[i]))
      throw KernelError(ErrorCode::bad_request, "the charge of atom " + std::to_string(i) + " is not finite");
  }
}

void add_structure(CoulombModel& model, const Structure& structure, std::span<const double> charges,
                   const Options& options) {
  double total = 0;
  double sum_of_squares = 0;
  for (const double q : charges) {
    total += q;
    sum_of_squares += q * q;
  }
  Splitting splitting = damped_shifted_force(options);
  if (options.method == Method::ewald) {
    if (!(structure.pbc[0] && structure.pbc[1] && structure.pbc[2])) {
      throw KernelError(ErrorCode::unsupported,
                        "the Ewald sum needs three periodic axes; use the damped shifted force (method dsf) for "
                        "molecules, chains and layers");
    }
    const Crystal crystal{structure.n_atoms(), std::abs(cpu::determinant(structure.cell[0].data())), sum_of_squares};
    splitting = {choose_alpha(crystal, options), 0, 0};
    model.k_cutoff.push_back(choose_k_cutoff(crystal, splitting.alpha, options.relative_accuracy));
  }
  const double self = 0.5 * self_interaction(splitting, options.cutoff_A) * kCoulombEvA;
  const double background =
      options.method == Method::ewald ? -pi / (2 * splitting.alpha * splitting.alpha) * kCoulombEvA : 0.0;
  for (const double q : charges) {
    model.charges.push_back(q * std::sqrt(kCoulombEvA));
    model.self_of_atom.push_back(self * q * q);
    model.background_atom.push_back(background * q * total);
  }
  model.splitting.push_back(splitting);
  model.self_energy.push_back(self * sum_of_squares);
  model.background.push_back(background * total * total);
}

void add_exclusions(CoulombModel& model, const uff4mof::Terms& terms, int first_atom) {
  std::size_t k = 0;
  for (int i = 0; i < terms.n_atoms; ++i) {
    for (; k < terms.exclusions.size() && terms.exclusions[k].i == i; ++k) {
      model.exclusion_atom.push_back(first_atom + terms.exclusions[k].j);
      model.exclusion_shift.push_back(terms.exclusions[k].shift);
    }
    model.exclusion_first.push_back(static_cast<int>(model.exclusion_atom.size()));
  }
}

}  // namespace

CoulombModel build_coulomb_model(std::span<const Structure> structures, std::span<const uff4mof::Terms> terms,
                                 std::span<const double> charges, const Options& options) {
  check_charges(structures, charges);
  CoulombModel model;
  model.n_structures = static_cast<int>(structures.size());
  model.cutoff_A = options.cutoff_A;
  model.has_reciprocal = options.method == Method::ewald;
  model.first_atom = {0};
  model.exclusion_first = {0};
  for (std::size_t s = 0; s < structures.size(); ++s) {
    if (terms[s].n_atoms != structures[s].n_atoms())
      throw KernelError(ErrorCode::internal, "terms of another structure were given to the electrostatics");
    add_structure(model, structures[s], charges.subspan(index(model.n_atoms), index(structures[s].n_atoms())), options);
    add_exclusions(model, terms[s], model.n_atoms);
    model.n_atoms += structures[s].n_atoms();
    model.first_atom.push_back(model.n_atoms);
  }
  return model;
}

std::string net_charge_warning(std::span<const double> charges) {
  double total = 0;
  for (const double q : charges) total += q;
  if (std::abs(total) < kNeutral_e) return {};
  std::string text = std::to_string(total);
  return "the charges add up to " + text + " e; a uniform background of the opposite charge makes the crystal neutral";
}

}  // namespace mofkernel::electrostatics
