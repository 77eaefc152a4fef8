"""Writes the files of this folder as docs/trajectories.md describes them, without a line of mofkernel.

Run with Python 3.11 (standard library only) on 21 November 2026; the tests hold the
kernel and the reader in worker/trajectory against them.
"""

import json
import pathlib
import struct
import zlib

FOLDER = pathlib.Path(__file__).parent


def with_checksum(body):
    return body + struct.pack("<I", zlib.crc32(body))


def checkpoint(kind, version, entries):
    """entries: list of (name, type, values) with type f64 or i64."""
    description = {
        "kind": kind,
        "version": version,
        "kernel_version": "another writer",
        "entries": [{"name": name, "type": type_, "n_values": len(values)} for name, type_, values in entries],
    }
    text = json.dumps(description).encode()
    text += b" " * (-(len(text) + 1) % 8) + b"\n"
    values = b"".join(
        struct.pack(f"<{len(values)}{'d' if type_ == 'f64' else 'q'}", *values) for _, type_, values in entries
    )
    size = 24 + len(text) + len(values) + 4
    start = b"\x89MOFC\r\n\x1a" + struct.pack("<IIQ", 1, len(text), size)
    return with_checksum(start + text + values)


(FOLDER / "checkpoint_v1.bin").write_bytes(
    checkpoint(
        "md",
        1,
        [("positions", "f64", [0.1, -2.5, 1e300]), ("step", "i64", [9007199254740993]), ("nothing", "f64", [])],
    )
)


class Sample:
    """Frame k of three atoms; tests/trajectory_test.cpp makes the same numbers, each by one exact or rounded product."""

    symbols, atomic_numbers, pbc = ["C", "O", "Zn"], [6, 8, 30], [True, True, False]

    def __init__(self, k):
        self.step, self.time_fs = 50 * k, 50 * k * 0.5
        self.energy, self.kinetic_energy, self.conserved_energy = (k + 1) * -1.1, (k + 1) * 0.07, (k + 1) * -1.03
        self.temperature, self.pressure = (k + 1) * 99.9, (k + 1) * 1e-5
        self.cell = [[10.1, 0, 0], [(k + 1) * 0.3, 9.7, 0], [0, 0, 12]]
        vector = lambda i, factor: [(9 * k + 3 * i + axis - 5) * factor for axis in range(3)]
        self.positions = [vector(i, 0.37) for i in range(3)]
        self.velocities = [vector(i, 1.7e-4) for i in range(3)]
        self.forces = [vector(i, -0.0123456789012) for i in range(3)]


def exact(value):
    """The shortest digits that give the same double, as C++'s std::to_chars writes them."""
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


def rounded(value, n_decimals):
    text = f"{value:.{n_decimals}f}"
    return text if float(text) != 0 else text.lstrip("-")


def extxyz(sample):
    comment = [
        'Lattice="' + " ".join(exact(x) for row in sample.cell for x in row) + '"',
        "Properties=species:S:1:pos:R:3:velocities_A_fs:R:3:forces:R:3",
        "energy=" + exact(sample.energy),
        "kinetic_energy_eV=" + exact(sample.kinetic_energy),
        "conserved_energy_eV=" + exact(sample.conserved_energy),
        "temperature_k=" + exact(sample.temperature),
        "pressure_eV_A3=" + exact(sample.pressure),
        f"step={sample.step}",
        "time_fs=" + exact(sample.time_fs),
        'pbc="' + " ".join("T" if p else "F" for p in sample.pbc) + '"',
    ]
    lines = [str(len(sample.symbols)), " ".join(comment)]
    for i, symbol in enumerate(sample.symbols):
        columns = [(sample.positions[i], 8), (sample.velocities[i], 10), (sample.forces[i], 8)]
        lines.append(" ".join([symbol] + [rounded(x, decimals) for vector, decimals in columns for x in vector]))
    return "\n".join(lines) + "\n"


def binary_header(sample):
    n_atoms = len(sample.symbols)
    header_bytes = (28 + n_atoms + 4 + 7) // 8 * 8
    frame_bytes = 104 + 12 * n_atoms + 4
    start = b"\x89MOFJ\r\n\x1a" + struct.pack("<IIII", 1, header_bytes, n_atoms, frame_bytes)
    start += bytes(sample.pbc) + b"\0" + bytes(sample.atomic_numbers)
    return with_checksum(start.ljust(header_bytes - 4, b"\0"))


def binary_frame(sample):
    scalars = struct.pack("<qddd", sample.step, sample.time_fs, sample.energy, sample.temperature)
    cell = struct.pack("<9d", *(x for row in sample.cell for x in row))
    positions = struct.pack(f"<{3 * len(sample.symbols)}f", *(x for row in sample.positions for x in row))
    return with_checksum(scalars + cell + positions)


samples = [Sample(k) for k in range(3)]
(FOLDER / "trajectory.extxyz").write_text("".join(extxyz(s) for s in samples))
(FOLDER / "trajectory_v1.mofj").write_bytes(binary_header(samples[0]) + b"".join(binary_frame(s) for s in samples))
