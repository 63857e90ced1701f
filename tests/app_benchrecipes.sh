# `bench recipes` runs every recipe's real steps on a deck's own lists, says all ratios, and
# leaves nothing behind; what it cannot use it refuses.  Its numbers are no test.  The plan's line for completions
# that wait follows the keys that it is about.
# RUN: np=1
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
tiny_make || { bad "no tiny model"; exit 1; }
cat >deck.in <<E
[run]
seed       = 3
[problems]
out        = p.h5
families   = accum,machine,string
difficulty = 0
train      = 12
heldout    = 0
weak       = 6
strong     = 3
tests      = 4
lists      = 4
[model]
dir        = $TOP/input/models/pocket
[data]
problems   = p.h5
[recipe]
prompts    = 2
group      = 4
max_new    = 100
temperature = 1.2
[sampler]
max_prompt = 480
[sandbox]
allow_degraded = yes
E
must 0 problems deck.in
mkdir tmp
export TMPDIR=$PWD/tmp
left() { ls tmp | grep aletheia-bench; }
for n in 2; do
    must $n bench recipes deck.in
    for recipe in grpo-think bo-grpo raft dapo offline-grpo; do
        line=$(grep "^RESULT bench=recipes recipe=$recipe ranks=$n " out)
        for key in steps seconds tokens_per_s ratio learn_gflops learn flops work draw_share update_share rest_share; do
            [[ $line =~ " $key="[0-9.-]+( |$) ]] || bad "$recipe on $n ranks: no number $key: $line"
        done
        [ $recipe = offline-grpo ] || [[ $line =~ " generate="[0-9.]+" rounds="[0-9.]+" surplus="[0-9.] ]] ||
            bad "$recipe on $n ranks: nothing of sampling: $line"
    done
    grep -Eq '^RESULT bench=recipes recipe=grpo-think .* ratio=1.000 .* learn=1.000 flops=1.000 work=1.000 ' out ||
        bad "grpo-think is not 1"
    grep -Eq '^RESULT bench=recipes recipe=bo-grpo .* rounds=1.00 surplus=0.000 ' out || bad "bo-grpo: one round a block"
    grep -Eq "^RESULT bench=collect ranks=$n answers=[1-9][0-9]* generate_tokens_per_s=[0-9]+ ratio=[0-9.]+ score=" out ||
        bad "no collect"
    grep -Eq '^RESULT bench=pairs pairs=16 prompt=200 answer=40 .* ratio=[0-9.]+ same_loss=1$' out || bad "no pairs"
    ! grep -q '^step ' out || bad "the steps speak"
    [ -z "$(left)" ] || bad "left behind: $(left)"
done
refused 0 2 'usage: aletheia bench recipes DECK' bench recipes
refused 0 2 'none.in' bench recipes none.in
refused 2 3 'no.h5' bench recipes deck.in data.problems=no.h5
refused 0 2 'model.dir is not set' bench recipes deck.in model.dir=
[ -z "$(left)" ] || bad "left behind by what was refused: $(left)"

# A model that is never right: there is nothing to learn, and no ratio of it.
must 0 bench recipes tiny.in recipe.prompts=2 recipe.group=2
! grep -q 'nan' out || bad "a number that is none: $(grep nan out)"

# waits KEYS...   MB of completions that wait
waits()
{
    must 0 plan tiny.in recipe.prompts=64 "$@"
    sed -n 's/^ *\([0-9.]*\) MB  completions that wait, at most$/\1/p' out
}
twice() { awk -v a="$1" -v b="$2" -v k="$3" 'BEGIN { exit !(b > 0.97 * k * a && b < 1.03 * k * a) }' || bad "$4: $1, $2, not $3 times"; }
one=$(waits)
twice "$one" "$(waits recipe.sync_every=4)" 4 "four steps"
twice "$one" "$(waits recipe.group=8)" 1.81 "twice the answers, the same prompts"
twice "$one" "$(waits recipe.filter=all-equal recipe.refill=3)" 3 "refilling"
twice "$one" "$(waits plan.ranks=4)" 0.25 "four ranks"
exit $fail
