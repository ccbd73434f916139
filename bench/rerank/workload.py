"""Questions of XQuAD with candidates in other languages: each question's own passage and others, in a fixed order."""
import gzip
import json
import random
from pathlib import Path


def read_lines(path: Path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def make_workload(data: Path, work: Path, queries: int, candidates: int, least: int | None = None):
    """Writes corpus.jsonl, queries.jsonl and first-stage.run into `work`; gives back [(query, [passage, ...]), ...].
    Each query has `candidates`, or by chance between `least` and that many."""
    work.mkdir(parents=True, exist_ok=True)
    passages = {row["_id"]: row for row in read_lines(data / "corpus.jsonl.gz")}
    by_id = {row["_id"]: row for row in read_lines(data / "queries.jsonl.gz")}
    with gzip.open(data / "qrels" / "test.tsv.gz", "rt", encoding="utf-8") as lines:
        relevant = {}
        for line in lines:
            query, passage, grade = line.split("\t")[:3]
            if grade.strip().isdigit() and int(grade) > 0:
                relevant.setdefault(query, []).append(passage)
    languages = sorted({row["lang"] for row in passages.values()})
    chance = random.Random(20)
    chosen, used = [], {}
    for i in range(queries):
        asked = languages[i % len(languages)]
        query = chance.choice(sorted(q for q in relevant if by_id[q]["lang"] == asked))
        answering = languages[(i * 5 + 3) % len(languages)]
        own = [p for p in relevant[query] if passages[p]["lang"] == answering]
        others = [p for p in sorted(passages) if passages[p]["lang"] == answering and p not in own]
        count = candidates if least is None else chance.randint(least, candidates)
        listed = own[:1] + chance.sample(others, count - len(own[:1]))
        chance.shuffle(listed)
        chosen.append((by_id[query], [passages[p] for p in listed]))
        used.update((p, passages[p]) for p in listed)
    with open(work / "corpus.jsonl", "w", encoding="utf-8") as out:
        for row in used.values():
            out.write(json.dumps({"_id": row["_id"], "text": row["text"], "lang": row["lang"]}, ensure_ascii=False) + "\n")
    with open(work / "queries.jsonl", "w", encoding="utf-8") as out, open(work / "first-stage.run", "w") as run:
        for query, listed in chosen:
            out.write(json.dumps({"_id": query["_id"], "text": query["text"], "lang": query["lang"]},
                                 ensure_ascii=False) + "\n")
            for rank, passage in enumerate(listed, 1):
                run.write(f"{query['_id']} Q0 {passage['_id']} {rank} {candidates - rank + 1} first\n")
    return chosen
