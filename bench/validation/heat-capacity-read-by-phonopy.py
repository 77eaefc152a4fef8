"""phonopy reads phonopy.yaml and FORCE_CONSTANTS of heat-capacity tasks, and computes what stands in their result.json again.

    python heat-capacity-read-by-phonopy.py FOLDER_OF_A_TASK ...

One line of Markdown per folder: largest relative differences of heat capacity and entropy, largest difference of the free energy in
kJ/mol and of the frequencies at gamma in THz. Exit code 1 when a heat capacity differs by more than 0.1 %. Needs phonopy and numpy.
"""

import json
import pathlib
import sys
import warnings

import numpy as np
import phonopy

warnings.filterwarnings("ignore")
TOLERANCE = 1e-3


def compare(folder):
    result = json.loads((folder / "result.json").read_text())
    task = json.loads((folder / "task.json").read_text())
    phonon = phonopy.load(
        str(folder / "phonopy.yaml"),
        force_constants_filename=str(folder / "FORCE_CONSTANTS"),
        symmetrize_fc=False,
        is_nac=False,
    )
    copies = len(phonon.unitcell) / len(phonon.primitive)
    phonon.run_mesh(float(task["parameters"]["mesh_length_A"]))
    phonon.run_thermal_properties(temperatures=result["temperatures"], exclude_gamma_acoustic=True)
    thermal = phonon.thermal_properties
    phonon.run_qpoints([[0, 0, 0]])

    def relative(theirs, ours):
        theirs, ours = np.array(theirs) * copies, np.array(ours)
        return np.max(np.abs(theirs - ours) / np.maximum(np.abs(ours), 1e-12))

    heat_capacity = relative(thermal.heat_capacity, result["heat_capacities"])
    entropy = relative(thermal.entropy, result["entropies_J_mol_K"])
    free_energy = np.max(np.abs(np.array(thermal.free_energy) * copies - np.array(result["free_energies_kJ_mol"])))
    gamma = np.max(np.abs(phonon.qpoints.frequencies[0] - np.array(result["frequencies_at_gamma_THz"])))
    mesh = "x".join(str(n) for n in phonon.mesh.mesh_numbers)
    print(
        f"| {task['structure_name']} | {len(phonon.unitcell)} | {'x'.join(map(str, result['supercell']))} | {mesh} | "
        f"{heat_capacity:.1e} | {entropy:.1e} | {free_energy:.1e} | {gamma:.1e} |"
    )
    return heat_capacity <= TOLERANCE


if __name__ == "__main__":
    outcomes = [compare(pathlib.Path(folder)) for folder in sys.argv[1:]]
    sys.exit(0 if all(outcomes) else 1)
