#!/usr/bin/env python3
"""Reference for a bulk modulus: solid argon (fcc) with the Lennard-Jones terms of UFF, by a lattice sum that shares no code with ours.

    python bench/validation/lennard-jones-fcc.py > bench/validation/lennard-jones-fcc.json

Terms: UFF (Rappe et al., J. Am. Chem. Soc. 114, 10024 (1992)), Ar4+4: x = 3.868 A, D = 0.185 kcal/mol; cutoff 12.5 A, from 0.9 of it on a
quintic switch; what the switch and the cutoff take away is added for a uniform density, as docs/uff4mof.md says. exact: minimum and B = V d2E/dV2 there, by differences in long double; fits: ASE, of the given points.
"""
import itertools
import json
from datetime import date

import ase
import numpy as np
import scipy
from ase.eos import EquationOfState
from scipy.integrate import quad
from scipy.optimize import brentq

X, D = 3.868, 0.185 * 4184 / 6.02214076e23 / 1.602176634e-19
CUTOFF, SWITCH = 12.5, 0.9
CELL = np.array([[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]])
SHIFTS = np.array([n for n in itertools.product(range(-9, 10), repeat=3) if n != (0, 0, 0)]) @ CELL
DISTANCES = np.linalg.norm(SHIFTS, axis=1).astype(np.longdouble)


def lennard_jones(r):
    s = (X / r) ** 6
    return D * (s * s - 2 * s)


def switch(r):
    t = np.clip((r / CUTOFF - SWITCH) / (1 - SWITCH), 0, 1)
    return 1 - t**3 * (10 - 15 * t + 6 * t**2)


# Energy per atom times volume per atom, eV A^3: 2 pi int r^2 (1 - switch) u dr.
TAIL = 2 * np.pi * (
    quad(lambda r: r * r * lennard_jones(r) * (1 - switch(r)), SWITCH * CUTOFF, CUTOFF, epsabs=1e-15)[0]
    + quad(lambda r: r * r * lennard_jones(r), CUTOFF, np.inf, epsabs=1e-15)[0]
)


def energy(volume):
    """Of the primitive cell, one atom, eV."""
    r = DISTANCES * np.cbrt(np.longdouble(4) * volume)
    r = r[r < CUTOFF]
    return np.sum(lennard_jones(r) * switch(r)) / 2 + TAIL / volume


def slope(volume, h=1e-3):
    v = np.longdouble(volume)
    return float((energy(v - 2 * h) - 8 * energy(v - h) + 8 * energy(v + h) - energy(v + 2 * h)) / (12 * h))


v0 = brentq(slope, 30, 45, xtol=1e-12)
bulk = v0 * (slope(v0 + 1e-2) - slope(v0 - 1e-2)) / 2e-2
ratios = np.linspace(0.98, 1.02, 9)
volumes = ratios * v0
energies = [float(energy(np.longdouble(v))) for v in volumes]
fits = {}
for name, method in (("birchmurnaghan", "birch_murnaghan"), ("murnaghan", "murnaghan"), ("vinet", "vinet")):
    volume, minimum, modulus = EquationOfState(volumes, energies, eos=name).fit()
    fits[method] = {"equilibrium_volume_A3": volume, "equilibrium_energy_eV": minimum, "bulk_modulus_GPa": modulus * 160.2176634}
print(
    json.dumps(
        {
            "programs": {"ase": ase.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
            "date": date.today().isoformat(),
            "exact": {
                "equilibrium_volume_A3": v0,
                "equilibrium_energy_eV": float(energy(np.longdouble(v0))),
                "bulk_modulus_GPa": bulk * 160.2176634,
            },
            "volumes_A3": volumes.tolist(),
            "energies_eV": energies,
            "fits": fits,
        },
        indent=2,
    )
)
