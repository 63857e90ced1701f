# Reference numbers for tests/model_reference.c and tests/rl_optim.c, from PyTorch and transformers.
#   python tests/data/model_reference.py          (torch, transformers; writes the two files beside it)
# Two tiny random models, one prompt with three continuations scored separately, and in each file:
# configuration, tokens, per-token log-probabilities at two temperatures, weights, the gradient of
# sum(coef * logp) at the second temperature, and the losses of ten AdamW steps on -mean(logp).
import os
import platform
import numpy
import torch
import transformers

HERE = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(20261123)
torch.set_num_threads(1)
ADAMW = dict(lr=3e-3, beta1=0.9, beta2=0.95, eps=1e-8, decay=0.1, clip=0.5)


def randomize(model):
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "norm" in name:
                p.copy_(1 + 0.2 * torch.randn_like(p))
            elif name.endswith("bias"):
                p.copy_(0.3 * torch.randn_like(p))
            else:
                p.copy_(torch.randn_like(p) * (0.6 if "embed" in name else 0.2))


def logps(model, prompt, conts, temperature):
    out = []
    for c in conts:
        tokens = torch.tensor([prompt + c])
        logits = model(input_ids=tokens).logits[0, len(prompt) - 1:-1].float() / temperature
        out.append(torch.log_softmax(logits, -1).gather(1, torch.tensor(c)[:, None])[:, 0])
    return torch.cat(out)


def adamw_losses(model, prompt, conts):
    decays = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() == 1]
    opt = torch.optim.AdamW([dict(params=decays, weight_decay=ADAMW["decay"]),
                             dict(params=plain, weight_decay=0.0)],
                            lr=ADAMW["lr"], betas=(ADAMW["beta1"], ADAMW["beta2"]), eps=ADAMW["eps"])
    losses = []
    for _ in range(10):
        opt.zero_grad()
        loss = -logps(model, prompt, conts, 1.0).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), ADAMW["clip"])
        opt.step()
        losses.append(loss.item())
    return losses


def line(f, key, values):
    f.write((key + " " + " ".join(v if isinstance(v, str) else f"{v:.9g}" for v in values) + "\n")
            .encode())


def write(name, model, c):
    randomize(model)
    g = torch.Generator().manual_seed(7)
    draw = lambda n: torch.randint(0, c.vocab_size, (n,), generator=g).tolist()
    prompt, conts = draw(37), [draw(11), draw(1), draw(23)]
    n = sum(len(x) for x in conts)
    coef = torch.randn(n, generator=g)
    temperature = 0.7
    plain = logps(model, prompt, conts, 1.0).detach()
    lp = logps(model, prompt, conts, temperature)
    (coef * lp).sum().backward()
    tensors = [(k, p.detach().clone(), p.grad.clone()) for k, p in model.named_parameters()]
    losses = adamw_losses(model, prompt, conts)
    with open(os.path.join(HERE, name), "wb") as f:
        line(f, "#", [f"torch {torch.__version__} transformers {transformers.__version__} "
                      f"python {platform.python_version()}"])
        line(f, "config", [c.architectures[0], c.vocab_size, c.hidden_size, c.num_hidden_layers,
                           c.num_attention_heads, c.num_key_value_heads, c.head_dim,
                           c.intermediate_size, c.max_position_embeddings,
                           int("Qwen2" in c.architectures[0]), int(c.tie_word_embeddings),
                           c.rms_norm_eps, c.rope_parameters["rope_theta"]])
        line(f, "prompt", prompt)
        for x in conts:
            line(f, "continue", x)
        line(f, "logp", plain.tolist())
        line(f, "temperature", [temperature])
        line(f, "logp_warm", lp.tolist())
        line(f, "coef", coef.tolist())
        line(f, "adamw", list(ADAMW.values()))
        line(f, "losses", losses)
        for k, w, d in tensors:
            rows, cols = (1, w.shape[0]) if w.dim() == 1 else w.shape
            line(f, "tensor", [k, rows, cols])
            f.write(w.numpy().astype(numpy.float32).tobytes())
            f.write(d.numpy().astype(numpy.float32).tobytes())


qwen = transformers.Qwen2Config(
    vocab_size=96, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, head_dim=8, intermediate_size=72, max_position_embeddings=128,
    tie_word_embeddings=True, rms_norm_eps=1e-6, rope_theta=1e6, use_sliding_window=False,
    attn_implementation="eager", architectures=["Qwen2ForCausalLM"])
write("model_qwen2.ref", transformers.Qwen2ForCausalLM(qwen), qwen)
llama = transformers.LlamaConfig(
    vocab_size=77, hidden_size=36, num_hidden_layers=2, num_attention_heads=6,
    num_key_value_heads=2, head_dim=10, intermediate_size=52, max_position_embeddings=96,
    tie_word_embeddings=False, rms_norm_eps=1e-5, rope_theta=10000.0, attention_bias=False,
    mlp_bias=False, attn_implementation="eager", architectures=["LlamaForCausalLM"])
write("model_llama.ref", transformers.LlamaForCausalLM(llama), llama)
