"""Runs `dragoman encode` and reads what it wrote (docs/formats/encodings.md)."""
import json
import subprocess
import sys
from pathlib import Path

import numpy as np


class Encoded:
    """Of n texts: `dense` [n, dimension]; `sparse`, a SciPy matrix of compressed rows [n, dimensions]; and the vectors
    `tokens` [vectors, dimension], text i's from `starts[i]` to `starts[i + 1]`. None where not asked for."""

    def __init__(self, output: Path, heads):
        stem = output.with_suffix("")
        self.dense = np.load(output) if "dense" in heads else None
        self.sparse = self.tokens = self.starts = None
        if "sparse" in heads:
            import scipy.sparse
            weights, indices, starts = (np.load(f"{stem}.sparse.{part}.npy")
                                        for part in ("weights", "indices", "indptr"))
            shape = (len(starts) - 1, int(indices.max(initial=0)) + 1)
            self.sparse = scipy.sparse.csr_matrix((weights, indices, starts), shape=shape)
        if "multivector" in heads:
            self.starts = np.load(f"{stem}.multivector.offsets.npy")
            self.tokens = np.load(f"{stem}.multivector.npy", mmap_mode="r")


def write_texts(texts: list[str], path: Path):
    with open(path, "w", encoding="utf-8") as stream:
        for i, text in enumerate(texts):
            stream.write(json.dumps({"_id": str(i), "text": text}, ensure_ascii=False) + "\n")


def encode_command(program: str, model: str, read_as: str, source: Path, output: Path, *, heads=("dense",),
                   precision=None, threads: int = 0, cache: bool = False) -> list[str]:
    words = [program, "encode", "--model", model, "--as", read_as, "--heads", ",".join(heads)]
    if precision:
        words += ["--precision", precision]
    if threads:
        words += ["--threads", threads]
    if not cache:
        words.append("--no-cache")
    return [str(word) for word in (*words, source, "--output", output, "--json")]


def summary_of(errors: str) -> dict | None:
    """The line of JSON among what the command said on standard error."""
    for line in reversed(errors.strip().split("\n")):
        if line.startswith("{"):
            return json.loads(line)
    return None


def encode(program: str, model: str, read_as: str, texts: list[str], output: Path, **settings) -> dict:
    """Writes the texts beside `output` and encodes them. Returns the command's summary; the rest is read by Encoded."""
    source = output.with_suffix(".jsonl")
    write_texts(texts, source)
    command = encode_command(program, model, read_as, source, output, **settings)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    summary = None if done.returncode else summary_of(done.stderr)
    if summary is None:
        sys.exit(f"{' '.join(command)}: ended with {done.returncode}: {done.stderr.strip()[-1000:]}")
    return summary
