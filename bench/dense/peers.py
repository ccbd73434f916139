#!/usr/bin/env python3
"""faiss, hnswlib and usearch on the vectors of dense_bench: builds an index, searches it, prints lines of JSON.

    bench/dense/peers.py VECTORS WHAT [--n 200000] [--d 384] [--nq 1000] [--runs 3] [--m 32] [--efc 100]
                         [--ef 16,32,64,128,256] [--nprobe 4,16,64] [--filter 100]

Needs pip install numpy faiss-cpu hnswlib usearch. It is run by bench/dense/compare, on one thread. WHAT is flat, flat-sq8,
flat-bf16, hnsw-faiss, hnsw-faiss-sq8, hnsw-hnswlib, hnsw-usearch, hnsw-usearch-i8 or ivfpq. --filter says, as
dense_bench's option does, how many in a hundred vectors may be found (flat and hnsw-faiss).
"""
import argparse
import json
import time
from pathlib import Path

import faiss
import numpy as np

TOP = 10

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("vectors", type=Path)
parser.add_argument("what")
for name, value in (("n", 200_000), ("d", 384), ("nq", 1000), ("runs", 3), ("m", 32), ("efc", 100), ("filter", 100)):
    parser.add_argument(f"--{name}", type=int, default=value)
parser.add_argument("--ef", default="16,32,64,128,256")
parser.add_argument("--nprobe", default="4,16,64")
options = parser.parse_args()


def tell(line: dict) -> None:
    print(json.dumps(line), flush=True)


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


class Bench:
    def __init__(self):
        faiss.omp_set_num_threads(1)
        # Mapped: what a build takes beside them is its own.
        every = np.memmap(options.vectors / "base.f32", np.float32, "r").reshape(-1, options.d)
        self.base = every[:options.n]
        self.queries = np.fromfile(options.vectors / "query.f32", np.float32).reshape(-1, options.d)[:options.nq]
        n = len(self.base)
        # Multiplied in 64 bits, as dense_bench does it.
        numbered = np.arange(n, dtype=np.uint64)
        self.allowed = numbered * np.uint64(2654435761) % np.uint64(100) < options.filter if options.filter < 100 else None
        if self.allowed is None and n == len(every):
            self.best = np.fromfile(options.vectors / "gt10.i32", np.int32).reshape(-1, TOP)[:len(self.queries)]
        else:
            self.best = self.exactly()
        tell({"op": "ready"})

    def exactly(self) -> np.ndarray:
        keep = np.arange(len(self.base)) if self.allowed is None else np.flatnonzero(self.allowed)
        scores, rows = np.full((len(self.queries), 0), 0, np.float32), np.full((len(self.queries), 0), 0)
        for begin in range(0, len(keep), 50_000):
            some = keep[begin:begin + 50_000]
            scores = np.concatenate([scores, self.queries @ self.base[some].T], axis=1)
            rows = np.concatenate([rows, np.broadcast_to(some, (len(self.queries), len(some)))], axis=1)
            order = np.argsort(-scores, axis=1, kind="stable")[:, :TOP]
            scores, rows = np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)
        return rows

    def build(self, engine: str, make):
        """make() returns the index and its bytes as it would be kept in a file."""
        cpu, wall = time.process_time(), time.perf_counter()
        index, size = make()
        tell({"engine": engine, "op": "build", "n": len(self.base), "wall_s": round(time.perf_counter() - wall, 2),
              "cpu_s": round(time.process_time() - cpu, 2), "bytes": size})
        return index

    def measure(self, engine: str, search, **settings) -> None:
        """search(queries) returns rows of numbers: it is called with one query, and with all of them."""
        count = len(self.queries)
        best, cpu, wall, batch_cpu = np.full(count, np.inf), np.inf, np.inf, np.inf
        found = []
        for _ in range(options.runs):
            found, cpu_begin, wall_begin = [], time.process_time(), time.perf_counter()
            for i in range(count):
                begin = time.perf_counter()
                found.append(search(self.queries[i:i + 1])[0])
                best[i] = min(best[i], time.perf_counter() - begin)
            cpu, wall = min(cpu, time.process_time() - cpu_begin), min(wall, time.perf_counter() - wall_begin)
            cpu_begin = time.process_time()
            search(self.queries)
            batch_cpu = min(batch_cpu, time.process_time() - cpu_begin)
        hits = sum(len(set(map(int, rows)) & set(right.tolist())) for rows, right in zip(found, self.best))
        tell({"engine": engine, "op": "search", "n": len(self.base), "recall10": round(hits / count / TOP, 4),
              "qps_1t": round(count / wall, 1), "qps_1t_cpu": round(count / cpu, 1),
              "qps_batch_per_cpu_s": round(count / batch_cpu, 1), "p50_us": round(1e6 * float(np.quantile(best, 0.5))),
              "p99_us": round(1e6 * float(np.quantile(best, 0.99))), **settings})


def faiss_bytes(index) -> int:
    scratch = options.vectors / "peers.index"
    faiss.write_index(index, str(scratch))
    size = scratch.stat().st_size
    scratch.unlink()
    return size


def faiss_index(bench: Bench, name: str, index, settings: list[dict], set_up, more=None) -> None:
    """more: faiss.SearchParameters of a set-up."""
    def make():
        if not index.is_trained:
            index.train(np.ascontiguousarray(bench.base[:min(len(bench.base), 40 * 2048)]))
        step = 20_000
        for begin in range(0, len(bench.base), step):
            index.add(bench.base[begin:begin + step])
        return index, index.ntotal * index.sa_code_size() if isinstance(index, faiss.IndexFlatCodes) else faiss_bytes(index)

    bench.build(f"faiss {faiss.__version__} {name}", make)
    for setting in settings:
        set_up(**setting)
        params = more(**setting) if more else None
        bench.measure(f"faiss {name}", lambda queries: index.search(queries, TOP, params=params)[1], **setting)


def flat(bench: Bench) -> None:
    index = {"flat": lambda: faiss.IndexFlatIP(options.d),
             "flat-bf16": lambda: faiss.IndexScalarQuantizer(options.d, faiss.ScalarQuantizer.QT_bf16,
                                                             faiss.METRIC_INNER_PRODUCT),
             "flat-sq8": lambda: faiss.IndexScalarQuantizer(options.d, faiss.ScalarQuantizer.QT_8bit,
                                                            faiss.METRIC_INNER_PRODUCT)}[options.what]()
    faiss_index(bench, options.what, index, [{}], lambda: None,
                lambda: faiss.SearchParameters(sel=selector(bench)) if bench.allowed is not None else None)


def selector(bench: Bench):
    return faiss.IDSelectorBatch(np.flatnonzero(bench.allowed).astype(np.int64))


def hnsw_faiss(bench: Bench) -> None:
    index = faiss.IndexHNSWFlat(options.d, options.m, faiss.METRIC_INNER_PRODUCT)
    if options.what == "hnsw-faiss-sq8":
        index = faiss.IndexHNSWSQ(options.d, faiss.ScalarQuantizer.QT_8bit, options.m, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = options.efc

    def params(ef: int):
        given = faiss.SearchParametersHNSW()
        given.efSearch = ef
        if bench.allowed is not None:
            given.sel = kept[0]
        return given

    kept = [selector(bench)] if bench.allowed is not None else []
    name = f"HNSW{options.m}" + (",SQ8" if options.what.endswith("sq8") else "")
    faiss_index(bench, name, index, [{"ef": ef} for ef in numbers(options.ef)], lambda ef: None, params)


def hnsw_hnswlib(bench: Bench) -> None:
    import hnswlib
    from importlib.metadata import version

    def make():
        index = hnswlib.Index("ip", options.d)
        index.init_index(len(bench.base), M=options.m, ef_construction=options.efc, random_seed=1)
        index.add_items(bench.base, num_threads=1)
        return index, index.index_file_size()

    index = bench.build(f"hnswlib {version('hnswlib')} M{options.m}", make)
    allowed = (lambda label: bool(bench.allowed[label])) if bench.allowed is not None else None
    for ef in numbers(options.ef):
        index.set_ef(ef)
        bench.measure(f"hnswlib M{options.m}", lambda queries: index.knn_query(queries, TOP, 1, allowed)[0], ef=ef)


def hnsw_usearch(bench: Bench) -> None:
    import usearch
    from usearch.index import Index

    kind = "i8" if options.what.endswith("-i8") else "f32"

    def make():
        index = Index(ndim=options.d, metric="ip", dtype=kind, connectivity=options.m, expansion_add=options.efc)
        index.add(np.arange(len(bench.base)), bench.base, threads=1)
        return index, index.serialized_length

    index = bench.build(f"usearch {usearch.__version__} {kind} M{options.m}", make)
    for ef in numbers(options.ef):
        index.expansion_search = ef
        bench.measure(f"usearch {kind} M{options.m}",
                      lambda queries: np.atleast_2d(index.search(queries, TOP, threads=1).keys), ef=ef)


def ivfpq(bench: Bench) -> None:
    # Four-bit codes in registers and a second look at the vectors, like ours.
    lists = 2048 if len(bench.base) >= 500_000 else 512
    spec = f"IVF{lists},PQ{options.d // 4}x4fsr,RFlat"
    index = faiss.index_factory(options.d, spec, faiss.METRIC_INNER_PRODUCT)

    def set_up(nprobe: int, k_factor: int) -> None:
        faiss.ParameterSpace().set_index_parameter(index, "nprobe", nprobe)
        index.k_factor = k_factor

    settings = [{"nprobe": nprobe, "k_factor": factor} for factor in (8, 32) for nprobe in numbers(options.nprobe)]
    faiss_index(bench, spec, index, settings, set_up)


KINDS = {"flat": flat, "flat-bf16": flat, "flat-sq8": flat, "hnsw-faiss": hnsw_faiss, "hnsw-faiss-sq8": hnsw_faiss,
         "hnsw-hnswlib": hnsw_hnswlib, "hnsw-usearch": hnsw_usearch, "hnsw-usearch-i8": hnsw_usearch, "ivfpq": ivfpq}
if options.what not in KINDS:
    parser.error(f"WHAT is {options.what}, must be one of {', '.join(KINDS)}")
KINDS[options.what](Bench())
