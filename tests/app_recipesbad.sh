# Recipes that contradict themselves, and files of answers and pairs that do not suit the run or are damaged, end with the
# right exit code and one message that names the file or key, what was expected and what to do; what can be
# used is used.
# RUN: np=2
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/pocket.sh"
python=/usr/bin/python3
pocket_make || { bad "no pocket decks"; exit 1; }
pocket=$TOP/input/models/pocket
train="train pocket.in run.dir=r run.steps=2"

# train_refused CODE TEXT KEYS...   on one rank and on two; nothing of a run may be left behind
train_refused()
{
    local n
    for n in 0 2; do
        refused $n "$1" "$2" $train "${@:3}"
        [ ! -e r/run.h5 ] || { bad "${*:3}: a run was begun"; rm -rf r; }
    done
}
one_refused() { refused $((RANDOM % 2 * 2)) "$1" "$2" $train "${@:3}"; }
RANDOM=5

# Keys that contradict each other.
train_refused 2 'recipe.sync_every = 0 learns from files alone: name them in data.rollouts .*collect' recipe.name=rft
one_refused 2 'recipe.sync_every = 0 learns from files alone' recipe.name=dpo-think
one_refused 2 'recipe.sync_every = 0 learns from files alone' recipe.sync_every=0
train_refused 2 'data.rollouts names answers .*recipe.sync_every is not 0: set recipe.sync_every = 0' recipe.name=bo-grpo data.rollouts=c.h5
one_refused 2 'recipe.advantage = positives has no wrong answers, recipe.objective = pair needs one' recipe.name=online-dpo recipe.advantage=positives
one_refused 2 'recipe.objective = nll learns right answers .*set recipe.advantage = positives' recipe.name=raft recipe.advantage=mean-only
one_refused 2 'recipe.keep .*needs recipe.advantage = positives' recipe.keep=2
one_refused 2 'recipe.refill draws again for groups that recipe.filter takes out, and that is none' recipe.refill=3
one_refused 2 'recipe.refill draws more prompts, recipe.sync_every = 0 samples nothing' recipe.name=offline-grpo data.rollouts=c.h5 recipe.filter=all-equal recipe.refill=1
one_refused 2 'recipe.clip_dual .*must be above 1 . recipe.clip_high' recipe.clip_dual=1.2
one_refused 2 'recipe.clip_dual .*needs recipe.objective = clip' recipe.name=cispo recipe.clip_dual=10
one_refused 2 'recipe.group = 1 compares a completion with nothing.*recipe.group = 2' recipe.group=1
one_refused 2 'recipe.objective = pair chooses best and worst of a group: set recipe.group = 2' recipe.name=online-dpo recipe.advantage=sign recipe.group=1
one_refused 2 'recipe.kl_beta has no place beside recipe.objective = pair.*recipe.pair_beta' recipe.name=online-dpo recipe.kl_beta=0.1
one_refused 2 'recipe.reference_reset moves the reference' recipe.name=dpo-think data.rollouts=c.h5 recipe.reference_reset=5
one_refused 2 'data.source = fresh .*recipe.sync_every = 0 samples nothing: set data.source = file' recipe.name=rft data.rollouts=c.h5 data.source=fresh
train_refused 2 'the recipe contradicts itself:' recipe.keep=2 recipe.refill=3
grep -q '  recipe.keep' err && grep -q '  recipe.refill' err || { bad "not both of two contradictions are named"; cat err; }
one_refused 2 'recipe.objective = ppo: .*clip.*cispo.*nll.*pair' recipe.objective=ppo
one_refused 2 'recipe.filter = some: .*all-equal' recipe.filter=some
one_refused 2 'recipe.name = grpoo: .*grpo-think.*bo-grpo' recipe.name=grpoo
one_refused 2 'unknown key recipe.sync_evry.*recipe.sync_every' recipe.sync_evry=2

# Files that are none, or of another kind.
offline="recipe.name=rft data.rollouts"
echo 'no HDF5' >text.h5
: >empty.h5
train_refused 3 'nowhere.h5: No such file'                   $offline=nowhere.h5
train_refused 3 'text.h5: this is not an HDF5 file'          $offline=text.h5
one_refused 3 'empty.h5: the file is empty'                  $offline=empty.h5
one_refused 3 'folder|nowhere'                               $offline=c.h5,nowhere.h5
one_refused 3 '.: this is a folder'                          $offline=.
one_refused 3 'problems.h5: .*kind problems, expected kind rollout' $offline=problems.h5
one_refused 2 'data.rollouts = , names no file'              $offline=,
train_refused 2 'data.rollouts names ./c.h5 twice .c.h5.; name every file once' $offline=c.h5,./c.h5
must 2 $train $offline=',  c.h5 ,' && rm -rf r
for cut in -1 -100 -5000 3000 100 5; do
    cp c.h5 short.h5; truncate -s $cut short.h5
    one_refused 3 'short.h5: (the file is truncated or damaged|this is not an HDF5 file)' recipe.name=dpo-think data.rollouts=short.h5
done

# Files that do not suit the run.
must 0 train pocket.in run.dir=moved run.steps=1 recipe.record_every=1
must 0 export moved moved-model
must 0 collect pocket.in model.dir=moved-model collect.out=m.h5
must 0 collect pocket.in collect.limit=20 collect.top_p=0.9 collect.out=p09.h5
cp -r "$pocket" retok && echo >>retok/tokenizer.json
train_refused 3 'c.h5: its tokens are another tokenizer.s than that of model.dir' $offline=c.h5 model.dir=retok
train_refused 3 'c.h5: its answers are of another form than recipe.mode asks for' $offline=c.h5 recipe.mode=think
train_refused 3 'c.h5: its questions were put in other words; prompt.template, .*must be as they were' $offline=c.h5 prompt.question=full
one_refused 3 'c.h5: its questions were put in other words'  $offline=c.h5 prompt.system=Hello
one_refused 3 'c.h5: its questions were put in other words'  $offline=c.h5 prompt.template=plain
train_refused 3 'm.h5: other parameters sampled it than this run begins with.*recipe.objective = nll and pair .*data.any_model = yes' recipe.name=offline-grpo data.rollouts=m.h5
one_refused 3 'm.h5: other parameters sampled it'            recipe.name=offline-grpo recipe.objective=cispo data.rollouts=c.h5,m.h5
one_refused 3 'c.h5: .*at the temperature that it was sampled at and at 1; set recipe.temperature' recipe.name=offline-grpo data.rollouts=c.h5 recipe.temperature=0.9
one_refused 3 'p09.h5: it was sampled with collect.top_p below 1' recipe.name=offline-grpo data.rollouts=p09.h5
one_refused 3 'c.h5: no group of answers is left to learn from .*recipe.max_new = 4' $offline=c.h5 recipe.max_new=4
one_refused 3 'c.h5: no pair of a right and a wrong answer'  recipe.name=dpo-think data.rollouts=c.h5 recipe.max_new=4
for keys in "recipe.name=offline-grpo data.rollouts=m.h5 data.any_model=yes" "$offline=p09.h5" "recipe.name=offline-grpo data.rollouts=c.h5 recipe.temperature=1"; do
    must 0 $train $keys && rm -rf r
done
must 2 $train recipe.name=rft 'data.rollouts=c.h5 , m.h5'
grep -q 'completions of 2 rollout files' out || bad "two files: $(grep '^data' out)"
rm -rf r
# What a run recorded has no log-probabilities at temperature 1, and is of unnamed parameters.
record=moved/rollout/step-00000000.h5
one_refused 3 "$record: other parameters" recipe.name=offline-grpo data.rollouts=$record
train_refused 3 "$record: has log-probabilities at the temperature that it was sampled at alone; set recipe.temperature = 1.2" \
    recipe.name=offline-grpo data.rollouts=$record data.any_model=yes recipe.temperature=1
must 0 $train $offline=$record && rm -rf r

# Pairs and their reference.
pair="recipe.name=dpo-think data.rollouts=c.h5"
one_refused 2 'pairs.splice = yes writes .*set data.problems' $pair pairs.splice=yes data.problems=
"$ALETHEIA" problems pocket.in problems.out=others.h5 problems.first=90000 problems.train=60 >out 2>&1 || bad "problems: $(tail -n 1 out)"
refused 2 3 'others.h5: list [0-9]* is not what was collected from.*pairs.splice = no' $train $pair pairs.splice=yes data.problems=others.h5
rm -rf r
must 2 $train $pair pairs.file=pairs.h5
rm -rf r
sum=$(cksum <pairs.h5)
must 0 $train $pair pairs.file=pairs.h5
grep -q 'reference .*from pairs.h5' out || bad "pairs.h5 was not used again"
rm -rf r
pairs_refused() { refused 2 3 "$1" $train $pair pairs.file="${2:-pairs.h5}" "${@:3}"; rm -rf r; }
pairs_refused 'pairs.h5: .*of other parameters than this run began with.*another pairs.file' '' model.dir=moved-model
pairs_refused 'pairs.h5: its pairs are made of other answers.*another pairs.file' '' run.seed=9
pairs_refused 'pairs.h5: its pairs are made of other answers' '' pairs.most=3
pairs_refused 'pairs.h5: its pairs are made of other answers, .*recipe.temperature' '' recipe.temperature=1
pairs_refused 'pairs.h5: its pairs are made of other answers' '' data.rollouts=m.h5
pairs_refused 'pairs.h5: its pairs are made of other answers' '' data.rollouts=m.h5,c.h5
pairs_refused 'text.h5: this is not an HDF5 file' text.h5
pairs_refused 'c.h5: .*kind rollout, expected kind pairs' c.h5
pairs_refused 'nowhere/p.h5: cannot be created: .*folder must exist and be writable' nowhere/p.h5
cp pairs.h5 short.h5; truncate -s -50 short.h5
pairs_refused 'short.h5: the file is truncated or damaged' short.h5
[ "$sum" = "$(cksum <pairs.h5)" ] || bad "a refused pairs.h5 was changed"
must 2 $train $pair run.dir=gone
mv gone/pairs.h5 kept.h5
refused 2 3 'gone/pairs.h5: is gone.*put it back, or begin another run.dir' train pocket.in $pair run.dir=gone run.steps=3 run.resume=yes
mv kept.h5 gone/pairs.h5
cp c.h5 kept.h5; cp m.h5 c.h5
refused 2 3 'c.h5: holds other answers than when this run began; put the files back' train pocket.in $pair run.dir=gone run.steps=3 run.resume=yes
cp kept.h5 c.h5
refused 2 2 'run has data.rollouts = c.h5, the deck says c.h5,m.h5' train pocket.in $pair run.dir=gone data.rollouts=c.h5,m.h5 run.steps=3 run.resume=yes
must 2 train pocket.in $pair run.dir=gone run.steps=3 run.resume=yes

# A refill that cannot fill: bounded, counted, said, and no failure.
must 2 train pocket.in run.dir=alike run.steps=2 recipe.name=dapo recipe.refill=3 recipe.temperature=0.01
grep -q 'of 4 groups are missing after 4 rounds of sampling: raise recipe.refill = 3' alike/log.txt || bad "an unfilled batch is not said: $(cat alike/log.txt)"

$python -c 'import h5py' 2>/dev/null || exit $fail
# edited CODE   bad.h5 is c.h5 after the Python statements CODE on the open file f; s: its samples
edited()
{
    cp "${from:-c.h5}" bad.h5
    $python -c "import h5py, numpy
with h5py.File('bad.h5', 'r+') as f:
    s = f.get('sample')
    $1" || bad "edit: $1"
}
# damaged TEXT CODE [KEYS...]
damaged() { edited "$2"; refused 2 3 "$1" $train recipe.name=offline-grpo recipe.prompts=120 data.rollouts=bad.h5 "${@:3}"; rm -rf r; }
old='bad.h5: does not say which model answered which question .*aletheia collect'
for attribute in model mode param_hash tokenizer_hash prompt_hash temperature top_p; do
    damaged "$old" "del f.attrs['$attribute']"
done
damaged "$old" "f.attrs['prompt_hash'] = numpy.bytes_('12')"
damaged 'bad.h5: .*newer program' "f.attrs['version'] = 9"
damaged 'bad.h5: its writer ended before' "f.attrs['committed'] = 0"
for column in list sample candidates answer right truncated n_prompt reward reward_correct xxh3 \
    prompt_tokens/data prompt_tokens/offset tokens/data tokens/offset logprob/data logprob/offset logprob_1/data logprob_1/offset; do
    damaged "bad.h5: no dataset sample/$column" "del s['$column']"
done
damaged 'bad.h5: .*sample/answer.*shape' "x = s['answer'][:-1]; del s['answer']; s['answer'] = x"
damaged 'bad.h5: sample/right does not hold integers' "del s['right']; s['right'] = numpy.zeros(len(s['list']), 'f4')"
damaged 'bad.h5: sample/tokens/offset does not fit' "s['tokens/offset'][5] = -3"
damaged 'bad.h5: sample/tokens/offset does not fit' "s['tokens/offset'][-1] += 7"
damaged 'bad.h5: sample/logprob/offset does not fit' "s['logprob/offset'][5] += 1"
damaged 'bad.h5: sample/logprob/data|bad.h5: sample/logprob/offset' "s['logprob/data'].resize((10,))"
damaged 'bad.h5: sample row 7: the right answer is not a letter' "s['right'][7] = 5"
damaged 'bad.h5: sample row 7: its verdict does not fit'  "s['reward_correct'][7] = 1 - s['reward_correct'][7]"
damaged 'bad.h5: sample row 7: its reward is not a number' "s['reward'][7] = numpy.nan"
damaged 'bad.h5: sample row 7: its prompt or its tokens' "s['n_prompt'][7] += 1"
one='a = int(s["tokens/offset"][7])'
damaged 'bad.h5: sample row 7: token 640 is outside the model.s vocabulary of 640' "$one; s['tokens/data'][a] = 640"
damaged 'bad.h5: sample row 7: token -1 is outside'       "$one; s['tokens/data'][a] = -1"
changed='bad.h5: sample row 7: it was changed since it was written; use another copy of the file, or collect it again'
damaged "$changed" "$one; s['tokens/data'][a] = (s['tokens/data'][a] + 1) % 600"
damaged "$changed" "$one; s['logprob/data'][a] *= 1.5" recipe.temperature=1
damaged "$changed" "$one; s['logprob_1/data'][a] *= 1.5"
damaged "$changed" "s['reward'][7] -= 0.25"
damaged 'bad.h5: sample row 4: it was changed' "s['sample'][4:8] = s['sample'][4:8][::-1]"
damaged 'bad.h5: holds no completions' "[(s[k].resize((0,)) if isinstance(s[k], h5py.Dataset) else (s[k]['offset'].resize((1,)), s[k]['data'].resize((0,)))) for k in list(s)]"
edited "k = slice(0, 4); c = s['candidates'][0]; s['right'][k] = (s['right'][k] + 1) % c; a = s['answer'][k]; a[a >= 0] = (a[a >= 0] + 1) % c; s['answer'][k] = a"
for n in 0 2; do
    refused $n 3 'c.h5 row [0-9]* and bad.h5 row 0 answer the same prompt, but [A-E] is right of [2-5] in the one, [A-E] of [2-5] in the other.*contradict each other; use one' \
        $train $offline=c.h5,bad.h5
done

# Any byte: refused with one message, or not used.
for i in $(seq 24); do
    cp c.h5 bad.h5
    at=$((RANDOM * 32768 + RANDOM)); at=$((at % $(wc -c <c.h5)))
    printf "\\x$(printf %02x $((RANDOM % 256)))" | dd of=bad.h5 bs=1 seek=$at conv=notrunc 2>/dev/null
    on 0 $train recipe.name=offline-grpo recipe.prompts=120 run.steps=1 data.rollouts=bad.h5
    [ $code = 0 ] || one_message 3 'bad.h5' "byte $at changed"
    rm -rf r
done

# The reference's numbers.
from=pairs.h5
edited "f['pairs/reference'][3, 1] += 1"
pairs_refused 'bad.h5: its numbers were changed since they were written' bad.h5
edited "del f['pairs/reference']"
pairs_refused 'bad.h5: no dataset pairs/reference' bad.h5
from=

# What waits in a block is part of the checkpoint, and is looked at as all of it.
must 0 train pocket.in run.dir=block4 run.steps=4 recipe.name=bo-grpo run.save_every=1
rm block4/ckpt/step-0000000[34].h5
$python - <<'PY' || bad "edit of a block"
import h5py
with h5py.File("block4/ckpt/step-00000002.h5", "r+") as f:
    f["block/logprob/data"][5] *= 2
PY
refused 2 3 'step-00000002.h5: block row 0: it was changed since it was written' train pocket.in run.dir=block4 run.steps=4 recipe.name=bo-grpo run.resume=yes

# The columns of a refill that cannot fill.
$python - <<'PY' || bad "columns of the refill that cannot fill"
import h5py, sys
s = h5py.File("alike/run.h5")["step"]
ok = (s["rounds"][()] == 4).all() and (s["groups_missing"][()] > 0).all() and (s["groups_filtered"][()] > 0).all()
print(*(s[k][()] for k in ("rounds", "groups_missing", "groups_filtered"))) if not ok else None
sys.exit(not ok)
PY
exit $fail
