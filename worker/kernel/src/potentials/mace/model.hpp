// A MACE model as model.json and model.safetensors hold it (docs/mace-model.md): host memory, nothing folded yet.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mofkernel::mace {

enum class Block { agnostic, residual, density, density_residual, nonlinear };
/// The block adds something of its input behind the product; the others put their element-dependent map before it.
constexpr bool has_residual(Block block) { return block != Block::agnostic && block != Block::density; }
enum class Basis { bessel, gaussian, chebyshev };
enum class TransformKind { none, agnesi, soft };
enum class ActivationName { silu, tanh, abs, sigmoid, none };
enum class ReadoutKind { linear, nonlinear, nonlinear_bias };

/// Row-major; as many values as the product of the shape.
struct Tensor {
  std::vector<std::size_t> shape;
  std::vector<double> values;
};

/// f(x) * scale.
struct Activation {
  ActivationName name = ActivationName::silu;
  double scale = 1;
};

struct Transform {
  TransformKind kind = TransformKind::none;
  double q = 0, p = 0, a = 0;  ///< Agnesi
  double alpha = 0;            ///< Soft
  Tensor covalent_radii;       ///< [119] A
};

struct RadialBasis {
  Basis basis = Basis::bessel;
  int n_basis = 0;
  double prefactor = 0;    ///< Bessel
  double coefficient = 0;  ///< Gaussian, 1/A^2
  int cutoff_exponent = 5;
  bool is_cutoff_in_basis = true;
  Transform transform;
  Tensor weights;  ///< [n_basis]
};

struct Zbl {
  std::array<double, 4> coefficients{};
  int cutoff_exponent = 0;
  double a_exponent = 0;
  double a_prefactor = 0;
  Tensor covalent_radii;  ///< [119] A
};

/// One layer of a radial network; bias and normalisation are empty where there is none.
struct DenseLayer {
  Tensor weight;  ///< [in][out]
  Tensor bias, norm_weight, norm_bias;
};

/// Monomials of degree nu of one output degree of the contraction.
struct Monomials {
  int degree = 1;
  std::vector<int> index;  ///< [n][1 + degree]: component, then ascending harmonics indices
  Tensor coupling;         ///< [n][K]
  Tensor weight;           ///< [Nz or 1][K][C_m]
};

struct Product {
  int correlation = 1;
  int output_l_max = 0;
  int n_output_channels = 0;
  bool has_residual = false;
  bool is_element_agnostic = false;
  std::vector<std::vector<Monomials>> monomials;  ///< [output_l_max + 1][correlation], degree 1 first
  std::vector<Tensor> linear;                     ///< [output_l_max + 1] [C_m][C_out]
};

struct Path {
  int l1, l2, l3;
};

struct Layer {
  Block block = Block::residual;
  int n_input_channels = 0, input_l_max = 0;
  int n_edge_channels = 0, edge_l_max = 0;
  int n_message_channels = 0;
  std::vector<Path> paths;
  double avg_num_neighbors = 1;
  Activation radial_activation;
  Activation gate_scalars, gate_gates;  ///< non-linear block
  std::vector<Tensor> linear_up;        ///< by l of the input
  std::vector<DenseLayer> radial;
  Tensor density_weight;            ///< [n_basis]; density blocks
  std::vector<DenseLayer> density;  ///< non-linear block
  std::vector<Tensor> linear;       ///< by l of the message
  std::vector<Tensor> skip;         ///< by l; see docs/mace-model.md
  Tensor source_embedding, target_embedding, alpha, beta;
  std::vector<Tensor> linear_res, linear_2;
  Product product;
};

struct Readout {
  ReadoutKind kind = ReadoutKind::linear;
  int layer = 0;
  int n_hidden = 0;
  Activation activation;
  Tensor linear;  ///< linear readout
  Tensor linear_1, linear_2, linear_mid, bias_mid, bias_2;
};

struct Model {
  std::string tensors_sha256;
  std::vector<int> atomic_numbers;  ///< [Nz]
  double r_max_A = 0;
  std::vector<std::string> heads;
  int l_max = 0;
  int n_channels = 0;
  bool has_scale_shift = false;
  RadialBasis radial;
  std::optional<Zbl> zbl;
  Tensor node_embedding;   ///< [Nz][C]
  Tensor atomic_energies;  ///< [H][Nz] eV
  Tensor scale, shift;     ///< [H]; 1 and 0 without a scale_shift
  std::vector<Layer> layers;
  std::vector<Readout> readouts;

  [[nodiscard]] int n_elements() const { return static_cast<int>(atomic_numbers.size()); }
};

/// Channels of degree l that a layer's `linear` ends in: of the non-linear block before its gate.
std::size_t n_mixed_channels(const Model& model, const Layer& layer, int l);

/// Reads and checks a folder: every tensor that the blocks need is there with its shape, every number finite, the
/// checksum right. Throws KernelError(file_error) for what cannot be read, (unsupported) with a sentence for what this
/// kernel does not compute.
Model read_model(const std::filesystem::path& folder);

/// Index in `heads`. Throws KernelError(bad_request) naming the heads that there are, when the name is none of them or
/// is empty and there are several without one called "default" (in any case).
int choose_head(const Model& model, const std::string& name);

}  // namespace mofkernel::mace
