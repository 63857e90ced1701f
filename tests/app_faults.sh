# A rank that is killed ends the run within seconds and the run goes on from its
# checkpoint; a disk that fills up while a checkpoint is written costs that checkpoint
# only.
# RUN: np=2
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
tiny_make || { bad "no tiny model"; exit 1; }
hashes() { "$ALETHEIA" show "$1" | grep -E '^ *(param_hash|learned|model\.)'; }
more="recipe.prompts=16 recipe.group=8 recipe.max_new=48"

# of WORD   the processes with WORD in their command line, each as "number parent's number"
of()
{
    local d
    for d in /proc/[0-9]*; do
        tr '\0' ' ' <"$d/cmdline" 2>/dev/null | grep -q -- "$1" &&
            echo "${d#/proc/} $(awk '/^PPid/ { print $2 }' "$d/status" 2>/dev/null)"
    done
}

# A rank is killed after some steps: found by the run directory in its command line, as a
# child of our mpirun.
must 2 train tiny.in run.dir=whole run.steps=60 run.save_every=4 $more
: >out >err # steps of the run before would be taken for this one's
$MPIRUN -np 2 "$ALETHEIA" train tiny.in run.dir=killed run.steps=60 run.save_every=4 run.keep=2 $more >out 2>err </dev/null &
mpi=$!
for i in $(seq 600); do
    ! grep -q '^step 6/' out || break
    sleep 0.05
done
victim=$(of run.dir=killed | awk -v mpi=$mpi '$2 == mpi { print $1 }' | tail -n 1)
[ -n "$victim" ] || bad "no rank to kill"
kill -9 "$victim"
began=$SECONDS
wait $mpi
code=$?
[ $((SECONDS - began)) -le 10 ] || bad "$((SECONDS - began)) s until all ranks had ended"
[ $code = 137 ] || bad "exit $code of mpirun after a rank was killed"
[ "$(grep -c 'killed\|Killed\|signal 9' err)" = 1 ] || { bad "not one message about the killed rank"; cat err; }
for i in $(seq 100); do
    left=$(of run.dir=killed)
    [ -n "$left" ] || break
    sleep 0.1
done
[ -z "$left" ] || bad "processes are left: $left"
ls killed/ckpt/*.h5 >/dev/null 2>&1 || bad "no checkpoint before the kill"
on 2 show killed/run.h5
[ $code = 0 ] || bad "run.h5 of a killed run cannot be read"
must 2 train tiny.in run.dir=killed run.steps=60 run.save_every=4 $more run.resume=yes
[ "$(hashes killed/ckpt/step-00000060.h5)" = "$(hashes whole/ckpt/step-00000060.h5)" ] ||
    bad "the continued run differs from an uninterrupted one"

# A disk of a few MB, filled after the first checkpoints.
if [ "$(id -u)" = 0 ] && mkdir disk && mount -t tmpfs -o size=6m tmpfs disk 2>/dev/null; then
    trap 'umount disk' EXIT
    must 2 train tiny.in run.dir=disk/run run.steps=2
    before=$(cksum disk/run/ckpt/step-00000002.h5)
    dd if=/dev/zero of=disk/filler bs=1k count=$(($(df --output=avail -k disk | tail -n 1) - 160)) 2>/dev/null
    refused 2 4 'disk/run.*(No space|full|space)' train tiny.in run.dir=disk/run run.steps=4 run.resume=yes
    [ "$before" = "$(cksum disk/run/ckpt/step-00000002.h5)" ] || bad "the older checkpoint was harmed"
    [ ! -e disk/run/ckpt/step-00000004.h5 ] || bad "half a checkpoint stands under its final name"
    rm disk/filler
    must 2 train tiny.in run.dir=disk/run run.steps=4 run.resume=yes
    must 2 train tiny.in run.dir=smooth run.steps=4
    [ "$(hashes disk/run/ckpt/step-00000004.h5)" = "$(hashes smooth/ckpt/step-00000004.h5)" ] ||
        bad "the run that had met a full disk differs from a smooth one"
else
    echo "no tmpfs can be mounted here: the full disk was not tried"
fi
exit $fail
