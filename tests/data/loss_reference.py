# Losses and their derivatives by PyTorch's autograd, from the formulas, for tests/rl_loss_reference.c.
#   python tests/data/loss_reference.py          (torch 2.15; writes losses.ref beside it)
# Where trl (1.16) is installed, its own loss functions are called on the same tensors and must agree with the
# formulas: GRPOTrainer._compute_loss and DPOTrainer._compute_loss, with a stand-in for the trainer that has only
# the settings they read and a stand-in for the model that gives the stored log-probabilities.
#
# losses.ref, all numbers of inputs exact in float32, all arithmetic in float64:
#   set NAME
#   completion ADVANTAGE / logp .. / old .. / ref ..          (four lines for each completion of the set)
#   case NAME SET token|sequence token|sequence|constant LOW HIGH BETA MAX_NEW      ratio, normaliser, clip, KL
#   sums LOSS KL CLIPPED             KL: sum over tokens of k3; CLIPPED: tokens whose ratio's clip is active
#   coef ..                          dLoss/dlogp, all completions' tokens in order
#   pair BETA CHOSEN REJECTED REF_CHOSEN REF_REJECTED LOSS D_CHOSEN D_REJECTED
import os
import platform
from types import SimpleNamespace
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
ADVANTAGES = [1.25, -0.875, 0.0, 0.375, -1.75, 2.125]
LENGTHS = [5, 9, 3, 1, 7, 6]
#        ratio       normaliser  low    high   beta
CASES = {
    "grpo":            ("token", "sequence", 0.2, 0.2, 0.0),
    "grpo-kl":         ("token", "sequence", 0.2, 0.28, 0.04),
    "dapo":            ("token", "token", 0.2, 0.28, 0.0),
    "dapo-kl":         ("token", "token", 0.2, 0.28, 0.001),
    "dr-grpo":         ("token", "constant", 0.2, 0.2, 0.0),
    "dr-grpo-kl":      ("token", "constant", 0.1, 0.3, 0.5),
    "gspo":            ("sequence", "sequence", 3e-4, 4e-4, 0.0),
    "gspo-kl":         ("sequence", "sequence", 3e-4, 4e-4, 0.001),
    "gspo-dapo":       ("sequence", "token", 3e-4, 4e-4, 0.0),
}
MAX_NEW = 12
torch.manual_seed(20261127)


def float32(x):
    return x.float().double()


def make_set(token):
    """Log-ratios: of tokens, far out on both sides; or small, so that a sequence's mean is near GSPO's clip."""
    rows = []
    for i, (a, n) in enumerate(zip(ADVANTAGES, LENGTHS)):
        logp = float32(-0.05 - 1.5 * torch.rand(n).double() ** 2 * 3)
        r = 0.35 * torch.randn(n).double()
        if not token:
            r = 0.01 * r - 0.01 * r.mean() + [1e-4, -9e-4, 9e-4, -9e-4, 9e-4, 9e-4][i]
        rows.append(dict(a=a, logp=logp, old=float32(logp - r), ref=float32(logp + 0.4 * torch.randn(n).double())))
    return rows


SETS = {"token": make_set(True), "sequence": make_set(False)}


def formula(rows, ratio, normaliser, low, high, beta):
    """sum_t w_t [ -min(rho A, clip(rho) A) + beta k3 ]; also KL and clipped tokens."""
    loss, kl, clipped, near, sides = 0, 0, 0, 1.0, set()
    tokens = sum(len(r["logp"]) for r in rows)
    for r in rows:
        x, a, n = r["x"], r["a"], len(r["logp"])
        w = {"token": 1 / tokens, "sequence": 1 / (n * len(rows)), "constant": 1 / (MAX_NEW * len(rows))}[normaliser]
        d = x - r["old"]
        rho = d.exp() if ratio == "token" else d.mean().exp().expand(n)
        loss = loss - w * torch.minimum(rho * a, rho.clamp(1 - low, 1 + high) * a).sum()
        k3 = (r["ref"] - x).exp() - (r["ref"] - x) - 1
        loss = loss + w * beta * k3.sum()
        kl += k3.sum().item() if beta else 0
        clipped += int(((rho > 1 + high) & (a > 0) | (rho < 1 - low) & (a < 0)).sum())
        for side, out in ("high", rho > 1 + high), ("low", rho < 1 - low):
            sides |= {(side, a > 0)} if out.any() and a else set()
        near = min(near, (rho - 1 - high).abs().min().item(), (rho - 1 + low).abs().min().item())
    assert len(sides) == 4, "ratios outside the clip on both sides, with advantages of both signs"
    assert near > 1e-5, "a ratio is at the edge of the clip"
    return loss, kl, clipped


def stand_in(**settings):
    accelerator = SimpleNamespace(num_processes=1, device="cpu", sync_gradients=True, gather=lambda x: x,
                                  gather_for_metrics=lambda x: x, reduce=lambda x, reduction="sum": x)
    class Anything(dict):
        def __missing__(self, key):
            self[key] = []
            return self[key]
    return SimpleNamespace(accelerator=accelerator, model=SimpleNamespace(training=True), aux_loss_enabled=False,
                           _metrics=dict(train=Anything()), **settings)


def padded(rows, key):
    out = torch.zeros(len(rows), max(LENGTHS), dtype=torch.float64)
    for i, r in enumerate(rows):
        out[i, :len(r["logp"])] = r[key]
    return out


def trl_policy(rows, ratio, normaliser, low, high, beta):
    from trl import GRPOTrainer
    x = padded(rows, "logp").requires_grad_(True)
    mask = torch.tensor([[int(t < n) for t in range(max(LENGTHS))] for n in LENGTHS])
    me = stand_in(_get_per_token_logps_and_entropies=lambda *a, **k: (x, torch.zeros_like(x), None),
                  top_entropy_quantile=1.0, off_policy_mask_threshold=None, importance_sampling_level=ratio, beta=beta,
                  epsilon_low=low, epsilon_high=high, use_vllm=False, _entropy_bonus_enabled=False,
                  loss_type=dict(sequence="grpo", token="dapo", constant="dr_grpo")[normaliser],
                  max_completion_length=MAX_NEW, current_gradient_accumulation_steps=1,
                  args=SimpleNamespace(delta=None, use_bias_correction_kl=False, steps_per_generation=1))
    ids = torch.zeros_like(mask)
    loss = GRPOTrainer._compute_loss(me, None, dict(
        prompt_ids=ids, prompt_mask=ids, completion_ids=ids, completion_mask=mask,
        advantages=torch.tensor(ADVANTAGES, dtype=torch.float64), old_per_token_logps=padded(rows, "old"),
        ref_per_token_logps=padded(rows, "ref"), num_items_in_batch=mask.sum()))
    loss.backward()
    return loss.item(), torch.cat([x.grad[i, :n] for i, n in enumerate(LENGTHS)])


def trl_pair(beta, c, r, fc, fr):
    from trl import DPOTrainer
    x = torch.tensor([[c], [r]], dtype=torch.float64, requires_grad=True)
    me = stand_in(ld_alpha=None, precompute_ref_logps=True, f_divergence_type="reverse_kl", loss_types=["sigmoid"],
                  loss_weights=[1.0], beta=beta, label_smoothing=0.0, use_weighting=False,
                  _total_train_tokens=0, _tp_size=1)
    mask = torch.tensor([[0, 1], [0, 1]])
    none = torch.zeros(2, 1, dtype=torch.float64)          # read for trl's own metrics only
    model = lambda **k: SimpleNamespace(log_probs=x, entropy=none, mean_logits=none, is_top1=none.bool())
    loss = DPOTrainer._compute_loss(me, model, dict(
        input_ids=torch.zeros(2, 2, dtype=torch.long), attention_mask=torch.ones(2, 2), completion_mask=mask,
        ref_chosen_logps=torch.tensor([fc], dtype=torch.float64),
        ref_rejected_logps=torch.tensor([fr], dtype=torch.float64)), False)
    loss.backward()
    return loss.item(), x.grad[:, 0]


def agree(what, a, b):
    a, b = torch.as_tensor(a, dtype=torch.float64), torch.as_tensor(b, dtype=torch.float64)
    d = ((a - b).norm() / b.norm().clamp(min=1e-300)).item()
    assert d < 1e-12, f"{what}: trl differs from the formula by {d}"


def numbers(x):
    return " ".join(f"{float(v):.12g}" for v in x)


try:
    import trl
    version = f"agreed on by trl {trl.__version__}"
except ImportError:
    trl, version = None, "not compared with trl"
out = [f"# torch {torch.__version__} python {platform.python_version()}, {version}"]
for name, rows in SETS.items():
    out.append(f"set {name}")
    for r in rows:
        out.append(f"completion {r['a']}")
        out += [f"{k} " + " ".join(f"{v:.9g}" for v in r[k].tolist()) for k in ("logp", "old", "ref")]
for name, (ratio, normaliser, low, high, beta) in CASES.items():
    rows = SETS["token" if ratio == "token" else "sequence"]
    for r in rows:
        r["x"] = r["logp"].clone().requires_grad_(True)
    loss, kl, clipped = formula(rows, ratio, normaliser, low, high, beta)
    loss.backward()
    coef = torch.cat([r["x"].grad for r in rows])
    assert 0 < clipped < sum(LENGTHS)
    if trl:
        theirs = trl_policy(rows, ratio, normaliser, low, high, beta)
        agree(name, theirs[0], loss.item())
        agree(name, theirs[1], coef)
    out.append(f"case {name} {'token' if ratio == 'token' else 'sequence'} {ratio} {normaliser} {low} {high} {beta} {MAX_NEW}")
    out.append(f"sums {loss.item():.12g} {kl:.12g} {clipped}")
    out.append("coef " + numbers(coef))
for beta, c, r, fc, fr in [(0.1, -12.5, -11.0, -13.25, -10.5), (0.1, -40.0, -35.0, -40.0, -35.0),
                           (0.1, -250.5, -90.25, -100.0, -180.0), (0.1, -100.0, -180.0, -250.5, -90.25),
                           (0.5, -3.0, -700.0, -900.0, -2.0), (0.5, -900.0, -2.0, -3.0, -700.0),
                           (0.1, -4000.0, -9000.0, -4001.5, -8990.0), (0.05, -7.5, -8.25, -7.0, -7.75)]:
    x = torch.tensor([c, r], dtype=torch.float64, requires_grad=True)
    loss = -torch.nn.functional.logsigmoid(beta * ((x[0] - fc) - (x[1] - fr)))
    loss.backward()
    if trl:
        theirs = trl_pair(beta, c, r, fc, fr)
        agree("pair", theirs[0], loss.item())
        agree("pair", theirs[1], x.grad)
    out.append(f"pair {beta} {c} {r} {fc} {fr} {numbers([loss.item(), *x.grad.tolist()])}")
with open(os.path.join(HERE, "losses.ref"), "w") as f:
    f.write("\n".join(out) + "\n")
print(out[0])
