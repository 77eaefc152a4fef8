// Frameworks, adsorbates and placements for the tests of insertions.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "adsorption/host_guest.hpp"
#include "adsorption/rigid_relaxation.hpp"
#include "adsorption/run_insertions.hpp"
#include "check.hpp"
#include "device.hpp"
#include "protocol/json.hpp"
#include "units.hpp"
#ifndef __CUDACC__
#include "adsorption/evaluate_cpu.hpp"
#endif

namespace mofkernel::insertion_cases {

using Vector = std::array<double, 3>;

struct Host {
  Structure structure;
  adsorption::HostLennardJones lennard_jones;
  std::vector<double> charges;
};

/// Lennard-Jones parameters of one kind of atom.
struct HostKind {
  double epsilon_eV;
  double sigma_A;
};

inline adsorption::HostLennardJones kinds_of(const std::vector<HostKind>& kinds, std::vector<int> kind_of_atom) {
  adsorption::HostLennardJones host;
  host.kind = std::move(kind_of_atom);
  for (const auto& [epsilon_eV, sigma_A] : kinds) {
    host.epsilon_eV.push_back(epsilon_eV);
    host.sigma_A.push_back(sigma_A);
  }
  return host;
}

/// Argon-like atoms at these places.
inline Host argon_host(const std::array<Vector, 3>& cell, std::vector<Vector> positions) {
  Host host;
  host.structure.cell = cell;
  host.lennard_jones = kinds_of({{0.0103, 3.4}}, std::vector<int>(positions.size(), 0));
  host.structure.atomic_numbers.assign(positions.size(), 18);
  host.structure.positions = std::move(positions);
  return host;
}

inline Host triclinic_host() {
  Host host = argon_host({{{11.0, 0.4, -0.3}, {-2.5, 12.0, 0.2}, {3.0, 1.5, 9.5}}},
                         {{0.5, 0.7, 1.1}, {4.9, 5.2, 3.0}, {7.0, 1.0, 6.5}, {2.2, 9.0, 7.1}});
  host.lennard_jones = kinds_of({{0.0103, 3.4}, {0.005, 2.9}}, {0, 1, 0, 1});
  host.charges = {0.6, -0.9, 0.8, -0.5};
  return host;
}

inline Adsorbate methane() { return {"CH4", {{"CH4", {0, 0, 0}, 0.012754, 3.73, 0, 16.043}}}; }

inline Adsorbate carbon_dioxide() {
  return {"CO2",
          {{"C", {0, 0, 0}, 0.0023267, 2.8, 0.7, 12.011},
           {"O1", {1.16, 0, 0}, 0.0068077, 3.05, -0.35, 15.999},
           {"O2", {-1.16, 0, 0}, 0.0068077, 3.05, -0.35, 15.999}}};
}

/// A bent molecule whose lightest sites have no Lennard-Jones parameters.
inline Adsorbate water() {
  return {"H2O",
          {{"O", {0, 0, -0.0655}, 0.0067234, 3.15365, 0, 15.999},
           {"H1", {0.75695, 0, 0.52032}, 0, 0, 0.52, 1.008},
           {"H2", {-0.75695, 0, 0.52032}, 0, 0, 0.52, 1.008},
           {"M", {0, 0, 0.0845}, 0, 0, -1.04, 0}}};
}

inline InsertionOptions random_options(Adsorbate adsorbate, std::int64_t n_insertions) {
  InsertionOptions options;
  options.adsorbate = std::move(adsorbate);
  options.n_insertions = n_insertions;
  return options;
}

inline InsertionOptions grid_options(Adsorbate adsorbate, double spacing_A, int n_orientations) {
  InsertionOptions options;
  options.adsorbate = std::move(adsorbate);
  options.mode = InsertionMode::grid;
  options.spacing_A = spacing_A;
  options.n_orientations = n_orientations;
  return options;
}

}  // namespace mofkernel::insertion_cases

namespace mofkernel::MOFK_NS {

constexpr double kTestOverlap_eV = 1000;
const electrostatics::Options kEwald{};

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

inline InsertionResult insert(const Context& context, const insertion_cases::Host& host,
                              const InsertionOptions& options, const RunControl& control = {},
                              const electrostatics::Options& electrostatics = kEwald,
                              std::int64_t most_at_once = kNoLimit) {
  check_insertions(host.structure, host.charges, options);
  return run_insertions(context, host.structure, host.lennard_jones, host.charges, electrostatics, options,
                        most_at_once, control, [](std::int64_t) {});
}

/// Energies by the way that takes one placement per thread.
inline std::vector<double> energies_one_by_one(const Context& context, const insertion::HostGuestView& view,
                                               const insertion::PlacementSource& source, int n) {
  Buffer<double> energies(context, static_cast<std::size_t>(n));
  double* const out = energies.data();
  parallel_for(context, n, MOFK_LAMBDA(int i) { out[i] = insertion::placement_energy(view, source, i); });
  return energies.to_host();
}

/// Pose of one placement; calculated where the source's rotations lie.
inline insertion::RigidPose pose_on_host(const Context& context, const insertion::HostGuestView& view,
                                         const insertion::PlacementSource& source, int number) {
  Buffer<insertion::RigidPose> pose(context, 1);
  insertion::RigidPose* const out = pose.data();
  parallel_for(
      context, 1, MOFK_LAMBDA(int) {
        double fractional[3];
        insertion::place(source, number, fractional, out->rotation);
        row_times_matrix(fractional, view.cell, out->center);
      });
  return pose.to_host().front();
}

/// Energy, force and torque of one pose.
inline insertion::RigidGradient gradient_at(const Context& context, const insertion::HostGuestView& view,
                                            const insertion::RigidPose& pose) {
  Buffer<insertion::RigidGradient> gradient(context, 1);
  insertion::RigidGradient* const out = gradient.data();
  parallel_for(context, 1, MOFK_LAMBDA(int) { *out = insertion::rigid_gradient(view, pose); });
  return gradient.to_host().front();
}

/// Energies by the way that run_insertions() takes.
inline std::vector<double> energies_at_once(const Context& context, const insertion::HostGuestView& view,
                                            const insertion::PlacementSource& source, int n) {
#ifdef __CUDACC__
  return energies_one_by_one(context, view, source, n);
#else
  std::vector<double> energies(static_cast<std::size_t>(n));
  PlacementEnergies(context, view, source).evaluate(0, energies);
  return energies;
#endif
}

/// Energy of sites at given places, eV: an adsorbate with those places relative to the corner of the cell, not turned.
inline double energy_at(const Context& context, const insertion_cases::Host& host, Adsorbate adsorbate,
                        const std::vector<insertion_cases::Vector>& positions, InsertionOptions options,
                        const electrostatics::Options& electrostatics) {
  for (std::size_t s = 0; s < positions.size(); ++s) adsorbate.sites[s].position = positions[s];
  options.adsorbate = std::move(adsorbate);
  const insertion::HostGuest host_guest(context, host.structure, host.lennard_jones, host.charges, electrostatics,
                                        options, kTestOverlap_eV);
  const std::vector<double> unturned{1, 0, 0, 0, 1, 0, 0, 0, 1};
  const Buffer<double> rotations(context, std::span<const double>(unturned));
  const insertion::PlacementSource source{true, 1, {1, 1, 1}, 1, rotations.data(), 0};
  return energies_at_once(context, host_guest.view(), source, 1).front();
}

}  // namespace mofkernel::MOFK_NS
