# `bench recipes` runs every recipe's real steps on a deck's own lists, on one rank and on two, says all ratios, and
# leaves nothing behind; what it cannot use it refuses.  Its numbers are no test.  The plan's line for completions
# that wait follows the keys that it is about.
# RUN: np=1
# TIMEOUT: 500
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
tiny_make || { bad "no tiny model"; exit 1; }
mkdir tmp
export TMPDIR=$PWD/tmp
for n in 1 2; do
    must $n bench recipes tiny.in recipe.micro_tokens=4000
    for recipe in grpo-think bo-grpo raft dapo offline-grpo; do
        line=$(grep "^RESULT bench=recipes recipe=$recipe ranks=$n " out)
        for key in steps seconds tokens_per_s ratio learn_gflops learn flops work draw_share update_share rest_share; do
            [[ $line =~ " $key="[0-9.-]+ ]] || bad "$recipe on $n ranks: no number $key: $line"
        done
        [ $recipe = offline-grpo ] || [[ $line =~ " generate="[0-9.]+" rounds="[0-9.]+" surplus="[0-9.] ]] ||
            bad "$recipe on $n ranks: nothing of sampling: $line"
    done
    grep -Eq '^RESULT bench=recipes recipe=grpo-think .* ratio=1.000 .* flops=1.000 work=1.000 ' out || bad "grpo-think is not 1"
    grep -Eq '^RESULT bench=recipes recipe=bo-grpo .* rounds=1.00 surplus=0.000 ' out || bad "bo-grpo: one round a block"
    grep -Eq "^RESULT bench=collect ranks=$n answers=[1-9][0-9]* generate_tokens_per_s=[0-9]+ ratio=[0-9.]+ score=" out || bad "no collect"
    grep -Eq '^RESULT bench=pairs pairs=16 prompt=200 answer=40 .* ratio=[0-9.]+ same_loss=1$' out || bad "no pairs"
    ! grep -q '^step ' out || bad "the steps speak"
    [ -z "$(ls -A tmp)" ] || bad "left behind: $(ls tmp)"
done
refused 0 2 'usage: aletheia bench recipes DECK' bench recipes
refused 0 2 'none.in' bench recipes none.in
refused 2 3 'no.h5' bench recipes tiny.in data.problems=no.h5
[ -z "$(ls -A tmp)" ] || bad "left behind by what was refused: $(ls tmp)"
TMPDIR=/nowhere
refused 0 2 '/nowhere.*set TMPDIR' bench recipes tiny.in
TMPDIR=$PWD/tmp

# waits KEYS...   MB of completions that wait
waits()
{
    must 0 plan tiny.in recipe.prompts=64 "$@"
    sed -n 's/^ *\([0-9.]*\) MB  completions that wait, at most$/\1/p' out
}
twice() { awk -v a="$1" -v b="$2" -v k="$3" 'BEGIN { exit !(b > 0.97 * k * a && b < 1.03 * k * a) }' || bad "$4: $1, $2, not $3 times"; }
one=$(waits)
twice "$one" "$(waits recipe.sync_every=4)" 4 "four steps"
twice "$one" "$(waits recipe.group=8)" 2 "twice the answers"
twice "$one" "$(waits recipe.filter=all-equal recipe.refill=3)" 3 "refilling"
twice "$one" "$(waits plan.ranks=4)" 0.25 "four ranks"
exit $fail
