# Training on problems drawn and executed while it runs: the same steps whoever executes them, and a continued run is the
# uninterrupted one, bit for bit.
# RUN: np=3 backend=cpu
# TIMEOUT: 300
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
tiny_make || { bad "no tiny model"; exit 1; }
deck="tiny.in data.source=fresh run.save_every=0 recipe.prompts=3 problems.weak=3 problems.equivalents=1 recipe.record_every=1"

# What must not depend on who executes: reward, accuracy, lengths of every step.
steps() { grep '^step' "$1/log.txt" | sed 's/  entropy.*//'; }

must 1 train $deck run.dir=a run.steps=4
must 3 train $deck run.dir=b run.steps=4 layout.graders=2
[ "$(steps a)" = "$(steps b)" ] || { bad "graders change the steps"; steps a; steps b; }
[ "$(steps a | wc -l)" = 4 ] || bad "not four steps"
grep -q '^graded ' a/log.txt || bad "the last page does not say what was executed"
must 1 train $deck run.dir=c run.steps=4 run.save_every=2
rm c/ckpt/step-00000004.h5
[ -e c/verdicts/step-00000002.h5 ] && [ -e c/verdicts/step-00000004.h5 ] || bad "no verdict files: $(ls c/verdicts)"
must 1 train $deck run.dir=c run.steps=4 run.resume=yes
[ "$(grep -c '^graded ' c/log.txt)" = 1 ] || bad "continued: programs were executed again: $(grep '^graded ' c/log.txt | tail -n 1)"
must 2 train $deck run.dir=e run.steps=4 sandbox.verdicts=a/verdicts
! grep -q '^graded ' e/log.txt || bad "with another run's verdicts: $(grep '^graded ' e/log.txt)"
must 0 show a/verdicts/step-00000004.h5
must 1 export a am
must 1 export c cm
cmp am/model.safetensors cm/model.safetensors || bad "continued: other parameters"
refused 1 2 'data.source = fresh' sft $deck run.dir=d
exit $fail
