#!/usr/bin/env python3
"""Makes tokenizer_gaps/tokenizer.json and tokenizer_gaps.json: a byte-level vocabulary in which bytes have no token.

    pip install tokenizers        (the committed files: version 0.23.3, Python 3.11)
    python tests/data/tokenizer_gaps.py

The vocabulary of tokenizer_base without the tokens that need one of the bytes GAPS, numbered anew, with tokens <0xXX>
for some of them and one token that only ignore_merges finds.  tokenizer_gaps.json: variants (fields of `model`), and for
each string its ids in each variant as FNV-1a over int32; strings hold missing bytes between, around and inside words,
and runs of them, some longer than 48 bytes.
"""
import json
import os
import random
import struct

from tokenizers import Tokenizer, pre_tokenizers

from tokenizer_reference import fnv

HERE = os.path.dirname(os.path.abspath(__file__))
GAPS = [0x00, 0x01, 0x02, 0x04, 0x11, 0x7F, 0x9F, 0xC0, 0xC1, 0xC3] + list(range(0xF5, 0x100)) + [ord(c) for c in "qZ~"]
FALLBACK = ["q", "\x04", "\x7f", "~"]            # bytes that byte_fallback finds
VARIANTS = [{}, {"unk_token": "the"}, {"unk_token": "the", "fuse_unk": True}, {"byte_fallback": True}, {"ignore_merges": True},
            {"unk_token": "the", "fuse_unk": True, "byte_fallback": True}, {"unk_token": "the", "byte_fallback": True}]
STRINGS = 240


def letters():
    """byte -> its letter in the byte-level alphabet"""
    visible = [b for b in range(256) if 33 <= b < 127 or 161 <= b < 173 or b >= 174]
    other = [b for b in range(256) if b not in visible]
    return {**{b: chr(b) for b in visible}, **{b: chr(256 + i) for i, b in enumerate(other)}}


def strings(rng):
    odd = ["q", "Z", "~", "\0", "\x01", "\x04", "\x11", "\x7f", "\u00e9", "\u00df", "\u009f", "\U0001F600", "\u4e9f", "qq", "~~~"]
    plain = ["the", " ", "int", "return", "e", "a", "  ", "\n", "self", ".", "(", "re", "in", "s", "1", "\u4e00", "<|im_end|>", "'s"]
    out = ["", "q", "qq", "aqb", "q~Z", "\0", "th\x04e", "the\x7f", " q", "q ", "qzzyzx", "zqz", "inqt", "r\u00e9turn"]
    while len(out) < STRINGS:
        n = rng.choice((2, 5, 9, 20)) if len(out) % 8 else 90
        glue = rng.random() < 0.3
        out.append("".join(rng.choice(odd if rng.random() < 0.4 else plain[:1] * 3 + ["in", "re", "e"] if glue else plain)
                           for _ in range(n)))
    return out


def main():
    rng, letter = random.Random(11), letters()
    assert set(letter.values()) == set(pre_tokenizers.ByteLevel.alphabet())
    with open(os.path.join(HERE, "tokenizer_base", "tokenizer.json"), encoding="utf-8") as f:
        tree = json.load(f)
    model, gone = tree["model"], {letter[b] for b in GAPS}
    kept = [t for t in sorted(model["vocab"], key=model["vocab"].get) if not gone & set(t)]
    names = [f"<0x{u:02X}>" for c in FALLBACK for u in letter[ord(c)].encode()]
    kept += [n for i, n in enumerate(names) if n not in names[:i]] + [letter[ord("q")] + "zzyzx"]
    model["vocab"] = {t: i for i, t in enumerate(kept)}
    model["merges"] = [m for m in model["merges"] if not gone & set("".join(m)) and "the" not in m]
    tree["normalizer"] = None
    tree["added_tokens"] = [{"id": len(kept), "content": "<|im_end|>", "single_word": False, "lstrip": False, "rstrip": False,
                             "normalized": False, "special": True}]
    texts, rows = strings(rng), []
    os.makedirs(os.path.join(HERE, "tokenizer_gaps"), exist_ok=True)
    with open(os.path.join(HERE, "tokenizer_gaps", "tokenizer.json"), "w", encoding="utf-8") as f:
        json.dump(tree, f, ensure_ascii=False, separators=(",", ":"))
        f.write("\n")
    for v in VARIANTS:
        made = Tokenizer.from_str(json.dumps({**tree, "model": {**model, **v}}))
        ids = [made.encode(s, add_special_tokens=False).ids for s in texts]
        rows.append([fnv(struct.pack(f"<{len(i)}i", *i)) for i in ids])
    with open(os.path.join(HERE, "tokenizer_gaps.json"), "w", encoding="utf-8") as f:
        json.dump({"missing": len(GAPS), "variants": VARIANTS, "strings": texts, "hashes": rows}, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    main()
