"""Programs of a comparison: run one after another, their lines of JSON read as they come, and their memory watched."""
import json
import math
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator

_EVERY_SECONDS = 0.05


def private_mb(pid: int) -> float:
    """Memory of a process that is its own, not that of mapped files: what makes it fail where memory is short."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            return next((int(line.split()[1]) / 1024 for line in status if line.startswith("RssAnon")), 0.0)
    except (OSError, ValueError):  # it has ended
        return 0.0


class _Watch(threading.Thread):
    """The largest private memory of a process since the last restart, less what it held then."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self._pid, self._ended = pid, threading.Event()
        self._base = self._peak = 0.0

    def run(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            self._peak = max(self._peak, private_mb(self._pid))

    def restart(self) -> None:
        self._base = self._peak = private_mb(self._pid)

    def grown(self) -> float:
        self._peak = max(self._peak, private_mb(self._pid))
        return self._peak - self._base

    def end(self) -> None:
        self._ended.set()


def lines_of(command: list[str], quiet: bool = False) -> Iterator[dict]:
    """Runs a command on one thread and yields the lines of JSON that it prints, but "op": "ready", which says that all
    is read and loaded. Lines of builds get "peak_mb": private memory beyond what was there at the line before, at most.
    Ends this program with a message where the command fails."""
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | one_thread) as process:
        watch = _Watch(process.pid)
        watch.start()
        try:
            for line in process.stdout:
                if not line.startswith("{"):
                    continue
                found = json.loads(line)
                if found["op"] == "build":
                    found["peak_mb"] = round(watch.grown())
                watch.restart()
                if found["op"] == "ready":
                    continue
                if not quiet:
                    print(json.dumps(found), file=sys.stderr, flush=True)
                yield found
        finally:
            watch.end()
    if process.returncode != 0:
        sys.exit(f"{shlex.join(command)}: ended with {process.returncode}")


def _speed_at(points: list[tuple[float, float]], wanted: float) -> str:
    front = []
    for recall, speed in sorted(points, reverse=True):
        if not front or speed > front[-1][1]:
            front.append((recall, speed))
    for (above, slow), (below, fast) in zip(front, front[1:]):
        if below <= wanted <= above:
            share = (above - wanted) / (above - below)
            return f"{math.exp((1 - share) * math.log(slow) + share * math.log(fast)):,.0f}"
    return ""


def table_at_recalls(engines: dict[str, list[tuple[float, float]]], recalls: tuple[float, ...]) -> str:
    """Queries per CPU second at equal recall, of each engine's (recall, speed): by its points that none of its own beats
    in both, and between two of these by the logarithm of speed; empty outside of them."""
    rows = [["queries / CPU s at recall@10 of", *map(str, recalls)], ["---"] * (1 + len(recalls))]
    rows += [[engine, *(_speed_at(points, recall) for recall in recalls)] for engine, points in engines.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
