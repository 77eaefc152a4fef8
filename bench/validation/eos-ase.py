#!/usr/bin/env python3
"""Reference for the equations of state: curves and fits by ASE and scipy, which share no code with ours.

    python bench/validation/eos-ase.py > bench/validation/eos-ase.json

exact: energies that ASE's functions give for known parameters. noisy: the same with noise (seed 3, 0.2 meV), fitted by
scipy.optimize.curve_fit on ASE's functions; errors are the square roots of its covariance's diagonal.
"""
import json
from datetime import date

import ase
import numpy as np
import scipy
from ase.eos import birchmurnaghan, murnaghan, vinet
from scipy.optimize import curve_fit

EQUATIONS = {"birch_murnaghan": birchmurnaghan, "murnaghan": murnaghan, "vinet": vinet}
NAMES = ["equilibrium_energy_eV", "bulk_modulus_eV_A3", "pressure_derivative", "equilibrium_volume_A3"]
PARAMETERS = [-50.0, 0.4, 4.6, 119.0]


def exact(equation):
    volumes = np.linspace(0.94, 1.06, 9) * 120.0
    return {
        "parameters": dict(zip(NAMES, PARAMETERS)),
        "volumes_A3": volumes.tolist(),
        "energies_eV": equation(volumes, *PARAMETERS).tolist(),
    }


def noisy():
    volumes = np.linspace(0.94, 1.06, 9) * 120.0
    noise = np.random.default_rng(3).normal(0, 2e-4, len(volumes))
    energies = np.round(birchmurnaghan(volumes, *PARAMETERS) + noise, 7)
    fits = {}
    for name, equation in EQUATIONS.items():
        best, covariance = curve_fit(equation, volumes, energies, p0=[-50, 0.4, 4, 119], xtol=1e-15, ftol=1e-15)
        errors = np.sqrt(np.diag(covariance))
        fits[name] = {"parameters": dict(zip(NAMES, best.tolist())), "errors": dict(zip(NAMES, errors.tolist()))}
    return {"volumes_A3": volumes.tolist(), "energies_eV": energies.tolist(), "fits": fits}


print(
    json.dumps(
        {
            "programs": {"ase": ase.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
            "date": date.today().isoformat(),
            "exact": {name: exact(equation) for name, equation in EQUATIONS.items()},
            "noisy": noisy(),
        },
        indent=2,
    )
)
