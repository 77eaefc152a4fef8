"""Lowest adsorption sites by scipy's Nelder-Mead on the energies of widom-numpy.py, to hold the kernel's rigid relaxation against.

    python bench/validation/rigid-sites-scipy.py STRUCTURES_FOLDER

Prints the lowest energy found from many starts, eV, for the MOF-5 cases of widom-numpy.py.
"""

import importlib.util
import pathlib
import sys

import ase.io
import numpy
import scipy.optimize
import scipy.spatial.transform

spec = importlib.util.spec_from_file_location("widom", pathlib.Path(__file__).parent / "widom-numpy.py")
widom = importlib.util.module_from_spec(spec)
spec.loader.exec_module(widom)

N_SAMPLES = 4000
N_STARTS = 12


def energy(framework, guest, centers, rotations):
    total = numpy.zeros(len(centers))
    for place, epsilon_K, sigma, charge in widom.GUESTS[guest]:
        lj, coulomb = framework.energies(centers + rotations @ numpy.array(place, dtype=float), epsilon_K, sigma, charge)
        total += lj + coulomb
    return total


def lowest(framework, guest):
    rng = numpy.random.default_rng(3)
    centers = rng.random((N_SAMPLES, 3)) @ framework.unit_cell
    turns = scipy.spatial.transform.Rotation.random(N_SAMPLES, rng=rng)
    energies = energy(framework, guest, centers, turns.as_matrix())

    def at(x, start):
        turn = scipy.spatial.transform.Rotation.from_rotvec(x[3:]) * turns[int(start)]
        return energy(framework, guest, (centers[start] + x[:3])[None], turn.as_matrix()[None])[0]

    options = {"xatol": 1e-5, "fatol": 1e-9, "maxfev": 1500, "adaptive": True}
    simplex = numpy.vstack([numpy.zeros(6), 0.2 * numpy.eye(6)])
    found = []
    for start in numpy.argsort(energies)[:N_STARTS]:
        once = scipy.optimize.minimize(
            at, numpy.zeros(6), args=(start,), method="Nelder-Mead", options={**options, "initial_simplex": simplex}
        )
        again = scipy.optimize.minimize(at, once.x, args=(start,), method="Nelder-Mead", options=options)
        found.append(again.fun)
    return min(found)


def main():
    for name, guest, charges, _ in widom.CASES:
        if name == "MFI":
            continue
        framework = widom.Framework(ase.io.read(f"{sys.argv[1]}/{name}.cif"), charges)
        print(f"{name} {guest}: {lowest(framework, guest):.6f} eV", flush=True)


if __name__ == "__main__":
    main()
