"""Phonons and thermodynamics by phonopy, for the tests of worker/phonons and of the workflow heat-capacity.

    python heat-capacity-phonopy.py PATH_OF_MOFKERNEL > ../../worker/phonons/test-data/phonopy.json

What is independent here is everything but the forces: which atoms are displaced, how force constants follow from them, images,
dynamical matrix, mesh, sums over modes, units. The forces of argon are computed here, too (Lennard-Jones, cut and shifted); those
of quartz and the framework are mofkernel's at phonopy's displaced supercells. Needs phonopy, ase and numpy.

Of the small crystals the force constants stand in the file, so that the tests can answer a displacement without a kernel.
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
from ase.build import bulk
from ase.io import read
from phonopy import Phonopy
from phonopy.structure.atoms import PhonopyAtoms

DISPLACEMENT_A = 0.01
TEMPERATURES_K = [0, 10, 50, 100, 300, 1000, 5000]
SYMMETRY_TOLERANCE_A = 1e-3
STRUCTURES = pathlib.Path(__file__).resolve().parents[2] / "resources" / "structures"

ARGON_EPSILON_EV, ARGON_SIGMA_A, ARGON_CUTOFF_A = 0.0103, 3.405, 6.0


def argon_forces(atoms):
    """Lennard-Jones between all images within the cutoff, which lies between the second and the third shell."""
    positions, cell = atoms.positions, atoms.cell.array
    shifts = np.array(list(np.ndindex(3, 3, 3))) - 1
    forces = np.zeros_like(positions)
    for shift in shifts @ cell:
        delta = positions[:, None, :] - (positions[None, :, :] + shift)
        squared = (delta**2).sum(-1)
        inside = (squared < ARGON_CUTOFF_A**2) & (squared > 1e-6)
        x = np.where(inside, ARGON_SIGMA_A**2 / np.where(inside, squared, 1.0), 0.0) ** 3
        scale = np.where(inside, 24 * ARGON_EPSILON_EV * (2 * x * x - x) / np.where(inside, squared, 1.0), 0.0)
        forces += (scale[:, :, None] * delta).sum(1)
    return forces


def quartz():
    """Levien, Prewitt, Weidner, Am. Mineral. 65, 920 (1980)."""
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


def kernel_forces(kernel):
    def forces(atoms):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "displaced.extxyz"
            write_exactly(path, atoms)
            out = subprocess.run([kernel, "evaluate", str(path), "--json"], capture_output=True, text=True, check=True)
        return np.array(json.loads(out.stdout)["forces_eV_A"])

    return forces


def relaxed(kernel, atoms):
    with tempfile.TemporaryDirectory() as folder:
        start, end = pathlib.Path(folder) / "start.extxyz", pathlib.Path(folder) / "end.extxyz"
        write_exactly(start, atoms)
        command = [kernel, "relax", str(start), "--fmax", "1e-5", "--max-steps", "2000", "--out", str(end)]
        subprocess.run(command, capture_output=True, text=True, check=True)
        return read(end)


def block(atoms, repeats, mesh_length_A, forces, potential, with_force_constants):
    # ase's masses are the conventional atomic weights that this repository uses, phonopy's own differ by 1e-5.
    cell = PhonopyAtoms(
        symbols=atoms.get_chemical_symbols(),
        cell=atoms.cell.array,
        positions=atoms.positions,
        masses=atoms.get_masses(),
    )
    phonon = Phonopy(
        cell, supercell_matrix=np.diag(repeats), primitive_matrix="auto", symprec=SYMMETRY_TOLERANCE_A
    )
    phonon.generate_displacements(distance=DISPLACEMENT_A, is_plusminus=True)
    displaced = phonon.supercells_with_displacements
    phonon.forces = [forces(Atoms(s.symbols, positions=s.positions, cell=s.cell, pbc=True)) for s in displaced]
    phonon.produce_force_constants(calculate_full_force_constants=True)
    phonon.symmetrize_force_constants(level=50)
    phonon.run_mesh(mesh_length_A)
    phonon.run_thermal_properties(temperatures=TEMPERATURES_K, exclude_gamma_acoustic=True)
    thermal = phonon.thermal_properties
    phonon.run_qpoints([[0, 0, 0]])
    copies = len(atoms) / len(phonon.primitive)
    answer = {
        "potential": potential,
        "space_group": phonon.symmetry.dataset.international,
        "cell_A": atoms.cell.array.tolist(),
        "symbols": atoms.get_chemical_symbols(),
        "positions_A": atoms.positions.tolist(),
        "repeats": repeats,
        "mesh_length_A": mesh_length_A,
        "n_atoms_primitive": len(phonon.primitive),
        "n_displaced_supercells": len(displaced),
        "mesh": [int(n) for n in phonon.mesh.mesh_numbers],
        "n_irreducible_q_points": len(phonon.mesh.weights),
        "frequencies_at_gamma_THz": phonon.qpoints.frequencies[0].tolist(),
        "lowest_frequencies_THz": sorted(phonon.mesh.frequencies.flatten().tolist())[:10],
        "temperatures_k": TEMPERATURES_K,
        # Per unit cell.
        "heat_capacities_J_mol_K": (np.array(thermal.heat_capacity) * copies).tolist(),
        "entropies_J_mol_K": (np.array(thermal.entropy) * copies).tolist(),
        "free_energies_kJ_mol": (np.array(thermal.free_energy) * copies).tolist(),
    }
    if with_force_constants:
        answer["supercell_positions_A"] = phonon.supercell.positions.tolist()
        # [n_supercell][n_supercell][3][3]: the rows of the primitive atoms, in the order of supercell_positions_A.
        rows = phonon.primitive.p2s_map
        answer["force_constant_rows"] = [int(i) for i in rows]
        answer["force_constants_eV_A2"] = np.round(phonon.force_constants[rows], 10).tolist()
    return answer


def main():
    kernel = sys.argv[1]
    forces = kernel_forces(kernel)
    argon = bulk("Ar", "fcc", a=5.26, cubic=True)
    quartz_cell = relaxed(kernel, quartz())
    framework = relaxed(kernel, read(STRUCTURES / "Mg-MOF-74_primitive.cif"))
    version = subprocess.run([kernel, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    lennard_jones = (
        f"Lennard-Jones, epsilon {ARGON_EPSILON_EV} eV, sigma {ARGON_SIGMA_A} A, cutoff {ARGON_CUTOFF_A} A"
    )
    document = {
        "source": {
            "program": f"phonopy {phonopy.__version__}",
            "forces": f"{version}; argon: this script",
            "settings": {
                "displacement_A": DISPLACEMENT_A,
                "symprec_A": SYMMETRY_TOLERANCE_A,
                "exclude_gamma_acoustic": True,
                "force_constants": "symmetrize_force_constants(level=50)",
            },
            "date": datetime.date.today().isoformat(),
        },
        "crystals": {
            "argon": block(argon, [3, 3, 3], 100.0, argon_forces, lennard_jones, True),
            "quartz": block(quartz_cell, [2, 2, 2], 60.0, forces, "uff4mof, defaults", True),
            "Mg-MOF-74": block(framework, [1, 1, 1], 30.0, forces, "uff4mof, defaults", False),
        },
    }
    print(json.dumps(document))


if __name__ == "__main__":
    main()
