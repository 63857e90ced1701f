# Sourced by shell tests.  A test ends with `exit $fail`; what failed stands on stdout.
set -u
fail=0
cd "$TEST_TMP" || exit 1
[ -x "$ALETHEIA" ] || { echo "skipped: $ALETHEIA is not built"; exit 77; }

bad() { echo "$*"; fail=1; }

# on N ARGUMENTS...   the program on N ranks; what it says is left in out and err, its status in code
on()
{
    local n=$1
    shift
    if [ "$n" = 0 ]; then
        "$ALETHEIA" "$@" >out 2>err </dev/null
    else
        $MPIRUN -np "$n" "$ALETHEIA" "$@" >out 2>err </dev/null
    fi
    code=$?
}

# must N ARGUMENTS...   the same, and it must succeed
must()
{
    on "$@"
    [ $code = 0 ] || { bad "exit $code of: $*"; tail -n 20 out err; }
}

# refused N CODE TEXT ARGUMENTS...   it must end with CODE and with one message that has TEXT (a
# pattern of grep -E) in it: not one per rank, no dump of registers or of the stack, no comment of the
# launcher or of MPI
refused()
{
    local n=$1 want=$2 text=$3
    shift 3
    on "$n" "$@"
    one_message "$want" "$text" "$*"
}

# one_message CODE TEXT WHAT   what refused looks at
one_message()
{
    local said
    said=$(grep -c '^aletheia: ' err)
    [ $code = "$1" ] || bad "$3: exit $code instead of $1"
    [ "$said" = 1 ] || bad "$3: $said messages instead of one"
    sed -n '/^aletheia: /,$p' err | grep -Eq -- "$2" || bad "$3: the message does not say '$2'"
    ! grep -Eq 'Signal code|Process received signal|runtime error|Sanitizer|assertion' err ||
        bad "$3: it crashed"
    ! grep -Eq '^-{60}|MPI_ABORT|mpirun detected|ORTE_ERROR|PMIX' err || bad "$3: MPI or the launcher speaks too"
    [ $code = "$1" ] && [ "$said" = 1 ] || sed 's/^/    /' err | head -n 40
}

# result KEY   the last value of KEY=... on the RESULT lines in out
result() { grep '^RESULT' out | grep -o "\b$1=[^ ]*" | tail -n 1 | cut -d= -f2; }
