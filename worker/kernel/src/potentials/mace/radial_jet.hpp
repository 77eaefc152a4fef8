// Numbers that carry their first and second derivative by the distance.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace mofkernel::mace {

/// A function of r at one place: value, derivative, second derivative.
struct Jet {
  double v = 0, d = 0, dd = 0;
};

inline Jet operator+(Jet a, Jet b) { return {a.v + b.v, a.d + b.d, a.dd + b.dd}; }
inline Jet operator-(Jet a, Jet b) { return {a.v - b.v, a.d - b.d, a.dd - b.dd}; }
inline Jet operator*(Jet a, Jet b) {
  return {a.v * b.v, a.d * b.v + a.v * b.d, a.dd * b.v + 2 * a.d * b.d + a.v * b.dd};
}
inline Jet operator+(double a, Jet b) { return {a + b.v, b.d, b.dd}; }
inline Jet operator*(double a, Jet b) { return {a * b.v, a * b.d, a * b.dd}; }

/// f(x) from the values of f, f' and f'' at x.
inline Jet compose(Jet x, double f, double first, double second) {
  return {f, first * x.d, second * x.d * x.d + first * x.dd};
}
inline Jet inverse(Jet x) { return compose(x, 1 / x.v, -1 / (x.v * x.v), 2 / (x.v * x.v * x.v)); }
inline Jet sine(Jet x) { return compose(x, std::sin(x.v), std::cos(x.v), -std::sin(x.v)); }
inline Jet exponential(Jet x) { return compose(x, std::exp(x.v), std::exp(x.v), std::exp(x.v)); }
inline Jet hyperbolic_tangent(Jet x) {
  const double t = std::tanh(x.v);
  return compose(x, t, 1 - t * t, -2 * t * (1 - t * t));
}
/// For x > 0.
inline Jet power(Jet x, double p) {
  return compose(x, std::pow(x.v, p), p * std::pow(x.v, p - 1), p * (p - 1) * std::pow(x.v, p - 2));
}

/// Functions at several distances: [3][n_rows][width], the values first, so that a linear map is one matrix product.
struct JetRows {
  std::size_t n_rows = 0, width = 0;
  std::vector<double> values;

  JetRows(std::size_t n_rows_, std::size_t width_) : n_rows(n_rows_), width(width_), values(3 * n_rows_ * width_) {}

  double* row(std::size_t derivative, std::size_t i) { return values.data() + (derivative * n_rows + i) * width; }
  [[nodiscard]] const double* row(std::size_t derivative, std::size_t i) const {
    return values.data() + (derivative * n_rows + i) * width;
  }
  [[nodiscard]] Jet get(std::size_t i, std::size_t k) const { return {row(0, i)[k], row(1, i)[k], row(2, i)[k]}; }
  void set(std::size_t i, std::size_t k, Jet jet) {
    row(0, i)[k] = jet.v;
    row(1, i)[k] = jet.d;
    row(2, i)[k] = jet.dd;
  }
};

}  // namespace mofkernel::mace
