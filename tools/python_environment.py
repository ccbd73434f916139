"""Python environments with packages of fixed versions, for the checks and benchmarks that compare with other programs.

They lie in DRAGOMAN_CACHE (else XDG_CACHE_HOME/dragoman, else ~/.cache/dragoman), in folders named by what is in them, and
are made where they are missing. DRAGOMAN_CACHE=off, which turns the cache of encodings off, means nothing here.
"""
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path


def cache_folder() -> Path:
    named = os.environ.get("DRAGOMAN_CACHE", "")
    if named not in ("", "off"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dragoman"


def make_environment(kind: str, identity: str, install) -> Path:
    """The folder of an environment. Where it is missing, install(pip) fills it; `pip` is the start of a command line."""
    folder = cache_folder() / kind / hashlib.sha256(identity.encode()).hexdigest()[:12]
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        install([folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        (folder / "complete").touch()
    return folder


def go_on_in(folder: Path):
    """Runs the script again in that environment, unless it runs there already."""
    if Path(sys.prefix) != folder:
        os.execv(folder / "bin" / "python", [str(folder / "bin" / "python"), *sys.argv])


def enter_environment(kind: str, versions: list[str]):
    """Goes on in an environment that has those packages."""
    go_on_in(make_environment(kind, " ".join(versions), lambda pip: subprocess.run([*pip, *versions], check=True)))
