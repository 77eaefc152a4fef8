// Linear maps of features against the sums written out.
#include <random>

#include "backend/backend.hpp"
#include "check.hpp"
#include "device.hpp"
#include "potentials/mace/linear.hpp"

namespace mofkernel::MOFK_NS {

namespace {

using mace::AtomGroups;
using mace::FeatureRows;
using mace::Linear;

std::vector<double> random_numbers(std::size_t n, unsigned seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> numbers(n);
  // Exact in single precision too, so that only the sums are rounded.
  for (double& number : numbers) number = static_cast<float>(uniform(engine));
  return numbers;
}

template <class T>
std::vector<T> rounded(const std::vector<double>& numbers) {
  std::vector<T> values;
  for (const double number : numbers) values.push_back(static_cast<T>(number));
  return values;
}

struct Shape {
  int n_in, n_out;
  int n_rows;
  bool is_by_element;
};

const std::vector<int> kElements = {3, 0, 3, 3, 7, 0, 3, 7, 3, 3, 3, 3, 3, 0, 3, 3, 3, 3, 3};

/// Rows stand in wider ones, with something before and behind them that is nobody's.
constexpr int kMargin = 3;

struct Layout {
  int n_channels, n_rows;
  [[nodiscard]] std::int64_t row_stride() const { return n_channels + kMargin; }
  [[nodiscard]] std::int64_t atom_stride() const { return (n_rows + 2) * row_stride(); }
  [[nodiscard]] std::size_t size() const { return kElements.size() * static_cast<std::size_t>(atom_stride()); }
  [[nodiscard]] std::size_t place(std::size_t atom, int m, int channel) const {
    return atom * static_cast<std::size_t>(atom_stride()) + static_cast<std::size_t>((m + 1) * row_stride() + channel);
  }
};

template <class T>
FeatureRows<T> rows_of(const Layout& layout, T* data) {
  return {data + layout.row_stride(), layout.atom_stride(), layout.row_stride(), layout.n_rows};
}

/// The sums written out, in double: `out` as it should be afterwards.
std::vector<double> expected(const Shape& shape, const AtomGroups& atoms, const std::vector<double>& weights,
                             const std::vector<double>& in, std::vector<double> out, bool is_transposed, bool adds) {
  const Layout from{is_transposed ? shape.n_out : shape.n_in, shape.n_rows};
  const Layout to{is_transposed ? shape.n_in : shape.n_out, shape.n_rows};
  const std::vector<int> group = atoms.group_of_atom.to_host();
  for (std::size_t i = 0; i < kElements.size(); ++i) {
    const int matrix = shape.is_by_element ? group[i] : 0;
    const double* const w = weights.data() + static_cast<std::ptrdiff_t>(matrix) * shape.n_in * shape.n_out;
    for (int m = 0; m < shape.n_rows; ++m) {
      for (int b = 0; b < to.n_channels; ++b) {
        double sum = adds ? out[to.place(i, m, b)] : 0;
        for (int a = 0; a < from.n_channels; ++a)
          sum += in[from.place(i, m, a)] * (is_transposed ? w[b * shape.n_out + a] : w[a * shape.n_out + b]);
        out[to.place(i, m, b)] = sum;
      }
    }
  }
  return out;
}

template <class T>
void check_map(const Context& context, const AtomGroups& atoms, const Shape& shape, bool is_transposed, bool adds) {
  const int n_matrices = shape.is_by_element ? atoms.n_groups() : 1;
  const auto weights = random_numbers(static_cast<std::size_t>(n_matrices * shape.n_in * shape.n_out), 1);
  const Layout from{is_transposed ? shape.n_out : shape.n_in, shape.n_rows};
  const Layout to{is_transposed ? shape.n_in : shape.n_out, shape.n_rows};
  const auto in = random_numbers(from.size(), 2);
  const auto before = random_numbers(to.size(), 3);

  const Linear<T> linear(context, n_matrices, shape.n_in, shape.n_out, weights);
  const Buffer<T> d_in(context, rounded<T>(in));
  Buffer<T> d_out(context, rounded<T>(before));
  if (is_transposed) {
    linear.apply_transposed(atoms, rows_of(from, d_in.data()), rows_of(to, d_out.data()), adds);
  } else {
    linear.apply(atoms, rows_of(from, d_in.data()), rows_of(to, d_out.data()), adds);
  }

  const std::vector<double> right = expected(shape, atoms, weights, in, before, is_transposed, adds);
  const std::vector<T> out = d_out.to_host();
  // Numbers of size one: the rounding of a sum of n grows no faster than n times the last bit of n.
  const double allowed = from.n_channels * std::sqrt(from.n_channels) * std::numeric_limits<T>::epsilon();
  for (std::size_t k = 0; k < out.size(); ++k) CHECK_CLOSE(static_cast<double>(out[k]), right[k], allowed, 0);
}

}  // namespace

TEST(atoms_are_grouped_by_element) {
  const auto context = make_test_context();
  const std::vector<int> elements = {5, 2, 5, 9, 2, 5};
  const AtomGroups atoms(*context, elements);
  CHECK(atoms.n_atoms == 6 && atoms.n_groups() == 3 && atoms.largest_group() == 3);
  CHECK((atoms.elements == std::vector<int>{2, 5, 9}));
  CHECK((atoms.group_start == std::vector<int>{0, 2, 5, 6}));
  CHECK(atoms.starts.to_host() == atoms.group_start);
  CHECK((atoms.order.to_host() == std::vector<int>{1, 4, 0, 2, 5, 3}));
  CHECK((atoms.group_of_atom.to_host() == std::vector<int>{1, 0, 1, 2, 0, 1}));
  const AtomGroups none(*context, std::vector<int>{});
  CHECK(none.n_atoms == 0 && none.n_groups() == 0 && none.largest_group() == 0);
}

TEST(linear_maps_are_the_sums_they_stand_for) {
  const auto context = make_test_context();
  const AtomGroups atoms(*context, kElements);
  const std::vector<Shape> shapes = {{1, 1, 1, false},     {16, 16, 1, true},  {128, 128, 3, false},
                                     {128, 128, 7, true},  {96, 1, 1, false},  {128, 16, 1, false},
                                     {31, 33, 5, true},    {64, 65, 2, false}, {300, 20, 1, false},
                                     {768, 128, 3, false}, {24, 120, 1, true}, {512, 6, 1, true}};
  for (const Shape& shape : shapes) {
    for (const bool is_transposed : {false, true}) {
      for (const bool adds : {false, true}) {
        check_map<float>(*context, atoms, shape, is_transposed, adds);
        check_map<double>(*context, atoms, shape, is_transposed, adds);
      }
    }
  }
}

TEST(maps_that_run_together_give_what_each_gives_alone) {
  const auto context = make_test_context();
  const AtomGroups atoms(*context, kElements);
  const std::vector<Shape> shapes = {{128, 96, 1, false}, {40, 130, 7, true}, {65, 16, 3, false}, {16, 64, 5, true}};
  std::vector<Linear<float>> maps;
  std::vector<Buffer<float>> inputs;
  std::vector<Buffer<float>> outputs;
  mace::LinearPasses<float> passes;
  maps.reserve(shapes.size());
  for (const Shape& shape : shapes) {
    const int n_matrices = shape.is_by_element ? atoms.n_groups() : 1;
    const auto weights = random_numbers(static_cast<std::size_t>(n_matrices * shape.n_in * shape.n_out), 8);
    maps.emplace_back(*context, n_matrices, shape.n_in, shape.n_out, weights);
    const Layout from{shape.n_in, shape.n_rows};
    const Layout to{shape.n_out, shape.n_rows};
    inputs.emplace_back(*context, rounded<float>(random_numbers(from.size(), 9)));
    outputs.emplace_back(*context, rounded<float>(random_numbers(to.size(), 10)));
    passes.add(maps.back(), rows_of<const float>(from, inputs.back().data()), rows_of(to, outputs.back().data()),
               shape.n_rows == 3);
  }
  passes.apply(atoms);
  for (std::size_t k = 0; k < shapes.size(); ++k) {
    const Shape& shape = shapes[k];
    const Layout to{shape.n_out, shape.n_rows};
    Buffer<float> alone(*context, rounded<float>(random_numbers(to.size(), 10)));
    maps[k].apply(atoms, rows_of<const float>({shape.n_in, shape.n_rows}, inputs[k].data()), rows_of(to, alone.data()),
                  shape.n_rows == 3);
    CHECK(outputs[k].to_host() == alone.to_host());
  }
}

TEST(a_row_does_not_depend_on_the_other_rows) {
  const auto context = make_test_context();
  constexpr int kChannels = 40;
  const auto weights = random_numbers(std::size_t{kChannels} * kChannels, 4);
  const Linear<float> linear(*context, 1, kChannels, kChannels, weights);
  const auto products = [&](int n_atoms) {
    const AtomGroups atoms(*context, std::vector<int>(static_cast<std::size_t>(n_atoms), 0));
    const Buffer<float> in(*context, rounded<float>(random_numbers(static_cast<std::size_t>(n_atoms) * kChannels, 5)));
    Buffer<float> out(*context, in.size());
    linear.apply(atoms, {in.data(), kChannels, 0, 1}, {out.data(), kChannels, 0, 1}, false);
    return out.to_host();
  };
  const std::vector<float> many = products(500);
  for (const int n : {0, 1, 31, 32, 33}) {
    const std::vector<float> few = products(n);
    CHECK(std::equal(few.begin(), few.end(), many.begin()));
  }
}

TEST(a_row_does_not_depend_on_the_size_of_tiles) {
  const auto context = make_test_context();
  // As many rows and columns as make a GPU take its largest tiles, its middle ones and its smallest.
  constexpr int kIn = 5;
  constexpr int kOut = 1030;
  const Linear<float> linear(*context, 1, kIn, kOut, random_numbers(std::size_t{kIn} * kOut, 11));
  std::vector<float> most;
  for (const int n_atoms : {3300, 1600, 40}) {
    const AtomGroups atoms(*context, std::vector<int>(static_cast<std::size_t>(n_atoms), 0));
    const Buffer<float> in(*context, rounded<float>(random_numbers(static_cast<std::size_t>(n_atoms) * kIn, 12)));
    Buffer<float> out(*context, static_cast<std::size_t>(n_atoms) * kOut);
    linear.apply(atoms, {in.data(), kIn, 0, 1}, {out.data(), kOut, 0, 1}, false);
    const std::vector<float> rows = out.to_host();
    if (most.empty()) most = rows;
    CHECK(std::equal(rows.begin(), rows.end(), most.begin()));
  }
}

#ifndef __CUDACC__
TEST(linear_maps_do_not_depend_on_the_number_of_threads) {
  Context context;
  std::vector<int> elements;
  for (int copy = 0; copy < 40; ++copy) elements.insert(elements.end(), kElements.begin(), kElements.end());
  const AtomGroups atoms(context, elements);
  const auto weights = random_numbers(std::size_t{3} * 70 * 50, 6);
  const Linear<float> linear(context, 3, 70, 50, weights);
  const Buffer<float> in(context, rounded<float>(random_numbers(elements.size() * 70, 7)));
  std::vector<float> first;
  for (const int n_threads : {1, 2, 3, 7}) {
    context.set_n_threads(n_threads);
    Buffer<float> out(context, elements.size() * 50);
    linear.apply(atoms, {in.data(), 70, 0, 1}, {out.data(), 50, 0, 1}, false);
    if (n_threads == 1) first = out.to_host();
    CHECK(out.to_host() == first);
  }
}
#endif

}  // namespace mofkernel::MOFK_NS
