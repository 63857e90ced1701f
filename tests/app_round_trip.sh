# Models that transformers wrote go through the whole program: two steps of the warm start, and the exported directory scores as
# the checkpoint does, to the last digit; an untouched model exported scores as itself.
# RUN: np=2 backend=cpu
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
tiny_make || { bad "no tiny model"; exit 1; }

# One tokenizer that is small enough for all of them, and positions enough for a problem (nothing else depends on their number).
must 1 init tiny.in model.dir=words model.vocab=290
printf '{"tokens": [%s], "from": 1}\n{"prompt": "Which program is right?", "completion": " A: the first"}\n' \
    "$(seq -s ', ' 3 4 240)" >ask.jsonl
for name in qwen2-window qwen3-yarn llama-llama3; do
    cp -r "$TOP/tests/data/models/$name" . && cp words/tokenizer*.json "$name"
    sed -i 's/\("max_position_embeddings":\) 128/\1 2048/' "$name/config.json"
    grep -q '"max_position_embeddings": 2048' "$name/config.json" || bad "$name: no positions to change"
    must 1 score "$name" ask.jsonl
    [ "$(wc -l <out)" = 2 ] || bad "$name: $(wc -l <out) lines of 2"
    cp out before
    must 1 export "$name" "$name-same"
    must 1 score "$name-same" ask.jsonl
    cmp -s out before || bad "$name: exported untouched, it scores otherwise"

    must 1 sft tiny.in "run.dir=$name-run" run.steps=2 "model.dir=$name"
    must 1 score "$name-run" ask.jsonl
    cp out trained
    cmp -s trained before && bad "$name: two steps changed nothing"
    must 1 export "$name-run" "$name-out"
    must 2 score "$name-out" ask.jsonl
    cmp -s out trained || bad "$name: exported, it scores otherwise than its checkpoint"
done
exit $fail
