"""Random-weight MACE models of every variant that the kernel runs, with the defaults broken that would hide a mistake.

A variant is a set of changes to BASE; `build` makes the module with a seed of its own. Kept small so that dozens of them can be
evaluated in minutes; the full-size ones have the published models' shape and are marked so.
"""
import dataclasses
import zlib

import numpy as np
import torch
from mace import modules  # before e3nn: allows torch to load e3nn's table
from e3nn import o3

A = "RealAgnosticInteractionBlock"
R = "RealAgnosticResidualInteractionBlock"
D = "RealAgnosticDensityInteractionBlock"
DR = "RealAgnosticDensityResidualInteractionBlock"
NL = "RealAgnosticResidualNonLinearInteractionBlock"

GATES = {"silu": torch.nn.functional.silu, "tanh": torch.tanh, "abs": torch.abs, "none": None}
READOUTS = {"plain": modules.NonLinearReadoutBlock, "bias": modules.NonLinearBiasReadoutBlock}


@dataclasses.dataclass(frozen=True)
class Variant:
    blocks: tuple[str, str] = (R, R)
    hidden: str = "8x0e + 8x1o"
    edge: str | None = None
    edge_first: bool = False
    numbers: tuple[int, ...] = (1, 6, 7, 8, 29, 30)
    r_max_A: float = 4.5
    n_basis: int = 6
    cutoff_exponent: int = 5
    l_max: int = 3
    correlation: int | tuple[int, ...] = 3
    n_layers: int = 2
    radial_mlp: tuple[int, ...] = (16, 16, 16)
    basis: str = "bessel"
    transform: str = "None"
    zbl: bool = False
    cutoff_in_basis: bool = True
    heads: tuple[str, ...] = ("Default",)
    readout_width: int = 8
    gate: str = "silu"
    readout: str = "plain"
    last_readout_only: bool = False
    keep_last_irreps: bool = False
    agnostic_product: bool = False
    reduced_couplings: bool = False
    has_scale_shift: bool = True
    dtype: torch.dtype = torch.float64
    avg_num_neighbors: float = 2.75
    # Of the contraction's weights: large enough that all its degrees count, small enough that energies stay of the order of 10 eV/atom.
    gain: float = 4.0
    # As mace-torch 0.3.0 to 0.3.9 wrote it.
    is_old_file: bool = False
    is_full_size: bool = False

    @property
    def is_continuous(self):
        """The radial network of the non-linear block has biases: what it makes of a basis that has vanished is not zero."""
        return NL not in self.blocks or not self.cutoff_in_basis


ALL_89 = tuple([*range(1, 84), *range(89, 95)])
FIXTURE = dict(hidden="4x0e + 4x1o", numbers=(8, 1, 6), n_basis=5, radial_mlp=(8, 8), readout_width=4)
SHAPE_128 = dict(hidden="128x0e + 128x1o", r_max_A=6.0, n_basis=10, radial_mlp=(64, 64, 64), readout_width=16)

VARIANTS = {
    # The simplest first: who starts with an engine starts here.
    "r-r-l0": Variant(hidden="8x0e"),
    "r-r-l1": Variant(),
    "r-r-l2": Variant(hidden="4x0e + 4x1o + 4x2e", correlation=2, cutoff_exponent=6),
    "a-r-l0": Variant(blocks=(A, R), hidden="8x0e"),
    "a-r-l1": Variant(blocks=(A, R)),
    "d-dr-l1": Variant(blocks=(D, DR)),
    "nl-nl-l1": Variant(blocks=(NL, NL), correlation=2, gain=2.0),
    # The published families, small.
    "mp-0b": Variant(blocks=(A, R), transform="Agnesi", zbl=True),
    "mpa-0": Variant(blocks=(D, DR), transform="Agnesi", zbl=True, n_basis=10, r_max_A=5.0),
    "mh-1": Variant(
        blocks=(NL, NL), hidden="12x0e + 12x1o", edge="4x0e + 4x1o", edge_first=True, cutoff_in_basis=False, transform="Agnesi",
        agnostic_product=True, heads=("pt", "spice", "omol"), correlation=2, zbl=True,
    ),
    "old-mace": Variant(blocks=(A, R), has_scale_shift=False, zbl=True),
    # Distances.
    "agnesi": Variant(transform="Agnesi", avg_num_neighbors=7.5),
    "soft": Variant(blocks=(A, R), transform="Soft", n_basis=7),
    "zbl": Variant(zbl=True, cutoff_exponent=6),
    "gaussian": Variant(hidden="8x0e", basis="gaussian", n_basis=12),
    "gaussian-agnesi": Variant(blocks=(D, DR), basis="gaussian", transform="Agnesi"),
    "chebyshev": Variant(hidden="4x0e", basis="chebyshev", n_basis=3, r_max_A=4.0),
    "chebyshev-agnesi": Variant(blocks=(D, DR), basis="chebyshev", transform="Agnesi"),
    "cutoff-on-weights": Variant(blocks=(D, DR), cutoff_in_basis=False),
    "cutoff-on-weights-r": Variant(cutoff_in_basis=False, transform="Agnesi", avg_num_neighbors=11.5, gain=1.5),
    # Layers and degrees.
    "one-layer": Variant(n_layers=1, hidden="8x0e"),
    "one-layer-l1": Variant(blocks=(A, R), n_layers=1),
    "three-layers": Variant(n_layers=3, r_max_A=3.5, correlation=2),
    "three-layers-dr": Variant(blocks=(D, DR), n_layers=3, r_max_A=3.5, hidden="4x0e + 4x1o + 4x2e", correlation=2),
    "correlation-1": Variant(correlation=1),
    "correlation-2": Variant(blocks=(D, DR), correlation=2),
    "correlation-by-layer": Variant(correlation=(3, 2)),
    "ell-1": Variant(l_max=1),
    "ell-2": Variant(l_max=2, hidden="6x0e + 6x1o + 6x2e", correlation=2),
    "ell-1-l2": Variant(l_max=1, hidden="4x0e + 4x1o + 4x2e"),
    "l3": Variant(hidden="3x0e + 3x1o + 3x2e + 3x3o", correlation=2),
    "nl-l2": Variant(blocks=(NL, NL), hidden="4x0e + 4x1o + 4x2e", correlation=2, gain=1.5),
    "nl-l0": Variant(blocks=(NL, NL), hidden="8x0e", gain=1.5),
    "r-nl": Variant(blocks=(R, NL), correlation=2),
    "odd-channels": Variant(hidden="5x0e + 5x1o", readout_width=3, radial_mlp=(9, 11)),
    "edge-channels": Variant(hidden="12x0e + 12x1o", edge="6x0e + 6x1o", edge_first=True, correlation=2),
    "keep-last-irreps": Variant(keep_last_irreps=True),
    # Products and readouts.
    "agnostic-product": Variant(agnostic_product=True),
    "reduced-couplings": Variant(reduced_couplings=True),
    "three-heads": Variant(heads=("pt_head", "Default", "mof"), zbl=True),
    "three-heads-mace": Variant(blocks=(A, R), heads=("pt_head", "Default", "mof"), has_scale_shift=False),
    "last-readout-only": Variant(last_readout_only=True),
    "bias-readout": Variant(readout="bias"),
    "bias-readout-heads": Variant(readout="bias", heads=("a", "b", "c"), hidden="8x0e"),
    "gate-tanh": Variant(hidden="8x0e", gate="tanh"),
    "gate-abs": Variant(hidden="8x0e", gate="abs"),
    "gate-none": Variant(hidden="8x0e", gate="none"),
    # Files.
    "float32-file": Variant(blocks=(D, DR), transform="Agnesi", dtype=torch.float32, gain=1.5),
    "old-file": Variant(blocks=(A, R), zbl=True, is_old_file=True),
    "elements-unordered": Variant(blocks=(A, R), numbers=(8, 30, 1, 29, 6, 7), transform="Agnesi"),
    # At the limit of e3nn 0.4.4.
    "ell-4": Variant(l_max=4, hidden="4x0e + 4x1o", correlation=2),
    "correlation-4": Variant(l_max=2, hidden="4x0e", correlation=4),
    # Committed for the kernel's own tests: little to store, much covered.
    "fixture-residual": Variant(**FIXTURE, reduced_couplings=True),
    "fixture-agnostic": Variant(
        **{**FIXTURE, "hidden": "3x0e + 3x1o + 3x2e"}, blocks=(A, R), correlation=2, l_max=2, n_layers=3, transform="Soft",
        has_scale_shift=False, gate="tanh", cutoff_exponent=6,
    ),
    "fixture-density": Variant(
        **FIXTURE, blocks=(D, DR), correlation=2, transform="Agnesi", zbl=True, heads=("pt_head", "Default", "mof"),
        avg_num_neighbors=7.5,
    ),
    "fixture-nonlinear": Variant(
        **FIXTURE, blocks=(NL, NL), edge="2x0e + 2x1o", edge_first=True, correlation=2, cutoff_in_basis=False, agnostic_product=True,
        last_readout_only=True, readout="bias", gain=1.5,
    ),
    "fixture-float32": Variant(
        **{**FIXTURE, "hidden": "4x0e"}, blocks=(D, DR), correlation=2, basis="gaussian", dtype=torch.float32, cutoff_in_basis=False
    ),
    # The shape of the published models.
    "mp-medium": Variant(**SHAPE_128, numbers=ALL_89, is_full_size=True),
    "mpa-0-medium": Variant(
        **SHAPE_128, blocks=(D, DR), transform="Agnesi", zbl=True, numbers=ALL_89, is_full_size=True
    ),
    "mp-large": Variant(**{**SHAPE_128, "hidden": "128x0e + 128x1o + 128x2e"}, numbers=ALL_89, is_full_size=True),
}


def names_of(selection):
    """Names of variants, and of groups of them: `small`, `full`, `fixtures`."""
    groups = {
        "small": [name for name, variant in VARIANTS.items() if not variant.is_full_size],
        "full": [name for name, variant in VARIANTS.items() if variant.is_full_size],
        "fixtures": [name for name in VARIANTS if name.startswith("fixture-")],
    }
    return [name for selected in selection for name in groups.get(selected, [selected])]


def random_energies(variant, random):
    energies = random.uniform(-9, -1, size=(len(variant.heads), len(variant.numbers)))
    return energies if len(variant.heads) > 1 else energies[0]


def arguments(variant, random):
    """Keyword arguments of mace.modules.MACE."""
    first, rest = (modules.interaction_classes[name] for name in variant.blocks)
    return dict(
        r_max=variant.r_max_A,
        num_bessel=variant.n_basis,
        num_polynomial_cutoff=variant.cutoff_exponent,
        max_ell=variant.l_max,
        interaction_cls=rest,
        interaction_cls_first=first,
        num_interactions=variant.n_layers,
        num_elements=len(variant.numbers),
        hidden_irreps=o3.Irreps(variant.hidden),
        MLP_irreps=o3.Irreps(f"{variant.readout_width}x0e"),
        atomic_energies=random_energies(variant, random),
        avg_num_neighbors=variant.avg_num_neighbors,
        atomic_numbers=list(variant.numbers),
        correlation=variant.correlation if isinstance(variant.correlation, int) else list(variant.correlation),
        gate=GATES[variant.gate],
        pair_repulsion=variant.zbl,
        apply_cutoff=variant.cutoff_in_basis,
        use_reduced_cg=variant.reduced_couplings,
        use_agnostic_product=variant.agnostic_product,
        use_last_readout_only=variant.last_readout_only,
        distance_transform=variant.transform,
        edge_irreps=o3.Irreps(variant.edge) if variant.edge else None,
        use_edge_irreps_first=variant.edge_first,
        radial_MLP=list(variant.radial_mlp),
        radial_type=variant.basis,
        heads=list(variant.heads),
        readout_cls=READOUTS[variant.readout],
        keep_last_layer_irreps=variant.keep_last_irreps,
    )


def break_defaults(model, variant):
    """Values that a constructor leaves at 0, 1 or a round number, and that nobody would miss if they were read wrongly."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".contractions." in name:
                parameter.mul_(variant.gain)
            elif name.endswith("_embedding.weight") and "interactions" in name:
                parameter.copy_(torch.randn_like(parameter))
            elif name.endswith("bias") and parameter.numel() > 0:
                parameter.copy_(0.3 * torch.randn_like(parameter))
            elif ".net." in name and parameter.dim() == 1:
                parameter.copy_(1 + 0.2 * torch.randn_like(parameter))
            elif name.endswith("alpha"):
                parameter.fill_(2.0)
            elif name.endswith("beta"):
                parameter.fill_(0.7)
        embedding = model.radial_embedding
        if variant.basis == "bessel":
            embedding.bessel_fn.bessel_weights.mul_(1 + 0.01 * torch.randn_like(embedding.bessel_fn.bessel_weights))
        elif variant.basis == "chebyshev" and variant.transform == "None":
            # Polynomials of a distance in A, far outside of [-1, 1], grow as they do.
            for interaction in model.interactions:
                interaction.conv_tp_weights[0].weight.mul_(0.02)
        if variant.transform == "Agnesi":
            embedding.distance_transform.a.mul_(0.97)
        for t, interaction in enumerate(model.interactions):
            interaction.avg_num_neighbors += 0.5 * t


def make_old(model):
    """Takes away what was not there yet, and puts back what no longer is."""
    del model.heads, model.apply_cutoff, model.radial_embedding.apply_cutoff
    for module in [model.radial_embedding.cutoff_fn, model.pair_repulsion_fn]:
        module.p = torch.tensor(float(module.p))
    model.pair_repulsion_fn.register_buffer("r_max", torch.tensor(2.0))
    for product in model.products:
        del product.use_agnostic_product
        for contraction in product.symmetric_contractions.contractions:
            for name in [key for key in contraction._buffers if key.endswith("_zeroed")]:
                del contraction._buffers[name]


def build(name, dtype=None):
    """The model of a variant: the same numbers on every machine with the same versions of torch, e3nn and mace-torch."""
    variant = VARIANTS[name] if dtype is None else dataclasses.replace(VARIANTS[name], dtype=dtype)
    seed = zlib.crc32(name.encode())
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    torch.set_default_dtype(variant.dtype)
    kwargs = arguments(variant, random)
    if variant.has_scale_shift:
        n_heads = len(variant.heads)
        scale, shift = random.uniform(0.6, 1.4, n_heads), random.uniform(-0.3, 0.3, n_heads)
        if n_heads == 1:
            scale, shift = float(scale[0]), float(shift[0])
        model = modules.ScaleShiftMACE(atomic_inter_scale=scale, atomic_inter_shift=shift, **kwargs)
    else:
        model = modules.MACE(**kwargs)
    break_defaults(model, variant)
    if variant.is_old_file:
        make_old(model)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return model


def in_double(name, model):
    """The model with the numbers of its file in float64, and mace-torch's own coupling tensors as exact as it can make them.

    `model.double()` would keep those rounded to 32 bits, where the model was made in 32 bits.
    """
    if VARIANTS[name].dtype == torch.float64:
        return model
    wide = build(name, torch.float64)
    numbers = {key: value for key, value in model.state_dict().items() if "_w3j_" not in key}
    wide.load_state_dict(numbers, strict=False)
    return wide
