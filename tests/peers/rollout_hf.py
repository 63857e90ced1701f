"""The rollout of a real training step side by side: `aletheia train` and transformers' generate on the same prompts.

Needs torch, transformers and h5py (any recent version); never part of `make check`.
    python tests/peers/rollout_hf.py [--threads 1] [--aletheia bin/aletheia] [--rounds 3]
Draws problems by input/demo.in, makes one training step of that deck from the shipped model on as many ranks as
threads, and records it.  Its prompts (token ids from the record, eight samples each), its stop token, limit of length and
temperature are given to transformers' generate, in batches of 1 to 16 prompts, of which the fastest counts.
Tokens are those sampled up to the stop token; rounds alternate, and each side's best counts.
"""
import argparse, os, subprocess, tempfile, time

arg = argparse.ArgumentParser()
arg.add_argument("--threads", type=int, default=1)
arg.add_argument("--rounds", type=int, default=3)
arg.add_argument("--aletheia", default="bin/aletheia")
a = arg.parse_args()

import h5py, torch, transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

torch.set_num_threads(a.threads)
torch.manual_seed(0)
tokenizer = AutoTokenizer.from_pretrained("input/models/pocket")
model = AutoModelForCausalLM.from_pretrained("input/models/pocket", dtype=torch.float32).eval()
stop = model.generation_config.eos_token_id
stops = stop if isinstance(stop, list) else [stop]
pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else stops[0]
launch = ["mpirun", "-np", str(a.threads)]


def run(*words):
    subprocess.run([*launch, a.aletheia, *words], check=True, capture_output=True, text=True)


def ours(folder, k):
    """Tokens and seconds of one step's generation, and the prompts with their limit."""
    out = f"{folder}/run{k}"
    run("train", "input/demo.in", f"run.dir={out}", f"data.problems={folder}/problems.h5", "run.steps=1",
        "run.eval_every=0", "recipe.record_every=1")
    with h5py.File(f"{out}/run.h5") as f:
        phase = h5py.check_enum_dtype(f["phase/names"].dtype)["generate"]
        seconds = f["phase/seconds"][0, :, phase].max()
    with h5py.File(f"{out}/rollout/step-00000000.h5") as f:
        at, ids = f["sample/prompt_tokens/offset"][:], f["sample/prompt_tokens/data"][:]
        prompts = [ids[at[i]:at[i + 1]].tolist() for i in range(0, len(at) - 1, 8)]
        tokens = f["sample/tokens/offset"][-1]
    return tokens, seconds, prompts


def theirs(prompts, batch, max_new):
    """Tokens and seconds of transformers' generate, left-padded batches sorted by length."""
    order, tokens = sorted(prompts, key=len), 0
    start = time.perf_counter()
    with torch.inference_mode():
        for b in range(0, len(order), batch):
            part = order[b:b + batch]
            width = max(map(len, part))
            ids = torch.tensor([[pad] * (width - len(p)) + p for p in part])
            mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in part])
            got = model.generate(ids, attention_mask=mask, do_sample=True, temperature=1.0, top_k=0, top_p=1.0,
                                 max_new_tokens=max_new, num_return_sequences=8, pad_token_id=pad)[:, width:]
            ended = torch.zeros_like(got, dtype=torch.bool)
            for s in stops:
                ended |= got == s
            tokens += int((ended.long().cumsum(1) - ended.long() == 0).sum())
    return tokens, time.perf_counter() - start


with tempfile.TemporaryDirectory() as folder:
    run("problems", "input/demo.in", f"problems.out={folder}/problems.h5", "problems.train=120", "problems.heldout=20")
    best, peer, shape, mean = 0, 0, 0, 0
    for k in range(a.rounds):
        tokens, seconds, prompts = ours(folder, k)
        best = max(best, tokens / seconds)
        for batch in (1, 2, 4, 8, 16):
            n, took = theirs(prompts, batch, 128)
            if n / took > peer:
                peer, shape, mean = n / took, batch, n / len(prompts) / 8
    print(f"RESULT peer=rollout threads={a.threads} torch={torch.__version__} transformers={transformers.__version__} "
          f"prompts={len(prompts)} group=8 prompt_mean={sum(map(len, prompts)) / len(prompts):.0f} "
          f"answer_mean={tokens / len(prompts) / 8:.1f} aletheia_tokens_per_s={best:.0f} "
          f"transformers_tokens_per_s={peer:.0f} transformers_batch={shape} transformers_answer_mean={mean:.1f} ratio={best / peer:.2f}")
