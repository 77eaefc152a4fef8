// The nearest minimum of a rigid adsorbate in a rigid framework, by one thread: BFGS in the six directions in which it
// moves and turns.
#pragma once

#include <cmath>

#include "adsorption/rigid_gradient.hpp"
#include "adsorption/rotations.hpp"

namespace mofkernel::MOFK_NS::insertion {

/// Largest force, and torque over the size of the adsorbate, at which one is at rest, eV/A.
inline constexpr double kRigidFmax_eV_A = 1e-4;

namespace rigid {

constexpr int kMostSteps = 300;
constexpr int kMostTrials = 14;
constexpr double kLongestStep_A = 0.2;
/// Of the first step: a soft adsorption site has about 1 eV/A^2.
constexpr double kFirstCurvature_eV_A2 = 2;
constexpr double kArmijo = 1e-4;
constexpr double kShrink = 0.4;
/// A pair at the cutoff appears or vanishes with up to about this energy; so little may a step that lowers the forces
/// gain.
constexpr double kEnergyNoise_eV = 2e-5;

/// Off any symmetry element, A: a grid has points on mirror planes and axes, where forces that lead away from a saddle
/// point are zero.
struct Nudge {
  double step[6] = {0.031, -0.023, 0.037, 0.029, 0.041, -0.017};
};

/// A pose with its energy, and the gradient by three translations and three turns times the size, eV/A.
struct Point {
  RigidPose pose;
  double energy_eV;
  double gradient[6];
};

MOFK_HD inline Point evaluate(const HostGuestView& view, const RigidPose& pose, double size) {
  const RigidGradient at = rigid_gradient(view, pose);
  Point point{pose, at.energy_eV, {}};
  for (int k = 0; k < 3; ++k) {
    point.gradient[k] = -at.force[k];
    point.gradient[3 + k] = -at.torque[k] / size;
  }
  return point;
}

/// The pose after a step of six numbers, A; turns are about the center, times the size.
MOFK_HD inline RigidPose moved(const RigidPose& pose, const double* step, double size) {
  RigidPose out = pose;
  for (int k = 0; k < 3; ++k) out.center[k] += step[k];
  const double turn[3] = {step[3] / size, step[4] / size, step[5] / size};
  const double angle = norm3(turn);
  if (angle == 0) return out;
  const double s = sin(0.5 * angle) / angle;
  double matrix[9];
  rotation_of_quaternion(s * turn[0], s * turn[1], s * turn[2], cos(0.5 * angle), matrix);
  for (int row = 0; row < 3; ++row) {
    row_times_matrix(matrix + 3 * row, pose.rotation, out.rotation + 3 * row);
  }
  return out;
}

MOFK_HD inline double dot6(const double* a, const double* b) {
  double sum = 0;
  for (int k = 0; k < 6; ++k) sum += a[k] * b[k];
  return sum;
}

/// The larger one of force and of torque over size, eV/A.
MOFK_HD inline double largest_force(const Point& point) {
  const double force = norm3(point.gradient);
  const double torque = norm3(point.gradient + 3);
  return force > torque ? force : torque;
}

MOFK_HD inline void reset(double (&inverse_hessian)[36]) {
  for (int k = 0; k < 36; ++k) inverse_hessian[k] = k % 7 == 0 ? 1 / kFirstCurvature_eV_A2 : 0.0;
}

/// The BFGS update; pairs without curvature are left out. Source: Nocedal, Wright, Numerical Optimization, eq. 6.17.
MOFK_HD inline void update(double (&inverse_hessian)[36], const double* s, const double* y) {
  const double sy = dot6(s, y);
  if (!(sy > 1e-12)) return;
  double hy[6];
  for (int i = 0; i < 6; ++i) hy[i] = dot6(inverse_hessian + 6 * i, y);
  const double factor = (1 + dot6(y, hy) / sy) / sy;
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < 6; ++j) inverse_hessian[6 * i + j] += factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / sy;
  }
}

/// Down the quasi-Newton direction, or false when nothing on it is better.
MOFK_HD inline bool step_down(const HostGuestView& view, double size, const double (&inverse_hessian)[36],
                              const Point& from, Point& to, double* step) {
  double direction[6];
  for (int i = 0; i < 6; ++i) direction[i] = -dot6(inverse_hessian + 6 * i, from.gradient);
  const double slope = dot6(direction, from.gradient);
  if (!(slope < 0)) return false;
  const double length = sqrt(dot6(direction, direction));
  double scale = length > kLongestStep_A ? kLongestStep_A / length : 1.0;
  for (int trial = 0; trial < kMostTrials; ++trial, scale *= kShrink) {
    for (int k = 0; k < 6; ++k) step[k] = scale * direction[k];
    to = evaluate(view, moved(from.pose, step, size), size);
    const double gain = from.energy_eV - to.energy_eV;
    if (gain >= -kArmijo * scale * slope) return true;
    if (gain > -kEnergyNoise_eV && largest_force(to) < 0.9 * largest_force(from)) return true;
  }
  return false;
}

}  // namespace rigid

/// Relaxes `pose` from a place that does not overlap; returns its energy, and in `max_force_eV_A` what is left. Ends at
/// kRigidFmax_eV_A, or where no step leads down any more.
///   size   of the adsorbate, A: largest distance of a site from the center; 1 for a sphere
MOFK_HD inline double relax_rigid(const HostGuestView& view, double size, RigidPose& pose, double& max_force_eV_A) {
  rigid::Point point = rigid::evaluate(view, rigid::moved(pose, rigid::Nudge{}.step, size), size);
  if (!(point.energy_eV < view.overlap_eV)) point = rigid::evaluate(view, pose, size);
  double inverse_hessian[36];
  rigid::reset(inverse_hessian);
  bool is_fresh = true;
  for (int n = 0; n < rigid::kMostSteps && rigid::largest_force(point) > kRigidFmax_eV_A; ++n) {
    rigid::Point next;
    double step[6];
    if (!rigid::step_down(view, size, inverse_hessian, point, next, step)) {
      if (is_fresh) break;
      rigid::reset(inverse_hessian);
      is_fresh = true;
      continue;
    }
    double change[6];
    for (int k = 0; k < 6; ++k) change[k] = next.gradient[k] - point.gradient[k];
    rigid::update(inverse_hessian, step, change);
    is_fresh = false;
    point = next;
  }
  pose = point.pose;
  max_force_eV_A = rigid::largest_force(point);
  return point.energy_eV;
}

}  // namespace mofkernel::MOFK_NS::insertion
