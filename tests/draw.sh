# Sourced by tests of analysis/, after shell.sh: they are skipped where there is nothing to draw with, and a copy of the
# scripts alone is in scripts/.
python=/usr/bin/python3
$python -c 'import h5py, matplotlib' 2>/dev/null || { echo "skipped: $python has no h5py and matplotlib"; exit 77; }
export MPLCONFIGDIR=$TEST_TMP
cp -r "$TOP/analysis" scripts

draw()      # draw NAME SCRIPT ARGUMENTS...   what it says is left in said
{
    local name=$1
    shift
    $python "$@" --out "$name" >said 2>&1 || { bad "$*: failed"; cat said; }
    [ "$(head -c 4 "$name.png" | tail -c 3)" = PNG ] || bad "$*: no $name.png"
    grep -q '<svg' "$name.svg" || bad "$*: no $name.svg"
    [ "$(stat -c %s "$name.png")" -gt 20000 ] || bad "$*: $name.png is nearly empty"
    ! grep -q Warning said || { bad "$*: warns"; cat said; }
}

reject()    # reject TEXT SCRIPT ARGUMENTS...   one line that has TEXT (a pattern of grep -E) in it, exit 3
{
    local text=$1
    shift
    $python "$@" --out x >said 2>&1
    code=$?
    [ $code = 3 ] && [ "$(wc -l <said)" = 1 ] || { bad "$*: exit $code, not one line and 3"; cat said; }
    grep -Eq -- "$text" said || { bad "$*: does not say '$text'"; cat said; }
    [ ! -e x.png ] || bad "$*: drew something all the same"
}
