"""Generation side by side: `aletheia bench generate` and transformers' generate on the same shapes, in turn.

Needs torch and transformers (any recent version); never part of `make check`.
    python tests/peers/generate_hf.py [--threads 1] [--aletheia bin/aletheia]
Eight prompts of 200 tokens, eight sampled answers of 40 tokens each, float32, the shape of the shipped model.
Every answer has 40 tokens: what continuous batching gives where answers end early is not in it (rollout_hf.py).
Prints both rates, best of three turns each, and their ratio.
"""
import argparse, os, re, subprocess, time

arg = argparse.ArgumentParser()
arg.add_argument("--threads", type=int, default=1)
arg.add_argument("--aletheia", default="bin/aletheia")
a = arg.parse_args()


def ours():
    out = subprocess.run([a.aletheia, "bench", "generate"], capture_output=True, text=True, check=True).stdout
    rows = [dict(re.findall(r"(\S+)=(\S+)", line)) for line in out.splitlines() if line.startswith("RESULT")]
    return float(next(r for r in rows if int(r["threads"]) == a.threads)["tokens_per_s"])


import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

torch.set_num_threads(a.threads)
torch.manual_seed(0)
config = Qwen2Config(vocab_size=640, hidden_size=128, num_hidden_layers=4, num_attention_heads=4,
                     num_key_value_heads=4, intermediate_size=384, max_position_embeddings=1024,
                     tie_word_embeddings=True)
model = Qwen2ForCausalLM(config).eval()
prompt = torch.randint(0, 640, (8, 200))
best, rate = float("inf"), 0
with torch.inference_mode():
    for run in range(4):
        if run:
            rate = max(rate, ours())
        start = time.perf_counter()
        got = model.generate(prompt, do_sample=True, temperature=1.0, top_k=0, top_p=1.0, max_new_tokens=40,
                             min_new_tokens=40, num_return_sequences=8, pad_token_id=0)
        took = time.perf_counter() - start
        assert got.shape == (64, 240)
        if run:
            best = min(best, took)
theirs = 64 * 40 / best
import transformers
print(f"RESULT peer=generate threads={a.threads} torch={torch.__version__} transformers={transformers.__version__} "
      f"aletheia_tokens_per_s={rate:.0f} transformers_tokens_per_s={theirs:.0f} ratio={rate / theirs:.2f}")
