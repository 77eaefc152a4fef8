// Edges against a loop over all pairs and images, what they sum to against finite differences, and harmonics against
// e3nn.
#include <cmath>
#include <random>

#include "check.hpp"
#include "device.hpp"
#include "device_copy.hpp"
#include "listed_pairs.hpp"
#include "potentials/mace/edges.hpp"
#include "potentials/mace/harmonics.hpp"
#include "potentials/potential.hpp"
#include "synthetic.hpp"

namespace mofkernel::MOFK_NS::mace {

namespace {

using synthetic::Matrix, synthetic::Vector;

constexpr Matrix kTriclinic{{{11.0, 0.5, 0.3}, {4.0, 10.0, -0.6}, {-3.0, 2.5, 12.0}}};
constexpr Matrix kSmall{{{2.2, 0.1, 0.06}, {0.8, 2.0, -0.12}, {-0.6, 0.5, 2.4}}};
constexpr double kRMax_A = 4.5;

/// One edge with its vector in 1e-6 A: what edges are compared by.
using Edge = std::tuple<int, int, long, long, long>;

Edge make_edge(int i, int j, const double* v) {
  return {i, j, std::lround(v[0] * 1e6), std::lround(v[1] * 1e6), std::lround(v[2] * 1e6)};
}

std::vector<Edge> expected_edges(std::span<const Structure> structures, double r_max, int n_images) {
  std::vector<Edge> edges;
  int first = 0;
  for (const Structure& s : structures) {
    for (const auto& [i, j, shift] : listed_pairs::brute_force(std::span(&s, 1), r_max, n_images)) {
      Vector v = synthetic::image(s, j, shift);
      for (std::size_t a = 0; a < 3; ++a) v[a] -= s.positions[static_cast<std::size_t>(i)][a];
      edges.push_back(make_edge(first + i, first + j, v.data()));
    }
    first += s.n_atoms();
  }
  std::sort(edges.begin(), edges.end());
  return edges;
}

/// Edges on the host.
template <class T>
struct HostEdges {
  std::vector<int> first, count, neighbor;
  std::vector<double> vector;
  std::vector<T> unit_vector, distance, gradients;

  HostEdges(const Context& context, Edges<T>& edges, int n_atoms) {
    const EdgeView<T> view = edges.view();
    const auto n = static_cast<std::size_t>(n_atoms);
    first = copy_from_device(context, view.first, n + 1);
    count = copy_from_device(context, view.count, n);
    const auto n_places = static_cast<std::size_t>(first.back());
    neighbor = copy_from_device(context, view.neighbor, n_places);
    vector = copy_from_device(context, view.vector, 3 * n_places);
    unit_vector = copy_from_device(context, view.unit_vector, 3 * n_places);
    distance = copy_from_device(context, view.distance, n_places);
    gradients = copy_from_device<T>(context, edges.gradients(), 3 * n_places);
  }

  /// visit(i, j, place)
  template <class F>
  void for_each(F visit) const {
    for (std::size_t i = 0; i < count.size(); ++i) {
      for (int e = first[i]; e < first[i] + count[i]; ++e)
        visit(static_cast<int>(i), neighbor[static_cast<std::size_t>(e)], static_cast<std::size_t>(e));
    }
  }
};

template <class T>
void update(Edges<T>& edges, const Batch& batch) {
  do edges.update(batch);
  while (!edges.confirm());
}

template <class T>
std::vector<Edge> edges_of(const Context& context, Edges<T>& edges, int n_atoms) {
  const HostEdges<T> host(context, edges, n_atoms);
  std::vector<Edge> all;
  host.for_each([&](int i, int j, std::size_t e) { all.push_back(make_edge(i, j, host.vector.data() + 3 * e)); });
  std::sort(all.begin(), all.end());
  return all;
}

/// An energy of one edge that is not the same from both ends, and its gradient by the edge's vector.
double energy_of(const double* v) {
  return std::exp(-0.3 * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2])) * (1 + 0.7 * v[0] - 0.4 * v[1] * v[2]);
}

void gradient_of(const double* v, double* g) {
  const double f = std::exp(-0.3 * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]));
  const double polynomial = 1 + 0.7 * v[0] - 0.4 * v[1] * v[2];
  const double inner[3] = {0.7, -0.4 * v[2], -0.4 * v[1]};
  for (int a = 0; a < 3; ++a) g[a] = f * (inner[a] - 0.6 * v[a] * polynomial);
}

double total_energy(const Structure& s) {
  double sum = 0;
  for (const auto& [i, j, shift] : listed_pairs::brute_force(std::span(&s, 1), 9.0, 6)) {
    Vector v = synthetic::image(s, j, shift);
    for (std::size_t a = 0; a < 3; ++a) v[a] -= s.positions[static_cast<std::size_t>(i)][a];
    sum += energy_of(v.data());
  }
  return sum;
}

/// Central difference of the energy along a change of the structure.
template <class Move>
double slope(const Structure& s, Move move) {
  constexpr double kStep = 1e-4;
  return (total_energy(move(s, kStep)) - total_energy(move(s, -kStep))) / (2 * kStep);
}

template <class T>
void write_gradients(const Context& context, Edges<T>& edges, int n_atoms) {
  const HostEdges<T> host(context, edges, n_atoms);
  std::vector<T> gradients(host.gradients.size());
  host.for_each([&](int, int, std::size_t e) {
    double g[3];
    gradient_of(host.vector.data() + 3 * e, g);
    for (std::size_t a = 0; a < 3; ++a) gradients[3 * e + a] = static_cast<T>(g[a]);
  });
  const Buffer<T> uploaded(context, std::span<const T>(gradients));
  const T* const from = uploaded.data();
  T* const to = edges.gradients();
  parallel_for(context, static_cast<int>(gradients.size()), MOFK_LAMBDA(int k) { to[k] = from[k]; });
  context.synchronize();
}

}  // namespace

TEST(edges_are_all_pairs_and_images_nearer_than_r_max) {
  const auto context = make_test_context();
  for (const listed_pairs::ListCase& c : listed_pairs::edge_cases()) {
    const Batch batch = make_batch(*context, c.structures);
    const double r_max = c.reach - 1.0;
    Edges<double> edges(*context, batch, r_max);
    update(edges, batch);
    const std::vector<Edge> expected = expected_edges(c.structures, r_max, c.n_images);
    CHECK(edges_of(*context, edges, batch.n_atoms) == expected);
    Edges<float> in_single(*context, batch, r_max);
    update(in_single, batch);
    CHECK(edges_of(*context, in_single, batch.n_atoms) == expected);
  }
}

TEST(edges_at_the_cutoff_are_none) {
  const auto context = make_test_context();
  Structure pair;
  pair.atomic_numbers = {6, 6};
  pair.pbc = {false, false, false};
  for (const double distance : {5.0, std::nextafter(5.0, 0.0)}) {
    pair.positions = {{0, 0, 0}, {0, 0, distance}};
    const Batch batch = make_batch(*context, std::span(&pair, 1));
    Edges<double> edges(*context, batch, 5.0);
    update(edges, batch);
    CHECK(edges_of(*context, edges, 2).size() == (distance < 5.0 ? 2U : 0U));
    Edges<float> in_single(*context, batch, 5.0);
    update(in_single, batch);
    CHECK(edges_of(*context, in_single, 2).empty());
  }
}

TEST(both_ends_of_an_edge_see_the_same_vector) {
  const auto context = make_test_context();
  Structure structure = listed_pairs::unwrapped_copy(synthetic::random_structure(33, kTriclinic, 1.7, 5));
  const Batch batch = make_batch(*context, std::span(&structure, 1));
  Edges<float> edges(*context, batch, kRMax_A);
  update(edges, batch);
  const HostEdges<float> host(*context, edges, batch.n_atoms);
  std::vector<std::tuple<int, int, double, double, double>> there;
  std::vector<std::tuple<int, int, double, double, double>> back;
  host.for_each([&](int i, int j, std::size_t e) {
    const double* const v = host.vector.data() + 3 * e;
    there.emplace_back(i, j, v[0], v[1], v[2]);
    back.emplace_back(j, i, -v[0], -v[1], -v[2]);
    const double r = std::hypot(v[0], v[1], v[2]);
    CHECK_CLOSE(host.distance[e], r, 0, 1e-7);
    for (std::size_t a = 0; a < 3; ++a) CHECK_CLOSE(host.unit_vector[3 * e + a], v[a] / r, 1e-7, 0);
  });
  std::sort(there.begin(), there.end());
  std::sort(back.begin(), back.end());
  CHECK(there == back);
}

TEST(edges_follow_atoms_and_cell) {
  const auto context = make_test_context();
  Structure structure = synthetic::random_structure(60, kTriclinic, 1.7, 8);
  Batch batch = make_batch(*context, std::span(&structure, 1));
  Edges<double> edges(*context, batch, kRMax_A);
  std::mt19937 random(9);
  std::normal_distribution<double> step(0.0, 0.05);
  for (int n = 0; n < 20; ++n) {
    Matrix strain{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    for (Vector& row : strain) {
      for (double& x : row) x += 0.1 * step(random);
    }
    structure = synthetic::transformed(structure, strain);
    for (Vector& x : structure.positions) {
      for (double& value : x) value += step(random);
    }
    const Batch now = make_batch(*context, std::span(&structure, 1));
    batch.positions.copy_from(now.positions);
    batch.cells.copy_from(now.cells);
    update(edges, batch);
    CHECK(edges_of(*context, edges, batch.n_atoms) == expected_edges(std::span(&structure, 1), kRMax_A, 3));
  }
}

TEST(restored_edges_come_in_the_order_of_the_original) {
  const auto context = make_test_context();
  Structure structure = synthetic::random_structure(60, kTriclinic, 1.7, 13);
  Batch batch = make_batch(*context, std::span(&structure, 1));
  Edges<double> edges(*context, batch, kRMax_A);
  CHECK(edges.reference().positions.empty());
  update(edges, batch);
  for (Vector& x : structure.positions) x[0] += 0.1 * std::sin(29.0 * x[1]);
  const Batch later = make_batch(*context, std::span(&structure, 1));
  update(edges, later);
  Edges<double> restored(*context, later, kRMax_A);
  restored.restore(later, edges.reference());
  update(restored, later);
  const HostEdges<double> original(*context, edges, later.n_atoms);
  const HostEdges<double> again(*context, restored, later.n_atoms);
  std::vector<int> neighbors;
  std::vector<int> neighbors_again;
  original.for_each([&](int, int j, std::size_t) { neighbors.push_back(j); });
  again.for_each([&](int, int j, std::size_t) { neighbors_again.push_back(j); });
  CHECK(neighbors == neighbors_again);
}

TEST(gradients_of_edges_sum_to_forces_and_virials) {
  const auto context = make_test_context();
  // The second is so small that an atom is its own neighbor many times.
  std::vector<Structure> structures = {synthetic::random_structure(12, kTriclinic, 1.7, 21),
                                       synthetic::random_structure(2, kSmall, 0.7, 22)};
  const Batch batch = make_batch(*context, structures);
  Edges<double> edges(*context, batch, 9.0);
  update(edges, batch);
  write_gradients(*context, edges, batch.n_atoms);
  Buffer<double> forces(*context, 3 * static_cast<std::size_t>(batch.n_atoms));
  Buffer<double> virials(*context, 18);
  edges.sum_forces(batch, forces.data());
  edges.sum_virials(batch, virials.data());
  const std::vector<double> f = forces.to_host();
  const std::vector<double> w = virials.to_host();
  for (std::size_t s = 0, first = 0; s < structures.size(); ++s) {
    const Structure& structure = structures[s];
    for (std::size_t i = 0; i < 2; ++i) {
      for (std::size_t a = 0; a < 3; ++a) {
        const double expected = -slope(structure, [&](Structure moved, double h) {
          moved.positions[i][a] += h;
          return moved;
        });
        CHECK_CLOSE(f[3 * (first + i) + a], expected, 1e-7, 0);
      }
    }
    for (std::size_t a = 0; a < 3; ++a) {
      for (std::size_t b = 0; b < 3; ++b) {
        const double expected = slope(structure, [&](const Structure& before, double h) {
          Matrix strain{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
          strain[a][b] += 0.5 * h;
          strain[b][a] += 0.5 * h;
          return synthetic::transformed(before, strain);
        });
        CHECK_CLOSE(w[9 * s + 3 * a + b], expected, 1e-6, 0);
      }
    }
    first += structure.positions.size();
  }
}

#ifndef __CUDACC__
TEST(sums_do_not_depend_on_the_number_of_threads) {
  Structure structure = synthetic::random_structure(100, kTriclinic, 1.7, 31);
  std::vector<double> results[2];
  for (const int n_threads : {1, 3}) {
    Context context;
    context.set_n_threads(n_threads);
    const Batch batch = make_batch(context, std::span(&structure, 1));
    Edges<float> edges(context, batch, kRMax_A);
    update(edges, batch);
    write_gradients(context, edges, batch.n_atoms);
    Buffer<double> forces(context, 300);
    Buffer<double> virials(context, 9);
    edges.sum_forces(batch, forces.data());
    edges.sum_virials(batch, virials.data());
    std::vector<double>& all = results[n_threads == 1 ? 0 : 1];
    all = forces.to_host();
    for (const double x : virials.to_host()) all.push_back(x);
  }
  CHECK(results[0] == results[1]);
}
#endif

TEST(harmonics_are_those_of_e3nn) {
  // e3nn 0.4.4: o3.spherical_harmonics([0, 1, 2, 3, 4], v, normalize=True, normalization='component')
  const double v[3] = {0.3, -0.5, 0.8};
  const double expected[25] = {1,
                               0.524890659167824,
                               -0.874817765279706,
                               1.39970842444753,
                               0.948485717438551,
                               -0.592803573399094,
                               -0.262395732053547,
                               -1.58080952906425,
                               1.08680655123167,
                               1.18364715777029,
                               -1.26746735389412,
                               0.135272824814658,
                               1.15222321130612,
                               0.360727532839089,
                               -1.45230634300368,
                               0.638177702550105,
                               1.2196832539085,
                               -1.79349628241048,
                               0.645395713622388,
                               0.440805832731197,
                               -0.89076166180758,
                               1.17548222061653,
                               0.739515921858986,
                               -0.966985245161207,
                               0.166551444331067};
  const double r = std::hypot(v[0], v[1], v[2]);
  double y[25];
  Harmonics<4, double>(v[0] / r, v[1] / r, v[2] / r).values(y);
  for (int a = 0; a < 25; ++a) CHECK_CLOSE(y[a], expected[a], 1e-14, 1e-14);
}

TEST(gradients_of_harmonics_match_their_values) {
  const auto values = [](const double* v, double* y) {
    const double r = std::hypot(v[0], v[1], v[2]);
    Harmonics<4, double>(v[0] / r, v[1] / r, v[2] / r).values(y);
  };
  for (const Vector& v : {Vector{0.3, -0.5, 0.8}, Vector{0, 0, 1}, Vector{0, -1, 0}, Vector{1, 0, 0}}) {
    for (int b = 0; b < 25; ++b) {
      double chosen[25] = {};
      chosen[b] = 1;
      const double r = std::hypot(v[0], v[1], v[2]);
      double gradient[3];
      Harmonics<4, double>(v[0] / r, v[1] / r, v[2] / r).gradient(chosen, gradient);
      for (std::size_t a = 0; a < 3; ++a) {
        constexpr double kStep = 1e-5;
        Vector there = v;
        Vector back = v;
        there[a] += kStep;
        back[a] -= kStep;
        double y[2][25];
        values(there.data(), y[0]);
        values(back.data(), y[1]);
        CHECK_CLOSE(gradient[a] / r, (y[0][b] - y[1][b]) / (2 * kStep), 1e-8, 0);
      }
    }
  }
}

TEST(gradients_of_one_degree_are_those_of_each_harmonic) {
  const double r = std::hypot(0.3, -0.5, 0.8);
  const Harmonics<4, double> harmonics(0.3 / r, -0.5 / r, 0.8 / r);
  for_each_of<0, 5>([&](auto l) {
    double of_degree[2 * l + 1][3];
    harmonics.template gradients<l>(of_degree);
    for (int m = 0; m < 2 * l + 1; ++m) {
      double chosen[25] = {};
      chosen[l * l + m] = 1;
      double gradient[3];
      harmonics.gradient(chosen, gradient);
      for (int a = 0; a < 3; ++a) CHECK_CLOSE(of_degree[m][a], gradient[a], 1e-13, 0);
    }
  });
}

}  // namespace mofkernel::MOFK_NS::mace
