"""Write dynamics_ase.json: molecular dynamics of a small Lennard-Jones crystal by ASE's integrators.

Run by hand, in an environment with ase, numpy and scipy:  python make_dynamics_ase.py > dynamics_ase.json

ASE counts 3 N degrees of freedom; the kernel counts 3 N - 3, as the total momentum is conserved. The thermostats and
barostats are therefore told of N - 1 atoms. The barostat of MTKNPT is told of the six degrees of freedom that a
symmetric cell momentum has (ASE: 9), and the first link of the isotropic barostat's chain weighs kT tau^2 (ASE: 9
times that). Units: CODATA 2022 (ASE: 2014).
"""
import datetime
import itertools
import json

import ase
import ase.units
import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.data import atomic_masses_iupac2016, chemical_symbols
from ase.md.nose_hoover_chain import (
    IsotropicMTKBarostat,
    IsotropicMTKNPT,
    MTKBarostat,
    MTKNPT,
    NoseHooverChainNVT,
    NoseHooverChainThermostat,
)
from ase.md.verlet import VelocityVerlet

EPSILON_EV = 0.0104
X_A = 3.82  # distance of the pair's minimum
CUTOFF_A = 7.0
MASS_AMU = 39.95
TIMESTEP_FS = 2.0
TEMPERATURE_K = 40.0
PRESSURE_EV_A3 = 0.002
THERMOSTAT_TIME_FS = 100.0
BAROSTAT_TIME_FS = 400.0
KEPT_STEPS = (1, 20, 100, 250)

BOLTZMANN_EV_K = 8.617333262145179e-5
# 1 fs in ASE's unit of time, A sqrt(amu/eV)
FS = (160.2176634 / 1.66053906892 * 1e-4) ** 0.5
ASE_TEMPERATURE_K = TEMPERATURE_K * BOLTZMANN_EV_K / ase.units.kB


class LennardJones(Calculator):
    """Plain cutoff, no shift, no tail; a sum over every image inside the cutoff."""

    implemented_properties = ["energy", "free_energy", "forces", "stress"]

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        cell = atoms.cell.array
        positions = atoms.positions
        energy, forces, virial = 0.0, np.zeros_like(positions), np.zeros((3, 3))
        for shift in itertools.product(range(-1, 2), repeat=3):
            delta = positions[None, :, :] + np.array(shift) @ cell - positions[:, None, :]
            r2 = (delta**2).sum(axis=2)
            i, j = np.nonzero((r2 > 1e-12) & (r2 < CUTOFF_A**2))
            u = (X_A**2 / r2[i, j]) ** 3
            slope_over_r = -12 * EPSILON_EV * (u * u - u) / r2[i, j]
            energy += 0.5 * (EPSILON_EV * (u * u - 2 * u)).sum()
            np.add.at(forces, i, slope_over_r[:, None] * delta[i, j])
            virial += 0.5 * np.einsum("p,pa,pb->ab", slope_over_r, delta[i, j], delta[i, j])
        stress = virial / atoms.get_volume()
        voigt = stress[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]
        self.results = {"energy": energy, "free_energy": energy, "forces": forces, "stress": voigt}


def make_crystal():
    random = np.random.default_rng(7)
    cell = np.array([[10.7, 0.0, 0.0], [0.3, 10.5, 0.0], [-0.2, 0.4, 10.6]])
    corners = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    fractional = np.array([(corner + n) / 2 for n in itertools.product(range(2), repeat=3) for corner in corners])
    positions = np.round(fractional @ cell + random.normal(scale=0.05, size=(32, 3)), 6)
    velocities = random.normal(scale=1e-3, size=(32, 3))  # A/fs
    atoms = Atoms("Ar32", positions=positions, cell=cell, pbc=True, masses=[MASS_AMU] * 32)
    return atoms, np.round(velocities - velocities.mean(axis=0), 8)


def thermostat_of(atoms):
    return NoseHooverChainThermostat(
        num_atoms_global=len(atoms) - 1,
        masses=atoms.get_masses()[:, None],
        temperature_K=ASE_TEMPERATURE_K,
        tdamp=THERMOSTAT_TIME_FS * FS,
    )


def make_nve(atoms):
    return VelocityVerlet(atoms, timestep=TIMESTEP_FS * FS)


def make_nvt(atoms):
    run = NoseHooverChainNVT(atoms, TIMESTEP_FS * FS, ASE_TEMPERATURE_K, THERMOSTAT_TIME_FS * FS)
    run._thermostat = thermostat_of(atoms)
    return run


def make_npt(kind, barostat_kind):
    def make(atoms):
        run = kind(
            atoms,
            TIMESTEP_FS * FS,
            ASE_TEMPERATURE_K,
            PRESSURE_EV_A3,
            THERMOSTAT_TIME_FS * FS,
            BAROSTAT_TIME_FS * FS,
        )
        run._num_atoms_global = len(atoms) - 1
        run._thermostat = thermostat_of(atoms)
        run._barostat = barostat_kind(len(atoms) - 1, ASE_TEMPERATURE_K, BAROSTAT_TIME_FS * FS)
        if barostat_kind is MTKBarostat:
            run._barostat._cell_dof = 6
            run._barostat._R[0] = 6 * run._barostat._R[1]
        else:
            run._barostat._R[0] = run._barostat._R[1]
        return run

    return make


def trajectory(ensemble, make):
    atoms, velocities = make_crystal()
    atoms.calc = LennardJones()
    atoms.set_velocities(velocities / FS)
    run = make(atoms)
    frames = []
    for step in range(1, max(KEPT_STEPS) + 1):
        run.step()
        if step not in KEPT_STEPS:
            continue
        conserved = run.get_conserved_energy() if ensemble != "nve" else atoms.get_total_energy()
        frames.append(
            {
                "step": step,
                "positions_A": atoms.positions.ravel().tolist(),
                "velocities_A_fs": (atoms.get_velocities() * FS).ravel().tolist(),
                "cell_A": atoms.cell.array.ravel().tolist(),
                "potential_energy_eV": atoms.get_potential_energy(),
                "kinetic_energy_eV": atoms.get_kinetic_energy(),
                "conserved_energy_eV": conserved,
                "pressure_eV_A3": -np.trace(atoms.get_stress(voigt=False, include_ideal_gas=True)) / 3,
            }
        )
    return {"ensemble": ensemble, "frames": frames}


start, start_velocities = make_crystal()
print(
    json.dumps(
        {
            "program": f"ASE {ase.__version__}, numpy {np.__version__}",
            "date": datetime.date.today().isoformat(),
            "potential": {"epsilon_eV": EPSILON_EV, "x_A": X_A, "cutoff_A": CUTOFF_A},
            "mass_amu": MASS_AMU,
            "timestep_fs": TIMESTEP_FS,
            "temperature_k": TEMPERATURE_K,
            "pressure_eV_A3": PRESSURE_EV_A3,
            "thermostat_time_fs": THERMOSTAT_TIME_FS,
            "barostat_time_fs": BAROSTAT_TIME_FS,
            "cell_A": start.cell.array.ravel().tolist(),
            "positions_A": start.positions.ravel().tolist(),
            "velocities_A_fs": start_velocities.ravel().tolist(),
            "trajectories": [
                trajectory("nve", make_nve),
                trajectory("nvt_nose_hoover", make_nvt),
                trajectory("npt_isotropic", make_npt(IsotropicMTKNPT, IsotropicMTKBarostat)),
                trajectory("npt_full", make_npt(MTKNPT, MTKBarostat)),
            ],
            # IUPAC 2016; the abridged values of 2021 differ in the fifth digit at most
            "atomic_masses_amu": dict(zip(chemical_symbols[1:104], atomic_masses_iupac2016[1:104].tolist())),
        },
        indent=1,
    )
)
