# A model of the shape of Qwen2.5-0.5B, with weights made on the spot, samples two steps, learns written answers and is
# evaluated on ten lists within 20 GiB, and `plan` said before how much memory that takes, of learning within 10%.
# RUN: np=2 backend=cpu alone
# TIMEOUT: 1500
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
free=$(awk '/MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
room=$(df -Pk . | awk 'NR == 2 { print int($4 / 1048576) }')
[ "$free" -ge 18 ] || { echo "skipped: $free GiB of memory are free, 18 are needed"; exit 77; }
[ "$room" -ge 12 ] || { echo "skipped: $room GiB of disk are free, 12 are needed"; exit 77; }
[ -z "${SAN:-}" ] || { echo "skipped: too slow under the sanitizers"; exit 77; }
tiny_make || { bad "no tiny model"; exit 1; }
OMP_NUM_THREADS=$CORES
export OMP_NUM_THREADS

cat >qwen.json <<'J'
{"architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643, "eos_token_id": 151645,
 "hidden_act": "silu", "hidden_size": 896, "initializer_range": 0.02, "intermediate_size": 4864,
 "max_position_embeddings": 32768, "max_window_layers": 24, "model_type": "qwen2", "num_attention_heads": 14,
 "num_hidden_layers": 24, "num_key_value_heads": 2, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "sliding_window": 32768,
 "tie_word_embeddings": true, "torch_dtype": "bfloat16", "transformers_version": "4.40.1", "use_cache": true,
 "use_mrope": false, "use_sliding_window": false, "vocab_size": 151936}
J
deck="tiny.in run.steps=2 run.save_every=0 recipe.prompts=1 recipe.group=4 recipe.max_new=16 recipe.micro_tokens=1024
    sampler.width=4 sampler.max_prompt=1000 eval.width=4 eval.max_new=8 eval.max_prompt=1000 run.keep=1"
planned() { sed -n 's/.*planned_mb=\([0-9.]*\).*/\1/p' out; }
must 1 plan $deck model.dir=qwen.json
grep -q 'RESULT verb=plan' out || bad "no plan"
train=$(planned)
must 1 plan $deck model.dir=qwen.json plan.verb=sft
sft=$(planned)
must 1 init tiny.in model.dir=half model.config=qwen.json model.tokenizer=model model.dtype=bfloat16

# peak RUN PLANNED LEAST   its peak is from LEAST to 1.1 times what was planned
peak()
{
    grep '^memory ' "$1/log.txt"
    local p
    p=$(sed -n 's/^memory  *peak \([0-9.]*\) MB of.*/\1/p' "$1/log.txt")
    awk -v p="$p" -v q="$2" -v l="$3" 'BEGIN { exit !(p > l * q && p < 1.1 * q && p < 20 * 1073.7) }' ||
        bad "$1: planned $2 MB, the peak was $p MB"
}
# Answers of such a model do not end: nothing is learned, and the moments' memory is never touched.
must 1 train $deck model.dir=half run.dir=run
grep -q 'held as bfloat16' run/log.txt || bad "not held as bfloat16: $(grep weights run/log.txt)"
peak run "$train" 0.6
must 1 sft $deck model.dir=half run.dir=taught run.steps=1 sft.batch=2 sft.max_answer=200
peak taught "$sft" 0.9
rm -rf taught
rm -rf run/ckpt
must 1 eval $deck eval.model=half eval.suites=train eval.limit=10 eval.mode=instruct
grep -q 'RESULT suite=train lists=10 ' out || bad "$(grep RESULT out)"
rm -rf half run
exit $fail
