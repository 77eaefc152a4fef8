"""Write ase_relaxations.json: relaxations of a small Lennard-Jones crystal by ASE's optimizers and cell filter.

Run by hand, in an environment with ase and numpy:  python make_ase_relaxations.py > ase_relaxations.json
"""
import datetime
import itertools
import json

import ase
import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.constraints import FixAtoms
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS, FIRE, LBFGS, MDMin

EPSILON_EV = 0.04
X_A = 3.2  # distance of the pair's minimum
CUTOFF_A = 8.0
FMAX = 0.001
KEPT_STEPS = 10
SHIFTS = np.array(list(itertools.product(range(-4, 5), repeat=3)))


class LennardJones(Calculator):
    """Plain cutoff, no shift, no tail; a sum over every image inside the cutoff."""

    implemented_properties = ["energy", "forces", "stress"]

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        cell = atoms.cell.array
        positions = atoms.positions
        delta = positions[None, None, :, :] + (SHIFTS @ cell)[:, None, None, :] - positions[None, :, None, :]
        r2 = (delta**2).sum(axis=3)
        image, i, j = np.nonzero((r2 > 1e-12) & (r2 < CUTOFF_A**2))
        delta, r2 = delta[image, i, j], r2[image, i, j]
        u = (X_A**2 / r2) ** 3
        slope_over_r = -12 * EPSILON_EV * (u * u - u) / r2
        energy = 0.5 * (EPSILON_EV * (u * u - 2 * u)).sum()
        forces = np.zeros_like(positions)
        np.add.at(forces, i, slope_over_r[:, None] * delta)
        virial = 0.5 * np.einsum("p,pa,pb->ab", slope_over_r, delta, delta)
        stress = virial / atoms.get_volume()
        self.results = {"energy": energy, "forces": forces, "stress": stress[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]}


def make_crystal():
    random = np.random.default_rng(5)
    cell = np.array([[4.5, 0.0, 0.0], [0.15, 4.35, 0.0], [-0.1, 0.2, 4.55]])
    fractional = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    positions = fractional @ cell + random.normal(scale=0.05, size=(4, 3))
    return Atoms("Ar4", positions=np.round(positions, 6), cell=cell, pbc=True)


def relax(optimizer, cell_mode, pressure, fixed_atoms):
    atoms = make_crystal()
    atoms.calc = LennardJones()
    atoms.set_constraint(FixAtoms(indices=fixed_atoms))
    moved = atoms
    # Sheppard et al., J. Chem. Phys. 136, 074103 (2012), instead of ASE's default n_atoms.
    jacobian = atoms.get_volume() ** (1 / 3) * len(atoms) ** (1 / 6)
    if cell_mode != "fixed":
        moved = FrechetCellFilter(
            atoms,
            exp_cell_factor=jacobian,
            hydrostatic_strain=cell_mode == "isotropic",
            scalar_pressure=pressure,
        )

    def has_converged(gradient):
        """As with rows that are n_atoms times the logarithm, which is ASE's default."""
        norms = np.linalg.norm(gradient.reshape(-1, 3), axis=1)
        norms[len(atoms) :] *= jacobian / len(atoms)
        return norms.max() < FMAX

    energies, cells, positions = [], [], []

    def record():
        energies.append(atoms.get_potential_energy())
        cells.append(atoms.cell.array.ravel().tolist())
        positions.append(atoms.positions.ravel().tolist())

    run = optimizer(moved, logfile=None)
    run.gradient_converged = has_converged
    run.attach(record)
    assert run.run(fmax=FMAX, steps=3000)
    return {
        "optimizer": optimizer.__name__,
        "cell_mode": cell_mode,
        "pressure_eV_A3": pressure,
        "fixed_atoms": fixed_atoms,
        "first_energies_eV": energies[:KEPT_STEPS],
        "first_cells_A": cells[:KEPT_STEPS],
        "first_positions_A": positions[:KEPT_STEPS],
        "steps": len(energies) - 1,
        "final_energy_eV": energies[-1],
        "final_cell_A": cells[-1],
    }


start = make_crystal()
print(
    json.dumps(
        {
            "program": f"ASE {ase.__version__}, numpy {np.__version__}",
            "date": datetime.date.today().isoformat(),
            "potential": {"epsilon_eV": EPSILON_EV, "x_A": X_A, "cutoff_A": CUTOFF_A},
            "fmax_eV_A": FMAX,
            "cell_A": start.cell.array.ravel().tolist(),
            "positions_A": start.positions.ravel().tolist(),
            "relaxations": [
                relax(optimizer, *setting)
                for optimizer in (LBFGS, BFGS, FIRE, MDMin)
                for setting in (
                    ("fixed", 0.0, []),
                    ("full", 0.0, []),
                    ("full", 0.01, []),
                    ("isotropic", -0.002, []),
                    ("fixed", 0.0, [1]),
                    ("full", 0.01, [0, 2]),
                )
            ],
        },
        indent=1,
    )
)
