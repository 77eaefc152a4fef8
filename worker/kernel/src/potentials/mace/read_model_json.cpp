#include "potentials/mace/read_model_json.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "errors.hpp"
#include "potentials/mace/couplings.hpp"
#include "protocol/members.hpp"

namespace mofkernel::mace {
namespace {

using protocol::choose;
using protocol::Members;

/// Far above any model, and low enough that products of two cannot overflow.
constexpr int kMostChannels = 16384;
constexpr int kMostLayers = 64;
constexpr int kMostHeads = 4096;
constexpr int kMostExponent = 64;
constexpr int kMostDegreeOfSchema = 8;
constexpr int kMostCorrelation = 4;

[[noreturn]] void refuse_kind(const std::string& what) {
  throw KernelError(ErrorCode::unsupported, "This MACE model cannot be computed: " + what + ".");
}

/// A degree that the coupling coefficients cover.
int read_degree(Members& members, std::string_view key) {
  const int degree = members.count(key, 0, kMostDegreeOfSchema);
  if (degree > kMostDegree)
    refuse_kind("\"" + std::string(key) + "\" is " + std::to_string(degree) + ", the kernel goes up to " +
                std::to_string(kMostDegree));
  return degree;
}

Activation read_activation(const json::Value& value) {
  Members members(value, "an activation");
  Activation activation;
  activation.name = choose<ActivationName>("the activation", members.text("name"),
                                           {{"silu", ActivationName::silu},
                                            {"tanh", ActivationName::tanh},
                                            {"abs", ActivationName::abs},
                                            {"sigmoid", ActivationName::sigmoid},
                                            {"none", ActivationName::none}});
  activation.scale = members.number("scale");
  members.finish();
  return activation;
}

Transform read_transform(const json::Value& value) {
  Members members(value, "the distance transform");
  Transform transform;
  transform.kind = choose<TransformKind>(
      "the distance transform", members.text("kind"),
      {{"none", TransformKind::none}, {"agnesi", TransformKind::agnesi}, {"soft", TransformKind::soft}});
  if (transform.kind == TransformKind::agnesi) {
    transform.q = members.number("q");
    transform.p = members.number("p");
    transform.a = members.number("a");
  } else if (transform.kind == TransformKind::soft) {
    transform.alpha = members.number("alpha");
  }
  members.finish();
  return transform;
}

/// A number that only one kind of basis has; null for the others.
double read_optional(Members& members, std::string_view key, bool is_needed) {
  if (is_needed) return members.number(key);
  if (!members.at(key).is_null()) refuse_files("the radial basis has a \"" + std::string(key) + "\" too many");
  return 0;
}

RadialBasis read_radial(const json::Value& value) {
  Members members(value, "the radial basis");
  RadialBasis radial;
  radial.basis =
      choose<Basis>("the radial basis", members.text("basis"),
                    {{"bessel", Basis::bessel}, {"gaussian", Basis::gaussian}, {"chebyshev", Basis::chebyshev}});
  radial.n_basis = members.count("n_basis", 1, kMostChannels);
  radial.prefactor = read_optional(members, "prefactor", radial.basis == Basis::bessel);
  radial.coefficient = read_optional(members, "coefficient", radial.basis == Basis::gaussian);
  radial.cutoff_exponent = members.count("cutoff_exponent", 1, kMostExponent);
  radial.is_cutoff_in_basis = members.boolean("is_cutoff_in_basis");
  radial.transform = read_transform(members.at("transform"));
  members.finish();
  return radial;
}

std::optional<Zbl> read_zbl(const json::Value& value) {
  if (value.is_null()) return std::nullopt;
  Members members(value, "the ZBL repulsion");
  Zbl zbl;
  const json::Array& coefficients = members.at("coefficients").array();
  if (coefficients.size() != zbl.coefficients.size()) refuse_files("the ZBL repulsion has not four coefficients");
  for (std::size_t k = 0; k < coefficients.size(); ++k) zbl.coefficients[k] = coefficients[k].number();
  zbl.cutoff_exponent = members.count("cutoff_exponent", 1, kMostExponent);
  zbl.a_exponent = members.number("a_exponent");
  zbl.a_prefactor = members.number("a_prefactor");
  if (zbl.a_prefactor <= 0) refuse_files("the screening length of the ZBL repulsion is not positive");
  members.finish();
  return zbl;
}

Path read_path(const json::Value& value, const Layer& layer, int l_max) {
  if (value.array().size() != 3) refuse_files("a path has not three degrees");
  const auto degree = [&](std::size_t k) {
    const std::int64_t l = value.at(k).integer();
    if (l < 0 || l > kMostDegreeOfSchema) refuse_files("a path has a degree that does not exist");
    return static_cast<int>(l);
  };
  const Path path{degree(0), degree(1), degree(2)};
  const auto [l1, l2, l3] = path;
  if (l1 > layer.edge_l_max || l2 > l_max || l3 > l_max || l3 > l1 + l2 || l1 > l2 + l3 || l2 > l1 + l3)
    refuse_files("a path has degrees that do not couple");
  if ((l1 + l2 + l3) % 2 != 0) refuse_kind("it has features of unnatural parity, or was made with use_so3");
  return path;
}

std::vector<Path> read_paths(const json::Value& value, const Layer& layer, int l_max) {
  std::vector<Path> paths;
  std::set<std::tuple<int, int, int>> seen;
  std::vector<bool> is_reached(static_cast<std::size_t>(l_max) + 1, false);
  for (const json::Value& entry : value.array()) {
    const Path path = read_path(entry, layer, l_max);
    if (!seen.emplace(path.l1, path.l2, path.l3).second) refuse_files("a path occurs twice");
    if (!paths.empty() && path.l3 < paths.back().l3) refuse_files("the paths are not in the order of their results");
    is_reached[static_cast<std::size_t>(path.l3)] = true;
    paths.push_back(path);
  }
  if (std::find(is_reached.begin(), is_reached.end(), false) != is_reached.end())
    refuse_kind("no path leads to some degree of a layer's message");
  return paths;
}

Product read_product(const json::Value& value, const Layer& layer) {
  Members members(value, "the product of a layer");
  Product product;
  product.correlation = members.count("correlation", 1, kMostCorrelation);
  product.output_l_max = read_degree(members, "output_l_max");
  product.n_output_channels = members.count("n_output_channels", 1, kMostChannels);
  // mace-torch sets the flag for blocks without a residual, too, where it has no effect.
  product.has_residual = members.boolean("has_residual") && has_residual(layer.block);
  product.is_element_agnostic = members.boolean("is_element_agnostic");
  members.finish();
  return product;
}

Layer read_layer(const json::Value& value, int l_max) {
  Members members(value, "a layer");
  Layer layer;
  layer.block = choose<Block>("the interaction block", members.text("block"),
                              {{"RealAgnosticInteractionBlock", Block::agnostic},
                               {"RealAgnosticResidualInteractionBlock", Block::residual},
                               {"RealAgnosticDensityInteractionBlock", Block::density},
                               {"RealAgnosticDensityResidualInteractionBlock", Block::density_residual},
                               {"RealAgnosticResidualNonLinearInteractionBlock", Block::nonlinear}});
  layer.n_input_channels = members.count("n_input_channels", 1, kMostChannels);
  layer.input_l_max = read_degree(members, "input_l_max");
  layer.n_edge_channels = members.count("n_edge_channels", 1, kMostChannels);
  layer.edge_l_max = read_degree(members, "edge_l_max");
  layer.n_message_channels = members.count("n_message_channels", 1, kMostChannels);
  if (layer.edge_l_max > layer.input_l_max) refuse_files("a layer has edge features that its input does not have");
  if (layer.block == Block::nonlinear && layer.edge_l_max > l_max)
    refuse_kind("the features of a non-linear block go beyond its harmonics");
  layer.paths = read_paths(members.at("paths"), layer, l_max);
  layer.avg_num_neighbors = members.number("avg_num_neighbors");
  if (layer.avg_num_neighbors <= 0) refuse_files("the average number of neighbors is not positive");
  layer.radial_activation = read_activation(members.at("radial_activation"));
  const json::Value& gate = members.at("gate");
  if (gate.is_null() != (layer.block != Block::nonlinear)) refuse_files("a gate is missing, or there is one too many");
  if (!gate.is_null()) {
    Members parts(gate, "the gate of a layer");
    layer.gate_scalars = read_activation(parts.at("scalars"));
    layer.gate_gates = read_activation(parts.at("gates"));
    parts.finish();
  }
  layer.product = read_product(members.at("product"), layer);
  members.finish();
  return layer;
}

/// The channels and degrees of each layer's input are those of the layer before.
void check_chain(const Model& model) {
  int n_channels = model.n_channels;
  int l_max = 0;
  for (const Layer& layer : model.layers) {
    if (layer.n_input_channels != n_channels || layer.input_l_max != l_max)
      refuse_files("a layer does not take what the layer before it gives");
    n_channels = layer.product.n_output_channels;
    l_max = layer.product.output_l_max;
  }
}

Readout read_readout(const json::Value& value, const Model& model) {
  Members members(value, "a readout");
  Readout readout;
  readout.kind = choose<ReadoutKind>("the readout", members.text("kind"),
                                     {{"linear", ReadoutKind::linear},
                                      {"nonlinear", ReadoutKind::nonlinear},
                                      {"nonlinear_bias", ReadoutKind::nonlinear_bias}});
  readout.layer = members.count("layer", 0, static_cast<int>(model.layers.size()) - 1);
  readout.n_hidden = members.count("n_hidden", 0, kMostChannels);
  readout.activation = read_activation(members.at("activation"));
  const int n_heads = static_cast<int>(model.heads.size());
  if (readout.kind != ReadoutKind::linear && (readout.n_hidden == 0 || readout.n_hidden % n_heads != 0))
    refuse_files("the hidden units of a readout are not the same number for each head");
  members.finish();
  return readout;
}

std::vector<int> read_elements(const json::Value& value) {
  std::vector<int> elements;
  std::set<std::int64_t> seen;
  for (const json::Value& entry : value.array()) {
    const std::int64_t z = entry.integer();
    if (z < 1 || z > 118) refuse_files("there is an atomic number that no element has");
    if (!seen.insert(z).second) refuse_files("an element occurs twice");
    elements.push_back(static_cast<int>(z));
  }
  if (elements.empty()) refuse_files("the model knows no element");
  return elements;
}

std::vector<std::string> read_heads(const json::Value& value) {
  std::vector<std::string> heads;
  for (const json::Value& entry : value.array()) heads.push_back(entry.text());
  if (heads.empty() || heads.size() > kMostHeads) refuse_files("the list of heads is empty or far too long");
  return heads;
}

/// Where the model comes from is for people; only the class decides something.
bool read_source(const json::Value& value) {
  Members members(value, "the source");
  for (const char* key : {"file_name", "sha256"}) members.text(key);
  members.whole("size_bytes");
  const bool has_scale_shift =
      choose<bool>("the class", members.text("class_name"), {{"ScaleShiftMACE", true}, {"MACE", false}});
  members.finish();
  return has_scale_shift;
}

/// At most `most` entries, at least one.
const json::Array& read_list(Members& members, std::string_view key, std::size_t most) {
  const json::Array& list = members.at(key).array();
  if (list.empty() || list.size() > most) refuse_files("\"" + std::string(key) + "\" is empty or far too long");
  return list;
}

}  // namespace

Description read_description(std::string_view text) {
  const json::Value json = json::parse(text, {.depth = 16, .n_values = 1'000'000});
  Members members(json, "model.json");
  if (members.text("format") != "mofsimbench-mace") refuse_files("model.json is of another format");
  if (members.whole("format_version") != 1) refuse_files("model.json is of a version that this kernel does not know");
  Description description;
  Model& model = description.model;
  model.has_scale_shift = read_source(members.at("source"));
  model.tensors_sha256 = members.text("tensors_sha256");
  description.type = choose<TensorType>("the type", members.text("dtype"),
                                        {{"float64", TensorType::f64}, {"float32", TensorType::f32}});
  members.whole("n_parameters", 1);
  model.atomic_numbers = read_elements(members.at("atomic_numbers"));
  model.r_max_A = members.number("r_max_A", {.least = 0, .most = 100, .excludes_least = true});
  model.heads = read_heads(members.at("heads"));
  model.l_max = read_degree(members, "l_max");
  model.n_channels = members.count("n_channels", 1, kMostChannels);
  model.radial = read_radial(members.at("radial"));
  model.zbl = read_zbl(members.at("zbl"));
  for (const json::Value& layer : read_list(members, "layers", kMostLayers))
    model.layers.push_back(read_layer(layer, model.l_max));
  check_chain(model);
  for (const json::Value& readout : read_list(members, "readouts", kMostLayers))
    model.readouts.push_back(read_readout(readout, model));
  members.finish();
  return description;
}

}  // namespace mofkernel::mace
