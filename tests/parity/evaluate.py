"""Energies, forces and stresses of a mace-torch model: the reference that the kernel is compared with."""
import numpy as np
import torch
from mace.data.neighborhood import get_neighborhood


def differentiable_chebyshev(x, n):
    """torch's chebyshev_polynomial_t has no derivative, so that forces lack the basis's part: the same values by recurrence.

    x and n [n_edges][n_basis]; every row of n counts from 1, every column of x is the same.
    """
    polynomials = [torch.ones_like(x[:, 0]), x[:, 0]]
    while len(polynomials) <= n.shape[1]:
        polynomials.append(2 * x[:, 0] * polynomials[-1] - polynomials[-2])
    return torch.stack(polynomials[1 : n.shape[1] + 1], dim=-1)


torch.special.chebyshev_polynomial_t = differentiable_chebyshev


def graph_of(model, atoms, head, dtype):
    """The dictionary that a mace-torch model takes, for one structure."""
    numbers = [int(z) for z in model.atomic_numbers]
    pbc = tuple(bool(p) for p in atoms.pbc)
    cell = atoms.cell.array.copy() if any(pbc) else None
    edge_index, shifts, unit_shifts, cell = get_neighborhood(
        atoms.positions.copy(), cutoff=float(model.r_max), pbc=pbc, cell=cell
    )
    one_hot = torch.zeros(len(atoms), len(numbers), dtype=dtype)
    one_hot[torch.arange(len(atoms)), torch.tensor([numbers.index(z) for z in atoms.numbers])] = 1
    return {
        "positions": torch.tensor(atoms.positions, dtype=dtype),
        "node_attrs": one_hot,
        "edge_index": torch.tensor(edge_index, dtype=torch.int64),
        "shifts": torch.tensor(shifts, dtype=dtype),
        "unit_shifts": torch.tensor(unit_shifts, dtype=dtype),
        "cell": torch.tensor(cell, dtype=dtype),
        "batch": torch.zeros(len(atoms), dtype=torch.int64),
        "ptr": torch.tensor([0, len(atoms)], dtype=torch.int64),
        "head": torch.tensor([head], dtype=torch.int64),
    }


def evaluate(model, atoms, head=0, dtype=torch.float64):
    """What the model says about one structure, as plain lists; stress only for a crystal. Units eV and A."""
    # The model's helpers (head masks, empty sums) make tensors of the default type.
    torch.set_default_dtype(dtype)
    out = model(graph_of(model, atoms, head, dtype), compute_stress=True)
    is_crystal = bool(np.all(atoms.pbc))
    return {
        "energy_eV": float(out["energy"].detach()[0]),
        "energies_eV": out["node_energy"].detach().double().tolist(),
        "forces_eV_per_A": out["forces"].detach().double().tolist(),
        "stress_eV_per_A3": out["stress"].detach().double()[0].tolist() if is_crystal else None,
    }


def describe(name, atoms, head_name):
    """The structure itself, as it stands in a reference file."""
    is_periodic = bool(np.any(atoms.pbc))
    return {
        "name": name,
        "head": head_name,
        "atomic_numbers": [int(z) for z in atoms.numbers],
        "pbc": [bool(p) for p in atoms.pbc],
        "cell_A": atoms.cell.array.tolist() if is_periodic else None,
        "positions_A": atoms.positions.tolist(),
    }
