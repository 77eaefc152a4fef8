#include "potentials/mace/radial_basis.hpp"

namespace mofkernel::mace {
namespace {

/// 1 / (1 + a w^q / (1 + w^(q - p))), w = r / (half the sum of the radii): 1 at contact, falling with the distance.
Jet agnesi(const Transform& t, Jet r, double radius_a, double radius_b) {
  const Jet w = 2 / (radius_a + radius_b) * r;
  const Jet ratio = t.a * (power(w, t.q) * inverse(1.0 + power(w, t.q - t.p)));
  return inverse(1.0 + ratio);
}

/// The distance, pushed towards p0 = 3/4 of the sum of the radii where it is short.
Jet soft(const Transform& t, Jet r, double radius_a, double radius_b) {
  const double sum = radius_a + radius_b;
  const double p0 = 0.75 * sum;
  const double p1 = 4.0 / 3.0 * sum;
  const Jet step = 0.5 * (1.0 + hyperbolic_tangent(t.alpha / (p1 - p0) * (-0.5 * (p0 + p1) + r)));
  return p0 + (-p0 + r) * step;
}

}  // namespace

Jet transform(const Transform& transform, double r_A, double radius_a, double radius_b) {
  const Jet r{r_A, 1, 0};
  switch (transform.kind) {
    case TransformKind::agnesi:
      return agnesi(transform, r, radius_a, radius_b);
    case TransformKind::soft:
      return soft(transform, r, radius_a, radius_b);
    case TransformKind::none:
      break;
  }
  return r;
}

Jet polynomial_cutoff(double r_A, double r_max_A, int exponent) {
  const double n = exponent;
  const Jet xi{r_A / r_max_A, 1 / r_max_A, 0};
  const Jet bracket = -0.5 * (n + 1) * (n + 2) + xi * (n * (n + 2) + -0.5 * n * (n + 1) * xi);
  return 1.0 + power(xi, n) * bracket;
}

void basis_functions(const RadialBasis& basis, Jet x, std::span<Jet> out) {
  const std::vector<double>& w = basis.weights.values;
  const Jet over_x = basis.basis == Basis::bessel ? basis.prefactor * inverse(x) : Jet{};
  Jet before{1, 0, 0};
  Jet now = x;
  for (std::size_t n = 0; n < out.size(); ++n) {
    switch (basis.basis) {
      case Basis::bessel:
        out[n] = over_x * sine(w[n] * x);
        break;
      case Basis::gaussian:
        out[n] = exponential(basis.coefficient * ((-w[n] + x) * (-w[n] + x)));
        break;
      case Basis::chebyshev: {
        out[n] = now;
        const Jet next = 2.0 * (x * now) - before;
        before = now;
        now = next;
        break;
      }
    }
  }
}

}  // namespace mofkernel::mace
