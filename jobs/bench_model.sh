#!/bin/bash
# The speeds of one model directory beside PyTorch's, in one run on the same cores.
#   jobs/bench_model.sh [DIR]
# Without DIR a model of the shape of Qwen2.5-0.5B is made first, with random weights in bfloat16 (1 GB, in
# a temporary folder).  PYTHON=... names a Python with torch and transformers; without one the peer is left out.
set -eu
cd "$(dirname "$0")/.."
. jobs/env.sh
program=${ALETHEIA:-bin/aletheia}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dir=${1:-}
if [ -z "$dir" ]; then
    dir=$work/half
    cat >"$work/config.json" <<'J'
{"architectures": ["Qwen2ForCausalLM"], "bos_token_id": 151643, "eos_token_id": 151645, "hidden_act": "silu",
 "hidden_size": 896, "intermediate_size": 4864, "max_position_embeddings": 32768, "max_window_layers": 24,
 "model_type": "qwen2", "num_attention_heads": 14, "num_hidden_layers": 24, "num_key_value_heads": 2,
 "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "sliding_window": 32768, "tie_word_embeddings": true,
 "torch_dtype": "bfloat16", "use_sliding_window": false, "vocab_size": 151936}
J
    "$program" init input/demo.in model.dir="$dir" model.config="$work/config.json" model.tokenizer=input/models/pocket \
        model.dtype=bfloat16
fi
threads=$CORES
"$program" bench model "$dir"
for python in ${PYTHON:-python3 /usr/bin/python3}; do
    $python -c 'import torch, transformers' 2>/dev/null || continue
    $python tests/peers/model_torch.py "$dir/config.json" "$threads" ${WAYS:-}
    "$program" bench model "$dir"
    exit 0
done
echo "no peer: no Python with torch and transformers (PYTHON=path names one)"
