// A made-up convolution: random structures and features, and radial functions that are known exactly.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "potentials/mace/model.hpp"
#include "potentials/mace/radial.hpp"
#include "potentials/mace/spline_fit.hpp"
#include "synthetic.hpp"

namespace mofkernel::convolution_case {

struct Shape {
  int edge_l_max, l_max, n_channels;
  int n_elements = 3;
  int n_knots = 128;
  double r_max_A = 4.5;
};

/// Radial function f of a pair of tables: smooth, and zero with its first two derivatives at r_max.
struct RadialFunction {
  double r_max_A, frequency, phase;

  /// order 0, 1 or 2: value or derivative.
  [[nodiscard]] double at(double r, int order) const {
    if (r >= r_max_A) return 0;
    const double c = 1 - r / r_max_A;
    const double d = -1 / r_max_A;
    const double p[3] = {c * c * c, 3 * c * c * d, 6 * c * d * d};
    const double a = frequency * r + phase;
    const double s[3] = {std::sin(a), frequency * std::cos(a), -frequency * frequency * std::sin(a)};
    if (order == 0) return p[0] * s[0];
    if (order == 1) return p[1] * s[0] + p[0] * s[1];
    return p[2] * s[0] + 2 * p[1] * s[1] + p[0] * s[2];
  }
};

struct ConvolutionCase {
  Shape shape;
  mofkernel::mace::Layer layer;
  mofkernel::mace::RadialTable table;
  std::vector<int> pair_of_elements;

  explicit ConvolutionCase(const Shape& shape_) : shape(shape_) {
    layer.edge_l_max = shape.edge_l_max;
    layer.n_edge_channels = shape.n_channels;
    for (int l1 = 0; l1 <= shape.edge_l_max; ++l1) {
      for (int l2 = 0; l2 <= shape.l_max; ++l2) {
        for (int l3 = std::abs(l1 - l2); l3 <= std::min(shape.l_max, l1 + l2); l3 += 2)
          layer.paths.push_back({l1, l2, l3});
      }
    }
    std::stable_sort(layer.paths.begin(), layer.paths.end(), [](const auto& a, const auto& b) { return a.l3 < b.l3; });
    // Of three elements, every ordered pair of the first two has its own table; the third has that of the first.
    const int n = shape.n_elements;
    for (int s = 0; s < n; ++s) {
      for (int t = 0; t < n; ++t) pair_of_elements.push_back(s % 2 * std::min(n, 2) + t % 2);
    }
    tabulate();
  }

  /// The weights of the paths, then the density.
  [[nodiscard]] int n_functions() const { return static_cast<int>(layer.paths.size()) * shape.n_channels + 1; }

  [[nodiscard]] RadialFunction function(int pair, int f) const {
    return {shape.r_max_A, 0.3 + 0.37 * (f % 7) + 0.1 * pair, 0.9 * (f % 11) + 1.3 * pair};
  }

 private:
  void tabulate() {
    const int n_pairs = 1 + *std::max_element(pair_of_elements.begin(), pair_of_elements.end());
    table.first_knot_A = 0.4;
    table.stretch_A = 2;
    table.n_knots = shape.n_knots;
    table.n_functions = n_functions();
    table.knots_per_log = (shape.n_knots - 1) / std::log1p((shape.r_max_A - table.first_knot_A) / table.stretch_A);
    const mofkernel::mace::SplineFit fit(static_cast<std::size_t>(shape.n_knots - 1));
    for (int pair = 0; pair < n_pairs; ++pair) {
      const std::vector<double> coefficients = fit.coefficients(at_knots(pair));
      table.values.insert(table.values.end(), coefficients.begin(), coefficients.end());
    }
  }

  /// With derivatives by the place among the knots.
  [[nodiscard]] mofkernel::mace::JetRows at_knots(int pair) const {
    mofkernel::mace::JetRows rows(static_cast<std::size_t>(shape.n_knots), static_cast<std::size_t>(n_functions()));
    for (int knot = 0; knot < shape.n_knots; ++knot) {
      const double r = table.first_knot_A + table.stretch_A * std::expm1(knot / table.knots_per_log);
      // The distance by the place; its second derivative is that over knots_per_log.
      const double slope = (table.stretch_A + r - table.first_knot_A) / table.knots_per_log;
      const mofkernel::mace::Jet distance{r, slope, slope / table.knots_per_log};
      for (int f = 0; f < n_functions(); ++f) {
        const RadialFunction radial = function(pair, f);
        rows.set(static_cast<std::size_t>(knot), static_cast<std::size_t>(f),
                 mofkernel::mace::compose(distance, radial.at(r, 0), radial.at(r, 1), radial.at(r, 2)));
      }
    }
    return rows;
  }
};

class RandomNumbers {
 public:
  explicit RandomNumbers(unsigned seed) : engine_(seed) {}

  /// Exact in single precision too, so that only the arithmetic is rounded.
  std::vector<double> several(std::size_t n) {
    std::vector<double> numbers(n);
    for (double& number : numbers) number = static_cast<float>(uniform_(engine_));
    return numbers;
  }

 private:
  std::mt19937 engine_;
  std::uniform_real_distribution<double> uniform_{-1, 1};
};

}  // namespace mofkernel::convolution_case
