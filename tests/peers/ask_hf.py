"""What a published model answers when it is asked our questions, by transformers instead of this program.

    python3 tests/peers/ask_hf.py MODEL FILE.h5 SUITE [-n LISTS] [-m instruct|think] [-t TEMPERATURE] [-k MAX_NEW]
                                  [-q QUESTION] [-p] [-a ALETHEIA]

The texts are those of `aletheia show FILE prompt N`, so both sides read the same bytes; where the
model has a chat template, what stands around the question must be what apply_chat_template puts there.  Prints how many answers
hold a box, how many parse, and how many are right; -p prints the answers.  Needs torch, transformers, h5py.
"""
import argparse, re, subprocess, sys
import h5py, torch
from transformers import AutoModelForCausalLM, AutoTokenizer

p = argparse.ArgumentParser()
p.add_argument("model"), p.add_argument("file"), p.add_argument("suite")
p.add_argument("-n", type=int, default=40), p.add_argument("-m", default="instruct")
p.add_argument("-t", type=float, default=0.6), p.add_argument("-k", type=int, default=256)
p.add_argument("-q", default="full"), p.add_argument("-a", default="bin/aletheia")
p.add_argument("-b", type=int, default=20), p.add_argument("-p", action="store_true")
o = p.parse_args()
torch.manual_seed(1)

with h5py.File(o.file) as f:
    names = {v: k for k, v in h5py.check_enum_dtype(f["list/suite"].dtype).items()}
    suite = [names[int(x)] for x in f["list/suite"][:]]
    right = f["list/answer"][:]
    at = f["list/program/offset"][:]
size = [int(b - a) for a, b in zip(at, at[1:])]
lists = [i for i, s in enumerate(suite) if s == o.suite][: o.n]


def prompt(i):
    out = subprocess.run([o.a, "show", o.file, "prompt", str(i), o.m, o.model, "prompt.question=" + o.q],
                         capture_output=True, text=True, check=True).stdout
    return out.split("\n", 3)[3][:-1]


BOX = re.compile(r"\\boxed\{")


def letter(text, n):
    """As src/testbed/answer.c reads it."""
    if o.m == "think" and "</think>" not in text:
        return None
    text = text.rsplit("</think>", 1)[-1]
    m = BOX.search(text)
    if not m:
        return None
    depth, at = 1, m.end()
    while at < len(text) and depth:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    inside = text[m.end() : at - 1] if not depth else ""
    while True:
        was = inside
        inside = inside.strip()
        inside = re.sub(r"^\\[a-z]+\s*\{(.*)\}$", r"\1", inside, flags=re.S)
        for a, b in ("{}", "()", "[]", ("**", "**"), "**", "$$", "``", '""', "''"):
            if len(inside) >= len(a) + len(b) and inside.startswith(a) and inside.endswith(b):
                inside = inside[len(a) : -len(b)]
        inside = re.sub(r"[.,:;)]$", "", inside)
        if inside == was:
            break
    return ord(inside) - 65 if len(inside) == 1 and "A" <= inside <= chr(64 + n) else None


tok = AutoTokenizer.from_pretrained(o.model)
model = AutoModelForCausalLM.from_pretrained(o.model, dtype=torch.float32).eval()
tok.padding_side = "left"
if tok.chat_template:
    mark = [{"role": "user", "content": "@@@"}]
    head, tail = tok.apply_chat_template(mark, tokenize=False, add_generation_prompt=True).split("@@@")
    text = prompt(lists[0])
    if not text.startswith(head) or tail not in text or (o.m == "instruct" and not text.endswith(tail)):
        sys.exit("the frame is not that of apply_chat_template")
boxes = parsed = hits = closed = 0
chance = 0.0
for at in range(0, len(lists), o.b):
    part = lists[at : at + o.b]
    texts = [prompt(i) for i in part]
    x = tok(texts, return_tensors="pt", padding=True, add_special_tokens=False)
    with torch.no_grad():
        how = dict(do_sample=True, temperature=o.t, top_p=0.95, top_k=0) if o.t > 0 else dict(do_sample=False)
        y = model.generate(**x, max_new_tokens=o.k, pad_token_id=tok.eos_token_id, **how)
    for i, text, row in zip(part, texts, y):
        answer = tok.decode(row[x["input_ids"].shape[1] :], skip_special_tokens=True)
        n = size[i]
        got = letter(answer, n)
        boxes += "\\boxed{" in answer
        closed += "</think>" in answer
        parsed += got is not None
        hits += got == int(right[i])
        chance += 1 / n
        if o.p:
            print(f"--- list {i}, {n} candidates, right {chr(65 + int(right[i]))}, read {got}\n{answer}")
n = len(lists)
print(f"{o.m} question={o.q} temperature={o.t} lists={n} boxes={boxes} closed={closed} parsed={parsed} right={hits} "
      f"({hits / n:.3f}, chance {chance / n:.3f})")
