// Do energies and forces come out right on this machine? Small built-in systems against numbers of another program.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "cli/command_line.hpp"
#include "cli/extxyz.hpp"
#include "engine/engine.hpp"
#include "protocol/requests.hpp"
#include "protocol/session.hpp"

namespace mofkernel::cli {
namespace {

/// A system and its energy from tests/reference/selftest_energies.py (numpy 2.4, 20 November 2026), which writes the
/// formulas of the UFF paper down independently of this program.
struct System {
  const char* name;
  const char* extxyz;
  uff4mof::Options options;
  double energy_eV;
};

const std::array<System, 2>& systems() {
  static const std::array<System, 2> kSystems{{
      // Every kind of term, in empty space.
      {"ethylene",
       "6\n\n"
       "C 0.02 0 0.03\nC 1.36 0.05 -0.04\nH -0.55 0.95 0.1\nH -0.6 -0.9 0.05\nH 1.9 0.85 0.35\nH 1.95 -0.95 -0.3\n",
       {.dialect = uff4mof::Dialect::paper},
       0.478683033514},
      // Images and the long-range tail, in a triclinic cell shorter than the cutoff. No pair comes within 5e-3 A of the
      // cutoff: it is a plain one, and a finite difference across it would see the step.
      {"ice",
       "6\nLattice=\"4.6 0 0 0.5 5.1 0 -0.3 0.7 4.9\"\n"
       "O 0.1 0.2 0.3\nH 0.95 0.35 0.75\nH -0.5 0.9 0.1\nO 2.3 2.9 2.6\nH 3.1 2.5 2.9\nH 2.0 3.6 3.2\n",
       {.dialect = uff4mof::Dialect::lammps_interface, .cutoff_A = 8.05},
       0.319683033940},
  }};
  return kSystems;
}

struct PrecisionCase {
  const char* name;
  Precision precision;
  /// The reference has twelve decimals. Single precision: 1e-7 of the terms' derivatives, some 100 eV/A, times some A.
  double energy_tolerance_eV;
  /// float64: what the finite difference leaves.
  double force_tolerance_eV_A;
};

constexpr std::array<PrecisionCase, 3> kPrecisions{{{"float64", Precision::float64, 1e-10, 1e-7},
                                                    {"float32", Precision::float32, 1e-5, 1e-4},
                                                    {"mixed", Precision::mixed, 1e-5, 1e-4}}};

/// Central differences of fourth order, in one batch: step 1e-3 A errs by step^4 times the fifth derivative.
std::vector<std::array<double, 3>> difference_forces(Engine& engine, const Structure& structure,
                                                     const PotentialSpec& potential) {
  constexpr double kStep = 1e-3;
  constexpr std::array<double, 4> kOffsets{-2, -1, 1, 2};
  constexpr std::array<double, 4> kWeights{1.0 / 12, -8.0 / 12, 8.0 / 12, -1.0 / 12};
  std::vector<Structure> displaced;
  for (std::size_t i = 0; i < structure.positions.size(); ++i) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      for (const double offset : kOffsets) displaced.emplace_back(structure).positions[i][axis] += offset * kStep;
    }
  }
  const Evaluation evaluation =
      engine.evaluate(displaced, potential, {.forces = false, .stress = false, .per_atom = false});
  std::vector<std::array<double, 3>> forces(structure.positions.size());
  for (std::size_t k = 0; k < evaluation.energies.size(); ++k) {
    forces[k / 12][k / 4 % 3] -= kWeights[k % 4] * evaluation.energies[k] / kStep;
  }
  return forces;
}

double largest_difference(const std::vector<std::array<double, 3>>& a, const std::vector<std::array<double, 3>>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t axis = 0; axis < 3; ++axis) largest = std::max(largest, std::abs(a[i][axis] - b[i][axis]));
  }
  return largest;
}

/// One line of the table per precision and system; did all pass?
bool check_device(const std::string& device) {
  const auto reference_engine = make_engine(device, Precision::float64);
  bool has_passed = true;
  for (const PrecisionCase& precision : kPrecisions) {
    const auto engine = make_engine(device, precision.precision);
    for (const System& system : systems()) {
      const Structure structure = parse_extxyz(system.extxyz);
      const PotentialSpec potential{.uff4mof = system.options, .electrostatics = {}};
      const auto expected_forces = difference_forces(*reference_engine, structure, potential);
      const Evaluation evaluation =
          engine->evaluate(std::span(&structure, 1), potential, {.forces = true, .stress = false, .per_atom = false});
      const double energy_error = std::abs(evaluation.energies.front() - system.energy_eV);
      const double force_error = largest_difference(evaluation.forces, expected_forces);
      const bool is_right =
          energy_error <= precision.energy_tolerance_eV && force_error <= precision.force_tolerance_eV_A;
      has_passed = has_passed && is_right;
      std::printf("%-8s %-9s %-10s %11.1e %14.1e   %s\n", device.c_str(), precision.name, system.name, energy_error,
                  force_error, is_right ? "ok" : "WRONG");
    }
  }
  return has_passed;
}

}  // namespace

int run_selftest(std::span<const std::string> arguments) {
  Arguments options(arguments);
  const auto chosen = options.take_option("--device");
  options.finish();
  std::vector<std::string> devices;
  if (chosen) {
    protocol::check_device_name(*chosen);
    devices.push_back(*chosen);
  } else {
    for (const DeviceInfo& device : list_devices().devices) devices.push_back(device.device);
  }
  std::printf("%-8s %-9s %-10s %11s %14s\n", "device", "precision", "system", "energy / eV", "force / eV/A");
  bool has_passed = true;
  for (const std::string& device : devices) has_passed = check_device(device) && has_passed;
  if (has_passed) return protocol::kExitOk;
  std::fprintf(stderr, "mofkernel: selftest: results are wrong on this machine; do not use them\n");
  return protocol::kExitFailed;
}

}  // namespace mofkernel::cli
