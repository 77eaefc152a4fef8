"""Repeat the relaxations of relax-symmetry.ts with ASE's LBFGS and FixSymmetry, and look at every frame with spglib.

    python relax-symmetry-ase.py MOFKERNEL TRAJECTORY.xyz ...        (needs ase, numpy, scipy, spglib)

Energies, forces and stress are those of `mofkernel evaluate`, with types and bonds of the start.
"""
import collections
import json
import pathlib
import subprocess
import sys

import ase.io
import numpy as np
import spglib
from ase.calculators.calculator import Calculator, all_changes
from ase.constraints import FixSymmetry
from ase.filters import FrechetCellFilter
from ase.optimize import LBFGS

FMAX_EV_A = 0.001
SYMPREC_A = 1e-8
DTYPES = {"f64": "<f8", "i32": "<i4", "u8": "|u1"}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


class Kernel:
    def __init__(self, path):
        self.process = subprocess.Popen([path, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.receive()

    def receive(self):
        header = json.loads(self.process.stdout.readline())
        payload = self.process.stdout.read(header.get("payload_bytes", 0))
        arrays, offset = {}, 0
        for array in header.get("arrays", []):
            dtype, count = np.dtype(DTYPES[array["dtype"]]), int(np.prod(array["shape"]))
            arrays[array["name"]] = np.frombuffer(payload, dtype, count, offset).reshape(array["shape"])
            offset += count * dtype.itemsize
        if header["type"] == "error":
            raise RuntimeError(header["message"])
        return header, arrays

    def ask(self, header, arrays):
        described = [{"name": n, "dtype": NAMES[a.dtype.str], "shape": list(a.shape)} for n, a in arrays.items()]
        payload = b"".join(a.tobytes() for a in arrays.values())
        text = json.dumps({**header, "id": "r", "arrays": described, "payload_bytes": len(payload)})
        self.process.stdin.write(text.encode() + b"\n" + payload)
        self.process.stdin.flush()
        return self.receive()[1]


class Mofkernel(Calculator):
    implemented_properties = ["energy", "forces", "stress"]

    def __init__(self, kernel, start):
        super().__init__()
        self.kernel, self.start = kernel, start

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        options = {"dialect": "paper", "cutoff_A": 12.5, "fallback": "none"}
        header = {
            "type": "evaluate",
            "potential": {"kind": "uff4mof", "options": options},
            "device": "cpu",
            "precision": "float64",
            "topology": True,
            "compute_forces": True,
            "compute_stress": True,
            "compute_per_atom": False,
        }
        answer = self.kernel.ask(
            header,
            {
                "cells": atoms.cell.array.reshape(1, 3, 3),
                "positions": atoms.positions,
                "atomic_numbers": atoms.numbers.astype("<i4"),
                "n_atoms": np.array([len(atoms)], "<i4"),
                "pbc": np.ones((1, 3), "u1"),
                "topology_cell": self.start.cell.array.reshape(1, 3, 3),
                "topology_positions": self.start.positions,
            },
        )
        stress = answer["stress"][0]
        self.results = {
            "energy": float(answer["energies"][0]),
            "forces": answer["forces"].copy(),
            "stress": np.array([stress[i, j] for i, j in ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))]),
        }


def relax(kernel, start):
    atoms = start.copy()
    atoms.set_constraint(FixSymmetry(atoms, symprec=1e-5))
    atoms.calc = Mofkernel(kernel, start)
    jacobian = atoms.get_volume() ** (1 / 3) * len(atoms) ** (1 / 6)
    run = LBFGS(FrechetCellFilter(atoms, exp_cell_factor=jacobian), logfile=None)

    def has_converged(gradient):
        """As with rows that are n_atoms times the logarithm, which is ASE's default."""
        norms = np.linalg.norm(gradient.reshape(-1, 3), axis=1)
        norms[len(atoms) :] *= jacobian / len(atoms)
        return norms.max() < FMAX_EV_A

    run.gradient_converged = has_converged
    run.run(steps=500)
    return atoms, run.nsteps


kernel = Kernel(sys.argv[1])
for path in sys.argv[2:]:
    frames = ase.io.read(path, ":")
    groups = collections.Counter()
    for frame in frames:
        crystal = (frame.cell.array, frame.get_scaled_positions(), frame.numbers)
        groups[spglib.get_symmetry_dataset(crystal, symprec=SYMPREC_A).number] += 1
    atoms, n_steps = relax(kernel, frames[0])
    last = frames[-1]
    energy_difference = atoms.get_potential_energy() - last.get_potential_energy()
    print(
        f"{pathlib.Path(path).stem}: frames by space group {dict(groups)}; steps {n_steps} of ASE, {len(frames) - 1} here; "
        f"energies differ by {energy_difference:.1e} eV, coordinates by {np.abs(atoms.positions - last.positions).max():.1e} A"
    )
