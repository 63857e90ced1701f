# Losses and their derivatives by PyTorch's autograd, from the formulas, for tests/rl_loss_reference.c.
#   python tests/data/loss_reference.py          (torch 2.15; writes losses.ref beside it)
# Where trl (1.16) is installed, its own loss functions are called on the same tensors and must agree with the
# formulas: GRPOTrainer._compute_loss and DPOTrainer._compute_loss, with a stand-in for the trainer that has only
# the settings they read and a stand-in for the model that gives the stored log-probabilities.  nll is compared with
# torch.nn.functional.cross_entropy.
#
# losses.ref, all numbers of inputs exact in float32, all arithmetic in float64:
#   set NAME
#   completion ADVANTAGE / logp .. / old .. / ref ..          (four lines for each completion of the set)
#   case NAME SET clip|cispo|nll token|sequence token|sequence|constant LOW HIGH DUAL BETA MAX_NEW
#                                    objective, ratio, normaliser, clips (DUAL 0: none), KL's weight
#   sums LOSS KL CLIPPED             KL: sum over tokens of k3; CLIPPED: tokens whose ratio's clip is active
#   coef ..                          dLoss/dlogp, all completions' tokens in order
#   pair BETA CHOSEN REJECTED REF_CHOSEN REF_REJECTED LOSS D_CHOSEN D_REJECTED
#
# Objectives, each from its own paper: clip (GRPO, arXiv 2402.03300, equation 3; DAPO's two clips and sum over all
# tokens, 2503.14476; Dr.GRPO's constant, 2503.20783; GSPO's ratio, 2507.18071), its second clip for bad answers
# (Ye et al. 2020, 1912.09729, equation 5), CISPO (2506.13585, equation 4), and the likelihood of right answers.
import os
import platform
from types import SimpleNamespace
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
ADVANTAGES = [1.25, -0.875, 0.0, 0.375, -1.75, 2.125]
LENGTHS = [5, 9, 3, 1, 7, 6]
#                   objective ratio    normaliser  low    high  dual   beta
CASES = {
    "grpo":            ("clip", "token", "sequence", 0.2, 0.2, 0, 0.0),
    "grpo-kl":         ("clip", "token", "sequence", 0.2, 0.28, 0, 0.04),
    "dapo":            ("clip", "token", "token", 0.2, 0.28, 0, 0.0),
    "dapo-kl":         ("clip", "token", "token", 0.2, 0.28, 0, 0.001),
    "dr-grpo":         ("clip", "token", "constant", 0.2, 0.2, 0, 0.0),
    "dr-grpo-kl":      ("clip", "token", "constant", 0.1, 0.3, 0, 0.5),
    "gspo":            ("clip", "sequence", "sequence", 3e-4, 4e-4, 0, 0.0),
    "gspo-kl":         ("clip", "sequence", "sequence", 3e-4, 4e-4, 0, 0.001),
    "gspo-dapo":       ("clip", "sequence", "token", 3e-4, 4e-4, 0, 0.0),
    "gspo-dr":         ("clip", "sequence", "constant", 3e-4, 4e-4, 0, 0.0),
    "dual-grpo":       ("clip", "token", "sequence", 0.2, 0.28, 1.5, 0.0),
    "dual-dapo-kl":    ("clip", "token", "token", 0.2, 0.28, 1.4, 0.04),
    "dual-dr":         ("clip", "token", "constant", 0.2, 0.2, 1.5, 0.0),
    "dual-gspo-kl":    ("clip", "sequence", "sequence", 3e-4, 4e-4, 1.0006, 0.001),
    "dual-gspo-dapo":  ("clip", "sequence", "token", 3e-4, 4e-4, 1.0006, 0.0),
    "dual-gspo-dr":    ("clip", "sequence", "constant", 3e-4, 4e-4, 1.0006, 0.0),
    "cispo":           ("cispo", "token", "token", 1.0, 0.25, 0, 0.0),
    "cispo-kl":        ("cispo", "token", "token", 1.0, 0.25, 0, 0.04),
    "cispo-grpo":      ("cispo", "token", "sequence", 0.2, 0.28, 0, 0.0),
    "cispo-dr-kl":     ("cispo", "token", "constant", 0.3, 0.2, 0, 0.04),
    "cispo-gspo-dapo": ("cispo", "sequence", "token", 1.0, 4e-4, 0, 0.0),
    "cispo-gspo-kl":   ("cispo", "sequence", "sequence", 3e-4, 4e-4, 0, 0.001),
    "cispo-gspo-dr":   ("cispo", "sequence", "constant", 3e-4, 4e-4, 0, 0.0),
    "nll":             ("nll", "token", "token", 0.2, 0.2, 0, 0.0),
    "nll-grpo-kl":     ("nll", "token", "sequence", 0.2, 0.2, 0, 0.04),
    "nll-dr":          ("nll", "token", "constant", 0.2, 0.2, 0, 0.0),
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


def bounded(rho, a, low, high, dual):
    """What is minimised of one token, and where its ratio's clip is active."""
    loss = -torch.minimum(rho * a, rho.clamp(1 - low, 1 + high) * a)
    out = (rho > 1 + high) & (a > 0) | (rho < 1 - low) & (a < 0)
    if dual and a < 0:                                     # max(min(..), c A) is what is maximised
        loss, out = torch.minimum(loss, torch.full_like(loss, -dual * a)), out | (rho > dual)
    return loss, out


def objective_of(kind, x, rho, a, low, high, dual):
    if kind == "clip":
        return bounded(rho, a, low, high, dual)
    if kind == "cispo":
        weight = rho.detach().clamp(1 - low, 1 + high)     # sg(.)
        return -weight * a * x, (rho > 1 + high) | (rho < 1 - low)
    logits = torch.stack([x, torch.log1p(-x.exp())], 1)    # this token against all others together
    return a * torch.nn.functional.cross_entropy(logits, torch.zeros(len(x), dtype=torch.long),
                                                 reduction="none"), torch.zeros(len(x), dtype=torch.bool)


def weight_of(normaliser, n, completions, tokens):
    return {"token": 1 / tokens, "sequence": 1 / (n * completions), "constant": 1 / (MAX_NEW * completions)}[normaliser]


def formula(rows, kind, ratio, normaliser, low, high, dual, beta):
    """sum_t w_t [ objective_t + beta k3_t ]; also KL and clipped tokens."""
    loss, kl, clipped, near, sides = 0, 0, 0, 1.0, set()
    tokens = sum(len(r["logp"]) for r in rows)
    for r in rows:
        x, a, n = r["x"], r["a"], len(r["logp"])
        w = weight_of(normaliser, n, len(rows), tokens)
        d = x - r["old"]
        rho = d.exp() if ratio == "token" else d.mean().exp().expand(n)
        part, out = objective_of(kind, x, rho, a, low, high, dual)
        loss = loss + w * part.sum()
        k3 = (r["ref"] - x).exp() - (r["ref"] - x) - 1
        loss = loss + w * beta * k3.sum()
        kl += k3.sum().item() if beta else 0
        clipped += int(out.sum())
        for side, beyond in ("high", rho > 1 + high), ("low", rho < 1 - low), ("dual", (rho > dual) & (dual > 0)):
            sides |= {(side, a > 0)} if beyond.any() and a else set()
        for edge in (1 - low, 1 + high, dual):
            near = min(near, (rho - edge).abs().min().item())
    for side in ("high",) + ("low",) * (low < 1) + ("dual",) * (dual > 0):
        assert {(side, True), (side, False)} <= sides, "ratios beyond each clip, with advantages of both signs"
    assert near > 1e-5, "a ratio is at the edge of a clip"
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


def trl_loss_types(kind, normaliser, low):
    """Which of TRL's losses are the case's: its cispo bounds the ratio above only and sums over all tokens."""
    if kind == "clip":
        return dict(sequence=["grpo"], token=["dapo", "bnpo"], constant=["dr_grpo"])[normaliser]
    return ["cispo"] if kind == "cispo" and normaliser == "token" and low == 1 else []


def trl_policy(rows, loss_type, ratio, low, high, dual, beta):
    from trl import GRPOTrainer
    x = padded(rows, "logp").requires_grad_(True)
    mask = torch.tensor([[int(t < n) for t in range(max(LENGTHS))] for n in LENGTHS])
    me = stand_in(_get_per_token_logps_and_entropies=lambda *a, **k: (x, torch.zeros_like(x), None),
                  top_entropy_quantile=1.0, off_policy_mask_threshold=None, importance_sampling_level=ratio, beta=beta,
                  epsilon_low=low, epsilon_high=1 + high if loss_type == "cispo" else high, use_vllm=False,
                  _entropy_bonus_enabled=False, loss_type=loss_type,
                  max_completion_length=MAX_NEW, current_gradient_accumulation_steps=1,
                  args=SimpleNamespace(delta=dual or None, use_bias_correction_kl=False, steps_per_generation=1))
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
    return " ".join(f"{float(v):.9g}" for v in x)


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
compared = 0
for name, (kind, ratio, normaliser, low, high, dual, beta) in CASES.items():
    rows = SETS["token" if ratio == "token" else "sequence"]
    for r in rows:
        r["x"] = r["logp"].clone().requires_grad_(True)
    loss, kl, clipped = formula(rows, kind, ratio, normaliser, low, high, dual, beta)
    loss.backward()
    coef = torch.cat([r["x"].grad for r in rows])
    assert kind == "nll" or 0 < clipped < sum(LENGTHS)
    for loss_type in trl_loss_types(kind, normaliser, low) if trl else []:
        theirs = trl_policy(rows, loss_type, ratio, low, high, dual, beta)
        agree(name, theirs[0], loss.item())
        agree(name, theirs[1], coef)
        compared += 1
    words = [name, "token" if ratio == "token" else "sequence", kind, ratio, normaliser, low, high, dual, beta, MAX_NEW]
    out.append("case " + " ".join(map(str, words)))
    out.append(f"sums {loss.item():.9g} {kl:.9g} {clipped}")
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
    got = " ".join(f"{v:.12g}" for v in [loss.item(), *x.grad.tolist()])
    out.append(f"pair {beta} {c} {r} {fc} {fr} {got}")
with open(os.path.join(HERE, "losses.ref"), "w") as f:
    f.write("\n".join(out) + "\n")
print(out[0], compared, "comparisons of policy losses")
