# PyTorch on the work of `aletheia bench model DIR`: training step and prefill of the shape of a config.json.
#   python tests/peers/model_torch.py DIR/config.json [threads [WAY,WAY.. [prefill|train]]]      (torch, transformers)
# Random weights; 4 sequences of 512 tokens.  Training: forward, loss of every token, backward, clipping,
# AdamW.  Prefill: forward that keeps keys, logits of the last position only.  Every way that people use
# is tried, the best of each type counts: eager and torch.compile, float32, bfloat16 parameters, and
# float32 parameters under autocast to bfloat16 (the one that keeps a float32 master, as aletheia does).
import gc
import sys
import time
import torch
import transformers

config = transformers.AutoConfig.from_pretrained(sys.argv[1])
THREADS = int(sys.argv[2]) if len(sys.argv) > 2 else 2
WAYS = sys.argv[3].split(",") if len(sys.argv) > 3 and sys.argv[3] else None
ONLY = sys.argv[4] if len(sys.argv) > 4 else None
B, T, REPEAT = 4, 512, 5
torch.set_num_threads(THREADS)
torch.manual_seed(1)
tokens = torch.randint(0, config.vocab_size, (B, T + 1))


def median(f):
    times = []
    f()
    for _ in range(REPEAT):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return sorted(times)[REPEAT // 2]


def say(what, way, seconds):
    print(f"RESULT peer={what} way={way} threads={THREADS} seconds={seconds:.3f} tokens_per_s={B * T / seconds:.1f}", flush=True)


def measure(name, dtype, autocast, compiled):
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=dtype, attn_implementation="sdpa")
    call = torch.compile(model) if compiled else model
    cast = torch.autocast("cpu", torch.bfloat16, enabled=autocast)
    if ONLY != "train":
        with torch.no_grad(), cast:
            say("prefill", name, median(lambda: call(input_ids=tokens[:, :T], use_cache=True, logits_to_keep=1)))
    if ONLY == "prefill":
        return
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6, weight_decay=0.01, fused=True)

    def step():
        optimizer.zero_grad()
        with cast:
            logits = call(input_ids=tokens[:, :T], use_cache=False).logits
            loss = torch.nn.functional.cross_entropy(logits.reshape(B * T, -1).float(), tokens[:, 1:].reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    say("train", name, median(step))
    del model, call, optimizer, step
    gc.collect()
    torch._dynamo.reset()


for name, dtype, autocast in (("bfloat16", torch.bfloat16, False), ("autocast", torch.float32, True), ("float32", torch.float32, False)):
    for compiled in (False, True):
        way = name + ("-compile" if compiled else "")
        if WAYS and way not in WAYS:
            continue
        try:
            measure(way, dtype, autocast, compiled)
        except Exception as e:
            print(f"{way}: {type(e).__name__}: {str(e)[:200]}", flush=True)
