# Sourced by shell tests, after shell.sh.  tiny_make puts into the test's folder: tiny.in (tests/data/tiny.in), model (random),
# problems.h5.  It takes some seconds.
tiny_make()
{
    cp "$TOP/tests/data/tiny.in" tiny.in &&
        "$ALETHEIA" init tiny.in >init.log 2>&1 && "$ALETHEIA" problems tiny.in >problems.log 2>&1 && return
    tail -n 20 init.log problems.log
    return 1
}
