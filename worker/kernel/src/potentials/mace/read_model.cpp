// The tensors of docs/mace-model.md, each with exactly the shape that model.json asks for.
#include <algorithm>
#include <cctype>

#include "errors.hpp"
#include "files/file_system.hpp"
#include "files/sha256.hpp"
#include "potentials/mace/read_model_json.hpp"
#include "potentials/mace/safetensors.hpp"

namespace mofkernel::mace {
namespace {

constexpr std::size_t kRadii = 119;
constexpr std::size_t kMostDescriptionBytes = 1 << 20;

std::size_t size(int n) { return static_cast<std::size_t>(n); }

/// Tensors whose names begin with the same words.
class Scope {
 public:
  Scope(TensorFile& file, TensorType type, std::string prefix) : file_(file), type_(type), prefix_(std::move(prefix)) {}

  [[nodiscard]] Scope in(const std::string& name) const { return {file_, type_, prefix_ + name + "."}; }
  [[nodiscard]] Scope in(std::size_t index) const { return in(std::to_string(index)); }
  [[nodiscard]] bool has(const std::string& name) const { return file_.has(prefix_ + name); }
  [[nodiscard]] const Shape& shape(const std::string& name) const { return file_.shape(prefix_ + name); }
  [[nodiscard]] Tensor take(const std::string& name, const Shape& shape) const {
    return file_.take(prefix_ + name, shape, type_);
  }
  /// Of 64 bits, whatever the others have.
  [[nodiscard]] Tensor take_doubles(const std::string& name, const Shape& shape) const {
    return file_.take(prefix_ + name, shape, TensorType::f64);
  }
  [[nodiscard]] Tensor take(std::size_t index, const Shape& shape) const { return take(std::to_string(index), shape); }
  [[nodiscard]] std::vector<int> take_integers(const std::string& name, const Shape& shape) const {
    return file_.take_integers(prefix_ + name, shape);
  }
  /// Extent of one dimension of a tensor that has so many.
  [[nodiscard]] std::size_t extent(const std::string& name, std::size_t n_dimensions, std::size_t dimension) const {
    if (shape(name).size() != n_dimensions)
      refuse_files("tensor \"" + prefix_ + name + "\" has not " + std::to_string(n_dimensions) + " dimensions");
    return shape(name)[dimension];
  }

 private:
  TensorFile& file_;
  TensorType type_;
  std::string prefix_;
};

/// A radial network, whose hidden widths only the tensors tell; with biases and layer normalisation in the non-linear
/// block.
std::vector<DenseLayer> take_network(const Scope& scope, std::size_t n_in, std::size_t n_out, bool is_normalised) {
  std::vector<DenseLayer> network;
  for (std::size_t i = 0; i == 0 || scope.in(i).has("weight"); ++i) {
    const Scope here = scope.in(i);
    const bool is_last = !scope.in(i + 1).has("weight");
    const std::size_t width = is_last ? n_out : here.extent("weight", 2, 1);
    if (width == 0) refuse_files("a radial network has a layer without units");
    DenseLayer layer;
    layer.weight = here.take("weight", {n_in, width});
    if (is_normalised) layer.bias = here.take("bias", {width});
    if (is_normalised && !is_last) {
      layer.norm_weight = here.take("norm_weight", {width});
      layer.norm_bias = here.take("norm_bias", {width});
    }
    network.push_back(std::move(layer));
    n_in = width;
  }
  return network;
}

void check_index(const Monomials& monomials, int output_l, int l_max) {
  const std::size_t stride = 1 + size(monomials.degree);
  const int n_harmonics = (l_max + 1) * (l_max + 1);
  const auto row = [&](std::size_t at) { return std::span<const int>(monomials.index).subspan(at, stride); };
  for (std::size_t at = 0; at < monomials.index.size(); at += stride) {
    const std::span<const int> harmonics = row(at).subspan(1);
    const bool is_inside = row(at)[0] >= 0 && row(at)[0] <= 2 * output_l && harmonics.front() >= 0 &&
                           harmonics.back() < n_harmonics && std::is_sorted(harmonics.begin(), harmonics.end());
    if (!is_inside) refuse_files("a monomial of a product has indices that do not exist");
    if (at == 0) continue;
    const std::span<const int> before = row(at - stride);
    if (!std::lexicographical_compare(before.begin(), before.end(), row(at).begin(), row(at).end()))
      refuse_files("the monomials of a product are not in their order");
  }
}

Monomials take_monomials(const Scope& scope, const Model& model, const Layer& layer, int output_l, int degree) {
  Monomials monomials;
  monomials.degree = degree;
  const std::size_t n = scope.extent("index", 2, 0);
  const std::size_t n_couplings = scope.extent("coupling", 2, 1);
  monomials.index = scope.take_integers("index", {n, 1 + size(degree)});
  check_index(monomials, output_l, model.l_max);
  monomials.coupling = scope.take_doubles("coupling", {n, n_couplings});
  const std::size_t n_elements = layer.product.is_element_agnostic ? 1 : model.atomic_numbers.size();
  monomials.weight = scope.take("weight", {n_elements, n_couplings, size(layer.n_message_channels)});
  return monomials;
}

void take_product(const Scope& scope, const Model& model, Layer& layer) {
  Product& product = layer.product;
  for (int l = 0; l <= product.output_l_max; ++l) {
    std::vector<Monomials> by_degree;
    for (int degree = 1; degree <= product.correlation; ++degree)
      by_degree.push_back(take_monomials(scope.in(size(l)).in(size(degree)), model, layer, l, degree));
    product.monomials.push_back(std::move(by_degree));
    product.linear.push_back(
        scope.in("linear").take(size(l), {size(layer.n_message_channels), size(product.n_output_channels)}));
  }
}

std::vector<Tensor> take_skip(const Scope& scope, const Model& model, const Layer& layer) {
  const std::size_t n_message = size(layer.n_message_channels);
  const std::size_t n_in = size(layer.n_input_channels);
  const std::size_t n_out = size(layer.product.n_output_channels);
  const std::size_t n_elements = model.atomic_numbers.size();
  const bool follows_linear = !has_residual(layer.block);
  const int most_l = follows_linear ? model.l_max : std::min(layer.input_l_max, layer.product.output_l_max);
  Shape shape{n_in, n_elements, n_out};
  if (follows_linear) shape = {n_message, n_elements, n_message};
  if (layer.block == Block::nonlinear) shape = {n_in, n_out};
  std::vector<Tensor> skip;
  for (int l = 0; l <= most_l; ++l) skip.push_back(scope.in("skip").take(size(l), shape));
  return skip;
}

/// What only the non-linear block has.
void take_nonlinear(const Scope& scope, const Model& model, Layer& layer) {
  const std::size_t n_in = size(layer.n_input_channels);
  const std::size_t n_message = size(layer.n_message_channels);
  const Shape embedding{model.atomic_numbers.size(), n_in};
  layer.source_embedding = scope.take("source_embedding", embedding);
  layer.target_embedding = scope.take("target_embedding", embedding);
  layer.alpha = scope.take("alpha", {1});
  layer.beta = scope.take("beta", {1});
  for (int l = 0; l <= layer.edge_l_max; ++l)
    layer.linear_res.push_back(
        scope.in("linear_res").take(size(l), {size(layer.n_edge_channels), n_mixed_channels(model, layer, l)}));
  for (int l = 0; l <= model.l_max; ++l)
    layer.linear_2.push_back(scope.in("linear_2").take(size(l), {n_message, n_message}));
}

void take_layer(const Scope& scope, const Model& model, Layer& layer) {
  const std::size_t n_edge = size(layer.n_edge_channels);
  const std::size_t n_basis = size(model.radial.n_basis);
  const bool is_nonlinear = layer.block == Block::nonlinear;
  for (int l = 0; l <= layer.edge_l_max; ++l)
    layer.linear_up.push_back(scope.in("linear_up").take(size(l), {size(layer.n_input_channels), n_edge}));

  const std::size_t n_network_in = n_basis + (is_nonlinear ? 2 * size(layer.n_input_channels) : 0);
  layer.radial = take_network(scope.in("radial"), n_network_in, layer.paths.size() * n_edge, is_nonlinear);
  if (is_nonlinear) layer.density = take_network(scope.in("density"), n_network_in, 1, true);
  if (layer.block == Block::density || layer.block == Block::density_residual)
    layer.density_weight = scope.in("density").take("weight", {n_basis});

  for (int l = 0; l <= model.l_max; ++l) {
    const auto n_paths = static_cast<std::size_t>(
        std::count_if(layer.paths.begin(), layer.paths.end(), [&](const Path& path) { return path.l3 == l; }));
    layer.linear.push_back(scope.in("linear").take(size(l), {n_paths * n_edge, n_mixed_channels(model, layer, l)}));
  }
  layer.skip = take_skip(scope, model, layer);
  if (is_nonlinear) take_nonlinear(scope, model, layer);
  take_product(scope.in("product"), model, layer);
}

void take_readout(const Scope& scope, const Model& model, Readout& readout) {
  const std::size_t n_in = size(model.layers[size(readout.layer)].product.n_output_channels);
  const std::size_t n_hidden = size(readout.n_hidden);
  const std::size_t n_heads = model.heads.size();
  if (readout.kind == ReadoutKind::linear) {
    readout.linear = scope.take("linear", {n_in, n_heads});
    return;
  }
  readout.linear_1 = scope.take("linear_1", {n_in, n_hidden});
  readout.linear_2 = scope.take("linear_2", {n_hidden, n_heads});
  if (readout.kind != ReadoutKind::nonlinear_bias) return;
  readout.linear_mid = scope.take("linear_mid", {n_hidden, n_hidden});
  readout.bias_mid = scope.take("bias_mid", {n_hidden});
  readout.bias_2 = scope.take("bias_2", {n_heads});
}

/// Radii by atomic number; those of the model's elements divide distances.
Tensor take_radii(const Scope& scope, const Model& model) {
  Tensor radii = scope.take("covalent_radii", {kRadii});
  for (const int z : model.atomic_numbers) {
    if (radii.values[size(z)] <= 0) refuse_files("a covalent radius is not positive");
  }
  return radii;
}

void take_model(const Scope& scope, Model& model) {
  const std::size_t n_elements = model.atomic_numbers.size();
  const std::size_t n_heads = model.heads.size();
  model.node_embedding = scope.take("node_embedding", {n_elements, size(model.n_channels)});
  model.atomic_energies = scope.take("atomic_energies", {n_heads, n_elements});
  model.scale = {{n_heads}, std::vector<double>(n_heads, 1.0)};
  model.shift = {{n_heads}, std::vector<double>(n_heads, 0.0)};
  if (model.has_scale_shift) {
    model.scale = scope.take("scale", {n_heads});
    model.shift = scope.take("shift", {n_heads});
  }
  if (model.radial.basis != Basis::chebyshev)
    model.radial.weights = scope.in("radial").take("weights", {size(model.radial.n_basis)});
  if (model.radial.transform.kind != TransformKind::none)
    model.radial.transform.covalent_radii = take_radii(scope.in("transform"), model);
  if (model.zbl) model.zbl->covalent_radii = take_radii(scope.in("zbl"), model);
  for (std::size_t t = 0; t < model.layers.size(); ++t) take_layer(scope.in("layers").in(t), model, model.layers[t]);
  for (std::size_t i = 0; i < model.readouts.size(); ++i)
    take_readout(scope.in("readouts").in(i), model, model.readouts[i]);
}

std::string text_of_file(const std::filesystem::path& path) {
  const Bytes bytes = read_part(path, 0, kMostDescriptionBytes + 1);
  if (bytes.size() > kMostDescriptionBytes) refuse_files("model.json is far too long");
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Description read_description_file(const std::filesystem::path& path) {
  try {
    return read_description(text_of_file(path));
  } catch (const KernelError& error) {
    if (error.code() != ErrorCode::bad_request) throw;
    refuse_files("model.json: " + std::string(error.what()));
  }
}

bool is_same_name(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::size_t n_mixed_channels(const Model& model, const Layer& layer, int l) {
  const bool holds_gates = layer.block == Block::nonlinear && l == 0;
  return size(layer.n_message_channels) * (holds_gates ? 1 + size(model.l_max) : 1);
}

Model read_model(const std::filesystem::path& folder) {
  Description description = read_description_file(folder / "model.json");
  Bytes bytes = read_file(folder / "model.safetensors");
  if (sha256(bytes) != description.model.tensors_sha256)
    refuse_files("model.safetensors is damaged or not the one of model.json");
  TensorFile file(std::move(bytes));
  take_model(Scope(file, description.type, ""), description.model);
  file.finish();
  return std::move(description.model);
}

int choose_head(const Model& model, const std::string& name) {
  const auto& heads = model.heads;
  const auto index = [&](auto found) { return static_cast<int>(found - heads.begin()); };
  const auto exact = std::find(heads.begin(), heads.end(), name);
  if (exact != heads.end()) return index(exact);
  if (name.empty() && heads.size() == 1) return 0;
  if (name.empty()) {
    const auto usual =
        std::find_if(heads.begin(), heads.end(), [](const auto& h) { return is_same_name(h, "default"); });
    if (usual != heads.end()) return index(usual);
  }
  std::string known;
  for (const std::string& head : heads) known += (known.empty() ? "" : ", ") + head;
  throw KernelError(ErrorCode::bad_request, (name.empty() ? "The model has several heads and none was named"
                                                          : "The model has no head \"" + name + "\"") +
                                                std::string("; there are: ") + known);
}

}  // namespace mofkernel::mace
