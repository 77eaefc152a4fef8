"""What the programs that time mace-torch are asked for alike."""
import argparse

# TorchScript compiles what it has profiled in the first calls.
N_WARM_UP = 3


def parser_of(doc):
    """A parser with MODEL, STRUCTURE, --precision and --threads."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("structure")
    parser.add_argument("--precision", choices=["float64", "float32"], default="float64")
    parser.add_argument("--threads", type=int, default=2)
    return parser
