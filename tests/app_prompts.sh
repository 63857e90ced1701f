# How a model is asked, through the program: the first page says it, `show` prints the very prompt with its
# number of tokens, a checkpoint is asked as its run was, and a statement of 10 MB is shown and left out.
# RUN: np=2
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
python=/usr/bin/python3
tiny_make || { bad "no tiny model"; exit 1; }
said() { grep -Fq -- "$1" out || { bad "no '$1' in what it printed:"; head -n 30 out; }; }

# Both spellings, both modes, one mode; a deck, a model directory, neither.
must 0 show problems.h5 list 1
grep -q '^candidate A' out || bad "show list: another output"
must 1 show list problems.h5 1 model.dir=model
cp out both
said '<|im_start|>assistant'
said '<think>'
[ "$(grep -Ec '^(instruct|think), [0-9]+ tokens' out)" = 2 ] || bad "show: not two numbers of tokens"
must 0 show problems.h5 prompt 1 model
cmp -s out both || bad "show prompt N MODELDIR is not show list FILE N model.dir=MODELDIR"
must 0 show problems.h5 prompt 1 tiny.in
sed 's/, more than .*//' both >bare
sed 's/, more than .*//' out | cmp -s - bare || bad "show prompt N DECK is not show list FILE N model.dir=..."
must 0 show problems.h5 prompt 1 think model
said 'think, '
! grep -q '^instruct, ' out || bad "show ... think prints the other mode too"
must 0 show list problems.h5 1
said 'tokens are not counted: no model'
said '<|im_start|>user'
must 0 show list problems.h5 1 prompt.template=llama3 instruct
said '{bos}<|start_header_id|>user<|end_header_id|>'
must 0 show list problems.h5 1 model instruct sampler.max_prompt=7
said 'more than sampler.max_prompt = 7: training leaves this list out'
refused 0 2 'no list 9999; it has'           show list problems.h5 9999 model.dir=model
refused 0 2 'a list.s number'                show list problems.h5 x
refused 0 2 'one deck or model directory'    show list problems.h5 1 model tiny.in
refused 0 2 'unknown key prompt.tmplate.*prompt.template' show list problems.h5 1 prompt.tmplate=plain
refused 0 2 'usage: aletheia show'           show problems.h5 list

# The number of tokens is what training fed: the prompt of the first recorded completion.
must 2 train tiny.in run.dir=r run.steps=1 recipe.record_every=1
said "prompt       template chatml (chosen by the model's chat template"
if $python -c 'import h5py' 2>/dev/null; then
    $python - >lengths <<'PY'
import h5py
s = h5py.File("r/rollout/step-00000000.h5")["sample"]
print(s["list"][0], s["prompt_tokens/offset"][1])
PY
    read -r list tokens <lengths
    must 0 show list problems.h5 "$list" instruct model.dir=model
    said "instruct, $tokens tokens"
fi

# A template of one's own: training, its checkpoint and its continuation know it.
cat >own.conf <<'END'
[own]
user     = <|im_start|>{user}
think    = \nThink.<think>\n
instruct = \nSay.
stop     = <|endoftext|> <|im_end|>
END
must 2 train tiny.in run.dir=own run.steps=1 prompt.template=own.conf run.eval_every=1
said 'prompt       template own (own.conf), no system message; an answer ends with <|endoftext|> <|im_end|>'
must 2 eval tiny.in eval.model=own
said 'prompt: template own (own.conf)'
must 2 eval tiny.in eval.model=own prompt.template=chatml
said 'prompt: template chatml (as the deck says)'
refused 2 2 'prompt.template = own.conf.*says auto' train tiny.in run.dir=own run.steps=2 run.resume=yes
must 2 sft tiny.in run.dir=s run.steps=1 prompt.template=own.conf
said 'prompt       template own'

# The question: brief for what init made, marked in its config.json, also when it was exported; full for others,
# of one's own where the deck names a file.  The run's deck and its evaluations hold it; a run keeps it.
said 'question brief (`aletheia init` made the model)'
grep -q '"aletheia_question": "brief"' model/config.json || bad "init left no mark: $(cat model/config.json)"
grep -Eq '^question +=  *brief$' own/deck.in || bad "the run's deck: $(grep -A4 '^.prompt' own/deck.in)"
must 1 export own exported
grep -q '"aletheia_question": "brief"' exported/config.json || bad "the export lost the mark"
cp -r model theirs
sed -i 's/"aletheia_question": "brief"/"aletheia_question": "full"/' theirs/config.json
must 0 show problems.h5 prompt 1 theirs instruct
said 'question full (`aletheia init` did not make the model)'
said 'its output is right on every test'
must 2 train tiny.in run.dir=full run.steps=1 model.dir=theirs sampler.max_prompt=900
said 'question full'
must 2 eval tiny.in eval.model=full eval.max_prompt=900 eval.suites=train eval.out=full/eval
said 'question full'
grep -aEq '^question +=  *full$' full/eval/train.h5 || bad "the evaluation's deck does not hold the question"
must 2 eval tiny.in eval.model=full prompt.question=brief
said 'question brief (as the deck says)'
refused 2 2 'has prompt.question = full, the deck says brief' train tiny.in run.dir=full run.steps=2 run.resume=yes model.dir=theirs sampler.max_prompt=900 prompt.question=brief
printf '[mine.verify]\ninstruct = {statement} {candidates}Which?\nthink = {statement} {candidates}Hm.\ncandidate = {letter}) {program}\n' >mine.conf
must 2 sft tiny.in run.dir=mine run.steps=1 prompt.question=mine.conf
said "question mine.conf (of one's own)"
must 0 show problems.h5 prompt 1 model instruct prompt.question=mine.conf
said 'Which?<|im_end|>'
echo 'think = x' >>mine.conf
refused 2 2 'mine.conf:5: key think is given twice' eval tiny.in eval.model=model prompt.question=mine.conf

# A model that cannot be asked can still go on with a text.
cp -r model other
echo "{{ '[INST]' + content }}" >other/chat_template.jinja
refused 2 2 'other: how this model is to be asked cannot be decided.*chatml, llama3.1, llama3, plain' eval tiny.in eval.model=other
must 1 sample other 'Which program' sampler.max_new=5
must 2 eval tiny.in eval.model=other prompt.template=chatml

# 10 MB on one line.
if $python -c 'import h5py' 2>/dev/null; then
    cp problems.h5 big.h5
    $python - <<'PY'
import h5py, numpy
with h5py.File("big.h5", "r+") as f:
    s, k = f["problem/statement"], int(f["list/problem"][0])
    data, at = s["data"][:], s["offset"][:]
    big = numpy.frombuffer(b"the sum of all numbers, " * 416667, dtype=data.dtype)
    data = numpy.concatenate([data[:at[k]], big, data[at[k + 1]:]])
    at[k + 1:] += len(big) - (at[k + 1] - at[k])
    del s["data"]
    s["data"] = data
    s["offset"][:] = at
PY
    must 0 show big.h5
    must 0 show big.h5 list 0
    [ "$(wc -c <out)" -gt 10000000 ] || bad "show list: the long statement was cut"
    must 0 show list big.h5 0 instruct model.dir=model
    grep -Eq '^instruct, [0-9]{6,} tokens, more than sampler.max_prompt' out || bad "show prompt: $(head -c 300 out)"
    SECONDS=0
    must 2 eval tiny.in data.problems=big.h5 eval.suites=train eval.out=big
    [ $SECONDS -lt 60 ] || bad "eval took $SECONDS s"
    [ "$(result dropped)" -gt 0 ] || bad "eval: nothing was left out"
    said 'lists left out: prompt longer than eval.max_prompt'
    must 0 show big/train.h5
    said 'dropped'
fi
must 2 eval tiny.in eval.max_prompt=5
[ "$(result lists)$(result dropped)" = 06 ] || bad "eval of nothing: $(grep RESULT out)"
exit $fail
