#include "adsorption/guest.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "adsorption/rotations.hpp"
#include "errors.hpp"

namespace mofkernel::adsorption {

namespace {

using cpu::insertion::rotation_of_quaternion;
using Vector = std::array<double, 3>;

/// Published geometries have three or four digits; rounding must not turn a linear molecule into a bent one.
constexpr double kSamePlace_A = 1e-6;

double norm(const Vector& v) { return std::hypot(v[0], v[1], v[2]); }

Vector cross(const Vector& a, const Vector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

/// Direction from the center to the farthest site, or nothing for a sphere.
std::optional<Vector> axis_of(const Adsorbate& adsorbate) {
  const auto farthest = std::max_element(
      adsorbate.sites.begin(), adsorbate.sites.end(),
      [](const AdsorbateSite& a, const AdsorbateSite& b) { return norm(a.position) < norm(b.position); });
  if (farthest == adsorbate.sites.end() || norm(farthest->position) < kSamePlace_A) return std::nullopt;
  const double length = norm(farthest->position);
  return Vector{farthest->position[0] / length, farthest->position[1] / length, farthest->position[2] / length};
}

bool is_linear(const Adsorbate& adsorbate, const Vector& axis) {
  return std::all_of(adsorbate.sites.begin(), adsorbate.sites.end(),
                     [&](const AdsorbateSite& site) { return norm(cross(site.position, axis)) < kSamePlace_A; });
}

/// Does the adsorbate look the same from both ends?
bool has_like_ends(const Adsorbate& adsorbate) {
  return std::all_of(adsorbate.sites.begin(), adsorbate.sites.end(), [&](const AdsorbateSite& site) {
    return std::any_of(adsorbate.sites.begin(), adsorbate.sites.end(), [&](const AdsorbateSite& other) {
      return norm({site.position[0] + other.position[0], site.position[1] + other.position[1],
                   site.position[2] + other.position[2]}) < kSamePlace_A &&
             site.epsilon_eV == other.epsilon_eV && site.sigma_A == other.sigma_A && site.charge_e == other.charge_e;
    });
  });
}

/// The rotation by the smallest angle that turns unit vector `from` into unit vector `to`.
Rotation turn(const Vector& from, const Vector& to) {
  const Vector axis = cross(from, to);
  const double cosine = from[0] * to[0] + from[1] * to[1] + from[2] * to[2];
  Rotation rotation;
  if (cosine > -1 + 1e-12) {
    rotation_of_quaternion(axis[0], axis[1], axis[2], 1 + cosine, rotation.data());
  } else {
    // Half a turn about anything perpendicular.
    const Vector normal = std::abs(from[0]) < 0.7 ? cross(from, {1, 0, 0}) : cross(from, {0, 1, 0});
    rotation_of_quaternion(normal[0], normal[1], normal[2], 0, rotation.data());
  }
  return rotation;
}

std::vector<Rotation> spread_directions(const Vector& axis, bool has_like_ends, int n) {
  std::vector<Rotation> rotations;
  for (int i = 0; i < n; ++i) {
    const double z = 1 - (has_like_ends ? 1.0 : 2.0) * (i + 0.5) / n;
    const double angle = 2 * std::numbers::pi * i / std::numbers::phi;
    const double radius = std::sqrt(1 - z * z);
    rotations.push_back(turn(axis, {radius * std::cos(angle), radius * std::sin(angle), z}));
  }
  return rotations;
}

std::vector<Rotation> spread_rotations(int n) {
  // Alexa's constants: phi^2 = 2, and psi the positive root of psi^4 = psi + 4.
  constexpr double kPhi = std::numbers::sqrt2;
  constexpr double kPsi = 1.533751168755204288118041413;
  std::vector<Rotation> rotations(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    const double s = i + 0.5;
    const double inner = std::sqrt(s / n);
    const double outer = std::sqrt(1 - s / n);
    const double alpha = 2 * std::numbers::pi * s / kPhi;
    const double beta = 2 * std::numbers::pi * s / kPsi;
    rotation_of_quaternion(inner * std::sin(alpha), inner * std::cos(alpha), outer * std::sin(beta),
                           outer * std::cos(beta), rotations[static_cast<std::size_t>(i)].data());
  }
  return rotations;
}

bool is_finite(const AdsorbateSite& site) {
  return std::isfinite(site.epsilon_eV) && std::isfinite(site.sigma_A) && std::isfinite(site.charge_e) &&
         std::all_of(site.position.begin(), site.position.end(), [](double x) { return std::isfinite(x); });
}

}  // namespace

Guest make_guest(const Adsorbate& adsorbate) {
  Guest guest;
  for (const AdsorbateSite& site : adsorbate.sites) {
    if (!is_finite(site) || site.epsilon_eV < 0 || site.sigma_A < 0) {
      throw KernelError(ErrorCode::bad_request,
                        "site '" + site.name + "' of adsorbate '" + adsorbate.name + "' has a number that is none");
    }
    const SiteKind kind{site.epsilon_eV, site.sigma_A, site.charge_e};
    if (!kind.has_lennard_jones() && kind.charge_e == 0) continue;
    const auto known = std::find(guest.kinds.begin(), guest.kinds.end(), kind);
    guest.kind_of_site.push_back(static_cast<int>(known - guest.kinds.begin()));
    if (known == guest.kinds.end()) guest.kinds.push_back(kind);
    guest.positions.push_back(site.position);
  }
  if (guest.kinds.empty()) {
    throw KernelError(ErrorCode::bad_request, "adsorbate '" + adsorbate.name + "' has no site that interacts");
  }
  return guest;
}

std::vector<Rotation> spread_orientations(const Adsorbate& adsorbate, int n) {
  const std::optional<Vector> axis = axis_of(adsorbate);
  if (!axis) return {Rotation{1, 0, 0, 0, 1, 0, 0, 0, 1}};
  if (is_linear(adsorbate, *axis)) return spread_directions(*axis, has_like_ends(adsorbate), n);
  return spread_rotations(n);
}

}  // namespace mofkernel::adsorption
