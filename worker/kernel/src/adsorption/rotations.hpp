// Rotation matrices from quaternions; for host and device.
#pragma once

#include <cmath>

#include "backend/backend.hpp"

namespace mofkernel::MOFK_NS::insertion {

/// Row-major matrix of the quaternion (x, y, z; w), which need not have length 1 but is not zero.
MOFK_HD inline void rotation_of_quaternion(double x, double y, double z, double w, double* matrix) {
  const double s = 2 / (x * x + y * y + z * z + w * w);
  matrix[0] = 1 - s * (y * y + z * z);
  matrix[1] = s * (x * y - w * z);
  matrix[2] = s * (x * z + w * y);
  matrix[3] = s * (x * y + w * z);
  matrix[4] = 1 - s * (x * x + z * z);
  matrix[5] = s * (y * z - w * x);
  matrix[6] = s * (x * z - w * y);
  matrix[7] = s * (y * z + w * x);
  matrix[8] = 1 - s * (x * x + y * y);
}

/// A rotation that is uniform over all rotations, from three numbers that are uniform in [0, 1).
/// Source: Shoemake, Graphics Gems III, 124 (1992).
MOFK_HD inline void uniform_rotation(double u1, double u2, double u3, double* matrix) {
  constexpr double kTwoPi = 6.283185307179586;
  const double a = sqrt(1 - u1);
  const double b = sqrt(u1);
  rotation_of_quaternion(a * sin(kTwoPi * u2), a * cos(kTwoPi * u2), b * sin(kTwoPi * u3), b * cos(kTwoPi * u3),
                         matrix);
}

}  // namespace mofkernel::MOFK_NS::insertion
