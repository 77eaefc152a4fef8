// The convolution against its formula written out over edges, and its adjoint against differences of that.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "check.hpp"
#include "convolution_case.hpp"
#include "device.hpp"
#include "device_copy.hpp"
#include "potentials/mace/convolution.hpp"
#include "potentials/mace/couplings.hpp"
#include "potentials/mace/harmonics.hpp"
#include "potentials/potential.hpp"

namespace mofkernel::MOFK_NS::mace {

namespace {

using convolution_case::ConvolutionCase, convolution_case::RandomNumbers, convolution_case::Shape;
using mofkernel::mace::CouplingEntry, mofkernel::mace::Path;
using synthetic::Matrix;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

struct HostEdge {
  int sender, receiver;
  int place;         ///< of the sender's edge to the receiver
  double vector[3];  ///< sender to receiver, A
};

/// What all tests start from: a structure, its edges, and features of its atoms.
template <class T>
struct Setup {
  ConvolutionCase c;
  const Context& context;
  std::vector<Structure> structures;
  Batch batch;
  Edges<T> edges;
  std::vector<int> elements;
  int n_atoms;
  std::vector<double> u;       ///< [n_atoms][rows of features][channels]
  std::vector<double> weight;  ///< [n_atoms][n_rows][channels] dE/dA
  std::vector<double> density_weight;
  Buffer<int> device_elements, sender_row;

  Setup(const Shape& shape, const Context& context_, std::vector<Structure> structures_, int n_rows)
      : c(shape),
        context(context_),
        structures(std::move(structures_)),
        batch(make_batch(context, structures)),
        edges(context, batch, shape.r_max_A),
        n_atoms(batch.n_atoms),
        device_elements(context),
        sender_row(context) {
    std::vector<int> rows;
    for (int i = 0; i < n_atoms; ++i) {
      elements.push_back((i * 7 + 1) % shape.n_elements);
      rows.push_back(n_atoms - 1 - i);  // any order will do
    }
    device_elements.upload(elements);
    sender_row.upload(rows);
    RandomNumbers random(77);
    u = random.several(index(n_atoms) * feature_size());
    weight = random.several(index(n_atoms) * index(n_rows * shape.n_channels));
    density_weight = random.several(index(n_atoms));
    do edges.update(batch);
    while (!edges.confirm());
  }

  [[nodiscard]] std::size_t feature_size() const { return index(n_harmonics(c.shape.edge_l_max) * c.shape.n_channels); }

  [[nodiscard]] std::vector<HostEdge> host_edges() const {
    const EdgeView<T> view = edges.view();
    const std::vector<int> first = copy_from_device(context, view.first, index(n_atoms) + 1);
    const std::vector<int> count = copy_from_device(context, view.count, index(n_atoms));
    const std::vector<int> neighbor = copy_from_device(context, view.neighbor, index(first.back()));
    const std::vector<double> vector = copy_from_device(context, view.vector, 3 * index(first.back()));
    std::vector<HostEdge> all;
    for (int i = 0; i < n_atoms; ++i) {
      for (int e = first[index(i)]; e < first[index(i)] + count[index(i)]; ++e) {
        const double* const v = vector.data() + 3 * index(e);
        all.push_back({i, neighbor[index(e)], e, {v[0], v[1], v[2]}});
      }
    }
    return all;
  }
};

template <class T>
std::vector<T> rounded(const std::vector<double>& values) {
  return std::vector<T>(values.begin(), values.end());
}

/// Paths and harmonics of one edge, written out.
struct Formula {
  const ConvolutionCase& c;
  std::vector<std::vector<CouplingEntry>> couplings;
  std::vector<int> first_row, row_stride;
  int n_rows = 0;

  explicit Formula(const ConvolutionCase& c_) : c(c_) {
    for (const Path& path : c.layer.paths) couplings.push_back(mofkernel::mace::coupling_of(path));
    for (std::size_t p = 0; p < c.layer.paths.size(); ++p) {
      const int l3 = c.layer.paths[p].l3;
      int order = 0;
      int stride = 0;
      int before = 0;
      for (std::size_t q = 0; q < c.layer.paths.size(); ++q) {
        if (c.layer.paths[q].l3 == l3) {
          ++stride;
          order += q < p ? 1 : 0;
        }
        if (c.layer.paths[q].l3 < l3) before += 2 * c.layer.paths[q].l3 + 1;
      }
      first_row.push_back(before + order);
      row_stride.push_back(stride);
      n_rows += 2 * l3 + 1;
    }
  }

  /// visit(row, channel, row of the feature, factor) for every product that an edge adds to a message; visit_density
  /// (value).
  template <class Visit, class VisitDensity>
  void for_each_product(int pair, const double* v, Visit visit, VisitDensity visit_density) const {
    const double r = std::hypot(v[0], v[1], v[2]);
    double y[25];
    Harmonics<4, double>(v[0] / r, v[1] / r, v[2] / r).values(y);
    const int n_channels = c.shape.n_channels;
    for (std::size_t p = 0; p < couplings.size(); ++p) {
      const Path& path = c.layer.paths[p];
      for (int k = 0; k < n_channels; ++k) {
        const double radial = c.function(pair, static_cast<int>(p) * n_channels + k).at(r, 0);
        for (const CouplingEntry& entry : couplings[p]) {
          visit(first_row[p] + entry.m3 * row_stride[p], k, path.l1 * path.l1 + entry.m1,
                radial * entry.value * y[path.l2 * path.l2 + entry.m2]);
        }
      }
    }
    visit_density(c.function(pair, c.n_functions() - 1).at(r, 0));
  }
};

int pair_of(const ConvolutionCase& c, int sender, int receiver) {
  return c.pair_of_elements[index(sender * c.shape.n_elements + receiver)];
}

/// Messages, and after them the densities.
template <class T>
std::vector<double> written_out(const Setup<T>& s, const Formula& formula) {
  const int n_channels = s.c.shape.n_channels;
  const std::size_t size = index(formula.n_rows * n_channels);
  std::vector<double> a(index(s.n_atoms) * (size + 1));
  for (const HostEdge& edge : s.host_edges()) {
    const double* const u = s.u.data() + index(s.n_atoms - 1 - edge.sender) * s.feature_size();
    double* const out = a.data() + index(edge.receiver) * size;
    formula.for_each_product(
        pair_of(s.c, s.elements[index(edge.sender)], s.elements[index(edge.receiver)]), edge.vector,
        [&](int row, int k, int feature, double factor) {
          out[index(row * n_channels + k)] += factor * u[feature * n_channels + k];
        },
        [&](double density) { a[index(s.n_atoms) * size + index(edge.receiver)] += density; });
  }
  return a;
}

/// The part of E = sum of weight A + sum of density_weight density that one edge brings.
template <class T>
double energy_of(const Setup<T>& s, const Formula& formula, const HostEdge& edge, const double* vector) {
  const int n_channels = s.c.shape.n_channels;
  const double* const u = s.u.data() + index(s.n_atoms - 1 - edge.sender) * s.feature_size();
  const double* const weight = s.weight.data() + index(edge.receiver * formula.n_rows * n_channels);
  double energy = 0;
  formula.for_each_product(
      pair_of(s.c, s.elements[index(edge.sender)], s.elements[index(edge.receiver)]), vector,
      [&](int row, int k, int feature, double factor) {
        energy += weight[row * n_channels + k] * factor * u[feature * n_channels + k];
      },
      [&](double density) { energy += s.density_weight[index(edge.receiver)] * density; });
  return energy;
}

template <class T, class Loops>
std::vector<T> value(const Setup<T>& s, const Loops& loops) {
  const Buffer<T> u(s.context, std::span<const T>(rounded<T>(s.u)));
  Buffer<T> a(s.context, index(s.n_atoms * loops.n_rows() * s.c.shape.n_channels));
  Buffer<T> density(s.context, index(s.n_atoms));
  loops.value(s.edges.view(), s.n_atoms, s.device_elements.data(), u.data(), s.sender_row.data(), a.data(),
              density.data());
  std::vector<T> all = a.to_host();
  for (const T x : density.to_host()) all.push_back(x);
  return all;
}

struct Gradients {
  std::vector<double> of_u;
  std::vector<double> of_edges;  ///< [3] in the order of host_edges()
};

template <class T, class Loops>
Gradients adjoint(Setup<T>& s, const Loops& loops, bool wants_u = true) {
  const Buffer<T> u(s.context, std::span<const T>(rounded<T>(s.u)));
  const Buffer<T> grad_a(s.context, std::span<const T>(rounded<T>(s.weight)));
  const Buffer<T> grad_density(s.context, std::span<const T>(rounded<T>(s.density_weight)));
  Buffer<T> grad_u(s.context, s.u.size());
  grad_u.fill_zero();
  s.edges.update(s.batch);  // clears what an adjoint before has left
  loops.adjoint(s.edges.view(), s.n_atoms, s.device_elements.data(), u.data(), s.sender_row.data(), grad_a.data(),
                grad_density.data(), wants_u ? grad_u.data() : nullptr, s.edges.gradients());
  const std::vector<T> of_u = grad_u.to_host();
  const std::vector<T> places =
      copy_from_device<T>(s.context, s.edges.gradients(),
                          3 * index(copy_from_device(s.context, s.edges.view().first, index(s.n_atoms) + 1).back()));
  Gradients gradients{{of_u.begin(), of_u.end()}, {}};
  for (const HostEdge& edge : s.host_edges()) {
    for (std::size_t a = 0; a < 3; ++a) gradients.of_edges.push_back(places[3 * index(edge.place) + a]);
  }
  return gradients;
}

template <class Loops>
Loops make_loops(const Context& context, const ConvolutionCase& c) {
  return Loops(context, c.layer, c.shape.l_max, c.table, c.pair_of_elements, c.shape.n_elements);
}

/// Some atoms of a crystal and one alone.
std::vector<Structure> some_structures() {
  constexpr Matrix kCell{{{5.1, 0.5, 0.3}, {2.0, 6.0, -0.6}, {-1.0, 1.5, 5.5}}};
  Structure alone;
  alone.atomic_numbers = {6};
  alone.pbc = {false, false, false};
  alone.positions = {{0, 0, 0}};
  return {synthetic::random_structure(7, kCell, 1.2, 5), alone};
}

/// Every pair of degrees, channels that fill vectors and that do not.
std::vector<Shape> all_shapes() {
  std::vector<Shape> shapes;
  int n = 0;
  for (int edge_l_max = 0; edge_l_max <= 3; ++edge_l_max) {
    for (int l_max = std::max(1, edge_l_max); l_max <= 4; ++l_max) {
      constexpr int kChannels[] = {16, 5, 24, 8};
      shapes.push_back({.edge_l_max = edge_l_max, .l_max = l_max, .n_channels = kChannels[n++ % 4]});
    }
  }
  return shapes;
}

/// `largest_error` relative to the largest number.
template <class A, class B>
void check_all_close(const A& actual, const B& expected, double largest_error) {
  CHECK(actual.size() == expected.size());
  double scale = 0;
  for (const auto x : expected) scale = std::max(scale, std::abs(static_cast<double>(x)));
  for (std::size_t k = 0; k < std::min(actual.size(), expected.size()); ++k)
    CHECK_CLOSE(static_cast<double>(actual[k]), static_cast<double>(expected[k]), largest_error * scale, 0);
}

/// The table's own error; rounding is far below it in double precision.
constexpr double kTableError = 1e-8;

}  // namespace

TEST(messages_are_the_sums_over_edges) {
  const auto context = make_test_context();
  for (const Shape& shape : all_shapes()) {
    const Formula formula{ConvolutionCase(shape)};
    const Setup<double> s(shape, *context, some_structures(), formula.n_rows);
    const Formula of_setup(s.c);
    const auto loops = make_loops<Convolution<double>>(*context, s.c);
    CHECK(loops.n_rows() == of_setup.n_rows);
    check_all_close(value(s, loops), written_out(s, of_setup), kTableError);
    const Setup<float> in_single(shape, *context, some_structures(), formula.n_rows);
    check_all_close(value(in_single, make_loops<Convolution<float>>(*context, s.c)), written_out(s, of_setup), 2e-6);
  }
}

TEST(gradients_of_edges_match_differences) {
  const auto context = make_test_context();
  for (const Shape& shape : all_shapes()) {
    const ConvolutionCase c(shape);
    const Formula formula(c);
    Setup<double> s(shape, *context, some_structures(), formula.n_rows);
    const Gradients gradients = adjoint(s, make_loops<Convolution<double>>(*context, c));
    std::vector<double> actual;
    std::vector<double> expected;
    std::size_t n = 0;
    for (const HostEdge& edge : s.host_edges()) {
      const std::size_t place = n++;
      if (place % 17 != 0) continue;
      for (std::size_t a = 0; a < 3; ++a) {
        constexpr double kStep = 1e-5;
        double there[3] = {edge.vector[0], edge.vector[1], edge.vector[2]};
        double back[3] = {edge.vector[0], edge.vector[1], edge.vector[2]};
        there[a] += kStep;
        back[a] -= kStep;
        expected.push_back((energy_of(s, formula, edge, there) - energy_of(s, formula, edge, back)) / (2 * kStep));
        actual.push_back(gradients.of_edges[3 * place + a]);
      }
    }
    check_all_close(actual, expected, 1e-6);
  }
}

TEST(gradients_of_features_match_the_energy) {
  const auto context = make_test_context();
  for (const Shape& shape : all_shapes()) {
    const ConvolutionCase c(shape);
    const Formula formula(c);
    Setup<double> s(shape, *context, some_structures(), formula.n_rows);
    const Gradients gradients = adjoint(s, make_loops<Convolution<double>>(*context, c));
    // The messages are linear in the features.
    std::vector<double> expected(s.u.size());
    for (const HostEdge& edge : s.host_edges()) {
      double* const of_sender = expected.data() + index(edge.sender) * s.feature_size();
      const double* const weight = s.weight.data() + index(edge.receiver * formula.n_rows * shape.n_channels);
      formula.for_each_product(
          pair_of(c, s.elements[index(edge.sender)], s.elements[index(edge.receiver)]), edge.vector,
          [&](int row, int k, int feature, double factor) {
            of_sender[feature * shape.n_channels + k] += factor * weight[row * shape.n_channels + k];
          },
          [](double) {});
    }
    check_all_close(gradients.of_u, expected, kTableError);
  }
}

TEST(adjoint_without_features_gives_the_same_gradients_of_edges) {
  const auto context = make_test_context();
  const Shape shape{.edge_l_max = 1, .l_max = 3, .n_channels = 24};
  const ConvolutionCase c(shape);
  Setup<double> s(shape, *context, some_structures(), Formula(c).n_rows);
  const auto loops = make_loops<Convolution<double>>(*context, c);
  CHECK(adjoint(s, loops).of_edges == adjoint(s, loops, false).of_edges);
}

TEST(atoms_nearer_than_the_first_knot_have_no_finite_messages) {
  const auto context = make_test_context();
  const Shape shape{.edge_l_max = 0, .l_max = 1, .n_channels = 8};
  Structure pair;
  pair.atomic_numbers = {6, 6};
  pair.pbc = {false, false, false};
  for (const double distance : {0.41, 0.39}) {
    pair.positions = {{0, 0, 0}, {0, 0, distance}};
    const ConvolutionCase c(shape);
    const Setup<double> s(shape, *context, {pair}, Formula(c).n_rows);
    CHECK(std::isfinite(value(s, make_loops<Convolution<double>>(*context, c))[0]) == (distance > 0.4));
  }
}

#ifndef __CUDACC__
TEST(plain_loops_and_those_of_the_cpu_agree) {
  const auto context = make_test_context();
  for (Shape shape : all_shapes()) {
    shape.n_knots = 100;
    const ConvolutionCase c(shape);
    Setup<double> s(shape, *context, some_structures(), Formula(c).n_rows);
    const auto fast = make_loops<CpuConvolution<double>>(*context, c);
    const auto plain = make_loops<PlainConvolution<double>>(*context, c);
    // Only the order of the sums differs.
    constexpr double kRounding = 1e-13;
    check_all_close(value(s, fast), value(s, plain), kRounding);
    const Gradients of_fast = adjoint(s, fast);
    const Gradients of_plain = adjoint(s, plain);
    check_all_close(of_fast.of_u, of_plain.of_u, kRounding);
    check_all_close(of_fast.of_edges, of_plain.of_edges, 10 * kRounding);
  }
}

TEST(convolution_does_not_depend_on_the_number_of_threads) {
  const Shape shape{.edge_l_max = 1, .l_max = 3, .n_channels = 20};
  constexpr Matrix kCell{{{11.0, 0.5, 0.3}, {4.0, 10.0, -0.6}, {-3.0, 2.5, 12.0}}};
  std::vector<std::vector<double>> results;
  for (const int n_threads : {1, 2, 3}) {
    Context context;
    context.set_n_threads(n_threads);
    const ConvolutionCase c(shape);
    Setup<float> s(shape, context, {synthetic::random_structure(90, kCell, 1.5, 3)}, Formula(c).n_rows);
    const auto loops = make_loops<Convolution<float>>(context, c);
    const std::vector<float> a = value(s, loops);
    const Gradients gradients = adjoint(s, loops);
    results.emplace_back(a.begin(), a.end());
    for (const auto* part : {&gradients.of_u, &gradients.of_edges})
      results.back().insert(results.back().end(), part->begin(), part->end());
  }
  CHECK(results[0] == results[1] && results[0] == results[2]);
}

namespace {

/// Least of several calls: by the clock on the wall, and of all threads' own time, which others' load changes less.
template <class F>
void print_least_times(const char* what, F call) {
  double wall_ms = 1e9;
  double threads_ms = 1e9;
  for (int n = 0; n < 10; ++n) {
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t threads_start = std::clock();
    call();
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
    wall_ms = std::min(wall_ms, taken.count());
    threads_ms = std::min(threads_ms, 1e3 * static_cast<double>(std::clock() - threads_start) / CLOCKS_PER_SEC);
  }
  std::printf("  %-10s %8.2f ms, of threads %8.2f ms\n", what, wall_ms, threads_ms);
}

template <class T>
void print_times(const Context& context, const Shape& shape) {
  constexpr double kSide_A = 18.56;  // 60 neighbors within 6 A
  const ConvolutionCase c(shape);
  Setup<T> s(shape, context,
             {synthetic::random_structure(424, {{{kSide_A, 0, 0}, {0, kSide_A, 0}, {0, 0, kSide_A}}}, 1.2, 3)},
             Formula(c).n_rows);
  std::printf("%s, %d channels, edge_l_max %d, l_max %d, %zu edges, %d tables, %d threads\n",
              sizeof(T) == sizeof(float) ? "float32" : "float64", shape.n_channels, shape.edge_l_max, shape.l_max,
              s.host_edges().size(), shape.n_elements == 1 ? 1 : 4, context.n_threads());
  const auto loops = make_loops<Convolution<T>>(context, c);
  const Buffer<T> u(context, std::span<const T>(rounded<T>(s.u)));
  const Buffer<T> grad_a(context, std::span<const T>(rounded<T>(s.weight)));
  Buffer<T> a(context, s.weight.size());
  Buffer<T> density(context, index(s.n_atoms));
  Buffer<T> grad_u(context, s.u.size());
  grad_u.fill_zero();
  Buffer<double> forces(context, 3 * index(s.n_atoms));
  print_least_times("edges", [&] { s.edges.update(s.batch); });
  print_least_times("value", [&] {
    loops.value(s.edges.view(), s.n_atoms, s.device_elements.data(), u.data(), s.sender_row.data(), a.data(),
                density.data());
  });
  print_least_times("adjoint", [&] {
    loops.adjoint(s.edges.view(), s.n_atoms, s.device_elements.data(), u.data(), s.sender_row.data(), grad_a.data(),
                  nullptr, shape.edge_l_max == 0 ? nullptr : grad_u.data(), s.edges.gradients());
  });
  print_least_times("forces", [&] { s.edges.sum_forces(s.batch, forces.data()); });
}

}  // namespace

TEST(time_of_a_framework) {
  if (std::getenv("MOFK_TIMES") == nullptr)
    SKIP("it prints times, asked for by MOFK_TIMES=1, on OMP_NUM_THREADS threads");
  // Knots as tables of trained models have them, see docs/mace-radial.md.
  const Context context;
  for (const int n_elements : {1, 3}) {
    for (const int edge_l_max : {0, 1, 2}) {
      Shape shape{.edge_l_max = edge_l_max,
                  .l_max = 3,
                  .n_channels = 128,
                  .n_elements = n_elements,
                  .n_knots = 97,
                  .r_max_A = 6};
      print_times<float>(context, shape);
      shape.n_knots = 545;
      if (n_elements == 1 && edge_l_max == 1) print_times<double>(context, shape);
    }
  }
}
#endif

}  // namespace mofkernel::MOFK_NS::mace
