# score gives back the log-probabilities that training recorded when it sampled, to the last bit, in both input forms; sample says
# the same words for the same seed; a bad line is named.
# RUN: np=2 backend=cpu
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
python=/usr/bin/python3
tiny_make || { bad "no tiny model"; exit 1; }

must 2 train tiny.in run.dir=r run.steps=1 recipe.record_every=1
if $python -c 'import h5py' 2>/dev/null; then
    cat >ask.py <<'PY'
import h5py, json, numpy, sys
f = h5py.File("r/rollout/step-00000000.h5")["sample"]
def rows(name):
    o, x = f[name + "/offset"][:], f[name + "/data"][:]
    return [x[o[i]:o[i + 1]] for i in range(len(o) - 1)]
prompts, tokens, logp = rows("prompt_tokens"), rows("tokens"), rows("logprob")
if sys.argv[1] == "ask":
    for p, t in zip(prompts, tokens):
        print(json.dumps({"tokens": [int(x) for x in p] + [int(x) for x in t], "from": len(p)}))
else:
    for line, p in zip(open("out"), logp):
        said = numpy.array(json.loads(line)["logprobs"], dtype=numpy.float32)
        assert said.tobytes() == p.astype(numpy.float32).tobytes(), (said, p)
    print("same")
PY
    $python ask.py ask >ask.jsonl
    must 1 score model ask.jsonl
    [ "$(wc -l <out)" = 16 ] || bad "score: $(wc -l <out) lines of 16"
    [ "$($python ask.py check 2>&1)" = same ] || bad "score: not the recorded log-probabilities: $($python ask.py check 2>&1)"
fi

# The same sequence as text and as tokens, alone and after others: the same digits.
printf '{"prompt": "a", "completion": "b"}\n\n{"prompt": "Which program is right? ", "completion": "A yes"}\n' >two.jsonl
must 1 score model two.jsonl
[ "$(wc -l <out)" = 2 ] || bad "two lines asked, $(wc -l <out) answered"
tail -n 1 out >last
tail -n 1 two.jsonl >one.jsonl
must 2 score model one.jsonl layout.backend=strict
cmp -s out last || bad "score depends on ranks, backend or other lines"

printf '{"tokens": [1, 2]}\n{"prompt": "x"}\n' >bad.jsonl
refused 1 3 'bad.jsonl:2: .*prompt.*completion'  score model bad.jsonl
printf '{"tokens": [1, 2\n' >bad.jsonl
refused 1 3 'bad.jsonl:1: not JSON'              score model bad.jsonl
printf '{"tokens": [1, 2], "from": 2}\n' >bad.jsonl
refused 1 3 'bad.jsonl:1: "from" = 2'            score model bad.jsonl
printf '{"tokens": [1, 99999]}\n' >bad.jsonl
refused 1 3 'bad.jsonl:1: token 99999'           score model bad.jsonl
# All bad lines are named at once, before anything is scored, or are skipped in their places.
{ cat one.jsonl; echo '{"tokens": [1'; echo; cat bad.jsonl; printf '{"prompt": "x"}\n'; cat one.jsonl; } >mixed.jsonl
refused 1 3 'mixed.jsonl:2: not JSON'            score model mixed.jsonl
[ "$(grep -c 'mixed.jsonl:[245]: ' err)" = 3 ] && [ ! -s out ] || bad "not all bad lines, or some were scored: $(cat out err)"
must 1 score model mixed.jsonl --skip-bad
cp out answers
[ "$(wc -l <out)" = 5 ] && [ "$(sed -n 1p out)" = "$(cat last)" ] && [ "$(sed -n 5p out)" = "$(cat last)" ] || bad "skipping changes the others: $(cat out)"
[ "$(sed -n 2,4p out | cut -d: -f 1-4)" = '{"line": 2, "skipped": "mixed.jsonl:2
{"line": 4, "skipped": "mixed.jsonl:4
{"line": 5, "skipped": "mixed.jsonl:5' ] && grep -q '3 lines cannot be scored' err || bad "skipped lines: $(cat out err)"
must 2 score model mixed.jsonl --skip-bad layout.backend=strict
cmp -s out answers || bad "--skip-bad on two ranks"
refused 1 3 'none.jsonl'                         score model none.jsonl

must 1 sample model 'Which program' sampler.max_new=30 sampler.temperature=1
cp out first
must 2 sample model 'Which program' sampler.max_new=30 sampler.temperature=1 layout.backend=strict
cmp -s out first || bad "sample: other words on two ranks"
must 1 sample model 'Which program' sampler.max_new=30 sampler.temperature=1 run.seed=2
cmp -s out first && bad "sample: the seed changes nothing"
refused 1 2 'empty' sample model ''
exit $fail
