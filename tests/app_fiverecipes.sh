# The comparison of the five recipes, on the tiny deck: every stage runs, tables and RESULT lines say what the verbs
# measured, and what is complete is not repeated, also after a stage was killed.
# RUN: np=2
# TIMEOUT: 900
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
tiny_make || { bad "no tiny model"; exit 1; }
sed "s|^dir *= model|dir = $PWD/model|; s/^steps .*/steps = 3/; s/^save_every .*/save_every = 1/; /^\[recipe\]/,/^\[/s/^max_new .*/max_new = 400/" tiny.in >five.in
printf '[collect]\nmax_new = 24\ntemperature = 1.5\npart = 4\n[pairs]\nsplice = yes\n' >>five.in
sed -i '/^\[eval\]/a suites = heldout,hard' five.in
five() { NP=2 DECK=$PWD/five.in RUN=$PWD/run "$@" "$TOP/jobs/recipes.sh" >out 2>err; }
five env || { bad "jobs/recipes.sh: exit $?"; tail -n 20 out err; }
names="grpo-think grpo-instruct raft dpo-think bo-grpo"
number='-?[0-9.]+(e[+-]?[0-9]+)?'
cp out first
[ "$(tail -n 6 out | grep -c '^RESULT recipe')" = 6 ] || { bad "the last six lines are"; tail -n 6 out; }
tail -n 1 out | grep -Eqx "RESULT recipes=5 steps=3 base-instruct=$number base-think=$number grpo-think=$number \
grpo-instruct=$number raft=$number dpo-think=$number bo-grpo=$number seconds=[0-9]+" || { bad "the last line is"; tail -n 1 out; }
for name in $names; do
    line=$(grep "^RESULT recipe=$name " out)
    of() { echo "$line" | tr ' ' '\n' | sed -n "s/^$1=//p"; }
    grep -Eq "^$name +[0-9.]+ \[[0-9.]+, [0-9.]+\]" run/table.txt || bad "no row of $name in the table"
    [ "$(of steps)" = 3 ] || bad "$name: steps=$(of steps)"
    # what the verbs themselves said
    acc=$(grep -o '^RESULT suite=heldout.* acc=[0-9.]*' "run/$name-eval.txt" | sed 's/.*acc=//')
    [ "$(of heldout)" = "$acc" ] || bad "$name: $(of heldout), the evaluation said $acc"
    said=$(grep '^RESULT run=' "run/$name.txt" | tr ' ' '\n' | awk -F= '$1 == "seconds" { s = $2 } $1 == "flops" { f = $2 } END { printf("%.1f %.4g", 2 * s, f) }')
    [ "$(of core_s) $(of flops)" = "$said" ] || bad "$name: cost $(of core_s) $(of flops), the run said $said"
    awk -v f="$(of flops)" 'BEGIN { exit !(f > 0) }' || bad "$name: flops=$(of flops)"
    case $name in
    dpo-think) awk -v f="$(of collect_flops)" 'BEGIN { exit !(f > 0) }' || bad "collecting cost nothing: $line" ;;
    *) [ "$(of collect_flops)" = 0 ] || bad "$name paid for collecting: $line" ;;
    esac
done

# FLOPs of collecting: those of the sampled tokens and of the forward at temperature 1 behind them, counted from the file
# by the shape of tiny.in (width 32, 2 layers, 2 heads of 16, 1 of keys and values, feed-forward 64, vocabulary 384).
python=/usr/bin/python3
if $python -c 'import h5py' 2>/dev/null; then
    $python - run >cost <<'END' || bad "flops of collect: $(cat cost)"
import h5py, re, sys
def flops(tokens, seen, rows):
    attend = 2 * tokens * 64 * 32 + 4 * 32 * seen
    return 2 * attend + (tokens + rows) * 2 * (32 * 32 + 3 * 64 * 32) + 2 * rows * 32 * VOCAB
said = float(re.findall(r"flops=(\S+)", open(sys.argv[1] + "/collected.txt").read())[-1])
with h5py.File(sys.argv[1] + "/collected.h5") as f:
    s = f["sample"]
    n, at, sample = s["n_prompt"][:], s["tokens/offset"][:], s["sample"][:]
    VOCAB = int(re.search(r'"vocab_size": *(\d+)', open(sys.argv[1] + "/../model/config.json").read())[1])
total = 0
for p, k, i in zip(n.tolist(), (at[1:] - at[:-1]).tolist(), sample.tolist()):
    own = k - 1
    seen, tokens = own * p + own * (own + 1) // 2, own
    if i == 0:
        seen, tokens = seen + p * (p + 1) // 2, tokens + p
    total += 2 * flops(tokens, seen, k)         # sampled, then scored
print(total, said)
sys.exit(not abs(total - said) < 2e-3 * total)
END
fi

# The figure's costs are those of the table, from HDF5 alone.
if $python -c 'import h5py, matplotlib' 2>/dev/null; then
    PYTHONPATH=$TOP/analysis $python - run >said 2>&1 <<'END' || { bad "costs of the figure"; cat said; }
import re, sys, study
folder = sys.argv[1]
runs, files = study.expand(folder)
runs = {cost: [study.Learned(r, cost) for r in runs] for cost in ("core_s", "flops")}
lines = [dict(w.split("=") for w in line.split()[1:]) for line in open(folder + "/results.txt") if "recipe=" in line]
for line in (x for x in lines if not x["recipe"].startswith("base-")):
    for cost, found in runs.items():
        run = next(r for r in found if r.recipe == line["recipe"])
        want = float(line[cost]) + float(line["collect_" + cost])
        near = 2e-3 * want if cost == "flops" else 0.1 + 0.3 * float(line["collect_core_s"])    # what writes ends a bit later
        assert abs(run.cost(3) - want) < near, (line["recipe"], cost, run.cost(3), want)
for file in files:
    m = study.Measured(file)
    found, name = m.of_run(runs["flops"]), re.search("([a-z-]+)-eval/", m.path)[1]
    assert (found[0].recipe, found[1]) == (name, 3) if found else name.startswith("base-"), (file, found)
    acc = float(next(x for x in lines if x["recipe"] == name)[list(m.suites)[0]])
    assert abs(m.rows()[list(m.suites)[0]][0] - acc) < 1e-3
assert len(files) == 2 * len(lines)
END
fi

# Again: nothing is repeated, the same numbers; one stage lost, and it alone is made again.
before=$(cksum run/*/ckpt/*.h5 run/*.txt | grep -v results)
five env || { bad "again: exit $?"; tail -n 20 out err; }
[ "$(grep -c ': done before$' out)" = 14 ] || bad "again: $(grep -c ': done before$' out) stages of 14 were not repeated"
grep '^RESULT recipe=' first | grep -v recipes= >a
grep '^RESULT recipe=' out | grep -v recipes= >b
cmp -s a b || { bad "again: other numbers"; diff a b; }
[ "$before" = "$(cksum run/*/ckpt/*.h5 run/*.txt | grep -v results)" ] || bad "again: files changed"
cksum <run/raft/ckpt/step-00000003.h5 >/dev/null || bad "no checkpoint of raft"
rm run/raft.txt run/raft-eval.txt
five env || { bad "after a loss: exit $?"; tail -n 20 out err; }
[ "$(grep -c ': done before$' out)" = 12 ] || bad "after a loss: $(grep -c ': done before$' out) stages of 12 were not repeated"
grep -q 'done at step 3 of 3' run/raft.txt || bad "raft was not gone on with"
# A stage that is stopped ends the job with its exit code, and the same command goes on.
rm -rf run/bo-grpo run/bo-grpo.txt run/bo-grpo-eval.txt run/collected.* run/dpo-think run/dpo-think.txt run/dpo-think-eval.txt
mkdir run/bo-grpo && touch run/bo-grpo/stop
five env
[ $? = 75 ] || { bad "stopped: exit $? instead of 75"; tail -n 5 out err; }
grep -q 'the same command goes on' out || bad "stopped: it does not say how to go on"
five env || { bad "gone on with: exit $?"; tail -n 20 out err; }
grep '^RESULT recipe=' out | sed 's/ \(collect_\)*core_s=[^ ]*//g' >b
sed 's/ \(collect_\)*core_s=[^ ]*//g' a | cmp -s - b || { bad "gone on with: other numbers"; diff a b; }
# Another deck, seed or number of ranks does not mix with what is there.
five env SEED=2
[ $? = 2 ] && grep -q 'another deck, other demands, NP or SEED' err || bad "another seed was not refused: $(cat err)"
if $python -c 'import h5py, matplotlib' 2>/dev/null; then
    [ -s run/recipes.png ] || bad "no plot"
    mkdir empty
    $python "$TOP/analysis/recipes.py" empty --out x >said 2>&1
    [ $? = 3 ] && [ "$(wc -l <said)" = 1 ] && [ ! -e x.png ] || bad "recipes.py: $(cat said)"
fi
exit $fail
