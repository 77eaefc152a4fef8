"""Write dispersion.json: D3(BJ) energies, forces, virials and energies per atom by simple-dftd3 and torch-dftd.

Run by hand, in an environment with ase, numpy, dftd3, torch and torch-dftd:
    python make_dispersion.py > dispersion.json
The three-body term is off; cutoffs are as each case has them. Frameworks are resources/structures/*.cif,
displaced at random; "elements" is one atom of each element up to radon at random places, which no reference table
that differs in one row survives. From francium on simple-dftd3 has newer coefficients than the paper; torch-dftd has
the paper's. torch-dftd has units of length and energy of its own: it is given the same lengths in bohr, and its hartree
are converted like those of simple-dftd3.
"""
import datetime
import importlib.metadata
import json
import pathlib

import ase.io
import numpy as np
import torch
from ase import Atoms
from ase.build import molecule
from dftd3.interface import DispersionModel, RationalDampingParam
from torch_dftd.functions.dftd3 import d3_autoang, d3_autoev
from torch_dftd.torch_dftd3_calculator import TorchDFTD3Calculator

STRUCTURES = pathlib.Path(__file__).resolve().parents[4] / "resources" / "structures"
BOHR_A = 0.529177210544  # CODATA 2022
HARTREE_EV = 27.211386245981
CUTOFF_BOHR = 40.0
FUNCTIONALS = (
    "b1b95 b2plyp b3lyp b3pw91 b973c b97d b97m bhlyp blyp bmk bp bpbe camb3lyp hf hse03 hse06 hsesol lcwpbe mpw1b95 "
    "mpwlyp olyp opbe pbe pbe0 pbesol pw6b95 r2scan r2scan0 r2scan50 r2scanh revpbe revpbe0 revpbe38 revtpss rpbe "
    "rpw86pbe rscan scan tpss tpss0 tpssh wb97m wb97x"
).split()
KERNEL_NAMES = {"bp": "bp86"}


def displaced(atoms, scale, seed):
    random = np.random.default_rng(seed)
    atoms.positions = np.round(atoms.positions + random.normal(scale=scale, size=atoms.positions.shape), 6)
    atoms.cell = np.round(atoms.cell.array, 6)
    return atoms


def one_of_each_element(first, last):
    random = np.random.default_rng(5)
    places = []
    while len(places) < last - first + 1:
        place = random.uniform(0, 16, 3)
        if all(np.linalg.norm(place - other) > 1.9 for other in places):
            places.append(place)
    return Atoms(numbers=range(first, last + 1), positions=np.round(places, 6))


def small_triclinic():
    return Atoms(
        "CuOHCLa",
        positions=[[0.1, 0.2, 0.0], [1.7, 0.4, 0.3], [2.1, 1.3, 0.4], [0.3, 2.2, 1.9], [2.6, 3.1, 2.2]],
        cell=[[4.1, 0.3, -0.2], [1.2, 4.6, 0.4], [-0.9, 1.1, 5.0]],
        pbc=True,
    )


def layer(pbc):
    """Periodic along some axes; the rest of the cell is empty space wider than the cutoff. simple-dftd3 is given all
    axes as periodic: with some of them its result depends on the vectors of the others."""
    return Atoms(
        "CCOZnH",
        positions=[[0.0, 0.1, 0.0], [1.4, 0.2, 0.3], [2.0, 1.4, -0.2], [3.1, 2.9, 0.8], [0.2, 2.4, -1.0]],
        cell=[[5.2, 0.1, 0.0], [0.7, 5.9, 0.0] if pbc[1] else [0.0, 40.0, 0.0], [0.0, 0.0, 40.0]],
        pbc=pbc,
    )


def cases():
    for name in ("MOF-5_primitive", "HKUST-1_primitive", "ZIF-8_primitive"):
        yield name, displaced(ase.io.read(STRUCTURES / f"{name}.cif"), 0.05, 3), "pbe", CUTOFF_BOHR, CUTOFF_BOHR
    yield "small triclinic", small_triclinic(), "pbe", CUTOFF_BOHR, CUTOFF_BOHR
    yield "small triclinic, other cutoffs", small_triclinic(), "revpbe", 22.0, 31.0
    yield "layer", layer([True, True, False]), "pbe", CUTOFF_BOHR, 25.0
    yield "chain", layer([True, False, False]), "rpbe", CUTOFF_BOHR, 25.0
    yield "benzene", displaced(molecule("C6H6"), 0.05, 4), "pbe", CUTOFF_BOHR, CUTOFF_BOHR
    yield "argon dimer", Atoms("Ar2", positions=[[0, 0, 0], [0.3, 0, 3.76]]), "pbe", CUTOFF_BOHR, CUTOFF_BOHR
    yield "helium and krypton", Atoms("HeKr", positions=[[0, 0, 0], [2.1, 2, 3]]), "b3lyp", CUTOFF_BOHR, CUTOFF_BOHR
    yield "elements", one_of_each_element(1, 86), "pbe", CUTOFF_BOHR, CUTOFF_BOHR


def make_model(atoms, cutoff_bohr, coordination_cutoff_bohr):
    is_periodic = bool(np.any(atoms.pbc))
    model = DispersionModel(
        atoms.numbers,
        atoms.positions / BOHR_A,
        atoms.cell.array / BOHR_A if is_periodic else None,
        np.ones(3, dtype=bool) if is_periodic else None,
    )
    model.set_realspace_cutoff(cutoff_bohr, cutoff_bohr, coordination_cutoff_bohr)
    return model


def numbers(values, digits):
    return [float(f"{x:.{digits}g}") for x in np.ravel(values)]


def describe(atoms, functional, cutoff_bohr, coordination_cutoff_bohr):
    model = make_model(atoms, cutoff_bohr, coordination_cutoff_bohr)
    damping = RationalDampingParam(method=functional, atm=False)
    result = model.get_dispersion(damping, grad=True)
    pairs = model.get_pairwise_dispersion(damping)["additive pairwise energy"]
    described = {
        "functional": KERNEL_NAMES.get(functional, functional),
        "cutoff_A": cutoff_bohr * BOHR_A,
        "coordination_cutoff_A": coordination_cutoff_bohr * BOHR_A,
        "atomic_numbers": [int(z) for z in atoms.numbers],
        "positions_A": np.ravel(atoms.positions).tolist(),
        "cell_A": np.ravel(atoms.cell.array).tolist(),
        "pbc": [bool(p) for p in atoms.pbc],
        "energy_eV": float(result["energy"]) * HARTREE_EV,
        "forces_eV_A": numbers(-result["gradient"] * HARTREE_EV / BOHR_A, 12),
        "energies_per_atom_eV": numbers(np.sum(pairs, axis=1) * HARTREE_EV, 12),
    }
    if np.any(atoms.pbc):
        described["virial_eV"] = numbers(result["virial"] * HARTREE_EV, 12)
    return described


def describe_by_torch_dftd(atoms):
    """PBE, all cutoffs 40 bohr; atoms are a molecule or a cell with three periodic axes."""
    length = d3_autoang / BOHR_A
    scaled = Atoms(atoms.numbers, atoms.positions * length, cell=atoms.cell.array * length, pbc=atoms.pbc)
    cutoff = CUTOFF_BOHR * d3_autoang
    scaled.calc = TorchDFTD3Calculator(
        damping="bj", xc="pbe", dtype=torch.float64, device="cpu", cutoff=cutoff, cnthr=cutoff
    )
    energy = HARTREE_EV / d3_autoev
    described = {
        "functional": "pbe",
        "cutoff_A": CUTOFF_BOHR * BOHR_A,
        "coordination_cutoff_A": CUTOFF_BOHR * BOHR_A,
        "atomic_numbers": [int(z) for z in atoms.numbers],
        "positions_A": np.ravel(atoms.positions).tolist(),
        "cell_A": np.ravel(atoms.cell.array).tolist(),
        "pbc": [bool(p) for p in atoms.pbc],
        "energy_eV": scaled.get_potential_energy() * energy,
        "forces_eV_A": numbers(scaled.get_forces() * energy * length, 12),
        "energies_per_atom_eV": [],
    }
    if np.any(atoms.pbc):
        described["virial_eV"] = numbers(scaled.get_stress(voigt=False) * scaled.get_volume() * energy, 12)
    return described


def main():
    benzene = displaced(molecule("C6H6"), 0.05, 4)
    by_functional = {}
    for functional in FUNCTIONALS:
        model = make_model(benzene, CUTOFF_BOHR, CUTOFF_BOHR)
        energy = model.get_dispersion(RationalDampingParam(method=functional, atm=False), grad=False)["energy"]
        by_functional[KERNEL_NAMES.get(functional, functional)] = float(energy) * HARTREE_EV
    structures = {name: describe(*case) for name, *case in cases()}
    for name, atoms in {
        "MOF-5_primitive by torch-dftd": displaced(ase.io.read(STRUCTURES / "MOF-5_primitive.cif"), 0.05, 6),
        "small triclinic by torch-dftd": small_triclinic(),
        "heaviest elements by torch-dftd": one_of_each_element(81, 94),
    }.items():
        structures[name] = describe_by_torch_dftd(atoms)
    print(
        json.dumps(
            {
                "programs": [f"{name} {importlib.metadata.version(name)}" for name in ("dftd3", "torch-dftd")],
                "date": str(datetime.date.today()),
                "structures": structures,
                "benzene_by_functional_eV": by_functional,
            },
            separators=(",", ":"),
        )
    )


main()
