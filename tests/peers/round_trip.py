"""There and back: models of transformers through `aletheia sft` and `export`, and into transformers again.

Needs torch and transformers (5.24 was used); never part of `make check`, which has the half that needs neither
(tests/io_round_trip.c, tests/app_round_trip.sh).
    python tests/peers/round_trip.py [bin/aletheia]          (a minute)
For each of the reference models' kinds (tests/data/reference_models.py), with a vocabulary for
tests/data/tokenizer_base and positions for whole problems:
  - exported untouched, every tensor has the same bytes and nothing else is there;
  - `score` on the directory that transformers wrote gives transformers' log-probabilities;
  - after two steps of `sft`, `export` gives a directory that transformers loads, and whose log-probabilities there
    are those of `score` on the run's checkpoint.
Texts go through both tokenizers, ids must be the same.  transformers computes in float64 (reference_models.float64).
"""
import json, os, shutil, subprocess, sys, tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ALETHEIA = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(TOP, "bin/aletheia"))
DATA = os.path.join(TOP, "tests/data")
BOUND = 1e-5
sys.path.insert(0, DATA)

import reference_models as reference
import torch
import transformers
from safetensors.torch import load_file

TEXTS = [("<|im_start|>user\nWhich program adds two numbers?\n", "A: print(a + b)<|im_end|>"),
         ("def f(x):\n", "    return [y * 2 for y in x if y > 10]\n"),
         ("\u00e9t\u00e9 ", "caf\u00e9 \U0001f600\t\n  end"),
         ("<think>\n", " ".join("%d" % (i * 37 % 1000) for i in range(100)))]


def aletheia(*words):
    p = subprocess.run([ALETHEIA, *words], capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS="1"))
    assert p.returncode == 0, (words, p.stdout[-2000:], p.stderr[-2000:])
    return p.stdout


def score(where):
    with open("ask.jsonl", "w") as f:
        for prompt, completion in TEXTS:
            f.write(json.dumps(dict(prompt=prompt, completion=completion)) + "\n")
    return [json.loads(x)["logprobs"] for x in aletheia("score", where, "ask.jsonl").splitlines() if x.startswith("{")]


def theirs(where):
    """As [text][token]."""
    words = transformers.AutoTokenizer.from_pretrained(where)
    out = []
    with reference.float64(), torch.no_grad():
        model = reference.load(where)
        for prompt, completion in TEXTS:
            p, c = (words(x, add_special_tokens=False)["input_ids"] for x in (prompt, completion))
            logp = model(torch.tensor([p + c])).logits[0].log_softmax(-1)
            out.append([logp[len(p) + i - 1, t].item() for i, t in enumerate(c)])
    return out


def worst(a, b):
    assert [len(x) for x in a] == [len(x) for x in b], "different numbers of tokens"
    return max(abs(x - y) for p, q in zip(a, b) for x, y in zip(p, q))


def make(name):
    family, dtype, shard, fields = reference.MODELS[name]
    fields = dict(fields, vocab_size=907, max_position_embeddings=2048)
    config = getattr(transformers, family + "Config")(**fields)
    model = getattr(transformers, family + "ForCausalLM")(config)
    reference.randomize(model, 5, fields["tie_word_embeddings"])
    model.to(getattr(torch, dtype)).save_pretrained(name, **(dict(max_shard_size=shard) if shard else {}))
    shutil.copy(os.path.join(DATA, "tokenizer_base/tokenizer.json"), name)
    return dtype


def tensors(where):
    out = {}
    for f in os.listdir(where):
        if f.endswith(".safetensors"):
            out.update(load_file(os.path.join(where, f)))
    return out


def same_tensors(a, b, dtype):
    a, b = tensors(a), tensors(b)
    assert a.keys() == b.keys(), a.keys() ^ b.keys()
    for k in a:
        want = a[k].float() if dtype == "float16" else a[k]
        assert b[k].dtype == want.dtype and torch.equal(b[k], want), k
    return len(a)


with tempfile.TemporaryDirectory() as d:
    os.chdir(d)
    shutil.copy(os.path.join(DATA, "tiny.in"), d)
    aletheia("problems", "tiny.in")
    for name in reference.MODELS:
        dtype = make(name)
        aletheia("export", name, name + "-same", "model.dtype=" + ("bfloat16" if dtype == "bfloat16" else "float32"))
        n = same_tensors(name, name + "-same", dtype)
        before = score(name)
        first = worst(before, theirs(name))
        aletheia("sft", "tiny.in", f"run.dir={name}-run", "run.steps=2", f"model.dir={name}")
        aletheia("export", name + "-run", name + "-out", "model.dtype=float32")
        trained = score(name + "-run")
        moved, last = worst(trained, before), worst(trained, theirs(name + "-out"))
        print(f"RESULT peer=transformers model={name} tensors={n} tokens={sum(map(len, before))} imported={first:.2g} "
              f"trained_by={moved:.2g} exported={last:.2g}", flush=True)
        assert first < BOUND and last < BOUND and moved > 1000 * BOUND
