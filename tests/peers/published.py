"""A published model, as it was published, through every verb, its numbers beside those of transformers.

    python tests/peers/published.py MODEL_DIR [bin/aletheia]        (needs torch and transformers; some minutes)

MODEL_DIR is what `save_pretrained` of a model and its tokenizer wrote; nothing in it is touched.  In float32 and in
bfloat16: plan, show list, sample (greedy), score, eval, two steps of sft, two of train, export, and what was exported
loaded again by transformers and by us.  Compared are
  - the prompt of `show list` with apply_chat_template of the same question, text and tokens;
  - log-probabilities of `score` with those of transformers (float32 with float32; bfloat16 with float32 arithmetic
    on the rounded weights, what is left of the difference being our rounded activations);
  - greedy continuations, token for token (float32);
  - the model after training, exported: transformers' log-probabilities on it with `score` on the checkpoint.
Prints one line for each and ends with 1 where a bound is broken.
"""
import json, os, re, subprocess, sys, tempfile

import torch
import transformers

MODEL = os.path.abspath(sys.argv[1])
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ALETHEIA = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else os.path.join(TOP, "bin/aletheia"))
BOUND = dict(float32=1e-3, bfloat16=0.35)       # of a log-probability; of the mean over tokens a hundredth of it
TEXTS = [("The capital of France is", " Paris, and it lies on the Seine."),
         ("def add(a, b):\n", "    return a + b\n"),
         ("Once upon a time", " there was a small model that read programs all day long."),
         ("caf\u00e9 \u00fcber ", "na\u00efve \U0001f600 done\n\n\tend")]
DECK = """[data]
problems = bank.h5
[model]
dir = {model}
dtype = {dtype}
[recipe]
name = grpo-instruct
prompts = 2
group = 2
max_new = 48
overlong_cache = 8
lr = 1e-5
micro_tokens = 2048
[sampler]
max_prompt = 1500
width = 8
[sft]
batch = 2
[eval]
suites = heldout
limit = 4
max_new = 96
max_prompt = 1500
[run]
steps = 2
dir = {run}
"""
bad = 0


def aletheia(*words):
    p = subprocess.run([ALETHEIA, *words], capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS="2"))
    assert p.returncode == 0, "%s ended with %d\n%s%s" % (words, p.returncode, p.stdout[-3000:], p.stderr[-3000:])
    return p.stdout


def say(what, dtype, text, broken=False):
    global bad
    bad |= broken
    print("%-26s %-9s %s%s" % (what, dtype, text, "   BEYOND THE BOUND" if broken else ""), flush=True)


def score(where, dtype):
    with open("ask.jsonl", "w") as f:
        for prompt, completion in TEXTS:
            f.write(json.dumps(dict(prompt=prompt, completion=completion)) + "\n")
    out = aletheia("score", where, "ask.jsonl", "model.dtype=" + dtype)
    return [json.loads(x)["logprobs"] for x in out.splitlines() if x.startswith("{")]


def theirs(where, dtype):
    """Log-probabilities of the completions, as [text][token]; the model and the tokenizer."""
    words = transformers.AutoTokenizer.from_pretrained(where)
    model = transformers.AutoModelForCausalLM.from_pretrained(where, dtype=getattr(torch, dtype)).float().eval()
    out = []
    with torch.no_grad():
        for prompt, completion in TEXTS:
            p, c = words(prompt)["input_ids"], words(completion, add_special_tokens=False)["input_ids"]
            logp = model(torch.tensor([p + c])).logits[0].log_softmax(-1)
            out.append([logp[len(p) + i - 1, t].item() for i, t in enumerate(c)])
    return out, model, words


def compare(what, dtype, a, b):
    assert [len(x) for x in a] == [len(x) for x in b], "different numbers of tokens"
    d = [abs(x - y) for p, q in zip(a, b) for x, y in zip(p, q)]
    say(what, dtype, "largest difference of %d log-probabilities %.2g, mean %.2g" % (len(d), max(d), sum(d) / len(d)),
        max(d) > BOUND[dtype] or sum(d) / len(d) > BOUND[dtype] / 10)


def asked(words, dtype):
    """The prompt of list 0 is what the model's own template makes of the question."""
    out = aletheia("show", "list", "bank.h5", "0", "model.dir=" + MODEL)
    opened = words.apply_chat_template([dict(role="user", content="\x00")], tokenize=False, add_generation_prompt=True)
    before, after = opened.split("\x00")
    say("prompt", dtype, "template's beginning and end are there",
        before not in out or after.rstrip("\n") not in out[out.find(before) + len(before):])


def continued(model, words, dtype):
    text = TEXTS[0][0]
    ids = torch.tensor([words(text)["input_ids"]])
    mine = aletheia("sample", MODEL, text, "sampler.temperature=0", "sampler.max_new=24", "model.dtype=" + dtype)
    with torch.no_grad():
        other = words.decode(model.generate(ids, attention_mask=ids * 0 + 1, do_sample=False, max_new_tokens=24)[0, ids.shape[1]:],
                             skip_special_tokens=True)
    same = other.strip() and other.strip() in mine
    say("greedy continuation", dtype, "equal" if same else "ours %r, theirs %r" % (mine, other), not same and dtype == "float32")


def learned(dtype, deck, verb):
    run = "run-%s-%s" % (verb, dtype)
    with open(deck, "w") as f:
        f.write(DECK.format(model=MODEL, dtype=dtype, run=run))
    log = aletheia(verb, deck)
    lines = [x for x in log.splitlines() if re.match(r"\s*(step|plan|prompt|question)", x)]
    say(verb, dtype, "; ".join(x.strip() for x in lines[-1:])[:140])
    aletheia("export", run, "out-" + run)
    other, _, _ = theirs("out-" + run, dtype)
    compare("%s, export, loaded" % verb, dtype, score(run, dtype), other)


def main():
    aletheia("problems", os.path.join(TOP, "input/demo.in"), "problems.train=12", "problems.heldout=12", "problems.out=bank.h5")
    aletheia("plan", MODEL)
    for dtype in "float32", "bfloat16":
        other, model, words = theirs(MODEL, dtype)
        asked(words, dtype)
        compare("score", dtype, score(MODEL, dtype), other)
        continued(model, words, dtype)
        deck = "deck-%s.in" % dtype
        with open(deck, "w") as f:
            f.write(DECK.format(model=MODEL, dtype=dtype, run="none"))
        result = [x for x in aletheia("eval", deck, "eval.model=" + MODEL).splitlines() if x.startswith("RESULT")]
        say("eval", dtype, result[0][:140])
        for verb in "sft", "train":
            learned(dtype, deck, verb)
    return bad


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        os.chdir(where)
        code = main()
        os.chdir(TOP)
    sys.exit(code)
