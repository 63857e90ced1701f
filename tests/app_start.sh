# What a model's tokenizer puts before every text stands before the text of `sample` and the prompt of `score`,
# once; ids given to `score` are taken as they are.  init makes vocabularies of the tokenizer's size.
# RUN: np=1
# TIMEOUT: 300
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
python=/usr/bin/python3
tiny_make || { bad "no tiny model"; exit 1; }

# The last three ids of the tiny model are <|endoftext|>, <|im_start|> and <|im_end|>: 381 to 383.
cp -r model begins
$python - <<'END' || exit 1
import json
path = "begins/tokenizer.json"
o = json.load(open(path))
text, first = {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "b", "type_id": 0}}
o["post_processor"] = {"type": "Sequence", "processors": [o["post_processor"], {
    "type": "TemplateProcessing", "single": [first, text], "pair": [text],
    "special_tokens": {"b": {"id": "b", "ids": [381], "tokens": ["<|endoftext|>"]}}}]}
json.dump(o, open(path, "w"))
vocab = o["model"]["vocab"]
a, b = vocab["a"], vocab["b"]
with open("lines.jsonl", "w") as f:
    for line in ({"prompt": "a", "completion": "b"}, {"prompt": "<|endoftext|>a", "completion": "b"},
                 {"prompt": "", "completion": "a"}, {"tokens": [381, a, b], "from": 2}, {"tokens": [381, a]},
                 {"tokens": [a, b]}):
        f.write(json.dumps(line) + "\n")
with open("bare.jsonl", "w") as f:
    for line in ({"prompt": "a", "completion": "b"}, {"tokens": [a, b]}):
        f.write(json.dumps(line) + "\n")
END
must 0 score begins lines.jsonl
line() { sed -n "$1p" out; }
[ "$(line 1)" = "$(line 4)" ] || bad "score: $(line 1), with its first token given $(line 4)"
[ "$(line 2)" = "$(line 4)" ] || bad "score, where the prompt has the token: $(line 2) and $(line 4)"
[ "$(line 3)" = "$(line 5)" ] || bad "score of the first token: $(line 3) and $(line 5)"
[ "$(line 1)" != "$(line 6)" ] || bad "the token before the text changes nothing"
must 0 score model bare.jsonl
[ "$(line 1)" = "$(line 2)" ] || bad "score without a token before: $(line 1) and $(line 2)"
printf '{"prompt": "", "completion": "a"}\n' >empty.jsonl
refused 0 3 'empty.jsonl:1: "prompt" is empty' score model empty.jsonl
must 0 help score
grep -Fq 'tokenizer(prompt).input_ids + tokenizer(completion, add_special_tokens=False).input_ids' out || bad "help score"

# A random model is sure of nothing, so the same seed says something else after another text.
says() { must 0 sample "$1" "$2" sampler.temperature=1 sampler.max_new=40; cp out "$3"; }
says begins 'Which' with
says begins '<|endoftext|>Which' given
says model '<|endoftext|>Which' same
says model 'Which' without
cmp -s with given || bad "sample: a second token where the text has one"
cmp -s with same || bad "sample: not as the text with the token"
! cmp -s with without || bad "sample: the token before the text is not there"
must 0 sample begins '' sampler.max_new=3
refused 0 2 'the text is empty' sample model ''
$python - <<'END' || exit 1
import json
o = json.load(open("begins/tokenizer.json"))
o["post_processor"] = {"type": "Fancy"}
json.dump(o, open("begins/tokenizer.json", "w"))
END
refused 0 3 'field post_processor.type: Fancy is not supported.*stands before every text' sample begins 'Which'
must 0 plan tiny.in model.dir=begins
refused 0 3 'Fancy is not supported' plan tiny.in model.dir=begins prompt.template=plain

# init: 0 is the tokenizer's size, whichever it is; more rows than tokens are fine, fewer are not.
vocab() { must 0 init tiny.in model.dir="$1" "${@:3}"; [ "$(result vocab)" = "$2" ] || bad "$1: vocab $(result vocab)"; }
vocab i1 768 model.vocab=0
vocab i2 384 model.vocab=0 model.tokenizer=model
vocab i3 384 model.vocab=0 model.tokenizer=model model.config=i1
vocab i4 768 model.config=i1 model.tokenizer=model
vocab i5 500 model.tokenizer=model model.vocab=500
vocab i6 259 model.vocab=259
printf 'aaaa bbbb aaaa' >short
vocab i7 265 model.vocab=0 model.corpus=short
must 0 plan i7 sampler.max_prompt=1000 recipe.max_new=24
refused 0 2 'model.tokenizer = model has 384 entries, but model.vocab gives the model 300 .*model.vocab = 0' init tiny.in model.dir=j model.tokenizer=model model.vocab=300
refused 0 2 'model has 384 entries, but vocab_size of model.config .* 259 .*model.vocab = 0' init tiny.in model.dir=j model.tokenizer=model model.config=i6
refused 0 2 'model.vocab = 258: .* at least 259' init tiny.in model.dir=j model.vocab=258
refused 0 2 'model.vocab = -1' init tiny.in model.dir=j model.vocab=-1
refused 0 3 'gives only' init tiny.in model.dir=j model.vocab=384 model.corpus=short
[ ! -e j/config.json ] || bad "a model was made of what was refused"

# A copied tokenizer with the tokens of chatml and no chat template gets one; without them init says what to do.
rm model/chat_template.jinja
must 0 init tiny.in model.dir=k model.tokenizer=model
cmp -s k/chat_template.jinja i1/chat_template.jinja || bad "no chat template"
cp -r model own && echo 'mine' >own/chat_template.jinja
must 0 init tiny.in model.dir=l model.tokenizer=own
cmp -s l/chat_template.jinja own/chat_template.jinja || bad "the tokenizer's own chat template is gone"
sed -i 's/im_start/im_begin/' own/tokenizer.json && rm own/chat_template.jinja
must 0 init tiny.in model.dir=n model.tokenizer=own
grep -q 'n: no chat template.*prompt.template = plain' out && [ ! -e n/chat_template.jinja ] || bad "no tokens of chatml: $(cat out)"
exit $fail
