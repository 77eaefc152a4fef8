"""Recomputes the figures of a finished stability task from its own trajectory.xyz and samples.csv, by ASE, numpy and scipy.

    mofsim run stability MOF-5_primitive --param ensemble=NPT --param total_steps=2000 --out FOLDER
    python bench/validation/stability-run.py FOLDER

Prints the largest deviation of every figure. Frames are analyzed in 32-bit positions by the task, so that some 1e-6 A remain, and a pair at the
edge of a bin may be counted in the next one. Frames must lie an exact divisor of 50 fs apart, or more than that.
"""

import json
import sys
from pathlib import Path

import numpy as np
from ase.geometry import find_mic
from ase.geometry.rdf import get_rdf
from ase.io import read
from scipy.spatial.transform import Rotation

GPA_PER_EV_A3 = 160.2176634
DISTRIBUTION_INTERVAL_FS = 50

folder = Path(sys.argv[1])
result = json.loads((folder / "result.json").read_text())
frames = read(folder / "trajectory.xyz", ":")
samples = np.genfromtxt(folder / "samples.csv", delimiter=",", names=True)
start = frames[0]


def report(name, ours, judged):
    ours, judged = np.asarray(ours, float), np.asarray(judged, float)
    print(f"{name:32s} {np.abs(ours - judged).max():10.2e}   of {np.abs(judged).max():.6g}")


def lengths(frame):
    """All atoms of these structures belong to the framework."""
    fractional = frame.positions @ np.linalg.inv(frame.cell.array) - start.positions @ np.linalg.inv(start.cell.array)
    moved = fractional @ frame.cell.array
    return np.linalg.norm(moved - moved.mean(axis=0), axis=1)


def benchmark(frame):
    to, origin = (atoms.positions - atoms.positions.mean(axis=0) for atoms in (start, frame))
    rotation, _ = Rotation.align_vectors(to, origin)
    _, distances = find_mic(rotation.apply(origin) - to, start.cell, pbc=True)
    return np.sqrt((distances**2).sum() / (3 * len(start)))


assert result["n_framework_atoms"] == len(start), "this script judges structures without molecules in their pores"
moved = np.array([lengths(frame) for frame in frames])
rmsd = np.sqrt((moved**2).mean(axis=1))
report("series.rmsd_A", result["series"]["rmsd_A"], rmsd)
report("rmsd_framework.mean_A", result["rmsd_framework"]["mean_A"], rmsd.mean())
report("max_displacement_A", result["max_displacement_A"], moved.max())
superposed = np.array([benchmark(frame) for frame in frames])
report("rmsd_benchmark.mean_A", result["rmsd_benchmark"]["mean_A"], superposed.mean())
report("rmsd_benchmark.largest_A", result["rmsd_benchmark"]["largest_A"], superposed.max())

report("mean_temperature_k", result["mean_temperature_k"], samples["temperature_k"].mean())
report("temperature_std_k", result["temperature_std_k"], samples["temperature_k"].std())
report("mean_pressure_GPa", result["mean_pressure_GPa"], samples["pressure_eV_A3"].mean() * GPA_PER_EV_A3)
report("mean_volume_A3", result["mean_volume_A3"], samples["volume_A3"].mean())
report("last_volume_A3", result["last_volume_A3"], frames[-1].get_volume())
slope, _ = np.polyfit(samples["time_fs"] / 1000, samples["conserved_energy_eV"], 1)
report("energy_drift_eV_atom_ps", result["energy_drift_eV_atom_ps"], slope / len(start))

interval = frames[1].info["time_fs"] - start.info["time_fs"]
distribution_frames = frames[:: max(1, round(DISTRIBUTION_INTERVAL_FS / interval))]
for rdf in result["rdf"]:
    n_bins = len(rdf["g"])
    elements = None if rdf["pair"][0] == "all" else tuple(rdf["pair"])
    numbers = None if elements is None else tuple(start.numbers[start.get_chemical_symbols().index(e)] for e in elements)
    judged = np.mean([get_rdf(f, 0.05 * n_bins, n_bins, elements=numbers)[0] for f in distribution_frames], axis=0)
    report(f"rdf {'-'.join(rdf['pair'])}", rdf["g"], judged)
