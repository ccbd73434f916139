"""`dragoman rerank`, measured: what it wrote, what it counted, what it took."""
import json
import os
import resource
import subprocess
import time
from pathlib import Path


def rerank(program: str, work: Path, model: str, *options: str):
    """(run {query: [(passage, score), ...]}, counts, wall seconds, CPU seconds); loading the model is in it."""
    output = work / "out.run"
    output.unlink(missing_ok=True)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([program, "--threads", "1", "rerank", work / "first-stage.run", "--corpus", work / "corpus.jsonl", "--topics",
                           work / "queries.jsonl", "--model", model, "--output", output, "--mix", "0", "--no-cache", "--json", *options],
                          stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    run = {}
    for line in output.read_text().splitlines():
        query, _, passage, _, score, _ = line.split()
        run.setdefault(query, []).append((passage, float(score)))
    return run, json.loads(done.stderr.splitlines()[-1])["rerank"], wall, cpu
