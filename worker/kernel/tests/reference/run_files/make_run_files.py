"""Writes checkpoint_v1.bin as docs/trajectories.md describes it, without a line of mofkernel.

Run with Python 3.11 (standard library only) on 21 November 2026; the tests hold the kernel's reader against the file.
"""

import json
import pathlib
import struct
import zlib

FOLDER = pathlib.Path(__file__).parent


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
    body = start + text + values
    return body + struct.pack("<I", zlib.crc32(body))


(FOLDER / "checkpoint_v1.bin").write_bytes(
    checkpoint(
        "md",
        1,
        [("positions", "f64", [0.1, -2.5, 1e300]), ("step", "i64", [9007199254740993]), ("nothing", "f64", [])],
    )
)
