#include "potentials/mace/couplings.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "errors.hpp"

namespace mofkernel::mace {
namespace {

/// Exact for the product of three harmonics: a polynomial of degree 3 kMostDegree.
constexpr std::size_t kLatitudes = 3 * kMostDegree / 2 + 1;
constexpr std::size_t kLongitudes = 3 * kMostDegree + 1;
/// The smallest coefficient that is not zero is above 1e-3; rounding is below 1e-14.
constexpr double kZero = 1e-10;

using Harmonics = std::array<double, (kMostDegree + 1) * (kMostDegree + 1)>;

struct Node {
  double x, weight;
};

/// Gauss-Legendre nodes and weights on [-1, 1] by Newton's method (Abramowitz and Stegun, 25.4.29).
std::array<Node, kLatitudes> gauss_legendre() {
  std::array<Node, kLatitudes> nodes;
  const auto n = static_cast<double>(kLatitudes);
  for (std::size_t k = 0; k < kLatitudes; ++k) {
    double x = std::cos(std::numbers::pi * (static_cast<double>(k) + 0.75) / (n + 0.5));
    double slope = 0;
    for (int step = 0; step < 20; ++step) {
      double before = 1;
      double now = x;
      for (double l = 1; l < n; ++l) before = std::exchange(now, ((2 * l + 1) * x * now - l * before) / (l + 1));
      slope = n * (before - x * now) / (1 - x * x);
      x -= now / slope;
    }
    nodes[k] = {x, 2 / ((1 - x * x) * slope * slope)};
  }
  return nodes;
}

/// P_l^m(x) without the Condon-Shortley phase, times sqrt((l - m)! / (l + m)!), and sqrt(2) for m > 0.
double legendre(int l, int m, double x) {
  double now = 1;
  const double sine = std::sqrt(1 - x * x);
  for (int k = 1; k <= m; ++k) now *= (2 * k - 1) * sine;
  double before = 0;
  for (int k = m; k < l; ++k) before = std::exchange(now, ((2 * k + 1) * x * now - (k + m) * before) / (k - m + 1));
  double norm = m > 0 ? 2 : 1;
  for (int k = l - m + 1; k <= l + m; ++k) norm /= k;
  return std::sqrt(norm) * now;
}

/// Real harmonics in e3nn's order of axes (polar axis y, azimuth from z to x), m = -l ... l, up to a factor for each l.
Harmonics harmonics_at(double latitude_cosine, double azimuth) {
  Harmonics y;
  for (int l = 0; l <= kMostDegree; ++l) {
    for (int m = -l; m <= l; ++m) {
      const double wave = m < 0 ? std::sin(-m * azimuth) : std::cos(m * azimuth);
      y[static_cast<std::size_t>(l * l + l + m)] = legendre(l, std::abs(m), latitude_cosine) * wave;
    }
  }
  return y;
}

struct QuadraturePoint {
  Harmonics y;
  double weight;
};

std::vector<QuadraturePoint> make_quadrature() {
  std::vector<QuadraturePoint> points;
  for (const Node& node : gauss_legendre()) {
    for (std::size_t k = 0; k < kLongitudes; ++k) {
      const double azimuth = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(kLongitudes);
      points.push_back({harmonics_at(node.x, azimuth), node.weight});
    }
  }
  return points;
}

double integral(const std::vector<QuadraturePoint>& points, std::size_t a, std::size_t b, std::size_t c) {
  double sum = 0;
  for (const QuadraturePoint& point : points) sum += point.weight * point.y[a] * point.y[b] * point.y[c];
  return sum;
}

}  // namespace

std::vector<CouplingEntry> coupling_of(const Path& path) {
  const auto [l1, l2, l3] = path;
  if (l1 > kMostDegree || l2 > kMostDegree || l3 > kMostDegree || (l1 + l2 + l3) % 2 != 0)
    throw KernelError(ErrorCode::unsupported, "MACE couplings of an odd sum of degrees, or of degrees above " +
                                                  std::to_string(kMostDegree) + ", are not computed");
  static const std::vector<QuadraturePoint> kQuadrature = make_quadrature();
  const auto index = [](int l, int m) { return static_cast<std::size_t>(l * l + m); };
  std::vector<CouplingEntry> entries;
  double square = 0;
  for (int m1 = 0; m1 <= 2 * l1; ++m1) {
    for (int m2 = 0; m2 <= 2 * l2; ++m2) {
      for (int m3 = 0; m3 <= 2 * l3; ++m3) {
        const double value = integral(kQuadrature, index(l1, m1), index(l2, m2), index(l3, m3));
        if (std::abs(value) < kZero) continue;
        entries.push_back({m1, m2, m3, value});
        square += value * value;
      }
    }
  }
  const double scale = std::sqrt((2 * l3 + 1) / square);
  for (CouplingEntry& entry : entries) entry.value *= scale;
  return entries;
}

}  // namespace mofkernel::mace
