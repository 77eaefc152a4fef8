"""Make models of the variants and what mace-torch says about them.

    python tests/parity/make_models.py --out FOLDER [NAME ... | small | full | fixtures] [--fixtures]

One line of JSON to stdout with all names, then one for each that is done. Writes FOLDER/NAME/: model.model (torch.save), weights.pt (its state dict, as a training run keeps it), model.json and model.safetensors (export_model.py), reference-float64.json and, with
--float32, reference-float32.json. --fixtures keeps what is committed: few structures, no checkpoint; --no-references makes the model alone.
"""
import argparse
import importlib.metadata
import json
import pathlib
import time
import warnings

import torch

warnings.filterwarnings("ignore")  # torch tells at length that TorchScript will go; mace-torch uses it

from evaluate import describe, evaluate
from export_model import export_model
from structures import structures_for
from variants import VARIANTS, build, in_double, names_of

FIXTURE_STRUCTURES = ["atom", "triclinic", "ethanol", "dimer-short", "dimer-inside-cutoff", "dimer-outside-cutoff"]


def versions():
    return {name: importlib.metadata.version(name) for name in ["mace-torch", "torch", "e3nn"]}


def references(name, model, structures, dtype):
    """Every structure with one head, in turn; the small cell with all of them."""
    evaluated = []
    heads = getattr(model, "heads", ["Default"])
    n_heads = len(heads)
    for i, (structure, atoms) in enumerate(structures.items()):
        for head in range(n_heads) if structure == "triclinic" else [i % n_heads]:
            evaluated.append({**describe(structure, atoms, heads[head]), **evaluate(model, atoms, head, dtype)})
    return {
        "model": name,
        "program": versions(),
        "precision": str(dtype).removeprefix("torch."),
        "structures": evaluated,
    }


def write_json(path, value):
    path.write_text(json.dumps(value) + "\n")


def make(name, out, *, is_fixture, has_float32, has_references):
    variant = VARIANTS[name]
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    model = build(name)
    checkpoint = folder / "model.model"
    torch.save(model, checkpoint)
    torch.save({"model": model.state_dict()}, folder / "weights.pt")
    export_model(model, checkpoint, folder)
    if not has_references:
        return
    structures = structures_for(list(variant.numbers), variant.r_max_A, is_continuous=variant.is_continuous)
    if is_fixture:
        checkpoint.unlink()
        (folder / "weights.pt").unlink()
        structures = {key: structures[key] for key in FIXTURE_STRUCTURES if key in structures}
    write_json(folder / "reference-float64.json", references(name, in_double(name, model), structures, torch.float64))
    if has_float32:
        write_json(folder / "reference-float32.json", references(name, model.float(), structures, torch.float32))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=["small"], metavar="NAME")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--fixtures", action="store_true")
    parser.add_argument("--float32", action="store_true")
    parser.add_argument("--no-references", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    names = names_of(options.names)
    print(json.dumps({"names": names}), flush=True)
    for name in names:
        start = time.perf_counter()
        make(
            name, options.out, is_fixture=options.fixtures, has_float32=options.float32, has_references=not options.no_references
        )
        print(json.dumps({"made": name, "seconds": round(time.perf_counter() - start, 1)}), flush=True)


if __name__ == "__main__":
    main()
