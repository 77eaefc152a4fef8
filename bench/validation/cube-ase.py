"""Does ASE read the cubes of interaction energies as they are meant?

    python bench/validation/cube-ase.py FILE.cube [FRAMEWORK.cif]

Prints what ASE finds; with a structure beside it, the largest differences of cell and positions (modulo the cell). Without one it
checks worker/workflows/interaction-energy/test-data/rock-salt.cube, whose numbers are known, and ends with an error if they differ.
"""

import pathlib
import sys

import ase.io
import ase.io.cube
import numpy

FIXTURE = (
    pathlib.Path(__file__).parent.parent.parent
    / "worker/workflows/interaction-energy/test-data/rock-salt.cube"
)


def read(path):
    with open(path) as file:
        found = ase.io.cube.read_cube(file)
    return found["atoms"], found["data"], found["origin"]


def differences(atoms, other):
    cell = numpy.abs(numpy.array(atoms.cell) - numpy.array(other.cell)).max()
    d = atoms.get_scaled_positions() - other.get_scaled_positions()
    d -= numpy.round(d)
    return cell, numpy.abs(d @ numpy.array(other.cell)).max()


def main():
    if len(sys.argv) > 1:
        atoms, data, _ = read(sys.argv[1])
        print(f"{len(atoms)} atoms, {data.shape} points, lowest {data.min():.6f} at {numpy.unravel_index(data.argmin(), data.shape)}")
        if len(sys.argv) > 2:
            cell, positions = differences(atoms, ase.io.read(sys.argv[2])[: len(atoms)])
            print(f"cell within {cell:.1e} A, positions within {positions:.1e} A")
        return
    atoms, data, origin = read(FIXTURE)
    expected = numpy.fromfunction(lambda a, b, c: 100 * a + 10 * b + c, (2, 3, 7))
    assert numpy.allclose(data, numpy.minimum(expected, 120)), "values or their order"
    assert numpy.allclose(atoms.cell, 5.64 * numpy.eye(3), atol=1e-5), "cell"
    assert "".join(atoms.symbols) == "NaNaNaNaClClClCl" and numpy.allclose(atoms.positions[5], [0, 2.82, 0], atol=1e-6), "atoms"
    assert numpy.allclose(origin, 0), "origin"
    print(f"ASE {ase.__version__} reads the fixture: {data.shape} points, {len(atoms)} atoms")


main()
