"""Reference numbers for the analysis of stability runs, by ASE, numpy and scipy: radial distributions, displacements, RMSD.

    python bench/validation/stability-reference.py > bench/validation/stability-reference.json

Needs ase, numpy, scipy. The structures are random, so that no symmetry hides a mistake.
"""

import json
import math

import ase
import numpy as np
import scipy
from ase import Atoms
from ase.geometry.rdf import get_rdf
from scipy.spatial.transform import Rotation

BIN_A = 0.05
rng = np.random.default_rng(20251121)


def rounded(array, decimals=6):
    return np.round(array, decimals)


def make_start():
    cell = rounded(np.array([[13.2, 0.0, 0.0], [2.1, 12.7, 0.0], [-1.4, 3.0, 14.1]]))
    symbols = ["Zn"] * 12 + ["O"] * 30 + ["C"] * 48
    return Atoms(symbols, scaled_positions=rng.random((len(symbols), 3)), cell=cell, pbc=True)


def reach_of(atoms):
    widths = atoms.cell.volume / np.linalg.norm(np.cross(np.roll(atoms.cell, -1, 0), np.roll(atoms.cell, -2, 0)), axis=1)
    n_bins = math.floor(min(12.0, min(widths) / 2) / BIN_A + 1e-9)
    return n_bins * BIN_A, n_bins


def distributions(atoms):
    reach, n_bins = reach_of(atoms)

    def g(first=None, second=None):
        elements = None if first is None else (atomic_number(first), atomic_number(second))
        values, _ = get_rdf(atoms, reach, n_bins, elements=elements)
        return [float(x) for x in values]

    pairs = [("Zn", "O"), ("Zn", "C"), ("Zn", "Zn"), ("C", "O")]
    return {"reach_A": reach, "all": g(), **{f"{a}-{b}": g(a, b) for a, b in pairs}}


def atomic_number(symbol):
    return ase.data.atomic_numbers[symbol]


def make_end(start):
    """Strained, drifted, rattled; the last atoms went far, as molecules in a pore do."""
    strain = np.eye(3) + np.array([[0.03, 0.004, 0.0], [0.004, -0.02, 0.01], [0.0, 0.01, 0.015]])
    cell = rounded(start.cell.array @ strain)
    positions = start.get_scaled_positions(wrap=False) @ cell + [0.7, -0.2, 0.4] + rng.normal(0, 0.3, (len(start), 3))
    positions[-4:] += [9.0, 14.0, -6.0]
    return Atoms(start.get_chemical_symbols(), positions=rounded(positions), cell=cell, pbc=True)


def displacements(start, end, chosen):
    fractional = end.positions @ np.linalg.inv(end.cell.array) - start.positions @ np.linalg.inv(start.cell.array)
    moved = fractional @ end.cell.array
    moved = moved - moved[chosen].mean(axis=0)
    lengths = np.linalg.norm(moved, axis=1)
    return {
        "rmsd_A": float(np.sqrt((lengths[chosen] ** 2).mean())),
        "largest_A": float(lengths.max()),
        "largest_atom": int(lengths.argmax()),
    }


def benchmark_rmsd(start, end):
    """MOFSimBench: best superposition, minimum image in the reference cell, sqrt(sum |dr|^2 / (3 N))."""
    to = start.positions - start.positions.mean(axis=0)
    origin = end.positions - end.positions.mean(axis=0)
    rotation, _ = Rotation.align_vectors(to, origin)
    difference = rotation.apply(origin) - to
    _, lengths = ase.geometry.find_mic(difference, start.cell, pbc=True)
    return float(np.sqrt((lengths**2).sum() / (3 * len(start))))


def structure(atoms):
    return {"cell": atoms.cell.array.tolist(), "symbols": atoms.get_chemical_symbols(), "positions": atoms.positions.tolist()}


start = make_start()
start.positions = rounded(start.positions)
end = make_end(start)
framework = list(range(len(start) - 4))
print(
    json.dumps(
        {
            "made_with": {"ase": ase.__version__, "numpy": np.__version__, "scipy": scipy.__version__},
            "start": structure(start),
            "end": structure(end),
            "framework": framework,
            "rdf_start": distributions(start),
            "displacement": displacements(start, end, framework),
            "benchmark_rmsd_A": benchmark_rmsd(start, end),
        }
    )
)
