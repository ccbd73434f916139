#!/usr/bin/env python3
"""Makes tiny encoders as Hugging Face lays them out, and what PyTorch computes with them: tests/golden/models/NAME/ with
expected.json in it. Weights are random from fixed seeds, tokenizers are trained on the sentences below; only their forms
are those of real models.

    pip install torch transformers tokenizers sentencepiece protobuf safetensors numpy
    tools/make-golden/encoder_models.py tests/golden/models

transformers computes BERT, RoBERTa, XLM-R, DistilBERT and their masked language models. GTE's "NewModel" is not part of
it, and is written out below, from Alibaba-NLP/new-impl's modeling.py and text-embeddings-inference's gte.rs.
Everything is computed in 32-bit floats from the weights as they are stored. The committed files were made with torch
2.15.0, transformers 5.24.0, tokenizers 0.23.3 and sentencepiece 0.2.3.
"""
import argparse
import collections
import io
import json
import math
import shutil
import sys
from pathlib import Path

import safetensors.torch
import sentencepiece
import tokenizers
import torch
import transformers
from sentencepiece import sentencepiece_model_pb2 as proto
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

HIDDEN, LAYERS, HEADS, FFN, CONTEXT = 32, 2, 4, 48, 64

SENTENCES = [
    "The water of the river rises in spring.", "Where does the river rise?", "Das Wasser des Flusses steigt im Frühling.",
    "Der Zug fährt über die Brücke.", "Maji ya mto yanaongezeka wakati wa mvua.", "Mto unaanzia wapi?",
    "ارتفع ماء النهر في الربيع.", "أين ينبع النهر؟", "河水在春天上涨。", "这条河从哪里来？", "नदी का पानी वसंत में बढ़ता है।",
    "नदी कहाँ से निकलती है?", "春になると川の水が増える。", "この川はどこから来ますか。", "น้ำในแม่น้ำเพิ่มขึ้นในฤดูใบไม้ผลิ",
    "แม่น้ำมาจากไหน", "Весной вода в реке поднимается.", "Откуда течёт река?", "nadi ka paani kahan se aata hai",
    "nadi ka water level spring mein badhta hai", "مياه the river ترتفع في spring", "query: passage: "]

TEXTS = {
    "english": "Where does the water rise?", "german": "Die Brücke über den Fluss", "swahili": "Maji ya mto wapi?",
    "arabic": "أين ماء النهر في الربيع؟", "chinese": "这条河的水从哪里来？", "hindi": "नदी का पानी कहाँ से निकलता है?",
    "japanese": "川の水はどこから来ますか。", "thai": "น้ำในแม่น้ำมาจากไหน", "russian": "Откуда вода в реке?",
    "romanised": "nadi ka paani kahan hai", "mixed": "nadi का water level बढ़ता है in spring", "wide": "ＷＡＴＥＲ ﬁsh  １２",
    "unknown": "𓀀 ⛰ ꧁", "space": "   ", "empty": "", "long": "river вода 水 " * 40}


def make_wordpiece(lower):
    """The vocabulary is counted out here: the trainer of tokenizers breaks ties by chance."""
    normalizer, splitter = normalizers.BertNormalizer(lowercase=lower), pre_tokenizers.BertPreTokenizer()
    words = collections.Counter(word for sentence in SENTENCES
                                for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(sentence)))
    pieces = collections.Counter()
    for word, count in words.items():
        for cut in range(len(word)):
            pieces[word[:cut + 1]] += count
            pieces["##" * (cut > 0) + word[cut:]] += count
            pieces["##" * (cut > 0) + word[cut]] += 4 * count
    best = sorted(pieces, key=lambda piece: (-pieces[piece] * (len(piece) > 2) - pieces[piece], piece))
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *best][:240]
    tokenizer = tokenizers.Tokenizer(models.WordPiece({t: i for i, t in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, splitter
    tokenizer.add_special_tokens(vocabulary[:5])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def train_unigram(folder, old):
    """XLM-R's form: SentencePiece's pieces behind <s> <pad> </s> <unk>, and <mask> at the end. The character map has four
    rules, so that the file is small. transformers writes such a tokenizer.json in two ways; mE5 and BGE-M3 have the old one."""
    rules = folder / "rules.tsv"
    rules.write_text("".join(f"{' '.join(f'{ord(c):X}' for c in a)}\t{' '.join(f'{ord(c):X}' for c in b)}\n" for a, b in (
        ("Ａ", "A"), ("Ｗ", "W"), ("ﬁ", "fi"), ("\u304b\u3099", "\u304c"), ("１", "1"), ("　", " "))))
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES), model_writer=model, vocab_size=260, model_type="unigram",
        character_coverage=0.98, normalization_rule_tsv=str(rules), hard_vocab_limit=False, minloglevel=2)
    rules.unlink()
    spec = proto.ModelProto()
    spec.ParseFromString(model.getvalue())
    pieces = [(p.piece, float(f"{p.score:.5g}")) for p in spec.pieces if p.type == p.NORMAL]
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *pieces, ("<mask>", 0.0)]
    tokenizer = tokenizers.Tokenizer(models.Unigram(vocabulary, unk_id=3, byte_fallback=False))
    precompiled = normalizers.Precompiled(spec.normalizer_spec.precompiled_charsmap)
    metaspace = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    if old:
        tokenizer.normalizer = precompiled
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), metaspace])
    else:
        tokenizer.normalizer = normalizers.Sequence([
            precompiled, normalizers.Strip(left=False, right=True),
            normalizers.Replace(tokenizers.Regex(" {2,}"), "▁")])
        tokenizer.pre_tokenizer = metaspace
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>",
                                  tokenizers.AddedToken("<mask>", lstrip=True, special=True)])
    return tokenizer


def train_byte_bpe():
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(SENTENCES, trainers.BpeTrainer(
        vocab_size=300, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True,
                                                            add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


class GteLayer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = torch.nn.ModuleDict({"qkv_proj": torch.nn.Linear(HIDDEN, 3 * HIDDEN),
                                              "o_proj": torch.nn.Linear(HIDDEN, HIDDEN)})
        self.mlp = torch.nn.ModuleDict({"up_gate_proj": torch.nn.Linear(HIDDEN, 2 * FFN, bias=False),
                                        "down_proj": torch.nn.Linear(FFN, HIDDEN)})
        self.attn_ln = torch.nn.LayerNorm(HIDDEN, eps=1e-12)
        self.mlp_ln = torch.nn.LayerNorm(HIDDEN, eps=1e-12)

    def forward(self, x, cos, sin):
        tokens, head = x.shape[0], HIDDEN // HEADS
        q, k, v = (part.view(tokens, HEADS, head).transpose(0, 1) for part in
                   self.attention["qkv_proj"](x).split(HIDDEN, dim=-1))

        def rotate(y):
            first, second = y.chunk(2, dim=-1)
            return y * cos + torch.cat((-second, first), dim=-1) * sin

        weights = (rotate(q) @ rotate(k).transpose(1, 2) / math.sqrt(head)).softmax(-1)
        attended = (weights @ v).transpose(0, 1).reshape(tokens, HIDDEN)
        x = self.attn_ln(x + self.attention["o_proj"](attended))
        up, gate = self.mlp["up_gate_proj"](x).split(FFN, dim=-1)
        return self.mlp_ln(x + self.mlp["down_proj"](torch.nn.functional.gelu(gate) * up))


class GteModel(torch.nn.Module):
    """Rotary positions with NTK scaling: the base is multiplied by the factor, and every frequency divided by
    factor^(2 / head width). No position table; one token type, or none."""
    BASE, FACTOR = 20000.0, 8.0

    def __init__(self, vocabulary):
        super().__init__()
        self.embeddings = torch.nn.ModuleDict({"word_embeddings": torch.nn.Embedding(vocabulary, HIDDEN),
                                               "token_type_embeddings": torch.nn.Embedding(1, HIDDEN),
                                               "LayerNorm": torch.nn.LayerNorm(HIDDEN, eps=1e-12)})
        self.encoder = torch.nn.ModuleDict({"layer": torch.nn.ModuleList([GteLayer() for _ in range(LAYERS)])})

    def forward(self, ids):
        head = HIDDEN // HEADS
        powers = torch.arange(0, head, 2).float() / head
        frequencies = 1.0 / (self.BASE * self.FACTOR) ** powers / self.FACTOR ** (2 / head)
        angles = torch.outer(torch.arange(len(ids)).float(), frequencies).repeat(1, 2)
        x = self.embeddings["word_embeddings"](ids) + self.embeddings["token_type_embeddings"].weight[0]
        x = self.embeddings["LayerNorm"](x)
        for layer in self.encoder["layer"]:
            x = layer(x, angles.cos(), angles.sin())
        return x


def randomise(model, seed):
    """Wide enough that a wrong tensor shows in every vector."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            noise = torch.randn(parameter.shape, generator=generator)
            norm = "LayerNorm.weight" in name or "_ln.weight" in name or "layer_norm.weight" in name
            parameter.copy_(1 + 0.1 * noise if norm else (0.25 if parameter.dim() > 1 else 0.1) * noise)


def stored(model, kind):
    """The numbers as the file holds them, widened again."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.to(kind).float())
    return model.eval()


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_modules(folder, names):
    base = "sentence_transformers.models."
    write_json(folder / "modules.json", [
        {"idx": i, "name": str(i), "path": path, "type": kind if "." in kind else base + kind}
        for i, (path, kind) in enumerate(names)])


def write_pooling(folder, way):
    write_json(folder / "1_Pooling" / "config.json", {
        "word_embedding_dimension": HIDDEN, "pooling_mode_cls_token": way == "cls",
        "pooling_mode_mean_tokens": way == "mean", "pooling_mode_max_tokens": False,
        "pooling_mode_mean_sqrt_len_tokens": False, "pooling_mode_weightedmean_tokens": False,
        "pooling_mode_lasttoken": way == "lasttoken", "include_prompt": True})


def sizes(vocabulary, **more):
    return dict(vocab_size=vocabulary, hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
                intermediate_size=FFN, attn_implementation="eager", **more)


class Case:
    """One folder: files first, then expected()."""

    def __init__(self, root, name, seed):
        self.name, self.seed, self.folder = name, seed, root / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.query_prompt = self.passage_prompt = ""
        self.max_tokens, self.sparse, self.vectors, self.dense = CONTEXT, None, None, None

    def save_tokenizer(self, tokenizer, end, **config):
        self.tokenizer, self.end = tokenizer, tokenizer.token_to_id(end)
        tokenizer.save(str(self.folder / "tokenizer.json"), pretty=False)
        write_json(self.folder / "tokenizer_config.json", {"model_max_length": CONTEXT, **config})

    def save_model(self, model, kind, config, drop=()):
        randomise(model, self.seed)
        self.model = stored(model, kind)
        self.tensors = {name: value.to(kind) for name, value in model.state_dict().items()
                        if value.is_floating_point() and name not in drop}
        write_json(self.folder / "config.json", {k: v for k, v in config.items() if k not in (
            "transformers_version", "dtype", "attn_implementation", "_attn_implementation")})

    def safetensors(self, name="model.safetensors", keep=lambda name: True):
        chosen = {k: v.contiguous() for k, v in self.tensors.items() if keep(k)}
        safetensors.torch.save_file(chosen, self.folder / name, metadata={"format": "pt"})
        return chosen

    def states(self, ids):
        ids = torch.tensor(ids)
        if isinstance(self.model, GteModel):
            return self.model(ids)
        base = getattr(self.model, self.model.base_model_prefix, self.model)
        return base(input_ids=ids[None], attention_mask=torch.ones(1, len(ids))).last_hidden_state[0]

    def expect(self):
        number = lambda x: float(f"{x:.6g}")
        rows = []
        for name, text in TEXTS.items():
            for prompt, put_before in (("query", self.query_prompt), ("passage", self.passage_prompt)):
                if prompt == "query" and (name not in ("thai", "empty") or put_before == self.passage_prompt):
                    continue
                ids = self.tokenizer.encode(put_before + text).ids
                row = {"name": name, "as": prompt, "text": text, "tokens_total": len(ids)}
                if len(ids) > self.max_tokens:
                    ids = ids[:self.max_tokens - 1] + [self.end]
                row["ids"] = ids
                with torch.no_grad():
                    states = self.states(ids)
                    if self.dense is not None:
                        row["dense"] = [number(x) for x in self.dense(states)]
                    if self.sparse is not None:
                        weights = self.sparse(torch.tensor(ids), states)
                        row["sparse"] = [[i, number(x)] for i, x in enumerate(weights.tolist()) if x > 0]
                    if name in ("english", "thai"):
                        vectors = self.vectors(states) if self.vectors is not None else states
                        vectors = torch.nn.functional.normalize(vectors, dim=-1)
                        row["multi_vector"] = [[number(x) for x in v] for v in vectors.tolist()]
                rows.append(row)
        made_by = (f"tools/make-golden/encoder_models.py, torch {torch.__version__.split('+')[0]}, "
                   f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}")
        head = {"made_by": made_by, "query_prompt": self.query_prompt, "passage_prompt": self.passage_prompt,
                "max_tokens": self.max_tokens}
        lines = ",\n".join(" " + json.dumps(row, ensure_ascii=False) for row in rows)
        (self.folder / "expected.json").write_text(
            json.dumps(head, ensure_ascii=False)[:-1] + f', "texts": [\n{lines}\n]}}\n', encoding="utf-8")
        size = sum(f.stat().st_size for f in self.folder.rglob("*") if f.is_file())
        print(f"{self.name}: {size} bytes, {self.tokenizer.get_vocab_size()} tokens", file=sys.stderr)


def unit(vector):
    return torch.nn.functional.normalize(vector, dim=-1).tolist()


def largest_by_token(vocabulary, left_out):
    """BGE-M3: of a token that comes twice the larger weight; special tokens weigh nothing."""
    def compute(linear, ids, states):
        weights = torch.relu(linear(states))[:, 0]
        result = torch.zeros(vocabulary)
        result = result.scatter_reduce(0, ids, weights, reduce="amax")
        result[left_out] = 0
        return result
    return compute


def splade(model):
    def compute(ids, _states):
        logits = model(input_ids=ids[None], attention_mask=torch.ones(1, len(ids))).logits[0]
        return torch.log1p(torch.relu(logits)).max(0).values
    return compute


def make_bert(root):
    """MiniLM's form: 32-bit numbers, mean of the tokens, prompts."""
    case = Case(root, "bert", 1)
    case.save_tokenizer(make_wordpiece(lower=True), "[SEP]", tokenizer_class="BertTokenizer", do_lower_case=True)
    config = transformers.BertConfig(**sizes(case.tokenizer.get_vocab_size(), max_position_embeddings=CONTEXT))
    config.architectures = ["BertModel"]
    case.save_model(transformers.BertModel(config), torch.float32, config.to_diff_dict())
    case.safetensors()
    write_modules(case.folder, [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")])
    write_pooling(case.folder, "mean")
    write_json(case.folder / "sentence_bert_config.json", {"max_seq_length": 48, "do_lower_case": False})
    write_json(case.folder / "config_sentence_transformers.json", {
        "prompts": {"query": "query: ", "document": "passage: "}, "default_prompt_name": None,
        "similarity_fn_name": "cosine"})
    case.query_prompt, case.passage_prompt, case.max_tokens = "query: ", "passage: ", 48
    case.dense = lambda states: unit(states.mean(0))
    case.expect()


def make_xlm_roberta(root):
    """mE5's form: 16-bit numbers in two pieces, 66 rows for 64 positions."""
    case = Case(root, "xlm-roberta", 2)
    case.save_tokenizer(train_unigram(case.folder, old=True), "</s>", tokenizer_class="XLMRobertaTokenizer")
    config = transformers.XLMRobertaConfig(**sizes(
        case.tokenizer.get_vocab_size(), max_position_embeddings=CONTEXT + 2, type_vocab_size=1, pad_token_id=1,
        layer_norm_eps=1e-5))
    config.architectures = ["XLMRobertaModel"]
    case.save_model(transformers.XLMRobertaModel(config), torch.float16, config.to_diff_dict())
    pieces = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    where = {}
    for i, piece in enumerate(pieces):
        where |= dict.fromkeys(case.safetensors(piece, lambda n, i=i: ("encoder.layer.1" in n) == (i == 1)), piece)
    write_json(case.folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": dict(sorted(where.items()))})
    write_modules(case.folder, [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")])
    write_pooling(case.folder, "mean")
    case.dense = lambda states: unit(states.mean(0))
    case.expect()


def make_labse(root):
    """LaBSE's form: the first token through a dense layer with tanh; files of PyTorch."""
    case = Case(root, "labse", 3)
    case.save_tokenizer(make_wordpiece(lower=False), "[SEP]", tokenizer_class="BertTokenizer", do_lower_case=False)
    config = transformers.BertConfig(**sizes(case.tokenizer.get_vocab_size(), max_position_embeddings=CONTEXT))
    config.architectures = ["BertModel"]
    case.save_model(transformers.BertModel(config), torch.float16, config.to_diff_dict())
    torch.save(case.tensors | {"embeddings.position_ids": torch.arange(CONTEXT)[None]}, case.folder / "pytorch_model.bin")
    dense = torch.nn.Linear(HIDDEN, 24)
    randomise(dense, 31)
    write_modules(case.folder, [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Dense", "Dense"),
                                ("3_Normalize", "Normalize")])
    write_pooling(case.folder, "cls")
    write_json(case.folder / "2_Dense" / "config.json", {
        "in_features": HIDDEN, "out_features": 24, "bias": True,
        "activation_function": "torch.nn.modules.activation.Tanh"})
    torch.save({f"linear.{n}": v.detach() for n, v in dense.named_parameters()},
               case.folder / "2_Dense" / "pytorch_model.bin")
    case.dense = lambda states: unit(torch.tanh(dense(states[0])))
    case.expect()


def make_gte(root):
    """GTE-multilingual's form, with the weights of tokens that its ...ForTokenClassification gives; bfloat16."""
    case = Case(root, "gte", 4)
    case.save_tokenizer(train_unigram(case.folder, old=False), "</s>", tokenizer_class="XLMRobertaTokenizer")
    vocabulary = case.tokenizer.get_vocab_size()
    config = dict(
        architectures=["NewModel", "NewForTokenClassification"], model_type="new", vocab_size=vocabulary,
        hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=FFN,
        hidden_act="gelu", max_position_embeddings=CONTEXT, type_vocab_size=1, layer_norm_type="layer_norm",
        layer_norm_eps=1e-12, position_embedding_type="rope", rope_theta=GteModel.BASE,
        rope_scaling={"factor": GteModel.FACTOR, "type": "ntk"}, logn_attention_scale=False, logn_attention_clip1=False,
        pack_qkv=True, unpad_inputs=False, use_memory_efficient_attention=False, pad_token_id=1)
    case.save_model(GteModel(vocabulary), torch.bfloat16, config)
    classifier = torch.nn.Linear(HIDDEN, 1)
    randomise(classifier, 41)
    stored(classifier, torch.bfloat16)
    case.tensors = {"new." + n: v for n, v in case.tensors.items()}
    case.tensors |= {"classifier." + n: v.detach().to(torch.bfloat16) for n, v in classifier.named_parameters()}
    case.safetensors()
    write_modules(case.folder, [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")])
    write_pooling(case.folder, "cls")
    case.dense = lambda states: unit(states[0])
    compute = largest_by_token(vocabulary, [0, 1, 2, 3])
    case.sparse = lambda ids, states: compute(classifier, ids, states)
    case.expect()


def make_bge_m3(root):
    """BGE-M3's form: two heads in files of their own."""
    case = Case(root, "bge-m3", 5)
    case.save_tokenizer(train_unigram(case.folder, old=True), "</s>", tokenizer_class="XLMRobertaTokenizer")
    vocabulary = case.tokenizer.get_vocab_size()
    config = transformers.XLMRobertaConfig(**sizes(
        vocabulary, max_position_embeddings=CONTEXT + 2, type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5))
    config.architectures = ["XLMRobertaModel"]
    case.save_model(transformers.XLMRobertaModel(config), torch.float16, config.to_diff_dict())
    torch.save(torch.nn.Module.state_dict(case.model.half()), case.folder / "pytorch_model.bin")
    case.model.float()
    heads = {"sparse_linear.pt": torch.nn.Linear(HIDDEN, 1), "colbert_linear.pt": torch.nn.Linear(HIDDEN, HIDDEN)}
    for i, (file, head) in enumerate(heads.items()):
        randomise(head, 51 + i)
        stored(head, torch.float16)
        torch.save(head.half().state_dict(), case.folder / file)
        head.float()
    write_modules(case.folder, [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")])
    write_pooling(case.folder, "cls")
    compute = largest_by_token(vocabulary, [0, 1, 2, 3])
    case.dense = lambda states: unit(states[0])
    case.sparse = lambda ids, states: compute(heads["sparse_linear.pt"], ids, states)
    case.vectors = lambda states: heads["colbert_linear.pt"](states[1:])
    case.expect()


def make_splade(root):
    """A masked language model with SPLADE's pooling, as sentence-transformers saves it; the output matrix is tied."""
    case = Case(root, "splade", 6)
    case.save_tokenizer(make_wordpiece(lower=True), "[SEP]", tokenizer_class="BertTokenizer", do_lower_case=True)
    config = transformers.BertConfig(**sizes(case.tokenizer.get_vocab_size(), max_position_embeddings=CONTEXT))
    config.architectures = ["BertForMaskedLM"]
    case.save_model(transformers.BertForMaskedLM(config), torch.float16, config.to_diff_dict(),
                    drop=("cls.predictions.decoder.weight", "cls.predictions.decoder.bias"))
    case.safetensors()
    sparse = "sentence_transformers.sparse_encoder.models."
    write_modules(case.folder, [("", sparse + "MLMTransformer.MLMTransformer"),
                                ("1_SpladePooling", sparse + "SpladePooling.SpladePooling")])
    write_json(case.folder / "1_SpladePooling" / "config.json", {
        "pooling_strategy": "max", "activation_function": "relu", "word_embedding_dimension": config.vocab_size})
    case.sparse = splade(case.model)
    case.expect()


def make_distilbert(root):
    """DistilBERT as SPLADE without any file of sentence-transformers, and with vocab.txt alone."""
    case = Case(root, "distilbert", 7)
    case.save_tokenizer(make_wordpiece(lower=True), "[SEP]", tokenizer_class="DistilBertTokenizer", do_lower_case=True)
    vocabulary = case.tokenizer.get_vocab()
    (case.folder / "vocab.txt").write_text("".join(t + "\n" for t in sorted(vocabulary, key=vocabulary.get)),
                                           encoding="utf-8")
    (case.folder / "tokenizer.json").unlink()
    config = transformers.DistilBertConfig(
        vocab_size=len(vocabulary), dim=HIDDEN, n_layers=LAYERS, n_heads=HEADS, hidden_dim=FFN,
        max_position_embeddings=CONTEXT, attn_implementation="eager", pad_token_id=0)
    config.architectures = ["DistilBertForMaskedLM"]
    case.save_model(transformers.DistilBertForMaskedLM(config), torch.float16, config.to_diff_dict(),
                    drop=("vocab_projector.weight",))
    case.safetensors()
    case.sparse = splade(case.model)
    case.expect()


def make_roberta(root):
    """RoBERTa's byte-level BPE, the last token, and an activation by tanh."""
    case = Case(root, "roberta", 8)
    case.save_tokenizer(train_byte_bpe(), "</s>", tokenizer_class="RobertaTokenizer")
    config = transformers.RobertaConfig(**sizes(
        case.tokenizer.get_vocab_size(), max_position_embeddings=CONTEXT + 2, type_vocab_size=1, pad_token_id=1,
        layer_norm_eps=1e-5, hidden_act="gelu_new"))
    config.architectures = ["RobertaModel"]
    case.save_model(transformers.RobertaModel(config), torch.float16, config.to_diff_dict())
    case.tensors = {"roberta." + n: v for n, v in case.tensors.items()}
    case.safetensors()
    write_modules(case.folder, [("", "Transformer"), ("1_Pooling", "Pooling")])
    write_pooling(case.folder, "lasttoken")
    write_json(case.folder / "config_sentence_transformers.json", {"prompts": {}, "similarity_fn_name": "dot"})
    case.dense = lambda states: states[-1].tolist()
    case.expect()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where a folder for each model is written")
    root = parser.parse_args().folder
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for make in (make_bert, make_xlm_roberta, make_labse, make_gte, make_bge_m3, make_splade, make_distilbert,
                 make_roberta):
        make(root)


if __name__ == "__main__":
    main()
