# The best of N: the same choices on 1, 2 and 3 ranks, with graders and without, after an interruption too; what a verifier
# with an opinion of its own chooses is executed; what cannot be chosen is refused.
# RUN: np=2
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/pocket.sh"
pocket_make || { bad "no pocket decks"; exit 1; }
rows() { "$ALETHEIA" show "$1" | sed -n '/^parameters/,$p'; }
all="select.split=train select.programs=7 select.limit=6"

for method in knockout swiss pairs; do
    must 0 select pocket.in $all select.method=$method select.out=$method.h5
    grep '^RESULT select N' out >$method.results
    [ "$(grep -c '^RESULT select N=' out)" = 4 ] || bad "$method: not N = 1, 2, 4, 7"
    [ "$(result differ)" = 0 ] || bad "$method: $(result differ) choices are otherwise than the problem file says"
    [ "$(result faults)" = 0 ] || bad "$method: $(result faults) faults"
    must 2 select pocket.in $all select.method=$method select.out=r2.h5
    [ $method = swiss ] && must 3 select pocket.in $all select.method=$method layout.graders=1 select.out=r3.h5
    for n in 2 $([ $method = swiss ] && echo 3); do
        diff <(rows $method.h5) <(rows r$n.h5) >/dev/null || bad "$method: $n ranks choose otherwise"
    done
done
for n in 2 4; do    # up to five programs every method is one list
    for method in swiss pairs; do
        [ "$(grep "N=$n " knockout.results | sed 's/method=[a-z]*//')" = "$(grep "N=$n " $method.results | sed 's/method=[a-z]*//')" ] ||
            bad "$method of $n programs is not one list"
    done
done
[ "$(grep -o 'questions=[0-9.]*' pairs.results | tail -n 1)" = questions=42.0000 ] || bad "pairs of 7: not 42 questions"
[ "$(grep -o 'questions=[0-9.]*' swiss.results | tail -n 1)" = questions=24.0000 ] || bad "swiss of 7: not 24 questions"

# N = 1: the choice is the program; nobody is above the oracle; one of the N never gets worse with N
python=/usr/bin/python3
if $python -c 'import h5py' 2>/dev/null; then
    $python - knockout.h5 problems.h5 <<'PY' || bad "the file does not add up"
import h5py, numpy, sys
c = {k: v[:] for k, v in h5py.File(sys.argv[1])["choice"].items()}
rate = h5py.File(sys.argv[2])["program/pass_rate"][:]
assert (c["right"] == (rate[c["program"]] == 1)).all() and (c["right"] <= c["any"]).all()
assert (c["majority_right"] <= c["any"]).all()
one = c["n"] == 1
assert (c["right"][one] == c["share"][one]).all() and (c["asked"][one] == 0).all()
n = h5py.File(sys.argv[1])["number"]
text = lambda k: [bytes(n[k]["data"][a:b]).decode() for a, b in zip(n[k]["offset"][:-1], n[k]["offset"][1:])]
value = {(m, o): v for m, o, v in zip(text("measure"), text("of"), n["value"][:])}
for size in (1, 2, 4, 7):
    at = c["n"] == size
    for measure, column in (("verifier", "right"), ("random", "share"), ("oracle", "any"), ("majority", "majority_right")):
        assert abs(value[measure, str(size)] - c[column][at].mean()) < 1e-12, (measure, size)
    assert abs(value["verifier-random", str(size)] - (c["right"][at] - c["share"][at]).mean()) < 1e-12
assert all(value["oracle", str(a)] <= value["oracle", str(b)] for a, b in ((1, 2), (2, 4), (4, 7)))
PY
fi

# interrupted: nothing is left, the same command gives the same choices
for signal in TERM KILL; do
    "$ALETHEIA" select pocket.in $all eval.samples=48 select.out=cut.h5 >cut.out 2>&1 </dev/null &
    pid=$!
    until grep -q "chooses among" cut.out || ! kill -0 $pid 2>/dev/null; do sleep 0.02; done
    sleep 0.3
    kill -$signal $pid 2>/dev/null
    wait $pid 2>/dev/null
    code=$?
    [ $signal = KILL ] || [ $code = 75 ] || bad "SIGTERM: exit $code: $(tail -n 2 cut.out)"
    [ ! -e cut.h5 ] || bad "SIG$signal left a file"
done
must 0 select pocket.in $all select.out=cut.h5
diff <(rows knockout.h5) <(rows cut.h5) >/dev/null || bad "another run after the interruption chooses otherwise"

# a verifier that never parses chooses nobody in particular, and says so
must 0 select pocket.in $all eval.max_new=1
grep -q 'not one question was answered: every choice was drawn' err || bad "a verifier that never parses: not said"
[ "$(result silent)" = "$(result questions)" ] || bad "silent questions are not counted"

must 0 select pocket.in $all select.programs=2 select.limit=3
grep -q '3 problems are too few for an interval' out || bad "too few problems: not said"

# refused
refused 2 2 'select.programs = 1: there is nothing to choose' select pocket.in select.split=train select.programs=1
refused 2 2 'select.programs = 40.*at most [0-9]+ executed programs.*problems.weak' select pocket.in select.split=train select.programs=40
refused 0 2 'has no problems of split heldout' select pocket.in
echo '{"id":"1","prompt":"P?","chosen":["a"],"rejected":["b","c"],"num_correct":1,"num_incorrect":2,"subset":"s"}' >judged.jsonl
must 0 import pocket.in import.in=judged.jsonl import.out=judged.h5
refused 2 3 'no program of its heldout problems was executed here.*aletheia grade' select pocket.in data.problems=judged.h5
refused 0 2 'data.problems is not set' select pocket.in data.problems=
refused 0 2 'select.method.*knockout' select pocket.in select.method=lottery
exit $fail
