// Molecular dynamics as its caller sees it: options, samples, result. Host data; one entry per structure of a batch.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "geometry/structure.hpp"

namespace mofkernel {

enum class Ensemble { nve, nvt_langevin, nvt_nose_hoover, npt_isotropic, npt_full };

enum class TrajectoryFormat { extxyz, binary };

/// One file for one structure of the batch. On resume it is cut back to what the checkpoint knows and continued.
struct TrajectoryPlan {
  int structure = 0;
  TrajectoryFormat format = TrajectoryFormat::extxyz;
  std::filesystem::path path{};
  int interval_steps = 0;  ///< >= 1; step 0 is the first frame
};

struct MdOptions {
  Ensemble ensemble = Ensemble::nvt_langevin;
  double timestep_fs = 0.5;
  std::int64_t n_steps = 0;               ///< in all; a resumed run does what is left
  std::vector<double> temperatures_k{};   ///< [n] of the thermostat, and of the velocities that are drawn
  std::vector<double> pressures_eV_A3{};  ///< [n], or empty: 0
  double friction_per_fs = 0.01;          ///< Langevin
  double thermostat_time_fs = 100;        ///< Nose-Hoover chains and MTK
  double barostat_time_fs = 1000;         ///< MTK
  int chain_length = 3;
  std::uint64_t seed = 0;
  int first_structure = 0;  ///< added to a structure's index where numbers are drawn: parts of a split batch differ
  std::vector<std::array<double, 3>> velocities{};  ///< [N] A/fs, or empty: Maxwell-Boltzmann at temperatures_k
  std::vector<double> masses{};                     ///< [N] amu, or empty: standard atomic weights
  std::vector<std::uint8_t> fixed_atoms{};  ///< [N] 1 = does not move (fractionally, when the cell does), or empty
  int sample_interval = 1;                  ///< steps between two samples
  int frame_interval = 0;                   ///< every so many steps a sample carries a frame; 0 = never
  std::vector<TrajectoryPlan> trajectories{};
};

/// One structure at one step.
struct MdSample {
  int structure = 0;
  std::int64_t step = 0;
  double time_fs = 0;
  double potential_energy_eV = 0;
  double kinetic_energy_eV = 0;
  double conserved_energy_eV = 0;  ///< of the extended system; flat when the time step is short enough
  double temperature_k = 0;        ///< from the kinetic energy and the degrees of freedom that are left
  std::optional<double> volume_A3;
  std::optional<double> pressure_eV_A3;  ///< with its kinetic part
  std::optional<std::array<double, 6>> stress_voigt_eV_A3;
  bool has_frame = false;
  std::vector<std::array<double, 3>> positions;   ///< A
  std::vector<std::array<double, 3>> velocities;  ///< A/fs
  std::vector<std::array<double, 3>> forces;      ///< eV/A
  std::array<std::array<double, 3>, 3> cell{};
};

enum class MdEndState { completed, cancelled, deadline, diverged };

struct MdOutcome {
  MdEndState end_state = MdEndState::completed;
  std::int64_t steps = 0;  ///< done in all, those before a resume included
  int n_degrees_of_freedom = 0;
};

struct MdResult {
  std::vector<MdOutcome> outcomes;                ///< [n]
  std::vector<Structure> structures;              ///< [n] at the end; when diverged: at the last good sample
  std::vector<std::array<double, 3>> velocities;  ///< [N] A/fs
  std::vector<double> energies;                   ///< [n] potential energy there, eV
  std::int64_t resumed_from_step = 0;
  double seconds_of_steps = 0;     ///< wall time without what comes before the first step and after the last
  std::int64_t n_list_builds = 0;  ///< of the neighbor list that was built most often, the first included
  std::vector<std::string> warnings;
};

}  // namespace mofkernel
