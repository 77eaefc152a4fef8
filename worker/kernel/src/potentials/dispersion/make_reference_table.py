"""Write reference_table.cpp: what D3 knows of the elements 1 to 94.

Run by hand, in an environment with numpy and torch-dftd 0.5 (MIT licence), whose arrays are those of the DFT-D3 program:
    python make_reference_table.py PATH/TO/dftd3_params.npz > reference_table.cpp
The numbers are those of Grimme, Antony, Ehrlich and Krieg, J. Chem. Phys. 132, 154104 (2010): C6 coefficients between
reference molecules from time-dependent DFT, their coordination numbers, covalent radii after Pyykko and Atsumi (metals
less 10 %), and sqrt(Q).
"""
import sys

import numpy as np

OLD_BOHR_A = 0.52917726  # with which the arrays were made
LAST_ELEMENT = 94


def join(numbers):
    lines, line = [], ""
    for number in numbers:
        if len(line) + len(number) + 2 > 118:
            lines.append(line)
            line = ""
        line += ("  " if not line else " ") + number + ","
    return "\n".join([*lines, line])


def references_of(table):
    """[(element, index of the reference, coordination number)], in this order."""
    found = []
    for z in range(1, LAST_ELEMENT + 1):
        for a in range(5):
            if table[z, z, a, a, 0] > 0:
                found.append((z, a, table[z, z, a, a, 1]))
    return found


def main():
    arrays = np.load(sys.argv[1])
    table = arrays["c6ab"]
    references = references_of(table)
    coefficients = []
    for row, (z_i, a, cn_i) in enumerate(references):
        for z_j, b, cn_j in references[: row + 1]:
            c6, cn_a, cn_b = table[z_i, z_j, a, b]
            mirrored = table[z_j, z_i, b, a]
            assert c6 > 0 and (cn_a, cn_b) == (cn_i, cn_j) and tuple(mirrored) == (c6, cn_b, cn_a)
            integer = round(c6 * 1e4)
            assert abs(integer - c6 * 1e4) < 1e-6
            coefficients.append(str(integer))
    assert (table[1:, 1:, :, :, 0] > 0).sum() == len(references) ** 2

    counts = [sum(z == element for z, _, _ in references) for element in range(1, LAST_ELEMENT + 1)]
    radii = [f"{radius * 0.75 * OLD_BOHR_A:.2f}" for radius in arrays["rcov"][1:]]
    assert np.allclose([float(r) for r in radii], arrays["rcov"][1:] * 0.75 * OLD_BOHR_A, atol=1e-6)
    ratios = [f"{ratio:.8f}" for ratio in arrays["r2r4"][1:]]
    print("// Written by make_reference_table.py, which tells where the numbers come from.")
    print('#include "potentials/dispersion/reference_table.hpp"')
    print("\nnamespace mofkernel::dispersion {\n")
    print("// clang-format off")
    print(f"const unsigned char kReferencesOfElement[kLastElement] = {{\n{join(map(str, counts))}\n}};")
    print(f"const double kCovalentRadius_A[kLastElement] = {{\n{join(radii)}\n}};")
    print(f"const double kRootQ_bohr[kLastElement] = {{\n{join(ratios)}\n}};")
    print(f"const double kReferenceCoordination[kReferences] = {{\n{join(f'{cn:.4f}' for _, _, cn in references)}\n}};")
    print(f"const std::uint32_t kReferenceC6[kReferences * (kReferences + 1) / 2] = {{\n{join(coefficients)}\n}};")
    print("// clang-format on")
    print("\n}  // namespace mofkernel::dispersion")


main()
