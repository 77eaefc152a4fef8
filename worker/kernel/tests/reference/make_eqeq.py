"""Write eqeq.json: charges by extended charge equilibration, by this script's own solution of the paper's equations and
by the authors' program.

Run by hand, in an environment with ase, numpy and scipy, with the folder of the examples of github.com/danieleongari/EQeq
(the authors' program of 2012, outputs of commit 6490320, lambda 1.2, hydrogen affinity -2 eV, 5 x 5 x 5 cells, eta 50 A):
    python make_eqeq.py EXAMPLES > eqeq.json
Wilmer, Kim and Snurr, J. Phys. Chem. Lett. 3, 2506 (2012). `converged`: Ewald sums of another splitting than the kernel's,
equations with a Lagrange multiplier for neutrality, solved by LU. `truncated`: the sums cut off as in the authors' program,
which then has to give `published` to its three digits.
"""
import datetime
import json
import pathlib
import re
import sys

import ase
import ase.io
import numpy as np
import scipy
from scipy.special import erfc

STRUCTURES = pathlib.Path(__file__).resolve().parents[4] / "resources" / "structures"
COULOMB = 14.399645468667815
LAMBDA = 1.2
# charge center, ionization energies (or affinity) below and above it, eV: NIST ASD, CRC Handbook; H as in the paper
ELEMENTS = {"H": (0, -2.0, 13.598434), "C": (0, 1.262119, 11.260288), "N": (0, -0.07, 14.53413),
            "O": (0, 1.4611135, 13.618055), "Mg": (2, 15.035271, 80.1436), "Cu": (2, 20.29239, 36.841),
            "Zn": (2, 17.96439, 39.7233), "Zr": (4, 34.41836, 80.348)}


def images(cell, reach):
    widths = 1 / np.linalg.norm(np.linalg.inv(cell), axis=0)
    n = np.ceil(reach / widths).astype(int)
    grid = np.stack(np.meshgrid(*[np.arange(-k, k + 1) for k in n], indexing="ij"), -1).reshape(-1, 3)
    return grid[np.any(grid != 0, axis=1)]


def sum_images(atoms, hardness, shifts, kernel):
    """Sum over the home image and `shifts` of kernel(r, a); the diagonal of the home image is left out."""
    x = atoms.positions
    d = x[:, None, :] - x[None, :, :]
    total = np.zeros((len(x), len(x)))
    a = np.sqrt(hardness[:, None] * hardness[None, :]) / COULOMB
    for shift in np.vstack([[[0, 0, 0]], shifts]):
        r = np.linalg.norm(d + shift @ atoms.cell.array, axis=2)
        if not shift.any():
            np.fill_diagonal(r, 1.0)
        value = kernel(r, a)
        if not shift.any():
            np.fill_diagonal(value, 0.0)
        total += value
    return total


def overlap(r, a):
    return np.exp(-(a * r) ** 2) * (2 * a - a * a * r - 1 / r)


def waves(atoms, alpha, indices):
    k = 2 * np.pi * indices @ np.linalg.inv(atoms.cell.array).T
    k2 = (k**2).sum(axis=1)
    phase = atoms.positions @ k.T
    weight = 4 * np.pi / atoms.get_volume() * np.exp(-k2 / (4 * alpha**2)) / k2
    return (np.cos(phase) * weight) @ np.cos(phase).T + (np.sin(phase) * weight) @ np.sin(phase).T


def converged_interaction(atoms, hardness):
    alpha = 0.35  # erfc(0.35 * 13) = 1e-10
    fractional = atoms.get_scaled_positions(wrap=True)
    atoms = ase.Atoms(atoms.symbols, scaled_positions=fractional, cell=atoms.cell, pbc=True)
    span = np.linalg.norm(atoms.cell.array, axis=1).sum()
    shifts = images(atoms.cell.array, 13 + span)
    shifts = shifts[np.linalg.norm(shifts @ atoms.cell.array, axis=1) < 13 + span]
    real = sum_images(atoms, hardness, shifts, lambda r, a: erfc(alpha * r) / r + overlap(r, a))
    indices = images(2 * np.pi * np.linalg.inv(atoms.cell.array).T, 2 * alpha * 4.6)
    return real + waves(atoms, alpha, indices) - 2 * alpha / np.sqrt(np.pi) * np.eye(len(atoms))


def truncated_interaction(atoms, hardness):
    eta, n = 50.0, 2
    grid = np.stack(np.meshgrid(*[np.arange(-n, n + 1)] * 3, indexing="ij"), -1).reshape(-1, 3)
    grid = grid[np.any(grid != 0, axis=1)]
    real = sum_images(atoms, hardness, grid, lambda r, a: erfc(r / eta) / r + overlap(r, a))
    return real + waves(atoms, 1 / eta, grid) - 2 / (eta * np.sqrt(np.pi)) * np.eye(len(atoms))


def charges(atoms, interaction):
    center, below, above = np.array([ELEMENTS[s] for s in atoms.symbols]).T
    hardness = above - below
    electronegativity = (above + below) / 2 - center * hardness
    n = len(atoms)
    matrix = np.zeros((n + 1, n + 1))
    matrix[:n, :n] = LAMBDA * COULOMB / 2 * interaction(atoms, hardness) + np.diag(hardness)
    matrix[n, :n] = matrix[:n, n] = 1
    return np.linalg.solve(matrix, np.append(-electronegativity, 0))[:n]


def read_example(folder, name):
    text = (pathlib.Path(folder) / name / "output" / f"{name}.cif_EQeq_ewald_1.20_-2.00.cif").read_text()
    edge = float(re.search(r"_cell_length_a (\S+)", text)[1])
    rows = [line.split() for line in text.split("_atom_site_charge\n")[1].splitlines() if len(line.split()) == 6]
    atoms = ase.Atoms([row[1] for row in rows], cell=[edge] * 3, pbc=True,
                      scaled_positions=[[float(x) for x in row[2:5]] for row in rows])
    return atoms, [float(row[5]) for row in rows]


def entry(atoms):
    fractional = np.linalg.solve(atoms.cell.array.T, atoms.positions.T).T
    return {"cell_A": atoms.cell.array.ravel().tolist(), "atomic_numbers": atoms.numbers.tolist(),
            "fractional": np.round(fractional, 7).ravel().tolist(),
            "converged_e": np.round(charges(atoms, converged_interaction), 7).tolist()}


def main():
    structures = {}
    for name in ["MOF-5_primitive", "HKUST-1_primitive", "Mg-MOF-74_primitive", "UiO-66_primitive"]:
        structures[name] = entry(ase.io.read(STRUCTURES / f"{name}.cif"))
    for name in ["IRMOF1", "HKUST1"]:
        atoms, published = read_example(sys.argv[1], name)
        truncated = charges(atoms, truncated_interaction)
        worst = np.abs(truncated - published).max()
        print(f"{name}: truncated differs from published by at most {worst:.4f} e", file=sys.stderr)
        assert worst < 0.0025
        structures[name] = {**entry(atoms), "published_e": published}
        worst = np.abs(np.array(structures[name]["converged_e"]) - published).max()
        print(f"{name}: converged differs from published by at most {worst:.4f} e", file=sys.stderr)
    del structures["HKUST1"]  # its two jobs are done above, and it is large
    json.dump({"program": f"numpy {np.__version__}, scipy {scipy.__version__}; EQeq (Wilmer, Kim, Snurr)",
               "date": datetime.date.today().isoformat(), "structures": structures}, sys.stdout, separators=(",", ":"))
    print()


main()
