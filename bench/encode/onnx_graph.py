"""The encoder as an ONNX graph of ONNX Runtime's own fused operators (com.microsoft), written by hand."""
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MICROSOFT = "com.microsoft"


def write_fused_onnx(weights, path: Path):
    """input_ids and attention_mask [texts, tokens] (int32) to `vectors` [texts, hidden]: mean of the token states, unit
    length. Written as one file, which holds for models under protobuf's 2 GB."""
    nodes, constants = [], []

    def constant(name: str, values: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(operator: str, inputs, output: str, domain: str = "", **attributes) -> str:
        nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output

    tensors = weights.tensors
    # Every token is of type 0, so its row is added to the positions' once.
    positions = tensors["position_embd.weight"] + tensors["token_types.weight"][0]
    nodes.append(helper.make_node(
        "EmbedLayerNormalization",
        ["input_ids", "", constant("word", tensors["token_embd.weight"]), constant("position", positions), "",
         constant("norm.weight", tensors["token_embd_norm.weight"]),
         constant("norm.bias", tensors["token_embd_norm.bias"])],
        ["embedded", ""], name="embedded", domain=MICROSOFT, epsilon=weights.epsilon))
    states = "embedded"
    for layer in range(weights.layers):
        def of_layer(name: str, layer=layer) -> np.ndarray:
            return tensors[f"blk.{layer}.{name}"]

        def here(name: str, layer=layer) -> str:
            return f"{layer}.{name}"

        qkv = constant(here("qkv.weight"), np.concatenate([of_layer(f"attn_{x}.weight").T for x in "qkv"], axis=1))
        qkv_bias = constant(here("qkv.bias"), np.concatenate([of_layer(f"attn_{x}.bias") for x in "qkv"]))
        attended = node("Attention", [states, qkv, qkv_bias, "attention_mask"], here("attended"), MICROSOFT,
                        num_heads=weights.heads)

        def multiplied(source: str, name: str) -> str:
            return node("MatMul", [source, constant(here(f"{name}.weight"), of_layer(f"{name}.weight").T)], here(name))

        def added(source: str, residual: str, name: str, norm: str) -> str:
            return node("SkipLayerNormalization",
                        [source, residual, constant(here(f"{norm}.weight"), of_layer(f"{norm}.weight")),
                         constant(here(f"{norm}.bias"), of_layer(f"{norm}.bias")),
                         constant(here(f"{name}.bias"), of_layer(f"{name}.bias"))],
                        here(norm), MICROSOFT, epsilon=weights.epsilon)

        states = added(multiplied(attended, "attn_output"), states, "attn_output", "attn_output_norm")
        up_bias = constant(here("ffn_up.bias"), of_layer("ffn_up.bias"))
        widened = node("BiasGelu", [multiplied(states, "ffn_up"), up_bias], here("gelu"), MICROSOFT)
        states = added(multiplied(widened, "ffn_down"), states, "ffn_down", "layer_output_norm")
    mask = node("Unsqueeze", [node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT),
                              constant("last", np.array([2], np.int64))], "mask3")
    masked = node("Mul", [states, mask], "masked")
    total = node("ReduceSum", [masked, constant("tokens", np.array([1], np.int64))], "sum", keepdims=0)
    node("LpNormalization", [total], "vectors", axis=-1, p=2)  # The mean has the sum's direction.
    graph = helper.make_graph(
        nodes, "encoder",
        [helper.make_tensor_value_info(name, TensorProto.INT32, ["texts", "tokens"]) for name in ("input_ids",
                                                                                                 "attention_mask")],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", weights.hidden])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)],
                              ir_version=9)
    onnx.save(model, path)
