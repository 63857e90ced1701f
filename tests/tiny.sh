# Sourced by shell tests, after shell.sh.  tiny_make puts into the test's folder: tiny.in
# (tests/data/tiny.in), model (random), problems.h5 (drawn, executed and listed).  The
# first test that asks makes them, the others copy.
tiny_make()
{
    mkdir -p "$TEST_SHARED/tiny"
    (
        flock 9
        cd "$TEST_SHARED/tiny" || exit 1
        [ -e made ] && exit 0
        cp "$TOP/tests/data/tiny.in" . && rm -rf model &&
            "$ALETHEIA" init tiny.in >init.log 2>&1 &&
            "$ALETHEIA" problems tiny.in >problems.log 2>&1 && touch made && exit 0
        tail -n 20 init.log problems.log
        exit 1
    ) 9>"$TEST_SHARED/tiny.lock" && cp -r "$TEST_SHARED/tiny/." .
}
