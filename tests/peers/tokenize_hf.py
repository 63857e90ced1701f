"""Tokenizing side by side: `aletheia bench tokenizer` and the `tokenizers` package on one core, in turn.

Needs tokenizers; never part of `make check`.
    python tests/peers/tokenize_hf.py [--dir DIR --file FILE] [--vocab 130000] [--aletheia bin/aletheia]
DIR: a directory with a tokenizer.json.  Without it a byte-level BPE in Qwen2's style is trained on local text (source and
documentation), and FILE is other local text.  Both sides get the file cut at line ends into texts of 16 KiB.  "cold" is the
first pass after loading.  Prints both rates, the best of three, and whether all ids are equal.
"""
import argparse
import hashlib
import os
import random
import re
import struct
import subprocess
import tempfile
import time

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from tokenizer_corpus import QWEN, local_text


def texts_of(data):
    at = 0
    while at < len(data):
        end = min(at + 16384, len(data))
        if end < len(data) and data[end - 1] != 10:
            line = data.find(b"\n", end)
            end = line + 1 if line >= 0 else len(data)
        yield data[at:end].decode("utf-8")
        at = end


def make(directory, vocab):
    texts = local_text(60_000_000, random.Random(1))
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(QWEN), "isolated"),
                                               pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = decoders.ByteLevel()
    half = len(texts) // 2
    t.train_from_iterator(texts[:half], trainers.BpeTrainer(vocab_size=vocab, show_progress=False, min_frequency=0,
                                                            initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    t.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    t.save(os.path.join(directory, "tokenizer.json"))
    path = os.path.join(directory, "text")
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write("\n".join(texts[half:])[:20_000_000])
    return path


def ids_by_c(program, directory, texts):
    """All ids of ours, by the test program: the bench prints only how many."""
    data = b"".join(struct.pack("<I", len(s)) + s for s in (t.encode() for t in texts))
    out, at, h = subprocess.run([program, "encode", directory], input=data, stdout=subprocess.PIPE, check=True).stdout, 0, hashlib.sha256()
    while at < len(out):
        n, = struct.unpack_from("<I", out, at)
        h.update(out[at + 4:at + 4 + 4 * n])
        at += 4 + 4 * n
        for _ in range(2):
            at += 4 + struct.unpack_from("<I", out, at)[0]
    return h.hexdigest()


def main():
    arg = argparse.ArgumentParser()
    arg.add_argument("--dir")
    arg.add_argument("--file")
    arg.add_argument("--vocab", type=int, default=130000)
    arg.add_argument("--aletheia", default="bin/aletheia")
    arg.add_argument("--program", default="build/opt/tests/io_tokenizer")
    a = arg.parse_args()
    with tempfile.TemporaryDirectory() as made:
        directory, path = (a.dir, a.file) if a.dir else (made, make(made, a.vocab))
        with open(path, "rb") as f:
            texts = list(texts_of(f.read()))
        rate, cold, warm, tokens = {}, float("inf"), float("inf"), 0
        for _ in range(3):
            out = subprocess.run([a.aletheia, "bench", "tokenizer", directory, path], capture_output=True, text=True, check=True).stdout
            row = dict(re.findall(r"(\S+)=(\S+)", next(x for x in out.splitlines() if x.startswith("RESULT"))))
            for k in ("cold_tokens_per_s", "warm_tokens_per_s"):
                rate[k] = max(rate.get(k, 0), float(row[k]))
            theirs = Tokenizer.from_file(os.path.join(directory, "tokenizer.json"))
            for first in (True, False):
                start, h, tokens = time.perf_counter(), hashlib.sha256(), 0
                spent = 0.0
                for s in texts:
                    start = time.perf_counter()
                    ids = theirs.encode(s, add_special_tokens=False).ids
                    spent += time.perf_counter() - start
                    tokens += len(ids)
                    h.update(struct.pack(f"<{len(ids)}i", *ids))
                cold, warm = (min(cold, spent), warm) if first else (cold, min(warm, spent))
        same = int(row["tokens"]) == tokens and ids_by_c(a.program, directory, texts) == h.hexdigest()
        import tokenizers
        print(f"RESULT peer=tokenize tokenizers={tokenizers.__version__} vocab={row['vocab']} bytes={row['bytes']} tokens={tokens} same_ids={int(same)} "
              f"aletheia_cold_tokens_per_s={rate['cold_tokens_per_s']:.0f} tokenizers_cold_tokens_per_s={tokens / cold:.0f} "
              f"ratio_cold={rate['cold_tokens_per_s'] * cold / tokens:.1f} aletheia_warm_tokens_per_s={rate['warm_tokens_per_s']:.0f} "
              f"tokenizers_warm_tokens_per_s={tokens / warm:.0f} ratio_warm={rate['warm_tokens_per_s'] * warm / tokens:.1f}")
        raise SystemExit(not same)


if __name__ == "__main__":
    main()
