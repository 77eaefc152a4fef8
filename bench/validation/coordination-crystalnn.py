"""Mean coordination numbers of metals in the built-in structures, by pymatgen's CrystalNN with the settings of MOFSimBench.

    python bench/validation/coordination-crystalnn.py > bench/validation/coordination-crystalnn.json

Needs ase and pymatgen. x_diff_weight 1.5, search cutoff 4.5 A, weighted: neighbors that may or may not be some count in part.
"""

import json
import warnings
from importlib.metadata import version
from pathlib import Path

from ase.io import read
from pymatgen.analysis.local_env import CrystalNN
from pymatgen.io.ase import AseAtomsAdaptor

STRUCTURES = Path(__file__).resolve().parents[2] / "resources" / "structures"
NAMES = [
    "HKUST-1_primitive",
    "IRMOF-10_primitive",
    "MIL-47",
    "MOF-5_primitive",
    "Mg-MOF-74_primitive",
    "UiO-66_primitive",
    "UiO-67_primitive",
    "ZIF-8_primitive",
    "Zn-MOF-74_primitive",
]
METALS = {"Cu", "Zn", "Zr", "Mg", "V"}

warnings.filterwarnings("ignore")
neighbors = CrystalNN(weighted_cn=True, x_diff_weight=1.5, search_cutoff=4.5)


def coordination(name):
    structure = AseAtomsAdaptor.get_structure(read(STRUCTURES / f"{name}.cif"))
    sites = [i for i, site in enumerate(structure) if site.specie.symbol in METALS]
    (element,) = {structure[i].specie.symbol for i in sites}
    numbers = [neighbors.get_cn(structure, i, use_weights=True) for i in sites]
    return {"name": name, "element": element, "coordination": round(float(sum(numbers) / len(numbers)), 6)}


made_with = {name: version(name) for name in ["ase", "pymatgen"]}
print(json.dumps({"made_with": made_with, "structures": [coordination(name) for name in NAMES]}))
