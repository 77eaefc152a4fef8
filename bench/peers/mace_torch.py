"""Time of mace-torch (eager) for energy, forces and stress of one structure, and what it takes of memory.

    python bench/peers/mace_torch.py MODEL.model STRUCTURE.xyz --precision float32 --threads 2

Prints one line of JSON. Two times: of the model alone with its graph given, which is the one to compare with (it favors mace-torch), and
of the neighbor list before it.
"""
import importlib.metadata
import json
import pathlib
import statistics
import sys
import time
import warnings

warnings.filterwarnings("ignore")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "parity"))

import ase.io  # noqa: E402
import torch  # noqa: E402

from evaluate import graph_of  # noqa: E402
from mace_torch_options import N_WARM_UP, parser_of  # noqa: E402


def peak_memory_KiB():
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return None


def timed(function):
    start = time.perf_counter()
    value = function()
    return time.perf_counter() - start, value


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    dtype = getattr(torch, options.precision)
    torch.set_default_dtype(dtype)
    load_seconds, model = timed(lambda: torch.load(options.model, map_location="cpu", weights_only=False).to(dtype))
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    atoms = ase.io.read(options.structure)
    graph_seconds, model_seconds = [], []
    for _ in range(N_WARM_UP + options.repeat):
        seconds, graph = timed(lambda: graph_of(model, atoms, 0, dtype))
        graph_seconds.append(seconds)
        seconds, out = timed(lambda: model(graph, compute_stress=True))
        model_seconds.append(seconds)
    print(json.dumps({
        "version": importlib.metadata.version("mace-torch"),
        "torch_version": importlib.metadata.version("torch"),
        "n_atoms": len(atoms),
        "n_edges": int(graph["edge_index"].shape[1]),
        "energy_eV": float(out["energy"].detach()[0]),
        "load_seconds": load_seconds,
        "model_seconds": statistics.median(model_seconds[N_WARM_UP:]),
        "neighbor_list_seconds": statistics.median(graph_seconds[N_WARM_UP:]),
        "peak_memory_KiB": peak_memory_KiB(),
    }))


if __name__ == "__main__":
    main()
