"""A model directory of ours in other software: same token ids, same log-probabilities.

Needs torch and transformers (any recent version); never part of `make check`.
    python tests/peers/export_transformers.py MODEL_DIR [--aletheia bin/aletheia]
Loads the directory with AutoTokenizer and AutoModelForCausalLM (float32), scores texts, and compares with
`aletheia score` on the same directory: ids one by one (a text scored by its ids and by its words must
agree), log-probabilities by their largest difference.
"""
import argparse, json, os, subprocess, tempfile

arg = argparse.ArgumentParser()
arg.add_argument("model")
arg.add_argument("--aletheia", default="bin/aletheia")
a = arg.parse_args()

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

torch.manual_seed(0)
tokenizer = AutoTokenizer.from_pretrained(a.model)
model = AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.float32).eval()
pairs = [("<|im_start|>user\nAdd 12 and 30.\nA:\n    print(a + b)\n<|im_end|>\n<|im_start|>assistant\n", "\\boxed{A}<|im_end|>"),
         ("def f(x):\n", "    return [y * 2 for y in x if y > 10]\n"),
         ("\u00e9t\u00e9 \u4f60\u597d ", "caf\u00e9 \U0001f600\t\n  end"),
         ("<think>\n", " ".join("%d" % (i * 37 % 1000) for i in range(60)))]
lines, wanted = [], []
for prompt, completion in pairs:
    p = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    c = tokenizer(completion, add_special_tokens=False)["input_ids"]
    lines += [{"prompt": prompt, "completion": completion}, {"tokens": p + c, "from": len(p)}]
    with torch.inference_mode():
        logp = model(torch.tensor([p + c])).logits[0].double().log_softmax(-1)
    wanted += 2 * [[logp[i - 1, t].item() for i, t in enumerate(p + c) if i >= len(p)]]
    assert tokenizer.decode(p + c) == prompt + completion

with tempfile.NamedTemporaryFile("w", suffix=".jsonl", delete=False) as f:
    f.write("".join(json.dumps(x) + "\n" for x in lines))
out = subprocess.run([a.aletheia, "score", a.model, f.name], capture_output=True, text=True, check=True).stdout
os.unlink(f.name)
got = [json.loads(x)["logprobs"] for x in out.splitlines() if x.startswith("{")]
assert [len(g) for g in got] == [len(w) for w in wanted], "different numbers of tokens"
assert got[0::2] == got[1::2], "text and ids of transformers' tokenizer score differently"
worst = max(abs(x - y) for g, w in zip(got, wanted) for x, y in zip(g, w))
print(f"RESULT peer=transformers tokens={sum(map(len, wanted[::2]))} largest_logprob_difference={worst:.3g}")
assert worst < 1e-4
