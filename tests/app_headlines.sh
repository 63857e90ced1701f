# Headlines: what a user would want to know at once is said once in a run, with the key to turn, also when the run is
# continued; its column is in run.h5.
# RUN: np=2
# TIMEOUT: 300
. "$TOP/tests/shell.sh"
. "$TOP/tests/pocket.sh"
python=/usr/bin/python3
pocket_make || { bad "no pocket decks"; exit 1; }

# said DIR TEXT   once, at a step
said()
{
    local n
    n=$(grep -cE "^at step [0-9]+: .*$2" "$1/log.txt")
    [ "$n" = 1 ] || { bad "$1: '$2' was said $n times"; grep -E '^at step [0-9]+: ' "$1/log.txt"; }
}
none() { ! grep -qE "^at step [0-9]+: .*$2" "$1/log.txt" || bad "$1: says '$2'"; }

must 2 train pocket.in run.dir=cut run.steps=3 recipe.max_new=8
must 2 train pocket.in run.dir=cut run.steps=5 recipe.max_new=8 run.resume=yes
said cut '% of the tokens are in completions that were cut off.*raise recipe.max_new = 8 \(column masked\)'
said cut 'completions are 8 tokens long in the mean, near the budget: raise recipe.max_new = 8.*\(column length_mean\)'
said cut '% of the answers can be read.*`aletheia sft`.*recipe.mode or prompt.question \(column parse_rate\)'
said cut 'nothing to learn.*changed nothing \(column empty\)'

must 0 train pocket.in run.dir=alike run.steps=3 recipe.name=dapo recipe.refill=1 recipe.temperature=0.01
said alike 'groups have nothing to learn from, their completions are all alike.*recipe.group = 4 or recipe.temperature \(columns groups_filtered, groups_dropped\)'
said alike '[1-4] of 4 groups are missing after 2 rounds of sampling: raise recipe.refill = 1, or lower recipe.prompts \(columns groups_missing, rounds\)'
none alike 'cut off'
none alike 'can be read'

must 0 train pocket.in run.dir=falls run.steps=18 run.reward_below=3 recipe.lr=2e-2 recipe.warmup=0.8
said falls 'reward has been below that of the first steps, .*, for 3 steps: lower recipe.lr, or raise recipe.prompts \(column reward_below\)'
none alike 'below that of the first'

must 0 train pocket.in run.dir=calm run.steps=3 recipe.group=8
none calm 'cut off|near the budget|can be read|missing after|changed nothing|below that'

if $python -c 'import h5py' 2>/dev/null; then
    $python - <<'PY' || bad "columns of the headlines"
import h5py, sys
def column(run, name):
    with h5py.File(run + "/run.h5") as f:
        return f["step"][name][()]
ok = {
    "masked": (column("cut", "masked") > 0.5).all(),
    "length_mean": (column("cut", "length_mean") > 7.2).all(),
    "parse_rate": (column("cut", "parse_rate") < 0.5).all(),
    "empty": (column("cut", "empty") == 1).any(),
    "groups_filtered": (column("alike", "groups_filtered") > 0).all(),
    "groups_missing": (column("alike", "groups_missing") > 0).any(),
    "rounds": (column("alike", "rounds") == 2).any(),
    "reward_below": (column("falls", "reward_below") >= 3).any() and (column("falls", "reward_below")[:10] == 0).all(),
    "calm": (column("calm", "masked") < 0.5).all() and (column("calm", "empty") == 0).all(),
}
print([name for name in ok if not ok[name]]) if not all(ok.values()) else None
sys.exit(not all(ok.values()))
PY
fi
exit $fail
