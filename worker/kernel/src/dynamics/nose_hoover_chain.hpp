// One Nose-Hoover chain and its step; for host and device.
#pragma once

#include <cmath>

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS {

/// A chain on n_dof degrees of freedom. Its state lies in an array: `length` positions, then `length` momenta (eV fs).
/// Masses: n_dof kT time^2 for the first link, kT time^2 for the others.
/// Source: Martyna, Klein, Tuckerman, J. Chem. Phys. 97, 2635 (1992).
struct Chain {
  double* state;
  int length;
  double n_dof;
  double thermal_energy;  ///< eV
  double time;            ///< fs

  [[nodiscard]] MOFK_HD double& position(int j) const { return state[j]; }
  [[nodiscard]] MOFK_HD double& momentum(int j) const { return state[length + j]; }
  [[nodiscard]] MOFK_HD double mass(int j) const { return (j == 0 ? n_dof : 1.0) * thermal_energy * time * time; }
  [[nodiscard]] MOFK_HD double rate(int j) const { return momentum(j) / mass(j); }

  /// What the chain adds to the conserved quantity, eV.
  [[nodiscard]] MOFK_HD double energy() const {
    if (n_dof == 0) return 0;
    double sum = 0;
    for (int j = 0; j < length; ++j) {
      sum += (j == 0 ? n_dof : 1.0) * thermal_energy * position(j) + 0.5 * momentum(j) * rate(j);
    }
    return sum;
  }

  /// Half of dt for the momentum of link j, with half of the drag by the next link before and half after it.
  MOFK_HD void push_momentum(int j, double twice_kinetic, double dt) const {
    const double drag = j + 1 < length ? exp(-0.25 * dt * rate(j + 1)) : 1.0;
    const double target = (j == 0 ? n_dof : 1.0) * thermal_energy;
    const double reached = j == 0 ? twice_kinetic : momentum(j - 1) * rate(j - 1);
    momentum(j) = (momentum(j) * drag + 0.5 * dt * (reached - target)) * drag;
  }

  /// Moves the chain by dt beside coordinates of kinetic energy twice_kinetic / 2; returns the factor of their
  /// velocities. Fourth-order weights: Yoshida, Phys. Lett. A 150, 262 (1990).
  MOFK_HD double advance(double twice_kinetic, double dt) const {
    if (n_dof == 0) return 1;
    const double cube_root = 1.2599210498948731648;  // of 2
    const double outer = 1 / (2 - cube_root);
    double factor = 1;
    for (int part = 0; part < 3; ++part) {
      const double step = dt * (part == 1 ? -cube_root * outer : outer);
      for (int j = length - 1; j >= 0; --j) push_momentum(j, twice_kinetic * factor * factor, step);
      for (int j = 0; j < length; ++j) position(j) += step * rate(j);
      factor *= exp(-step * rate(0));
      for (int j = 0; j < length; ++j) push_momentum(j, twice_kinetic * factor * factor, step);
    }
    return factor;
  }
};

}  // namespace mofkernel::MOFK_NS
