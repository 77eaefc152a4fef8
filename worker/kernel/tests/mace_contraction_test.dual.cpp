// The symmetric contraction against its polynomials written out, and its adjoint against their derivatives.
#include <algorithm>
#include <random>
#include <set>

#include "backend/backend.hpp"
#include "check.hpp"
#include "device.hpp"
#include "potentials/mace/contraction.hpp"
#include "potentials/mace/contraction_program.hpp"

namespace mofkernel::MOFK_NS {

namespace {

using mace::AtomGroups;
using mace::Contraction;
using mofkernel::mace::ContractionHead;
using mofkernel::mace::ContractionTerm;
using mofkernel::mace::Monomials;
using mofkernel::mace::Product;
using mofkernel::mace::TermOrder;

class RandomNumbers {
 public:
  explicit RandomNumbers(unsigned seed) : engine_(seed) {}
  double next() { return std::uniform_real_distribution<double>(-1, 1)(engine_); }
  std::vector<double> several(std::size_t n) {
    std::vector<double> numbers(n);
    // Exact in single precision too, so that only the arithmetic is rounded.
    for (double& number : numbers) number = static_cast<float>(next());
    return numbers;
  }

 private:
  std::mt19937 engine_;
};

struct Shape {
  int l_max, output_l_max, correlation;
  int n_channels;
  int n_elements;
  bool is_agnostic;
  double density;  ///< of the monomials that could be there
};

/// Ascending tuples of harmonics.
std::vector<std::vector<int>> tuples_of(int n_harmonics, int degree) {
  std::vector<std::vector<int>> tuples = {{}};
  for (int d = 0; d < degree; ++d) {
    std::vector<std::vector<int>> longer;
    for (const std::vector<int>& tuple : tuples) {
      for (int a = tuple.empty() ? 0 : tuple.back(); a < n_harmonics; ++a) {
        longer.push_back(tuple);
        longer.back().push_back(a);
      }
    }
    tuples = std::move(longer);
  }
  return tuples;
}

Monomials random_monomials(const Shape& shape, int l, int degree, RandomNumbers& random) {
  Monomials monomials;
  monomials.degree = degree;
  const int n_harmonics = (shape.l_max + 1) * (shape.l_max + 1);
  std::size_t n = 0;
  for (int m = 0; m <= 2 * l; ++m) {
    for (const std::vector<int>& tuple : tuples_of(n_harmonics, degree)) {
      if (std::abs(random.next()) > shape.density) continue;
      monomials.index.push_back(m);
      monomials.index.insert(monomials.index.end(), tuple.begin(), tuple.end());
      ++n;
    }
  }
  const auto n_couplings = static_cast<std::size_t>(degree + 1);
  const auto n_matrices = static_cast<std::size_t>(shape.is_agnostic ? 1 : shape.n_elements);
  const auto n_channels = static_cast<std::size_t>(shape.n_channels);
  monomials.coupling = {{n, n_couplings}, random.several(n * n_couplings)};
  monomials.weight = {{n_matrices, n_couplings, n_channels}, random.several(n_matrices * n_couplings * n_channels)};
  return monomials;
}

Product random_product(const Shape& shape, unsigned seed) {
  RandomNumbers random(seed);
  Product product;
  product.correlation = shape.correlation;
  product.output_l_max = shape.output_l_max;
  product.is_element_agnostic = shape.is_agnostic;
  for (int l = 0; l <= shape.output_l_max; ++l) {
    product.monomials.emplace_back();
    for (int degree = 1; degree <= shape.correlation; ++degree)
      product.monomials.back().push_back(random_monomials(shape, l, degree, random));
  }
  return product;
}

/// B and its derivatives for one channel of one atom, as the definition has them.
struct Polynomials {
  std::vector<double> b;
  std::vector<std::vector<double>> db_dx;  ///< [outputs][harmonics]
};

Polynomials evaluate(const Product& product, int element, int channel, const std::vector<double>& x) {
  Polynomials result;
  const auto n_outputs = static_cast<std::size_t>((product.output_l_max + 1) * (product.output_l_max + 1));
  result.b.assign(n_outputs, 0);
  result.db_dx.assign(n_outputs, std::vector<double>(x.size(), 0));
  for (std::size_t l = 0; l < product.monomials.size(); ++l) {
    for (const Monomials& listed : product.monomials[l]) {
      const std::size_t n_couplings = listed.coupling.shape[1];
      const std::size_t n_channels = listed.weight.shape[2];
      const std::size_t z = product.is_element_agnostic ? 0 : static_cast<std::size_t>(element);
      for (std::size_t row = 0; row < listed.coupling.shape[0]; ++row) {
        double c = 0;
        for (std::size_t eta = 0; eta < n_couplings; ++eta) {
          c += listed.coupling.values[row * n_couplings + eta] *
               listed.weight.values[(z * n_couplings + eta) * n_channels + static_cast<std::size_t>(channel)];
        }
        const int* const index = listed.index.data() + row * static_cast<std::size_t>(listed.degree + 1);
        const std::size_t output = l * l + static_cast<std::size_t>(index[0]);
        const auto factor = [&](int f) { return static_cast<std::size_t>(index[1 + f]); };
        double monomial = 1;
        for (int f = 0; f < listed.degree; ++f) monomial *= x[factor(f)];
        result.b[output] += c * monomial;
        for (int f = 0; f < listed.degree; ++f) {
          double rest = 1;
          for (int g = 0; g < listed.degree; ++g) rest *= g == f ? 1 : x[factor(g)];
          result.db_dx[output][factor(f)] += c * rest;
        }
      }
    }
  }
  return result;
}

template <class T>
std::vector<T> rounded(const std::vector<double>& numbers) {
  std::vector<T> values;
  for (const double number : numbers) values.push_back(static_cast<T>(number));
  return values;
}

std::vector<int> elements_of(const Shape& shape, int n_atoms) {
  std::vector<int> elements;
  // The first element of the model is not there, and the groups have different sizes.
  for (int i = 0; i < n_atoms; ++i) elements.push_back(i % 7 == 0 ? shape.n_elements - 1 : 1 + i % 2);
  return elements;
}

template <class T>
void check_contraction(const Context& context, const Shape& shape, int n_atoms) {
  const Product product = random_product(shape, 1);
  const std::vector<int> elements = elements_of(shape, n_atoms);
  const AtomGroups atoms(context, elements);
  const auto n_harmonics = static_cast<std::size_t>((shape.l_max + 1) * (shape.l_max + 1));
  const auto n_outputs = static_cast<std::size_t>((shape.output_l_max + 1) * (shape.output_l_max + 1));
  const auto n_channels = static_cast<std::size_t>(shape.n_channels);
  RandomNumbers random(2);
  const auto x = random.several(elements.size() * n_harmonics * n_channels);
  const auto grad_b = random.several(elements.size() * n_outputs * n_channels);

  const Contraction<T> contraction(context, product, shape.l_max, shape.n_channels, atoms);
  const Buffer<T> d_x(context, rounded<T>(x));
  const Buffer<T> d_grad_b(context, rounded<T>(grad_b));
  Buffer<T> d_b(context, grad_b.size());
  Buffer<T> d_grad_x(context, x.size());
  contraction.value(atoms, d_x.data(), d_b.data());
  contraction.adjoint(atoms, d_x.data(), d_grad_b.data(), d_grad_x.data());
  const std::vector<T> b = d_b.to_host();
  const std::vector<T> grad_x = d_grad_x.to_host();

  // Sums of n products of numbers up to one, in another order.
  const double allowed = contraction.n_coefficients() * 8 * std::numeric_limits<T>::epsilon();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    for (std::size_t c = 0; c < n_channels; ++c) {
      const auto row = [&](std::size_t n_rows, std::size_t a) { return (i * n_rows + a) * n_channels + c; };
      std::vector<double> x_here;
      for (std::size_t a = 0; a < n_harmonics; ++a) x_here.push_back(x[row(n_harmonics, a)]);
      const Polynomials right = evaluate(product, elements[i], static_cast<int>(c), x_here);
      for (std::size_t o = 0; o < n_outputs; ++o)
        CHECK_CLOSE(static_cast<double>(b[row(n_outputs, o)]), right.b[o], allowed, 0);
      for (std::size_t a = 0; a < n_harmonics; ++a) {
        double sum = 0;
        for (std::size_t o = 0; o < n_outputs; ++o) sum += grad_b[row(n_outputs, o)] * right.db_dx[o][a];
        CHECK_CLOSE(static_cast<double>(grad_x[row(n_harmonics, a)]), sum, allowed, 0);
      }
    }
  }
}

}  // namespace

TEST(contraction_is_its_polynomials) {
  const auto context = make_test_context();
  for (const Shape& shape :
       {Shape{3, 1, 3, 16, 4, false, 0.2}, Shape{3, 2, 3, 5, 3, false, 0.3}, Shape{2, 0, 2, 8, 3, true, 1.0},
        Shape{1, 0, 1, 12, 3, false, 1.0}, Shape{2, 3, 4, 4, 3, false, 0.3}, Shape{4, 1, 3, 40, 3, false, 0.1},
        Shape{3, 0, 3, 33, 3, false, 1.0}}) {
    check_contraction<float>(*context, shape, 19);
    check_contraction<double>(*context, shape, 19);
  }
}

TEST(contraction_takes_any_number_of_atoms) {
  const auto context = make_test_context();
  for (const int n_atoms : {0, 1, 31, 32, 33, 150})
    check_contraction<double>(*context, {2, 1, 3, 6, 3, false, 0.3}, n_atoms);
}

TEST(a_contraction_without_monomials_is_zero) {
  const auto context = make_test_context();
  check_contraction<double>(*context, {2, 1, 3, 6, 3, false, 0.0}, 5);
}

TEST(the_terms_are_the_monomials_in_either_order) {
  const Product product = random_product({3, 1, 3, 1, 3, false, 0.2}, 3);
  std::size_t n_monomials = 0;
  for (const auto& of_l : product.monomials) {
    for (const Monomials& listed : of_l) n_monomials += listed.coupling.shape[0];
  }
  for (const TermOrder order : {TermOrder::by_head, TermOrder::by_output}) {
    const auto program = mofkernel::mace::plan_contraction(product, 3, order);
    CHECK(program.sources.size() == n_monomials);
    // Monomials that share two factors stand together: no more heads than pairs of harmonics, and fewer terms than
    // monomials.
    CHECK(program.heads.size() < 136 + 16 + 1);
    CHECK(program.terms.size() < n_monomials);

    std::set<std::vector<int>> seen;
    std::size_t coefficient = 0;
    const auto take = [&](const ContractionTerm& term, int leaf) {
      const ContractionHead& head = program.heads[static_cast<std::size_t>(term.head)];
      const mofkernel::mace::MonomialRow& source = program.sources[coefficient++];
      std::vector<int> factors(head.factors, head.factors + head.degree);
      if (leaf >= 0) factors.push_back(leaf);
      std::sort(factors.begin(), factors.end());
      factors.insert(factors.begin(), term.output - source.output_l * source.output_l);
      const auto l = static_cast<std::size_t>(source.output_l);
      const Monomials& listed = product.monomials[l][static_cast<std::size_t>(source.degree - 1)];
      const auto row = listed.index.begin() + source.row * (source.degree + 1);
      CHECK(std::equal(factors.begin(), factors.end(), row, row + source.degree + 1));
      seen.insert({source.output_l, source.degree, source.row});
    };
    int leaf = 0;
    for (const ContractionTerm& term : program.terms) {
      if (term.has_constant) take(term, -1);
      while (leaf < term.end_leaf) take(term, program.leaves[static_cast<std::size_t>(leaf++)]);
    }
    CHECK(coefficient == n_monomials && seen.size() == n_monomials);
  }
}

TEST(contractions_beyond_the_limits_are_refused) {
  const auto context = make_test_context();
  const AtomGroups atoms(*context, std::vector<int>{0});
  Product product = random_product({1, 0, 1, 4, 1, false, 1.0}, 4);
  CHECK_THROWS_CODE(Contraction<double>(*context, product, 5, 4, atoms), ErrorCode::unsupported);
  product.correlation = 5;
  CHECK_THROWS_CODE(Contraction<double>(*context, product, 1, 4, atoms), ErrorCode::unsupported);
}

#ifndef __CUDACC__
TEST(contraction_does_not_depend_on_the_number_of_threads) {
  Context context;
  const Shape shape{3, 1, 3, 24, 3, false, 0.2};
  const AtomGroups atoms(context, elements_of(shape, 70));
  const Contraction<float> contraction(context, random_product(shape, 5), 3, 24, atoms);
  RandomNumbers random(6);
  const Buffer<float> x(context, rounded<float>(random.several(std::size_t{70} * 16 * 24)));
  const Buffer<float> grad_b(context, rounded<float>(random.several(std::size_t{70} * 4 * 24)));
  std::vector<float> first;
  for (const int n_threads : {1, 2, 5}) {
    context.set_n_threads(n_threads);
    Buffer<float> grad_x(context, x.size());
    contraction.adjoint(atoms, x.data(), grad_b.data(), grad_x.data());
    if (n_threads == 1) first = grad_x.to_host();
    CHECK(grad_x.to_host() == first);
  }
}
#endif

}  // namespace mofkernel::MOFK_NS
