// Radial functions against the values of mace-torch 0.3.16 and against their own derivatives; tables against the
// functions.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <random>

#include "check.hpp"
#include "errors.hpp"
#include "potentials/mace/activation.hpp"
#include "potentials/mace/convolution_radial.hpp"
#include "potentials/mace/radial.hpp"
#include "potentials/mace/radial_basis.hpp"
#include "protocol/json.hpp"
#include "scratch_folder.hpp"

namespace mofkernel::mace {
namespace {

const char* const kFixtures[] = {"fixture-residual", "fixture-agnostic", "fixture-density", "fixture-nonlinear",
                                 "fixture-float32"};

Model fixture(const std::string& name) {
  return read_model(std::filesystem::path(MOFK_TEST_REFERENCE_DIR) / "mace" / name);
}

struct Values {
  std::vector<double> value, first, second;
};

Values evaluate(const RadialFunctions& functions, double r_A, int sender, int receiver) {
  const std::vector<double> empty(static_cast<std::size_t>(functions.n_functions()));
  Values v{empty, empty, empty};
  functions.evaluate(r_A, sender, receiver, v.value.data(), v.first.data(), v.second.data());
  return v;
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double x : values) most = std::max(most, std::abs(x));
  return most;
}

/// body(functions) for every layer of every fixture.
template <class Body>
void for_all_layers(Body body) {
  for (const char* name : kFixtures) {
    const Model model = fixture(name);
    for (int layer = 0; layer < static_cast<int>(model.layers.size()); ++layer)
      body(model, layer, RadialFunctions(model, layer));
  }
}

std::vector<std::array<int, 2>> all_pairs(const Model& model) {
  std::vector<std::array<int, 2>> pairs;
  for (int sender = 0; sender < model.n_elements(); ++sender) {
    for (int receiver = 0; receiver < model.n_elements(); ++receiver) pairs.push_back({sender, receiver});
  }
  return pairs;
}

/// The largest value and the largest slope of a pair's functions beyond 0.5 A: what the errors of a table refer to.
std::array<double, 2> scales_of(const RadialFunctions& functions, const std::array<int, 2>& pair) {
  std::array<double, 2> scales{};
  for (double r = 0.5; r < functions.r_max_A(); r += 0.02) {
    const Values at = evaluate(functions, r, pair[0], pair[1]);
    scales = {std::max(scales[0], largest(at.value)), std::max(scales[1], largest(at.first))};
  }
  return scales;
}

/// What the convolution makes of a table at one distance: values and slopes of all functions.
Values interpolate_all(const RadialTable& table, std::size_t pair, double r_A) {
  const auto at = cpu::mace::interpolate(cpu::mace::knot_grid_of<double>(table), r_A);
  const auto n = static_cast<std::size_t>(table.n_functions);
  const double* const from =
      table.values.data() + (pair * static_cast<std::size_t>(table.n_rows()) + static_cast<std::size_t>(at.row)) * n;
  Values v{std::vector<double>(n), std::vector<double>(n), {}};
  for (std::size_t c = 0; c < kSplineRows; ++c) {
    for (std::size_t k = 0; k < n; ++k) {
      v.value[k] += at.weight[c] * from[c * n + k];
      v.first[k] += at.slope[c] * from[c * n + k];
    }
  }
  return v;
}

}  // namespace

// r_max 6 A, 8 functions, exponent 5, r 2.5 A.
TEST(bessel_functions_and_cutoff_are_those_of_mace_torch) {
  RadialBasis basis;
  basis.n_basis = 8;
  basis.prefactor = std::sqrt(2.0 / 6.0);
  basis.weights = {{8}, {}};
  for (int n = 1; n <= 8; ++n) basis.weights.values.push_back(n * M_PI / 6.0);
  std::vector<Jet> b(8);
  basis_functions(basis, {2.5, 1, 0}, b);
  const double expected[] = {0.22307101, 0.11547005, -0.16329932, -0.2, 0.0597717, 0.23094011, 0.0597717, -0.2};
  for (std::size_t n = 0; n < 8; ++n) CHECK_CLOSE(b[n].v, expected[n], 5e-9, 0);
  CHECK_CLOSE(polynomial_cutoff(2.5, 6.0, 5).v, 0.8867102938, 5e-11, 0);
}

TEST(gaussian_and_chebyshev_functions_follow_their_definitions) {
  RadialBasis basis;
  basis.basis = Basis::gaussian;
  basis.coefficient = -2.0;
  basis.weights = {{2}, {0.5, 1.5}};
  std::vector<Jet> b(2);
  basis_functions(basis, {1.2, 1, 0}, b);
  CHECK_CLOSE(b[0].v, std::exp(-2 * 0.49), 1e-15, 0);
  CHECK_CLOSE(b[1].d, -4 * (1.2 - 1.5) * std::exp(-2 * 0.09), 1e-15, 0);
  basis.basis = Basis::chebyshev;
  b.resize(3);
  basis_functions(basis, {0.3, 1, 0}, b);
  CHECK_CLOSE(b[0].v, 0.3, 1e-15, 0);
  CHECK_CLOSE(b[1].v, std::cos(2 * std::acos(0.3)), 1e-15, 0);
  CHECK_CLOSE(b[2].v, std::cos(3 * std::acos(0.3)), 1e-15, 0);
}

// C and O (radii 0.76 and 0.66 A) at 1.43 A, defaults of mace-torch.
TEST(distance_transforms_are_those_of_mace_torch) {
  Transform agnesi;
  agnesi.kind = TransformKind::agnesi;
  agnesi.q = 0.9183;
  agnesi.p = 4.5791;
  agnesi.a = 1.0805;
  CHECK_CLOSE(transform(agnesi, 1.43, 0.76, 0.66).v, 0.34385775710, 5e-12, 0);
  Transform soft;
  soft.kind = TransformKind::soft;
  soft.alpha = 4;
  CHECK_CLOSE(transform(soft, 1.43, 0.76, 0.66).v, 1.20496624778, 5e-12, 0);
}

// mace_radial.json; 1e-12 of the largest, as both compute in double.
TEST(radial_functions_and_derivatives_are_those_of_mace_torch) {
  const json::Value file = json::parse(read_text(std::filesystem::path(MOFK_TEST_REFERENCE_DIR) / "mace_radial.json"));
  for (const json::Value& c : file.at("cases").array()) {
    const auto index = [&](const char* key) { return static_cast<int>(c.at(key).integer()); };
    const Model model = fixture(c.at("model").text());
    const RadialFunctions functions(model, index("layer"));
    const Values found = evaluate(functions, c.at("r_A").number(), index("sender"), index("receiver"));
    const auto check = [&](const std::vector<double>& values, const char* key) {
      CHECK(values.size() == c.at(key).array().size());
      for (std::size_t k = 0; k < values.size(); ++k)
        CHECK_CLOSE(values[k], c.at(key).at(k).number(), 1e-12 * (1 + largest(values)), 0);
    };
    check(found.value, "values");
    check(found.first, "derivatives_per_A");
  }
}

// Second-order differences with h = 1e-4: an error of h^2 / 6 times the third derivative.
TEST(derivatives_of_activations_are_those_of_their_values) {
  const double h = 1e-4;
  for (const ActivationName name : {ActivationName::silu, ActivationName::tanh, ActivationName::abs,
                                    ActivationName::sigmoid, ActivationName::none}) {
    for (const double x : {-3.0, -0.4, 0.2, 2.5}) {
      const auto f = cpu::mace::activate(name, x);
      const auto above = cpu::mace::activate(name, x + h);
      const auto below = cpu::mace::activate(name, x - h);
      CHECK_CLOSE(f.first, (above.value - below.value) / (2 * h), 1e-8, 0);
      CHECK_CLOSE(f.second, (above.first - below.first) / (2 * h), 1e-8, 0);
      CHECK_CLOSE(static_cast<double>(cpu::mace::activate(name, static_cast<float>(x)).value), f.value, 1e-6, 0);
    }
  }
}

TEST(derivatives_of_radial_functions_are_those_of_their_values) {
  const double h = 1e-5;
  for_all_layers([&](const Model& model, int, const RadialFunctions& functions) {
    for (const auto& [sender, receiver] : all_pairs(model)) {
      for (const double r : {0.7, 1.4, 2.9, 4.2}) {
        const Values at = evaluate(functions, r, sender, receiver);
        const Values above = evaluate(functions, r + h, sender, receiver);
        const Values below = evaluate(functions, r - h, sender, receiver);
        for (std::size_t k = 0; k < at.value.size(); ++k) {
          CHECK_CLOSE(at.first[k], (above.value[k] - below.value[k]) / (2 * h), 1e-8 * (1 + largest(at.second)), 0);
          CHECK_CLOSE(at.second[k], (above.first[k] - below.first[k]) / (2 * h), 1e-7 * (1 + largest(at.second)), 0);
        }
      }
    }
  });
}

TEST(radial_functions_reach_zero_at_the_cutoff_with_no_step) {
  for_all_layers([](const Model& model, int, const RadialFunctions& functions) {
    const Values before = evaluate(functions, model.r_max_A * (1 - 1e-7), 0, 1);
    const Values behind = evaluate(functions, model.r_max_A, 0, 1);
    CHECK(largest(before.value) < 1e-12 && largest(before.first) < 1e-8);
    CHECK(largest(behind.value) == 0 && largest(behind.first) == 0 && largest(behind.second) == 0);
  });
}

TEST(radial_functions_depend_on_elements_as_far_as_is_told) {
  for_all_layers([](const Model& model, int layer, const RadialFunctions& functions) {
    const Values one = evaluate(functions, 1.3, 0, 1);
    const Values swapped = evaluate(functions, 1.3, 1, 0);
    const Values other = evaluate(functions, 1.3, 0, 2);
    const PairDependence dependence = pair_dependence(model, layer);
    CHECK((one.value == swapped.value) == (dependence != PairDependence::ordered));
    CHECK((one.value == other.value) == (dependence == PairDependence::none));
  });
}

TEST(the_density_lies_between_zero_and_one_and_behind_the_weights) {
  for_all_layers([](const Model& model, int layer, const RadialFunctions& functions) {
    const Layer& of_model = model.layers[static_cast<std::size_t>(layer)];
    const auto n_weights = static_cast<int>(of_model.paths.size()) * of_model.n_edge_channels;
    CHECK(functions.n_functions() == n_weights + (functions.has_density() ? 1 : 0));
    if (!functions.has_density()) return;
    const double density = evaluate(functions, 1.1, 0, 1).value.back();
    CHECK(density > 0 && density < 1);
  });
}

// The errors that a table tells are those seen at its own random distances: elsewhere they may be a little larger, and
// the factor 3 leaves room for that.
TEST(tables_are_as_good_as_they_say_at_distances_they_have_not_seen) {
  std::mt19937_64 random(11);
  for_all_layers([&](const Model& model, int, const RadialFunctions& functions) {
    const auto pairs = all_pairs(model);
    for (const double tolerance : {1e-5, 1e-9}) {
      const RadialTable table = tabulate(functions, pairs, tolerance);
      CHECK(table.largest_error <= tolerance && table.largest_derivative_error <= tolerance);
      for (int k = 0; k < 100; ++k) {
        const std::size_t pair = random() % pairs.size();
        const double r = kFirstKnot_A + (model.r_max_A - kFirstKnot_A) * static_cast<double>(random() % 100000) / 1e5;
        const Values exact = evaluate(functions, r, pairs[pair][0], pairs[pair][1]);
        const Values found = interpolate_all(table, pair, r);
        const double allowed = 3 * tolerance * (r < 0.5 ? 100 : 1);
        const auto [value_scale, slope_scale] = scales_of(functions, pairs[pair]);
        for (std::size_t f = 0; f < exact.value.size(); ++f) {
          CHECK_CLOSE(found.value[f], exact.value[f], allowed * value_scale, 0);
          CHECK_CLOSE(found.first[f], exact.first[f], allowed * slope_scale, 0);
        }
      }
    }
  });
}

TEST(a_table_meets_its_functions_at_both_ends) {
  const Model model = fixture("fixture-density");
  const RadialFunctions functions(model, 1);
  const auto pairs = all_pairs(model);
  const RadialTable table = tabulate(functions, pairs, 1e-7);
  for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
    const Values exact = evaluate(functions, kFirstKnot_A, pairs[pair][0], pairs[pair][1]);
    const Values first = interpolate_all(table, pair, kFirstKnot_A);
    for (std::size_t f = 0; f < exact.value.size(); ++f) CHECK_CLOSE(first.value[f], exact.value[f], 1e-12, 0);
    CHECK(largest(interpolate_all(table, pair, model.r_max_A).value) < 1e-12);
  }
}

TEST(a_table_has_the_same_bits_whatever_the_threads) {
  const Model model = fixture("fixture-nonlinear");
  const RadialFunctions functions(model, 1);
  const auto pairs = all_pairs(model);
  const RadialTable one = tabulate(functions, pairs, 1e-5, 1);
  const RadialTable three = tabulate(functions, pairs, 1e-5, 3);
  CHECK(one.n_knots == three.n_knots && one.stretch_A == three.stretch_A && one.values == three.values);
}

TEST(a_table_of_no_pairs_is_empty) {
  const Model model = fixture("fixture-residual");
  CHECK(tabulate(RadialFunctions(model, 0), {}, 1e-5).values.empty());
}

TEST(radial_functions_that_overflow_are_refused) {
  Model model = fixture("fixture-residual");
  for (double& w : model.layers[0].radial.back().weight.values) w = 1e308;
  const std::vector<std::array<int, 2>> pairs{{0, 1}};
  CHECK_THROWS_CODE((void)tabulate(RadialFunctions(model, 0), pairs, 1e-5), ErrorCode::unsupported);
}

TEST(a_nonlinear_block_without_hidden_layers_is_unsupported) {
  Model model = fixture("fixture-nonlinear");
  model.layers[0].radial.erase(model.layers[0].radial.begin(), model.layers[0].radial.end() - 1);
  CHECK_THROWS_CODE(RadialFunctions(model, 0), ErrorCode::unsupported);
}

}  // namespace mofkernel::mace
