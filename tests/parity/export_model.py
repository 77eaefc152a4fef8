"""A mace-torch module -> the folder that the kernel reads (docs/mace-model.md), straight from the living Python object.

This is the second opinion on worker/models/mace, which reads the saved file without Python: nothing is shared between the two but the format.
"""
import hashlib
import itertools
import json
import math

import numpy as np
import torch
from safetensors.numpy import save_file

FORMAT_VERSION = 1
RESIDUAL_BLOCKS = {
    "RealAgnosticResidualInteractionBlock",
    "RealAgnosticDensityResidualInteractionBlock",
    "RealAgnosticResidualNonLinearInteractionBlock",
}
NONLINEAR_BLOCK = "RealAgnosticResidualNonLinearInteractionBlock"
READOUT_KINDS = {
    "LinearReadoutBlock": "linear",
    "NonLinearReadoutBlock": "nonlinear",
    "NonLinearBiasReadoutBlock": "nonlinear_bias",
}
TRANSFORMS = {"AgnesiTransform": "agnesi", "SoftTransform": "soft"}
BASES = {"BesselBasis": "bessel", "GaussianBasis": "gaussian", "ChebychevBasis": "chebyshev"}


def array(tensor):
    return np.ascontiguousarray(tensor.detach().cpu().numpy())


def class_name(module):
    return type(module).__name__


def linear_by_degree(linear):
    """Weights of an o3.Linear: l -> [all inputs of that l, one after another][outputs]."""
    blocks, offset = {}, 0
    for instruction in linear.instructions:
        if instruction.i_in == -1:
            continue  # a bias, kept in a tensor of its own
        size = math.prod(instruction.path_shape)
        weight = array(linear.weight)[offset : offset + size].reshape(instruction.path_shape)
        blocks.setdefault(linear.irreps_in[instruction.i_in].ir.l, []).append(weight)
        offset += size
    assert offset == linear.weight.numel()
    return {l: np.concatenate(parts, axis=0) for l, parts in blocks.items()}


def tensor_product_by_degree(product):
    """Weights of a FullyConnectedTensorProduct with the elements: l -> [inputs][elements][outputs]."""
    blocks = {}
    for _, instruction, weight in product.weight_views(yield_instruction=True):
        degree = product.irreps_in1[instruction.i_in1].ir.l
        assert degree not in blocks, "one block for each degree"
        blocks[degree] = array(weight)
    return blocks


def monomials_of(u, degree, n_components):
    """Index rows (component, ascending harmonics) and couplings [n][K] of U [component][harmonics]*degree[K]."""
    tolerance = (1e-12 if u.dtype == np.float64 else 1e-6) * float(np.max(np.abs(u)))
    wide = u.astype(np.float64).reshape((n_components, *u.shape[-degree - 1 :]))
    index, coupling = [], []
    for component in range(n_components):
        for indices in itertools.combinations_with_replacement(range(wide.shape[1]), degree):
            total = np.zeros(wide.shape[-1])
            for order in sorted(set(itertools.permutations(indices))):
                total += wide[(component, *order)]
            if np.max(np.abs(total)) > tolerance:
                index.append([component, *indices])
                coupling.append(total)
    return (
        np.array(index, dtype=np.int32).reshape(-1, degree + 1),
        np.array(coupling, dtype=np.float64).reshape(-1, wide.shape[-1]),
    )


def activation_of(module):
    """An e3nn activation (or none) and its constant."""
    if module is None:
        return {"name": "none", "scale": 1.0}
    return {"name": module.f.__name__, "scale": 1.0 if module._is_id else float(module.cst)}


def degree_of(irreps):
    return max(ir.l for _, ir in irreps)


def channels_of(irreps):
    return irreps.count("0e")


class Exporter:
    def __init__(self, model):
        self.model = model
        self.tensors = {}
        self.heads = list(getattr(model, "heads", ["Default"]))
        self.is_double = model.r_max.dtype == torch.float64

    def put(self, name, value):
        self.tensors[name] = np.ascontiguousarray(value)

    def put_all(self, prefix, by_degree):
        for degree, weight in by_degree.items():
            self.put(f"{prefix}.{degree}", weight)

    def per_head(self, tensor):
        values = np.atleast_1d(array(tensor))
        return np.repeat(values, len(self.heads)) if len(values) == 1 else values

    def radial(self):
        embedding = self.model.radial_embedding
        basis = embedding.bessel_fn
        kind = BASES[class_name(basis)]
        if kind != "chebyshev":
            self.put("radial.weights", array(basis.bessel_weights if kind == "bessel" else basis.gaussian_weights))
        return {
            "basis": kind,
            "n_basis": int(embedding.out_dim),
            "prefactor": float(basis.prefactor) if kind == "bessel" else None,
            "coefficient": float(basis.coeff) if kind == "gaussian" else None,
            "cutoff_exponent": int(embedding.cutoff_fn.p),
            "is_cutoff_in_basis": bool(getattr(embedding, "apply_cutoff", True)),
            "transform": self.transform(getattr(embedding, "distance_transform", None)),
        }

    def transform(self, transform):
        if transform is None:
            return {"kind": "none"}
        self.put("transform.covalent_radii", array(transform.covalent_radii))
        kind = TRANSFORMS[class_name(transform)]
        names = ["q", "p", "a"] if kind == "agnesi" else ["alpha"]
        return {"kind": kind, **{name: float(getattr(transform, name)) for name in names}}

    def zbl(self):
        zbl = getattr(self.model, "pair_repulsion_fn", None)
        if zbl is None:
            return None
        self.put("zbl.covalent_radii", array(zbl.covalent_radii))
        return {
            "coefficients": [float(c) for c in zbl.c],
            "cutoff_exponent": int(zbl.p),
            "a_exponent": float(zbl.a_exp),
            "a_prefactor": float(zbl.a_prefactor),
        }

    def mlp(self, prefix, mlp):
        """A RadialMLP: Linear, LayerNorm and SiLU in turn, ending in a Linear."""
        modules = list(mlp.net)
        for i, start in enumerate(range(0, len(modules), 3)):
            self.put(f"{prefix}.{i}.weight", array(modules[start].weight).T)
            self.put(f"{prefix}.{i}.bias", array(modules[start].bias))
            if start + 1 < len(modules):
                self.put(f"{prefix}.{i}.norm_weight", array(modules[start + 1].weight))
                self.put(f"{prefix}.{i}.norm_bias", array(modules[start + 1].bias))

    def fully_connected(self, prefix, net):
        for i, layer in enumerate(net):
            self.put(f"{prefix}.{i}.weight", array(layer.weight))

    def nonlinear_parts(self, t, block):
        prefix = f"layers.{t}"
        self.mlp(f"{prefix}.radial", block.conv_tp_weights)
        self.mlp(f"{prefix}.density", block.density_fn)
        self.put_all(f"{prefix}.linear", linear_by_degree(block.linear_1))
        self.put_all(f"{prefix}.linear_res", linear_by_degree(block.linear_res))
        self.put_all(f"{prefix}.linear_2", linear_by_degree(block.linear_2))
        self.put_all(f"{prefix}.skip", linear_by_degree(block.skip_tp))
        n_elements = len(self.model.atomic_numbers)
        for side in ["source", "target"]:
            weight = array(getattr(block, f"{side}_embedding").weight)
            self.put(f"{prefix}.{side}_embedding", weight.reshape(n_elements, -1))
        self.put(f"{prefix}.alpha", array(block.alpha).reshape(1))
        self.put(f"{prefix}.beta", array(block.beta).reshape(1))
        gate = block.equivariant_nonlin
        return {
            "scalars": {"name": "silu", "scale": float(gate._scalar_cst)},
            "gates": {"name": "sigmoid", "scale": float(gate._gate_cst)},
        }

    def linear_parts(self, t, block):
        prefix = f"layers.{t}"
        self.fully_connected(f"{prefix}.radial", block.conv_tp_weights)
        if hasattr(block, "density_fn"):
            self.put(f"{prefix}.density.weight", array(block.density_fn[0].weight)[:, 0])
        self.put_all(f"{prefix}.linear", linear_by_degree(block.linear))
        self.put_all(f"{prefix}.skip", tensor_product_by_degree(block.skip_tp))
        return None

    def layer(self, t):
        block, product = self.model.interactions[t], self.model.products[t]
        is_nonlinear = class_name(block) == NONLINEAR_BLOCK
        self.put_all(f"layers.{t}.linear_up", linear_by_degree(block.linear_up))
        gate = self.nonlinear_parts(t, block) if is_nonlinear else self.linear_parts(t, block)
        paths = [
            [
                block.conv_tp.irreps_in1[i.i_in1].ir.l,
                block.conv_tp.irreps_in2[i.i_in2].ir.l,
                block.conv_tp.irreps_out[i.i_out].ir.l,
            ]
            for i in block.conv_tp.instructions
        ]
        for instruction, path in zip(block.conv_tp.instructions, paths):
            assert math.isclose(instruction.path_weight, math.sqrt(2 * path[2] + 1))
        hidden = {"name": "silu", "scale": 1.0}
        return {
            "block": class_name(block),
            "n_input_channels": channels_of(block.node_feats_irreps),
            "input_l_max": degree_of(block.node_feats_irreps),
            "n_edge_channels": channels_of(block.edge_irreps),
            "edge_l_max": degree_of(block.edge_irreps),
            "paths": paths,
            "n_message_channels": channels_of(block.irreps_out),
            "avg_num_neighbors": float(block.avg_num_neighbors),
            "radial_activation": hidden if is_nonlinear else activation_of(block.conv_tp_weights[0].act),
            "gate": gate,
            "product": self.product(t, product, class_name(block) in RESIDUAL_BLOCKS),
        }

    def product(self, t, product, block_has_residual):
        contractions = product.symmetric_contractions.contractions
        correlation = contractions[0].correlation
        for degree, contraction in enumerate(contractions):
            weights = [contraction.weights_max, *contraction.weights]
            for nu in range(1, correlation + 1):
                prefix = f"layers.{t}.product.{degree}.{nu}"
                index, coupling = monomials_of(array(contraction.U_tensors(nu)), nu, 2 * degree + 1)
                self.put(f"{prefix}.index", index)
                self.put(f"{prefix}.coupling", coupling)
                self.put(f"{prefix}.weight", array(weights[correlation - nu]))
        self.put_all(f"layers.{t}.product.linear", linear_by_degree(product.linear))
        return {
            "correlation": correlation,
            "output_l_max": degree_of(product.linear.irreps_out),
            "n_output_channels": channels_of(product.linear.irreps_out),
            "has_residual": bool(product.use_sc and block_has_residual),
            "is_element_agnostic": bool(getattr(product, "use_agnostic_product", False)),
        }

    def readout(self, i, readout):
        kind = READOUT_KINDS[class_name(readout)]
        layer = len(self.model.interactions) - 1 if len(self.model.readouts) == 1 else i
        prefix = f"readouts.{i}"
        if kind == "linear":
            self.put(f"{prefix}.linear", linear_by_degree(readout.linear)[0])
            return {"kind": kind, "layer": layer, "n_hidden": 0, "activation": activation_of(None)}
        self.put(f"{prefix}.linear_1", linear_by_degree(readout.linear_1)[0])
        self.put(f"{prefix}.linear_2", linear_by_degree(readout.linear_2)[0])
        if kind == "nonlinear_bias":
            self.put(f"{prefix}.linear_mid", linear_by_degree(readout.linear_mid)[0])
            self.put(f"{prefix}.bias_mid", array(readout.linear_mid.bias))
            self.put(f"{prefix}.bias_2", array(readout.linear_2.bias))
        return {
            "kind": kind,
            "layer": layer,
            "n_hidden": channels_of(readout.hidden_irreps),
            "activation": activation_of(readout.non_linearity.acts[0]),
        }

    def description(self):
        """model.json without the checksums; fills `tensors` on the way."""
        model = self.model
        n_elements = len(model.atomic_numbers)
        self.put("node_embedding", array(model.node_embedding.linear.weight).reshape(n_elements, -1))
        self.put("atomic_energies", np.atleast_2d(array(model.atomic_energies_fn.atomic_energies)))
        if hasattr(model, "scale_shift"):
            self.put("scale", self.per_head(model.scale_shift.scale))
            self.put("shift", self.per_head(model.scale_shift.shift))
        return {
            "dtype": "float64" if self.is_double else "float32",
            "n_parameters": sum(p.numel() for p in model.parameters()),
            "atomic_numbers": [int(z) for z in model.atomic_numbers],
            "r_max_A": float(model.r_max),
            "heads": self.heads,
            "l_max": int(model.spherical_harmonics._lmax),
            "n_channels": channels_of(model.node_embedding.linear.irreps_out),
            "radial": self.radial(),
            "zbl": self.zbl(),
            "layers": [self.layer(t) for t in range(len(model.interactions))],
            "readouts": [self.readout(i, readout) for i, readout in enumerate(model.readouts)],
        }


def sha256_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def export_model(model, checkpoint, folder):
    """Write model.json and model.safetensors to `folder`; `checkpoint` is the file that the model was saved to."""
    exporter = Exporter(model)
    description = exporter.description()
    tensor_file = folder / "model.safetensors"
    save_file(exporter.tensors, tensor_file)
    source = {
        "file_name": checkpoint.name,
        "sha256": sha256_of(checkpoint),
        "size_bytes": checkpoint.stat().st_size,
        "class_name": class_name(model),
    }
    text = {
        "format": "mofsimbench-mace",
        "format_version": FORMAT_VERSION,
        "source": source,
        "tensors_sha256": sha256_of(tensor_file),
        **description,
    }
    (folder / "model.json").write_text(json.dumps(text, indent=1) + "\n")
