"""Write mace_contraction.json: mace-torch's symmetric contraction of random messages, with its gradient.

Run by hand, in the environment of tests/parity/requirements.txt, after the models in mace/ were made:
    python make_mace_contraction.py > mace_contraction.json
One case for each layer of each model. Arrays are flat: x and grad_x [n_atoms][(l_max + 1)^2][n_channels], b and grad_b
[n_atoms][(output_l_max + 1)^2][n_channels]; grad_x is the gradient of the sum of grad_b * b.
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

MODELS = ["fixture-residual", "fixture-agnostic", "fixture-nonlinear"]
N_ATOMS = 4


def by_component(features, n_channels):
    """e3nn's blocks [n_channels][2l + 1] of every l -> [n_atoms][(l + 1)^2][n_channels]."""
    blocks = []
    first = 0
    while first < features.shape[1]:
        width = 2 * len(blocks) + 1
        block = features[:, first : first + n_channels * width]
        blocks.append(block.reshape(len(features), n_channels, width).transpose(0, 2, 1))
        first += n_channels * width
    return np.concatenate(blocks, axis=1)


def rounded(values):
    return [float(f"{value:.15g}") for value in np.asarray(values).ravel()]


def case_of(name, layer, product, n_elements, random):
    contraction = product.symmetric_contractions
    n_channels = contraction.irreps_in[0].mul
    l_max = contraction.irreps_in.lmax
    elements = random.integers(0, n_elements, N_ATOMS)
    if product.use_agnostic_product:
        attributes = torch.ones(N_ATOMS, 1)
    else:
        attributes = torch.nn.functional.one_hot(torch.tensor(elements), n_elements).double()
    x = torch.tensor(np.round(random.uniform(-1, 1, (N_ATOMS, n_channels, (l_max + 1) ** 2)), 6), requires_grad=True)
    b = contraction(x, attributes)
    grad_b = torch.tensor(np.round(random.uniform(-1, 1, tuple(b.shape)), 6))
    (grad_x,) = torch.autograd.grad((b * grad_b).sum(), x)
    return {
        "model": name,
        "layer": layer,
        "elements": elements.tolist(),
        "x": rounded(x.detach().numpy().transpose(0, 2, 1)),
        "b": rounded(by_component(b.detach().numpy(), n_channels)),
        "grad_b": rounded(by_component(grad_b.numpy(), n_channels)),
        "grad_x": rounded(grad_x.numpy().transpose(0, 2, 1)),
    }


def main():
    torch.set_num_threads(1)
    random = np.random.default_rng(7)
    cases = []
    for name in MODELS:
        model = build(name)
        for layer, product in enumerate(model.products):
            cases.append(case_of(name, layer, product, len(model.atomic_numbers), random))
    json.dump({"cases": cases}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
