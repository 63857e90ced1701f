# What train, sft and eval refuse of a model, `plan` refuses first, in the same words and with the same exit
# code, all of it in one message; of a config.json alone it says what it could not look at.
# RUN: np=1
# TIMEOUT: 400
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
python=/usr/bin/python3
tiny_make || { bad "no tiny model"; exit 1; }
said() { grep -Eq -- "$1" out || { bad "no '$1' in what it printed:"; head -n 30 out; }; }
# change FILE EXPRESSION   of the directory m, a fresh copy of the model: o is the file's object
change()
{
    $python - "m/$1" "$2" <<'END'
import json, os, sys
path = sys.argv[1]
o = json.load(open(path)) if os.path.exists(path) else {}
exec(sys.argv[2])
json.dump(o, open(path, "w"))
END
}
# refuses N CODE TEXT ARGUMENTS...   as refused, but TEXT may stand in any line of the message
refuses()
{
    local n=$1 code=$2 text=$3
    shift 3
    refused "$n" "$code" '' "$@"
    grep -Eq -- "$text" err || bad "$*: '$text' is not said: $(cat err)"
}
fresh() { rm -rf m && cp -r model m; }
# agree CODE TEXT [section.key=value ...]   plan, train and sft on m, all with this code and text
agree()
{
    local code=$1 text=$2 verb first
    shift 2
    refuses 0 "$code" "$text" plan tiny.in model.dir=m "$@"
    first=$(grep -E '^(aletheia: |  [0-9]+\. )' err)
    for verb in train sft; do
        refuses 0 "$code" "$text" $verb tiny.in model.dir=m run.dir=r "$@"
        [ $verb = sft ] || [ "$(grep -E '^(aletheia: |  [0-9]+\. )' err)" = "$first" ] || bad "plan and $verb: $first, $(cat err)"
        rm -rf r
    done
}
# asked CODE TEXT [section.key=value ...]   plan of an evaluation, and the evaluation
asked()
{
    local code=$1 text=$2
    shift 2
    refuses 0 "$code" "$text" plan tiny.in model.dir=m plan.verb=eval "$@"
    refuses 0 "$code" "$text" eval tiny.in eval.model=m "$@"
    refuses 0 "$code" "$text" plan tiny.in eval.model=m plan.verb=eval "$@"
}

# What fits: by deck, by directory, by file; of a config.json alone not all can be said.
must 0 plan tiny.in
said '^prompt  *template chatml'
planned=$(result planned_mb)
must 0 plan model sampler.max_prompt=1500 recipe.max_new=24
said '^RESULT verb=plan of=train'
must 0 plan tiny.in plan.verb=eval
must 0 plan tiny.in plan.verb=sft
must 0 plan tiny.in model.dir=model/config.json
said '^not checked  weights, tokenizer and how the model is asked: model/config.json'
[ "$(echo "$(result planned_mb) $planned" | awk '{ print ($1 - $2 < 6 && $2 - $1 < 6) }')" = 1 ] || bad "$planned, $(result planned_mb)"
mkdir alone && cp model/config.json alone
must 0 plan alone sampler.max_prompt=1500 recipe.max_new=24
said '^not checked .*: alone is'
cp alone/config.json own.txt
must 0 plan own.txt sampler.max_prompt=1500 recipe.max_new=24
refused 0 2 'positions end at 2048' plan model
refused 0 2 'two models, model and model.dir = m' plan model model.dir=m
refused 0 3 'none: cannot be read.*model directory .config.json' plan tiny.in model.dir=none
refuses 0 3 'alone/model.safetensors: cannot be read' sample alone x

# One thing each.
fresh && change config.json 'o["intermediate_size"] = 65'
agree 3 'shape \[64, 32\]; \[65, 32\] was expected'
asked 3 'shape \[64, 32\]; \[65, 32\] was expected'
fresh && change config.json 'o["tie_word_embeddings"] = False'
agree 3 'tensor lm_head.weight is missing'
fresh && change config.json 'o["num_hidden_layers"] = 1'
agree 3 'model.layers.1.* is not part of'
fresh && change tokenizer.json 'o["added_tokens"].append(dict(o["added_tokens"][-1], id=384, content="<|more|>"))'
agree 3 'm: the tokenizer has ids up to 384, the model 384 rows of embeddings'
asked 3 'm: the tokenizer has ids up to 384, the model 384 rows of embeddings'
refused 0 3 'ids up to 384' sample m x
fresh && rm m/tokenizer.json
agree 3 'm/tokenizer.json: cannot be read'
fresh && change generation_config.json 'o["eos_token_id"] = 4000'
agree 3 'eos_token_id: 4000 is no token'
fresh && rm m/model.safetensors
agree 3 'm/model.safetensors|m: .*safetensors'
fresh && cut=$(stat -c %s m/model.safetensors) && truncate -s $((cut - 4)) m/model.safetensors
agree 3 'm/model.safetensors: .*truncated'
fresh
agree 2 'longest prompt and answer together are (1601|1977) tokens.*2048|(2101|2477) tokens, .* end at 2048' sampler.max_prompt=2077
agree 2 'eval.max_new = 3000 leaves no room' run.eval_every=1 eval.max_new=3000
asked 2 'eval.max_new = 3000 leaves no room' eval.max_new=3000
agree 2 'model.dtype = float16' model.dtype=float16
agree 2 'prompt.template = llma3: expected auto' prompt.template=llma3
agree 3 'no special token <.start_header_id.>' prompt.template=llama3

# A base model is not asked as a chat model by itself.
fresh && rm m/chat_template.jinja && change tokenizer_config.json 'o["eos_token"] = "<|endoftext|>"'
agree 2 'no chat template, as with base models.*prompt.template to plain .*tokens it has: chatml'
asked 2 'no chat template, as with base models.*prompt.template to plain .*tokens it has: chatml'
must 0 plan tiny.in model.dir=m prompt.template=plain
said '^prompt  *template plain'
must 0 eval tiny.in eval.model=m eval.limit=2 prompt.template=plain
must 0 sample m 'Which program' sampler.max_new=5
# One that init made before it gave its models a chat template is.
fresh && rm m/chat_template.jinja
must 0 plan tiny.in model.dir=m
said '^prompt  *template chatml .chosen by the tokenizer.s special tokens'

# All in one message, the first one's code.
fresh && rm m/chat_template.jinja && change config.json 'o["intermediate_size"] = 65; o["vocab_size"] = 300' &&
    change tokenizer_config.json 'o["eos_token"] = "<|endoftext|>"'
refused 0 3 'm: 9 things' plan tiny.in model.dir=m sampler.max_prompt=2040
for text in '1\. .*was expected' '7\. .*ids up to 383' '8\. .*no chat template' '9\. .*positions end at 2048'; do
    grep -Eq "^  $text" err || bad "not named: $text: $(cat err)"
done
refused 2 3 'm: 9 things' train tiny.in model.dir=m sampler.max_prompt=2040 run.dir=r
echo '{"prompt": "a", "completion": "b"}' >x.jsonl
refused 0 3 'm: 7 things' score m x.jsonl
mkdir -p no
refuses 0 3 'no/config.json: cannot be read' plan no

# Memory: the lines, and then what train would say; for a config.json alone the lines.
fresh
refused 0 4 'does not fit: needs .* have 1.0 MB.*plan.free_mb' plan tiny.in plan.free_mb=1
said 'optimizer'
must 0 plan tiny.in plan.free_mb=1000
must 0 plan m sampler.max_prompt=1000 recipe.max_new=24 plan.free_mb=1
said 'does not fit: needs'
must 0 plan tiny.in model.dir=alone plan.free_mb=1
said 'does not fit: needs'
must 0 plan tiny.in plan.verb=eval plan.free_mb=1

# Collecting: its own lines; its second forward where the temperature is not 1; a recipe that contradicts itself is
# train's matter alone.
must 0 plan tiny.in plan.verb=collect collect.max_new=64 recipe.keep=2
said 'temperature 1: activations'
! grep -q optimizer out || bad "collect has no optimizer"
must 0 plan tiny.in plan.verb=collect collect.max_new=64 collect.temperature=1
! grep -q 'temperature 1: activations' out || bad "a second forward at temperature 1"
refused 0 2 'recipe.keep chooses among right answers' plan tiny.in recipe.keep=2
refused 0 2 'collect.max_new = 3000 leaves no room' plan tiny.in plan.verb=collect collect.max_new=3000
refused 0 2 'collect.max_new = 3000 leaves no room' collect tiny.in collect.max_new=3000 collect.out=c.h5

# A run goes on with its checkpoint, whatever became of the weights that it began with.
must 0 train tiny.in model.dir=m run.dir=r run.steps=1
change config.json 'o["intermediate_size"] = 65'
must 0 train tiny.in model.dir=m run.dir=r run.steps=2 run.resume=yes
must 0 eval tiny.in eval.model=r eval.limit=2
refused 0 2 'eval.max_new = 3000 leaves no room' eval tiny.in eval.model=r eval.max_new=3000
exit $fail
