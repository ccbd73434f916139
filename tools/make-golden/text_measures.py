#!/usr/bin/env python3
"""Makes tests/golden/text_measures.json: BLEU, chrF and chrF++ of texts in many languages, by sacrebleu.

    pip install sacrebleu==2.6.0
    tools/make-golden/text_measures.py tests/golden

The texts are written for this project. Each is judged alone, and all of them together.
"""
import json
import sys
from pathlib import Path

import sacrebleu
from sacrebleu.metrics import BLEU, CHRF

TEXTS = [  # name, what was written, right versions
    ("english", "The cat sat on the red mat, purring.",
     ["The cat sat on the mat and purred.", "A cat was purring on the mat."]),
    ("symbols", "It costs $3,500.50 (e.g. 10-20% off) & \"more\"... really?!",
     ["It costs $3,500.50 (i.e. 10-25 % off) &amp; &quot;more&quot;, really!"]),
    ("numbers", "On 1.5.2024 at 10:30, 7,5 km - or 1,000 m.", ["On 1.5.2024 at 10.30, 7.5 km -- or 1000 m ."]),
    ("arabic", "تبدأ المدرسة في الساعة الثامنة صباحًا، أليس كذلك؟",
     ["تبدأ المدرسة عند الساعة الثامنة صباحا، أليس كذلك؟", "المدرسة تفتح أبوابها في الثامنة."]),
    ("chinese", "学校早上八点开始上课，对吗？", ["学校在早上八点开始上课，是吗？"]),
    ("hindi", "स्कूल सुबह आठ बजे शुरू होता है, है न?",
     ["विद्यालय सुबह आठ बजे शुरू होता है।", "स्कूल आठ बजे खुलता है।"]),
    ("japanese", "学校は朝八時に始まりますよね。", ["学校は朝の８時に始まります。"]),
    ("thai", "โรงเรียนเริ่มแปดโมงเช้าใช่ไหม", ["โรงเรียนเริ่มเรียนตอนแปดโมงเช้าใช่หรือไม่"]),
    ("russian", "Школа начинается в восемь часов утра, не так ли?",
     ["Уроки в школе начинаются в восемь утра, верно?"]),
    ("swahili", "Shule inaanza saa mbili asubuhi, sivyo?", ["Shule huanza saa mbili asubuhi, au sivyo?"]),
    ("romanised", "school subah aath baje shuru hota hai na?", ["School subah 8 baje shuru hota hai, na?"]),
    ("code-switched", "Kal ka meeting postpone ho gaya, please सबको बता दो.",
     ["Kal ki meeting postpone ho gayi है, please सबको बता दो।"]),
    ("emoji and wide spaces", "やった 🎉🎉　今日 は 休み だ\u00a0！", ["やったー🎉　今日は休みだ！"]),
    ("same", "Mji mkuu wa Kenya ni Nairobi.", ["Mji mkuu wa Kenya ni Nairobi."]),
    ("nothing in common", "abc def", ["uvw xyz"]),
    ("one word", "ndiyo", ["ndiyo"]),
    ("too short for 4-grams", "a b c", ["a b c d e f"]),
    ("empty", "", ["something"]),
    ("beside nothing", "something", [""]),
    ("trailing space and lines", "line one-\ncontinued\nline two <skipped>  ", ["line onecontinued line two"]),
    ("brackets of words", "(hello) 'world' [x] - y", ["(hello 'world [x] - y!"]),
]


def scores(metric, hypotheses, references):
    most = max(len(of_one) for of_one in references)
    columns = [[of_one[i] if i < len(of_one) else None for of_one in references] for i in range(most)]
    return metric.corpus_score(hypotheses, columns).score


def main(folder: Path):
    hypotheses = [written for _, written, _ in TEXTS]
    references = [right for _, _, right in TEXTS]
    entries = []
    for name, written, right in TEXTS:
        entries.append({"name": name, "text": written, "references": right, "values": {
            "bleu 13a": BLEU(tokenize="13a", effective_order=True).sentence_score(written, right).score,
            "bleu char": BLEU(tokenize="char", effective_order=True).sentence_score(written, right).score,
            "chrf": CHRF().sentence_score(written, right).score,
            "chrf++": CHRF(word_order=2).sentence_score(written, right).score,
            "chrf 3 1": CHRF(char_order=3, word_order=1, beta=1).sentence_score(written, right).score}})
    corpus = {"bleu 13a": scores(BLEU(tokenize="13a"), hypotheses, references),
              "bleu char": scores(BLEU(tokenize="char"), hypotheses, references),
              "chrf": scores(CHRF(), hypotheses, references),
              "chrf++": scores(CHRF(word_order=2), hypotheses, references),
              "chrf 3 1": scores(CHRF(char_order=3, word_order=1, beta=1), hypotheses, references)}
    lines = ",\n".join("    " + json.dumps(entry, ensure_ascii=False) for entry in entries)
    (folder / "text_measures.json").write_text(
        f'{{\n  "made_by": "tools/make-golden/text_measures.py, sacrebleu {sacrebleu.__version__}",\n'
        f'  "corpus": {json.dumps(corpus)},\n  "texts": [\n{lines}\n  ]\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
