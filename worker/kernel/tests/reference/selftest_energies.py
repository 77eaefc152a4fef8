"""Print the energies that `mofkernel selftest` expects: UFF written down once more, from the paper, in numpy.

Rappe et al., J. Am. Chem. Soc. 114, 10024 (1992): functional forms, parameters of H_, C_2 and O_3; the sign of the
electronegativity term in bond lengths as every program has it. Run by hand:  python selftest_energies.py
"""
import itertools

import numpy as np

KCAL_PER_MOL_EV = 0.0433641042418
#        r1     theta0  x1     D1     Z1     U     chi
TYPES = {
    "H_": (0.354, 180.0, 2.886, 0.044, 0.712, 0.0, 4.5280),
    "C_2": (0.732, 120.0, 3.851, 0.105, 1.912, 2.0, 5.343),
    "O_3": (0.658, 104.51, 3.500, 0.060, 2.300, 0.0, 8.741),
}


def natural_length(a, b, order):
    (ra, *_, ca), (rb, *_, cb) = TYPES[a], TYPES[b]
    electronegativity = ra * rb * (np.sqrt(ca) - np.sqrt(cb)) ** 2 / (ca * ra + cb * rb)
    return ra + rb - 0.1332 * (ra + rb) * np.log(order) - electronegativity


def bond(types, x, i, j, order):
    r0 = natural_length(types[i], types[j], order)
    k = 664.12 * TYPES[types[i]][4] * TYPES[types[j]][4] / r0**3
    return 0.5 * k * (np.linalg.norm(x[i] - x[j]) - r0) ** 2


def angle(types, x, i, j, k, order_ij, order_jk, form):
    theta0 = np.radians(TYPES[types[j]][1])
    rij, rjk = natural_length(types[i], types[j], order_ij), natural_length(types[j], types[k], order_jk)
    rik2 = rij**2 + rjk**2 - 2 * rij * rjk * np.cos(theta0)
    constant = 664.12 * TYPES[types[i]][4] * TYPES[types[k]][4] / rik2**2.5
    constant *= 3 * rij * rjk * (1 - np.cos(theta0) ** 2) - rik2 * np.cos(theta0)
    a, b = x[i] - x[j], x[k] - x[j]
    theta = np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    if form == "trigonal":
        return constant / 9 * (1 - np.cos(3 * theta))
    c2 = 1 / (4 * np.sin(theta0) ** 2)
    c1 = -4 * c2 * np.cos(theta0)
    c0 = c2 * (2 * np.cos(theta0) ** 2 + 1)
    return constant * (c0 + c1 * np.cos(theta) + c2 * np.cos(2 * theta))


def dihedral_angle(x, i, j, k, l):
    b1, b2, b3 = x[j] - x[i], x[k] - x[j], x[l] - x[k]
    n1, n2 = np.cross(b1, b2), np.cross(b2, b3)
    return np.arctan2(np.cross(n1, n2) @ b2 / np.linalg.norm(b2), n1 @ n2)


def inversion(x, center, j, k, l):
    normal = np.cross(x[j] - x[center], x[k] - x[center])
    arm = x[l] - x[center]
    sine = normal @ arm / np.linalg.norm(normal) / np.linalg.norm(arm)
    return 6.0 / 3 * (1 - np.sqrt(1 - sine**2))


def lennard_jones(a, b, r, mixing):
    xa, da, xb, db = TYPES[a][2], TYPES[a][3], TYPES[b][2], TYPES[b][3]
    x = np.sqrt(xa * xb) if mixing == "geometric" else (xa + xb) / 2
    return np.sqrt(da * db) * ((x / r) ** 12 - 2 * (x / r) ** 6)


def ethylene():
    """Distorted C2H4 in empty space: every kind of term of the force field."""
    types = ["C_2", "C_2", "H_", "H_", "H_", "H_"]
    x = np.array([[0.02, 0, 0.03], [1.36, 0.05, -0.04], [-0.55, 0.95, 0.1], [-0.6, -0.9, 0.05], [1.9, 0.85, 0.35], [1.95, -0.95, -0.3]])
    bonds = [(0, 1, 2), (0, 2, 1), (0, 3, 1), (1, 4, 1), (1, 5, 1)]
    energy = sum(bond(types, x, *b) for b in bonds)
    for center, arms in ((0, (1, 2, 3)), (1, (0, 4, 5))):
        for i, k in itertools.combinations(arms, 2):
            energy += angle(types, x, i, center, k, 2 if i < 2 else 1, 2 if k < 2 else 1, "trigonal")
        for a in range(3):
            j, k, l = arms[a], arms[(a + 1) % 3], arms[(a + 2) % 3]
            energy += inversion(x, center, j, k, l)
    barrier = 5 * 2.0 * (1 + 4.18 * np.log(2)) / 4  # V / ((3 - 1)(3 - 1))
    for i, l in itertools.product((2, 3), (4, 5)):
        energy += 0.5 * barrier * (1 - np.cos(2 * dihedral_angle(x, i, 0, 1, l)))
        energy += lennard_jones("H_", "H_", np.linalg.norm(x[i] - x[l]), "geometric")
    return energy


def ice():
    """Two H2O in a triclinic cell shorter than the cutoff, which no pair comes near; conventions of lammps_interface."""
    cell = np.array([[4.6, 0, 0], [0.5, 5.1, 0], [-0.3, 0.7, 4.9]])
    types = ["O_3", "H_", "H_"] * 2
    x = np.array([[0.1, 0.2, 0.3], [0.95, 0.35, 0.75], [-0.5, 0.9, 0.1], [2.3, 2.9, 2.6], [3.1, 2.5, 2.9], [2.0, 3.6, 3.2]])
    energy = 0.0
    for o in (0, 3):
        energy += bond(types, x, o, o + 1, 1) + bond(types, x, o, o + 2, 1)
        energy += angle(types, x, o + 1, o, o + 2, 1, 1, "general")
    cutoff, volume = 8.05, abs(np.linalg.det(cell))
    for i, j in itertools.product(range(6), repeat=2):
        for shift in itertools.product(range(-4, 5), repeat=3):
            if i // 3 == j // 3 and shift == (0, 0, 0):
                continue  # itself, and the 1-2 and 1-3 pairs of a molecule
            r = np.linalg.norm(x[j] + np.array(shift) @ cell - x[i])
            assert abs(r - cutoff) > 5e-3
            if r < cutoff:
                energy += 0.5 * lennard_jones(types[i], types[j], r, "arithmetic")
        a, b = TYPES[types[i]], TYPES[types[j]]
        s6 = ((a[2] + b[2]) / 2) ** 6 / 2
        tail = s6**2 / (9 * cutoff**9) - s6 / (3 * cutoff**3)
        energy += 8 * np.pi * np.sqrt(a[3] * b[3]) / volume * tail
    return energy


for name, energy in (("ethylene", ethylene()), ("ice", ice())):
    print(f"{name:10s} {energy:.12f} kcal/mol   {energy * KCAL_PER_MOL_EV:.12f} eV")
