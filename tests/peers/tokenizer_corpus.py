"""Ids and decoded text of our tokenizer against the `tokenizers` package, on a corpus of strings of every kind.

Needs tokenizers (0.23.3 was used; the rule for young characters in src/io/late.c is that version's); never part of
`make check`, whose tests/io_tokenizer.c holds a small part of this with stored numbers.
    make build/opt/tests/io_tokenizer
    python tests/peers/tokenizer_corpus.py [--strings 100000] [--seed 1] [--only NAME ...] [--program PATH]
Trains a small byte-level BPE on local text once for each variant of pre-tokenizer, writes the tokenizer.json files to
a temporary directory, and compares for each variant: ids with and without special tokens, decoded text with and
without special tokens, and, for bytes that are not UTF-8, our own rule (the bytes come back, and the valid parts are
encoded as if alone).  Prints how many strings differ, and fails if any does.
"""
import argparse
import json
import os
import random
import struct
import subprocess
import sys
import sysconfig
import tempfile

os.environ["RUST_BACKTRACE"] = "0"
from tokenizers import AddedToken, Tokenizer, models, trainers

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data"))
from tokenizer_reference import byte_level, digits, sequence, split

CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d"
QWEN = ("(?i:" + CONTRACTIONS + r")|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA = QWEN.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
DEEPSEEK = (r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"
            r"|\s*[\r\n]+|\s+(?!\S)|\s+").replace(r"\"", '"')
CJK = "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:" + CONTRACTIONS + r")?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:" + CONTRACTIONS + r")?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
OURS = r" ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s*[\r\n]+|\s+(?!\S)|\s+"
MARKED = QWEN.replace(r"?\p{L}+", r"?[\p{L}\p{M}]+").replace(r"[^\s\p{L}\p{N}]", r"[^\s\p{L}\p{M}\p{N}]")


def form(name):
    return {"type": name}


VARIANTS = {
    "gpt2": dict(pre=byte_level(regex=True)),
    "gpt2-space": dict(pre=byte_level(prefix=True, regex=True)),
    "qwen2": dict(norm=form("NFC"), pre=sequence(split(QWEN, "Isolated"), byte_level())),
    "llama3": dict(ignore=True, pre=sequence(split(LLAMA, "Isolated"), byte_level())),
    "deepseek-v3": dict(norm={"type": "Sequence", "normalizers": []}, pre=sequence(
        split(r"\p{N}{1,3}", "Isolated"), split(CJK, "Isolated"), split(DEEPSEEK, "Isolated"), byte_level())),
    "deepseek-coder": dict(pre=sequence(
        split(r"[\r\n]", "Isolated"), split(r"\s?\p{L}+", "Isolated"), split(r"\s?\p{P}+", "Isolated"),
        split("[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+", "Isolated"), digits(True), byte_level())),
    "o200k": dict(pre=sequence(split(O200K, "Isolated"), byte_level())),
    "marked": dict(norm=form("NFC"), pre=sequence(split(MARKED, "Isolated"), byte_level())),
    "ours": dict(pre=sequence(split(OURS, "Isolated"), byte_level())),
    "digits": dict(norm=form("NFC"), pre=sequence(digits(False), byte_level(regex=True))),
    "each-digit": dict(norm=form("NFD"), pre=sequence(digits(True), byte_level(prefix=True, regex=True))),
    "nfkc": dict(norm=form("NFKC"), pre=sequence(split(QWEN, "Isolated"), byte_level())),
    "nfkd": dict(norm=form("NFKD"), pre=sequence(split(QWEN, "Isolated"), byte_level())),
    "glue": dict(pre=sequence(split("[aeiou]", "MergedWithPrevious"), split("[,.;(]", "MergedWithNext"),
                              split(r"\p{Lu}", "Contiguous"), split(r"\s", "Isolated", True), byte_level())),
    "drop": dict(pre=sequence(split("the", "Removed", kind="String"), split(r"[^\s]+", "Removed", True),
                              split("(", "MergedWithPrevious", True, "String"), byte_level())),
    "empty": dict(pre=sequence(split(r"(?=(?:\p{N}{3})+(?!\p{N}))", "Isolated"), split("x*", "Isolated"), byte_level())),
    "empty-glue": dict(pre=sequence(split("x*", "MergedWithNext"), split("[ab]*", "Contiguous"),
                                    split("(?<=c)", "MergedWithPrevious"), byte_level())),
    "flags": dict(norm=form("NFC"), flags=True, pre=sequence(split(QWEN, "Isolated"), byte_level())),
    "flags-nfkd": dict(norm=form("NFKD"), flags=True, ignore=True, pre=sequence(split(LLAMA, "Isolated"), byte_level(True))),
    "flags-gpt2": dict(flags=True, pre=byte_level(regex=True)),
    "gaps": dict(gaps={}, pre=byte_level(regex=True)),
    "gaps-whole": dict(gaps={"ignore_merges": True}, flags=True, pre=sequence(split(LLAMA, "Isolated"), byte_level())),
    "gaps-unknown": dict(gaps={"unk_token": "<none>"}, norm=form("NFC"), pre=sequence(split(QWEN, "Isolated"), byte_level())),
    "gaps-fused": dict(gaps={"unk_token": "<none>", "fuse_unk": True, "byte_fallback": True}, pre=byte_level(True, True)),
}
SPECIAL = [AddedToken(s, special=True, normalized=False) for s in
           ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<\uff5cbegin\u2581of\u2581sentence\uff5c>")]
PLAIN = [AddedToken("<tool>"), AddedToken("<|im_", normalized=False), AddedToken("<think>", normalized=False)]
FLAGS = [AddedToken("<l>", lstrip=True), AddedToken("<r>", rstrip=True, special=True), AddedToken("<b>", lstrip=True, rstrip=True),
         AddedToken("<w>", single_word=True), AddedToken("word", single_word=True, normalized=False),
         AddedToken("\u00e9t\u00e9", single_word=True), AddedToken("e\u0301x"), AddedToken("\ufb01n", special=True, normalized=True),
         AddedToken("\n\n", normalized=False), AddedToken("   ", rstrip=True), AddedToken("\u00a0", lstrip=True, normalized=False),
         AddedToken("wordy", normalized=False), AddedToken("<lw>", lstrip=True, single_word=True, special=True),
         AddedToken("\u212b"), AddedToken("_", single_word=True, rstrip=True), AddedToken("\u1100\u1161")]

SNIPPETS = r'''fn main() { let v: Vec<&'static str> = vec!["a"; 3]; println!("{:?}", v.iter().map(|x| x.len()).sum::<usize>()); }
func (s *Server) Serve(l net.Listener) error { defer l.Close(); for { rw, e := l.Accept(); if e != nil { return e } } }
public static void main(String[] args) throws IOException { System.out.println("Héllo\tWörld\u00e9"); /* ÄÖÜ */ }
const f = async (x) => { try { return await fetch(`${x}/api?q=${encodeURIComponent('é')}`) } catch { return null } };
quicksort (p:xs) = quicksort [x | x <- xs, x < p] ++ [p] ++ quicksort [x | x <- xs, x >= p] where p' = p
let rec fact n = if n <= 1 then 1 else n * fact (n - 1);; (* factorielle *)
def self.each(&block) = @items.each { |i| yield i unless i.nil? }  # Ruby's blocks
#include <stdio.h>	int main(void) { printf("%d\n", 0x7fff'ffff + 1e-9f); return 0; }
SELECT "naïve", COUNT(*) FROM t WHERE x LIKE '%_\%' ESCAPE '\' GROUP BY 1 HAVING COUNT(*)>=10;--end
begin writeln('It''s'); x := x + 1; end.    program Test;   var i: integer;
for f in *.c; do sed -i 's/\bfoo\b/bar/g' "$f" && echo "${f%.c}.o" | tr a-z A-Z >>out.$$; done
<p class="x">I'll don't WE'VE you'Re they'D it'S 'tis'nt</p> <!-- don''t -->   &nbsp;&#x1F600;
'''.split("\n")
WHITE = [" ", "  ", "    ", "\t", "\n", "\r\n", "\r", "\n\n", "\v", "\f", "\x1c", "\x1f", "\x85", "\xa0", "\u1680", "\u180e", "\u2000", "\u200a",
         "\u200b", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff", "        ", " \n", "\n ", "\t\t"]
EMOJI = ["\U0001F600", "\U0001F468\u200D\U0001F469\u200D\U0001F467", "\U0001F1E9\U0001F1EA", "\U0001F44D\U0001F3FD", "\u2764\uFE0F", "1\uFE0F\u20E3",
         "\U0001F3F4\U000E0067\U000E0062\U000E007F", "\U0001F9D1\U0001F3FF\u200D\u2695\uFE0F", "\u00a9", "\u2122", "\U0001FAE8", "\U0001FAE9"]
MARKS = [(0x300, 0x370), (0x483, 0x488), (0x591, 0x5C8), (0x64B, 0x660), (0x93C, 0x950), (0x9BE, 0x9D8), (0xB3E, 0xB58), (0xE31, 0xE3B),
         (0xEB1, 0xEBE), (0x1AB0, 0x1AD0), (0x1DC0, 0x1E00), (0x20D0, 0x20F1), (0x302A, 0x3030), (0x3099, 0x309B), (0xFE20, 0xFE30),
         (0x1161, 0x1176), (0x11A7, 0x11C3), (0x1D165, 0x1D173), (0x11930, 0x11931), (0x102B, 0x103F)]
BASES = ["a", "e", "E", "o", "\u0391", "\u0438", "\u05d0", "\u0627", "\u0915", "\u09c7", "\u0b47", "\u0e01", "\u1100", "\uac00", "\uac1c", "\u304b",
         "\u1025", "\U0001D157", "\U00011935", "\u212b", "\ufb1d", "\uf900", "\u2126", "\u00c5", "\u0f71", "\u1e9b"]
DIGITS = [0x30, 0x660, 0x6F0, 0x966, 0xE50, 0x1040, 0x17E0, 0x1810, 0x2460, 0x2150, 0x2070, 0x3007, 0xFF10, 0x1D7CE, 0x1FBF0, 0x16AC0, 0x1E950,
          0x11DE0, 0x10D40, 0xB2, 0xBC]
ASSIGNED = [(0, 0xD800), (0xE000, 0x17000), (0x17000, 0x19000), (0x1AFF0, 0x1FC00), (0x2A6D0, 0x2A710), (0x2B730, 0x2B830), (0x2CEA0, 0x2CEC0),
            (0x2EBD0, 0x2EE70), (0x2F800, 0x2FA30), (0x30000, 0x30010), (0x31340, 0x31360), (0x323A0, 0x323C0), (0xE0000, 0xE0200),
            (0xF0000, 0xF0010), (0x10FFF0, 0x110000), (0x3FFF0, 0x40010), (0x20000, 0x20010)]


def local_text(limit, rng):
    """Source and prose that this machine has, in a shuffled order."""
    paths = []
    for root in (sysconfig.get_paths()["stdlib"], "/usr/include", "/usr/share/doc", "/usr/share/perl"):
        for where, dirs, files in os.walk(root):
            dirs[:] = sorted(d for d in dirs if d not in ("site-packages", "__pycache__"))
            paths += [os.path.join(where, f) for f in sorted(files)
                      if f.endswith((".py", ".h", ".hpp", ".txt", ".md", ".rst", ".html", ".pl", ".pm", "copyright"))]
    rng.shuffle(paths)
    out, size = [], 0
    for p in paths:
        try:
            with open(p, encoding="utf-8") as f:
                s = f.read(200000)
        except (OSError, UnicodeDecodeError):
            continue
        out.append(s)
        size += len(s)
        if size > limit:
            break
    return out


def corpus(count, rng, texts):
    pieces = [t.content for t in SPECIAL + PLAIN + FLAGS] + ["<|", "|>", "im_end", "word", "ete\u0301", "\u00e9", "fin", "<", "A\u030a"]
    walked = [c for a, b in ASSIGNED for c in range(a, b)]

    def any_char():
        while True:
            c = rng.choice((rng.randrange(0x80), rng.randrange(0x800), rng.randrange(0x10000), rng.randrange(0x20000), rng.randrange(0x110000)))
            if not 0xD800 <= c < 0xE000:
                return chr(c)

    def marked():
        return rng.choice(BASES) + "".join(chr(rng.randrange(*rng.choice(MARKS))) for _ in range(rng.randrange(5)))

    def number():
        zero = rng.choice(DIGITS)
        return "".join(chr(zero + rng.randrange(10)) for _ in range(rng.randrange(1, 8)))

    def code():
        t = rng.choice(texts)
        at = rng.randrange(max(1, len(t)))
        return t[at:at + rng.randrange(200)]

    def touched():
        return "".join(rng.choice((rng.choice(pieces), rng.choice(pieces), rng.choice(WHITE), rng.choice(("a", "Z", "9", "_", ".", "\u0301", "'s")),
                                   any_char())) for _ in range(rng.randrange(1, 9)))

    def long():
        unit = rng.choice(("a", "ab", "=", " ", "\n", "\r\n", "9", "\u00e9", "the", "x y", "_", "\u4e00", "aB", "\t", "\U0001F600", "\x01", "-_", "'s", "\u0301"))
        return rng.choice(("", "x", " ", "\n")) + unit * rng.randrange(1, 400 // len(unit)) + rng.choice(("", "x", " y", "\n"))

    def apostrophes():
        return "".join(rng.choice(("'", "'", "s", "T", "re", "VE", "ll", "lL", "\u017f", "\u212a", "d", "M", " ", "x", "1", "\u2019", ".", "\u00df", "ve"))
                       for _ in range(rng.randrange(1, 10)))

    kinds = [code, code, lambda: rng.choice(SNIPPETS)[rng.randrange(20):], lambda: "".join(any_char() for _ in range(rng.randrange(1, 16))),
             lambda: "".join(marked() for _ in range(rng.randrange(1, 6))), lambda: "".join(rng.choice(EMOJI) + rng.choice(("", " ", "a")) for _ in range(rng.randrange(1, 6))),
             lambda: "".join(rng.choice(WHITE) if rng.random() < 0.7 else rng.choice("aB1.") for _ in range(rng.randrange(1, 12))),
             lambda: "".join(number() + rng.choice(("", " ", "a", ".", ",")) for _ in range(rng.randrange(1, 4))), touched, touched, long, apostrophes,
             lambda: "".join(chr(rng.randrange(128)) for _ in range(rng.randrange(1, 30)))]
    out = ["", " ", "\0", "\ufffd", "\U0010FFFF"]
    for at in range(0, len(walked), 12):                      # every assigned character, twelve at a time, apart and together
        chunk = [chr(c) for c in walked[at:at + 12]]
        out.append(rng.choice(("", " ", "a", ". ")).join(chunk))
    out = out if len(out) <= count * 2 // 3 else rng.sample(out, count * 2 // 3)
    while len(out) < count:
        out.append("".join(rng.choice(kinds)() for _ in range(1 if rng.random() < 0.75 else rng.randrange(2, 5))))
    return out


def write(directory, name, v, texts):
    t = Tokenizer(models.BPE())
    tree = json.loads(t.to_str())
    tree.update(normalizer=v.get("norm"), pre_tokenizer=v["pre"],
                decoder={"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True})
    t = Tokenizer.from_str(json.dumps(tree))
    t.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=4000, show_progress=False, limit_alphabet=256,
                                                     initial_alphabet=[c for c in byte_letters()]))
    t.add_special_tokens(SPECIAL)
    t.add_tokens(PLAIN)
    if v.get("flags"):
        for token in FLAGS:
            (t.add_special_tokens if token.special else t.add_tokens)([token])
    tree = json.loads(t.to_str())
    tree["model"]["ignore_merges"] = v.get("ignore", False)
    if v.get("ignore"):                                        # a token that no merge makes, as Llama 3 has some
        for word in ("\u0120zzyzx", "qqzqq"):
            tree["model"]["vocab"][word] = len(tree["model"]["vocab"])
        for i, token in enumerate(x for x in tree["added_tokens"] if x["content"] not in tree["model"]["vocab"]):
            token["id"] = len(tree["model"]["vocab"]) + i
    if "gaps" in v:
        leave_gaps(tree, v["gaps"])
    os.makedirs(os.path.join(directory, name))
    with open(os.path.join(directory, name, "tokenizer.json"), "w", encoding="utf-8") as f:
        json.dump(tree, f, ensure_ascii=False)
    return Tokenizer.from_str(json.dumps(tree))


def leave_gaps(tree, fields):
    """Some bytes have no token: control characters, parts of accented letters, q, ~; some have <0xXX> of their letters."""
    model, gone = tree["model"], set("qQ~\u0105\u0104\u0103\u00e7\u00c3\u00f0\u0121")
    kept = [t for t in sorted(model["vocab"], key=model["vocab"].get) if not gone & set(t)]
    kept += ["<none>"] + sorted({f"<0x{b:02X}>" for c in "q~\u0104\u0121" for b in c.encode()})
    model["vocab"] = {t: i for i, t in enumerate(kept)}
    model["merges"] = [m for m in model["merges"] if not gone & set("".join(m))]
    for i, token in enumerate(x for x in tree["added_tokens"] if x["content"] not in model["vocab"]):
        token["id"] = len(kept) + i
    for token in tree["added_tokens"]:
        token["id"] = model["vocab"].get(token["content"], token["id"])
    tree["added_tokens"].sort(key=lambda x: x["id"])
    model.update(fields)


def byte_letters():
    from tokenizers import pre_tokenizers
    return sorted(pre_tokenizers.ByteLevel.alphabet())


def ours(program, directory, mode, strings):
    """[(ids, decoded with special tokens, decoded without)]"""
    data = b"".join(struct.pack("<I", len(s)) + s for s in strings)
    p = subprocess.run([program, mode, directory], input=data, stdout=subprocess.PIPE)
    if p.returncode:
        sys.exit(f"{program} {mode} {directory}: exit {p.returncode}")
    out, at = [], 0
    for _ in strings:
        row = []
        for width in (4, 1, 1):
            n, = struct.unpack_from("<I", p.stdout, at)
            raw = p.stdout[at + 4:at + 4 + n * width]
            row.append(struct.unpack(f"<{n}i", raw) if width == 4 else raw)
            at += 4 + n * width
        out.append(row)
    return out


def lossy(raw):
    return raw.decode("utf-8", errors="replace")


def encode_all(theirs, strings):
    """The package's encodings; None where it panics (a token that strips to the left, within space that was stripped)."""
    if len(strings) > 1000:
        return [e for at in range(0, len(strings), 1000) for e in encode_all(theirs, strings[at:at + 1000])]
    try:
        return theirs.encode_batch_fast(strings, add_special_tokens=False)
    except BaseException as e:
        if type(e).__name__ != "PanicException":
            raise
        return [None] if len(strings) == 1 else [x for s in strings for x in encode_all(theirs, [s])]


def compare(name, theirs, program, directory, strings):
    raw, bad, shown, panics = [s.encode() for s in strings], 0, 0, 0
    for mode in ("encode", "encode-plain"):
        theirs.encode_special_tokens = mode == "encode-plain"
        made = ours(program, directory, mode, raw)
        want = encode_all(theirs, strings)
        for s, (ids, whole, plain), e in zip(strings, made, want):
            if e is None:
                panics += 1
                continue
            same = list(ids) == e.ids and (mode == "encode-plain" or (
                lossy(whole) == theirs.decode(e.ids, skip_special_tokens=False) and
                lossy(plain) == theirs.decode(e.ids, skip_special_tokens=True)))
            bad += not same
            if not same and shown < 5:
                shown += 1
                print(f"  {name} {mode}: {s!r}\n    theirs {e.ids}\n    ours   {list(ids)}")
    return bad, panics


def invalid(name, theirs, program, directory, rng, count):
    """Bytes that are not UTF-8: the rule of src/io/tokenizer.c."""
    theirs.encode_special_tokens = False
    pool = [b"a", b" the", b"\xff", b"\xe2\x82", b"\xc2", b"\x80", "\u20ac".encode(), b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"<|im_end|>", b"\0", b"\n", b"\xf0\x9f"]
    strings = [b"".join(rng.choice(pool) for _ in range(rng.randrange(1, 12))) for _ in range(count)]
    made, bad = ours(program, directory, "encode", strings), 0
    spelt = {}
    exact = VARIANTS[name].get("norm") is None and not VARIANTS[name].get("flags") and name not in ("drop", "gpt2-space", "each-digit")
    for s, (ids, whole, _) in zip(strings, made):
        runs, at = [], 0
        while at < len(s):
            try:
                s[at:].decode()
                good, end = len(s) - at, len(s)
            except UnicodeDecodeError as e:
                good, end = e.start, at + e.end
            if good:
                runs.append((True, s[at:at + good]))
            at += good
            if at < end:
                runs.append((False, s[at:end]))
            at = end
        merged = []                                            # neighbouring invalid parts are one run
        for ok, part in runs:
            if merged and not ok and not merged[-1][0]:
                merged[-1] = (False, merged[-1][1] + part)
            else:
                merged.append((ok, part))
        at, same = 0, not exact or whole == s
        for ok, part in merged:
            if ok:
                want = theirs.encode(part.decode(), add_special_tokens=False).ids
                same &= list(ids[at:at + len(want)]) == want
                at += len(want)
                continue
            left = len(part)
            while left > 0 and at < len(ids):
                if ids[at] not in spelt:
                    spelt[ids[at]] = len(theirs.id_to_token(ids[at]))  # a letter of the alphabet per byte
                left -= spelt[ids[at]]
                at += 1
            same &= left == 0
        bad += not (same and at == len(ids))
        if not (same and at == len(ids)) and bad < 3:
            print(f"  {name} invalid: {s!r} {ids}")
    return bad


def main():
    arg = argparse.ArgumentParser()
    arg.add_argument("--strings", type=int, default=100000)
    arg.add_argument("--seed", type=int, default=1)
    arg.add_argument("--only", nargs="*", default=list(VARIANTS))
    arg.add_argument("--dir", help="a directory with a tokenizer.json, instead of those made here")
    arg.add_argument("--program", default="build/opt/tests/io_tokenizer")
    a = arg.parse_args()
    rng = random.Random(a.seed)
    texts = local_text(20_000_000, rng)
    strings = corpus(a.strings, rng, texts)
    learn = [t[:20000] for t in texts[:100]] + rng.sample(strings, min(len(strings), 3000))
    total = 0
    if a.dir:
        theirs = Tokenizer.from_file(os.path.join(a.dir, "tokenizer.json"))
        theirs.no_truncation()
        theirs.no_padding()
        bad, panics = compare(a.dir, theirs, a.program, a.dir, strings)
        print(f"RESULT peer=tokenizer-corpus dir={a.dir} strings={len(strings)} differ={bad} package_panics={panics}", flush=True)
        sys.exit(bad != 0)
    with tempfile.TemporaryDirectory() as directory:
        for name in a.only:
            theirs = write(directory, name, VARIANTS[name], learn)
            where = os.path.join(directory, name)
            bad, panics = compare(name, theirs, a.program, where, strings)
            wrong = 0 if "gaps" in VARIANTS[name] else invalid(name, theirs, a.program, where, rng, 2000)
            print(f"RESULT peer=tokenizer-corpus variant={name} strings={len(strings)} differ={bad} package_panics={panics} invalid_strings=2000 wrong={wrong}", flush=True)
            total += bad + wrong
    sys.exit(total != 0)


if __name__ == "__main__":
    main()
