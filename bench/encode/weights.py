"""The installed model for the peers: its weights and vocabulary out of the GGUF file, written in each peer's format."""
import json
from pathlib import Path

import gguf
import numpy as np
from gguf.quants import dequantize, quantize

# GGUF name, name in transformers' BertModel; {} is the layer.
OUTSIDE = {
    "token_embd.weight": "embeddings.word_embeddings.weight",
    "position_embd.weight": "embeddings.position_embeddings.weight",
    "token_types.weight": "embeddings.token_type_embeddings.weight",
    "token_embd_norm": "embeddings.LayerNorm",
}
INSIDE = {
    "attn_q": "attention.self.query",
    "attn_k": "attention.self.key",
    "attn_v": "attention.self.value",
    "attn_output": "attention.output.dense",
    "attn_output_norm": "attention.output.LayerNorm",
    "ffn_up": "intermediate.dense",
    "ffn_down": "output.dense",
    "layer_output_norm": "output.LayerNorm",
}


class BertWeights:
    """A BERT out of a GGUF file, all in float32. `tensors` has GGUF's names; matrices are [out, in]."""

    def __init__(self, path: Path):
        self.reader = gguf.GGUFReader(path)
        if self.value("general.architecture") != "bert":
            raise SystemExit(f"{path}: architecture {self.value('general.architecture')}, not bert")
        self.layers, self.heads = self.value("bert.block_count"), self.value("bert.attention.head_count")
        self.hidden, self.ffn = self.value("bert.embedding_length"), self.value("bert.feed_forward_length")
        self.epsilon = self.value("bert.attention.layer_norm_epsilon")
        self.positions = self.value("bert.context_length")
        self.tensors = {t.name: dequantize(t.data, t.tensor_type).reshape(t.shape[::-1]).astype(np.float32)
                        for t in self.reader.tensors}

    def value(self, key: str):
        return self.reader.fields[key].contents()

    @property
    def rows(self) -> int:
        return len(self.tensors["token_embd.weight"])

    def matrix_flops(self) -> int:
        """Floating-point operations a token of the layers' matrices; attention's are not counted."""
        return 2 * self.layers * (4 * self.hidden * self.hidden + 2 * self.hidden * self.ffn)

    def tokenizer(self):
        """SentencePiece with the file's own pieces, scores and character map. `encode` gives a text's bare ids."""
        import sentencepiece
        from sentencepiece import sentencepiece_model_pb2
        model = sentencepiece_model_pb2.ModelProto()
        scores, kinds = self.value("tokenizer.ggml.scores"), self.value("tokenizer.ggml.token_type")
        for i, piece in enumerate(self.value("tokenizer.ggml.tokens")):
            model.pieces.add(piece=piece, score=scores[i], type=kinds[i])
        model.trainer_spec.model_type = sentencepiece_model_pb2.TrainerSpec.UNIGRAM
        model.trainer_spec.unk_id = self.value("tokenizer.ggml.unknown_token_id")
        model.trainer_spec.bos_id = self.value("tokenizer.ggml.bos_token_id")
        model.trainer_spec.eos_id = self.value("tokenizer.ggml.eos_token_id")
        model.trainer_spec.pad_id = self.value("tokenizer.ggml.padding_token_id")
        model.normalizer_spec.precompiled_charsmap = bytes(self.value("tokenizer.ggml.precompiled_charsmap"))
        model.normalizer_spec.add_dummy_prefix = self.value("tokenizer.ggml.add_space_prefix")
        model.normalizer_spec.remove_extra_whitespaces = self.value("tokenizer.ggml.remove_extra_whitespaces")
        return sentencepiece.SentencePieceProcessor(model_proto=model.SerializeToString())

    def hugging_face(self):
        """transformers' BertModel, which the pooler's weights, that nothing here uses, are made up for."""
        import torch
        from transformers import BertConfig, BertModel
        config = BertConfig(vocab_size=self.rows, hidden_size=self.hidden, num_hidden_layers=self.layers,
                            num_attention_heads=self.heads, intermediate_size=self.ffn,
                            max_position_embeddings=self.positions, layer_norm_eps=self.epsilon,
                            type_vocab_size=len(self.tensors["token_types.weight"]), pad_token_id=1)
        config._attn_implementation = "sdpa"
        model = BertModel(config)
        state = {}
        for ours, theirs in OUTSIDE.items():
            if ours.endswith(".weight"):
                state[theirs] = self.tensors[ours]
            else:
                state.update({f"{theirs}.{part}": self.tensors[f"{ours}.{part}"] for part in ("weight", "bias")})
        for layer in range(self.layers):
            for ours, theirs in INSIDE.items():
                for part in ("weight", "bias"):
                    state[f"encoder.layer.{layer}.{theirs}.{part}"] = self.tensors[f"blk.{layer}.{ours}.{part}"]
        missing = model.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in state.items()}, strict=False)
        left = [key for key in missing.missing_keys if not key.startswith("pooler") and "_ids" not in key]
        if left or missing.unexpected_keys:
            raise SystemExit(f"BertModel wants {left} and does not know {missing.unexpected_keys}")
        return model.eval()

    def write_gguf(self, path: Path, kind: str):
        """The same model with its matrices in `kind`: f32, bf16, q4_0."""
        if path.exists():
            return
        part = path.with_suffix(".part")
        types = gguf.GGMLQuantizationType
        matrices = {"f32": types.F32, "bf16": types.BF16, "q4_0": types.Q4_0}[kind]
        writer = gguf.GGUFWriter(part, "bert")
        for key, field in self.reader.fields.items():
            if key.startswith("GGUF.") or key in ("general.architecture", "general.file_type"):
                continue
            inner = field.types[1] if len(field.types) > 1 else None
            writer.add_key_value(key, field.contents(), field.types[0], sub_type=inner)
        for tensor in self.reader.tensors:
            if tensor.name.startswith("head."):  # Those are ours; llama.cpp opens no file with more tensors than it knows.
                continue
            values = self.tensors[tensor.name]
            small = values.ndim == 1 or tensor.name in ("position_embd.weight", "token_types.weight")
            if small or matrices == types.F32:
                writer.add_tensor(tensor.name, values)
            else:
                writer.add_tensor(tensor.name, quantize(values, matrices), raw_dtype=matrices)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        part.rename(path)


def write_json(path: Path, value):
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
