# Every number of an evaluation is the same on 1, 2 and 3 ranks and after an interruption; answers that are cut are what a
# longer look at the same trace says; what cannot be asked is refused, what cannot be told is said.
# RUN: np=2
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/pocket.sh"
pocket_make || { bad "no pocket decks"; exit 1; }

# numbers FILE   all results but times
numbers() { "$ALETHEIA" show "$1" | sed -n '/^suite/,$p' | grep -v '^  seconds'; }
# number FILE ROW   a result of the table
number() { "$ALETHEIA" show "$1" | sed -n "s/^  $2  *\([-0-9.]*\).*/\1/p" | head -n 1; }

# ranks, pairs, votes, budgets
all="eval.samples=5 eval.pairs=yes eval.mode=think eval.budget=3,12,40,120 eval.max_new=120 eval.suites=train eval.limit=24 eval.max_prompt=480"
for n in 0 2 3; do
    must $n eval pocket.in $all eval.out=r$n
    [ -s r$n/train.h5 ] || { bad "no r$n/train.h5"; exit 1; }
    grep -E '^RESULT (votes|confidence|ranking|budget)' out >results$n
done
for n in 2 3; do
    diff <(numbers r0/train.h5) <(numbers r$n/train.h5) >diff.$n || { bad "$n ranks say otherwise:"; head -5 diff.$n; }
    cmp -s results0 results$n || bad "$n ranks have other RESULT lines"
done
for line in 'votes suite=train K=4 sc=' 'confidence suite=train lists=24 ece=' 'ranking suite=train lists=' \
    'budget suite=train budget=12 lists=24 listacc='; do
    grep -q "^RESULT $line" results0 || bad "no line RESULT $line"
done
! grep -q 'K=8' results0 || bad "a vote of 8 from 5 answers"
# K = 1 is the mean; a budget as long as the longest answer changes nothing that ended by itself
[ "$(number r0/train.h5 'sc  K 1')" = "$(number r0/train.h5 listacc)" ] || bad "SC@1 is not ListAcc"
[ "$(number r0/train.h5 'cut  budget 3')" = 1 ] || bad "not every answer was cut at 3 tokens"
[ "$(number r0/train.h5 'parse  budget 3')" = 1 ] || bad "cut answers do not name a letter"

# a shorter budget alone gives the same as among others; other evaluations are not touched by what is asked beside
must 0 eval pocket.in $all eval.budget=12 eval.pairs=no eval.out=alone
for row in 'listacc  budget 12' 'tokens  budget 12' listacc ece 'sc  K 3'; do
    [ "$(number alone/train.h5 "$row")" = "$(number r0/train.h5 "$row")" ] || bad "$row depends on what is asked beside it"
done

# interrupted: the file that was there stays, and the same command gives the same numbers
cp r0/train.h5 before.h5
for signal in TERM KILL; do
    "$ALETHEIA" eval pocket.in $all eval.samples=64 eval.out=r0 >cut.out 2>&1 </dev/null &
    pid=$!
    until grep -q "answers, " cut.out || ! kill -0 $pid 2>/dev/null; do sleep 0.02; done
    sleep 0.3
    kill -$signal $pid 2>/dev/null
    wait $pid 2>/dev/null
    code=$?
    [ $signal = KILL ] || [ $code = 75 ] || bad "SIGTERM: exit $code: $(tail -n 2 cut.out)"
    cmp -s r0/train.h5 before.h5 || bad "SIG$signal changed the file that was there"
done
must 0 eval pocket.in $all eval.out=r0
diff <(numbers before.h5) <(numbers r0/train.h5) >/dev/null || bad "another run after the interruption has other numbers"

# too few lists; nobody can be understood
must 0 eval pocket.in eval.suites=train eval.limit=3 eval.out=few
grep -q '3 lists are too few for an interval' out || bad "too few lists: not said"
grep -Eq 'acc=[0-9.]+ lo=nan hi=nan' out || bad "too few lists: an interval is there all the same"
must 0 eval pocket.in eval.suites=train eval.max_new=1 eval.limit=10 eval.samples=2 eval.out=mute
grep -q 'not one answer could be read' err || bad "a verifier that never parses: not said"
[ "$(result acc)" = 0.0000 ] || bad "a verifier that never parses has an accuracy"
[ "$(number mute/train.h5 'sc  K 2')" = 0 ] || bad "votes of nobody win"

# what numbers cost is measured on the deck's own lists
must 0 bench eval pocket.in eval.suites=train eval.max_new=6 eval.limit=10
for line in 'eval_pairs lists=[0-9]+ candidates=5 .*over_apart=[0-9.]+ over_alone=[0-9.]+' 'eval_votes lists=10 K=16 .*over_sampling=[0-9.]+'; do
    grep -Eq "^RESULT $line" out || bad "bench eval does not say $line"
done

# refused
refused 0 2 'usage: aletheia bench eval DECK' bench eval
refused 2 2 'bench eval measures one rank' bench eval pocket.in eval.suites=train
refused 0 3 'holds no lists of suite heldout' bench eval pocket.in
refused 2 2 'eval.votes = 9.*eval.samples = 4' eval pocket.in eval.suites=train eval.samples=4 eval.votes=9
refused 2 2 'eval.budget cuts thinking.*eval.mode = think' eval pocket.in eval.suites=train eval.mode=instruct eval.budget=8
refused 0 2 'eval.budget = 64,8.*ascending.*not `8`' eval pocket.in eval.suites=train eval.mode=think eval.budget=64,8
refused 0 2 'eval.budget = 8,some.*not `some`' eval pocket.in eval.suites=train eval.mode=think eval.budget=8,some
refused 2 2 'eval.budget: 500 tokens.*eval.max_new = 100' eval pocket.in eval.suites=train eval.mode=think eval.max_new=100 eval.budget=500
refused 0 2 '`odd` is no suite' eval pocket.in eval.suites=train eval.suites=odd
exit $fail
