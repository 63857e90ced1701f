# A mistake ends with one message and its exit code, on one rank and on several, whichever of them
# made it: nothing of MPI's or of the launcher's comes before or behind.  ^C is one line too, and
# what a run leaves is what it can go on from.
# RUN: np=2
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
tiny_make || { bad "no tiny model"; exit 1; }

# mistake CODE TEXT ARGUMENTS...   without a launcher and on two ranks: one line with TEXT on stderr
mistake() { single 0 "$@" && single 2 "$@"; }
single()
{
    refused "$@"
    [ "$(wc -l <err)" = 1 ] || { bad "$1 ranks, ${*:4}: more than one line"; head -n 20 err; }
}

# A wrong key, its value, a missing deck, no deck: of every verb that has one.
printf '[run]\nsteps = 1\nseeed = 1\n' >key.in
printf '[eval]\nmode = guess\n' >value.in
for verb in problems grade import init plan sft train eval; do
    mistake 2 'key.in:3: unknown key run.seeed'                  $verb key.in
    single 0 2 'value.in:2: eval.mode = guess'                   $verb value.in
    single 0 2 'command line: unknown key eval.limits'           $verb tiny.in eval.limits=3
done
for verb in problems grade import init sft train eval; do
    single 0 2 "usage: aletheia $verb DECK"                      $verb
    single 0 2 'nowhere.in: cannot read this deck'               $verb nowhere.in
done
mistake 2 'usage: aletheia eval DECK'                            eval
mistake 2 'nowhere.in: cannot read this deck'                    train nowhere.in
single 1 2 'key.in:3: unknown key run.seeed'                     train key.in
single 1 2 'no verb .trian'                                      trian tiny.in
mistake 2 'no verb .trian'                                       trian tiny.in
mistake 2 'unknown key model.dtipe'                              export model out model.dtipe=x
mistake 2 'unknown key sampler.topp'                             sample model Hello sampler.topp=1
mistake 2 'unknown key model.dtipe'                              score model lines.jsonl model.dtipe=x
mistake 2 'unknown key sandbox.cpu'                              exec python p.py sandbox.cpu=1
mistake 2 'usage: aletheia export'                               export model
refused 2 2 'bench speed: no such topic'                         bench speed
refused 2 2 'usage: aletheia VERB'
refused 0 2 'usage: aletheia VERB'
refused 2 2 'usage: aletheia show FILE'                          show
refused 2 2 'usage: aletheia exec LANGUAGE FILE'                 exec python

# Data: missing, of another kind, damaged.  Some of it is read by all ranks, some by the first.
head -c 3000 problems.h5 >short.h5
echo '{"prompt": 7}' >lines.jsonl
mistake 3 'nowhere: expected a model directory'                  eval tiny.in eval.model=nowhere
single 1 3 'nowhere: expected a model directory'                 eval tiny.in eval.model=nowhere
mistake 3 'nowhere.h5: No such file'                             eval tiny.in data.problems=nowhere.h5
mistake 3 'short.h5'                                             train tiny.in data.problems=short.h5 run.dir=r
refused 2 3 'nowhere: cannot be read: No such file'               train tiny.in model.dir=nowhere run.dir=r
mistake 3 'nowhere.h5: No such file'                             grade tiny.in data.problems=nowhere.h5
mistake 3 'nowhere.jsonl: cannot be read'                        import tiny.in import.in=nowhere.jsonl import.out=i.h5
mistake 3 'nowhere: No such file'                                show nowhere
refused 2 3 'lines.jsonl:1: expected'                            score model lines.jsonl
mistake 3 'nowhere.jsonl: cannot read'                           score model nowhere.jsonl
mistake 2 'layout.graders = 7 leaves no rank'                    train tiny.in layout.graders=7 run.dir=r
single 0 3 'nowhere.py: No such file'                            exec python nowhere.py
single 1 3 'nowhere.py: No such file'                            exec python nowhere.py

# One rank of two makes it, before MPI has started and after; the other one waits in MPI for it.
# uneven CODE TEXT FIRST SECOND   the arguments of either rank
uneven()
{
    local began=$SECONDS
    timeout 60 $MPIRUN -np 1 "$ALETHEIA" $3 : -np 1 "$ALETHEIA" $4 >out 2>err </dev/null
    code=$?
    one_message "$1" "$2" "[$3] and [$4]"
    [ "$(wc -l <err)" = 1 ] || { bad "[$3] and [$4]: more than one line"; head -n 20 err; }
    [ $((SECONDS - began)) -le 20 ] || bad "[$3] and [$4]: $((SECONDS - began)) s"
}
uneven 2 'key.in:3: unknown key'             'eval tiny.in'                   'eval key.in'
uneven 2 'key.in:3: unknown key'             'eval key.in'                    'eval tiny.in'
uneven 3 'nowhere: expected a model'         'eval tiny.in'                   'eval tiny.in eval.model=nowhere'
uneven 3 'nowhere: expected a model'         'eval tiny.in eval.model=nowhere' 'eval tiny.in'
uneven 2 'no verb .trian'                    'eval tiny.in'                   'trian tiny.in'

# A run that was stopped and will go on is no mistake: nothing is said of its exit code.
$MPIRUN -np 2 "$ALETHEIA" train tiny.in run.dir=s run.steps=5000 >out 2>err </dev/null &
until grep -q '^step 2/' out || ! kill -0 $!; do sleep 0.1; done
touch s/stop
wait $!
code=$?
[ $code = 75 ] || bad "exit $code of a run that was stopped"
! grep -v '^at step ' err || bad "exit 75 is explained"        # headlines are no explanation

# ^C: to the process group of the program, as a terminal does it.  What is executed stays in the journal; the lock and
# what is half written go, and every process.  (Each input is another: nothing is executed twice.)
for i in $(seq 40); do
    echo '{"id": "p'$i'", "statement": "s", "tests": [{"input": "'$i'\n", "output": "1\n"}], "programs": [{"id": "a", "language":
        "python", "source": "import time\ntime.sleep(0.5)\nprint(1)\n"}]}' | tr -d '\n'
    echo
done >slow.jsonl
# interrupted SECONDS ARGUMENTS...
interrupted()
{
    local after=$1 pid i
    shift
    setsid env --default-signal=INT "$ALETHEIA" "$@" >out 2>err </dev/null &
    pid=$!
    sleep "$after"
    [ "$after" != 0 ] || until [ -s "${journal:-out}" ] || ! kill -0 $pid 2>/dev/null; do sleep 0.05; done
    kill -INT -- -$pid
    wait $pid
    code=$?
    [ $code = 130 ] || bad "^C after $after s in $*: exit $code"
    [ "$(cat err)" = 'aletheia: interrupted' ] || { bad "^C after $after s in $*: not one line"; cat err; }
    for i in $(seq 50); do
        pgrep -s $pid >session || break
        sleep 0.1
    done
    [ ! -s session ] || bad "^C after $after s in $*: processes are left"
}
for after in 0.15 0.3 0.6; do
    interrupted $after grade tiny.in grade.in=slow.jsonl grade.out=slow.h5 sandbox.cpu_ms=2000
done
rm -f slow.h5*
journal=slow.h5.journal-0
interrupted 0 grade tiny.in grade.in=slow.jsonl grade.out=slow.h5 sandbox.cpu_ms=2000
ls slow.h5* >files
grep -q journal files || bad "no journal after ^C: $(cat files)"
! grep -Eq 'lock|tmp' files || bad "left after ^C: $(cat files)"
exit $fail
