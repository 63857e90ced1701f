# A run of every recipe that is interrupted and continued ends as the uninterrupted one: parameters, moments,
# counters and rows of run.h5, bit for bit.  SIGKILL, SIGTERM and the stop file come at random moments, on 1, 2 and 3
# ranks, also in the middle of a block, of a refill and of the reference's log-probabilities; another number of ranks
# goes on in the middle of a block with the same samples.
# ALETHEIA_LONG=1 (make interrupt): every recipe with every interruption on every number of ranks, ALETHEIA_SEED=n.
# RUN: np=2
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/pocket.sh"
python=/usr/bin/python3
pocket_make || { bad "no pocket decks"; exit 1; }
$python -c 'import h5py' 2>/dev/null || { echo "skipped: $python has no h5py"; exit 77; }
steps=8
RANDOM=${ALETHEIA_SEED:-12}

# start RANKS DIR KEYS...   begins or continues the run; $pid is to be waited for, the ranks are found by `ranks`
start()
{
    local n=$1 dir=$2
    shift 2
    if [ "$n" = 1 ]; then
        "$ALETHEIA" train pocket.in run.dir="$dir" run.resume=yes "$@" >>"$dir.out" 2>&1 </dev/null &
    else
        $MPIRUN -np "$n" "$ALETHEIA" train pocket.in run.dir="$dir" run.resume=yes "$@" >>"$dir.out" 2>&1 </dev/null &
    fi
    pid=$!
}

# ranks N   the processes of the run just started
ranks() { if [ "$1" = 1 ]; then echo $pid; else ps --ppid $pid -o pid=; fi; }

# lines DIR PATTERN   how many lines of its log have it
lines()
{
    local n
    n=$(grep -c -- "$2" "$1/log.txt" 2>/dev/null)
    echo "${n:-0}"
}

# wait_line DIR PATTERN N   until N lines have it, or the run has ended
wait_line()
{
    until [ "$(lines "$1" "$2")" -ge "$3" ] || ! kill -0 $pid 2>/dev/null; do sleep 0.03; done
}

# pause   up to a fifth of a second
pause() { sleep "0.$(printf %03d $((RANDOM % 200)))"; }

# interrupt KIND RANKS DIR   what comes from outside; the run must end as it should, or have ended already
interrupt()
{
    local kind=$1 n=$2 dir=$3 all want one
    all=($(ranks "$n"))
    [ ${#all[@]} -gt 0 ] && one=${all[RANDOM % ${#all[@]}]}
    case $kind in
    kill) kill -9 "${all[@]}" 2>/dev/null; want='137 1' ;;
    one) kill -9 "$one" 2>/dev/null; want='137 1' ;;
    term) kill -TERM "$one" 2>/dev/null; want=75 ;;
    stop) mkdir -p "$dir" && touch "$dir/stop"; want=75 ;;
    esac
    wait $pid 2>/dev/null
    code=$?
    case " $want 0 " in
    *" $code "*) ;;
    *) bad "$dir: $kind on $n ranks: exit $code"; tail -n 5 "$dir.out" ;;
    esac
    count[$code]=$((${count[$code]:-0} + 1))
    [ $code != 0 ]
}

# whole RANKS DIR KEYS...   uninterrupted
whole()
{
    start "$@"
    wait $pid 2>/dev/null || { bad "$2: exit $?"; tail -n 5 "$2.out"; }
}

# cut RANKS DIR "KINDS" KEYS...   each kind at a random moment of what is still to be done; then to the end
cut()
{
    local n=$1 dir=$2 kinds=$3 kind done
    shift 3
    for kind in $kinds; do
        done=$(lines "$dir" '^parameters ')
        start "$n" "$dir" run.save_every=$((RANDOM % 2 ? 1 : 3)) "$@"
        wait_line "$dir" '^parameters ' $((done + 1))
        done=$(lines "$dir" '^step ')
        wait_line "$dir" '^step ' $((done + RANDOM % 4))
        pause
        interrupt "$kind" "$n" "$dir" || break
    done
    start "$n" "$dir" run.save_every=3 "$@"
    wait $pid 2>/dev/null || { bad "$dir, continued: exit $?"; tail -n 5 "$dir.out"; }
}
declare -A count
: >pairs

# recipe RANKS PRESET "KINDS" KEYS...   the whole run and one that is cut
recipe()
{
    local n=$1 name=$2 kinds=$3 dir=$2-$1${tag:-}
    shift 3
    whole "$n" "$dir-w" recipe.name="$name" run.steps=$steps "$@"
    cut "$n" "$dir-c" "$kinds" recipe.name="$name" run.steps=$steps "$@"
    echo "$dir-w $dir-c" >>pairs
}

presets=$(sed -n 's/^RECIPE("\([^"]*\)".*/\1/p' "$TOP/include/recipes.def")
offline='data.rollouts=c.h5'
slow='recipe.prompts=12 sampler.width=4'
fresh='data.source=fresh problems.weak=3 problems.strong=0 problems.equivalents=1'
if [ -n "${ALETHEIA_LONG:-}" ]; then
    steps=16
    for n in 1 2 3; do
        for name in $presets; do
            case $name in
            dpo-think | rft | offline-grpo) recipe $n $name 'kill term one stop kill term' $offline; continue ;;
            esac
            recipe $n $name 'kill term one stop kill term'
            tag=-fresh
            recipe $n $name 'kill term one stop kill term' $fresh
            tag=
        done
    done
else
    recipe 1 grpo-think    'kill term'
    recipe 1 grpo-instruct 'kill kill'  recipe.reference_reset=3
    recipe 2 raft          'term one'   recipe.keep=1
    recipe 1 bo-grpo       'kill stop kill'
    recipe 2 bo-grpo       'term one'   recipe.reference_reset=3
    recipe 3 bo-grpo       'kill term'
    recipe 1 dr-grpo       'stop'
    recipe 1 dapo          'kill term kill' $slow
    recipe 2 dapo          'one term'   $slow
    recipe 1 gspo          'kill'
    recipe 2 cispo         'stop'
    recipe 1 rloo          'term'
    recipe 1 raft-clip     'kill'
    recipe 3 reinforce-rej 'one'
    recipe 2 online-dpo    'term'
    recipe 1 dpo-think     'kill term'  $offline
    recipe 2 rft           'stop'       $offline
    recipe 3 offline-grpo  'term'       $offline
    tag=-fresh
    recipe 1 bo-grpo       'kill term'  $fresh
    recipe 2 dapo          'term kill'  $fresh
    tag=
fi

for name in $presets; do grep -q "^$name-" pairs || bad "no run of the recipe $name"; done

# While the reference's log-probabilities of pairs are computed: nothing is learned before all are there.
pairs="recipe.name=dpo-think run.steps=4 $offline pairs.most=4 recipe.max_new=400 recipe.micro_tokens=100"
for kind in kill term; do
    dir=refer-$kind
    start 2 $dir $pairs
    wait_line $dir '^parameters ' 1
    interrupt $kind 2 $dir
    ! grep -q '^step ' $dir/log.txt || echo "note: $dir: the reference was computed before $kind came"
    whole 2 $dir $pairs
    echo "refer-kill $dir" >>pairs
done

# From the middle of a block (step 3 of 4), on any number of ranks: the same samples, the sums in another order.
whole 2 block recipe.name=bo-grpo run.steps=8 run.save_every=3
for n in 1 2 3; do
    cp -r block block-$n
    rm block-$n/ckpt/step-0000000[68].h5
    whole $n block-$n recipe.name=bo-grpo run.steps=8
done
echo "block block-2" >>pairs

$python "$TOP/tests/same_run.py" pairs || bad "resumed and uninterrupted runs differ"
$python - <<'PY' || bad "a block on another number of ranks"
import h5py, numpy, sys
fail = 0
with h5py.File("block/ckpt/step-00000003.h5") as f:
    waits = f["block/step"][()]
    if not (len(waits) == 16 and (waits == 3).all()):
        fail = print("block: not one step of 16 completions waits:", waits) or 1
old = h5py.File("block/run.h5")["step"]
if old["samples_age"][3] != 3 or old["samples_age"][4] != 0:
    fail = print("samples_age", old["samples_age"][()]) or 1
for n in (1, 3):
    new = h5py.File("block-%d/run.h5" % n)["step"]
    for name in "completions", "tokens_trained", "learned", "parse_rate", "list_accuracy", "length_mean", "samples_age", "groups_dropped":
        if old[name][3] != new[name][3]:
            fail = print(n, "ranks: column", name, old[name][3], new[name][3]) or 1
    for name in "reward_mean", "loss", "grad_norm", "entropy":
        if not abs(old[name][3] - new[name][3]) <= 1e-4 * abs(old[name][3]) + 1e-6:
            fail = print(n, "ranks: column", name, old[name][3], new[name][3]) or 1
sys.exit(fail)
PY

# The interruptions did interrupt.
for code in "${!count[@]}"; do said+="exit $code: ${count[$code]}; "; done
[ "${count[75]:-0}" -ge 6 ] && [ $((${count[137]:-0} + ${count[1]:-0})) -ge 6 ] || bad "hardly anything was interrupted: $said"
exit $fail
