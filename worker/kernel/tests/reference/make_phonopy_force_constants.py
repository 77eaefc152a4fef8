"""Force constants and frequencies by phonopy, from forces of mofkernel at phonopy's displaced supercells.

What is independent here is everything but the forces: which atoms are displaced (symmetry), how the force constants are
put together, the dynamical matrix, masses and units.

    python make_phonopy_force_constants.py PATH_OF_MOFKERNEL > phonopy_force_constants.json

Needs phonopy, ase and numpy. Structures: alpha-quartz (Levien, Prewitt, Weidner, Am. Mineral. 65, 920 (1980)) and the
built-in MOF-5_primitive, relaxed by mofkernel. An imaginary frequency is written as a negative number.
"""

import datetime
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import phonopy
from ase import Atoms
from ase.io import read
from phonopy import Phonopy
from phonopy.structure.atoms import PhonopyAtoms

DISPLACEMENT_A = 0.01
STRUCTURES = pathlib.Path(__file__).resolve().parents[4] / "resources" / "structures"


def quartz():
    a, c, u, x, y, z = 4.916, 5.4054, 0.4697, 0.4135, 0.2669, 0.1191
    t = 1 / 3
    fractional = [
        [u, 0, 2 * t], [0, u, t], [-u, -u, 0],
        [x, y, z + 2 * t], [-y, x - y, z + t], [y - x, -x, z],
        [y, x, -z + t], [x - y, -y, -z + 2 * t], [-x, y - x, -z],
    ]
    cell = [[a, 0, 0], [-a / 2, a * np.sqrt(3) / 2, 0], [0, 0, c]]
    return Atoms("Si3O6", scaled_positions=fractional, cell=cell, pbc=True)


def write_exactly(path, atoms):
    """ase writes eight decimals of a position; differences of forces need more."""
    rows = [f"{s} {p[0]:.17g} {p[1]:.17g} {p[2]:.17g}" for s, p in zip(atoms.symbols, atoms.positions)]
    lattice = " ".join(f"{v:.17g}" for v in atoms.cell.array.flatten())
    comment = f'Lattice="{lattice}" Properties=species:S:1:pos:R:3 pbc="T T T"'
    path.write_text("\n".join([str(len(atoms)), comment, *rows]) + "\n")


def forces(kernel, atoms):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "displaced.extxyz"
        write_exactly(path, atoms)
        out = subprocess.run([kernel, "evaluate", str(path), "--json"], capture_output=True, text=True, check=True)
    return np.array(json.loads(out.stdout)["forces_eV_A"])


def relaxed(kernel, atoms):
    with tempfile.TemporaryDirectory() as folder:
        start, end = pathlib.Path(folder) / "start.extxyz", pathlib.Path(folder) / "end.extxyz"
        write_exactly(start, atoms)
        command = [kernel, "relax", str(start), "--fmax", "1e-5", "--max-steps", "2000", "--out", str(end)]
        subprocess.run(command, capture_output=True, text=True, check=True)
        return read(end)


def describe(kernel, atoms, with_force_constants):
    cell = PhonopyAtoms(symbols=atoms.get_chemical_symbols(), cell=atoms.cell.array, positions=atoms.positions)
    phonon = Phonopy(cell, supercell_matrix=np.eye(3), primitive_matrix=np.eye(3), symprec=1e-3)
    phonon.generate_displacements(distance=DISPLACEMENT_A, is_plusminus=True)
    displaced = phonon.supercells_with_displacements
    phonon.forces = [
        forces(kernel, Atoms(s.symbols, positions=s.positions, cell=s.cell, pbc=True)) for s in displaced
    ]
    phonon.produce_force_constants()
    block = {
        "space_group": phonon.symmetry.dataset.international,
        "n_displaced_supercells": len(displaced),
        "cell_A": atoms.cell.array.tolist(),
        "atomic_numbers": [int(z) for z in atoms.numbers],
        "positions_A": atoms.positions.tolist(),
        "masses_amu": [float(m) for m in phonon.primitive.masses],
        "gamma_frequencies_THz": sorted(float(f) for f in phonon.run_qpoints([[0, 0, 0]]).frequencies[0]),
    }
    if with_force_constants:
        block["force_constants_eV_A2"] = phonon.force_constants.tolist()
    return block


def main():
    kernel = sys.argv[1]
    mof_5 = relaxed(kernel, read(STRUCTURES / "MOF-5_primitive.cif"))
    reference = {
        "program": f"phonopy {phonopy.__version__}, forces of mofkernel (UFF4MOF, dialect paper, cutoff 12.5 A, float64)",
        "date": datetime.date.today().isoformat(),
        "displacement_A": DISPLACEMENT_A,
        "quartz": describe(kernel, quartz(), True),
        "MOF-5_primitive": describe(kernel, mof_5, False),
    }
    print(json.dumps(reference))


main()
