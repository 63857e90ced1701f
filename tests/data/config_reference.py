# What transformers makes of config.json, for tests/io_config_reference.c.
#   python tests/data/config_reference.py          (torch 2.15, transformers 5.24; writes configs.ref beside it)
# Fields as published models have them, and small files that turn on one rule each: what is the default
# of an absent or null field, which of two places wins, which layers slide.  For each, configs.ref has three lines
#   config NAME JSON
#   is VOCAB WIDTH LAYERS HEADS KV HEAD_DIM FFN POSITIONS BIAS HEAD_NORMS TIED EPS TABLE_FACTOR / WINDOW of each layer
#   frequencies ..              of the rotary table, in float64
# read off the model that transformers builds from the file (on the meta device: no weights).
import json
import os
import tempfile
import torch
import transformers
import reference_models

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL = dict(vocab_size=300, hidden_size=64, intermediate_size=80, num_hidden_layers=3, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=512, hidden_act="silu", rms_norm_eps=1e-6)
LINEAR, YARN = dict(type="linear", factor=2.0), dict(type="yarn", factor=4.0, original_max_position_embeddings=64)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=64)
NOTHING = object()


def family(name):
    return lambda **fields: {**SMALL, "architectures": [name + "ForCausalLM"], "model_type": name.lower(), **fields}


def changed(c, **fields):
    c = dict(c, **fields)
    return {k: v for k, v in c.items() if v is not NOTHING}


Qwen2, Qwen3, Llama = family("Qwen2"), family("Qwen3"), family("Llama")
QWEN25 = dict(
    architectures=["Qwen2ForCausalLM"], attention_dropout=0.0, bos_token_id=151643, eos_token_id=151645,
    hidden_act="silu", hidden_size=896, initializer_range=0.02, intermediate_size=4864, max_position_embeddings=32768,
    max_window_layers=21, model_type="qwen2", num_attention_heads=14, num_hidden_layers=24, num_key_value_heads=2,
    rms_norm_eps=1e-06, rope_theta=1000000.0, sliding_window=32768, tie_word_embeddings=True, torch_dtype="bfloat16",
    transformers_version="4.43.1", use_cache=True, use_sliding_window=False, vocab_size=151936)
QWEN3 = dict(
    architectures=["Qwen3ForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=151643,
    eos_token_id=151645, head_dim=128, hidden_act="silu", hidden_size=1024, initializer_range=0.02,
    intermediate_size=3072, max_position_embeddings=40960, max_window_layers=28, model_type="qwen3",
    num_attention_heads=16, num_hidden_layers=28, num_key_value_heads=8, rms_norm_eps=1e-06, rope_scaling=None,
    rope_theta=1000000, sliding_window=None, tie_word_embeddings=True, torch_dtype="bfloat16",
    transformers_version="4.51.0", use_cache=True, use_sliding_window=False, vocab_size=151936)
LLAMA32 = dict(
    architectures=["LlamaForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=128000,
    eos_token_id=[128001, 128008, 128009], head_dim=64, hidden_act="silu", hidden_size=2048, initializer_range=0.02,
    intermediate_size=8192, max_position_embeddings=131072, mlp_bias=False, model_type="llama",
    num_attention_heads=32, num_hidden_layers=16, num_key_value_heads=8, pretraining_tp=1, rms_norm_eps=1e-05,
    rope_scaling=dict(factor=32.0, high_freq_factor=4.0, low_freq_factor=1.0, original_max_position_embeddings=8192,
                      rope_type="llama3"),
    rope_theta=500000.0, tie_word_embeddings=True, torch_dtype="bfloat16", transformers_version="4.45.0.dev0",
    use_cache=True, vocab_size=128256)
LLAMA2 = dict(
    architectures=["LlamaForCausalLM"], bos_token_id=1, eos_token_id=2, hidden_act="silu", hidden_size=4096,
    initializer_range=0.02, intermediate_size=11008, max_position_embeddings=4096, model_type="llama",
    num_attention_heads=32, num_hidden_layers=32, num_key_value_heads=32, pretraining_tp=1, rms_norm_eps=1e-05,
    rope_scaling=None, tie_word_embeddings=False, torch_dtype="float16", transformers_version="4.31.0.dev0",
    use_cache=True, vocab_size=32000)
SMOLLM2 = dict(
    architectures=["LlamaForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=0, eos_token_id=0,
    hidden_act="silu", hidden_size=576, initializer_range=0.041666666666666664, intermediate_size=1536,
    is_llama_config=True, max_position_embeddings=8192, model_type="llama", num_attention_heads=9,
    num_hidden_layers=30, num_key_value_heads=3, pretraining_tp=1, rms_norm_eps=1e-05, rope_interleaved=False,
    rope_scaling=None, rope_theta=100000, tie_word_embeddings=True, torch_dtype="bfloat16",
    transformers_version="4.40.1", use_cache=True, vocab_size=49152,
    **{"transformers.js_config": dict(kv_cache_dtype=dict(q4f16="float16", fp16="float16"))})
CONFIGS = {
    "qwen2.5-0.5b": QWEN25,
    "qwen2.5-7b-yarn": changed(QWEN25, hidden_size=3584, intermediate_size=18944, max_window_layers=28,
                               num_attention_heads=28, num_hidden_layers=28, num_key_value_heads=4,
                               sliding_window=131072, tie_word_embeddings=False, vocab_size=152064,
                               rope_scaling=dict(factor=4.0, original_max_position_embeddings=32768, type="yarn")),
    "r1-distill-qwen-1.5b": changed(QWEN25, bos_token_id=151643, eos_token_id=151643, hidden_size=1536,
                                    intermediate_size=8960, max_position_embeddings=131072, num_attention_heads=12,
                                    num_hidden_layers=28, rope_theta=10000, sliding_window=4096,
                                    tie_word_embeddings=False, use_mrope=False),
    "qwen3-0.6b": QWEN3,
    "qwen3-8b-yarn": changed(QWEN3, hidden_size=4096, intermediate_size=12288, max_window_layers=36,
                             num_attention_heads=32, num_hidden_layers=36, tie_word_embeddings=False,
                             rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=32768)),
    "llama-3.2-1b": LLAMA32,
    "llama-3.1-8b": changed(LLAMA32, head_dim=NOTHING, hidden_size=4096, intermediate_size=14336,
                            num_hidden_layers=32, tie_word_embeddings=False,
                            rope_scaling=dict(LLAMA32["rope_scaling"], factor=8.0)),
    "llama-2-7b": LLAMA2,
    "deepseek-coder-1.3b": changed(LLAMA2, hidden_size=2048, intermediate_size=5504, max_position_embeddings=16384,
                                   num_attention_heads=16, num_hidden_layers=24, num_key_value_heads=16,
                                   rms_norm_eps=1e-06, rope_scaling=dict(factor=4.0, type="linear"),
                                   rope_theta=100000, torch_dtype="bfloat16", vocab_size=32256),
    "smollm2-135m": SMOLLM2,
    # defaults
    "qwen2-bare": changed(Qwen2(), num_attention_heads=32, num_key_value_heads=NOTHING, hidden_size=128,
                          max_position_embeddings=NOTHING, rms_norm_eps=NOTHING, hidden_act=NOTHING),
    "qwen2-kv-null": changed(Qwen2(), num_key_value_heads=None),
    "qwen3-bare": changed(Qwen3(), num_attention_heads=32, num_key_value_heads=NOTHING, hidden_size=48,
                          max_position_embeddings=NOTHING, rms_norm_eps=NOTHING, hidden_act=NOTHING),
    "qwen3-kv-null": changed(Qwen3(), num_key_value_heads=None),
    "llama-bare": changed(Llama(), num_key_value_heads=NOTHING, max_position_embeddings=NOTHING,
                          rms_norm_eps=NOTHING, hidden_act=NOTHING),
    "llama-nulls": changed(Llama(), num_key_value_heads=None, head_dim=None, rope_scaling=None),
    "qwen2-head-dim": Qwen2(head_dim=24),
    # rotary positions
    "theta-in-parameters": Llama(rope_parameters=dict(rope_type="default", rope_theta=5e5)),
    "theta-outside": Llama(rope_parameters=dict(rope_type="default"), rope_theta=5e5),
    "theta-nowhere": Llama(rope_parameters=dict(rope_type="linear", factor=3.0)),
    "scaling-empty": Llama(rope_scaling={}, rope_theta=3e4),
    "linear-type": Llama(rope_scaling=LINEAR, rope_theta=3e4),
    "linear-both-names": Llama(rope_scaling=dict(LINEAR, rope_type="linear")),
    "llama3": Llama(rope_scaling=LLAMA3, rope_theta=5e4, head_dim=32),
    "llama3-original-absent": Llama(rope_scaling={k: v for k, v in LLAMA3.items() if "original" not in k}, head_dim=32),
    "llama3-original-outside": Llama(rope_scaling=LLAMA3, head_dim=32, original_max_position_embeddings=100),
    "yarn": Qwen2(rope_scaling=YARN, head_dim=32),
    "yarn-integers": Qwen2(rope_scaling=dict(YARN, factor=4), head_dim=32, rope_theta=10000),
    "yarn-untruncated": Qwen2(rope_scaling=dict(YARN, truncate=False), head_dim=32),
    "yarn-betas": Qwen3(rope_scaling=dict(YARN, beta_fast=20.0, beta_slow=3.0), head_dim=32),
    "yarn-betas-null": Qwen3(rope_scaling=dict(YARN, beta_fast=None, beta_slow=None), head_dim=32),
    "yarn-attention": Qwen3(rope_scaling=dict(YARN, attention_factor=0.9), head_dim=32),
    "yarn-attention-null": Qwen3(rope_scaling=dict(YARN, attention_factor=None), head_dim=32),
    "yarn-attention-before-mscale": Llama(rope_scaling=dict(YARN, attention_factor=0.9, mscale=1.3,
                                                            mscale_all_dim=0.4)),
    "yarn-mscale": Llama(rope_scaling=dict(YARN, mscale=1.3, mscale_all_dim=0.4), head_dim=32),
    "yarn-mscale-alone": Llama(rope_scaling=dict(YARN, mscale=1.3), head_dim=32),
    "yarn-mscale-zero": Llama(rope_scaling=dict(YARN, mscale=1.3, mscale_all_dim=0), head_dim=32),
    "yarn-all-dim-alone": Llama(rope_scaling=dict(YARN, mscale_all_dim=1.3), head_dim=32),
    "yarn-factor-1": Llama(rope_scaling=dict(YARN, factor=1.0), head_dim=32),
    "yarn-original-absent": Llama(rope_scaling=dict(type="yarn", factor=4.0), head_dim=32),
    "yarn-original-outside": Llama(rope_scaling=YARN, head_dim=32, original_max_position_embeddings=100),
    "yarn-ramp-narrow": Llama(rope_scaling=dict(YARN, beta_fast=2.0, beta_slow=2.0, truncate=False), head_dim=32),
    "yarn-ramp-all": Llama(rope_scaling=dict(YARN, original_max_position_embeddings=400, beta_slow=0.001), head_dim=32),
    "yarn-new": Qwen3(rope_parameters=dict(YARN, rope_type="yarn", rope_theta=1e5), head_dim=32),
    # sliding layers
    "slides": Qwen2(use_sliding_window=True, sliding_window=100, max_window_layers=1),
    "slides-all": Qwen3(use_sliding_window=True, sliding_window=100, max_window_layers=0),
    "slides-none": Qwen3(use_sliding_window=True, sliding_window=100, max_window_layers=3),
    "slides-default-layer": Qwen2(use_sliding_window=True, sliding_window=100, num_hidden_layers=30),
    "slides-default-window": Qwen2(use_sliding_window=True, max_window_layers=2),
    "slides-unused": Qwen2(use_sliding_window=False, sliding_window=100, max_window_layers=0),
    "slides-null": Qwen2(use_sliding_window=True, sliding_window=None, max_window_layers=0),
    "slides-said": Qwen2(sliding_window=100),
    "slides-types": Qwen3(use_sliding_window=True, sliding_window=100, max_window_layers=0,
                          layer_types=["sliding_attention", "full_attention", "sliding_attention"]),
}


def read(c):
    with tempfile.TemporaryDirectory() as d:
        with open(os.path.join(d, "config.json"), "w") as f:
            json.dump(c, f)
        config = transformers.AutoConfig.from_pretrained(d)
    cls = getattr(transformers, c["architectures"][0])
    with torch.device("meta"):
        model = cls(config)
    model.tie_weights()
    rope = type(model.model.rotary_emb)(config)
    a = [layer.self_attn for layer in model.model.layers]
    d = a[0].head_dim
    assert all(x.head_dim == d and x.k_proj.out_features % d == 0 and x.o_proj.bias is None for x in a)
    assert model.model.layers[0].mlp.gate_proj.bias is None and config.hidden_act == "silu"
    shape = [model.model.embed_tokens.num_embeddings, model.model.embed_tokens.embedding_dim, len(a),
             a[0].q_proj.out_features // d, a[0].k_proj.out_features // d, d,
             model.model.layers[0].mlp.gate_proj.out_features, config.max_position_embeddings,
             int(a[0].q_proj.bias is not None), int(hasattr(a[0], "q_norm")), int(config.tie_word_embeddings),
             model.model.norm.variance_epsilon, rope.attention_scaling]
    # the layer's mask decides; Llama's layers have no window at all
    kinds = getattr(config, "layer_types", None) or ["full_attention"] * len(a)
    windows = [config.sliding_window if k == "sliding_attention" else 0 for k in kinds]
    assert windows == [getattr(x, "sliding_window", None) or 0 for x in a]
    return shape, windows, rope.inv_freq


lines = [f"# torch {torch.__version__} transformers {transformers.__version__}"]
with reference_models.float64():
    for name, c in CONFIGS.items():
        shape, windows, frequencies = read(c)
        number = lambda x: f"{float(x):.15g}"
        lines += [f"config {name} {json.dumps(c)}",
                  "is " + " ".join(map(number, shape)) + " / " + " ".join(map(number, windows)),
                  "frequencies " + " ".join(map(number, frequencies))]
with open(os.path.join(HERE, "configs.ref"), "w") as f:
    f.write("\n".join(lines) + "\n")
print(len(CONFIGS), "configurations")
