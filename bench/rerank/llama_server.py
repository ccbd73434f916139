"""A llama-server on this machine, and the plain loop over it that everybody writes first: a prompt a request."""
import json
import os
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import yaml

PROMPTS = Path(__file__).resolve().parent.parent.parent / "prompts"


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class LlamaServer:
    def __init__(self, program: str, model: str, threads: int = 1, context: int = 4096):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [program, "-m", model, "--port", str(self.port), "-t", str(threads), "-tb", str(threads), "-c", str(context),
             "-np", "1", "-ub", "512", "-b", "512", "-ngl", "0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.calls = self.evaluated = 0
        # A model without a chat template gets the bare contents, a line each; llama-server would make one up.
        with open(model, "rb") as file:
            self.has_template = b"tokenizer.chat_template" in file.read(1 << 25)
        until = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5).read()
                return
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise SystemExit(f"{program} did not come up")
                time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def post(self, path: str, body: dict) -> dict:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(request, timeout=600))

    def cut(self, text: str, tokens: int) -> str:
        """The longest beginning that has so many tokens at most."""
        text = " ".join(text.split())
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            count = len(self.post("/tokenize", {"content": text[:middle], "add_special": False})["tokens"])
            low, high = (middle, high) if count <= tokens else (low, middle - 1)
        return text[:low]

    def complete(self, prompt: str, reuse: bool, **options) -> dict:
        answer = self.post("/completion", {"prompt": prompt, "temperature": 0, "cache_prompt": reuse, **options})
        self.calls += 1
        self.evaluated += answer["timings"]["prompt_n"] + answer["timings"]["predicted_n"]
        return answer


class PlainLoop:
    """One request a prompt, with the prompts of prompts/*.yaml. Labels are looked for among the `likeliest` tokens."""

    def __init__(self, server: LlamaServer, reuse: bool, likeliest: int = 100):
        self.server, self.reuse, self.likeliest = server, reuse, likeliest
        self.prompts = {name: yaml.safe_load((PROMPTS / f"{name}.yaml").read_text(encoding="utf-8"))
                        for name in ("pointwise", "pairwise", "listwise")}

    def _prompt(self, method: str, **gaps) -> str:
        prompt = self.prompts[method]
        user = prompt["user"]
        for name, value in gaps.items():
            user = user.replace("{" + name + "}", value)
        messages = [{"role": "system", "content": prompt["system"]}, {"role": "user", "content": user}]
        if not self.server.has_template:
            return "".join(message["content"] + "\n" for message in messages)
        return self.server.post("/apply-template", {"messages": messages})["prompt"]

    def _difference(self, prompt: str, first: str, second: str) -> float:
        """log p(first) - log p(second) as the next token."""
        answer = self.server.complete(prompt, self.reuse, n_predict=1, n_probs=self.likeliest)
        found = {}
        for entry in answer["completion_probabilities"][0]["top_logprobs"]:
            found.setdefault(entry["token"], entry["logprob"])
        least = min(found.values())
        return found.get(first, least) - found.get(second, least)

    def pointwise(self, query: str, passages: list[str]) -> list[float]:
        labels = self.prompts["pointwise"]["answers"]
        return [self._difference(self._prompt("pointwise", query=query, passage=passage), labels["relevant"],
                                 labels["irrelevant"]) for passage in passages]

    def leads(self, query: str, a: str, b: str) -> float:
        labels = self.prompts["pairwise"]["answers"]
        return self._difference(self._prompt("pairwise", query=query, passage_a=a, passage_b=b), labels["a"], labels["b"])

    def pairwise(self, query: str, passages: list[str]) -> list[float]:
        """Wins of each, all pairs in both orders."""
        wins = [0.0] * len(passages)
        for i, a in enumerate(passages):
            for j in range(i + 1, len(passages)):
                first, second = self.leads(query, a, passages[j]), self.leads(query, passages[j], a)
                of_a = 1 if first > 0 > second else 0 if first < 0 < second else 0.5
                wins[i] += of_a
                wins[j] += 1 - of_a
        return wins

    def listwise(self, query: str, passages: list[str]) -> str:
        """One window, generated under a grammar that allows identifiers and separators."""
        lines = "\n".join(self.prompts["listwise"]["line"].replace("{rank}", str(i + 1)).replace("{passage}", passage)
                          for i, passage in enumerate(passages))
        count = len(passages)
        numbers = " | ".join(f'"[{i + 1}]"' for i in range(count))
        grammar = 'root ::= id' + ' " > " id' * (count - 1) + f'\nid ::= {numbers}'
        answer = self.server.complete(self._prompt("listwise", query=query, passages=lines), self.reuse,
                                      n_predict=8 * count, grammar=grammar)
        return answer["content"]

    def permutation(self, query: str, passages: list[str]) -> list[int]:
        """The likeliest of the identifiers that are left, one after another: a permutation, from 0."""
        lines = "\n".join(self.prompts["listwise"]["line"].replace("{rank}", str(i + 1)).replace("{passage}", passage)
                          for i, passage in enumerate(passages))
        prompt, order = self._prompt("listwise", query=query, passages=lines), []
        while len(order) + 1 < len(passages):
            between = " > " if order else ""
            left = [i for i in range(len(passages)) if i not in order]
            grammar = "root ::= " + " | ".join(f'"{between}[{i + 1}]"' for i in left)
            text = self.server.complete(prompt, True, n_predict=8, grammar=grammar)["content"]
            order.append(int(text.strip(" >[]")) - 1)
            prompt += text
        return order + [i for i in range(len(passages)) if i not in order]

    def rank_llm(self, query: str, passages: list[str]) -> str:
        """The conversation that rank-llm 0.25.7 sends for one window (rank_GPT), generated freely."""
        count = len(passages)
        messages = [{"role": "system", "content": "You are RankGPT, an intelligent assistant that can rank passages based "
                                                  "on their relevancy to the query."},
                    {"role": "user", "content": f"I will provide you with {count} passages, each indicated by number "
                                                f"identifier [].\nRank the passages based on their relevance to query: "
                                                f"{query}."},
                    {"role": "assistant", "content": "Okay, please provide the passages."}]
        for i, passage in enumerate(passages):
            messages += [{"role": "user", "content": f"[{i + 1}] {passage}"},
                         {"role": "assistant", "content": f"Received passage [{i + 1}]."}]
        messages.append({"role": "user", "content": f"Search Query: {query}.\nRank the {count} passages above based on "
                         "their relevance to the search query. The passages should be listed in descending order using "
                         "identifiers. The most relevant passages should be listed first. The output format should be [] "
                         "> [], e.g., [1] > [2]. Only response the ranking results, do not say any word or explain."})
        # rank-llm sets no limit; a model that never ends would.
        answer = self.server.post("/v1/chat/completions", {"messages": messages, "temperature": 0, "max_tokens": 8 * count,
                                                           "cache_prompt": self.reuse})
        self.server.calls += 1
        self.server.evaluated += answer["timings"]["prompt_n"] + answer["timings"]["predicted_n"]
        return answer["choices"][0]["message"]["content"]
