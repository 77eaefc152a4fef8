#include "dynamics/prepare_md.hpp"

#include <cmath>
#include <string>

#include "dynamics/atomic_masses.hpp"
#include "dynamics/philox.hpp"
#include "errors.hpp"
#include "geometry/lattice.hpp"
#include "units.hpp"

namespace mofkernel {

const double kA2Fs2PerEvAmu = kGPaPerEvA3 / kGCm3PerAmuA3 * 1e-4;

namespace {

constexpr int kLongestChain = 10;

using Vector = std::array<double, 3>;

bool is_npt(Ensemble ensemble) { return ensemble == Ensemble::npt_isotropic || ensemble == Ensemble::npt_full; }

bool has_chains(Ensemble ensemble) { return ensemble == Ensemble::nvt_nose_hoover || is_npt(ensemble); }

[[noreturn]] void refuse(const std::string& what) { throw KernelError(ErrorCode::bad_request, what); }

void check_size(std::size_t size, std::size_t expected, const char* name) {
  if (size != 0 && size != expected) {
    refuse(std::string(name) + " has " + std::to_string(size) + " entries, " + std::to_string(expected) +
           " are needed");
  }
}

void check_positive(double value, const char* name) {
  if (!(value > 0 && std::isfinite(value))) refuse(std::string(name) + " must be a number above 0");
}

void check_options(std::span<const Structure> structures, std::size_t n_atoms, const MdOptions& options) {
  check_positive(options.timestep_fs, "timestep_fs");
  if (options.n_steps < 0) refuse("n_steps must not be negative");
  if (options.sample_interval < 1) refuse("sample_interval must be at least 1");
  if (options.frame_interval < 0) refuse("frame_interval must not be negative");
  check_size(options.temperatures_k.size(), structures.size(), "temperatures_k");
  check_size(options.pressures_eV_A3.size(), structures.size(), "pressures_eV_A3");
  check_size(options.velocities.size(), n_atoms, "velocities");
  check_size(options.masses.size(), n_atoms, "masses");
  check_size(options.fixed_atoms.size(), n_atoms, "fixed_atoms");
  for (const double temperature : options.temperatures_k) {
    if (!(temperature >= 0 && std::isfinite(temperature))) refuse("a temperature must be a number, 0 or above");
  }
  for (const double pressure : options.pressures_eV_A3) {
    if (!std::isfinite(pressure)) refuse("a pressure must be a number");
  }
  for (const double mass : options.masses) check_positive(mass, "a mass");
  for (const Vector& velocity : options.velocities) {
    if (!std::isfinite(velocity[0] + velocity[1] + velocity[2])) refuse("a velocity is not finite");
  }
  if (options.ensemble == Ensemble::nvt_langevin) check_positive(options.friction_per_fs, "friction_per_fs");
  for (const TrajectoryPlan& plan : options.trajectories) {
    if (plan.structure < 0 || static_cast<std::size_t>(plan.structure) >= structures.size() ||
        plan.interval_steps < 1) {
      refuse("a trajectory names a structure that is not there, or an interval below 1");
    }
  }
}

void check_extended_ensemble(std::span<const Structure> structures, const MdOptions& options) {
  if (!has_chains(options.ensemble)) return;
  check_positive(options.thermostat_time_fs, "thermostat_time_fs");
  if (options.chain_length < 1 || options.chain_length > kLongestChain) {
    refuse("chain_length must lie between 1 and " + std::to_string(kLongestChain));
  }
  if (options.temperatures_k.empty()) refuse("a thermostat needs temperatures_k");
  for (const double temperature : options.temperatures_k) check_positive(temperature, "the temperature of a chain");
  if (!is_npt(options.ensemble)) return;
  check_positive(options.barostat_time_fs, "barostat_time_fs");
  for (std::size_t s = 0; s < structures.size(); ++s) {
    const auto& pbc = structures[s].pbc;
    if (pbc[0] && pbc[1] && pbc[2]) continue;
    throw KernelError(ErrorCode::unsupported, "structure " + std::to_string(s) +
                                                  " is not periodic along all axes, so that it has no volume and no " +
                                                  "barostat; use a constant-volume ensemble");
  }
}

/// One structure's part of the arrays.
struct Atoms {
  std::span<const Vector> positions;
  std::span<const double> masses;         // amu
  std::span<const std::uint8_t> is_free;  // 0 or 1
  std::span<double> velocities;           // [n_atoms][3]

  [[nodiscard]] std::size_t n_free() const {
    std::size_t n = 0;
    for (const std::uint8_t one : is_free) n += one;
    return n;
  }
  [[nodiscard]] bool has_fixed() const { return n_free() != is_free.size(); }

  /// Sum of mass * value(i) / sum of mass.
  template <class Value>
  [[nodiscard]] Vector mass_average(Value value) const {
    Vector sum{};
    double mass = 0;
    for (std::size_t i = 0; i < masses.size(); ++i) {
      mass += masses[i];
      for (std::size_t a = 0; a < 3; ++a) sum[a] += masses[i] * value(i, a);
    }
    for (double& x : sum) x /= mass;
    return sum;
  }

  [[nodiscard]] Vector center_of_mass() const {
    return mass_average([this](std::size_t i, std::size_t a) { return positions[i][a]; });
  }
};

void cross(const Vector& a, const Vector& b, Vector& out) { cpu::cross3(a.data(), b.data(), out.data()); }

struct Rotation {
  std::array<double, 9> moment{};  // of inertia, amu A^2
  Vector angular_momentum{};       // amu A^2/fs
};

Rotation rotation_of(const Atoms& atoms, const Vector& center) {
  Rotation rotation;
  for (std::size_t i = 0; i < atoms.masses.size(); ++i) {
    const double mass = atoms.masses[i];
    const Vector r{atoms.positions[i][0] - center[0], atoms.positions[i][1] - center[1],
                   atoms.positions[i][2] - center[2]};
    const Vector v{atoms.velocities[3 * i], atoms.velocities[3 * i + 1], atoms.velocities[3 * i + 2]};
    Vector l{};
    cross(r, v, l);
    const double square = r[0] * r[0] + r[1] * r[1] + r[2] * r[2];
    for (std::size_t a = 0; a < 3; ++a) {
      rotation.angular_momentum[a] += mass * l[a];
      for (std::size_t b = 0; b < 3; ++b) rotation.moment[3 * a + b] += mass * ((a == b ? square : 0.0) - r[a] * r[b]);
    }
  }
  return rotation;
}

/// Atoms on one line (or one atom) have a moment of inertia that cannot be inverted.
bool is_collinear(const Rotation& rotation) {
  const double trace = rotation.moment[0] + rotation.moment[4] + rotation.moment[8];
  return cpu::determinant(rotation.moment.data()) <= 1e-9 * trace * trace * trace;
}

void remove_momentum(Atoms& atoms) {
  const Vector drift =
      atoms.mass_average([&atoms](std::size_t i, std::size_t a) { return atoms.velocities[3 * i + a]; });
  for (std::size_t k = 0; k < atoms.velocities.size(); ++k) atoms.velocities[k] -= drift[k % 3];
}

/// On a line the rotation is about two axes: one more mass on neither makes the moment invertible and, as the angular
/// momentum has no part along the line, leaves the result alone.
void remove_rotation(Atoms& atoms) {
  const Vector center = atoms.center_of_mass();
  Rotation rotation = rotation_of(atoms, center);
  const double trace = rotation.moment[0] + rotation.moment[4] + rotation.moment[8];
  if (trace == 0) return;
  if (is_collinear(rotation)) {
    for (std::size_t i = 0; i < atoms.masses.size(); ++i) {
      for (std::size_t k = 0; k < 9; ++k) {
        rotation.moment[k] +=
            atoms.masses[i] * (atoms.positions[i][k / 3] - center[k / 3]) * (atoms.positions[i][k % 3] - center[k % 3]);
      }
    }
  }
  std::array<double, 9> inverse{};
  cpu::invert(rotation.moment.data(), inverse.data());
  Vector omega{};
  cpu::row_times_matrix(rotation.angular_momentum.data(), inverse.data(), omega.data());
  for (std::size_t i = 0; i < atoms.masses.size(); ++i) {
    const Vector r{atoms.positions[i][0] - center[0], atoms.positions[i][1] - center[1],
                   atoms.positions[i][2] - center[2]};
    Vector v{};
    cross(omega, r, v);
    for (std::size_t a = 0; a < 3; ++a) atoms.velocities[3 * i + a] -= v[a];
  }
}

bool has_no_periodic_axis(const Structure& structure) {
  return !structure.pbc[0] && !structure.pbc[1] && !structure.pbc[2];
}

int count_degrees_of_freedom(const Structure& structure, const Atoms& atoms, Ensemble ensemble) {
  const int n_free = static_cast<int>(atoms.n_free());
  const bool keeps_momentum = ensemble != Ensemble::nvt_langevin && !atoms.has_fixed();
  if (!keeps_momentum) return 3 * n_free;
  if (!has_no_periodic_axis(structure)) return 3 * n_free - 3;
  if (n_free == 1) return 0;
  return 3 * n_free - (is_collinear(rotation_of(atoms, atoms.center_of_mass())) ? 5 : 6);
}

void draw_velocities(const Structure& structure, int index, double thermal_energy, int n_degrees_of_freedom,
                     std::uint64_t seed, Atoms& atoms) {
  if (thermal_energy == 0) return;
  for (std::size_t i = 0; i < atoms.masses.size(); ++i) {
    Vector normals{};
    cpu::random_normals(seed, cpu::RandomUse::initial_velocities, 0, index, static_cast<int>(i), normals.data());
    const double width = atoms.is_free[i] * std::sqrt(thermal_energy / atoms.masses[i] * kA2Fs2PerEvAmu);
    for (std::size_t a = 0; a < 3; ++a) atoms.velocities[3 * i + a] = width * normals[a];
  }
  if (!atoms.has_fixed()) {
    remove_momentum(atoms);
    if (has_no_periodic_axis(structure)) remove_rotation(atoms);
  }
  double twice_kinetic = 0;
  for (std::size_t k = 0; k < atoms.velocities.size(); ++k) {
    twice_kinetic += atoms.masses[k / 3] * atoms.velocities[k] * atoms.velocities[k] / kA2Fs2PerEvAmu;
  }
  if (twice_kinetic == 0) return;
  const double scale = std::sqrt(n_degrees_of_freedom * thermal_energy / twice_kinetic);
  for (double& v : atoms.velocities) v *= scale;
}

}  // namespace

MdStart prepare_md(std::span<const Structure> structures, const MdOptions& options) {
  std::size_t n_atoms = 0;
  for (const Structure& structure : structures) n_atoms += structure.positions.size();
  check_options(structures, n_atoms, options);
  check_extended_ensemble(structures, options);

  MdStart start;
  start.velocities.assign(3 * n_atoms, 0.0);
  std::vector<double> masses = options.masses;
  std::vector<std::uint8_t> is_free(n_atoms, 1);
  for (std::size_t i = 0; i < options.fixed_atoms.size(); ++i) is_free[i] = options.fixed_atoms[i] == 0 ? 1 : 0;
  if (masses.empty()) {
    for (const Structure& structure : structures) {
      for (const int atomic_number : structure.atomic_numbers) masses.push_back(standard_atomic_mass(atomic_number));
    }
  }
  for (std::size_t i = 0; i < n_atoms; ++i) {
    start.inertias.push_back(masses[i] / kA2Fs2PerEvAmu);
    start.inverse_inertias.push_back(is_free[i] / start.inertias.back());
    if (options.velocities.empty()) continue;
    for (std::size_t a = 0; a < 3; ++a) start.velocities[3 * i + a] = is_free[i] * options.velocities[i][a];
  }

  std::size_t first = 0;
  for (std::size_t s = 0; s < structures.size(); ++s) {
    const std::size_t n = structures[s].positions.size();
    Atoms atoms{structures[s].positions, std::span(masses).subspan(first, n), std::span(is_free).subspan(first, n),
                std::span(start.velocities).subspan(3 * first, 3 * n)};
    const double temperature = options.temperatures_k.empty() ? 0.0 : options.temperatures_k[s];
    start.thermal_energies.push_back(kBoltzmannEvK * temperature);
    start.pressures.push_back(options.pressures_eV_A3.empty() ? 0.0 : options.pressures_eV_A3[s]);
    start.n_degrees_of_freedom.push_back(count_degrees_of_freedom(structures[s], atoms, options.ensemble));
    if (options.velocities.empty()) {
      draw_velocities(structures[s], static_cast<int>(s) + options.first_structure, start.thermal_energies.back(),
                      start.n_degrees_of_freedom.back(), options.seed, atoms);
    }
    first += n;
  }
  return start;
}

}  // namespace mofkernel
