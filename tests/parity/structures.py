"""Structures for comparing MACE implementations: frameworks, disorder, molecules, and the geometries that break neighbor lists.

Every structure is made from the elements that a model knows; coordinates are rounded, so that a JSON file holds them exactly.
"""
import pathlib

import ase
import ase.data
import ase.io
import numpy as np
from ase.build import molecule

RESOURCES = pathlib.Path(__file__).resolve().parents[2] / "resources" / "structures"
FRAMEWORKS = ["MOF-5_primitive", "HKUST-1_primitive", "ZIF-8_primitive"]
DECIMALS = 6
# What the small structures are made of, as far as a model knows it.
SAMPLE_ELEMENTS = [30, 8, 6, 1, 7, 29]


def rounded(atoms):
    atoms.positions = np.round(atoms.positions, DECIMALS)
    atoms.cell = np.round(atoms.cell.array, DECIMALS)
    return atoms


def framework(name, seed=7):
    """A framework of resources/structures with every atom displaced, so that no force is zero by symmetry."""
    atoms = ase.io.read(RESOURCES / f"{name}.cif")
    random = np.random.default_rng(seed)
    atoms.positions += random.normal(scale=0.05, size=atoms.positions.shape)
    return rounded(atoms)


def amorphous_box(numbers, n_atoms=40, edge_A=8.5, seed=11):
    """Atoms at random places of a cube, no two closer than 0.75 of the sum of their covalent radii."""
    random = np.random.default_rng(seed)
    atoms = ase.Atoms(cell=[edge_A] * 3, pbc=True)
    while len(atoms) < n_atoms:
        trial = atoms + ase.Atoms(numbers=[random.choice(numbers)], positions=[random.uniform(0, edge_A, 3)])
        radii = ase.data.covalent_radii[trial.numbers]
        distances = trial.get_distances(-1, range(len(atoms)), mic=True) if len(atoms) else np.array([np.inf])
        limits = 0.75 * (radii[-1] + radii[:-1]) if len(atoms) else np.array([0.0])
        if (distances > limits).all():
            atoms = trial
    return rounded(atoms)


def triclinic_cell(numbers, pbc=True):
    """Four atoms in a cell so small that an atom sees itself and others in several images."""
    cell = [[3.9, 0.0, 0.0], [-0.7, 4.1, 0.0], [0.5, -0.9, 3.7]]
    scaled = [[0.03, 0.02, 0.05], [0.52, 0.11, 0.46], [0.21, 0.55, 0.83], [0.71, 0.62, 0.24]]
    chosen = [numbers[i % len(numbers)] for i in range(4)]
    return rounded(ase.Atoms(numbers=chosen, scaled_positions=scaled, cell=cell, pbc=pbc))


def spread(numbers, n):
    """The first, the last, and some between."""
    return [numbers[round(i * (len(numbers) - 1) / (n - 1))] for i in range(n)]


def ethanol():
    """One molecule without a cell, off the origin and turned so that no symmetry is along an axis."""
    atoms = molecule("CH3CH2OH")
    atoms.rotate(37, (1, 2, 3))
    atoms.positions += [0.31, -0.27, 0.44]
    return rounded(atoms)


def dimer(z1, z2, distance_A):
    direction = np.array([2.0, -3.0, 6.0]) / 7.0
    atoms = ase.Atoms(numbers=[z1, z2], positions=[np.zeros(3), direction * distance_A])
    return atoms


def dimers_at_edges(z1, z2, r_max_A, *, is_continuous):
    """Pairs at, and on both sides of, every distance where a function ends: the cutoff and ZBL's sum of covalent radii.

    Where the energy jumps at the cutoff, a pair exactly there has no energy that two programs would agree on.
    """
    r_zbl_A = float(ase.data.covalent_radii[z1] + ase.data.covalent_radii[z2])
    distances = {
        "short": 0.7,
        "inside-zbl": r_zbl_A - 1e-3,
        "outside-zbl": r_zbl_A + 1e-3,
        "well-inside-cutoff": 0.99 * r_max_A,
        "inside-cutoff": r_max_A - 1e-6,
        "at-cutoff": r_max_A,
        "outside-cutoff": r_max_A + 1e-6,
    }
    if not is_continuous:
        del distances["at-cutoff"]
    return {f"dimer-{name}": dimer(z1, z2, r) for name, r in distances.items()}


def structures_for(numbers, r_max_A, *, is_continuous=True):
    """Name -> ase.Atoms, of those that the elements `numbers` allow."""
    sample = [z for z in SAMPLE_ELEMENTS if z in numbers]
    chosen = {
        "atom": ase.Atoms(numbers=[sample[0]], positions=[[0.1, 0.2, 0.3]]),
        "triclinic": triclinic_cell(sample),
        "slab": triclinic_cell(sample, pbc=(True, True, False)),
        "all-elements": triclinic_cell(spread(numbers, 4)),
        "amorphous": amorphous_box(sample),
        **dimers_at_edges(sample[0], sample[1], r_max_A, is_continuous=is_continuous),
    }
    if {1, 6, 8} <= set(numbers):
        chosen["ethanol"] = ethanol()
    for name in FRAMEWORKS:
        atoms = framework(name)
        if set(atoms.numbers) <= set(numbers):
            chosen[name] = atoms
    return chosen
