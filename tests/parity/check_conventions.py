"""Check against e3nn and mace-torch what the kernel takes for granted, and print what was found (docs/validation/mace.md).

    python tests/parity/check_conventions.py [MODEL.model ...]

Coupling tensors of even l1 + l2 + l3 as normalised integrals of three harmonics, the harmonics' order and sign, the constants of the
activations, and, for every file given, what its pickle names.
"""
import itertools
import pickletools
import sys
import warnings
import zipfile

warnings.filterwarnings("ignore")

import numpy as np
import torch
from mace.modules.gate import _normalize2mom_cst  # before e3nn: allows torch to load e3nn's table
from e3nn import o3
from e3nn.math import normalize2mom

L_MAX = 4


def quadrature(l_max):
    """Directions and weights that integrate products of three harmonics up to l_max exactly."""
    nodes, weights = np.polynomial.legendre.leggauss(2 * l_max)
    n_azimuth = 4 * l_max
    azimuth = 2 * np.pi * np.arange(n_azimuth) / n_azimuth
    cosine, angle = np.meshgrid(nodes, azimuth, indexing="ij")
    sine = np.sqrt(1 - cosine**2)
    directions = np.stack([sine * np.cos(angle), cosine, sine * np.sin(angle)], axis=-1).reshape(-1, 3)
    return torch.tensor(directions), torch.tensor(np.repeat(weights, n_azimuth) * 2 * np.pi / n_azimuth)


def coupling_deviations():
    """(l1, l2, l3) -> largest difference of e3nn's wigner_3j to the normalised integral, even sums only."""
    directions, weights = quadrature(L_MAX)
    harmonics = [
        o3.spherical_harmonics(l, directions, normalize=True, normalization="component") for l in range(L_MAX + 1)
    ]
    deviations = {}
    for l1, l2, l3 in itertools.product(range(L_MAX + 1), repeat=3):
        if (l1 + l2 + l3) % 2 or not abs(l1 - l2) <= l3 <= l1 + l2:
            continue
        integral = torch.einsum("n,ni,nj,nk->ijk", weights, harmonics[l1], harmonics[l2], harmonics[l3])
        ours = integral / integral.norm()
        deviations[l1, l2, l3] = float((o3.wigner_3j(l1, l2, l3, dtype=torch.float64) - ours).abs().max())
    return deviations


def print_activations():
    functions = {"silu": torch.nn.functional.silu, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "abs": torch.abs}
    for name, function in functions.items():
        by_e3nn = normalize2mom(function)
        print(f"{name}: e3nn {by_e3nn.cst!r} (identity: {by_e3nn._is_id}), mace-torch's own gate {_normalize2mom_cst(function)!r}")


def names_in(path):
    """The globals and opcodes of a checkpoint's pickle, read as data."""
    with zipfile.ZipFile(path) as archive:
        pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
        operations = list(pickletools.genops(archive.read(pickled)))
        entries = {name.split("/", 1)[1].split("/")[0] for name in archive.namelist()}
    names = sorted({argument.replace(" ", ".") for op, argument, _ in operations if op.name == "GLOBAL"})
    return names, sorted({op.name for op, _, _ in operations}), sorted(entries)


def main():
    torch.set_default_dtype(torch.float64)
    deviations = coupling_deviations()
    print(f"wigner_3j: {len(deviations)} triples up to l = {L_MAX}, largest difference {max(deviations.values()):.1e}")
    vector = torch.tensor([0.3, -0.5, 0.8])
    harmonics = o3.spherical_harmonics(list(range(4)), vector, normalize=True, normalization="component")
    print("harmonics of (0.3, -0.5, 0.8):", " ".join(f"{value:.8f}" for value in harmonics.tolist()))
    print_activations()
    all_names, all_operations, all_entries = set(), set(), set()
    for path in sys.argv[1:]:
        names, operations, entries = names_in(path)
        all_names.update(names)
        all_operations.update(operations)
        all_entries.update(entries)
    if all_names:
        print(f"{len(sys.argv) - 1} files name: {', '.join(sorted(all_names))}")
        print(f"opcodes: {', '.join(sorted(all_operations))}")
        print(f"entries: {', '.join(sorted(all_entries))}")


if __name__ == "__main__":
    main()
