# Small models as transformers writes them, and what transformers computes with them: for tests/rl_reference.c.
#   python tests/data/reference_models.py [NAME...]     (torch 2.15, transformers 5.24; ten seconds)
# Makes tests/data/models/NAME/ with config.json and the weights as save_pretrained leaves them,
# config.older.json (the same model as files from before transformers 5 say it: rope_theta, rope_scaling,
# torch_dtype, no layer_types) and reference.ref.  Together the models have: tied and untied heads, one, four and
# eight query heads a key head, biases (Qwen2), normed queries and keys with a head_dim of its own (Qwen3), every
# rotary kind, sliding windows on some layers, float32 / bfloat16 / float16, one file and several.
#
# reference.ref is lines of text `key values`; after `logits` and `gradient` lines float32 numbers follow as bytes.
#   rows        the prompt's tokens 1.. given those before, then each continuation's tokens after the prompt
#   logp        log-probability of each row's token; logp_warm at `temperature`
#   logits      rows 0, 2, 4.. of [rows, vocabulary]
#   gradient    of sum_i coef[i] logp_warm[i], every tensor whole
#   greedy      continuation of the prompt by generate(), greedy_logp its log-probabilities
#   losses      mean(-logp) before each of ten AdamW steps (lr b1 b2 eps decay clip in `adamw`; decay on matrices)
# All of it is transformers' own code in float64: modules that ask for float32 (norms, softmax, rotary tables) are
# given float64 instead.  How far transformers in float32 is from that stands in the file's first lines.
#
# What the file is worth is checked here, or the script stops: both spellings of the configuration give the same
# logits; greedy choices are far from ties; leaving out what the model is there to show (its rotary scaling, its
# window) changes the logits by more than a hundred times what the test allows.
import contextlib
import copy
import json
import os
import platform
import shutil
import sys
import tempfile
import numpy
import torch
import transformers
from transformers import modeling_rope_utils
from transformers.models.llama import modeling_llama
from transformers.models.qwen2 import modeling_qwen2
from transformers.models.qwen3 import modeling_qwen3

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models")
ADAMW = dict(lr=3e-3, beta1=0.9, beta2=0.95, eps=1e-8, decay=0.1)
TEMPERATURE, GREEDY = 0.7, 24
torch.set_num_threads(1)
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


class Wide:
    """The torch module with float64 where float32 is asked for."""
    def __getattr__(self, name):
        return torch.float64 if name in ("float", "float32") else getattr(torch, name)


@contextlib.contextmanager
def float64():
    homes = [modeling_rope_utils, modeling_llama, modeling_qwen2, modeling_qwen3]
    narrow = torch.Tensor.float
    for m in homes:
        m.torch = Wide()
    torch.Tensor.float = torch.Tensor.double
    try:
        yield
    finally:
        torch.Tensor.float = narrow
        for m in homes:
            m.torch = torch


COMMON = dict(max_position_embeddings=128, rms_norm_eps=1e-6, bos_token_id=None, eos_token_id=None, pad_token_id=None)


def shape(vocab, width, layers, heads, kv_heads, ffn, tied, rope, **more):
    return dict(COMMON, vocab_size=vocab, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads,
                num_key_value_heads=kv_heads, intermediate_size=ffn, tie_word_embeddings=tied,
                rope_parameters=rope, **more)


# name: (family, dtype, files, configuration)
MODELS = {
    "qwen2-default": ("Qwen2", "float32", "60KB", shape(
        331, 32, 2, 4, 4, 56, True, dict(rope_type="default", rope_theta=1e6), use_sliding_window=False)),
    "qwen2-window": ("Qwen2", "float32", None, shape(
        300, 32, 3, 4, 1, 40, False, dict(rope_type="default", rope_theta=10000.0), use_sliding_window=True,
        sliding_window=16, max_window_layers=1)),
    "qwen2-yarn": ("Qwen2", "float16", None, shape(
        331, 48, 2, 4, 1, 72, True, dict(rope_type="yarn", rope_theta=1e4, factor=4.0,
                                         original_max_position_embeddings=32), use_sliding_window=False)),
    "qwen3-default": ("Qwen3", "float32", None, shape(
        331, 32, 2, 4, 1, 48, True, dict(rope_type="default", rope_theta=1e6), head_dim=16,
        use_sliding_window=False)),
    "qwen3-yarn": ("Qwen3", "bfloat16", None, shape(
        293, 36, 2, 8, 1, 52, False, dict(rope_type="yarn", rope_theta=1e4, factor=8.0, attention_factor=0.8,
                                          beta_fast=16.0, beta_slow=2.0, original_max_position_embeddings=16),
        head_dim=10, use_sliding_window=False)),
    "llama-linear": ("Llama", "float32", None, shape(
        300, 36, 2, 3, 3, 52, False, dict(rope_type="linear", rope_theta=1e4, factor=2.5))),
    "llama-llama3": ("Llama", "bfloat16", None, shape(
        331, 32, 2, 8, 2, 56, True, dict(rope_type="llama3", rope_theta=1e4, factor=8.0, low_freq_factor=1.0,
                                         high_freq_factor=4.0, original_max_position_embeddings=64), head_dim=16)),
    "llama-yarn": ("Llama", "float32", None, shape(
        307, 48, 2, 8, 1, 40, False, dict(rope_type="yarn", rope_theta=1e4, factor=6.0, mscale=1.2,
                                          mscale_all_dim=0.7, original_max_position_embeddings=20), head_dim=8)),
}


def randomize(model, seed, tied):
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            x = torch.randn(p.shape, generator=g)
            if "norm" in name:
                x = 1 + 0.2 * x
            elif name.endswith("bias"):
                x = 0.3 * x
            elif "embed" in name:
                x = 0.3 * x if tied else 0.6 * x
            else:
                x = 1.2 * x / p.shape[1] ** 0.5
            p.copy_(x)


def load(where, changes=None):
    """In float64, from the files; changes: fields of config.json."""
    with tempfile.TemporaryDirectory() as d:
        for name in os.listdir(where):
            shutil.copy(os.path.join(where, name), d)
        with open(os.path.join(d, "config.json")) as f:
            config = json.load(f)
        config.update(changes or {})
        with open(os.path.join(d, "config.json"), "w") as f:
            json.dump(config, f)
        return transformers.AutoModelForCausalLM.from_pretrained(
            d, dtype=torch.float64, attn_implementation="eager").eval()


def older(config):
    c = copy.deepcopy(config)
    rope = c.pop("rope_parameters")
    c["rope_theta"] = rope.pop("rope_theta")
    kind = rope.pop("rope_type")
    c["rope_scaling"] = dict(rope, type=kind) if kind != "default" else None
    if kind == "llama3":                                   # the one kind that was always written so
        c["rope_scaling"] = dict(rope, rope_type=kind)
    c["torch_dtype"] = c.pop("dtype")
    c.pop("layer_types", None)
    if c["model_type"] != "qwen3" and c.get("head_dim", 0) * c["num_attention_heads"] == c["hidden_size"]:
        c.pop("head_dim")
    if not c.get("use_sliding_window", True):              # published files give a window that is not in use
        c["sliding_window"], c["max_window_layers"] = 20, 0
    c["transformers_version"] = "4.46.0"
    return c


def all_logits(model, prompt, conts):
    """[rows, V]: the prompt alone, then each continuation behind it."""
    out = [model(input_ids=torch.tensor([prompt])).logits[0, :-1]]
    for c in conts:
        out.append(model(input_ids=torch.tensor([prompt + c])).logits[0, len(prompt) - 1:-1])
    return torch.cat(out)


def logps(model, prompt, conts, temperature):
    logits = all_logits(model, prompt, conts) / temperature
    target = torch.tensor(prompt[1:] + sum(conts, []))
    return torch.log_softmax(logits, -1).gather(1, target[:, None])[:, 0]


def adamw_steps(model, prompt, conts, clip):
    """Losses before, and norms of the gradient at, each of ten steps."""
    decays = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() == 1]
    opt = torch.optim.AdamW([dict(params=decays, weight_decay=ADAMW["decay"]), dict(params=plain, weight_decay=0.0)],
                            lr=ADAMW["lr"], betas=(ADAMW["beta1"], ADAMW["beta2"]), eps=ADAMW["eps"])
    losses, norms = [], []
    for _ in range(10):
        opt.zero_grad()
        loss = -logps(model, prompt, conts, 1.0).mean()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), clip).item())
        opt.step()
        losses.append(loss.item())
    return losses, norms


def adamw(model, prompt, conts):
    """Clipping at a norm that some of the steps have and some do not: AdamW does not feel a scale that all share."""
    norms = adamw_steps(copy.deepcopy(model), prompt, conts, 1e9)[1]
    clip = round(5 * (sorted(norms)[4] + sorted(norms)[5])) / 10
    losses, norms = adamw_steps(model, prompt, conts, clip)
    active = sum(x > clip for x in norms)
    assert 3 <= active <= 7, f"clipping at {clip} is active in {active} of ten steps"
    return clip, losses


def greedy(model, prompt):
    tokens = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                            max_new_tokens=GREEDY, do_sample=False, eos_token_id=None, pad_token_id=0)
    said = tokens[0, len(prompt):].tolist()
    logp = torch.log_softmax(all_logits(model, prompt, [said])[len(prompt) - 1:], -1)
    best = logp.topk(2, -1)
    assert len(said) == GREEDY and best.indices[:, 0].tolist() == said
    gap = (best.values[:, 0] - best.values[:, 1]).min().item()
    assert gap > 2e-3, f"greedy choices are too close: {gap}"
    return said, best.values[:, 0].tolist(), gap


def distance(a, b):
    return ((a - b).norm(dim=-1) / b.norm(dim=-1)).max().item()


def line(f, key, values):
    f.write((key + " " + " ".join(v if isinstance(v, str) else f"{v:.9g}" for v in values) + "\n").encode())


def block(f, x):
    f.write(x.detach().numpy().astype("<f4").tobytes())


def plain_rope(config):
    return dict(rope_parameters=dict(rope_type="default", rope_theta=config["rope_parameters"]["rope_theta"]))


def check_worth(where, config, logits, prompt, conts):
    told = {}
    if config["rope_parameters"]["rope_type"] != "default":
        told["rope"] = plain_rope(config)
        if "attention_factor" in config["rope_parameters"] or "mscale" in config["rope_parameters"]:
            told["factor"] = dict(rope_parameters={
                k: v for k, v in config["rope_parameters"].items()
                if k not in ("attention_factor", "mscale", "mscale_all_dim")})
    if config.get("use_sliding_window"):
        told["window"] = dict(use_sliding_window=False, layer_types=None)
        told["window+1"] = dict(sliding_window=config["sliding_window"] + 1)
        told["all layers"] = dict(max_window_layers=0, layer_types=None)
    for what, changes in told.items():
        d = distance(all_logits(load(where, changes), prompt, conts), logits)
        print(f"    without {what}: {d:.2g}")
        assert d > 2e-3, f"{what} makes no difference"


def make(name, family, dtype, shard, fields):
    where = os.path.join(OUT, name)
    shutil.rmtree(where, ignore_errors=True)
    os.makedirs(where)
    seed = sum(ord(c) * 31 ** i for i, c in enumerate(name)) % 2 ** 31
    config = getattr(transformers, family + "Config")(**fields)
    model = getattr(transformers, family + "ForCausalLM")(config)
    randomize(model, seed, fields["tie_word_embeddings"])
    model.to(getattr(torch, dtype)).save_pretrained(where, **(dict(max_shard_size=shard) if shard else {}))
    with open(os.path.join(where, "config.json")) as f:
        written = json.load(f)
    with open(os.path.join(where, "config.older.json"), "w") as f:
        json.dump(older(written), f, indent=2, sort_keys=True)
        f.write("\n")

    g = torch.Generator().manual_seed(seed + 1)
    draw = lambda n: torch.randint(0, fields["vocab_size"], (n,), generator=g).tolist()
    prompt, conts = draw(45), [draw(11), draw(1), draw(23)]
    narrow = transformers.AutoModelForCausalLM.from_pretrained(
        where, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        single = all_logits(narrow, prompt, conts).double()
    with float64():
        model = load(where)
        assert model.model.rotary_emb.inv_freq.dtype == torch.float64
        with torch.no_grad():
            logits = all_logits(model, prompt, conts)
            with tempfile.TemporaryDirectory() as d:
                for n in os.listdir(where):
                    shutil.copy(os.path.join(where, n), d)
                shutil.copy(os.path.join(where, "config.older.json"), os.path.join(d, "config.json"))
                assert torch.equal(all_logits(load(d), prompt, conts), logits), "the older spelling differs"
            check_worth(where, written, logits, prompt, conts)
            said, said_logp, gap = greedy(model, prompt)
        coef = torch.randn(logits.shape[0], generator=g).float()
        cold = logps(model, prompt, conts, 1.0).detach()
        warm = logps(model, prompt, conts, TEMPERATURE)
        (coef.double() * warm).sum().backward()
        grads = [(k, p.grad.clone()) for k, p in model.named_parameters()]
        clip, losses = adamw(model, prompt, conts)
    (coef * logps(narrow, prompt, conts, TEMPERATURE)).sum().backward()
    worst = max(((p.grad.double() - g).norm() / g.norm()).item() for (k, g), p in zip(grads, narrow.parameters()))
    print(f"{name}: float32 logits {distance(single, logits):.2g}, gradients {worst:.2g}; greedy gap {gap:.2g} of "
          f"{len(set(said))} different, "
          f"largest logit {logits.abs().max():.3g}, loss {losses[0]:.4f} to {losses[-1]:.4f}, clipped at {clip}")
    with open(os.path.join(where, "reference.ref"), "wb") as f:
        line(f, "#", [f"torch {torch.__version__} transformers {transformers.__version__} "
                      f"python {platform.python_version()}"])
        line(f, "#", [f"transformers in float32 differs: logits {distance(single, logits):.2g}, gradients {worst:.2g}"])
        line(f, "prompt", prompt)
        for x in conts:
            line(f, "continue", x)
        line(f, "logp", cold.tolist())
        line(f, "temperature", [TEMPERATURE])
        line(f, "logp_warm", warm.tolist())
        line(f, "coef", coef.tolist())
        line(f, "greedy", said)
        line(f, "greedy_logp", said_logp)
        line(f, "adamw", [*ADAMW.values(), clip])
        line(f, "losses", losses)
        some = logits[::2]
        line(f, "logits", list(some.shape))
        block(f, some)
        for k, x in grads:
            rows, cols = (1, x.shape[0]) if x.dim() == 1 else x.shape
            line(f, "gradient", [k, rows, cols])
            block(f, x)


if __name__ == "__main__":
    for name in sys.argv[1:] or MODELS:
        make(name, *MODELS[name])
