"""Time of a step at constant energy with ASE's VelocityVerlet and mace-torch's calculator (eager), neighbor list included.

    python bench/peers/mace_torch_md.py MODEL.model STRUCTURE.xyz --precision float32 --threads 2 --steps 4

Prints one line of JSON. The first steps, in which TorchScript compiles, do not count.
"""
import importlib.metadata
import json
import statistics
import time
import warnings

warnings.filterwarnings("ignore")

import ase.io  # noqa: E402
import torch  # noqa: E402
from ase import units  # noqa: E402
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution  # noqa: E402
from ase.md.verlet import VelocityVerlet  # noqa: E402
from mace.calculators import MACECalculator  # noqa: E402

from mace_torch_options import N_WARM_UP, parser_of  # noqa: E402


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--timestep-fs", type=float, default=0.5)
    parser.add_argument("--temperature-k", type=float, default=300)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    atoms = ase.io.read(options.structure)
    atoms.calc = MACECalculator(model_paths=options.model, device="cpu", default_dtype=options.precision)
    MaxwellBoltzmannDistribution(atoms, temperature_K=options.temperature_k)
    dynamics = VelocityVerlet(atoms, timestep=options.timestep_fs * units.fs)
    seconds = []
    for _ in range(N_WARM_UP + options.steps):
        start = time.perf_counter()
        dynamics.run(1)
        seconds.append(time.perf_counter() - start)
    print(json.dumps({
        "version": importlib.metadata.version("mace-torch"),
        "torch_version": importlib.metadata.version("torch"),
        "ase_version": importlib.metadata.version("ase"),
        "step_seconds": statistics.median(seconds[N_WARM_UP:]),
    }))


if __name__ == "__main__":
    main()
