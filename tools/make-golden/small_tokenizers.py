#!/usr/bin/env python3
"""Makes the golden values of tokenizers: small vocabularies, and ids by the programs that they come from.

    pip install tokenizers sentencepiece protobuf
    tools/make-golden/small_tokenizers.py tests/golden

FOLDER/encoder_texts.json holds the texts, on which the vocabularies are trained as well; FOLDER/tokenizers.json is
written. "hugging_face" has whole tokenizer.json files and ids by Hugging Face's tokenizers; "sentence_piece" has pieces
(text, score, kind) and ids by SentencePiece. The committed file was made with tokenizers 0.23.3 and sentencepiece 0.2.1.
"""
import io
import json
import sys
from importlib.metadata import version
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
MORE = ["", " ", "a", "  two  spaces ", "don't WE'LL it's", "12345 1,234.5 ١٢٣ ½", "e\u0301te\u0301 \u00e9t\u00e9",
        "a\u0000b", "\u0301", "line\n\n  next\r\n\tlast", "\u2581 \u2581a", "x" * 101,
        "\U0001F469\u200D\U0001F467 \U0001F44D"]


def by_hugging_face(texts):
    def byte_level(expression):
        return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(expression), "isolated"),
                                        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    for name, lowercase in (("WordPiece cased", False), ("WordPiece uncased", True)):
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=700, special_tokens=special,
                                                                       show_progress=False))
        tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
        yield name, tokenizer
    for name, cut, normalizer in (
            ("BPE of GPT-2", pre_tokenizers.ByteLevel(add_prefix_space=False), None),
            ("BPE of RoBERTa", pre_tokenizers.ByteLevel(add_prefix_space=True), None),
            ("BPE of Llama 3", byte_level(LLAMA3), None),
            ("BPE of Qwen 2", byte_level(LLAMA3.replace("{1,3}", "")), normalizers.NFC())):
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = cut
        if normalizer is not None:
            tokenizer.normalizer = normalizer
        tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
            vocab_size=450, special_tokens=["<s>", "</s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False))
        yield name, tokenizer


def by_sentence_piece(texts):
    for name, options in (("unigram", {}), ("unigram with bytes", {"byte_fallback": True}),
                          ("unigram with symbols", {"user_defined_symbols": ["<tag>", "水"]})):
        model = io.BytesIO()
        size = 900 if "byte_fallback" in options else 650
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts), model_writer=model, vocab_size=size, hard_vocab_limit=False,
            model_type="unigram", normalization_rule_name="identity", character_coverage=0.99, minloglevel=2,
            **options)
        proto = sentencepiece_model_pb2.ModelProto()
        proto.ParseFromString(model.getvalue())
        processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
        yield name, [[piece.piece, piece.score, piece.type] for piece in proto.pieces], processor


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    # Hugging Face reads special tokens in a text as control, which is the one thing that we do otherwise.
    texts = [text["text"] for text in json.loads((folder / "encoder_texts.json").read_text())["texts"]
             if "text" in text and not text["name"].endswith("_spelled")]
    asked = texts + MORE
    golden = {"made_by": f"tools/make-golden/small_tokenizers.py, tokenizers {version('tokenizers')}, "
                         f"sentencepiece {version('sentencepiece')}",
              "texts": asked, "hugging_face": [], "sentence_piece": []}
    for name, tokenizer in by_hugging_face(texts):
        ids = [encoding.ids for encoding in tokenizer.encode_batch(asked, add_special_tokens=False)]
        golden["hugging_face"].append({"name": name, "tokenizer": json.loads(tokenizer.to_str()), "ids": ids})
    for name, pieces, processor in by_sentence_piece(texts):
        golden["sentence_piece"].append({"name": name, "pieces": pieces, "ids": [processor.encode(t) for t in asked]})
    (folder / "tokenizers.json").write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
