# A collection that is killed or asked to stop at random moments, and continued by the same command on any number of ranks,
# is the file of one that never was: every dataset and attribute but host_layout and core_s.  What does not belong together is refused.
# RUN: np=2
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/pocket.sh"
python=/usr/bin/python3
pocket_make || { bad "no pocket decks"; exit 1; }
RANDOM=${ALETHEIA_SEED:-7}
keys="collect.part=7 collect.samples=12 sampler.width=4"       # about a second and a half on one core, in 18 parts

start()     # start RANKS FILE
{
    if [ "$1" = 1 ]; then
        "$ALETHEIA" collect pocket.in $keys collect.out="$2" >>"$2.out" 2>&1 </dev/null &
    else
        $MPIRUN -np "$1" "$ALETHEIA" collect pocket.in $keys collect.out="$2" >>"$2.out" 2>&1 </dev/null &
    fi
    pid=$!
}
ranks() { if [ "$1" = 1 ]; then echo $pid; else ps --ppid $pid -o pid=; fi; }

# interrupted RANKS FILE KIND   after some parts more
interrupted()
{
    local n=$1 file=$2 kind=$3 had want all
    had=$(ls "$file.parts" 2>/dev/null | grep -c '\.h5$')
    want=$((had + RANDOM % 5))
    start "$n" "$file"
    until [ "$(ls "$file.parts" 2>/dev/null | grep -c '\.h5$')" -gt "$want" ] || ! kill -0 $pid 2>/dev/null; do sleep 0.02; done
    sleep "0.0$((RANDOM % 90))"
    all=($(ranks "$n"))
    [ ${#all[@]} = 0 ] || kill -"$kind" "${all[@]}" 2>/dev/null
    wait $pid 2>/dev/null
    code=$?
    case "$kind $code" in
    "KILL 137" | "KILL 1" | "TERM 75") cuts=$((cuts + 1)); return 0 ;;
    *" 0") return 1 ;;
    *) bad "$file: $kind on $n ranks: exit $code"; tail -n 3 "$file.out" ;;
    esac
}
finished() { start "$1" "$2"; wait $pid || { bad "$2: exit $?"; tail -n 3 "$2.out"; }; }

cuts=0
finished 1 whole.h5
for n in 1 2 3; do
    for kind in KILL TERM KILL; do interrupted $n cut$n.h5 $kind || break; done
    finished $n cut$n.h5
    [ ! -e cut$n.h5.parts ] || bad "cut$n.h5.parts is left: $(ls cut$n.h5.parts)"
done
for n in 3 1 2; do interrupted $n mixed.h5 $([ $n = 1 ] && echo TERM || echo KILL) || break; done
finished 2 mixed.h5
[ $cuts -ge 8 ] || bad "only $cuts interruptions"
same()      # same FILE...   as whole.h5
{
    if $python -c 'import h5py' 2>/dev/null; then
        $python - "$@" <<'PY' || bad "not the uninterrupted file"
import h5py, numpy, re, sys
def whole(path):
    with h5py.File(path) as f:
        sets = {}
        f.visititems(lambda name, x: sets.update({name: x[()]}) if isinstance(x, h5py.Dataset) else None)
        return sets, {k: v for k, v in f.attrs.items() if k not in ("host_layout", "core_s", "deck")}
sets, attrs = whole("whole.h5")
# What it cost, however many jobs made it; seconds are of the same size only.
cost = {path: h5py.File(path).attrs["core_s"] for path in ["whole.h5"] + sys.argv[1:]}
said = float(re.findall(r"^RESULT .* flops=(\S+)", open("whole.h5.out").read(), re.M)[-1])
assert abs(attrs["flops"] - said) < 1e-3 * said and all(c > cost["whole.h5"] / 10 > 0 for c in cost.values()), (attrs, cost)
assert len(sets["sample/list"]) == 120 * 12, len(sets["sample/list"])
fail = 0
for path in sys.argv[1:]:
    s, a = whole(path)
    if s.keys() != sets.keys() or a != attrs:
        fail = print(path, set(s) ^ set(sets), a, attrs) or 1
        continue
    for name in sets:
        if s[name].tobytes() != sets[name].tobytes() or s[name].dtype != sets[name].dtype:
            fail = print(path, name) or 1
sys.exit(fail)
PY
    fi
}
same cut1.h5 cut2.h5 cut3.h5 mixed.h5

# What is there is not overwritten, by nobody.
sum=$(cksum <whole.h5)
refused 0 2 'whole.h5 is there already; name another file, or remove it' collect pocket.in $keys collect.out=whole.h5
refused 2 2 'whole.h5 is there already'                                 collect pocket.in $keys collect.out=whole.h5
[ "$sum" = "$(cksum <whole.h5)" ] || bad "whole.h5 was changed"

# Parts of another collection, damaged parts, and what a killed writer leaves.
parts()     # parts FILE   a collection stopped after some parts, always the same ones
{
    rm -rf "$1.parts"
    cp -r some.parts "$1.parts"
}
start 2 some
until [ -e some.parts/part-000004.h5 ] || ! kill -0 $pid 2>/dev/null; do sleep 0.01; done
kill -KILL $(ranks 2) 2>/dev/null
wait $pid 2>/dev/null
rm -f some.parts/*.tmp
[ -e some.parts/part-000000.h5 ] || bad "no parts"
other() { refused "$1" 2 'x.h5.parts/part-000000.h5: is part of another collection.*remove x.h5.parts, or name another collect.out' \
    collect pocket.in $keys collect.out=x.h5 "${@:2}"; }
parts x.h5
other 0 collect.temperature=1
other 2 collect.samples=3
other 0 collect.top_p=0.9
other 0 run.seed=4
other 0 collect.mode=think
other 0 collect.max_new=63
other 0 collect.overlong_cache=3
other 0 collect.limit=50
other 0 collect.part=8
other 0 prompt.system=Hello
other 0 prompt.question=full
other 0 model.dtype=bfloat16
"$ALETHEIA" train pocket.in run.dir=moved run.steps=1 >out 2>&1 || bad "train: $(tail -n 1 out)"
other 2 model.dir=moved
cp problems.h5 fewer.h5
"$ALETHEIA" problems pocket.in problems.out=fewer.h5 problems.train=29 >out 2>&1 || bad "problems: $(tail -n 1 out)"
other 0 data.problems=fewer.h5

damaged='part-000001.h5.*(remove it|remove that part).*same command'
parts y.h5; truncate -s -2000 y.h5.parts/part-000001.h5
refused 0 3 "$damaged" collect pocket.in $keys collect.out=y.h5
refused 2 3 "$damaged" collect pocket.in $keys collect.out=y.h5
: >y.h5.parts/part-000001.h5
refused 0 3 "$damaged" collect pocket.in $keys collect.out=y.h5
echo 'no HDF5' >y.h5.parts/part-000001.h5
refused 0 3 "$damaged" collect pocket.in $keys collect.out=y.h5
cp problems.h5 y.h5.parts/part-000001.h5
refused 0 3 "$damaged" collect pocket.in $keys collect.out=y.h5
rm y.h5.parts/part-000001.h5
head -c 3000 whole.h5 >y.h5.parts/part-000001.h5.tmp
head -c 3000 whole.h5 >y.h5.tmp
finished 2 y.h5
same y.h5
[ "$(ls -d y.h5*)" = "y.h5"$'\n'"y.h5.out" ] || bad "left beside the file: $(ls -d y.h5*)"

# Killed between giving the file its name and removing the parts: the same command ends it.
parts y.h5
must 2 collect pocket.in $keys collect.out=y.h5
same y.h5
[ ! -e y.h5.parts ] || bad "y.h5.parts is left"
refused 0 2 'y.h5 is there already' collect pocket.in $keys collect.out=y.h5
parts y.h5
refused 0 2 'y.h5 is there already' collect pocket.in $keys collect.out=y.h5 run.seed=9

# Nowhere to write.
refused 0 2 'collect.out is not set'                                      collect pocket.in
refused 2 2 'nowhere/c.h5.parts: cannot make this folder: No such file'   collect pocket.in collect.out=nowhere/c.h5
refused 0 2 'pocket.in/c.h5.parts: cannot make this folder: Not a dir'    collect pocket.in collect.out=pocket.in/c.h5
refused 2 2 '/proc/c.h5.parts: cannot make this folder'                   collect pocket.in collect.out=/proc/c.h5
refused 0 2 'is there already'                                            collect pocket.in collect.out=.
: >z.h5.parts
refused 0 2 'z.h5.parts: cannot make this folder: (Not a directory|File exists)' collect pocket.in collect.out=z.h5

# What cannot be collected.
refused 2 2 'data.problems is not set'                           collect pocket.in collect.out=n.h5 data.problems=
refused 0 3 'problems.h5 holds no lists of the suite heldout'    collect pocket.in collect.out=n.h5 collect.suite=heldout
refused 0 2 'collect.overlong_cache = 65 must not be above collect.max_new = 64' collect pocket.in collect.out=n.h5 collect.overlong_cache=65
refused 0 2 'collect.max_new = 5000 leaves no room'              collect pocket.in collect.out=n.h5 collect.max_new=5000
refused 0 2 'model.dir is not set'                               collect pocket.in collect.out=n.h5 model.dir=
refused 2 3 'nowhere: expected a model directory'             collect pocket.in collect.out=n.h5 model.dir=nowhere
refused 0 3 'no list of the suite.*longer than sampler.max_prompt = 20'       collect pocket.in collect.out=n.h5 sampler.max_prompt=20
[ ! -e n.h5 ] || bad "n.h5 was made of nothing"
exit $fail
