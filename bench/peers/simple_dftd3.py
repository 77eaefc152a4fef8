"""Time of simple-dftd3 (package dftd3) for energy, forces and virial of one structure: D3(BJ), PBE, cutoffs of 40 bohr.

    python bench/peers/simple_dftd3.py STRUCTURE.xyz --repeat 3

Prints one line of JSON; with --three-body the term of Axilrod, Teller and Muto, too, within 40 bohr.
"""
import argparse
import importlib.metadata
import json
import time

import ase.io
from dftd3.interface import DispersionModel, RationalDampingParam

BOHR_A = 0.529177210544  # CODATA 2022
HARTREE_EV = 27.211386245981
CUTOFF_BOHR = 40.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("structure")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--three-body", action="store_true")
    options = parser.parse_args()
    atoms = ase.io.read(options.structure)
    damping = RationalDampingParam(method="pbe", atm=options.three_body)
    seconds = []
    for _ in range(options.repeat):
        start = time.perf_counter()
        model = DispersionModel(atoms.numbers, atoms.positions / BOHR_A, atoms.cell.array / BOHR_A, atoms.pbc)
        model.set_realspace_cutoff(CUTOFF_BOHR, CUTOFF_BOHR, CUTOFF_BOHR)
        result = model.get_dispersion(damping, grad=True)
        seconds.append(time.perf_counter() - start)
    print(json.dumps({
        "version": importlib.metadata.version("dftd3"),
        "energy_eV": float(result["energy"]) * HARTREE_EV,
        "seconds": min(seconds),
    }))


if __name__ == "__main__":
    main()
