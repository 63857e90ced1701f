#!/usr/bin/env python3
"""Makes tokenizer_base/tokenizer.json, tokenizer_variants.json and tokenizer_strings.bin.

    pip install tokenizers        (the committed files: version 0.23.3, Python 3.11)
    python tests/data/tokenizer_reference.py

A small byte-level BPE is trained in Qwen2's style; the variants replace its normalizer and its
pre_tokenizer.  tokenizer_strings.bin, little-endian, holds for each string: uint16 length, its UTF-8
bytes, uint16 count and uint16 ids of variant 0, uint32 FNV-1a of variant 0's decoded text without special
tokens, then for each variant uint16: FNV-1a over its ids as int32, high half xor low half.
"""
import inspect
import json
import os
import random
import struct
import textwrap

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
QWEN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK = (r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"""
            r"|\s*[\r\n]+|\s+(?!\S)|\s+")
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
STRINGS = 4000


def split(pattern, behavior, invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def byte_level(prefix=False, regex=False):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}


def sequence(*items):
    return {"type": "Sequence", "pretokenizers": list(items)}


def digits(single):
    return {"type": "Digits", "individual_digits": single}


VARIANTS = [
    {"normalizer": {"type": "NFC"}, "pre_tokenizer": sequence(split(QWEN, "Isolated"), byte_level())},
    {"normalizer": None, "pre_tokenizer": byte_level(regex=True)},
    {"normalizer": None, "pre_tokenizer": byte_level(prefix=True, regex=True)},
    {"normalizer": None, "ignore_merges": True,
     "pre_tokenizer": sequence(split(QWEN.replace(r"\p{N}|", r"\p{N}{1,3}|"), "Isolated"), byte_level())},
    {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}]},
     "pre_tokenizer": sequence(digits(True), byte_level(True, True))},
    {"normalizer": {"type": "NFD"}, "pre_tokenizer": sequence(digits(False), byte_level(False, True))},
    {"normalizer": None, "pre_tokenizer": sequence(split("the", "Removed", kind="String"),
                                                   split("[aeiou]", "MergedWithPrevious"), byte_level())},
    {"normalizer": None, "pre_tokenizer": sequence(split("[,.;(]", "MergedWithNext"),
                                                   split(r"\p{Lu}", "Contiguous"),
                                                   split(r"\s", "Isolated", True), byte_level())},
    {"normalizer": None, "pre_tokenizer": sequence(split(r"[^\s]+", "Removed", True),
                                                   split("(", "MergedWithPrevious", True, "String"), byte_level())},
    {"normalizer": {"type": "Sequence", "normalizers": []}, "pre_tokenizer": sequence(
        split(r"\p{N}{1,3}", "Isolated"), split("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", "Isolated"), split(DEEPSEEK, "Isolated"),
        byte_level())},
    {"normalizer": None, "pre_tokenizer": sequence(
        split(r"[\r\n]", "Isolated"), split(r"\s?\p{L}+", "Isolated"), split(r"\s?\p{P}+", "Isolated"),
        split("[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+", "Isolated"), digits(True), byte_level())},
    {"normalizer": {"type": "NFKD"}, "pre_tokenizer": sequence(split(O200K, "Isolated"), byte_level())},
    {"normalizer": None, "pre_tokenizer": sequence(
        split(r"(?=(?:\p{N}{3})+(?!\p{N}))", "Isolated"), split("x*", "MergedWithNext"), split("[ab]*", "Contiguous"),
        split("(?<=c)", "MergedWithPrevious"), byte_level())},
]


def strings(rng, code):
    lines = code.split("\n")
    alphabets = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x390, 0x3D0), (0x410, 0x450), (0x5D0, 0x5EB),
                 (0x620, 0x650), (0x904, 0x93A), (0xE01, 0xE3B), (0x1100, 0x1113), (0x1161, 0x1176), (0x11A8, 0x11C3),
                 (0x2000, 0x2070), (0x3041, 0x3097), (0x4E00, 0x4F00), (0xAC00, 0xAC40), (0xFF01, 0xFF5E),
                 (0x1F600, 0x1F640), (0x31350, 0x31360), (0x1E4D0, 0x1E4FA), (0x11F00, 0x11F12), (0x1611E, 0x1612A), (0x0EB1, 0x0EBE),
                 (0x16D40, 0x16D79), (0x11DE0, 0x11DEA), (0x1CCD6, 0x1CD00), (0x10D40, 0x10D66), (0x2EBF0, 0x2EC00), (0x113B8, 0x113D0)]
    words = (["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|im_", "<|", "|>", "<mask>", " <mask> ", "<tool>", "<caf\u00e9>",
              "<cafe\u0301>", "<w>", "word", "<l>", "<r>", " <r>  ", "   <l>  ", "\n\n", "\u00c9x", "E\u0301x"],
             [" ", "  ", "\n", "\t", "\r\n", "    ", "\n\n", "\u3000", "\u00a0", "\x0b", "\u2028", "\u180e", "\u0085"],
             ["'s", "'T", "'re", "'VE", "'m", "'LL", "'d", "'\u017f", "don't", "I'M", "O\u212a"],
             ["abc", "the", "x1y2", "1234567", "THE", "_a_b", "\u00bd", "\u2160", "\ufb01", "\uac1c\u11a7", "e\u0301"])

    def char(alphabet=None):
        return chr(rng.randrange(*(alphabet or rng.choice(alphabets))))

    out = [""]
    while len(out) < STRINGS:
        kind = len(out) % 5
        if kind == 0:
            out.append(rng.choice(lines)[:60])
        elif kind == 1:
            at = rng.randrange(len(code))
            out.append(code[at:at + rng.randrange(60)])
        elif kind == 2:
            one = rng.choice((None, rng.choice(alphabets)))
            out.append("".join(char(one) for _ in range(rng.randrange(10))))
        elif len(out) % 100 == 3:                             # a long pre-token
            out.append("".join(rng.choice(("a", "t", "he", "in", "er", "re", "e", "s", "st")) for _ in range(rng.randrange(40, 200))))
        elif kind == 3:
            out.append("".join(rng.choice(rng.choice(words)) if rng.random() < 0.9 else char()
                               for _ in range(rng.randrange(7))))
        else:
            out.append("".join(rng.choice("aaab the") for _ in range(rng.randrange(40))))
    return out


def fnv(data):
    h = 0x811C9DC5
    for b in data:
        h = (h ^ b) * 0x01000193 & 0xFFFFFFFF
    return h


def main():
    rng = random.Random(7)
    code = "".join(inspect.getsource(m) for m in (textwrap, random, json.decoder, struct))
    texts = strings(rng, code)
    base = Tokenizer(models.BPE())
    base.normalizer = normalizers.NFC()
    base.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(tokenizers.Regex(QWEN), "isolated"),
         pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    base.decoder = decoders.ByteLevel()
    base.train_from_iterator([code] + texts[:1000], trainers.BpeTrainer(
        vocab_size=900, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    base.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>",
                             AddedToken("<mask>", lstrip=True, rstrip=True, special=True)])
    base.add_tokens([AddedToken("<tool>"), AddedToken("<|im_", normalized=False), AddedToken("<caf\u00e9>", normalized=True)])
    base.add_special_tokens([AddedToken("<r>", rstrip=True, normalized=True)])
    base.add_tokens([AddedToken("<w>", single_word=True), AddedToken("word", single_word=True, normalized=False), AddedToken("<l>", lstrip=True),
                     AddedToken("\n\n", normalized=False), AddedToken("E\u0301x", single_word=True)])
    tree = json.loads(base.to_str())
    os.makedirs(os.path.join(HERE, "tokenizer_base"), exist_ok=True)
    with open(os.path.join(HERE, "tokenizer_base", "tokenizer.json"), "w") as f:
        json.dump(tree, f, ensure_ascii=False, separators=(",", ":"))
    with open(os.path.join(HERE, "tokenizer_variants.json"), "w") as f:
        json.dump({"variants": VARIANTS}, f, indent=1)
    made = []
    for v in VARIANTS:
        tree.update(normalizer=v["normalizer"], pre_tokenizer=v["pre_tokenizer"])
        tree["model"]["ignore_merges"] = v.get("ignore_merges", False)
        made.append(Tokenizer.from_str(json.dumps(tree)))
    with open(os.path.join(HERE, "tokenizer_strings.bin"), "wb") as f:
        for s in texts:
            raw = s.encode()
            ids = [t.encode(s, add_special_tokens=False).ids for t in made]
            f.write(struct.pack("<H", len(raw)) + raw)
            f.write(struct.pack("<H%dH" % len(ids[0]), len(ids[0]), *ids[0]))
            f.write(struct.pack("<I", fnv(made[0].decode(ids[0], skip_special_tokens=True).encode())))
            for i in ids:
                h = fnv(struct.pack("<%di" % len(i), *i))
                f.write(struct.pack("<H", (h >> 16 ^ h) & 0xFFFF))


if __name__ == "__main__":
    main()
