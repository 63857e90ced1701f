# Every analysis script draws what the program wrote, refuses what it did not, and needs
# nothing but the files.
# RUN: np=2
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
. "$TOP/tests/draw.sh"
tiny_make || { bad "no tiny model"; exit 1; }
must 2 train tiny.in run.dir=one run.steps=6 run.eval_every=3
must 2 sft tiny.in run.dir=two run.steps=3
must 2 eval tiny.in eval.out=before eval.suites=heldout,hard
must 2 eval tiny.in eval.out=after eval.suites=heldout,hard eval.model=one
draw a scripts/curves.py one
draw b scripts/curves.py one two/run.h5
draw c scripts/suites.py before after
draw d scripts/suites.py one
draw e scripts/phases.py one two

head -c 2000 one/run.h5 >short.h5
reject 'nowhere/?[a-z.0-9]*: no such file' scripts/curves.py nowhere
reject 'this is aletheia/problems' scripts/curves.py problems.h5
reject 'short.h5: not an HDF5 file' scripts/curves.py short.h5
reject 'this is aletheia/problems' scripts/suites.py problems.h5
reject 'short.h5: not an HDF5 file' scripts/phases.py short.h5
# One damaged file among others is named and left out where that is asked for; of nothing nothing is drawn.
draw f scripts/curves.py one short.h5 --skip-bad
grep -q 'short.h5: not an HDF5 file, or truncated' said || bad "the damaged run is not named: $(cat said)"
draw g scripts/phases.py nowhere one --skip-bad
grep -q 'nowhere: no such file' said || bad "the absent run is not named: $(cat said)"
cp short.h5 after/strong.h5
reject 'after/strong.h5: not an HDF5' scripts/suites.py before after
draw h scripts/suites.py before after --skip-bad
grep -q 'after/strong.h5: not an HDF5' said || bad "the damaged evaluation is not named: $(cat said)"
$python scripts/curves.py short.h5 nowhere --skip-bad --out x >said 2>&1
[ $? = 3 ] && [ ! -e x.png ] && grep -q 'nothing is left' said || bad "nothing but bad runs: $(cat said)"
rm after/strong.h5

# Recipes by cost: a run with evaluations on its way, one without, evaluations of a run, of its base, of other models.
pairs='recipe.name=dpo-think recipe.mode=think recipe.max_new=400 pairs.splice=yes'
must 2 collect tiny.in collect.out=collected.h5 collect.max_new=24 collect.temperature=1.5
must 2 train tiny.in run.dir=three run.steps=3 $pairs data.rollouts=collected.h5
cp out three.said
must 2 train tiny.in run.dir=one run.resume=yes run.steps=6 run.eval_every=3
must 2 eval tiny.in eval.out=learned eval.suites=heldout eval.model=three eval.mode=instruct
must 1 init tiny.in model.dir=stranger run.seed=8
must 1 eval tiny.in eval.out=strange eval.suites=heldout eval.model=stranger
draw i scripts/recipes.py one before after three learned strange
for text in grpo-instruct dpo-think 'base, instruct' 'stranger, instruct' heldout hard 'core-seconds' 'other answer form'; do
    grep -q ">[^<]*$text" i.svg || bad "recipes: '$text' is not written in the figure"
done
mkdir study
cp -r one before after study
draw j scripts/recipes.py study --cost flops
grep -q '>[^<]*TFLOP' j.svg || bad "recipes: no FLOPs"
cat >check.py <<'PY'
import re, sys
sys.path.insert(0, "scripts")
import study
one, three = (study.Learned(p, "flops") for p in ("one", "three"))
seconds = study.Learned("three", "core_s")
said = dict(w.split("=") for w in re.findall(r"^RESULT run=three.*", open("three.said").read(), re.M)[-1].split()[1:])
collected = study.h5py.File("collected.h5").attrs
near = lambda x, y, by: abs(x - y) <= by
assert collected["flops"] > 0 and near(three.cost(3), float(said["flops"]) + collected["flops"], 1e-3 * three.cost(3))
assert near(seconds.cost(3), 2 * float(said["seconds"]) + collected["core_s"], 0.02), (seconds.cost(3), said)
assert three.cost(0) == collected["flops"] and three.cost(0) < three.cost(1) < three.cost(2) < three.cost(3)
assert one.cost(0) == 0 and study.Learned("two", "flops").recipe == "sft" and sorted(one.saved.values())[-1] == 6 and (one.recipe, three.recipe) == ("grpo-instruct", "dpo-think")
found = lambda p: study.Measured(p).of_run([one, three])
assert found("after/heldout.h5") == (one, 6) and found("learned/heldout.h5") == (three, 3)
assert found("before/heldout.h5") is None and study.Measured("before/heldout.h5").hash == one.start == three.start
assert found("strange/heldout.h5") is None and study.Measured("strange/heldout.h5").hash != one.start
saved, one.saved = one.saved, {k: s for k, s in one.saved.items() if s < 6}     # it has gone on since
assert found("after/heldout.h5") == (one, None)
one.saved = saved | {one.start: 6}                          # it has learned nothing: the base is the base all the same
assert found("before/heldout.h5") is None and found("after/heldout.h5") == (one, 6)
for run in one, three:                                      # checkpoints are gone: by its name
    run.saved = {}
assert found("after/heldout.h5") == (one, 6) and found("learned/heldout.h5") == (three, 3)
assert found("before/heldout.h5") is None
PY
$python check.py >said 2>&1 || { bad "what recipes cost, what evaluations are of"; cat said; }
mv collected.h5 away.h5
draw k scripts/recipes.py one after three learned
grep -q 'collected.h5, which it learned from, is not there' said || bad "a cost that is missing is not said: $(cat said)"
grep -q '>dpo-think (without collecting)' k.svg || bad "a cost that is missing is not in the figure"
reject 'before: only evaluations.*run.h5' scripts/recipes.py before
reject 'two: was not evaluated.*eval.model=RUN' scripts/recipes.py two
reject 'nowhere: no such file' scripts/recipes.py nowhere
reject 'holds neither runs' scripts/recipes.py model
cp short.h5 after/strong.h5
reject 'after/strong.h5: not an HDF5' scripts/recipes.py one after
draw l scripts/recipes.py one after --skip-bad
grep -q 'after/strong.h5: not an HDF5' said || bad "the damaged evaluation is not named: $(cat said)"
exit $fail
