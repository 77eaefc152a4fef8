// The symmetric contraction and its adjoint against mace-torch's (tests/reference/make_mace_contraction.py).
#include <filesystem>
#include <fstream>
#include <iterator>

#include "check.hpp"
#include "device.hpp"
#include "potentials/mace/contraction.hpp"
#include "protocol/json.hpp"

namespace mofkernel::MOFK_NS {

namespace {

const std::filesystem::path kFolder = MOFK_TEST_REFERENCE_DIR;

json::Value read_references() {
  std::ifstream file(kFolder / "mace_contraction.json");
  return json::parse(std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()));
}

template <class T>
std::vector<T> numbers_of(const json::Value& value) {
  std::vector<T> numbers;
  for (const json::Value& number : value.array()) numbers.push_back(static_cast<T>(number.number()));
  return numbers;
}

template <class T>
void check_close(const std::vector<T>& actual, const json::Value& reference, double allowed) {
  const std::vector<double> expected = numbers_of<double>(reference);
  CHECK(actual.size() == expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k)
    CHECK_CLOSE(static_cast<double>(actual[k]), expected[k], allowed, allowed);
}

/// `allowed`: of numbers up to 10.
template <class T>
void compare(const Context& context, const json::Value& one, double allowed) {
  const auto model = mofkernel::mace::read_model(kFolder / "mace" / one.at("model").text());
  const auto& layer = model.layers[static_cast<std::size_t>(one.at("layer").integer())];
  std::vector<int> elements;
  for (const json::Value& element : one.at("elements").array()) elements.push_back(static_cast<int>(element.integer()));
  const mace::AtomGroups atoms(context, elements);
  const mace::Contraction<T> contraction(context, layer.product, model.l_max, layer.n_message_channels, atoms);
  const Buffer<T> x(context, numbers_of<T>(one.at("x")));
  const Buffer<T> grad_b(context, numbers_of<T>(one.at("grad_b")));
  Buffer<T> b(context, grad_b.size());
  Buffer<T> grad_x(context, x.size());
  contraction.value(atoms, x.data(), b.data());
  contraction.adjoint(atoms, x.data(), grad_b.data(), grad_x.data());
  check_close(b.to_host(), one.at("b"), allowed);
  check_close(grad_x.to_host(), one.at("grad_x"), allowed);
}

}  // namespace

TEST(contraction_is_that_of_mace_torch) {
  const auto context = make_test_context();
  const json::Value references = read_references();
  CHECK(references.at("cases").array().size() == 7);
  for (const json::Value& one : references.at("cases").array()) {
    compare<double>(*context, one, 1e-13);
    compare<float>(*context, one, 2e-6);
  }
}

}  // namespace mofkernel::MOFK_NS
