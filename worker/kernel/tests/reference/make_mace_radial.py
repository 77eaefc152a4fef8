"""Write mace_radial.json: mace-torch's radial functions of an edge, with their derivative by its length.

Run by hand, in the environment of tests/parity/requirements.txt, after the models in mace/ were made:
    python make_mace_radial.py > mace_radial.json
Edges of random length between random elements, by their index in the model, for each layer of each model. Values are
the weights of the convolution, then the edge density where the block has one, with the cutoff.
"""
import json
import pathlib
import sys
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")  # torch tells at length that TorchScript will go; mace-torch uses it

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[4] / "tests" / "parity"))
from variants import build

MODELS = ["fixture-residual", "fixture-agnostic", "fixture-density", "fixture-nonlinear", "fixture-float32"]
N_EDGES = 3


def functions_of(model, block, sender, receiver, length):
    attributes = torch.nn.functional.one_hot(torch.tensor([sender, receiver]), len(model.atomic_numbers)).double()
    edge_index = torch.tensor([[0], [1]])
    edge, cutoff = model.radial_embedding(length.reshape(1, 1), attributes, edge_index, model.atomic_numbers)
    if hasattr(block, "source_embedding"):
        ends = [block.source_embedding(attributes[:1]), block.target_embedding(attributes[1:])]
        edge = torch.cat([edge, *ends], dim=-1)
    values = block.conv_tp_weights(edge)
    if hasattr(block, "density_fn"):
        values = torch.cat([values, torch.tanh(block.density_fn(edge) ** 2)], dim=-1)
    return (values if cutoff is None else values * cutoff)[0]


def rounded(values):
    return [float(f"{value:.15g}") for value in values.detach().numpy().ravel()]


def case_of(name, model, layer, random):
    n_elements = len(model.atomic_numbers)
    sender, receiver = (int(element) for element in random.integers(0, n_elements, 2))
    length = torch.tensor(float(np.round(random.uniform(0.6, 4.4), 6)))
    block = model.interactions[layer]

    def values(r):
        return functions_of(model, block, sender, receiver, r)

    return {
        "model": name,
        "layer": layer,
        "sender": sender,
        "receiver": receiver,
        "r_A": float(length),
        "values": rounded(values(length)),
        "derivatives_per_A": rounded(torch.autograd.functional.jacobian(values, length)),
    }


def main():
    torch.set_num_threads(1)
    random = np.random.default_rng(6)
    cases = []
    for name in MODELS:
        model = build(name).double()
        torch.set_default_dtype(torch.float64)
        for layer in range(len(model.interactions)):
            cases += [case_of(name, model, layer, random) for _ in range(N_EDGES)]
    json.dump({"program": f"mace-torch 0.3.16, torch {torch.__version__}", "cases": cases}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
