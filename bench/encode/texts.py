"""The texts that runtimes are timed on: passages of 100 to 150 tokens in many languages, and short questions."""
import gzip
import json
import random
from pathlib import Path


def records(path: Path):
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


class Reader:
    """Texts as the model reads them: prompt, pieces, begin and end, cut to what it reads."""

    def __init__(self, weights, prompts, max_tokens: int):
        self.pieces, self.prompts, self.max_tokens = weights.tokenizer(), prompts, max_tokens
        self.begin, self.end = (weights.value(f"tokenizer.ggml.{name}_token_id") for name in ("bos", "eos"))

    def tokens(self, text: str, read_as: str) -> list[int]:
        bare = self.pieces.encode(self.prompts[read_as] + text)
        return [self.begin, *bare[:self.max_tokens - 2], self.end]


def make_passages(ntrex: Path, reader: Reader, a_language: int, seed: int) -> list[dict]:
    """Neighbouring lines of one news story (folder ntrex: LANG.txt.gz, docids.txt), as many as make 100 to 150 tokens;
    so many for each language, from stories drawn by `seed`."""
    stories = (ntrex / "docids.txt").read_text(encoding="utf-8").split("\n")
    passages = []
    for path in sorted(ntrex.glob("*.txt.gz")):
        language = path.name.split(".")[0]
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            lines = [line.strip() for line in stream]
        starts = list(range(len(lines)))
        random.Random(f"{seed} {language}").shuffle(starts)
        used, found = set(), 0
        for start in starts:
            text, end, tokens = lines[start], start + 1, reader.tokens(lines[start], "passage")
            while len(tokens) < 100 and end < len(lines) and stories[end] == stories[start]:
                text, end = f"{text} {lines[end]}", end + 1
                tokens = reader.tokens(text, "passage")
            if not 100 <= len(tokens) <= 150 or used & set(range(start, end)):
                continue
            used |= set(range(start, end))
            passages.append({"language": language, "text": text, "tokens": tokens})
            found += 1
            if found == a_language:
                break
    return passages


def make_queries(xquad: Path, reader: Reader, a_language: int, seed: int) -> list[dict]:
    """Questions of xquad-clir, so many of each of its languages, drawn by `seed`."""
    by_language: dict[str, list[str]] = {}
    for query in records(xquad / "queries.jsonl.gz"):
        by_language.setdefault(query["lang"], []).append(query["text"])
    queries = []
    for language, texts in sorted(by_language.items()):
        for text in random.Random(f"{seed} {language}").sample(texts, a_language):
            queries.append({"language": language, "text": text, "tokens": reader.tokens(text, "query")})
    return queries


def batches(lengths: list[int], budget: int = 2048) -> list[list[int]]:
    """Places of texts, sorted by length, in batches of at most `budget` tokens with padding."""
    order = sorted(range(len(lengths)), key=lambda i: (lengths[i], i))
    result, current = [], []
    for i in order:
        if current and (len(current) + 1) * lengths[i] > budget:
            result.append(current)
            current = []
        current.append(i)
    return result + [current]
