#!/usr/bin/env python3
"""Seismic or PISA on the vectors of sparse_bench: builds an index, searches it on one thread, prints lines of JSON.

    bench/sparse/peers.py DATA seismic-200|seismic-1000|pisa [--rounds 3]

Needs pip install numpy scipy, and pyseismic-lsr or pyterrier-pisa. It is run by bench/sparse/compare. Seismic's number is
that of the heaviest postings it keeps, times the dimensions. PISA has whole numbers for weights: those of documents
times 100, as its own indexer for such vectors makes them.
"""
import argparse
import json
import shutil
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import scipy.sparse

DEPTH = 10
# (query_cut, heap_factor) of Seismic: those on the front of recall and speed, by its n_postings.
SEISMIC = {200: [(5, 0.7), (10, 0.7), (10, 0.9), (20, 0.9), (40, 1.0)],
           1000: [(5, 0.7), (5, 0.9), (10, 0.7), (10, 0.9), (20, 0.7), (20, 0.9)]}

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("data", type=Path)
parser.add_argument("engine", choices=("seismic-200", "seismic-1000", "pisa"))
parser.add_argument("--rounds", type=int, default=3)
options = parser.parse_args()
documents = scipy.sparse.load_npz(options.data / "docs.npz")
queries = scipy.sparse.load_npz(options.data / "queries.npz")
best = np.load(options.data / "gt.npy")
scratch = options.data / f"{options.engine}.index"


def tell(line: dict) -> None:
    print(json.dumps(line), flush=True)


def row(matrix, i: int):
    begin, end = matrix.indptr[i], matrix.indptr[i + 1]
    return matrix.indices[begin:end], matrix.data[begin:end]


def build(engine: str, settings: dict, make) -> object:
    """make() returns the index and its bytes."""
    wall, cpu = time.perf_counter(), time.process_time()
    index, size = make()
    tell({"engine": engine, "op": "build", "docs": documents.shape[0], "wall_s": round(time.perf_counter() - wall, 2),
          "cpu_s": round(time.process_time() - cpu, 2), "bytes": size, **settings})
    return index


def measure(engine: str, settings: dict, one, ids) -> None:
    """one(i) answers query i, and ids(answer) lists its documents; the latter is not timed."""
    count = queries.shape[0]
    times, cpu, wall, answers = np.full(count, np.inf), np.inf, np.inf, []
    for _ in range(options.rounds):
        answers, cpu_begin, wall_begin = [], time.process_time(), time.perf_counter()
        for i in range(count):
            begin = time.perf_counter()
            answers.append(one(i))
            times[i] = min(times[i], time.perf_counter() - begin)
        cpu = min(cpu, time.process_time() - cpu_begin)
        wall = min(wall, time.perf_counter() - wall_begin)
    found = sum(len({int(document) for document in ids(answer)} & set(right[:DEPTH].tolist()))
                for answer, right in zip(answers, best))
    tell({"engine": engine, "op": "search", "k": DEPTH, "recall10": round(found / count / DEPTH, 4),
          "qps_1t": round(count / wall), "qps_1t_cpu": round(count / cpu),
          "p50_us": round(1e6 * float(np.quantile(times, 0.5))), "p99_us": round(1e6 * float(np.quantile(times, 0.99))),
          **settings})


def size_of(prefix: Path) -> int:
    return sum(file.stat().st_size for file in prefix.parent.glob(prefix.name + "*"))


def seismic(postings: int) -> None:
    from seismic import SeismicDataset, SeismicIndex, get_seismic_string

    text = get_seismic_string()
    asked = [(np.array(list(map(str, dimensions)), dtype=text), weights.astype(np.float32))
             for dimensions, weights in (row(queries, i) for i in range(queries.shape[0]))]
    tell({"op": "ready"})

    def make():
        dataset = SeismicDataset()
        dataset.add_documents_by_id([str(i) for i in range(documents.shape[0])], documents.indices.astype(np.int64),
                                    documents.data.astype(np.float32), documents.indptr.astype(np.int64))
        index = SeismicIndex.build_from_dataset(dataset, n_postings=postings, centroid_fraction=0.1,
                                                summary_energy=0.4, num_threads=1)
        index.save(str(scratch))
        return index, size_of(scratch)

    index = build(f"seismic {version('pyseismic-lsr')}", {"n_postings": postings}, make)
    for file in scratch.parent.glob(scratch.name + "*"):
        file.unlink()
    for cut, factor in SEISMIC[postings]:
        def one(i: int):
            return index.search(query_id=str(i), query_components=asked[i][0], query_values=asked[i][1], k=DEPTH,
                                query_cut=cut, heap_factor=factor)

        measure("seismic", {"n_postings": postings, "query_cut": cut, "heap_factor": factor}, one,
                lambda answer: [each[2] for each in answer])


def pisa() -> None:
    from pyterrier_pisa import PisaIndex, _pisathon

    scale = 100.0
    shutil.rmtree(scratch, ignore_errors=True)
    asked = [{f"w{dimension}": float(weight * scale) for dimension, weight in zip(*row(queries, i))}
             for i in range(queries.shape[0])]
    tell({"op": "ready"})

    def opened():
        return PisaIndex(str(scratch), text_field="toks", stemmer="none", stops="none", threads=1)

    def make():
        opened().toks_indexer(scale=scale).index(
            {"docno": str(i), "toks": {f"w{dimension}": float(weight) for dimension, weight in zip(*row(documents, i))}}
            for i in range(documents.shape[0]))
        retriever = opened().quantized()
        served = (file for file in scratch.iterdir()
                  if "simdbp" in file.name or "bmw" in file.name or file.suffix.endswith("lex"))
        return retriever, sum(file.stat().st_size for file in served)

    retriever = build(f"pisa (pyterrier-pisa {version('pyterrier-pisa')}, indexer in Python)", {}, make)
    query_of, ranks = np.empty(DEPTH, np.int32), np.empty(DEPTH, np.int32)
    names, scores = np.empty(DEPTH, object), np.empty(DEPTH, np.float32)
    for algorithm in ("maxscore", "block_max_maxscore", "block_max_wand", "ranked_or"):
        def one(i: int):
            count = _pisathon.retrieve(retriever._ctxt, algorithm, [(i, asked[i])], k=DEPTH, threads=1,
                                       query_weighted=1, pretokenised=True, result_qidxs=query_of,
                                       result_docnos=names, result_ranks=ranks, result_scores=scores)
            return list(names[:count])

        measure("pisa", {"settings": algorithm}, one, lambda answer: answer)
    shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    if options.engine == "pisa":
        pisa()
    else:
        seismic(int(options.engine.partition("-")[2]))
