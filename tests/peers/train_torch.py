# Eager PyTorch on the work of `aletheia bench step`: forward + backward of a model of the pocket's
# shape over 4 groups of 8 answers (40 tokens) to a prompt (200 tokens), loss on the answers.
#   python tests/peers/train_torch.py [threads]
# Compare seconds with bench=prompt-once: unshared_s is the same arithmetic, shared_s the same result.
# Two models: transformers' Qwen2ForCausalLM (what people run), and the same mathematics in plain
# torch calls with fused attention (the best eager code we know how to write).
import sys
import time
import torch
import torch.nn.functional as F

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
V, C, L, H, D, FF = 640, 128, 4, 4, 32, 384
GROUPS, G, PROMPT, ANSWER = 4, 8, 200, 40
B, T = GROUPS * G, PROMPT + ANSWER - 1
torch.set_num_threads(THREADS)
torch.manual_seed(1)


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.n1, self.n2 = torch.nn.RMSNorm(C, eps=1e-6), torch.nn.RMSNorm(C, eps=1e-6)
        self.qkv = torch.nn.Linear(C, 3 * H * D, bias=True)
        self.o = torch.nn.Linear(H * D, C, bias=False)
        self.gu = torch.nn.Linear(C, 2 * FF, bias=False)
        self.down = torch.nn.Linear(FF, C, bias=False)

    def forward(self, x, cos, sin):
        q, k, v = self.qkv(self.n1(x)).view(B, T, 3, H, D).permute(2, 0, 3, 1, 4)
        turn = lambda y: y * cos + torch.cat((-y[..., D // 2:], y[..., :D // 2]), -1) * sin
        y = F.scaled_dot_product_attention(turn(q), turn(k), v, is_causal=True)
        x = x + self.o(y.transpose(1, 2).reshape(B, T, H * D))
        g, u = self.gu(self.n2(x)).chunk(2, -1)
        return x + self.down(F.silu(g) * u)


class Plain(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(V, C)
        self.layers = torch.nn.ModuleList(Layer() for _ in range(L))
        self.norm = torch.nn.RMSNorm(C, eps=1e-6)
        a = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
        self.cos, self.sin = torch.cat((a.cos(), a.cos()), -1), torch.cat((a.sin(), a.sin()), -1)

    def forward(self, x):
        x = self.embed(x)
        for layer in self.layers:
            x = layer(x, self.cos, self.sin)
        return self.norm(x[:, -ANSWER:]) @ self.embed.weight.t()


def best(name, logits):
    tokens = torch.randint(0, V, (B, T + 1))
    x, y = tokens[:, :-1], tokens[:, -ANSWER:].reshape(-1)
    times = []
    start = time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < 3:
        t = time.perf_counter()
        F.cross_entropy(logits(x).reshape(-1, V), y).backward()
        times.append(time.perf_counter() - t)
    print(f"RESULT peer={name} threads={THREADS} seconds={min(times):.4f} "
          f"median={sorted(times)[len(times) // 2]:.4f} tokens_per_s={B * T / min(times):.0f}")


best("torch", Plain())
try:
    import transformers
except ImportError:
    print("transformers is not installed: skipped")
    sys.exit(0)
config = transformers.Qwen2Config(
    vocab_size=V, hidden_size=C, num_hidden_layers=L, num_attention_heads=H,
    num_key_value_heads=H, head_dim=D, intermediate_size=FF, max_position_embeddings=1024,
    tie_word_embeddings=True)
model = transformers.Qwen2ForCausalLM(config)
best("transformers", lambda x: model(input_ids=x, logits_to_keep=ANSWER).logits)
