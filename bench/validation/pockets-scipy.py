"""Channels and pockets of interaction-energy tasks, found again by scipy from their cubes, and by Zeo++ from the geometry.

    python bench/validation/pockets-scipy.py TASK_FOLDER...

Each folder is the output of `mofsim run interaction-energy ... --param adsorbate=CH4 --param grid_spacing=0.25` with result.json and
cubes: at that spacing the task decides on the grid that the cubes hold. scipy.ndimage.label finds the parts of the cell; the parts are
joined through its faces in a 3 x 3 x 3 block, where a part that meets its own image runs through the crystal. The Zeo++ column counts
channels and pockets for hard spheres: each atom's radius is where one UFF pair with methane costs 15 kT, less the probe's. Prints a
table in Markdown; ends with 1 when scipy and a task differ. Needs ase, numpy, scipy, pyzeo (Zeo++ bindings).
"""

import contextlib
import json
import math
import os
import pathlib
import re
import sys
import tempfile

import ase.io
import ase.io.cube
import numpy
import scipy.ndimage
from pyzeo.area_volume import volume
from pyzeo.netstorage import AtomNetwork

K_EV = 8.617333262145179e-5
LIMIT_KT = 15
METHANE = (148.0, 3.73)
PROBE_A = 1.65
KELVIN_PER_KCAL = 503.2195
# x, A; D, kcal/mol: Rappe et al., J. Am. Chem. Soc. 114, 10024 (1992).
UFF = {
    "H": (2.886, 0.044),
    "C": (3.851, 0.105),
    "N": (3.66, 0.069),
    "O": (3.5, 0.06),
    "Si": (4.295, 0.402),
    "Zn": (2.763, 0.124),
    "Zr": (3.124, 0.069),
    "V": (3.144, 0.016),
    "Cu": (3.495, 0.005),
    "Mg": (3.021, 0.111),
}


def parts_of(energies, limit):
    """Accessible points by scipy: a label for each, and for each label the axes along which it meets its image."""
    is_open = energies < limit
    block = numpy.tile(is_open, (3, 3, 3))
    labels, _ = scipy.ndimage.label(block)
    shape = numpy.array(energies.shape)
    middle = labels[tuple(slice(n, 2 * n) for n in shape)]
    # Two parts of the middle cell are one where the block joins them, or where they are images of one part of the block.
    parent = {label: label for label in numpy.unique(labels) if label}

    def find(label):
        while parent[label] != label:
            label = parent[label]
        return label

    for shift in numpy.ndindex(3, 3, 3):
        image = labels[tuple(slice(s * n, (s + 1) * n) for s, n in zip(shift, shape))]
        pairs = numpy.unique(numpy.stack([middle[is_open], image[is_open]], axis=1), axis=0)
        for a, b in pairs:
            parent[find(b)] = find(a)
    merged = numpy.zeros_like(middle)
    merged[is_open] = [find(label) for label in middle[is_open]]
    return merged, labels


def runs_through(merged, part, labels, shape):
    """Number of independent lattice vectors by which a part meets its images, seen in the block."""
    vectors = []
    start = tuple(numpy.argwhere(merged == part)[0])
    points = numpy.argwhere(merged == part)
    cells = list(numpy.ndindex(3, 3, 3))
    seen = {cell: labels[tuple(points.T + (numpy.array(cell) * shape)[:, None])] for cell in cells}
    for i, a in enumerate(cells):
        for b in cells[i + 1 :]:
            if (seen[a] == seen[b]).any():
                vectors.append(numpy.array(b) - numpy.array(a))
    return numpy.linalg.matrix_rank(numpy.array(vectors)) if vectors else 0


def by_scipy(energies, kt):
    merged, labels = parts_of(energies, LIMIT_KT * kt)
    shape = numpy.array(energies.shape)
    weights = numpy.exp(-(energies - energies.min()) / kt)
    parts = [part for part in numpy.unique(merged) if part]
    ranks = {part: runs_through(merged, part, labels, shape) for part in parts}
    pockets = [part for part in parts if ranks[part] == 0]
    return {
        "accessible": (merged > 0).mean(),
        "percolating": sum((merged == part).mean() for part in parts if ranks[part]),
        "dimensions": sorted(rank for rank in ranks.values() if rank),
        "n_pockets": len(pockets),
        "share": sum(weights[merged == part].sum() for part in pockets) / weights.sum(),
    }


def hard_radius(symbol, kt):
    """Where one pair costs LIMIT_KT kT, less the radius of the probe, A."""
    x, depth = UFF[symbol]
    sigma = (x / 2 ** (1 / 6) + METHANE[1]) / 2
    epsilon = math.sqrt(depth * KELVIN_PER_KCAL * METHANE[0]) * K_EV
    s6 = (1 + math.sqrt(1 + LIMIT_KT * kt / epsilon)) / 2
    return sigma / s6 ** (1 / 6) - PROBE_A


@contextlib.contextmanager
def silence():
    """Zeo++ writes about its work to the standard output of the process."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(nowhere)
        os.close(kept)


def by_zeo(atoms, kt):
    with tempfile.TemporaryDirectory() as folder:
        structure, radii = f"{folder}/framework.cif", f"{folder}/framework.rad"
        ase.io.write(structure, atoms)
        pathlib.Path(radii).write_text("".join(f"{s} {hard_radius(s, kt):.4f}\n" for s in sorted(set(atoms.symbols))))
        with silence():
            network = AtomNetwork.read_from_CIF(structure, rad_flag=True, rad_file=radii)
            text = volume(network, PROBE_A, PROBE_A, 200)
        text = text.decode() if isinstance(text, bytes) else str(text)
    count = lambda word: int(re.search(rf"Number_of_{word}:\s*(\d+)", text).group(1))
    return f"{count('channels')} channels, {count('pockets')} pockets"


def main(folders):
    print("| framework | | accessible | in channels | dimensions | pockets | share of the pockets |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    has_failed = False
    for folder in map(pathlib.Path, folders):
        result = json.loads((folder / "result.json").read_text())
        kt = K_EV * result["temperature_k"]
        with open(folder / "energy_minimum.cube") as file:
            cube = ase.io.cube.read_cube(file)
        found = by_scipy(numpy.array(cube["data"]), kt)
        told = {
            "accessible": result["accessible_fraction"],
            "percolating": result["percolating_fraction"],
            "dimensions": sorted(one["dimensionality"] for one in result["connectivity"]["channels"]),
            "n_pockets": result["n_pockets"],
            "share": result["pocket_henry_share"],
        }
        # The cube has six decimals, and nothing above its cap: weights there are none.
        is_same = told["dimensions"] == found["dimensions"] and told["n_pockets"] == found["n_pockets"]
        is_same &= all(abs(told[key] - found[key]) < 1e-4 for key in ("accessible", "percolating", "share"))
        has_failed |= not is_same
        for who, one in (("task", told), ("scipy", found)):
            dimensions = ", ".join(map(str, one["dimensions"])) or "none"
            print(
                f"| {folder.name} | {who} | {one['accessible']:.4f} | {one['percolating']:.4f} | {dimensions} | {one['n_pockets']} |"
                f" {one['share']:.4f} |"
            )
        print(f"| {folder.name} | Zeo++, hard spheres | | | | {by_zeo(cube['atoms'], kt)} | |")
    return 1 if has_failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
