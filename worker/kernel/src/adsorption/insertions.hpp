// Host-guest energies of a rigid adsorbate in a rigid framework, on a grid or at random. Host data.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/run_control.hpp"

namespace mofkernel {

/// A place of a rigid adsorbate that interacts. Lennard-Jones: E = 4 epsilon ((sigma/r)^12 - (sigma/r)^6).
struct AdsorbateSite {
  std::string name{};
  std::array<double, 3> position{};  ///< A, relative to the adsorbate's center of mass
  double epsilon_eV = 0;
  double sigma_A = 0;
  double charge_e = 0;
  double mass_amu = 0;
};

struct Adsorbate {
  std::string name{};
  std::vector<AdsorbateSite> sites{};
};

enum class InsertionMode { grid, random };

/// Places that the adsorbate cannot reach from outside, as the points of a grid (blocked.hpp).
struct BlockedPlaces {
  std::array<int, 3> shape{};
  std::vector<std::uint8_t> is_blocked{};  ///< [a][b][c] 0 or 1; empty: nothing is blocked
};

struct InsertionOptions {
  Adsorbate adsorbate{};
  InsertionMode mode = InsertionMode::random;
  double cutoff_A = 12.5;        ///< Lennard-Jones, plain; charges follow PotentialSpec::electrostatics
  bool is_shifted = false;       ///< each pair's Lennard-Jones energy is 0 at the cutoff
  bool tail_correction = false;  ///< of the host-guest Lennard-Jones energy
  double temperature_k = 298.15;
  std::uint64_t seed = 0;
  std::int64_t n_insertions = 0;          ///< random
  double spacing_A = 0.2;                 ///< grid: largest distance of two points along a lattice vector
  int n_orientations = 8;                 ///< grid: the same well spread ones at every point
  int n_lowest = 0;                       ///< how many of the lowest placements are returned
  bool relax_lowest = false;              ///< as rigid bodies, each from where it was found
  std::vector<double> host_epsilon_eV{};  ///< [n_atoms] Lennard-Jones of the framework; empty: UFF4MOF's
  std::vector<double> host_sigma_A{};     ///< [n_atoms]
  BlockedPlaces blocked{};
};

struct Placement {
  double energy_eV = 0;
  std::array<double, 3> center{};                     ///< A, inside the cell
  std::vector<std::array<double, 3>> site_positions;  ///< A
  double max_force_eV_A = 0;                          ///< left over by a relaxation: force, or torque over size
};

struct InsertionAverages {
  /// Mean of exp(-E / kT) over all placements, and its standard error (0 on a grid, which has none).
  double boltzmann_mean = 0;
  double boltzmann_standard_error = 0;
  /// Boltzmann-weighted mean energy, eV, and its standard error.
  double mean_energy_eV = 0;
  double mean_energy_standard_error_eV = 0;
  /// Henry coefficient, mol/(kg Pa): boltzmann_mean / (R T framework density).
  double henry_mol_kg_Pa = 0;
};

/// The averages are those of the whole cell.
struct InsertionResult : InsertionAverages {
  std::int64_t n_placements = 0;               ///< done
  std::optional<InsertionAverages> reachable;  ///< a blocked placement counts as one without weight; where some are
  std::array<int, 3> grid_shape{};             ///< grid: points along each lattice vector
  std::vector<float> grid_minimum_eV;          ///< [a][b][c] lowest over the orientations
  std::vector<float> grid_free_energy_eV;      ///< [a][b][c] -kT ln of the mean Boltzmann factor over the orientations
  std::vector<Placement> lowest;               ///< ascending; no two centers nearer than 1 A when found
  StopReason stop = StopReason::none;
  std::vector<std::string> warnings;
};

}  // namespace mofkernel
