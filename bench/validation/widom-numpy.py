"""Henry coefficients and isosteric heats by Widom insertion in numpy, to hold mofkernel's against.

Written apart from the kernel: minimum images in a supercell, a plain Ewald sum, masses and structures by ASE. The numbers of the
force field are those of the sources: UFF (Rappe et al. 1992) for the framework, TraPPE (Potoff and Siepmann 2001; Martin and Siepmann
1998) for the molecules, mixed by Lorentz and Berthelot, cut off at 12.5 A.

    python bench/validation/widom-numpy.py STRUCTURES_FOLDER > bench/validation/widom-numpy.json

Needs ase, numpy, scipy. STRUCTURES_FOLDER is resources/structures. Some minutes on one core.
"""

import json
import sys

import ase
import ase.io
import numpy
import scipy
import scipy.special

K_EV = 8.617333262145179e-5
COULOMB = 14.399645468667815
KCAL = 0.0433641042418009
CUTOFF = 12.5
TEMPERATURE = 298.15
KJ_MOL = 96.48533212331002
GPA = 160.2176634

# x, A; D, kcal/mol.
UFF = {
    "H": (2.886, 0.044),
    "C": (3.851, 0.105),
    "O": (3.5, 0.06),
    "Si": (4.295, 0.402),
    "Zn": (2.763, 0.124),
}
# position, A; epsilon / k, K; sigma, A; charge, e.
GUESTS = {
    "CH4": [((0, 0, 0), 148.0, 3.73, 0.0)],
    "CO2": [
        ((0, 0, 0), 27.0, 2.80, 0.70),
        ((1.16, 0, 0), 79.0, 3.05, -0.35),
        ((-1.16, 0, 0), 79.0, 3.05, -0.35),
    ],
}
# Neutral, of about the size that charge equilibration gives; only numbers to compute with.
MOF_5_CHARGES = {"Zn": 1.2, "O": -0.6, "C": 0.075, "H": 0.1}
CASES = [
    ("MFI", "CH4", None, 150_000),
    ("MOF-5_primitive", "CH4", None, 200_000),
    ("MOF-5_primitive", "CO2", MOF_5_CHARGES, 150_000),
]


class Framework:
    def __init__(self, atoms, charges):
        cell = numpy.array(atoms.cell)
        heights = abs(numpy.linalg.det(cell)) / numpy.array(
            [numpy.linalg.norm(numpy.cross(cell[(a + 1) % 3], cell[(a + 2) % 3])) for a in range(3)]
        )
        # A point and an atom are nearest in one image only where the supercell is wider than two cutoffs.
        repeats = [int(numpy.ceil(2 * CUTOFF / h)) for h in heights]
        self.unit_cell = cell
        self.mass = atoms.get_masses().sum()
        self.unit = atoms
        self.unit_charges = None if charges is None else numpy.array([charges[s] for s in atoms.symbols])
        many = atoms.repeat(repeats)
        self.cell = numpy.array(many.cell)
        self.inverse = numpy.linalg.inv(self.cell)
        self.positions = many.positions
        self.epsilon = numpy.array([UFF[s][1] * KCAL for s in many.symbols])
        self.sigma = numpy.array([UFF[s][0] / 2 ** (1 / 6) for s in many.symbols])
        self.charges = None if charges is None else numpy.array([charges[s] for s in many.symbols])
        if charges is not None:
            self.alpha = 3.6 / CUTOFF
            self.waves, self.wave_factors = self._reciprocal()

    def _reciprocal(self):
        reciprocal = 2 * numpy.pi * numpy.linalg.inv(self.unit_cell).T
        largest = 2 * self.alpha * 3.6
        n = [int(numpy.ceil(largest * numpy.linalg.norm(v) / (2 * numpy.pi))) for v in self.unit_cell]
        grid = numpy.stack(
            numpy.meshgrid(*[numpy.arange(-m, m + 1) for m in n], indexing="ij"), axis=-1
        ).reshape(-1, 3)
        waves = grid @ reciprocal
        k2 = (waves**2).sum(axis=1)
        keep = (k2 > 1e-12) & (k2 < largest**2)
        waves, k2 = waves[keep], k2[keep]
        structure = numpy.exp(1j * self.unit.positions @ waves.T).T @ self.unit_charges
        volume = abs(numpy.linalg.det(self.unit_cell))
        return waves, 4 * numpy.pi / volume * numpy.exp(-k2 / (4 * self.alpha**2)) / k2 * structure.conj()

    def energies(self, points, epsilon_K, sigma, charge):
        fractional = points @ self.inverse
        out_lj = numpy.zeros(len(points))
        potential = numpy.zeros(len(points))
        scaled = self.positions @ self.inverse
        eps = 4 * numpy.sqrt(self.epsilon * epsilon_K * K_EV)
        sig = (self.sigma + sigma) / 2
        for i, f in enumerate(fractional):
            d = f - scaled
            d -= numpy.round(d)
            r2 = ((d @ self.cell) ** 2).sum(axis=1)
            near = r2 < CUTOFF**2
            r2 = numpy.maximum(r2[near], 1e-4)
            x = (sig[near] ** 2 / r2) ** 3
            out_lj[i] = (eps[near] * (x * x - x)).sum()
            if charge != 0 and self.charges is not None:
                r = numpy.sqrt(r2)
                potential[i] = (self.charges[near] * scipy.special.erfc(self.alpha * r) / r).sum()
        if charge != 0 and self.charges is not None:
            for start in range(0, len(points), 2000):
                part = slice(start, start + 2000)
                phases = numpy.exp(1j * points[part] @ self.waves.T)
                potential[part] += (phases @ self.wave_factors).real
        return out_lj, COULOMB * charge * potential


def random_rotations(rng, n):
    q = rng.normal(size=(n, 4))
    w, x, y, z = (q / numpy.linalg.norm(q, axis=1)[:, None]).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return numpy.array(rows).transpose(2, 0, 1)


def widom(framework, guest, n, seed):
    rng = numpy.random.default_rng(seed)
    centers = rng.random((n, 3)) @ framework.unit_cell
    rotations = random_rotations(rng, n)
    lj = numpy.zeros(n)
    coulomb = numpy.zeros(n)
    for place, epsilon_K, sigma, charge in GUESTS[guest]:
        points = centers + rotations @ numpy.array(place, dtype=float)
        site_lj, site_coulomb = framework.energies(points, epsilon_K, sigma, charge)
        lj += site_lj
        coulomb += site_coulomb
    energy = numpy.where(lj < 1000, lj + coulomb, numpy.inf)
    kT = K_EV * TEMPERATURE
    weight = numpy.exp(-energy / kT)
    weighted = numpy.where(weight > 0, weight * numpy.where(numpy.isfinite(energy), energy, 0), 0)
    mean = weight.mean()
    mean_error = weight.std(ddof=1) / numpy.sqrt(n)
    energy_mean = weighted.sum() / weight.sum()
    residual = weighted - energy_mean * weight
    energy_error = residual.std(ddof=1) / numpy.sqrt(n) / mean
    volume = abs(numpy.linalg.det(framework.unit_cell))
    henry = mean * volume / kT / (GPA * 1e9) / (framework.mass * 1e-3)
    return {
        "henry_coefficient_mol_kg_Pa": float(henry),
        "henry_coefficient_standard_error_mol_kg_Pa": float(henry * mean_error / mean),
        "isosteric_heat_kJ_mol": float(KJ_MOL * (kT - energy_mean)),
        "isosteric_heat_standard_error_kJ_mol": float(KJ_MOL * energy_error),
    }


def main():
    folder = sys.argv[1]
    results = []
    for name, guest, charges, n in CASES:
        atoms = ase.io.read(f"{folder}/{name}.cif")
        framework = Framework(atoms, charges)
        found = widom(framework, guest, n, seed=7)
        results.append({"framework": name, "guest": guest, "charges_e": charges, "n_insertions": n, **found})
        print(results[-1], file=sys.stderr)
    settings = {
        "program": "bench/validation/widom-numpy.py",
        "numpy": numpy.__version__,
        "ase": ase.__version__,
        "scipy": scipy.__version__,
        "cutoff_A": CUTOFF,
        "temperature_k": TEMPERATURE,
        "seed": 7,
    }
    print(json.dumps({"settings": settings, "results": results}, indent=1))


if __name__ == "__main__":
    main()
