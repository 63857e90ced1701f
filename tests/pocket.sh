# Sourced by shell tests, after shell.sh.  pocket_make puts into the test's folder: pocket.in
# (tests/data/pocket.in, on the shipped pocket model), problems.h5 and c.h5 (what the model
# answers to its lists, `aletheia collect`).  The first test that asks makes them, the others
# copy.
pocket_make()
{
    mkdir -p "$TEST_SHARED/pocket"
    (
        flock 9
        cd "$TEST_SHARED/pocket" || exit 1
        [ -e made ] && exit 0
        sed "s|^\[model\]|&\ndir = $TOP/input/models/pocket|" "$TOP/tests/data/pocket.in" >pocket.in &&
            "$ALETHEIA" problems pocket.in >problems.log 2>&1 &&
            "$ALETHEIA" collect pocket.in collect.out=c.h5 >collect.log 2>&1 && touch made && exit 0
        tail -n 20 problems.log collect.log
        exit 1
    ) 9>"$TEST_SHARED/pocket.lock" && cp -r "$TEST_SHARED/pocket/." .
}
