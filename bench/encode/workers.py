"""Runs peers and Dragoman as processes that answer commands (see peers.py), and times them."""
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np


class Worker:
    def __init__(self, name: str, command, threads: int, log: Path):
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "passive"}
        self.name, self.threads, self.log = name, threads, log
        with open(log, "w", encoding="utf-8") as errors:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
        self.answer()  # Loaded.

    def answer(self) -> dict:
        for line in self.process.stdout:
            if line.startswith("{"):  # Some libraries greet on standard output.
                return json.loads(line)
        last = self.log.read_text(encoding="utf-8").strip().split("\n")[-1]
        raise RuntimeError(f"{self.name}: ended with {self.process.wait()}: {last} (all of it: {self.log})")

    def ask(self, *words) -> dict:
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def vectors(self, set_name: str, texts: int, folder: Path) -> np.ndarray:
        path = folder / "vectors.f32"
        self.ask("vectors", set_name, path)
        values = np.fromfile(path, np.float32)
        path.unlink()
        return values.reshape(texts, -1)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def python_command(peer: str, kind: str, threads: int, work: Path, model: Path):
    return [sys.executable, Path(__file__).with_name("peers.py"), peer, kind, threads, work, model]
