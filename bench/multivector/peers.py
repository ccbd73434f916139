#!/usr/bin/env python3
"""fast-plaid on the vectors of multivector_bench, on the CPU: builds an index, searches it, prints lines of JSON.

    bench/multivector/peers.py DIR INDEX [--bits 4] [--settings 4:256,8:1024] [--rounds 3] [--keep]

Needs pip install fast-plaid, which brings torch. It is run by bench/multivector/compare, on one thread. A setting is
centroids looked into for each query token, and passages whose vectors are decompressed. --keep takes an index that is
there, with what its build was measured to take.
"""
import argparse
import json
import shutil
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from fast_plaid import search

QUERY_TOKENS = 32

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("data", type=Path)
parser.add_argument("index", type=Path)
parser.add_argument("--bits", type=int, default=4)
parser.add_argument("--settings", default="4:256,8:1024")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--keep", action="store_true")
options = parser.parse_args()


def tell(line: dict) -> None:
    print(json.dumps(line), flush=True)


def main() -> None:
    torch.set_num_threads(1)
    lengths = np.fromfile(options.data / "lens.i32", np.int32)
    count = int(lengths.sum())
    # Mapped and copied on a write, so that what the build takes is its own.
    values = torch.from_file(str(options.data / "docs.f32"), shared=False, dtype=torch.float32,
                             size=(options.data / "docs.f32").stat().st_size // 4)
    documents = values.reshape(count, -1)
    queries = torch.from_numpy(np.fromfile(options.data / "queries.f32", np.float32))
    queries = queries.reshape(-1, QUERY_TOKENS, documents.shape[1])
    best = np.fromfile(options.data / "gt10.i32", np.int32).reshape(-1, 10)
    name = f"fast-plaid {version('fast-plaid')}"
    tell({"op": "ready"})

    record = options.index / "built.json"
    if options.keep and record.exists():
        built = json.loads(record.read_text(encoding="utf-8"))
        plaid = search.FastPlaid(index=str(options.index), device="cpu")
    else:
        shutil.rmtree(options.index, ignore_errors=True)
        wall, cpu = time.perf_counter(), time.process_time()
        plaid = search.FastPlaid(index=str(options.index), device="cpu")
        plaid.create(documents_embeddings=list(torch.split(documents, lengths.tolist())), nbits=options.bits,
                     kmeans_niters=4)
        size = sum(file.stat().st_size for file in options.index.rglob("*") if file.is_file())
        built = {"engine": name, "op": "build", "nbits": options.bits, "threads": 1,
                 "wall_s": round(time.perf_counter() - wall, 2), "cpu_s": round(time.process_time() - cpu, 2),
                 "bytes": size, "bytes_per_vector": round(size / count, 1)}
        record.write_text(json.dumps(built), encoding="utf-8")
    tell(built)

    for setting in options.settings.split(","):
        probes, full = (int(part) for part in setting.split(":"))
        times, cpu_ms, found = np.full(len(queries), np.inf), np.inf, 0
        for _ in range(options.rounds):
            cpu, found = time.process_time(), 0
            for i in range(len(queries)):
                wall = time.perf_counter()
                hits = plaid.search(queries_embeddings=queries[i:i + 1], top_k=10, n_ivf_probe=probes,
                                    n_full_scores=full, show_progress=False)[0]
                times[i] = min(times[i], time.perf_counter() - wall)
                found += len({document for document, _ in hits} & set(best[i].tolist()))
            cpu_ms = min(cpu_ms, 1e3 * (time.process_time() - cpu) / len(queries))
        tell({"engine": name, "op": "search", "nbits": options.bits, "threads": 1, "n_ivf_probe": probes,
              "n_full_scores": full, "recall10": round(found / best.size, 4),
              "ms_p50": round(1e3 * float(np.quantile(times, 0.5)), 3),
              "ms_p99": round(1e3 * float(np.quantile(times, 0.99)), 3), "ms_cpu_mean": round(cpu_ms, 3)})


if __name__ == "__main__":
    main()
